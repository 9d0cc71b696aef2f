"""A working day with devices, by visible words and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from devices import services
from devices.models import Compliance, ManagedDevice, OperatingSystem, Ownership
from directory.models import DirectoryDevice
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    CompliancePolicyFactory,
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
)
from tests.journeys.visitor import Visitor

WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"


@pytest.fixture
def home(tenant):
    return reverse("console:home", args=[tenant.slug])


@pytest.fixture
def visitor(portal, home):
    return Visitor(portal, home)


@pytest.fixture
def ada(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ada Lind", upn="ada@kestrel.example")


@pytest.fixture
def phone(tenant, ada):
    """A supervised iPhone of Ada's, with its record in Azure AD."""
    record = DirectoryDeviceFactory(
        tenant=tenant, display_name="KL-IPH-1", mdm="Microsoft Intune", is_managed=True, is_compliant=True, owner=ada
    )
    return ManagedDeviceFactory(
        tenant=tenant, device_name="KL-IPH-1", supervised=True, primary_user=ada, azure_ad_device_id=record.device_id
    )


def test_lost_phone_is_wiped_when_it_is_switched_on_and_stays_in_azure_ad(visitor, tenant, phone):
    ManagedDevice.objects.in_tenant(tenant).update(online=False)

    visitor.click("Devices", inside="#portal-nav")
    visitor.click("KL-IPH-1")
    visitor.click("Wipe")
    visitor.sees("Wipe resets 'KL-IPH-1' to factory settings.")
    visitor.click("No")
    visitor.sees("Nobody has asked for an action on this device.")
    visitor.click("Wipe")
    visitor.click("Yes", inside="dialog[open]")

    assert visitor.toasts == ["Wipe initiated"]
    visitor.sees("Wipe pending. The device is wiped when it next checks in.")
    assert [(row["Action"], row["Status"]) for row in visitor.rows("Device actions status")] == [("Wipe", "Pending")]
    with pytest.raises(AssertionError, match="is disabled"):
        visitor.click("Retire")
    visitor.click("Device actions of all devices")
    assert visitor.heading == "Monitor | Device actions"
    (row,) = visitor.rows("Device actions")
    assert (row["User"], row["Status"]) == ("ada@kestrel.example", "Attempting to reach device")

    services.check_in(tenant, [phone.pk])
    visitor.click("Refresh")
    (row,) = visitor.rows("Device actions")
    assert (row["Device name"], row["Status"]) == ("KL-IPH-1", "Completed")
    visitor.click("All devices", inside=".crumbs")
    visitor.sees("No devices to display")
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Devices", inside=".menu")
    (row,) = visitor.rows("Devices")
    assert (row["Name"], row["MDM"], row["Compliant"]) == ("KL-IPH-1", "None", "N/A")


def test_help_desk_operator_does_all_but_delete(portal_as, tenant, home, phone):
    visitor = Visitor(portal_as(Role.HELP_DESK_OPERATOR), home)
    visitor.click("Endpoint security")
    visitor.click("KL-IPH-1")
    for command in ("Sync", "Remote lock", "Remove passcode", "Restart"):
        visitor.click(command)
        visitor.click("Yes", inside="dialog[open]")
        assert visitor.toasts == [f"{command} completed"]
    visitor.click("Rename device")
    visitor.fill("New name", "KL-IPH-2")
    visitor.click("Rename")
    assert visitor.heading == "KL-IPH-2 | Overview"
    with pytest.raises(AssertionError, match="is disabled"):
        visitor.click("Delete")
    visitor.sees("This requires the permission 'Managed devices: Delete'")

    visitor.click("Properties")
    visitor.choose("Device ownership", "Personal")
    visitor.fill("Notes", "Bought by Ada.")
    visitor.click("Save")
    assert visitor.toasts == ["Device saved"]
    visitor.click("Overview")
    visitor.sees("Bought by Ada.", "Personal")
    visitor.click("Retire")
    visitor.click("Yes", inside="dialog[open]")

    visitor.sees("Successfully retired 'KL-IPH-2'.", "No devices to display")
    record = DirectoryDevice.objects.in_tenant(tenant).get()
    assert (record.display_name, record.mdm, record.is_compliant) == ("KL-IPH-2", "", None)


