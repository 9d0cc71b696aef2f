"""The document "Support third-party device compliance partners in Intune" (07/15/2020), followed click by click.

Without JavaScript, by visible words only. The bold words of the document stand in the order in which it says them.
"""

from __future__ import annotations

import pytest

from devices.models import OperatingSystem
from tests.factories import DirectoryUserFactory, GroupFactory, ManagedDeviceFactory, MobilityApplicationFactory
from tests.journeys.visitor import Visitor

WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"


@pytest.fixture
def people(tenant):
    """Ana and Ben, each with an iPhone; Ana is a field engineer, Ben works at the front desk."""
    ana, ben = (
        DirectoryUserFactory(tenant=tenant, display_name=name, upn=f"{name.lower()}@kestrel.example")
        for name in ("Ana", "Ben")
    )
    GroupFactory(tenant=tenant, display_name="Field engineers", members=[ana])
    GroupFactory(tenant=tenant, display_name="Front desk", members=[ben])
    for user in (ana, ben):
        ManagedDeviceFactory(
            tenant=tenant, device_name=f"{user.display_name}'s iPhone", os=OperatingSystem.IOS, primary_user=user
        )
    MobilityApplicationFactory(tenant=tenant, gallery_key="microsoft_intune", display_name="Microsoft Intune")


@pytest.fixture
def visitor(portal, people):
    """The trainee, signed in, on Home of the Endpoint Manager admin center."""
    return Visitor(portal, "/")


def managed_by(visitor):
    visitor.click("Endpoint security")
    return {row["Device name"]: row["Managed by"] for row in visitor.rows("Devices")}


def add_to_mobility(visitor):
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Mobility (MDM and MAM)")
    visitor.sees("Microsoft Intune")
    visitor.click("Add application")
    assert visitor.heading == "Add an application"
    visitor.click("AirWatch by VMware VMware")
    visitor.click("Add")


def add_partner(visitor, group="Field engineers"):
    visitor.click("Tenant administration")
    visitor.click("Connectors and tokens")
    visitor.click("Partner compliance management")
    visitor.click("Add compliance partner", inside='[role="toolbar"]')
    assert visitor.heading.casefold() == "create compliance partner"
    visitor.choose("Compliance partner", WORKSPACE_ONE)
    visitor.choose("Platform", "iOS/iPadOS")
    visitor.click("Next")
    visitor.click("Add groups")
    visitor.tick(group)
    visitor.click("Select")
    visitor.sees(group)
    visitor.click("Next")


def test_task_1_add_the_device_compliance_partner_to_azure_ad(visitor):
    add_to_mobility(visitor)

    visitor.sees("AirWatch by VMware")
    visitor.click("AirWatch by VMware")
    assert visitor.heading == "Configure"
    visitor.sees("MDM user scope", "MDM terms of use URL", "MDM discovery URL")
    visitor.tick("Some")
    visitor.click("Groups Select groups None Selected")
    visitor.tick("Field engineers")
    visitor.click("Select")
    visitor.sees("1 group selected")
    visitor.click("Save")
    visitor.sees("AirWatch by VMware", "1 group selected")


def test_task_2_configure_intune_to_work_with_the_partner(visitor):
    before = managed_by(visitor)
    add_partner(visitor)
    visitor.sees(WORKSPACE_ONE, "iOS/iPadOS", "Field engineers")

    visitor.click("Create")

    visitor.sees("Compliance partner created")
    assert visitor.rows("Compliance partners") == [
        {
            "Partner": WORKSPACE_ONE,
            "Platform": "iOS/iPadOS",
            "Partner status": "Pending activation",
            "Last successful sync": "Never",
            "Assigned": "1 group",
        }
    ]
    assert before == {"Ana's iPhone": "MDM", "Ben's iPhone": "MDM"}
    assert managed_by(visitor) == {"Ana's iPhone": WORKSPACE_ONE, "Ben's iPhone": "MDM"}


def test_modify_the_configuration_for_a_compliance_partner(visitor):
    add_partner(visitor)
    visitor.click("Create")

    visitor.click(WORKSPACE_ONE)
    visitor.sees("Overview")
    visitor.click("Properties")
    visitor.click("Edit assignments")
    visitor.click("Add groups")
    visitor.tick("Front desk")
    visitor.click("Select")
    visitor.click("Review + save")
    visitor.sees("Field engineers", "Front desk")
    visitor.click("Save")

    visitor.sees("Assignments saved", "Field engineers", "Front desk")
    assert managed_by(visitor) == {"Ana's iPhone": WORKSPACE_ONE, "Ben's iPhone": WORKSPACE_ONE}


def test_deleting_the_partner_returns_the_devices_to_intune(visitor):
    add_partner(visitor)
    visitor.click("Create")
    visitor.click(WORKSPACE_ONE)
    visitor.click("Delete", inside='[role="toolbar"]')
    visitor.sees("This action will permanently delete the compliance partner")

    visitor.click("Delete", inside="dialog[open]")

    visitor.sees("Compliance partner deleted", "No compliance partners to display")
    assert managed_by(visitor) == {"Ana's iPhone": "MDM", "Ben's iPhone": "MDM"}


def test_as_written_the_wizard_warns_until_the_application_is_under_mobility(visitor):
    add_partner(visitor)
    visitor.sees("'AirWatch by VMware' is not under Mobility (MDM and MAM) yet.")

    add_to_mobility(visitor)
    visitor.click("Switch to Endpoint Manager admin center")
    add_partner(visitor)

    visitor.sees_not("is not under Mobility")


def test_mistakes_on_the_way_lose_nothing(visitor):
    visitor.click("Tenant administration")
    visitor.click("Connectors and tokens")
    visitor.click("Partner compliance management")
    visitor.click("Add compliance partner", inside='[role="toolbar"]')
    visitor.choose("Compliance partner", WORKSPACE_ONE)
    visitor.click("Next")
    visitor.sees("Correct the fields before you go to the next step.", "Select a platform.")
    visitor.choose("Platform", "iOS/iPadOS")
    visitor.click("Next")
    visitor.click("Next")
    visitor.sees("Select at least one group, or add all users.")
    visitor.click("Add all users")
    visitor.click("Next")
    visitor.click("Previous")
    visitor.sees("All users")
    visitor.click("Next")

    visitor.click("Create")

    visitor.sees("Compliance partner created", "All users")
