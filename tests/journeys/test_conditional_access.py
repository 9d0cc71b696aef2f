"""The documents on conditional access, click by click and without script.

"Create a device-based Conditional Access policy" (Intune, March 2020): Conditional Access > New policy; name; Users and
groups; Cloud apps or actions; Grant access; Require device to be marked as compliant; On; Create. Then "The What If
tool": select a user and evaluate. And Jamf's remedy for a registration that fails: exclude the registration app.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from access.models import Policy
from tests.factories import DirectoryUserFactory, GroupFactory
from tests.journeys.visitor import Visitor

NAME = "Device compliance app policy"


@pytest.fixture
def user(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ada Lind", upn="ada@kestrel.example")


@pytest.fixture
def visitor(portal, tenant):
    return Visitor(portal, reverse("devices:security-list", args=[tenant.slug]))


def create(visitor: Visitor) -> None:
    visitor.click("Conditional access", inside=".menu")
    assert visitor.heading == "Conditional Access | Policies"
    visitor.sees("No policies")
    visitor.click("New policy")
    visitor.fill("Name", NAME)


def test_device_based_policy_is_created_foreseen_turned_off_and_deleted(visitor, tenant, user):
    GroupFactory(tenant=tenant, display_name="Field engineers", members=[user])
    create(visitor)
    visitor.tick("Select users and groups")
    visitor.click("Include groups Select groups No groups selected")
    visitor.tick("Field engineers")
    visitor.click("Select")
    visitor.tick("All cloud apps")
    visitor.tick("Grant access")
    visitor.tick("On")
    visitor.click("Create")
    visitor.sees("Select at least one control, or block access.")
    visitor.tick("Require device to be marked as compliant")
    visitor.click("Create")
    visitor.sees(f"Successfully created '{NAME}'.")
    assert visitor.rows("Policies") == [{"Policy Name": NAME, "State": "On"}]

    visitor.click("What If")
    visitor.click("User Select user None selected")
    visitor.tick("Ada Lind")
    visitor.click("Select")
    visitor.click("What If")
    assert visitor.rows("Policies that will apply")[0]["Grant controls"] == "Require device to be marked as compliant"

    visitor.click(NAME)
    visitor.tick("Off")
    visitor.click("Save")
    visitor.click("Conditional Access", inside=".crumbs")
    assert visitor.rows("Policies") == [{"Policy Name": NAME, "State": "Off"}]

    visitor.click(NAME)
    visitor.click("Delete", inside=".commands")
    visitor.click("Delete", inside="#confirm-delete")
    visitor.sees("No policies")


def test_registration_app_is_excluded_from_a_policy_for_everything(visitor, tenant, user):
    create(visitor)
    visitor.tick("All users")
    visitor.tick("All cloud apps")
    visitor.click("Exclude apps Select excluded apps No apps selected")
    visitor.tick("Workspace ONE Intelligent Hub")
    visitor.click("Select")
    visitor.tick("Require device to be marked as compliant")
    visitor.tick("On")
    visitor.click("Create")
    visitor.sees("Don't lock yourself out! Make sure that your device is compliant.")
    visitor.tick("I understand that my account will be impacted by this policy. Proceed anyway.")
    visitor.click("Create")

    assert Policy.objects.in_tenant(tenant).get().excluded_apps == ["workspace_one_intelligent_hub"]
    visitor.click("What If")
    visitor.click("User Select user None selected")
    visitor.tick("Ada Lind")
    visitor.click("Select")
    visitor.choose("Cloud apps or actions", "Workspace ONE Intelligent Hub")
    visitor.click("What If")
    visitor.click("Policies that will not apply (1)")
    (row,) = visitor.rows("Policies that will not apply")
    assert row["Reasons why this policy will not apply"] == "Cloud apps"
