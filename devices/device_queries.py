"""Reads that answer the screens of one device and the list of actions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from devices import compliance
from devices.actions import SECRETS, Secret
from devices.compliance import Demand, Facts
from devices.models import (
    Compliance,
    CompliancePolicy,
    ComplianceSettings,
    DeviceAction,
    ManagedDevice,
    OperatingSystem,
    PartnerVerdict,
)
from directory.models import DirectoryDevice
from tenancy.models import Tenant
from tenancy.scoping import NEVER, fold

# How many actions the overview of a device shows.
LATEST_ACTIONS = 10

# With one of these, completed last, a device leaves.
LEAVING = (DeviceAction.Kind.DELETE, DeviceAction.Kind.RETIRE, DeviceAction.Kind.WIPE)

# A search for actions by the name of their device looks at so many devices.
NAMED = 500


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
    """A setting of a policy, and whether the device meets it; None: not evaluated yet."""

    label: str
    met: bool | None
    detail: str


@dataclass(frozen=True)
class Judgement:
    """What Intune has to say of one device: the policies that are for it and the tenant's settings."""

    device: ManagedDevice
    settings: ComplianceSettings
    demands: list[Demand]
    facts: Facts

    @classmethod
    def of(cls, device: ManagedDevice) -> Judgement:
        settings = compliance.settings_of(device.tenant)
        return cls(device, settings, compliance.demands_on(device), compliance.facts_of(device, settings))

    def state(self, policy: CompliancePolicy) -> Compliance:
        """How the device does by `policy` alone."""
        return compliance.state_of(self.facts, policy, self.device.tenant.now())

    def is_for(self, policy: CompliancePolicy) -> bool:
        """Whether Intune judges the device by `policy`."""
        return compliance.is_judged(self.device) and any(demand.policy == policy for demand in self.demands)

    def built_in(self) -> list[Setting]:
        """What "Built-in Device Compliance Policy" asks of every device that Intune judges, and how this one does."""
        device, days = self.device, self.settings.validity_days
        if not compliance.is_judged(device):
            return [Setting(label, None, NOT_JUDGED) for label in BUILT_IN]
        never = device.last_checkin_at == NEVER
        active = None if never else device.last_checkin_at >= device.tenant.now() - timedelta(days=days)
        period = "1 day" if days == 1 else f"{days} days"
        without = Compliance(self.settings.without_policy)
        nobodys = "No compliance policy is assigned to the user of the device. Such devices are {}."
        details = (
            "The device has not checked in yet."
            if never
            else f"The device {'has' if active else 'has not'} checked in within {period}.",
            f"The primary user is {device.user_upn}." if device.primary_user_id else "The device has no primary user.",
            "A compliance policy is assigned to the user of the device."
            if self.demands
            else nobodys.format(without.label.lower()),
        )
        met = (active, device.primary_user_id is not None, bool(self.demands) or without is Compliance.COMPLIANT)
        return [Setting(*found) for found in zip(BUILT_IN, met, details, strict=True)]

    def settings_by(self, policy: CompliancePolicy) -> list[Setting]:
        """What `policy` asks, setting by setting; nothing is evaluated before the device has heard of it."""
        known = self.state(policy) in {Compliance.COMPLIANT, Compliance.IN_GRACE_PERIOD, Compliance.NOT_COMPLIANT}
        return [
            Setting(check.name, check.met if known else None, check.asked)
            for check in compliance.checks(self.facts, policy)
        ]


BUILT_IN = (compliance.INACTIVE, "Enrolled user exists", compliance.NO_POLICY)
NOT_JUDGED = "Intune does not judge this device."


def policy(tenant: Tenant, policy_id: UUID) -> CompliancePolicy | None:
    """A compliance policy of the tenant."""
    found: CompliancePolicy | None = CompliancePolicy.objects.in_tenant(tenant).filter(pk=policy_id).first()
    return found


def record_of(device: ManagedDevice) -> UUID | None:
    """The id of Azure AD's record of the device."""
    if device.azure_ad_device_id is None:
        return None
    records = DirectoryDevice.objects.in_tenant(device.tenant).filter(device_id=device.azure_ad_device_id)
    found: UUID | None = records.values_list("pk", flat=True).first()
    return found


def partners_verdict(device: ManagedDevice) -> PartnerVerdict | None:
    """What the partner that manages the device has last reported of it; None: nothing yet."""
    if device.authority is None or device.azure_ad_device_id is None:
        return None
    found: PartnerVerdict | None = (
        PartnerVerdict.objects.in_tenant(device.tenant)
        .filter(device_id=device.azure_ad_device_id, partner=device.authority.partner)
        .first()
    )
    return found
