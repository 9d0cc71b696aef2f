"""Reads that answer the screens of one device and the list of actions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from devices.actions import SECRETS, Secret
from devices.models import Compliance, CompliancePolicy, DeviceAction, ManagedDevice, OperatingSystem
from directory.models import DirectoryDevice
from tenancy.models import Tenant
from tenancy.scoping import NEVER, fold

# How many actions the overview of a device shows.
LATEST_ACTIONS = 10

# With one of these, completed last, a device leaves.
LEAVING = (DeviceAction.Kind.DELETE, DeviceAction.Kind.RETIRE, DeviceAction.Kind.WIPE)

# A search for actions by the name of their device looks at so many devices.
NAMED = 500

# Source: Intune docs, "Get started with device compliance": compliance status validity period, by default 30 days.
VALIDITY = timedelta(days=30)


def latest_actions(device: ManagedDevice) -> list[DeviceAction]:
    """The latest actions on the device, and all that still wait for it; newest first."""
    actions = DeviceAction.objects.in_tenant(device.tenant).filter(device=device)
    found = list(actions[:LATEST_ACTIONS])
    waiting = list(actions.filter(status=DeviceAction.Status.PENDING).exclude(pk__in=[action.pk for action in found]))
    return [*found, *waiting]


def secret_of(device: ManagedDevice) -> tuple[Secret, str] | None:
    """The passcode or PIN that the administrator tells the user, while the portal shows it."""
    secret = SECRETS.get(OperatingSystem(device.os))
    if secret is None:
        return None
    asked = DeviceAction.objects.in_tenant(device.tenant).filter(
        device=device, kind=secret.kind, requested_at__gt=device.tenant.now() - secret.shown
    )
    action = asked.first()
    return (secret, action.options[secret.option]) if action is not None and secret.option in action.options else None


def action_exists(tenant: Tenant, action_id: UUID) -> bool:
    """Whether this action has been asked for."""
    found: bool = DeviceAction.objects.in_tenant(tenant).filter(pk=action_id).exists()
    return found


def actions(
    tenant: Tenant, *, kinds: Collection[str], statuses: Collection[int], since: datetime | None, name: str
) -> QuerySet[DeviceAction, DeviceAction]:
    """The tenant's actions. name: how that of the device starts, today's or, once it has left, its last; empty
    collections, text and None mean all."""
    found: QuerySet[DeviceAction, DeviceAction] = DeviceAction.objects.in_tenant(tenant).order_by()
    if kinds:
        found = found.filter(kind__in=kinds)
    if statuses:
        found = found.filter(status__in=statuses)
    if since is not None:
        found = found.filter(requested_at__gte=since)
    key = fold(name)
    if key:
        left = Q(device=None, device_name__istartswith=name)
        found = found.filter(Q(device__in=_devices_named(tenant, key)) | left)
    return found


def end_of(tenant: Tenant, device_id: UUID) -> DeviceAction | None:
    """The action by which a device of the tenant has left Intune; None where there was no such device."""
    ended = DeviceAction.objects.in_tenant(tenant).filter(
        intune_device_id=device_id, device=None, status=DeviceAction.Status.COMPLETED, kind__in=LEAVING
    )
    found: DeviceAction | None = ended.first()
    return found


def _devices_named(tenant: Tenant, key: str) -> list[UUID]:
    """The first devices whose names start with `key`, read off the index of names."""
    named = ManagedDevice.objects.in_tenant(tenant).filter(name_key__gte=key, name_key__lt=f"{key}\U0010ffff")
    return list(named.order_by("name_key", "pk").values_list("pk", flat=True)[:NAMED])


# Compliance


class Setting(NamedTuple):
    """A setting of the built-in policy, and whether the device meets it; None: not evaluated yet."""

    label: str
    met: bool | None
    detail: str


def built_in_settings(device: ManagedDevice) -> list[Setting]:
    """What "Built-in Device Compliance Policy" asks of every device, and how this one does."""
    never = device.last_checkin_at == NEVER
    active = None if never else device.last_checkin_at >= device.tenant.now() - VALIDITY
    assigned = bool(policies(device))
    return [
        Setting(
            "Is active",
            active,
            "The device has not checked in yet."
            if never
            else f"The device {'has' if active else 'has not'} checked in within {VALIDITY.days} days.",
        ),
        Setting(
            "Enrolled user exists",
            device.primary_user_id is not None,
            f"The primary user is {device.user_upn}." if device.primary_user_id else "The device has no primary user.",
        ),
        Setting(
            "Has a compliance policy assigned",
            assigned,
            "A compliance policy for the platform is assigned."
            if assigned
            else "No compliance policy for the platform is assigned.",
        ),
    ]


def policies(device: ManagedDevice) -> list[CompliancePolicy]:
    """The compliance policies of the device's platform."""
    return list(CompliancePolicy.objects.in_tenant(device.tenant).filter(os=device.os))


def record_of(device: ManagedDevice) -> UUID | None:
    """The id of Azure AD's record of the device."""
    if device.azure_ad_device_id is None:
        return None
    records = DirectoryDevice.objects.in_tenant(device.tenant).filter(device_id=device.azure_ad_device_id)
    found: UUID | None = records.values_list("pk", flat=True).first()
    return found


def partners_verdict(device: ManagedDevice) -> Compliance:
    """What the partner said of the device, as Azure AD has it."""
    record = DirectoryDevice.objects.in_tenant(device.tenant).filter(device_id=device.azure_ad_device_id).first()
    verdict = record.is_compliant if record is not None else None
    return {True: Compliance.COMPLIANT, False: Compliance.NOT_COMPLIANT, None: Compliance.NOT_EVALUATED}[verdict]
