"""Writes on Intune's device records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, prefetch_related_objects

from devices import bulk, managed_by
from devices.models import OS_OF_PLATFORM, SEARCHED, Agent, DeviceCount, DeviceSearch, ManagedDevice, search_text
from devices.subscriptions import AUTHORITY_CHANGE, AUTHORITY_DELAY
from directory.models import GroupMembership
from partners import catalogue
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy import clock, cloning, journal, writes
from tenancy.models import Tenant

AUTHORITY_CHANGED = "Change MDM authority"
Facet = DeviceCount.Facet
FACETS = (Facet.MANAGED_BY, Facet.COMPLIANCE, Facet.OS, Facet.OWNERSHIP)

# (facet, value) to a number of devices
Counts = Mapping[tuple[str, int], int]


# Inserting


def register_devices(
    tenant: Tenant,
    devices: Iterable[ManagedDevice],
    *,
    batch_size: int = 5000,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Insert `devices` into `tenant` with their search texts and counts; return how many they were.

    devices: unsaved; what `ManagedDevice.set_derived` derives is filled here.
    batch_size: devices in one transaction. A failure leaves the batches before it in place, unless the
    caller has opened a transaction of its own.
    progress: called after each batch with the number of devices inserted so far.

    A new device belongs to its agent; where partners are configured it is handed over as after a change of
    an assignment, at once or after the delay. Raises IntegrityError.
    """
    done = 0
    pending = iter(devices)
    batch = list(islice(pending, batch_size))
    with bulk.roomy_cache() if len(batch) == batch_size else nullcontext():
        while batch:
            with transaction.atomic():
                writes.lock(tenant)
                _insert(tenant, batch)
            done += len(batch)
            if progress is not None:
                progress(done)
            batch = list(islice(pending, batch_size))
    if done and PartnerConfiguration.objects.in_tenant(tenant).exists():
        clock.schedule(tenant, AUTHORITY_CHANGE, delay=timedelta(0) if tenant.is_instant else AUTHORITY_DELAY)
    return done


def _insert(tenant: Tenant, devices: list[ManagedDevice]) -> None:
    prefetch_related_objects(devices, "primary_user", "authority")
    changes: Counter[tuple[str, int]] = Counter({(Facet.TOTAL, 0): len(devices)})
    for device in devices:
        device.tenant = tenant
        device.set_derived()
    for facet in FACETS:
        changes.update((facet, getattr(device, facet)) for device in devices)
    fields = ManagedDevice._meta.concrete_fields
    names = [field.attname for field in fields]
    bulk.insert(ManagedDevice, fields, ([getattr(device, name) for name in names] for device in devices))
    _insert_search_texts(tenant, ((device.pk, device.search_text()) for device in devices))
    change_counts(tenant, changes)


def _insert_search_texts(tenant: Tenant, texts: Iterable[tuple[UUID, str]]) -> None:
    fields = [field for field in DeviceSearch._meta.concrete_fields if not field.primary_key]
    bulk.insert(DeviceSearch, fields, ((tenant.pk, device_id, text) for device_id, text in texts))


# Who manages a device


