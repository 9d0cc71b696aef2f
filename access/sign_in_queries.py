"""Reads on sign-ins that answer a screen's question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import QueryDict

from access.cloud_apps import cloud_apps
from access.engine import Control
from access.models import SignIn, SignInPolicy
from blades import lists
from devices.models import ManagedDevice
from directory import queries as directory
from directory.models import DirectoryDevice, DirectoryUser
from tenancy.filters import Period, read_period
from tenancy.models import Tenant
from tenancy.scoping import fold

Result = SignInPolicy.Result

# Users whose sign-ins one search shows, and records of one user that a form offers.
MOST_USERS, MOST_RECORDS = 20, 50
# Source: "Access token: 1 h by default" (docs/sources.md, "Timing").
TOKEN_LIFE = timedelta(hours=1)
STATUSES = {value.value: str(value.label) for value in SignIn.Status}

# What an operating system calls itself in Azure AD's records begins with one of these.
_PLATFORM_OF = {"android": "android", "ios": "ios", "ip": "ios", "mac": "macos", "win": "windows"}


def app_labels() -> dict[str, str]:
    """Key to label of each cloud app, in label order."""
    return {key: app.label for key, app in cloud_apps().items()}


def platform_of(os: str) -> str:
    """The device platform that conditional access takes an operating system for; empty: one that it does not know."""
    name = fold(os)
    return next((platform for start, platform in _PLATFORM_OF.items() if name.startswith(start)), "")


# The list


@dataclass(frozen=True)
class Wanted:
    """What the address of the list asks for; all of it holds at once. user: one alone, by id."""

    statuses: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    period: Period = Period()  # noqa: RUF009 - frozen
    user: UUID | None = None
    term: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()


def read(query: QueryDict, term: str) -> Wanted:
    """What `query` asks for; what nobody can read is taken as if it were not there."""
    return Wanted(
        tuple(lists.chosen(query, "status", STATUSES)),
        tuple(lists.chosen(query, "app", app_labels())),
        read_period(query),
        next(directory.uuids([query.get("user", "")]), None),
        term,
    )


def found(tenant: Tenant, wanted: Wanted) -> tuple[QuerySet[SignIn, SignIn], bool]:
    """The sign-ins that are asked for, and whether more users match than are looked at.

    Users are found first, by their indexes: their names are no part of a sign-in's.
    """
    rows = wanted.period.within(SignIn.objects.in_tenant(tenant), tenant)
    if wanted.statuses:
        rows = rows.filter(status__in=wanted.statuses)
    if wanted.apps:
        rows = rows.filter(app__in=wanted.apps)
    if wanted.user:
        rows = rows.filter(user=wanted.user)
    if not wanted.term:
        return rows, False
    users = list(directory.users_starting_with(tenant, wanted.term).values_list("pk", flat=True)[: MOST_USERS + 1])
    return rows.filter(user__in=users[:MOST_USERS]), len(users) > MOST_USERS


@dataclass
class Summary:
    """What the policies that are on made of one sign-in, taken together."""

    applied: bool = False
    failed: bool = False
    mfa_required: bool = False

    @property
    def label(self) -> str:
        """The word of the column Conditional access."""
        if not self.applied:
            return "Not applied"
        return "Failure" if self.failed else "Success"


def summaries(tenant: Tenant, sign_ins: Collection[SignIn]) -> dict[UUID, Summary]:
    """Key of a sign-in to what conditional access made of it; one statement for a page."""
    made: dict[UUID, Summary] = defaultdict(Summary)
    if sign_ins:
        rows = SignInPolicy.objects.among(tenant, [row.pk for row in sign_ins], "sign_in")
        applied = rows.filter(result__in=(Result.SUCCESS, Result.FAILURE)).order_by()
        given = {row.pk for row in sign_ins if row.mfa_satisfied}
        for key, result, controls, unmet in applied.values_list("sign_in_id", "result", "controls", "unmet"):
            one = made[key]
            one.applied = True
            one.failed |= result == Result.FAILURE
            # Where one control is enough, another one may have been.
            one.mfa_required |= Control.MFA in (controls if key in given else unmet)
    return made


def results_of(sign_in: SignIn) -> list[SignInPolicy]:
    """What each policy made of it, by name."""
    return list(SignInPolicy.objects.in_tenant(sign_in.tenant).filter(sign_in=sign_in))


# Sign in as …


def records_of(user: DirectoryUser) -> list[DirectoryDevice]:
    """Azure AD's records of the user's devices, by name; of one name the one that registered first."""
    owned = DirectoryDevice.objects.in_tenant(user.tenant).filter(owner=user)
    return list(owned.order_by("name_key", F("registered_at").asc(nulls_last=True), "pk")[:MOST_RECORDS])


def presented_by(device: ManagedDevice) -> DirectoryDevice | None:
    """The record whose id the device's tokens carry, or None where none is left.

    A device that registered twice goes on with the id that it got first, until that record is deleted: the other one,
    which Intune marks, does not help it. Source: docs/sources.md, "Incidents", "Duplicate record".
    """
    records = DirectoryDevice.objects.in_tenant(device.tenant)
    own = records.filter(device_id=device.azure_ad_device_id).first() if device.azure_ad_device_id else None
    if device.primary_user_id is None:
        return own
    same = records.filter(owner=device.primary_user_id, name_key=device.name_key, registered_at__isnull=False)
    return same.order_by("registered_at", "pk").first() or own


def token_of(
    user: DirectoryUser, app: str, device: DirectoryDevice | None, *, client_app: str, browser: str
) -> SignIn | None:
    """The sign-in with which this client on the device still goes on to `app`, or None.

    Source: docs/sources.md: "Disable blocks device authentication and revokes tokens".
    """
    if device is not None and not device.enabled:
        return None
    tenant = user.tenant
    lately = SignIn.objects.in_tenant(tenant).filter(user=user, occurred_at__gt=tenant.now() - TOKEN_LIFE)
    same = lately.filter(app=app, status=SignIn.Status.SUCCESS, device_id=device.device_id if device else None)
    found: SignIn | None = same.filter(client_app=client_app, browser=browser).first()
    return found


def approval_of(made: SignIn) -> SignIn | None:
    """The sign-in with which the user has gone on from `made` by giving the second factor, or None."""
    later = SignIn.objects.in_tenant(made.tenant).filter(correlation_id=made.correlation_id, user=made.user_id)
    found: SignIn | None = (
        later.filter(occurred_at__gte=made.occurred_at, mfa_satisfied=True).exclude(pk=made.pk).first()
    )
    return found


def record_of(sign_in: SignIn) -> DirectoryDevice | None:
    """Azure AD's record of the device that the sign-in presented, while there is one."""
    if sign_in.device_id is None:
        return None
    records = DirectoryDevice.objects.in_tenant(sign_in.tenant)
    found: DirectoryDevice | None = records.filter(device_id=sign_in.device_id).first()
    return found
