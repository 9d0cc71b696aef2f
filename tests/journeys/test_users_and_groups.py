"""A working day with users and groups, by visible words and without script."""

from __future__ import annotations

import pytest
from django.urls import reverse

from devices.models import ManagedDevice
from directory.models import DirectoryUser, Group
from tests.factories import ConfigurationFactory, DirectoryUserFactory, GroupFactory, ManagedDeviceFactory
from tests.journeys.visitor import Visitor


@pytest.fixture
def visitor(portal, tenant):
    return Visitor(portal, reverse("console:azure-ad", args=[tenant.slug]))


def test_new_colleague_is_created_licensed_and_put_into_a_group(visitor, tenant):
    GroupFactory(tenant=tenant, display_name="Front desk")

    visitor.click("Users", inside=".menu")
    visitor.click("New user")
    visitor.fill("User name", "cleo.marsh")
    visitor.fill("Name", "Cleo Marsh")
    visitor.fill("Department", "Front Desk")
    visitor.click("Create")
    visitor.sees("Successfully created user 'Cleo Marsh'.")
    visitor.click("Cleo Marsh")
    assert visitor.heading == "Cleo Marsh | Profile"
    visitor.sees("cleo.marsh@kestrel.example")

    visitor.click("Licenses")
    visitor.click("Assignments")
    visitor.tick("Microsoft Intune")
    visitor.click("Save")
    visitor.sees("License cannot be assigned to a user without a usage location specified.")
    visitor.click("Edit the profile")
    visitor.choose("Usage location", "United Kingdom")
    visitor.click("Save")
    visitor.click("Licenses")
    visitor.click("Assignments")
    visitor.tick("Microsoft Intune")
    visitor.click("Save")
    assert visitor.rows("Licenses")[0]["Products"] == "Microsoft Intune"

    visitor.click("Groups", inside=".menu")
    visitor.click("Add memberships")
    visitor.tick("Front desk")
    visitor.click("Select")
    visitor.sees("'Cleo Marsh' was added to 1 group.")
    assert [row["Name"] for row in visitor.rows("Groups")] == ["Front desk"]


def test_group_is_made_with_members_and_emptied_again(visitor, tenant):
    for name in ("Ada Lind", "Bo Berg", "Cleo Marsh"):
        DirectoryUserFactory(tenant=tenant, display_name=name, upn=f"{name.split()[0].lower()}@kestrel.example")

    visitor.click("Groups", inside=".menu")
    visitor.click("New group")
    visitor.fill("Group name", "Pilot")
    visitor.click("Members Add members No users selected")
    visitor.tick("Ada Lind")
    visitor.tick("Cleo Marsh")
    visitor.click("Select")
    visitor.sees("2 users selected")
    visitor.click("Create")
    visitor.sees("Successfully created group 'Pilot'.")

    visitor.click("Pilot")
    visitor.click("Members", inside=".menu")
    assert [row["Name"] for row in visitor.rows("Members")] == ["Ada Lind", "Cleo Marsh"]
    visitor.click("Import members")
    visitor.fill("Or paste lines", "bo@kestrel.example\nghost@kestrel.example")
    visitor.click("Next")
    visitor.sees("1 user will be added to 'Pilot'.", "No user of this directory has this user name.")
    visitor.click("Import")
    assert [row["Name"] for row in visitor.rows("Members")] == ["Ada Lind", "Bo Berg", "Cleo Marsh"]


