"""Reads on compliance policies that answer a screen's question."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, PositiveSmallIntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from devices import compliance
from devices.models import Agent, Compliance, CompliancePolicy, CompliancePolicyAssignment, ManagedDevice
from directory.models import GroupMembership
from tenancy.models import Tenant
from tenancy.scoping import NEVER, fold

Intent = CompliancePolicyAssignment.Intent


def policies(tenant: Tenant, term: str = "") -> QuerySet[CompliancePolicy, CompliancePolicy]:
    """The tenant's compliance policies whose name has `term` in it, each with `has_groups`."""
    found: QuerySet[CompliancePolicy, CompliancePolicy] = CompliancePolicy.objects.in_tenant(tenant)
    if term:
        found = found.filter(name_key__contains=fold(term))
    included = CompliancePolicyAssignment.objects.in_tenant(tenant).filter(policy=OuterRef("pk"), intent=Intent.INCLUDE)
    return found.annotate(has_groups=Exists(included))


def devices_of(policy: CompliancePolicy, states: Collection[int] = ()) -> QuerySet[ManagedDevice, Any]:
    """The devices that the policy is for, each with its `policy_state`, which is that of `compliance.state_of`.

    states: those that are wanted; empty for all.
    """

    def members(intent: str) -> QuerySet[GroupMembership, Any]:
        links = CompliancePolicyAssignment.objects.in_tenant(policy.tenant).filter(policy=policy, intent=intent)
        found: QuerySet[GroupMembership, Any] = GroupMembership.objects.in_tenant(policy.tenant)
        return found.filter(group__in=links.values("group")).values("user")

    included = Q(primary_user__isnull=False) if policy.all_users else Q(primary_user__in=members(Intent.INCLUDE))
    devices: QuerySet[ManagedDevice, Any] = ManagedDevice.objects.in_tenant(policy.tenant).filter(
        included & ~Q(primary_user__in=members(Intent.EXCLUDE)),
        compliance.OWN,
        os=policy.os,
        agent__in=(Agent.MDM, Agent.CO_MANAGED),
    )
    as_it_is = [Compliance.SEE_CONFIGMGR, Compliance.CONFLICT]
    cases = [
        *(When(compliance=state, then=Value(state.value)) for state in as_it_is),
        When(error_since__isnull=False, then=Value(Compliance.ERROR.value)),
        When(
            Q(last_checkin_at=NEVER) | Q(last_checkin_at__lt=policy.changed_at),
            then=Value(Compliance.NOT_EVALUATED.value),
        ),
    ]
    now = policy.tenant.now()
    fails = compliance.fails(policy, compliance.settings_of(policy.tenant), now)
    if fails:
        grace = timedelta(days=policy.grace_days)
        graced = Q(compliance=Compliance.IN_GRACE_PERIOD) | Q(since__gt=now - grace)
        if now < policy.created_at + grace:
            graced = Q()
        devices = devices.annotate(since=Coalesce("failing_since", "last_checkin_at"))
        cases += [
            When(fails & graced, then=Value(Compliance.IN_GRACE_PERIOD.value)),
            When(fails, then=Value(Compliance.NOT_COMPLIANT.value)),
        ]
    state = Case(*cases, default=Value(Compliance.COMPLIANT.value), output_field=PositiveSmallIntegerField())
    found: Any = devices.annotate(policy_state=state)
    chosen: QuerySet[ManagedDevice, Any] = found.filter(policy_state__in=states) if states else found
    return chosen


def states_of(policy: CompliancePolicy) -> dict[Compliance, int]:
    """How many of the policy's devices are in which state."""
    rows: Any = devices_of(policy).order_by()
    counted = rows.values_list("policy_state").annotate(n=Count("pk"))
    return {Compliance(state): n for state, n in counted}
