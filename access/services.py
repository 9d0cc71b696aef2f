"""Writes on conditional access: policies, and sign-ins that are tried against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from access import engine
from access.cloud_apps import cloud_apps, label
from access.engine import Attempt, Decision, Scope
from access.error_codes import ACCOUNT_DISABLED
from access.models import Intent, Policy, PolicyGroup, PolicyUser, SignIn, SignInPolicy
from access.sign_in_queries import approval_of
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership
from tenancy import clock, journal, writes
from tenancy.models import DueEvent, Operator, Tenant
from tenancy.roles import Permission

CATEGORY = "Policy"
POLICY_ADDED = "Add conditional access policy"
POLICY_UPDATED = "Update conditional access policy"
POLICY_DELETED = "Delete conditional access policy"

# What a device of a platform calls itself in the log.
PLATFORMS = {"android": "Android", "ios": "iOS", "macos": "macOS", "windows": "Windows 10"}
# Where apps can be approved. Source: docs/sources.md, "Conditional access".
PHONES = frozenset({"android", "ios"})
SIGNED_IN = "Simulate sign-in"
BROWSER, NATIVE = "Browser", "Mobile Apps and Desktop clients"
GONE = "The policy was deleted meanwhile."
CHANGED = "The policy was changed meanwhile. Select Save again to replace what was changed."
PEOPLE_GONE = "A selected user or group no longer exists. Select them again."
# What conditional access needs until it knows that a policy was enabled. Source: "enabled in a few minutes".
ENABLE = "access.enable"
ENABLED_AFTER = timedelta(minutes=3)
FIELDS = (
    "display_name",
    "state",
    "all_users",
    "all_apps",
    "included_apps",
    "excluded_apps",
    "platforms",
    "included_platforms",
    "excluded_platforms",
    "grant",
    "require_mfa",
    "require_compliant_device",
    "require_hybrid_joined_device",
    "require_approved_app",
    "operator",
)


class People:
    """Users and groups that a policy is for, or is not for."""

    def __init__(
        self,
        *,
        users: Iterable[DirectoryUser] = (),
        groups: Iterable[Group] = (),
        excluded_users: Iterable[DirectoryUser] = (),
        excluded_groups: Iterable[Group] = (),
    ) -> None:
        self.users, self.groups = list(users), list(groups)
        self.excluded_users, self.excluded_groups = list(excluded_users), list(excluded_groups)


@transaction.atomic
def create_policy(
    *, tenant: Tenant, actor: Operator | None, people: People, request: str = "", **values: Any
) -> Policy:
    """A new policy with these values, as FIELDS names them. Raises ValidationError by field, MissingPermission.

    What an operator enables acts some minutes later. request: tells one wish for a policy from another, so that a
    second click on the same button makes no second policy.
    """
    writes.begin(tenant, actor, Permission.ACCESS_MODIFY)
    now = tenant.now()
    policy = Policy(tenant=tenant, created_at=now, changed_at=now, **values)
    _check(policy, people)
    if request:
        key = uuid5(tenant.directory_id, request)
        same: Policy | None = Policy.objects.in_tenant(tenant).filter(pk=key).first()
        if same is None:
            policy.pk = key
        elif same.display_name == policy.display_name:
            same.tenant = tenant
            return same
    _enable(policy, actor, before=Policy.State.OFF)
    policy.save(force_insert=True)
    _write_people(policy, people)
    _record(policy, actor, POLICY_ADDED, new=describe(policy))
    return policy


@transaction.atomic
def update_policy(
    *, policy: Policy, actor: Operator | None, people: People, version: str = "", **values: Any
) -> Policy:
    """The policy has these values; raises as `create_policy`, and where it was deleted meanwhile.

    version: of the policy as the operator saw it; where it has another one by now, ValidationError "changed".
    """
    tenant = policy.tenant
    writes.begin(tenant, actor, Permission.ACCESS_MODIFY)
    current: Policy | None = Policy.objects.in_tenant(tenant).filter(pk=policy.pk).first()
    if current is None:
        raise ValidationError(GONE, code="gone")
    if version and version != current.version:
        raise ValidationError(CHANGED, code="changed")
    current.tenant = tenant
    old, old_state, in_force = describe(current), current.state, current.state_in_force
    for name, value in values.items():
        setattr(current, name, value)
    current.changed_at = max(tenant.now(), current.changed_at + timedelta.resolution)
    _check(current, people)
    if current.state != old_state:
        _enable(current, actor, before=in_force)
    current.save()
    PolicyUser.objects.in_tenant(tenant).filter(policy=current).delete()
    PolicyGroup.objects.in_tenant(tenant).filter(policy=current).delete()
    _write_people(current, people)
    new = describe(current)
    changed = [name for name in new if new[name] != old[name]]
    if changed:
        _record(
            current,
            actor,
            POLICY_UPDATED,
            old={name: old[name] for name in changed},
            new={name: new[name] for name in changed},
        )
    return current


@transaction.atomic
def delete_policy(*, policy: Policy, actor: Operator | None) -> None:
    """The policy is gone; what it made of sign-ins stays in the log."""
    tenant = policy.tenant
    writes.begin(tenant, actor, Permission.ACCESS_MODIFY)
    current: Policy | None = Policy.objects.in_tenant(tenant).filter(pk=policy.pk).first()
    if current is None:
        return
    current.tenant = tenant
    _record(current, actor, POLICY_DELETED, old={"Name": current.display_name})
    current.delete()


def _enable(policy: Policy, actor: Operator | None, *, before: str) -> None:
    """Sign-ins meet the policy's new state in some minutes: `before` until then. What nobody asked for acts at once."""
    policy.former_state = ""
    if actor is None or policy.tenant.is_instant or policy.state in (Policy.State.OFF, before):
        return
    policy.former_state = before
    clock.schedule(policy.tenant, ENABLE, delay=ENABLED_AFTER, subject_id=policy.pk)


