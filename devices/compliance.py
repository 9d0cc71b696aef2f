"""Intune's own verdict on a device: what its policies ask, what the device is like, and when it was last heard of.

The rules are one pure function, `judge`; `evaluate` applies it to rows and tells Azure AD what has changed.
Source: docs/sources.md, "Compliance values" and "Timing".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet

from devices import azure_ad
from devices.azure_ad import Mark
from devices.bulk import chunks
from devices.counts import change_counts
from devices.models import (
    Agent,
    Compliance,
    CompliancePolicy,
    CompliancePolicyAssignment,
    ComplianceSettings,
    DeviceCount,
    ManagedDevice,
    OperatingSystem,
    version_key,
)
from directory.models import GroupMembership
from tenancy import writes
from tenancy.models import Tenant
from tenancy.scoping import NEVER

# A device whose partner was deleted is the partner's until its authority changes.
OWN = Q(authority=None, managed_by=F("agent"))
# Intune does not judge devices that a partner or Configuration Manager judges, and leaves to an administrator what
# clashes on the device: that state lasts until somebody acts.
JUDGED = (
    OWN
    & Q(agent__in=(Agent.MDM, Agent.CO_MANAGED))
    & ~Q(compliance__in=(Compliance.SEE_CONFIGMGR, Compliance.CONFLICT))
)
# How long an error keeps what was said of the device before. Source: docs/sources.md, "Compliance values".
ERROR_LASTS = timedelta(days=7)
# With enhanced jailbreak detection, how long a device may go unchecked.
JAILBREAK_CHECKED = timedelta(hours=72)
INACTIVE = "Is active"
NO_POLICY = "Has a compliance policy assigned"


class Facts(NamedTuple):
    """What Intune knows of a device, as far as a policy can ask."""

    os: int
    os_version_key: str
    encrypted: bool
    passcode_set: bool
    jailbroken: bool
    last_checkin_at: datetime
    primary_user_id: UUID | None
    compliance: int
    grace_ends_at: datetime | None
    error_since: datetime | None = None
    failing_since: datetime | None = None


class Demand(NamedTuple):
    """A compliance policy with whom it is for."""

    policy: CompliancePolicy
    included: frozenset[UUID]
    excluded: frozenset[UUID]

    def is_for(self, groups: Collection[UUID]) -> bool:
        """Whether it is for a user who is a member of `groups`; exclude beats include."""
        if not self.excluded.isdisjoint(groups):
            return False
        return self.policy.all_users or not self.included.isdisjoint(groups)


class Verdict(NamedTuple):
    """What a device is. failed: the names of what it does not meet. failing_since: the check-in that told it first."""

    compliance: Compliance
    grace_ends_at: datetime | None = None
    failed: tuple[str, ...] = ()
    failing_since: datetime | None = None


def judge(facts: Facts, demands: Sequence[Demand], settings: ComplianceSettings, now: datetime) -> Verdict:
    """What Intune says of a device. demands: those policies that are for its platform and its user.

    A failing device keeps its access until the first grace period of the policies that it fails is over (`grace_end`);
    none begins anew while it goes on failing, not even when it was silent meanwhile. An error leaves no grace. A device
    that has not checked in since one of the policies was changed goes on being what it was.
    """
    if facts.last_checkin_at == NEVER or facts.primary_user_id is None:
        return Verdict(Compliance.NOT_EVALUATED)
    if facts.last_checkin_at < now - timedelta(days=settings.validity_days):
        silent = Compliance.UNKNOWN if facts.compliance == Compliance.UNKNOWN else Compliance.NOT_COMPLIANT
        return Verdict(silent, None, (INACTIVE,), facts.failing_since)
    facts = suspected(facts, settings, now)
    if not demands:
        without = Compliance(settings.without_policy)
        return Verdict(without, None, () if without is Compliance.COMPLIANT else (NO_POLICY,))
    if facts.error_since is not None or any(facts.last_checkin_at < demand.policy.changed_at for demand in demands):
        return _kept(facts, now)
    failing = [(demand.policy, unmet(facts, demand.policy)) for demand in demands]
    failing = [(policy, names) for policy, names in failing if names]
    if not failing:
        return Verdict(Compliance.COMPLIANT)
    failed = tuple(name for _, names in failing for name in names)
    ends_at = min(grace_end(facts, policy) for policy, _ in failing)
    graced = Compliance.IN_GRACE_PERIOD if now < ends_at else Compliance.NOT_COMPLIANT
    return Verdict(graced, ends_at, failed, failing_since(facts))


def _kept(facts: Facts, now: datetime) -> Verdict:
    """What a device is of which nothing new can be said: what it was, until its error or its grace period ends."""
    if facts.error_since is not None:
        lasts = now < facts.error_since + ERROR_LASTS
        return Verdict(Compliance.ERROR if lasts else Compliance.NOT_COMPLIANT, None, (), facts.failing_since)
    said = Compliance(facts.compliance)
    if said is Compliance.IN_GRACE_PERIOD and facts.grace_ends_at is not None and facts.grace_ends_at <= now:
        said = Compliance.NOT_COMPLIANT
    return Verdict(said, facts.grace_ends_at, (), facts.failing_since)


def failing_since(facts: Facts) -> datetime:
    """The check-in that told first that a device fails what is asked, when it does."""
    return facts.failing_since or facts.last_checkin_at


def grace_end(facts: Facts, policy: CompliancePolicy) -> datetime:
    """Until when a device that fails `policy` keeps its access as far as this policy is concerned.

    It counts since the device fails any policy at all, or since this one was made, if that was later.
    """
    return max(failing_since(facts), policy.created_at) + timedelta(days=policy.grace_days)


class Check(NamedTuple):
    """A setting that a policy asks. asked: what it asks, in words."""

    name: str
    asked: str
    met: bool


def checks(facts: Facts, policy: CompliancePolicy) -> list[Check]:
    """The settings that `policy` asks, and whether the device meets each."""
    version = policy.minimum_os_version
    found = (
        (version, Check("Minimum OS version", f"{version} or later", facts.os_version_key >= _key(version))),
        (policy.require_encryption, Check("Encryption of data storage on device", "Require", facts.encrypted)),
        (policy.require_passcode, Check("Password to unlock the device", "Require", facts.passcode_set)),
        (policy.block_jailbroken, Check("Jailbroken or rooted device", "Block", not facts.jailbroken)),
    )
    return [check for asked, check in found if asked]


def unmet(facts: Facts, policy: CompliancePolicy) -> list[str]:
    """The names of the settings of `policy` that the device does not meet."""
    return [check.name for check in checks(facts, policy) if not check.met]


def suspected(facts: Facts, settings: ComplianceSettings, now: datetime) -> Facts:
    """`facts` as they are judged: with enhanced jailbreak detection, who was not checked for a while is jailbroken.

    Source: Intune docs, "Get started with device compliance policies", Enhanced jailbreak detection: if an evaluation
    does not run for a certain period of time, the device is marked as jailbroken. JAILBREAK_CHECKED is ours.
    """
    if not settings.enhanced_jailbreak_detection or facts.os != OperatingSystem.IOS:
        return facts
    return facts._replace(jailbroken=facts.jailbroken or facts.last_checkin_at < now - JAILBREAK_CHECKED)


def fails(policy: CompliancePolicy, settings: ComplianceSettings, now: datetime) -> Q:
    """The condition on a device's row that `unmet` finds something; empty where the policy asks nothing."""
    condition = Q()
    if policy.minimum_os_version:
        condition |= Q(os_version_key__lt=_key(policy.minimum_os_version))
    for asked, failing in (
        (policy.require_encryption, Q(encrypted=False)),
        (policy.require_passcode, Q(passcode_set=False)),
        (policy.block_jailbroken, Q(jailbroken=True) | unchecked(settings, now)),
    ):
        if asked:
            condition |= failing
    return condition