def test_reader_finds_every_command_greyed_out_with_its_reason(portal_as, tenant, home, phone):
    visitor = Visitor(portal_as(Role.READ_ONLY_OPERATOR), home)
    visitor.click("Endpoint security")
    for command in ("Sync", "Delete", "Bulk device actions"):
        with pytest.raises(AssertionError, match="is disabled"):
            visitor.click(command)
    visitor.click("KL-IPH-1")

    for command in ("Retire", "Wipe", "Delete", "Remote lock", "Sync", "Remove passcode", "Restart", "Rename device"):
        with pytest.raises(AssertionError, match="is disabled"):
            visitor.click(command)
    visitor.sees("This requires the permission 'Remote tasks: Wipe'")


def test_device_moves_to_the_partner_with_its_new_primary_user(visitor, tenant, ada):
    ConfigurationFactory(tenant=tenant, groups=[GroupFactory(tenant=tenant, members=[ada])])
    ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-9")

    visitor.click("Endpoint security")
    visitor.click("KL-IPH-9")
    visitor.click("Properties")
    visitor.click("Primary user Change primary user None")
    visitor.tick("Ada Lind")
    visitor.click("Select")
    visitor.sees("Ada Lind (ada@kestrel.example)")
    visitor.click("Save")
    visitor.click("Overview")

    visitor.sees(f"Managed by {WORKSPACE_ONE}", "A compliance partner manages this device.")
    with pytest.raises(AssertionError, match="is disabled"):
        visitor.click("Sync")
    visitor.click("Device compliance")
    visitor.sees(f"{WORKSPACE_ONE} decides whether this device is compliant.")
    visitor.click("Properties")
    visitor.click("Remove primary user")
    visitor.click("Save")
    visitor.click("Overview")
    visitor.sees("Managed by MDM")


def test_compliance_is_followed_down_to_the_setting_that_is_not_met(visitor, tenant, phone):
    late = tenant.now() - timedelta(days=40)
    CompliancePolicyFactory(tenant=tenant, display_name="iOS - passcode", require_passcode=True, changed_at=late)
    ManagedDevice.objects.in_tenant(tenant).update(last_checkin_at=late, compliance=Compliance.NOT_COMPLIANT)

    visitor.click("Endpoint security")
    visitor.click("KL-IPH-1")
    visitor.click("Device compliance")
    assert {row["Policy"]: row["State"] for row in visitor.rows("Compliance policies")} == {
        "Built-in Device Compliance Policy": "Not Compliant",
        "iOS - passcode": "Compliant",
    }
    visitor.click("Built-in Device Compliance Policy")

    assert {row["Setting"]: row["State"] for row in visitor.rows("Settings")} == {
        "Is active": "Not Compliant",
        "Enrolled user exists": "Compliant",
        "Has a compliance policy assigned": "Compliant",
    }
    visitor.sees("The device has not checked in within 30 days.")
    visitor.click("Return to Device compliance")
    visitor.click("Hardware")
    visitor.sees("Azure AD registered Yes", "Supervised Yes")


def test_same_action_goes_to_several_devices_in_three_steps(visitor, tenant):
    for name in ("KL-LT-1", "KL-LT-2", "KL-LT-3"):
        ManagedDeviceFactory(tenant=tenant, device_name=name, os=OperatingSystem.WINDOWS)
    ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-1")

    visitor.click("Devices", inside="#portal-nav")
    for name in ("KL-LT-1", "KL-LT-2", "KL-IPH-1"):
        visitor.tick(f"Select {name}")
    visitor.click("Bulk device actions")
    visitor.click("Next")
    visitor.sees("Correct the fields before you go to the next step.", "Select an OS.", "Select a device action.")
    visitor.choose("OS", "Windows")
    visitor.choose("Device action", "Restart")
    visitor.click("Next")
    visitor.sees("1 ticked device is left out, because the OS is another one.")
    visitor.click("Remove KL-LT-2")
    visitor.click("Select devices")
    visitor.tick("KL-LT-3")
    visitor.click("Select")
    assert [row["Device name"] for row in visitor.rows("Devices")] == ["KL-LT-1", "KL-LT-3"]
    visitor.click("Next")
    visitor.sees("Restart restarts these 2 devices.", "Devices (2)")
    visitor.click("Previous")
    visitor.click("Next")
    visitor.click("Create")

    visitor.sees("Restart completed", "2 devices have completed the action.")
    visitor.click("Device actions", inside=".toast")
    assert {(row["Device name"], row["Action"]) for row in visitor.rows("Device actions")} == {
        ("KL-LT-1", "Restart"),
        ("KL-LT-3", "Restart"),
    }


