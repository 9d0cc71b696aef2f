"""What Troubleshoot shows of one user: both records of each device, what is assigned, and what has failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from access import engine, services
from access.error_codes import ACCOUNT_DISABLED
from access.models import Policy
from devices import compliance
from devices.models import Compliance, EnrolmentFailure, ManagedDevice
from devices.policy_services import platform_label
from directory import assignments
from directory.models import DirectoryDevice, DirectoryUser, Group, Licence
from partners import catalogue
from partners.models import PartnerConfiguration
from tenancy.models import JournalEntry, Tenant
from uem.models import Enrolment
from uem.services import NOT_ONBOARDED, REGISTRATION_FAILED

# How much of each list is shown.
SHOWN = 50
# The states of Intune's record that count as compliant: those that Azure AD is told so.
FINE = (Compliance.COMPLIANT, Compliance.IN_GRACE_PERIOD)


class Pair(NamedTuple):
    """A device as both sides have it; None: that side has no record."""

    intune: ManagedDevice | None
    record: DirectoryDevice | None

    @property
    def name(self) -> str:
        return self.intune.device_name if self.intune else self.record.display_name if self.record else ""

    @property
    def is_fine(self) -> bool:
        """Whether nobody who knows it says otherwise."""
        intune = self.intune is None or self.intune.compliance in FINE
        return intune and (self.record is None or self.record.is_compliant is True)


class Assigned(NamedTuple):
    """Something that is for the user. through: all users, or the user's groups that it is for."""

    name: str
    url: str
    detail: str
    through: str


class Failure(NamedTuple):
    """An enrolment or a registration that failed. url: of the device, where there is a page."""

    at: datetime | None
    device: str
    os: str
    failure: str
    remedy: str


@dataclass(frozen=True)
class Subject:
    """The user who is troubleshot. groups: those shown, by name; group_ids: all."""

    user: DirectoryUser
    licensed: bool
    groups: list[Group]
    group_ids: frozenset[UUID]
    pairs: list[Pair]

    @classmethod
    def of(cls, user: DirectoryUser) -> Subject:
        tenant = user.tenant
        group_ids = services.groups_of(user)
        return cls(
            user,
            Licence.objects.in_tenant(tenant).filter(user=user, sku=Licence.Sku.INTUNE).exists(),
            list(Group.objects.in_tenant(tenant).filter(pk__in=group_ids)[:SHOWN]),
            group_ids,
            pairs_of(user),
        )

    @property
    def devices_compliant(self) -> bool | None:
        """Whether all are; None: there is no device."""
        return all(pair.is_fine for pair in self.pairs) if self.pairs else None


def pairs_of(user: DirectoryUser) -> list[Pair]:
    """The user's devices by name, each with both of its records, as far as there are."""
    tenant = user.tenant
    mine = list(ManagedDevice.objects.in_tenant(tenant).filter(primary_user=user)[:SHOWN])
    known = [device.azure_ad_device_id for device in mine if device.azure_ad_device_id]
    of_user = DirectoryDevice.objects.in_tenant(tenant).filter(Q(owner=user) | Q(device_id__in=known))
    records = list(of_user.order_by("name_key", "pk")[: 2 * SHOWN])
    ids = {record.device_id for record in records} - set(known)
    # Another user's in Intune, but this user's in Azure AD.
    others = list(ManagedDevice.objects.in_tenant(tenant).filter(azure_ad_device_id__in=ids)) if ids else []
    by_id = {record.device_id: record for record in records}
    pairs = []
    for device in [*mine, *others]:
        device.tenant = tenant
        pairs.append(Pair(device, by_id.pop(device.azure_ad_device_id, None) if device.azure_ad_device_id else None))
    pairs += [Pair(None, record) for record in by_id.values()]
    return sorted(pairs, key=lambda pair: (pair.name.casefold(), pair.intune is None))


# Assignments


def compliance_policies(subject: Subject) -> list[Assigned]:
    """Intune's policies whose devices the user's are."""
    tenant = subject.user.tenant
    found = [
        demand
        for demands in compliance.demands_of(tenant).values()
        for demand in demands
        if demand.is_for(subject.group_ids)
    ]
    names = _names(tenant, (demand.included & subject.group_ids for demand in found if not demand.policy.all_users))
    return [
        Assigned(
            demand.policy.display_name,
            reverse("devices:policy-overview", args=[tenant.slug, demand.policy.pk]),
            platform_label(demand.policy.os),
            _through(names, demand.included & subject.group_ids, all_users=demand.policy.all_users),
        )
        for demand in sorted(found, key=lambda demand: (demand.policy.os, demand.policy.name_key))
    ]


