"""Incidents 6 and 19, whose cause is a conditional access policy: found in sign-ins, healed on its blade."""

from __future__ import annotations

from functools import partial

import pytest

from directory.models import DirectoryDevice
from tenancy.models import Tenant
from tests.journeys.incidents import Trainee

EXCHANGE = "Office 365 Exchange Online"
BLOCKED = "You can't get there from here"
HUB = "Workspace ONE Intelligent Hub"
WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"


@pytest.fixture
def take(portal, tenant):
    """Take the ticket of an incident, in a directory in which changes take their time."""
    tenant.propagation = Tenant.Propagation.REAL
    tenant.save()
    return partial(Trainee, portal, tenant)


def open_policy(trainee):
    trainee.open("access:policy-list")
    trainee.click(trainee.facts["policy"])


def test_6_registration_app_is_excluded_from_the_policy(take):
    trainee = take(6)
    trainee.open_last_sign_in()
    trainee.sees(HUB, "53000")
    trainee.click("Conditional Access")
    assert {row["Policy Name"]: row["Result"] for row in trainee.rows("Policies")} == {
        trainee.facts["policy"]: "Failure"
    }
    trainee.register(HUB)
    trainee.sees("Registration failed", "53000")

    open_policy(trainee)
    trainee.pick("Exclude apps", HUB)
    trainee.click("Save")
    trainee.pass_by()
    trainee.register(HUB)
    trainee.sees("Device registered")
    trainee.pass_by()

    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    trainee.sign_in(EXCHANGE, platform="iOS")
    trainee.sees(BLOCKED)
    assert trainee.is_healed()


def test_6_turning_the_policy_off_lets_everybody_in(take):
    trainee = take(6)

    open_policy(trainee)
    trainee.tick("Off")
    trainee.click("Save")
    trainee.pass_by()
    trainee.register(HUB)
    trainee.sees("Device registered")
    trainee.pass_by()

    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    trainee.sign_in(EXCHANGE, platform="iOS")
    trainee.sees_not(BLOCKED)
    assert not trainee.is_healed()


def phone(trainee):
    return DirectoryDevice.objects.in_tenant(trainee.tenant).get(owner=trainee.injection.user)


def test_19_policy_is_turned_on(take):
    trainee = take(19)
    assert trainee.marks() == (WORKSPACE_ONE, "No")
    trainee.open_last_sign_in("Report-only")
    assert {row["Result"] for row in trainee.rows("Policies")} == {"Report-only: Failure"}
    trainee.sign_in(EXCHANGE, device=phone(trainee).pk)
    trainee.sees_not(BLOCKED)
    trainee.open("access:what-if")
    trainee.pick("User", trainee.facts["name"])
    trainee.choose("Cloud apps or actions", EXCHANGE)
    trainee.click("What If")
    trainee.click("Policies that will not apply (1)")
    trainee.sees(trainee.facts["policy"], "Policy not enabled")

    open_policy(trainee)
    trainee.tick("On")
    trainee.click("Save")
    trainee.pass_by()

    trainee.sign_in(EXCHANGE, device=phone(trainee).pk)
    trainee.sees(BLOCKED)
    trainee.open_last_sign_in()
    trainee.sees("53000")
    assert trainee.is_healed()


def test_19_blocking_the_app_for_everybody_is_no_answer(take):
    trainee = take(19)

    open_policy(trainee)
    trainee.tick("Block access")
    trainee.tick("On")
    trainee.click("Save")
    trainee.pass_by()

    trainee.sign_in(EXCHANGE, device=phone(trainee).pk)
    trainee.sees("53003")
    assert not trainee.is_healed()
