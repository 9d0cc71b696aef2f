"""Reads behind Home and the overviews: a fixed number of statements, whatever the number of devices."""

from __future__ import annotations

from typing import Any, NamedTuple

from devices import managed_by, visibility
from devices.models import DeviceCount
from devices.tables import COMPLIANCE_KINDS, COMPLIANCE_ORDER
from directory.models import DirectoryDevice, DirectoryUser, Group, Licence
from partners.models import PartnerConfiguration
from tenancy.models import JournalEntry, Tenant

LATEST = 8


class DeviceCounts(NamedTuple):
    """The kept counts of one tenant. by_compliance, by_manager: parts for a chart, without empty ones."""

    total: int
    by_compliance: list[dict[str, Any]]
    by_manager: list[dict[str, Any]]


def device_counts(tenant: Tenant, list_url: str) -> DeviceCounts:
    """How many devices the lists have, by compliance and by manager; each part links into the filtered list."""
    found = visibility.counts(tenant)
    compliance = found.get(DeviceCount.Facet.COMPLIANCE, {})
    managers = found.get(DeviceCount.Facet.MANAGED_BY, {})
    return DeviceCounts(
        total=sum(found.get(DeviceCount.Facet.TOTAL, {}).values()),
        by_compliance=[
            {
                "label": state.label,
                "count": compliance.get(state, 0),
                "kind": COMPLIANCE_KINDS[state],
                "url": f"{list_url}?compliance={state.value}",
            }
            for state in COMPLIANCE_ORDER
            if compliance.get(state)
        ],
        by_manager=[
            {"label": managed_by.LABELS[number], "count": managers[number], "url": f"{list_url}?managed_by={number}"}
            for number in sorted(managers, key=lambda number: (-managers[number], number))
            if managers[number]
        ],
    )


def device_total(tenant: Tenant) -> int:
    """How many devices are enrolled, also with partners."""
    kept = DeviceCount.objects.in_tenant(tenant).filter(facet=DeviceCount.Facet.TOTAL)
    return kept.values_list("n", flat=True).first() or 0


def listed_total(tenant: Tenant) -> int:
    """How many devices the lists have."""
    return sum(visibility.counts(tenant).get(DeviceCount.Facet.TOTAL, {}).values())


def latest_entries(tenant: Tenant) -> list[JournalEntry]:
    """The last things that happened, the newest first."""
    return list(JournalEntry.objects.in_tenant(tenant)[:LATEST])


def partner_configurations(tenant: Tenant) -> list[PartnerConfiguration]:
    """The tenant's compliance partners, by platform: at most one each."""
    return list(PartnerConfiguration.objects.in_tenant(tenant))


def licence_counts(tenant: Tenant) -> tuple[int, int]:
    """How many users have a licence of any kind, and how many have one for Intune."""
    licences = Licence.objects.in_tenant(tenant)
    return (
        licences.order_by().values("user").distinct().count(),
        licences.filter(sku=Licence.Sku.INTUNE).count(),
    )


def directory_counts(tenant: Tenant) -> dict[str, int]:
    """How many users, groups and devices Azure AD has: one walk along an index each."""
    return {
        "Users": DirectoryUser.objects.in_tenant(tenant).count(),
        "Groups": Group.objects.in_tenant(tenant).count(),
        "Devices": DirectoryDevice.objects.in_tenant(tenant).count(),
    }