def partners(subject: Subject) -> list[Assigned]:
    """The compliance partners that judge the user's devices, by platform."""
    tenant = subject.user.tenant
    found = []
    for configuration in PartnerConfiguration.objects.in_tenant(tenant):
        included, excluded = assignments.of(configuration.assignments)
        mine = [group for group in included if group.pk in subject.group_ids]
        if any(group.pk in subject.group_ids for group in excluded) or not (mine or configuration.all_users):
            continue
        found.append(
            Assigned(
                catalogue.label(configuration.partner),
                reverse("partners:overview", args=[tenant.slug, configuration.pk]),
                configuration.get_platform_display(),
                "All users" if configuration.all_users else ", ".join(group.display_name for group in mine),
            )
        )
    return found


def access_policies(subject: Subject) -> list[Assigned]:
    """The conditional access policies that are for the user, in whatever state."""
    user, tenant = subject.user, subject.user.tenant
    attempt = engine.Attempt(user=user.pk, groups=subject.group_ids, app="")
    found = [
        scope
        for scope in services.scopes_of(tenant)
        if engine.foresee(attempt, scope, states=Policy.State.values) is not engine.Condition.USERS
    ]
    names = _names(tenant, (scope.included_groups & subject.group_ids for scope in found))
    return [
        Assigned(
            scope.policy.display_name,
            reverse("access:policy", args=[tenant.slug, scope.policy.pk]),
            scope.policy.get_state_display(),
            "The user"
            if user.pk in scope.included_users
            else _through(names, scope.included_groups & subject.group_ids, all_users=scope.policy.all_users),
        )
        for scope in found
    ]


def _names(tenant: Tenant, groups: Iterable[frozenset[UUID]]) -> dict[UUID, str]:
    wanted = frozenset().union(*groups)
    return dict(Group.objects.in_tenant(tenant).filter(pk__in=wanted).values_list("pk", "display_name"))


def _through(names: dict[UUID, str], groups: frozenset[UUID], *, all_users: bool) -> str:
    return "All users" if all_users else ", ".join(sorted(names[group] for group in groups))


# Failures

Reason = EnrolmentFailure.Reason
REMEDIES: dict[str, str] = {
    Reason.NOT_IN_SCOPE: "Add the user to a group of the MDM user scope, then join the device again.",
    Reason.TERMS_OF_USE: "Restore the default MDM URLs of the application and save, then join the device again.",
    Reason.NO_LICENCE: "Assign the license to the user, then join the device again.",
    Reason.SCOPES_OVERLAP: "Set the MDM user scope of one application to None, or to other groups.",
    Reason.DEVICE_CAP: "Delete devices that the user no longer has, then join the device again.",
}
WRONG_DOOR = (
    "Delete the record of the device in Azure AD, then register the device from the entry point of the partner."
)
ASK_POLICY = "Exclude the registration app of the partner from the policy, then register the device again."
UNBLOCK = "Unblock sign in of the user, then register the device again."


def failures_of(user: DirectoryUser) -> list[Failure]:
    """What has failed for the user, the latest first: automatic enrolments, and registrations with partners."""
    tenant = user.tenant
    joins = EnrolmentFailure.objects.in_tenant(tenant).filter(user=user)[:SHOWN]
    found = [
        Failure(
            failure.occurred_at,
            failure.device_name,
            failure.get_os_display(),
            _told(failure),
            REMEDIES[failure.reason],
        )
        for failure in joins
    ]
    refused = list(Enrolment.objects.in_tenant(tenant).filter(user=user).exclude(registration_error="")[:SHOWN])
    times = _last_failures(tenant, [enrolment.pk for enrolment in refused])
    found += [
        Failure(
            times.get(enrolment.pk),
            enrolment.device_name,
            enrolment.get_platform_display(),
            enrolment.registration_error,
            _remedy(enrolment.registration_error),
        )
        for enrolment in refused
    ]
    return sorted(found, key=lambda failure: failure.at.timestamp() if failure.at else 0, reverse=True)


def _told(failure: EnrolmentFailure) -> str:
    """The reason, and what Windows itself has of it: the event and the code."""
    event = f"Event {failure.event_id}" if failure.event_id else ""
    in_windows = ", ".join(filter(None, (event, failure.code)))
    return " ".join(filter(None, (failure.get_reason_display(), in_windows)))


def _remedy(registration_error: str) -> str:
    """What helps a registration that ended so: in the wrong app, or with the code of a sign-in to the right one."""
    if registration_error == NOT_ONBOARDED:
        return WRONG_DOOR
    return UNBLOCK if registration_error.startswith(str(ACCOUNT_DISABLED)) else ASK_POLICY


def _last_failures(tenant: Tenant, enrolments: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of them failed to register last."""
    if not enrolments:
        return {}
    entries = JournalEntry.objects.in_tenant(tenant).filter(target_id__in=enrolments, activity=REGISTRATION_FAILED)
    return dict(entries.order_by("occurred_at").values_list("target_id", "occurred_at"))
