"""The list of applications under Mobility (MDM and MAM)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django_tables2 import RequestConfig

from blades.tables import BladeTable, Column, Empty, link
from mobility import queries
from mobility.models import MobilityApplication
from tenancy.http import OperatorRequest


class ApplicationTable(BladeTable):
    """One row an application, by name; the name leads to Configure."""

    name = Column(accessor="display_name", verbose_name="Name", order_by=("name_key", "pk"))

    label = "Applications"
    empty = Empty("No applications to display", "Add an application to configure whose devices it manages.")

    @classmethod
    def for_request(cls, request: OperatorRequest) -> ApplicationTable:
        """The list as the address asks for it: `sort`, `page`."""
        table = cls(
            queries.applications(request.tenant),
            order_by=request.GET.get("sort") or "name",
            order_by_field="sort",
            tenant_slug=request.tenant.slug,
        )
        RequestConfig(request, paginate={"per_page": 50}).configure(table)
        return table

    def __init__(self, *args: Any, tenant_slug: str, **options: Any) -> None:
        self.tenant_slug = tenant_slug
        super().__init__(*args, **options)

    def display(self, records: Iterable[MobilityApplication]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": record.pk,
                "label": record.display_name,
                "cells": [
                    link(
                        reverse("mobility:application-configure", args=[self.tenant_slug, record.pk]),
                        record.display_name,
                    )
                ],
            }
            for record in records
        ]