@clock.handler(ENABLE, label="Conditional access policies are enabled")
def _enabled(tenant: Tenant, policy_id: UUID | None, payload: dict[str, Any]) -> None:
    """From now on sign-ins meet the policy as it is set, unless it was set again since."""
    again = DueEvent.objects.in_tenant(tenant).filter(kind=ENABLE, subject_id=policy_id, due_at__gt=tenant.now())
    if again.exists():
        return
    Policy.objects.in_tenant(tenant).filter(pk=policy_id).update(former_state="")


def _check(policy: Policy, people: People) -> None:
    """Raise ValidationError, by field, unless this makes a policy."""
    policy.display_name = policy.display_name.strip()
    errors = problems(policy, people)
    if errors:
        raise ValidationError(errors)
    policy.full_clean(exclude=["tenant"])


def problems(policy: Policy, people: People) -> dict[str, str]:
    """What is missing: a policy says whom it is for, which apps, and what it demands. Field to sentence."""
    errors: dict[str, str] = {}
    if not policy.display_name:
        errors["display_name"] = "Enter a name."
    if not (policy.all_users or people.users or people.groups):
        errors["all_users"] = "Select all users, or at least one user or group."
    if not (policy.all_apps or policy.included_apps):
        errors["all_apps"] = "Select all cloud apps, or at least one app."
    if policy.platforms == Policy.Platforms.SELECTED and not policy.included_platforms:
        errors["platforms"] = "Select at least one device platform."
    if policy.grant == Policy.Grant.GRANT and not engine.controls_of(policy):
        errors["grant"] = "Select at least one control, or block access."
    unknown_apps = {*policy.included_apps, *policy.excluded_apps} - cloud_apps().keys()
    if unknown_apps:
        errors["included_apps"] = "A selected cloud app is not known."
    if {*policy.included_platforms, *policy.excluded_platforms} - PLATFORMS.keys():
        errors["platforms"] = "A selected device platform is not known."
    rows = [*people.users, *people.groups, *people.excluded_users, *people.excluded_groups]
    if any(row.tenant_id != policy.tenant_id for row in rows):
        errors["all_users"] = PEOPLE_GONE
    return errors


def _write_people(policy: Policy, people: People) -> None:
    PolicyUser.objects.bulk_create(
        PolicyUser(tenant=policy.tenant, policy=policy, user=user, intent=intent)
        for intent, users in ((Intent.INCLUDE, people.users), (Intent.EXCLUDE, people.excluded_users))
        for user in {user.pk: user for user in users}.values()
    )
    PolicyGroup.objects.bulk_create(
        PolicyGroup(tenant=policy.tenant, policy=policy, group=group, intent=intent)
        for intent, groups in ((Intent.INCLUDE, people.groups), (Intent.EXCLUDE, people.excluded_groups))
        for group in {group.pk: group for group in groups}.values()
    )


