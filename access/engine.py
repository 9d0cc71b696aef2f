"""Conditional access: which policies apply to a sign-in, and what they make of it.

A policy that is off says nothing. One applies only where every condition that is configured matches, and excludes beat
includes. All that apply count together; block wins. Pure functions: no rows are read here.
Sources: docs/sources.md, "Conditional access".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from access.models import Policy, SignInPolicy

Result = SignInPolicy.Result


class Control(StrEnum):
    """What a policy can demand, in the order of the blade."""

    MFA = "mfa"
    COMPLIANT_DEVICE = "compliant_device"
    HYBRID_JOINED = "hybrid_joined"
    APPROVED_APP = "approved_app"


CONTROL_LABELS: dict[Control, str] = {
    Control.MFA: "Require multi-factor authentication",
    Control.COMPLIANT_DEVICE: "Require device to be marked as compliant",
    Control.HYBRID_JOINED: "Require Hybrid Azure AD joined device",
    Control.APPROVED_APP: "Require approved client app",
}


class Condition(StrEnum):
    """Why a policy does not apply, in the order in which What If looks."""

    USERS = "users"
    APPS = "apps"
    PLATFORM = "platform"
    DISABLED = "disabled"
    INFORMATION = "information"


CONDITION_LABELS: dict[Condition, str] = {
    Condition.USERS: "Users and groups",
    Condition.APPS: "Cloud apps",
    Condition.PLATFORM: "Device platform",
    Condition.DISABLED: "Policy not enabled",
    Condition.INFORMATION: "Not enough information",
}

# Source: Azure AD error codes 53000, 53001, 53002, 53003.
NOT_COMPLIANT, NOT_HYBRID, NOT_APPROVED, BLOCKED = 53000, 53001, 53002, 53003
# Interrupted: strong authentication is required. Source: Azure AD error code 50074.
MFA_NEEDED = 50074
# The app that makes devices compliant does not ask for one. Source: docs/sources.md, "Conditional access".
INTUNE_ENROLLMENT = "intune_enrollment"


@dataclass(frozen=True)
class Device:
    """The record of the device id that a sign-in presents."""

    enabled: bool
    compliant: bool
    hybrid_joined: bool


@dataclass(frozen=True)
class Attempt:
    """A sign-in. groups: of the user. platform: "" where it is not known. device: None where none is presented."""

    user: UUID
    groups: frozenset[UUID]
    app: str
    platform: str = ""
    device: Device | None = None
    mfa: bool = False
    approved_app: bool = False


@dataclass(frozen=True)
class Scope:
    """A policy with whom it is for."""

    policy: Policy
    included_users: frozenset[UUID] = frozenset()
    excluded_users: frozenset[UUID] = frozenset()
    included_groups: frozenset[UUID] = frozenset()
    excluded_groups: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Finding:
    """What one policy makes of an attempt. condition: the first that does not match, where it does not apply."""

    policy: Policy
    result: SignInPolicy.Result
    condition: Condition | None = None
    controls: tuple[Control, ...] = ()
    unmet: tuple[Control, ...] = ()

    @property
    def applies(self) -> bool:
        """Whether every condition matches."""
        return self.condition is None


@dataclass(frozen=True)
class Decision:
    """What becomes of an attempt. error_code: 0 for success. asks_for_mfa: whether a policy that is on needs it."""

    error_code: int = 0
    findings: list[Finding] = field(default_factory=list)
    asks_for_mfa: bool = False

    @property
    def needs_mfa(self) -> bool:
        """Whether nothing but a second factor is missing."""
        return self.error_code == MFA_NEEDED


def decide(attempt: Attempt, scopes: Iterable[Scope]) -> Decision:
    """What the policies, taken together, make of `attempt`."""
    findings = [judge(attempt, scope) for scope in scopes]
    failed = [finding for finding in findings if finding.result is Result.FAILURE]
    asks_for_mfa = any(_asks_for_mfa(attempt, finding) for finding in findings)
    return Decision(_error(failed), findings, asks_for_mfa)


def judge(attempt: Attempt, scope: Scope) -> Finding:
    """What one policy makes of `attempt`."""
    policy = scope.policy
    condition = first_unmet(attempt, scope)
    report_only = policy.state_in_force == Policy.State.REPORT_ONLY
    if policy.state_in_force == Policy.State.OFF:
        return Finding(policy, Result.DISABLED, condition or Condition.DISABLED)
    if condition is not None:
        return Finding(policy, Result.REPORT_NOT_APPLIED if report_only else Result.NOT_APPLIED, condition)
    controls = controls_of(policy)
    unmet = () if policy.grant == Policy.Grant.BLOCK else unmet_of(attempt, policy, controls)
    satisfied = policy.grant == Policy.Grant.GRANT and not unmet
    if not report_only:
        return Finding(policy, Result.SUCCESS if satisfied else Result.FAILURE, None, controls, unmet)
    if satisfied:
        return Finding(policy, Result.REPORT_SUCCESS, None, controls, unmet)
    asks_user = policy.grant == Policy.Grant.GRANT and missing(policy, unmet) == {Control.MFA}
    return Finding(policy, Result.REPORT_ACTION if asks_user else Result.REPORT_FAILURE, None, controls, unmet)


def first_unmet(attempt: Attempt, scope: Scope) -> Condition | None:
    """The first condition that does not match, or None. A policy that is off can match all the same."""
    if not _user_matches(attempt, scope):
        return Condition.USERS
    if not _app_matches(attempt.app, scope.policy):
        return Condition.APPS
    return None if _platform_matches(attempt.platform, scope.policy) else Condition.PLATFORM


def foresee(attempt: Attempt, scope: Scope, *, states: Collection[str]) -> Condition | None:
    """Why the policy would not apply, or None: what What If answers. An app and a platform that are "" are not known.

    states: in which a policy counts as enabled. What is set counts here, even before sign-ins meet it.
    """
    policy = scope.policy
    if not _user_matches(attempt, scope):
        return Condition.USERS
    if attempt.app and not _app_matches(attempt.app, policy):
        return Condition.APPS
    if attempt.platform and not _platform_matches(attempt.platform, policy):
        return Condition.PLATFORM
    if policy.state not in states:
        return Condition.DISABLED
    asks_for_app = bool(not policy.all_apps or policy.excluded_apps)
    asks_for_platform = bool(policy.platforms == Policy.Platforms.SELECTED or policy.excluded_platforms)
    if (asks_for_app and not attempt.app) or (asks_for_platform and not attempt.platform):
        return Condition.INFORMATION
    return None


def _user_matches(attempt: Attempt, scope: Scope) -> bool:
    if attempt.user in scope.excluded_users or not scope.excluded_groups.isdisjoint(attempt.groups):
        return False
    included = attempt.user in scope.included_users or not scope.included_groups.isdisjoint(attempt.groups)
    return scope.policy.all_users or included


def _app_matches(app: str, policy: Policy) -> bool:
    return app not in policy.excluded_apps and (policy.all_apps or app in policy.included_apps)


def _platform_matches(platform: str, policy: Policy) -> bool:
    if policy.platforms == Policy.Platforms.NOT_CONFIGURED:
        return True
    if platform in policy.excluded_platforms:
        return False
    return policy.platforms == Policy.Platforms.ANY or platform in policy.included_platforms


def controls_of(policy: Policy) -> tuple[Control, ...]:
    """What a policy that grants access demands."""
    if policy.grant == Policy.Grant.BLOCK:
        return ()
    asked = {
        Control.MFA: policy.require_mfa,
        Control.COMPLIANT_DEVICE: policy.require_compliant_device,
        Control.HYBRID_JOINED: policy.require_hybrid_joined_device,
        Control.APPROVED_APP: policy.require_approved_app,
    }
    return tuple(control for control, is_asked in asked.items() if is_asked)


def unmet_of(attempt: Attempt, policy: Policy, controls: Collection[Control]) -> tuple[Control, ...]:
    """What of `controls` keeps the user out; nothing where one is enough and one is met."""
    device = attempt.device
    met = {
        Control.MFA: attempt.mfa,
        Control.COMPLIANT_DEVICE: attempt.app == INTUNE_ENROLLMENT
        or (device is not None and device.enabled and device.compliant),
        Control.HYBRID_JOINED: device is not None and device.enabled and device.hybrid_joined,
        Control.APPROVED_APP: attempt.approved_app,
    }
    unmet = tuple(control for control in controls if not met[control])
    one_is_enough = policy.operator == Policy.Operator.ONE and len(unmet) < len(controls)
    return () if one_is_enough else unmet


def _asks_for_mfa(attempt: Attempt, finding: Finding) -> bool:
    """Whether a policy that is on applies, and is not met by what is there before the second factor is given."""
    if finding.result not in {Result.SUCCESS, Result.FAILURE} or Control.MFA not in finding.controls:
        return False
    return Control.MFA in unmet_of(replace(attempt, mfa=False), finding.policy, finding.controls)


def missing(policy: Policy, unmet: Collection[Control]) -> set[Control]:
    """What of `unmet` the user is told of: the second factor, where one control is enough and it is one of them."""
    if policy.operator == Policy.Operator.ONE and Control.MFA in unmet:
        return {Control.MFA}
    return set(unmet)


_ERRORS = {
    Control.COMPLIANT_DEVICE: NOT_COMPLIANT,
    Control.HYBRID_JOINED: NOT_HYBRID,
    Control.APPROVED_APP: NOT_APPROVED,
    Control.MFA: MFA_NEEDED,
}


def _error(failed: Collection[Finding]) -> int:
    """The code of what weighs most: a block, then what the device lacks, then a second factor."""
    if any(finding.policy.grant == Policy.Grant.BLOCK for finding in failed):
        return BLOCKED
    told = {control for finding in failed for control in missing(finding.policy, finding.unmet)}
    return next((code for control, code in _ERRORS.items() if control in told), 0)
