"""Which policies apply to a sign-in, and what they make of it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from access.engine import (
    BLOCKED,
    MFA_NEEDED,
    NOT_APPROVED,
    NOT_COMPLIANT,
    NOT_HYBRID,
    Attempt,
    Condition,
    Control,
    Device,
    Scope,
    decide,
    judge,
)
from access.models import Policy

USER, GROUP, OTHER = uuid4(), uuid4(), uuid4()
ATTEMPT = Attempt(user=USER, groups=frozenset({GROUP}), app="exchange_online", platform="ios")
GOOD = Device(enabled=True, compliant=True, hybrid_joined=True)


def scope(*, include=(), exclude=(), include_groups=(), exclude_groups=(), **values) -> Scope:
    """A policy that is on, for everybody and every app, and requires a compliant device."""
    said = {"state": "on", "all_users": True, "all_apps": True, "require_compliant_device": True} | values
    return Scope(
        Policy(display_name="A policy", **said),
        frozenset(include),
        frozenset(exclude),
        frozenset(include_groups),
        frozenset(exclude_groups),
    )


def attempt(**values) -> Attempt:
    return Attempt(**{**ATTEMPT.__dict__, **values})


def code(scopes, **values) -> int:
    return decide(attempt(**values), scopes if isinstance(scopes, list) else [scopes]).error_code


# Whom a policy is for


@pytest.mark.parametrize(
    ("asked", "condition"),
    [
        (scope(), None),
        (scope(all_users=False), Condition.USERS),
        (scope(all_users=False, include=[USER]), None),
        (scope(all_users=False, include=[OTHER]), Condition.USERS),
        (scope(all_users=False, include_groups=[GROUP]), None),
        (scope(all_users=False, include_groups=[OTHER]), Condition.USERS),
        (scope(exclude=[USER]), Condition.USERS),
        (scope(exclude_groups=[GROUP]), Condition.USERS),
        (scope(all_users=False, include=[USER], exclude_groups=[GROUP]), Condition.USERS),
        (scope(all_apps=False, included_apps=["exchange_online"]), None),
        (scope(all_apps=False, included_apps=["teams"]), Condition.APPS),
        (scope(all_apps=False), Condition.APPS),
        (scope(excluded_apps=["exchange_online"]), Condition.APPS),
        (scope(platforms="any"), None),
        (scope(platforms="any", excluded_platforms=["ios"]), Condition.PLATFORM),
        (scope(platforms="selected", included_platforms=["ios"]), None),
        (scope(platforms="selected", included_platforms=["android"]), Condition.PLATFORM),
        (scope(platforms="selected", included_platforms=["ios"], excluded_platforms=["ios"]), Condition.PLATFORM),
        (scope(all_users=False, all_apps=False), Condition.USERS),
        (scope(state="off"), Condition.DISABLED),
        (scope(state="off", all_users=False), Condition.USERS),
    ],
)
def test_policy_applies_where_every_condition_matches_and_excludes_beat_includes(asked, condition):
    assert judge(ATTEMPT, asked).condition == condition


def test_selected_platform_does_not_match_a_platform_that_is_not_known():
    asked = scope(platforms="selected", included_platforms=["ios"])

    assert judge(attempt(platform=""), asked).condition == Condition.PLATFORM


# What a policy demands


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (None, NOT_COMPLIANT),
        (GOOD, 0),
        (Device(enabled=True, compliant=False, hybrid_joined=True), NOT_COMPLIANT),
        (Device(enabled=False, compliant=True, hybrid_joined=True), NOT_COMPLIANT),
    ],
    ids=["no device", "good", "not compliant", "disabled"],
)
def test_compliant_device_is_one_that_is_presented_enabled_and_compliant(device, expected):
    assert code(scope(), device=device) == expected


@pytest.mark.parametrize(
    ("control", "met", "expected"),
    [
        ("require_mfa", {"mfa": True}, MFA_NEEDED),
        ("require_hybrid_joined_device", {"device": GOOD}, NOT_HYBRID),
        ("require_approved_app", {"approved_app": True}, NOT_APPROVED),
    ],
)
def test_each_control_lets_in_whom_it_is_met_by(control, met, expected):
    asked = scope(require_compliant_device=False, **{control: True})

    assert code(asked) == expected
    assert code(asked, **met) == 0


def test_all_controls_or_one_of_them():
    both = {"require_mfa": True, "require_compliant_device": True}

    assert code(scope(**both, operator="all"), device=GOOD) == MFA_NEEDED
    assert code(scope(**both, operator="all"), mfa=True) == NOT_COMPLIANT
    assert code(scope(**both, operator="one"), device=GOOD) == 0
    assert code(scope(**both, operator="one"), mfa=True) == 0
    assert code(scope(**both, operator="one")) == MFA_NEEDED  # which is all that the user is asked for


def test_of_one_control_that_is_enough_the_device_is_to_blame_where_no_second_factor_would_do():
    either = {"require_hybrid_joined_device": True, "operator": "one"}

    assert code(scope(**either)) == NOT_COMPLIANT
    assert code([scope(**either, require_mfa=True), scope()]) == NOT_COMPLIANT
    assert judge(ATTEMPT, scope(**either, require_mfa=True, state="report_only")).result.label == (
        "Report-only: User action required"
    )


def test_compliant_device_is_not_asked_for_where_it_is_about_to_be_enrolled_with_intune():
    assert code(scope(), app="intune_enrollment") == 0
    assert code(scope(), app="intune") == NOT_COMPLIANT
    assert code(scope(require_mfa=True), app="intune_enrollment") == MFA_NEEDED
    assert code(scope(grant="block"), app="intune_enrollment") == BLOCKED


@pytest.mark.parametrize(
    ("values", "device", "asks"),
    [
        ({}, None, True),
        ({"require_compliant_device": True}, GOOD, True),
        ({"require_compliant_device": True, "operator": "one"}, None, True),
        ({"require_compliant_device": True, "operator": "one"}, GOOD, False),
        ({"state": "report_only"}, None, False),
        ({"state": "off"}, None, False),
        ({"all_users": False}, None, False),
        ({"grant": "block"}, None, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("mfa", [True, False])
def test_second_factor_is_asked_for_where_nothing_else_is_enough(values, device, asks, mfa):
    asked = scope(**({"require_mfa": True, "require_compliant_device": False} | values))

    assert decide(attempt(device=device, mfa=mfa), [asked]).asks_for_mfa is asks


def test_block_wins_over_everything_that_is_met():
    assert code([scope(), scope(grant="block")], device=GOOD, mfa=True) == BLOCKED
    assert code([scope(), scope(grant="block")]) == BLOCKED


def test_policies_count_together():
    mfa = scope(require_compliant_device=False, require_mfa=True)

    assert code([scope(), mfa], device=GOOD) == MFA_NEEDED
    assert code([scope(), mfa], device=GOOD, mfa=True) == 0


def test_without_policies_everybody_is_let_in():
    assert code([]) == 0


# What is said of it


@pytest.mark.parametrize(
    ("values", "device", "mfa", "result"),
    [
        ({}, GOOD, False, "Success"),
        ({}, None, False, "Failure"),
        ({"grant": "block"}, GOOD, False, "Failure"),
        ({"all_users": False}, GOOD, False, "Not applied"),
        ({"state": "off"}, None, False, "Disabled"),
        ({"state": "report_only"}, GOOD, False, "Report-only: Success"),
        ({"state": "report_only"}, None, False, "Report-only: Failure"),
        ({"state": "report_only", "all_users": False}, None, False, "Report-only: Not applied"),
        (
            {"state": "report_only", "require_mfa": True},
            GOOD,
            False,
            "Report-only: User action required",
        ),
        ({"state": "report_only", "require_mfa": True}, None, False, "Report-only: Failure"),
    ],
)
def test_result_of_a_policy_is_named_as_the_log_names_it(values, device, mfa, result):
    assert judge(attempt(device=device, mfa=mfa), scope(**values)).result.label == result


def test_report_only_and_off_let_everybody_in():
    assert code([scope(state="report_only"), scope(state="off", grant="block")]) == 0


def test_what_was_not_met_is_named():
    finding = judge(ATTEMPT, scope(require_mfa=True, require_approved_app=True))

    assert finding.controls == (Control.MFA, Control.COMPLIANT_DEVICE, Control.APPROVED_APP)
    assert finding.unmet == finding.controls