def describe(policy: Policy) -> dict[str, Any]:
    """The policy in plain values, as the audit log shows it."""
    names = people_of(policy)
    return {
        "Name": policy.display_name,
        "Enable policy": policy.get_state_display(),
        "Include": "All users" if policy.all_users else names[Intent.INCLUDE],
        "Exclude": names[Intent.EXCLUDE],
        "Cloud apps": "All cloud apps" if policy.all_apps else [label(key) for key in policy.included_apps],
        "Excluded cloud apps": [label(key) for key in policy.excluded_apps],
        "Device platforms": policy.get_platforms_display()
        if policy.platforms != Policy.Platforms.SELECTED
        else [PLATFORMS[key] for key in policy.included_platforms],
        "Grant": policy.get_grant_display(),
        "Controls": [engine.CONTROL_LABELS[control] for control in engine.controls_of(policy)],
    }


def people_of(policy: Policy) -> dict[str, list[str]]:
    """Intent to the names of users and groups, users first."""
    names: dict[str, list[str]] = defaultdict(list)
    tenant = policy.tenant
    users = PolicyUser.objects.in_tenant(tenant).filter(policy=policy).order_by("user__upn_key")
    for intent, upn in users.values_list("intent", "user__upn"):
        names[intent].append(upn)
    groups = PolicyGroup.objects.in_tenant(tenant).filter(policy=policy).order_by("group__name_key")
    for intent, name in groups.values_list("intent", "group__display_name"):
        names[intent].append(name)
    return names


