"""The list of compliance partners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django_tables2 import RequestConfig

from blades.tables import BladeTable, Column, Empty, link, status
from blades.templatetags.blades import portal_date
from partners import catalogue
from partners.models import PartnerConfiguration
from tenancy.http import OperatorRequest
from tenancy.roles import Permission

_STATUS_KINDS = {
    PartnerConfiguration.Status.PENDING: "none",
    PartnerConfiguration.Status.ACTIVE: "ok",
    PartnerConfiguration.Status.UNRESPONSIVE: "warn",
    PartnerConfiguration.Status.TERMINATED: "bad",
    PartnerConfiguration.Status.REJECTED: "bad",
}


def status_kind(value: str) -> str:
    """Which icon stands beside a partner status."""
    return _STATUS_KINDS[PartnerConfiguration.Status(value)]


def assigned(configuration: Any) -> str:
    """The column Assigned: all users, or how many groups. Needs `included_count`."""
    if configuration.all_users:
        return "All users"
    n = configuration.included_count
    return f"{n} group" if n == 1 else f"{n} groups"


class ConfigurationTable(BladeTable):
    """One row a configuration, ordered by platform unless the operator sorts otherwise."""

    partner = Column(accessor="partner_label", verbose_name="Partner", order_by=("partner_label", "pk"))
    platform = Column(order_by=("platform", "pk"), attrs={"th": {"class": "w-120"}})
    status = Column(verbose_name="Partner status", order_by=("status_label", "pk"), attrs={"th": {"class": "w-160"}})
    last_sync = Column(
        accessor="last_sync_at",
        verbose_name="Last successful sync",
        order_by=("last_sync_key", "pk"),
        attrs={"th": {"class": "w-180"}},
    )
    assigned = Column(empty_values=(), order_by=("assigned_label", "pk"), attrs={"th": {"class": "w-100"}})

    label = "Compliance partners"

    @classmethod
    def for_request(cls, request: OperatorRequest, configurations: list[PartnerConfiguration]) -> ConfigurationTable:
        """The table as the address asks for it; there are at most as many rows as platforms, so no pages."""
        slug = request.tenant.slug
        rows = [
            {
                "pk": str(configuration.pk),
                "url": reverse("partners:overview", args=[slug, configuration.pk]),
                "partner_label": catalogue.label(configuration.partner),
                "platform": configuration.get_platform_display(),
                "status": configuration.status,
                "status_label": configuration.get_status_display(),
                "last_sync_at": configuration.last_sync_at,
                "last_sync_key": configuration.last_sync_at.isoformat() if configuration.last_sync_at else "",
                "assigned_label": assigned(configuration),
            }
            for configuration in configurations
        ]
        may_add = request.membership.may(Permission.PARTNERS_MODIFY)
        table = cls(
            rows,
            order_by=request.GET.get("sort") or "platform",
            order_by_field="sort",
            empty=Empty(
                "No compliance partners to display",
                "Add a compliance partner to use the compliance data that it reports in your conditional access "
                "policies.",
                action_label="Add compliance partner" if may_add else "",
                action_url=reverse("partners:add", args=[slug]) if may_add else "",
            ),
        )
        RequestConfig(request, paginate=False).configure(table)
        return table

    def display(self, records: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": row["pk"],
                "label": row["partner_label"],
                "cells": [
                    link(row["url"], row["partner_label"]),
                    row["platform"],
                    status(status_kind(row["status"]), row["status_label"]),
                    portal_date(row["last_sync_at"], "Never"),
                    row["assigned_label"],
                ],
            }
            for row in records
        ]
