"""Tenant status > Connector status: how long ago each connector was synchronized, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from django.urls import reverse
from django_tables2 import RequestConfig

from blades.tables import BladeTable, Column, link, status
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from console.menus import MENUS
from console.navigation import item_url
from console.queries import partner_configurations
from partners.models import PartnerConfiguration
from tenancy.http import OperatorRequest
from tenancy.roles import Permission

# Source: Intune docs, "Use the Intune Tenant Status page": more than one day ago; three or more days ago.
WARNING_AFTER, UNHEALTHY_AFTER = timedelta(days=1), timedelta(days=3)

# Partner statuses of those who do not serve the tenant now.
Status = PartnerConfiguration.Status
NOT_SERVING = frozenset({Status.UNRESPONSIVE, Status.TERMINATED, Status.REJECTED})

# The entries of Connectors and tokens that stand on the real tab, too. None of them can be set up here.
OTHERS = (
    "Apple VPP Tokens",
    "Managed Google Play",
    "Microsoft Store for Business",
    "Microsoft Defender ATP",
    "Mobile Threat Defense",
    "Partner device management",
    "Certificate connectors",
)


class Health(IntEnum):
    """In the order of the list."""

    UNHEALTHY = 0
    WARNING = 1
    HEALTHY = 2
    NOT_ENABLED = 3


LOOKS = {
    Health.UNHEALTHY: ("bad", "Unhealthy"),
    Health.WARNING: ("warn", "Warning"),
    Health.HEALTHY: ("ok", "Healthy"),
    Health.NOT_ENABLED: ("none", "Not Enabled"),
}


def health(last_sync: datetime | None, now: datetime) -> Health:
    """How a connector is that was last synchronized at `last_sync`; None: never."""
    if last_sync is None:
        return Health.NOT_ENABLED
    age = now - last_sync
    if age >= UNHEALTHY_AFTER:
        return Health.UNHEALTHY
    return Health.WARNING if age > WARNING_AFTER else Health.HEALTHY


def partner_health(configuration: PartnerConfiguration, now: datetime) -> Health:
    """How a compliance partner is as a connector: Unhealthy while its status says that it does not serve the tenant.

    One that is Active is Warning at worst, so that both say the same at any moment.
    """
    if configuration.status in NOT_SERVING:
        return Health.UNHEALTHY
    found = health(configuration.last_sync_at, now)
    # Silence is noticed on the hour, so an Active one may have been silent for some minutes too long.
    return max(found, Health.WARNING) if configuration.status == Status.ACTIVE else found


class ConnectorTable(BladeTable):
    """One row a connector; the least healthy first unless the operator sorts otherwise."""

    connector = Column(order_by=("name", "pk"))
    status = Column(order_by=("health", "name", "pk"), attrs={"th": {"class": "w-160"}})
    last_sync = Column(
        verbose_name="Last successful sync", order_by=("last_sync_key", "name", "pk"), attrs={"th": {"class": "w-240"}}
    )

    label = "Connectors"

    @classmethod
    def for_request(cls, request: OperatorRequest) -> ConnectorTable:
        """The table as the address asks for it, without what the role may not read."""
        rows = [*_others(request), *(_partners(request) if request.membership.may(Permission.PARTNERS_READ) else [])]
        table = cls(rows, order_by=request.GET.get("sort") or "status", order_by_field="sort")
        RequestConfig(request, paginate=False).configure(table)
        return table

    def display(self, records: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": row["pk"],
                "label": row["name"],
                "cells": [
                    link(row["url"], row["name"]),
                    status(*LOOKS[row["health"]]),
                    portal_date(row["last_sync"], ""),
                ],
            }
            for row in records
        ]


def _partners(request: OperatorRequest) -> list[dict[str, Any]]:
    now = request.tenant.now()
    return [
        {
            "pk": str(configuration.pk),
            "name": str(configuration),
            "url": reverse("partners:overview", args=[request.tenant.slug, configuration.pk]),
            "health": partner_health(configuration, now),
            "last_sync": configuration.last_sync_at,
            "last_sync_key": configuration.last_sync_at.isoformat() if configuration.last_sync_at else "",
        }
        for configuration in partner_configurations(request.tenant)
    ]


def _others(request: OperatorRequest) -> list[dict[str, Any]]:
    items = {item.label: item for group in MENUS["connectors"].groups for item in group.items}
    return [
        {
            "pk": items[label].slug,
            "name": say(label),
            "url": item_url(items[label], request.tenant.slug, {}),
            "health": Health.NOT_ENABLED,
            "last_sync": None,
            "last_sync_key": "",
        }
        for label in OTHERS
    ]