def _record(
    policy: Policy,
    actor: Operator | None,
    activity: str,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    journal.record(
        tenant=policy.tenant, actor=actor, category=CATEGORY, activity=activity, target=policy, old=old, new=new
    )


# Sign-ins


def scopes_of(tenant: Tenant) -> list[Scope]:
    """Every policy with whom it is for, by name; three statements."""
    users: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    groups: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for policy, intent, user in PolicyUser.objects.in_tenant(tenant).values_list("policy_id", "intent", "user_id"):
        users[policy, intent].add(user)
    for policy, intent, group in PolicyGroup.objects.in_tenant(tenant).values_list("policy_id", "intent", "group_id"):
        groups[policy, intent].add(group)
    return [
        Scope(
            policy,
            frozenset(users[policy.pk, Intent.INCLUDE]),
            frozenset(users[policy.pk, Intent.EXCLUDE]),
            frozenset(groups[policy.pk, Intent.INCLUDE]),
            frozenset(groups[policy.pk, Intent.EXCLUDE]),
        )
        for policy in Policy.objects.in_tenant(tenant)
    ]


def groups_of(user: DirectoryUser) -> frozenset[UUID]:
    """The groups that the user is a member of."""
    return frozenset(
        GroupMembership.objects.in_tenant(user.tenant).filter(user=user).values_list("group_id", flat=True)
    )


def device_of(record: DirectoryDevice | None) -> engine.Device | None:
    """What conditional access reads of a device's record; None where no device is presented."""
    if record is None:
        return None
    return engine.Device(
        enabled=record.enabled,
        compliant=bool(record.is_compliant),
        hybrid_joined=record.join_type == DirectoryDevice.JoinType.HYBRID and record.registered_at is not None,
    )


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What somebody tries: to reach `app` with a client, from a device of a platform or without one.

    device: whose id the sign-in presents; it belongs to anybody, because a phone can be lent.
    mfa: whether a second factor is given when one is asked for.
    """

    user: DirectoryUser
    app: str
    platform: str = ""
    device: DirectoryDevice | None = None
    mfa: bool = False
    browser: str = ""
    client_app: str = BROWSER
    ip_address: str = "203.0.113.7"


@transaction.atomic
def sign_in(
    *,
    user: DirectoryUser,
    app: str,
    actor: Operator | None = None,
    device: DirectoryDevice | None = None,
    platform: str = "",
    goes_on_from: SignIn | None = None,
    **how: Any,
) -> SignIn:
    """The user has tried to sign in to `app`; the log says what became of it, and what each policy made of it.

    how: the rest of a Visit. actor: who simulates it, and the journal tells that; None: it happens.
    goes_on_from: the sign-in that was interrupted for the second factor; both have one correlation ID, and where the
    user has given it before, that sign-in is returned.
    A blocked account is kept out before any policy is asked.
    Raises ValidationError for a user who is gone, and an app, a platform or a device that there is not.
    """
    tenant = user.tenant
    writes.lock(tenant)
    if goes_on_from is not None and (known := approval_of(goes_on_from)):
        return known
    if app not in cloud_apps():
        raise ValidationError({"app": "Select a cloud app."})
    if platform and platform not in PLATFORMS:
        raise ValidationError({"platform": "Select a device platform."})
    if device is not None and device.tenant_id != tenant.pk:
        raise ValidationError({"device": "Select a device of this directory."})
    if not DirectoryUser.objects.in_tenant(tenant).filter(pk=user.pk).exists():
        raise ValidationError({"user": "The user was deleted meanwhile."})
    visit = Visit(user=user, app=app, platform=platform, device=device, **how)
    made, decision = judge(tenant, visit, groups_of(user), scopes_of(tenant), tenant.now())
    made.simulated_by = actor
    if goes_on_from is not None:
        made.correlation_id = goes_on_from.correlation_id
    keep([(made, decision)])
    if actor is not None:
        _record_sign_in(made, actor)
    return made


def _record_sign_in(made: SignIn, actor: Operator) -> None:
    new = {
        "Application": label(made.app),
        "Device": made.device_name,
        "Status": made.get_status_display(),
        "Sign-in error code": made.error_code,
    }
    journal.record(
        tenant=made.tenant,
        actor=actor,
        category="Training",
        activity=SIGNED_IN,
        target=made,
        new={name: value for name, value in new.items() if value},
    )


def judge(
    tenant: Tenant, visit: Visit, groups: frozenset[UUID], scopes: Iterable[Scope], moment: datetime
) -> tuple[SignIn, Decision]:
    """What becomes of a visit, and how the log tells it; nothing is written. groups: of the user."""
    user, device = visit.user, visit.device
    attempt = Attempt(
        user=user.pk,
        groups=groups,
        app=visit.app,
        platform=visit.platform,
        device=device_of(device),
        mfa=visit.mfa,
        approved_app=cloud_apps()[visit.app].approved and visit.client_app == NATIVE and visit.platform in PHONES,
    )
    decision = engine.decide(attempt, scopes) if user.account_enabled else Decision(ACCOUNT_DISABLED)
    made = SignIn(
        tenant=tenant,
        occurred_at=moment,
        user=user,
        user_name=user.display_name,
        user_upn=user.upn,
        app=visit.app,
        status=_status(decision),
        error_code=decision.error_code,
        platform=visit.platform,
        browser=visit.browser,
        client_app=visit.client_app,
        ip_address=visit.ip_address,
        location=", ".join(part for part in (user.city, user.country) if part),
        device_id=device.device_id if device else None,
        device_name=device.display_name if device else "",
        device_compliant=device.is_compliant if device else None,
        device_managed=device.is_managed if device else None,
        join_type=device.join_type if device else "",
        mfa_satisfied=visit.mfa and decision.asks_for_mfa,
    )
    return made, decision


def _status(decision: Decision) -> SignIn.Status:
    if not decision.error_code:
        return SignIn.Status.SUCCESS
    return SignIn.Status.INTERRUPTED if decision.needs_mfa else SignIn.Status.FAILURE


def keep(judged: Iterable[tuple[SignIn, Decision]]) -> None:
    """The log has these sign-ins, and what each policy made of them; two statements for a thousand of them."""
    judged = list(judged)
    SignIn.objects.bulk_create([made for made, _ in judged], batch_size=500)
    SignInPolicy.objects.bulk_create(
        [
            SignInPolicy(
                id=uuid5(made.pk, str(finding.policy.pk)),
                tenant_id=made.tenant_id,
                sign_in=made,
                policy=finding.policy,
                policy_name=finding.policy.display_name,
                result=finding.result,
                controls=[control.value for control in finding.controls],
                unmet=[control.value for control in finding.unmet],
                condition=finding.condition.value if finding.condition else "",
            )
            for made, decision in judged
            for finding in decision.findings
        ],
        batch_size=500,
    )
