"""Writes on Intune's device records."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from devices import managed_by
from devices.models import OS_OF_PLATFORM, DeviceCount, DeviceSearch, ManagedDevice
from devices.subscriptions import AUTHORITY_CHANGE
from directory.models import GroupMembership
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy import clock, cloning, writes
from tenancy.models import Tenant


@clock.handler(AUTHORITY_CHANGE)
def authority_change(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """An assignment or a group has changed: devices follow. Without a platform in the payload, on all of them."""
    platform = payload.get("platform")
    reevaluate_authority(tenant, [Platform(platform)] if platform else list(Platform))


@transaction.atomic
def reevaluate_authority(tenant: Tenant, platforms: list[Platform]) -> None:
    """Every device on `platforms` is managed by the partner that its primary user is assigned to, else by its agent.

    Set-wise: the number of statements depends on the number of platforms, not of devices.
    """
    writes.lock(tenant)
    configurations = {
        configuration.platform: configuration
        for configuration in PartnerConfiguration.objects.in_tenant(tenant).filter(platform__in=platforms)
    }
    for platform in platforms:
        devices = ManagedDevice.objects.in_tenant(tenant).filter(os=OS_OF_PLATFORM[platform])
        configuration = configurations.get(platform)
        if configuration is None:
            _hand_over(tenant, devices.exclude(managed_by=F("agent"), authority=None), None)
            continue
        number = managed_by.number_of_partner(configuration.partner)
        assigned = _assigned(configuration)
        settled = Q(authority=configuration, managed_by=number)
        _hand_over(tenant, devices.filter(assigned).exclude(settled), configuration)
        _hand_over(tenant, devices.exclude(assigned).exclude(managed_by=F("agent"), authority=None), None)


def _assigned(configuration: PartnerConfiguration) -> Q:
    """The devices whose primary user is included and not excluded; exclude beats include."""

    def members(intent: str) -> QuerySet[GroupMembership, Any]:
        groups = PartnerAssignment.unscoped.filter(configuration=configuration, intent=intent).values("group")
        return GroupMembership.unscoped.filter(group__in=groups).values("user")

    included = (
        Q(primary_user__isnull=False)
        if configuration.all_users
        else Q(primary_user__in=members(PartnerAssignment.Intent.INCLUDE))
    )
    return included & ~Q(primary_user__in=members(PartnerAssignment.Intent.EXCLUDE))


def _hand_over(
    tenant: Tenant, devices: QuerySet[ManagedDevice, ManagedDevice], configuration: PartnerConfiguration | None
) -> None:
    """`devices` move to `configuration`, or back to their own agent; the counts move with them."""
    number = F("agent") if configuration is None else managed_by.number_of_partner(configuration.partner)
    moves = list(devices.order_by().values_list("managed_by", "agent").annotate(n=Count("pk")))
    if not moves:
        return
    devices.update(authority=configuration, managed_by=number)
    changes: dict[int, int] = {}
    for before, agent, n in moves:
        after = agent if configuration is None else managed_by.number_of_partner(configuration.partner)
        changes[before] = changes.get(before, 0) - n
        changes[after] = changes.get(after, 0) + n
    change_counts(tenant, DeviceCount.Facet.MANAGED_BY, changes)


def change_counts(tenant: Tenant, facet: DeviceCount.Facet, changes: dict[int, int]) -> None:
    """Add `changes` (value to difference) to the tenant's counts of `facet`. The caller holds the tenant's lock."""
    for value, difference in changes.items():
        if not difference:
            continue
        rows = DeviceCount.objects.in_tenant(tenant).filter(facet=facet, value=value)
        if not rows.update(n=F("n") + difference):
            DeviceCount.objects.create(tenant=tenant, facet=facet, value=value, n=difference)


@cloning.rebuilds
@transaction.atomic
def rebuild_derived(tenant: Tenant) -> None:
    """Search texts and counts of the tenant say what its devices say."""
    DeviceSearch.objects.in_tenant(tenant).delete()
    DeviceCount.objects.in_tenant(tenant).delete()
    devices = ManagedDevice.objects.in_tenant(tenant)
    batch: list[DeviceSearch] = []
    for device in devices.order_by().iterator(chunk_size=2000):
        batch.append(DeviceSearch(tenant=tenant, device=device, text=device.search_text()))
        if len(batch) == 2000:
            DeviceSearch.objects.bulk_create(batch)
            batch = []
    DeviceSearch.objects.bulk_create(batch)
    counts = [DeviceCount(tenant=tenant, facet=DeviceCount.Facet.TOTAL, n=devices.count())]
    for facet in (
        DeviceCount.Facet.MANAGED_BY, DeviceCount.Facet.COMPLIANCE, DeviceCount.Facet.OS, DeviceCount.Facet.OWNERSHIP,
    ):
        rows = devices.order_by().values_list(facet.value).annotate(n=Count("pk"))
        counts += [DeviceCount(tenant=tenant, facet=facet, value=value, n=n) for value, n in rows]
    DeviceCount.objects.bulk_create(counts)
