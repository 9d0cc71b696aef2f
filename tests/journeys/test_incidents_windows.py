"""Incidents 13 to 18, 20 and 21: automatic enrollment, and devices that Intune manages; healed through the pages."""

from __future__ import annotations

from functools import partial

import pytest

from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import MembershipFactory
from tests.journeys.incidents import Trainee
from tests.journeys.visitor import Visitor

WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"


@pytest.fixture
def take(portal, tenant):
    """Take the ticket of an incident, in a directory in which changes take their time."""
    tenant.propagation = Tenant.Propagation.REAL
    tenant.save()
    return partial(Trainee, portal, tenant)


# Automatic enrollment


def test_13_user_comes_into_the_mdm_user_scope(take):
    trainee = take(13)
    assert trainee.marks() == ("None", "N/A")
    trainee.troubleshoot()
    assert [row["Device name"] for row in trainee.rows("Enrollment failures")] == [trainee.facts["device"]]
    trainee.sees("Event 76, 0x8018002b")
    trainee.join("LAPTOP-A")
    trainee.sees("76", "0x8018002b")
    trainee.configure()
    trainee.sees("1 group selected")
    trainee.open_group("Windows pilot")
    trainee.click("Members", inside=".menu")
    assert trainee.facts["name"] not in [row["Name"] for row in trainee.rows("Members")]
    trainee.configure()
    trainee.option("MAM User scope", "All")  # looks like the answer, and is none
    trainee.click("Save")
    trainee.join("LAPTOP-B")
    trainee.sees("0x8018002b")
    assert not trainee.is_healed()
    trainee.configure()
    trainee.option("MAM User scope", "None")
    trainee.click("Save")

    trainee.add_member("Windows pilot")

    trainee.join("LAPTOP-C")
    trainee.sees_not("0x8018002b")
    trainee.pass_by()
    assert [row["MDM"] for row in trainee.azure("LAPTOP-C")] == ["Microsoft Intune"]
    assert trainee.is_healed()


def test_14_default_urls_are_restored(take):
    trainee = take(14)
    trainee.configure()
    assert trainee.page.select_one("#id_mdm_terms_of_use_url").get("value", "") == ""
    trainee.troubleshoot()
    assert [row["Device name"] for row in trainee.rows("Enrollment failures")] == [trainee.facts["device"]]
    trainee.join("LAPTOP-A")
    trainee.sees("Looks like the MDM Terms of Use endpoint is not correctly configured.")
    trainee.configure()
    trainee.fill("MDM terms of use URL", "https://www.kestrel.example/terms")
    trainee.click("Save")
    trainee.join("LAPTOP-A")
    trainee.sees("Looks like the MDM Terms of Use endpoint is not correctly configured.")
    assert not trainee.is_healed()

    trainee.configure()
    trainee.click("Restore default MDM URLs")
    trainee.click("Save")

    trainee.join("LAPTOP-A")
    trainee.sees("You're all set!")
    trainee.pass_by()
    assert [row["MDM"] for row in trainee.azure("LAPTOP-A")] == ["Microsoft Intune"]
    assert trainee.is_healed()


def test_15_mam_user_scope_no_longer_covers_the_user(take):
    trainee = take(15)
    assert trainee.marks() == ("None", "N/A")
    trainee.join("LAPTOP-A", own_device=True)
    trainee.sees("MAM User scope", "outranks")
    trainee.configure()
    trainee.option("MDM user scope", "All")
    trainee.click("Save")
    trainee.join("LAPTOP-B", own_device=True)
    trainee.sees("MAM User scope", "outranks")
    assert not trainee.is_healed()

    trainee.configure()
    trainee.option("MAM User scope", "None")
    trainee.click("Save")

    trainee.join("LAPTOP-C", own_device=True)
    trainee.pass_by()
    assert [row["MDM"] for row in trainee.azure("LAPTOP-C")] == ["Microsoft Intune"]
    assert trainee.is_healed()


def test_16_scopes_no_longer_overlap(take):
    trainee = take(16)
    trainee.troubleshoot()
    assert [row["Device name"] for row in trainee.rows("Enrollment failures")] == [trainee.facts["device"]]
    overlap = trainee.facts["application"]
    trainee.configure()
    trainee.sees("overlap", overlap)
    trainee.option("MDM user scope", "All")
    trainee.click("Save")
    trainee.join("LAPTOP-A")
    trainee.sees("more than one application")
    assert not trainee.is_healed()

    trainee.configure(overlap)
    trainee.option("MDM user scope", "None")
    trainee.click("Save")
    trainee.pass_by()

    trainee.configure()
    trainee.sees_not("overlap")
    trainee.join("LAPTOP-B")
    trainee.pass_by()
    assert [row["MDM"] for row in trainee.azure("LAPTOP-B")] == ["Microsoft Intune"]
    assert trainee.is_healed()


# Intune's own devices


def set_without_policy(trainee, answer):
    trainee.open("devices:policy-settings")
    trainee.option("Mark devices with no compliance policy assigned as", answer)
    trainee.click("Save")