def unchecked(settings: ComplianceSettings, now: datetime) -> Q:
    """The condition on a device's row that `suspected` finds it so; empty without enhanced jailbreak detection."""
    if not settings.enhanced_jailbreak_detection:
        return Q()
    return Q(os=OperatingSystem.IOS, last_checkin_at__lt=now - JAILBREAK_CHECKED)


def state_of(facts: Facts, policy: CompliancePolicy, now: datetime) -> Compliance:
    """How a device that `policy` is for does by this policy alone, as far as it has heard of it. facts: `suspected`.

    A policy that has changed since the last check-in is not evaluated. See `policy_queries.devices_of`.
    """
    said = Compliance(facts.compliance)
    if said in {Compliance.SEE_CONFIGMGR, Compliance.CONFLICT}:
        return said
    if facts.error_since is not None:
        return Compliance.ERROR
    if facts.last_checkin_at == NEVER or facts.last_checkin_at < policy.changed_at:
        return Compliance.NOT_EVALUATED
    if not unmet(facts, policy):
        return Compliance.COMPLIANT
    graced = said is Compliance.IN_GRACE_PERIOD or now < grace_end(facts, policy)
    return Compliance.IN_GRACE_PERIOD if graced else Compliance.NOT_COMPLIANT


def _key(version: str) -> str:
    return version_key(version) if version else ""


def settings_of(tenant: Tenant) -> ComplianceSettings:
    """The tenant's settings; the defaults, not saved, where nobody has changed them."""
    found: ComplianceSettings | None = ComplianceSettings.objects.in_tenant(tenant).first()
    return found or ComplianceSettings(tenant=tenant)


