"""How devices come to Intune: enrolled by their users, new or taken over from a partner."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

from django.db import transaction

from devices import azure_ad
from devices.azure_ad import Mark
from devices.counts import change_counts
from devices.models import ASLEEP, Agent, DeviceCount, ManagedDevice, OperatingSystem, Ownership
from devices.services import check_in, register_devices
from directory.models import DirectoryDevice, DirectoryUser
from tenancy import journal, writes
from tenancy.models import Tenant

ENROLLED = "Enroll device"
# What Azure AD calls the systems.
DIRECTORY_OS: dict[int, str] = {
    OperatingSystem.ANDROID: "Android",
    OperatingSystem.IOS: "IPhone",
    OperatingSystem.MACOS: "MacMDM",
    OperatingSystem.WINDOWS: "Windows",
}


@transaction.atomic
def enrol(
    *,
    tenant: Tenant,
    user: DirectoryUser,
    os: int,
    device_name: str,
    join_type: str = DirectoryDevice.JoinType.REGISTERED,
    ownership: int = Ownership.PERSONAL,
    **described: Any,
) -> ManagedDevice:
    """The user's device is registered with Azure AD and enrolled with Intune, and has checked in for the first time.

    described: further fields of ManagedDevice.
    """
    writes.lock(tenant)
    record = register(
        tenant, user, os=os, name=device_name, join_type=join_type, os_version=described.get("os_version", "")
    )
    device = ManagedDevice(
        tenant=tenant,
        device_name=device_name,
        os=os,
        ownership=ownership,
        enrolled_at=tenant.now(),
        primary_user=user,
        azure_ad_device_id=record.device_id,
        **described,
    )
    register_devices(tenant, [device])
    azure_ad.write(tenant, [Mark(record.device_id, None, True, azure_ad.MDM[Agent.MDM])])
    _record(device)
    check_in(tenant, [device.pk])
    return device


def register(
    tenant: Tenant, user: DirectoryUser, *, os: int, name: str, join_type: str, os_version: str = "", mdm: str = ""
) -> DirectoryDevice:
    """Azure AD has a record of the user's device. mdm: who manages it, where that is neither Intune nor a partner.

    The caller holds the tenant's lock.
    """
    now = tenant.now()
    record = DirectoryDevice(
        tenant=tenant,
        device_id=uuid4(),
        display_name=name,
        os=DIRECTORY_OS[os],
        os_version=os_version,
        join_type=join_type,
        owner=user,
        registered_at=now,
        activity_at=now,
        mdm=mdm,
        is_managed=bool(mdm),
    )
    record.save(force_insert=True)
    return record


@transaction.atomic
def take_over(device: ManagedDevice, **described: Any) -> ManagedDevice:
    """A device that a partner had enrolled is enrolled with Intune; its authority follows from assignments as before.

    described: fields of ManagedDevice that only Intune's own agent knows.
    """
    tenant = device.tenant
    writes.lock(tenant)
    current: ManagedDevice = ManagedDevice.objects.in_tenant(tenant).get(pk=device.pk)
    current.tenant = tenant
    current.agent, current.enrolled_at = Agent.MDM, tenant.now()
    if current.authority_id is None:
        changes: Counter[tuple[str, int]] = Counter({(DeviceCount.Facet.MANAGED_BY, Agent.MDM): 1})
        changes[DeviceCount.Facet.MANAGED_BY, current.managed_by] -= 1
        current.managed_by = Agent.MDM
        change_counts(tenant, changes)
    for name, value in described.items():
        setattr(current, name, value)
    current.save(update_fields=["agent", "enrolled_at", "managed_by", *described])
    _record(current)
    return current


@transaction.atomic
def lose(device: ManagedDevice) -> None:
    """The device is switched off or out of reach from now on."""
    writes.lock(device.tenant)
    ManagedDevice.objects.in_tenant(device.tenant).filter(pk=device.pk).update(online=False)


@transaction.atomic
def fall_asleep(device: ManagedDevice) -> None:
    """The device is switched on, but does not check in by itself any more until it is asked to."""
    writes.lock(device.tenant)
    ManagedDevice.objects.in_tenant(device.tenant).filter(pk=device.pk).update(checkin_slot=ASLEEP)


def _record(device: ManagedDevice) -> None:
    journal.record(
        tenant=device.tenant,
        actor=None,
        category="Device",
        activity=ENROLLED,
        target=device,
        new={"User": device.user_upn, "OS": device.get_os_display(), "Ownership": device.get_ownership_display()},
    )