def test_17_policy_is_assigned_before_devices_without_one_are_marked(take):
    trainee = take(17)
    trainee.open_device()
    trainee.sees("Compliant")
    trainee.click("Device compliance")
    trainee.click("Built-in Device Compliance Policy")
    trainee.sees("Has a compliance policy assigned")
    set_without_policy(trainee, "Not compliant")  # alone it cuts off every device without a policy
    trainee.pass_by("+8 hours")
    assert not trainee.is_healed()

    trainee.open("devices:policy-list")
    trainee.click("Create policy")
    trainee.choose("Platform", "Windows 10 and later")
    trainee.click("Create", inside="dialog[open]")
    trainee.fill("Name", "Windows 10 - BitLocker")
    trainee.click("Next")
    trainee.option("Require encryption of data storage on device", "Require")
    trainee.click("Next")
    trainee.click("Next")
    trainee.click("Add all users")
    trainee.click("Next")
    trainee.click("Create")
    trainee.pass_by("+8 hours")

    trainee.open_device()
    trainee.sees("Not compliant")
    trainee.click("Device compliance")
    trainee.sees("Windows 10 - BitLocker")
    assert trainee.is_healed()


def test_18_laptop_that_came_back_is_synced(take):
    trainee = take(18)
    trainee.pass_by(times=2)
    trainee.open_device()
    trainee.sees("Not compliant")
    trainee.click("Device compliance")
    trainee.click("Built-in Device Compliance Policy")
    trainee.sees("Is active Not Compliant")
    assert trainee.marks() == ("Microsoft Intune", "No")
    assert trainee.shown() == ("Not compliant", "No")
    trainee.pass_by("+1 day")
    assert trainee.marks() == ("Microsoft Intune", "No")

    trainee.open_device()
    trainee.click("Sync")
    trainee.click("Yes", inside="dialog[open]")
    trainee.pass_by()

    assert trainee.marks() == ("Microsoft Intune", "Yes")
    assert trainee.shown() == ("Compliant", "Yes")
    assert trainee.is_healed()


def test_18_longer_validity_period_does_not_heal(take):
    trainee = take(18)
    trainee.pass_by()

    trainee.open("devices:policy-settings")
    trainee.fill("Compliance status validity period (days)", "120")
    trainee.click("Save")
    trainee.pass_by("+1 day")

    assert not trainee.is_healed()


def test_20_phone_is_retired_in_the_partners_console_and_leaves_its_group(take):
    trainee = take(20)
    assert trainee.marks() == (WORKSPACE_ONE, "No")

    trainee.open_phone()
    trainee.click("Retire", inside=".page__actions")
    trainee.click("Retire", inside="main form")
    trainee.pass_by()
    assert trainee.marks() == ("None", "N/A")
    trainee.open_group(trainee.facts["group"])
    trainee.click("Members", inside=".menu")
    trainee.tick(f"Select {trainee.facts['name']}")
    trainee.click("Remove")
    trainee.pass_by("+8 hours", times=3)

    assert trainee.marks() == ("Microsoft Intune", "Yes")
    assert trainee.is_healed()


def test_20_deleting_the_phone_in_the_partners_console_does_not_heal(take):
    trainee = take(20)

    trainee.open_phone()
    trainee.click("Delete", inside=".page__actions")
    trainee.click("Delete", inside="main form")
    trainee.pass_by("+1 day")

    assert trainee.marks() == (WORKSPACE_ONE, "No")
    assert not trainee.is_healed()


@pytest.fixture
def technician(tenant):
    return MembershipFactory(
        tenant=tenant,
        role=Role.HELP_DESK_OPERATOR,
        operator__display_name="Tomas",
        operator__email="tomas@kestrel.example",
    ).operator


def at_the_help_desk(trainee, technician):
    client = type(trainee.client)()
    client.force_login(technician)
    return Visitor(client, trainee.url)


def test_21_stale_device_is_deleted_by_somebody_who_may(take, technician):
    trainee = take(21)
    assert "Tomas" in trainee.injection.ticket
    trainee.open_device()
    desk = at_the_help_desk(trainee, technician)
    with pytest.raises(AssertionError, match="is disabled"):
        desk.click("Delete")
    desk.sees("This requires the permission 'Managed devices: Delete'")

    trainee.click("Delete")
    trainee.click("Yes", inside="dialog[open]")
    trainee.pass_by()

    trainee.open("devices:list")
    trainee.sees_not(trainee.facts["device"])
    assert trainee.is_healed()


def test_21_technician_retires_the_device_instead(take, technician):
    trainee = take(21)
    trainee.open_device()
    desk = at_the_help_desk(trainee, technician)

    desk.click("Retire")
    desk.click("Yes", inside="dialog[open]")

    desk.sees("Retire pending")
    assert trainee.is_healed()


def test_21_wider_role_for_the_technician_is_no_answer(take, technician):
    trainee = take(21)
    trainee.open("tenancy:role-list")
    trainee.click("Intune administrator")
    trainee.click("Assignments")
    trainee.click("Assign")
    trainee.choose("Operator", "Tomas (tomas@kestrel.example), Help Desk Operator")
    trainee.click("Assign", inside=".foot")
    trainee.open_device()
    desk = at_the_help_desk(trainee, technician)

    desk.click("Delete")
    desk.click("Yes", inside="dialog[open]")

    desk.sees_not(f"{trainee.facts['device']} | Overview")
    assert not trainee.is_healed()
