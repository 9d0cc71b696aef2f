"""What happens when a user joins a Windows device to Azure AD, or adds the work account to an own one.

Whether and with what it is enrolled follows from the user scopes and addresses of Mobility (MDM and MAM) and from the
user's licence. Source: docs/sources.md, "Joining a Windows device".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models, transaction

from devices import actions, enrolment
from devices.models import Agent, EnrolmentFailure, ManagedDevice, OperatingSystem, Ownership
from directory.models import DirectoryDevice, DirectoryUser, Licence
from mobility import gallery
from mobility.models import MobilityApplication
from mobility.queries import covering
from tenancy import journal, writes
from tenancy.models import JournalEntry, Operator, Tenant

JOINED = "Join device"
# Source: Azure AD's default of 50 devices for each user, Intune's maximum of 15.
MOST_JOINED, MOST_ENROLLED = 50, 15
LAPTOP: dict[str, Any] = {
    "model": "Latitude 5400",
    "manufacturer": "Dell Inc.",
    "os_version": "10.0.18363.959",
    "encrypted": True,
}
JoinType = DirectoryDevice.JoinType
Reason = EnrolmentFailure.Reason


class Outcome(models.TextChoices):
    """How it ends; the labels stand in the journal."""

    ENROLLED = "enrolled", "Enrolled with Intune"
    OTHER_MDM = "other_mdm", "Enrolled with another MDM application"
    MAM_ONLY = "mam_only", "Registered, with app policies alone"
    UNPROTECTED = "unprotected", "Registered, without app policies"
    REGISTERED = "registered", "Registered, without management"
    NOT_IN_SCOPE = "not_in_scope", "Joined, without management"
    SCOPES_OVERLAP = "scopes_overlap", "Joined, without management: user scopes overlap"
    TERMS_OF_USE = "terms_of_use", "Not joined: terms of use endpoint"
    NO_LICENCE = "no_licence", "Not joined: no license"
    TOO_MANY_JOINED = "too_many_joined", "Not joined: limit of Azure AD"
    TOO_MANY_ENROLLED = "too_many_enrolled", "Not joined: limit of Intune"


class Failure(NamedTuple):
    """What Troubleshoot and the device's own event log have of an outcome that was not meant."""

    reason: str
    code: str = ""
    event_id: int | None = None


FAILURES: dict[Outcome, Failure] = {
    # Source: Intune docs, "Troubleshoot Windows device enrollment": "Auto MDM Enroll: Failed", and the two codes.
    Outcome.NOT_IN_SCOPE: Failure(Reason.NOT_IN_SCOPE, "0x8018002b", 76),
    Outcome.SCOPES_OVERLAP: Failure(Reason.SCOPES_OVERLAP),
    Outcome.TERMS_OF_USE: Failure(Reason.TERMS_OF_USE),
    Outcome.NO_LICENCE: Failure(Reason.NO_LICENCE),
    Outcome.TOO_MANY_JOINED: Failure(Reason.DEVICE_CAP, "0x801c0003"),
    Outcome.TOO_MANY_ENROLLED: Failure(Reason.DEVICE_CAP, "0x80180003"),
}
# Nothing is left of these: not even Azure AD has a record.
WITHOUT_RECORD = {Outcome.TERMS_OF_USE, Outcome.NO_LICENCE, Outcome.TOO_MANY_JOINED, Outcome.TOO_MANY_ENROLLED}


class Plan(NamedTuple):
    """What would come of it. application: the one that would enrol the device."""

    outcome: Outcome
    application: MobilityApplication | None = None


def plan(user: DirectoryUser, *, own_device: bool) -> Plan:
    """What comes of it when the user joins a device of the company, or adds the work account to an own one.

    Source: Intune docs, "Set up automatic enrollment": where both scopes cover the user, MAM wins on own devices and
    MDM on those of the company. That nothing protects the apps without a discovery URL or a license is inferred.
    """
    owned = DirectoryDevice.objects.in_tenant(user.tenant).filter(owner=user)
    if owned[:MOST_JOINED].count() == MOST_JOINED:
        return Plan(Outcome.TOO_MANY_JOINED)
    if own_device and (mam := covering(user, "mam")):
        return Plan(Outcome.MAM_ONLY if _protects(mam[0], user) else Outcome.UNPROTECTED, mam[0])
    applications = covering(user, "mdm")
    if not applications:
        return Plan(Outcome.REGISTERED if own_device else Outcome.NOT_IN_SCOPE)
    if len(applications) > 1:
        return Plan(Outcome.SCOPES_OVERLAP)
    return Plan(_enrolling(user, applications[0]), applications[0])