def test_ticked_devices_are_synced_and_deleted_from_the_list(visitor, tenant, phone):
    ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-5")

    visitor.click("Endpoint security")
    visitor.click("Sync")
    visitor.sees("Select at least one device.")
    visitor.tick("Select KL-IPH-1")
    visitor.tick("Select KL-IPH-5")
    visitor.click("Sync")
    visitor.sees("Sync makes these 2 devices check in with Intune now", "KL-IPH-1 (ada@kestrel.example)")
    visitor.click("Yes", inside="dialog[open]")
    assert visitor.toasts == ["Sync completed"]
    visitor.tick("Select KL-IPH-5")
    visitor.click("Delete")
    visitor.click("No", inside="dialog[open]")
    assert len(visitor.rows("Devices")) == 2
    visitor.tick("Select KL-IPH-5")
    visitor.click("Delete")
    visitor.click("Yes", inside="dialog[open]")

    visitor.sees("Successfully deleted 'KL-IPH-5'.")
    assert [row["Device name"] for row in visitor.rows("Devices")] == ["KL-IPH-1"]


def test_columns_are_chosen_and_the_file_has_them(visitor, portal, tenant, phone):
    ManagedDevice.objects.in_tenant(tenant).update(serial_number="F17X1", model="iPhone 11")

    visitor.click("Endpoint security")
    visitor.click("Columns")
    visitor.tick("Serial number")
    visitor.untick("OS version")
    visitor.click("Apply", inside="dialog[open]")
    (row,) = visitor.rows("Devices")
    assert row["Serial number"] == "F17X1"
    assert "OS version" not in row
    visitor.click("Export")
    visitor.sees("The rows that match the search and the filters are saved as a CSV file")
    file = portal.get(reverse("devices:export", args=[tenant.slug]), {"columns": "shown"})
    head, line = file.getvalue().decode("utf-8-sig").splitlines()
    assert head.split(",")[-1] == "Serial number"
    assert line.split(",")[-1] == "F17X1"
    visitor.click("Cancel")
    visitor.click("Columns")
    visitor.click("Reset to default")
    assert "OS version" in visitor.rows("Devices")[0]


def test_personal_android_phone_gets_a_passcode_and_is_retired_instead_of_wiped(visitor, tenant):
    ManagedDeviceFactory(
        tenant=tenant, device_name="KL-AND-1", os=OperatingSystem.ANDROID, ownership=Ownership.PERSONAL
    )
    visitor.click("Endpoint security")
    visitor.click("KL-AND-1")
    visitor.sees("Wipe is not available for personally owned devices with a work profile. Use Retire.")
    visitor.click("Reset passcode")
    visitor.click("Yes", inside="dialog[open]")
    visitor.sees("Temporary passcode: ", "It is shown for 7 days after it was set.")
    visitor.go(reverse("tenancy:clock", args=[tenant.slug]))
    for _ in range(8):
        visitor.click("+1 day")
    visitor.click("Endpoint security")
    visitor.click("KL-AND-1")
    visitor.sees_not("Temporary passcode: ")
    visitor.click("Retire")
    visitor.click("Yes", inside="dialog[open]")
    visitor.sees("Successfully retired 'KL-AND-1'.")


def test_device_that_is_switched_on_does_it_after_minutes_of_directory_time(visitor, tenant, phone):
    Tenant.objects.filter(pk=tenant.pk).update(propagation=Tenant.Propagation.REAL)
    visitor.click("Endpoint security")
    visitor.click("KL-IPH-1")
    visitor.click("Restart")
    visitor.click("Yes", inside="dialog[open]")
    visitor.sees("The action waits for the next check-in of 'KL-IPH-1'.")
    assert visitor.rows("Device actions status")[0]["Status"] == "Pending"

    visitor.go(reverse("tenancy:clock", args=[tenant.slug]))
    visitor.sees("Devices that are switched on check in and do what they were asked for")
    visitor.click("To the next event")
    visitor.click("Endpoint security")
    visitor.click("KL-IPH-1")

    assert visitor.rows("Device actions status")[0]["Status"] == "Completed"


def test_record_in_azure_ad_leads_to_the_device_in_intune_until_it_is_gone(visitor, tenant, phone):
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Devices", inside=".menu")
    visitor.click("KL-IPH-1")
    visitor.click("Manage")
    assert visitor.heading == "KL-IPH-1 | Overview"
    visitor.sees("Device actions status")

    DirectoryDevice.objects.in_tenant(tenant).update(device_id="00000000-0000-4000-8000-000000000000")
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Devices", inside=".menu")
    visitor.click("KL-IPH-1")
    visitor.click("Manage")
    visitor.sees("Intune has no device with this Azure AD device ID")
    visitor.click("Search for it in Intune")
    assert [row["Device name"] for row in visitor.rows("Devices")] == ["KL-IPH-1"]
