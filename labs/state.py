"""What is true in a tenant now: the questions by which incidents are recognised as healed. Reads alone."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef

from access import engine
from access import services as access
from devices import joining
from devices.compliance import demands_of
from devices.models import Compliance, ManagedDevice
from directory.models import DirectoryDevice, DirectoryUser
from partners import catalogue as partners
from partners.models import PartnerConfiguration
from tenancy.models import Tenant
from uem import services as uem
from uem.models import Console, Enrolment

ACTIVE = PartnerConfiguration.Status.ACTIVE
# Devices as conditional access sees them.
COMPLIANT = engine.Device(enabled=True, compliant=True, hybrid_joined=False)
NOT_COMPLIANT = engine.Device(enabled=True, compliant=False, hybrid_joined=False)


# Partners


def configuration(tenant: Tenant, partner: str, platform: str) -> PartnerConfiguration | None:
    """The partner's configuration for the platform."""
    found: PartnerConfiguration | None = (
        PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner, platform=platform).first()
    )
    return found


def is_working(tenant: Tenant, partner: str, platform: str) -> bool:
    """Whether Intune has the partner as active for the platform, and the partner's cloud can reach Azure AD."""
    found = configuration(tenant, partner, platform)
    console = Console.objects.in_tenant(tenant).filter(partner=partner).first()
    if found is None or console is None:
        return False
    console.tenant = tenant
    return found.status == ACTIVE and uem.is_connected(console)


def has_compliant_phone(user: DirectoryUser | None, partner: str, platform: str) -> bool:
    """Whether the partner manages a device of the user's, and says of each in Azure AD that it is compliant."""
    if user is None:
        return False
    tenant = user.tenant
    marked = DirectoryDevice.objects.in_tenant(tenant).filter(
        owner=user,
        enabled=True,
        is_compliant=True,
        mdm=partners.label(partner),
        device_id=OuterRef("azure_ad_device_id"),
    )
    enrolled = Enrolment.objects.in_tenant(tenant).filter(
        console__partner=partner, user=user, platform=platform, retired_at=None
    )
    found = list(enrolled.annotate(is_marked=Exists(marked)).values_list("is_marked", flat=True))
    return bool(found) and all(found)


def record(tenant: Tenant, device_id: UUID | None) -> DirectoryDevice | None:
    """Azure AD's record with that device ID."""
    found: DirectoryDevice | None = DirectoryDevice.objects.in_tenant(tenant).filter(device_id=device_id).first()
    return found


def device(tenant: Tenant, intune_device_id: UUID | None) -> ManagedDevice | None:
    """Intune's record with that key."""
    found: ManagedDevice | None = ManagedDevice.objects.in_tenant(tenant).filter(pk=intune_device_id).first()
    if found is not None:
        found.tenant = tenant
    return found


def is_compliant(device: ManagedDevice) -> bool:
    """Whether both records of the device say so."""
    marked = record(device.tenant, device.azure_ad_device_id)
    return device.compliance == Compliance.COMPLIANT and marked is not None and bool(marked.is_compliant)


def has_policy(user: DirectoryUser, os: int) -> bool:
    """Whether a compliance policy is for the user's devices of that system."""
    mine = access.groups_of(user)
    return any(demand.is_for(mine) for demand in demands_of(user.tenant).get(os, ()))


# Conditional access


def outcome(user: DirectoryUser, app: str, *, platform: str = "", device: engine.Device | None = None) -> int:
    """The error code of a sign-in of the user's that lacks nothing but, maybe, a compliant device; 0: success."""
    [code] = outcomes(user, [app], platform=platform, device=device)
    return code


def outcomes(
    user: DirectoryUser, apps: Iterable[str], *, platform: str = "", device: engine.Device | None = None
) -> list[int]:
    """The same of each app."""
    groups, scopes = access.groups_of(user), access.scopes_of(user.tenant)
    attempts = (
        engine.Attempt(
            user=user.pk, groups=groups, app=app, platform=platform, device=device, mfa=True, approved_app=True
        )
        for app in apps
    )
    return [engine.decide(attempt, scopes).error_code for attempt in attempts]


# Automatic enrolment


def enrols_with_intune(user: DirectoryUser | None, *, own_device: bool = False) -> bool:
    """Whether a Windows device that the user joins, or registers as their own, is enrolled with Intune by itself."""
    return user is not None and joining.plan(user, own_device=own_device).outcome == joining.Outcome.ENROLLED


def enrols_somewhere(user: DirectoryUser | None) -> bool:
    """Whether a Windows device of the company that the user joins is enrolled by itself, with Intune or another one."""
    enrolled = {joining.Outcome.ENROLLED, joining.Outcome.OTHER_MDM}
    return user is not None and joining.plan(user, own_device=False).outcome in enrolled
