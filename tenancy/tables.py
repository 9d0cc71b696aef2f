"""The lists of Tenant administration that belong to the directory itself: roles and who holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django_tables2 import RequestConfig

from blades.tables import BladeTable, Column, Empty, link
from blades.vocabulary import say
from tenancy.http import OperatorRequest
from tenancy.models import Membership
from tenancy.roles import DESCRIPTIONS, Role, type_label


class RoleTable(BladeTable):
    """Every role with its type; by name unless the operator sorts otherwise."""

    name = Column(order_by=("name", "pk"), attrs={"th": {"class": "p-25"}})
    type = Column(order_by=("type", "name", "pk"), attrs={"th": {"class": "w-140"}})
    operators = Column(verbose_name="Operators", order_by=("operators", "name", "pk"), attrs={"th": {"class": "w-110"}})
    description = Column(order_by=("description", "pk"))

    label = "Roles"

    @classmethod
    def for_request(cls, request: OperatorRequest, holders: Counter[str]) -> RoleTable:
        """The table as the address asks for it. holders: role to how many operators of the tenant hold it."""
        rows = [
            {
                "pk": role.value,
                "url": reverse("tenancy:role-properties", args=[request.tenant.slug, role.value]),
                "name": role.label,
                "type": say(type_label(role)),
                "operators": holders[role.value],
                "description": say(DESCRIPTIONS[role]),
            }
            for role in Role
        ]
        table = cls(rows, order_by=request.GET.get("sort") or "name", order_by_field="sort")
        RequestConfig(request, paginate=False).configure(table)
        return table

    def display(self, records: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": row["pk"],
                "label": row["name"],
                "cells": [link(row["url"], row["name"]), row["type"], row["operators"], row["description"]],
            }
            for row in records
        ]


class HolderTable(BladeTable):
    """The operators of the tenant who hold one role."""

    name = Column(accessor="operator__display_name", order_by=("operator__display_name", "pk"))
    email = Column(accessor="operator__email", verbose_name="E-mail address", order_by=("operator__email", "pk"))
    views_as = Column(accessor="role", verbose_name="Views this directory as", orderable=False)

    label = "Assignments"
    noun = "operators"

    @classmethod
    def for_request(cls, request: OperatorRequest, holders: Any) -> HolderTable:
        """A page of `holders`, memberships with their operators."""
        table = cls(
            holders,
            order_by=request.GET.get("sort") or "name",
            order_by_field="sort",
            empty=Empty("No operators to display", "Nobody in this directory has this role."),
        )
        RequestConfig(request, paginate={"per_page": request.user.page_size}).configure(table)
        return table

    def display(self, records: Iterable[Membership]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": member.pk,
                "label": member.operator.display_name,
                "cells": [
                    member.operator.display_name,
                    member.operator.email,
                    member.role_label if member.own_role else "",
                ],
            }
            for member in records
        ]