def test_rule_is_built_checked_and_followed(visitor, tenant):
    for name, department, city in (("Ada", "Sales", "Leeds"), ("Bo", "Sales", "Hamburg"), ("Cy", "Finance", "Leeds")):
        DirectoryUserFactory(tenant=tenant, display_name=name, department=department, city=city)

    visitor.click("Groups", inside=".menu")
    visitor.click("New group")
    visitor.fill("Group name", "Sales in Leeds")
    visitor.choose("Membership type", "Dynamic User")
    visitor.click("Create")
    visitor.sees("Enter a membership rule.")
    visitor.fill("Rule syntax", '(user.department -eq "Sales")')
    visitor.click("Create")
    visitor.click("Sales in Leeds")
    visitor.sees("2 users", "Update complete")

    visitor.click("Dynamic membership rules")
    visitor.choose("Property", "city")
    visitor.choose("Operator", "Equals")
    visitor.fill("Value", "Leeds")
    visitor.click("Add expression")
    visitor.click("Add users")
    visitor.tick("Ada")
    visitor.tick("Bo")
    visitor.click("Select")
    assert [row["Status"] for row in visitor.rows("Validate rules")] == ["In group", "Not in group"]
    assert [row["Property"] for row in visitor.rows("Rule builder")[:2]] == ["department", "city"]
    visitor.click("Save")
    visitor.click("Members", inside=".menu")
    assert [row["Name"] for row in visitor.rows("Members")] == ["Ada"]


def test_move_to_another_department_moves_the_device_to_the_partner(visitor, tenant):
    user = DirectoryUserFactory(tenant=tenant, display_name="Ada", upn="ada@kestrel.example", department="Finance")
    group = GroupFactory(
        tenant=tenant, display_name="Sales", kind=Group.Kind.DYNAMIC, rule='user.department -eq "Sales"'
    )
    ConfigurationFactory(tenant=tenant, groups=[group])
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user, device_name="KL-001")

    visitor.click("Users", inside=".menu")
    visitor.click("Ada")
    visitor.click("Devices", inside=".menu")
    assert visitor.rows("Intune devices")[0]["Managed by"] == "MDM"
    visitor.click("Profile")
    visitor.click("Edit")
    visitor.fill("Department", "Sales")
    visitor.click("Save")
    visitor.click("Devices", inside=".menu")

    assert visitor.rows("Intune devices")[0]["Managed by"] == "VMware Workspace ONE mobile compliance"
    assert ManagedDevice.objects.in_tenant(tenant).get(pk=device.pk).authority is not None


def test_group_in_use_names_what_uses_it_until_it_is_free(visitor, tenant):
    group = GroupFactory(tenant=tenant, display_name="Front desk")
    other = GroupFactory(tenant=tenant, display_name="Leads")
    configuration = ConfigurationFactory(tenant=tenant, groups=[group, other])

    visitor.click("Groups", inside=".menu")
    visitor.click("Front desk")
    visitor.click("Delete")
    visitor.click("Delete", inside="dialog[open]")
    visitor.sees(
        "is still used by: VMware Workspace ONE mobile compliance for iOS/iPadOS. Remove the group there first."
    )
    visitor.click("VMware Workspace ONE mobile compliance for iOS/iPadOS")
    visitor.click("Edit assignments")
    visitor.click("Remove Front desk")
    visitor.click("Review + save")
    visitor.click("Save")

    visitor.go(reverse("directory:group-overview", args=[tenant.slug, group.pk]))
    visitor.sees("Nothing uses this group.")
    visitor.click("Delete")
    visitor.click("Delete", inside="dialog[open]")
    visitor.sees("Successfully deleted 'Front desk'.")
    assert configuration.assignments.count() == 1


def test_leaver_is_blocked_and_then_deleted(visitor, tenant):
    user = DirectoryUserFactory(tenant=tenant, display_name="Ada", upn="ada@kestrel.example")
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user)

    visitor.click("Users", inside=".menu")
    visitor.click("Ada")
    visitor.click("Edit")
    visitor.tick("Yes")
    visitor.click("Save")
    visitor.sees("Sign-in is blocked")
    visitor.click("Delete")
    visitor.sees("Devices stay, without an owner and a primary user.")
    visitor.click("Delete", inside="dialog[open]")

    visitor.sees("Successfully deleted 'Ada'.", "No users to display")
    device.refresh_from_db()
    assert device.user_upn == ""
    assert not DirectoryUser.objects.in_tenant(tenant).exists()