def _enrolling(user: DirectoryUser, application: MobilityApplication) -> Outcome:
    """What comes of it when `application` is to enrol the user's device."""
    if not _is_configured(application):
        return Outcome.TERMS_OF_USE
    if application.gallery_key != gallery.MICROSOFT_INTUNE:
        return Outcome.OTHER_MDM
    if not _is_licensed(user):
        return Outcome.NO_LICENCE
    own = ManagedDevice.objects.in_tenant(user.tenant).filter(primary_user=user, agent=Agent.MDM, authority=None)
    return Outcome.TOO_MANY_ENROLLED if own[:MOST_ENROLLED].count() == MOST_ENROLLED else Outcome.ENROLLED


def _protects(application: MobilityApplication, user: DirectoryUser) -> bool:
    """Whether apps on the user's own device find `application`, and it may serve the user."""
    if application.gallery_key != gallery.MICROSOFT_INTUNE:
        return bool(application.mam_discovery_url)
    default = gallery.applications()[gallery.MICROSOFT_INTUNE].defaults["mam_discovery_url"]
    return application.mam_discovery_url == default and _is_licensed(user)


def _is_licensed(user: DirectoryUser) -> bool:
    found: bool = Licence.objects.in_tenant(user.tenant).filter(user=user, sku=Licence.Sku.INTUNE).exists()
    return found


def _is_configured(application: MobilityApplication) -> bool:
    """Whether the device finds terms of use and discovery; for Intune nothing but the defaults is right."""
    names = ("mdm_terms_of_use_url", "mdm_discovery_url")
    if application.gallery_key == gallery.MICROSOFT_INTUNE:
        defaults = gallery.applications()[gallery.MICROSOFT_INTUNE].defaults
        return all(getattr(application, name) == defaults[name] for name in names)
    return all(getattr(application, name) for name in names)


@transaction.atomic
def join(
    *, tenant: Tenant, actor: Operator | None, user: DirectoryUser, device_name: str, own_device: bool
) -> JournalEntry:
    """The user has tried to join a Windows device, or to register an own one; the journal's entry says what came of it.

    Raises ValidationError for a name that Windows does not take, and for a user who is gone or may not sign in.
    """
    writes.lock(tenant)
    name = device_name.strip()
    problem = actions.name_problem(name, OperatingSystem.WINDOWS)
    if problem:
        raise ValidationError({"device_name": problem})
    current: DirectoryUser | None = DirectoryUser.objects.in_tenant(tenant).filter(pk=user.pk).first()
    if current is None:
        raise ValidationError({"user": "The user was deleted meanwhile."})
    if not current.account_enabled:
        raise ValidationError({"user": "Sign-in of the user is blocked, so the account cannot join a device."})
    current.tenant = tenant
    outcome, application = plan(current, own_device=own_device)
    record = None
    join_type = JoinType.REGISTERED if own_device else JoinType.JOINED
    if outcome is Outcome.ENROLLED:
        device = enrolment.enrol(
            tenant=tenant,
            user=current,
            os=OperatingSystem.WINDOWS,
            device_name=name,
            join_type=join_type,
            ownership=Ownership.PERSONAL if own_device else Ownership.CORPORATE,
            **LAPTOP,
        )
        record = DirectoryDevice.objects.in_tenant(tenant).get(device_id=device.azure_ad_device_id)
    elif outcome not in WITHOUT_RECORD:
        record = enrolment.register(
            tenant,
            current,
            os=OperatingSystem.WINDOWS,
            name=name,
            join_type=join_type,
            os_version=LAPTOP["os_version"],
            mdm=application.display_name if application and outcome is Outcome.OTHER_MDM else "",
        )
    if outcome in FAILURES:
        _keep_failure(tenant, current, name, FAILURES[outcome])
    new = {
        "Device": name,
        "User": current.upn,
        "Ownership": Ownership(Ownership.PERSONAL if own_device else Ownership.CORPORATE).label,
        "Result": outcome.label,
        "Application": application.display_name if application else "",
    }
    return journal.record(
        tenant=tenant,
        actor=actor,
        category="Device",
        activity=JOINED,
        target=record or current,
        new={label: value for label, value in new.items() if value},
    )


def _keep_failure(tenant: Tenant, user: DirectoryUser, device_name: str, failure: Failure) -> None:
    EnrolmentFailure.objects.create(
        tenant=tenant,
        user=user,
        user_upn=user.upn,
        device_name=device_name,
        occurred_at=tenant.now(),
        event_id=failure.event_id,
        code=failure.code,
        reason=failure.reason,
    )


def outcome_of(entry: JournalEntry) -> Outcome | None:
    """What came of the join that `entry` tells of."""
    told = entry.new_values.get("Result")
    return next((outcome for outcome in Outcome if outcome.label == told), None)