def demands_of(tenant: Tenant) -> dict[int, list[Demand]]:
    """The tenant's policies by operating system."""
    groups: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for policy, group, intent in CompliancePolicyAssignment.objects.in_tenant(tenant).values_list(
        "policy_id", "group_id", "intent"
    ):
        groups[policy, intent].add(group)
    found: dict[int, list[Demand]] = defaultdict(list)
    for policy in CompliancePolicy.objects.in_tenant(tenant):
        included, excluded = (frozenset(groups[policy.pk, intent]) for intent in ("include", "exclude"))
        found[policy.os].append(Demand(policy, included, excluded))
    return found


# Columns of a device beside its key: those of Facts, in their order.
_FACTS = (
    "os",
    "os_version_key",
    "encrypted",
    "passcode_set",
    "jailbroken",
    "last_checkin_at",
    "primary_user_id",
    "compliance",
    "compliance_grace_ends_at",
    "error_since",
    "failing_since",
)


def evaluate(tenant: Tenant, devices: QuerySet[ManagedDevice, Any]) -> int:
    """`devices`, of that tenant, are what Intune says of them now; return how many were something else.

    Only what changes is written, and Azure AD hears of it. The caller holds the tenant's lock.
    """
    settings, demands, now = settings_of(tenant), demands_of(tenant), tenant.now()
    groups = {group for some in demands.values() for demand in some for group in demand.included | demand.excluded}
    judged = devices.filter(JUDGED).order_by()
    rows = list(judged.values_list("pk", "agent", "azure_ad_device_id", *_FACTS))
    memberships = _memberships(tenant, groups, {row[9] for row in rows if row[9] is not None})
    ids: dict[tuple[Compliance, datetime | None, datetime | None], list[UUID]] = defaultdict(list)
    changes: Counter[tuple[str, int]] = Counter()
    marks = []
    for pk, agent, device_id, *values in rows:
        facts = Facts(*values)
        mine = memberships.get(facts.primary_user_id, ()) if facts.primary_user_id else ()
        asked = [demand for demand in demands.get(facts.os, ()) if demand.is_for(mine)]
        verdict = judge(facts, asked, settings, now)
        found = (verdict.compliance, verdict.grace_ends_at, verdict.failing_since)
        if found == (facts.compliance, facts.grace_ends_at, facts.failing_since):
            continue
        ids[found].append(pk)
        if verdict.compliance == facts.compliance:
            continue
        changes[DeviceCount.Facet.COMPLIANCE, facts.compliance] -= 1
        changes[DeviceCount.Facet.COMPLIANCE, verdict.compliance] += 1
        said = azure_ad.MARKS.get(verdict.compliance)
        if device_id is not None and said is not None:
            marks.append(Mark(device_id, said, True, azure_ad.MDM[agent]))
    for (compliance, grace_ends_at, since), keys in ids.items():
        for chunk in chunks(keys):
            ManagedDevice.objects.among(tenant, chunk).update(
                compliance=compliance, compliance_grace_ends_at=grace_ends_at, failing_since=since
            )
    if changes:
        change_counts(tenant, changes)
    azure_ad.write(tenant, marks)
    return sum(len(keys) for keys in ids.values())


def follow_group(tenant: Tenant, group_id: UUID) -> None:
    """Where a policy is for a group or not for it, the devices of the policy's platform are judged anew."""
    used = CompliancePolicyAssignment.objects.in_tenant(tenant).filter(group=group_id)
    platforms = list(used.values_list("policy__os", flat=True).distinct())
    if platforms:
        writes.lock(tenant)
        evaluate(tenant, ManagedDevice.objects.in_tenant(tenant).filter(os__in=platforms))


def _memberships(tenant: Tenant, groups: Collection[UUID], users: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Those of `groups` that each of `users` is a member of."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    if groups:
        for chunk in chunks(users):
            links = GroupMembership.objects.among(tenant, chunk, "user").filter(group__in=groups)
            for user, group in links.values_list("user_id", "group_id"):
                found[user].add(group)
    return found


def demands_on(device: ManagedDevice) -> list[Demand]:
    """The policies that are for this device; they are for users, so that a device without one has none."""
    if device.primary_user_id is None:
        return []
    links = GroupMembership.objects.in_tenant(device.tenant).filter(user=device.primary_user_id)
    mine = set(links.values_list("group_id", flat=True))
    return [demand for demand in demands_of(device.tenant).get(device.os, ()) if demand.is_for(mine)]


def facts_of(device: ManagedDevice, settings: ComplianceSettings) -> Facts:
    """What a policy can ask of `device`, as it is judged by the tenant's `settings`."""
    facts = Facts(*(getattr(device, name) for name in _FACTS))
    return suspected(facts, settings, device.tenant.now())


def is_judged(device: ManagedDevice) -> bool:
    """Whether Intune is who says if the device is compliant."""
    own = device.authority_id is None and device.managed_by == device.agent
    return own and device.agent in {Agent.MDM, Agent.CO_MANAGED}