@clock.handler(AUTHORITY_CHANGE)
def authority_change(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """An assignment or a group has changed: devices follow. Without a platform in the payload, on all of them."""
    platform = payload.get("platform")
    reevaluate_authority(tenant, [Platform(platform)] if platform else list(Platform))


@transaction.atomic
def reevaluate_authority(tenant: Tenant, platforms: Iterable[Platform]) -> None:
    """Every device on `platforms` is managed by the partner that its primary user is assigned to, else by its agent.

    Devices that Configuration Manager manages, alone or with Intune, stay where they are.
    Set-wise: the number of statements depends on the number of platforms, not of devices; devices that
    move together leave one journal entry.
    """
    writes.lock(tenant)
    platforms = list(platforms)
    configurations = {
        configuration.platform: configuration
        for configuration in PartnerConfiguration.objects.in_tenant(tenant).filter(platform__in=platforms)
    }
    own = Q(managed_by=F("agent"), authority=None)
    for platform in platforms:
        devices = ManagedDevice.objects.in_tenant(tenant).filter(os=OS_OF_PLATFORM[platform])
        configuration = configurations.get(platform)
        if configuration is None:
            _hand_over(tenant, platform, devices.exclude(own), None)
            continue
        assigned = Q(agent=Agent.MDM) & _assigned(configuration)
        settled = Q(authority=configuration, managed_by=managed_by.number_of_partner(configuration.partner))
        _hand_over(tenant, platform, devices.filter(assigned).exclude(settled), configuration)
        _hand_over(tenant, platform, devices.exclude(assigned).exclude(own), None)


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
    tenant: Tenant,
    platform: Platform,
    devices: QuerySet[ManagedDevice, ManagedDevice],
    configuration: PartnerConfiguration | None,
) -> None:
    """`devices` move to `configuration`, or back to their own agent; the counts move with them, the journal says so."""
    moves = list(devices.order_by().values_list("managed_by", "agent").annotate(n=Count("pk")))
    if not moves:
        return
    number = None if configuration is None else managed_by.number_of_partner(configuration.partner)
    devices.update(authority=configuration, managed_by=F("agent") if number is None else number)
    changes: Counter[tuple[str, int]] = Counter()
    for before, agent, n in moves:
        changes[Facet.MANAGED_BY, before] -= n
        changes[Facet.MANAGED_BY, agent if number is None else number] += n
    change_counts(tenant, changes)
    journal.record(
        tenant=tenant,
        actor=None,
        category="Device",
        activity=AUTHORITY_CHANGED,
        target=configuration or tenant,
        new={
            "Platform": platform.label,
            "MDM authority": catalogue.label(configuration.partner) if configuration else "Microsoft Intune",
            "Devices": sum(n for *_, n in moves),
        },
    )


# What is derived from devices


def change_counts(tenant: Tenant, changes: Counts) -> None:
    """Add `changes`, (facet, value) to a difference, to the tenant's counts. The caller holds the tenant's lock."""
    changes = {key: difference for key, difference in changes.items() if difference}
    known = {
        (count.facet, count.value): count
        for count in DeviceCount.objects.in_tenant(tenant).filter(facet__in={facet for facet, _ in changes})
    }
    changed = []
    for key in changes.keys() & known.keys():
        known[key].n += changes[key]
        changed.append(known[key])
    DeviceCount.unscoped.bulk_update(changed, ["n"])
    _insert_counts(tenant, {key: changes[key] for key in changes.keys() - known.keys()})


def _insert_counts(tenant: Tenant, counts: Counts) -> None:
    DeviceCount.objects.bulk_create(
        [DeviceCount(tenant=tenant, facet=facet, value=value, n=n) for (facet, value), n in counts.items()]
    )


@cloning.rebuilds
@transaction.atomic
def rebuild_derived(tenant: Tenant) -> None:
    """Search texts and counts of the tenant say what its devices say."""
    DeviceSearch.objects.in_tenant(tenant).delete()
    DeviceCount.objects.in_tenant(tenant).delete()
    devices = ManagedDevice.objects.in_tenant(tenant).order_by()
    rows = devices.values_list("pk", *SEARCHED).iterator(chunk_size=5000)
    while chunk := _texts(rows, 5000):
        _insert_search_texts(tenant, chunk)
    counts: Counter[tuple[str, int]] = Counter({(Facet.TOTAL, 0): 0})
    for *values, n in devices.values_list(*FACETS).annotate(n=Count("pk")):
        counts[Facet.TOTAL, 0] += n
        for facet, value in zip(FACETS, values, strict=True):
            counts[facet, value] += n
    _insert_counts(tenant, counts)


def _texts(rows: Iterator[Any], size: int) -> list[tuple[UUID, str]]:
    return [(device_id, search_text(*values)) for device_id, *values in islice(rows, size)]
