"""Incidents 1 to 12, which lie between Intune, a compliance partner and Azure AD: found and healed through the pages.

In tenant time, by visible words, without JavaScript. Each asserts the symptom where the ticket's trail leads, heals it,
lets the clock go on, and asserts what the incident's verification says.
"""

from __future__ import annotations

from functools import partial

import pytest

from directory.models import DirectoryDevice
from tenancy.models import Tenant
from tests.journeys.incidents import Trainee

EXCHANGE = "Office 365 Exchange Online"
AUTHENTICATOR = "Microsoft Authenticator"
WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"
WORKSPACE_ONE_PRODUCT = "VMware Workspace ONE UEM"


@pytest.fixture
def take(portal, tenant):
    """Take the ticket of an incident, in a directory in which changes take their time."""
    tenant.propagation = Tenant.Propagation.REAL
    tenant.save()
    return partial(Trainee, portal, tenant)


def records_of(trainee):
    """Azure AD's records of the user's devices, the oldest first."""
    records = DirectoryDevice.objects.in_tenant(trainee.tenant).filter(owner=trainee.injection.user)
    return records.order_by("registered_at")


def test_1_new_hires_are_reported_after_sync(take):
    trainee = take(1)
    trainee.open_partner()
    trainee.click("Properties")
    trainee.sees(trainee.facts["group"])
    trainee.open_console()
    trainee.sees_not(trainee.facts["group"])
    trainee.open_last_sign_in()
    trainee.sees("Office 365 Exchange Online", "53000")
    trainee.pass_by("+1 day")
    assert trainee.marks() == ("None", "N/A")

    trainee.sync()
    trainee.sees(f"New: {trainee.facts['group']}.")
    trainee.pass_by()

    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    trainee.sign_in(EXCHANGE, device=records_of(trainee).get().pk)
    trainee.sees_not("You can't get there from here")
    assert trainee.is_healed()


def edit_assignments(trainee):
    trainee.open_partner()
    trainee.click("Properties")
    trainee.click("Edit assignments")


def save_assignments(trainee):
    trainee.click("Review + save")
    trainee.click("Save")


def test_1_adding_the_group_again_and_waiting_tells_the_partner_nothing(take):
    trainee = take(1)
    edit_assignments(trainee)
    trainee.click(f"Remove {trainee.facts['group']}")
    save_assignments(trainee)
    trainee.sees_not(trainee.facts["group"])

    edit_assignments(trainee)
    trainee.click("Add groups")
    trainee.tick(trainee.facts["group"])
    trainee.click("Select")
    save_assignments(trainee)
    trainee.sees(trainee.facts["group"])
    trainee.pass_by("+1 day")

    trainee.open_console()
    trainee.sees_not(trainee.facts["group"])
    assert trainee.marks() == ("None", "N/A")
    assert not trainee.is_healed()


def test_2_partner_is_active_after_tenant_id_and_consent(take):
    trainee = take(2)
    row = trainee.partner_row()
    assert (row["Partner status"], row["Last successful sync"]) == ("Pending activation", "Never")
    trainee.open("console:connector-status")
    trainee.sees("Not Enabled")

    trainee.open_console()
    trainee.click("Azure Active Directory > Overview")
    copied = trainee.page.find(string="Tenant ID").find_parent().find_next_sibling().get_text(strip=True)
    trainee.open_console()
    trainee.tick("Use compliance data in Azure AD conditional access policies")
    trainee.fill("Tenant ID", copied)
    trainee.click("Save")
    assert not trainee.is_healed()
    trainee.open_console()
    trainee.click("Grant admin consent for AirWatch by VMware")
    trainee.click("Accept")
    trainee.sees("Connected")

    assert trainee.partner_row()["Partner status"] == "Active"
    assert trainee.is_healed()


def test_2_adding_the_partner_again_does_not_activate_it(take):
    trainee = take(2)
    trainee.delete_partner()

    trainee.add_partner(WORKSPACE_ONE, trainee.facts["platform_name"], f"{trainee.facts['product']} users")
    trainee.pass_by("+1 day")

    assert trainee.partner_row()["Partner status"] == "Pending activation"
    assert not trainee.is_healed()


def test_3_partner_that_fell_silent_is_heard_of_after_consent(take):
    trainee = take(3)
    trainee.pass_by("+1 day")
    trainee.pass_by()
    trainee.open("console:connector-status")
    trainee.sees("Warning")
    trainee.pass_by("+1 day", times=2)
    assert trainee.partner_row()["Partner status"] == "Unresponsive"
    trainee.open("console:connector-status")
    trainee.sees("Unhealthy")

    trainee.open_console()
    trainee.sees("Sign-in lost")
    trainee.click("Grant admin consent for AirWatch by VMware")
    trainee.click("Accept")

    assert trainee.partner_row()["Partner status"] == "Active"
    trainee.open("console:connector-status")
    trainee.sees("Healthy")
    trainee.pass_by()
    assert trainee.is_healed()


def test_3_recreating_the_partner_leaves_it_pending(take):
    trainee = take(3)
    trainee.delete_partner()

    trainee.add_partner(WORKSPACE_ONE, trainee.facts["platform_name"], f"{trainee.facts['product']} users")
    trainee.pass_by("+1 day")

    assert trainee.partner_row()["Partner status"] == "Pending activation"
    assert not trainee.is_healed()


def test_4_enrolled_phone_is_registered_and_turns_compliant(take):
    trainee = take(4)
    assert trainee.azure() == []
    trainee.open_last_sign_in()
    trainee.sees("Microsoft Teams", "53000")
    trainee.click("Device info")
    trainee.sees("The sign-in presented no device ID")
    trainee.open_phone()
    trainee.sees("Not registered with Azure AD", "Workplace_Join_Required")

    trainee.register(AUTHENTICATOR)
    registered = trainee.marks()
    trainee.pass_by()

    assert registered == ("None", "N/A")
    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    assert trainee.is_healed()


def test_4_marking_the_phone_as_compliant_does_not_register_it(take):
    trainee = take(4)
    trainee.open_phone()

    trainee.choose("Compliance", "Compliant")
    trainee.click("Change compliance")
    trainee.pass_by()

    assert trainee.azure() == []
    assert not trainee.is_healed()


def test_5_wrong_registration_is_removed_and_made_anew_in_the_right_app(take):
    trainee = take(5)
    trainee.open_phone()
    trainee.sees("AccountNotOnboarded")
    assert trainee.marks() == ("None", "N/A")
    trainee.register("Jamf Self Service")
    trainee.sees("Delete the device's record in Azure Active Directory first, then register again.")

    trainee.delete_record(DirectoryDevice.objects.in_tenant(trainee.tenant).get(owner=trainee.injection.user).pk)
    trainee.register("Jamf Self Service")
    trainee.sees("Device registered")
    trainee.pass_by()

    assert trainee.marks() == ("Jamf Device Compliance", "Yes")
    assert trainee.is_healed()


def test_5_registering_through_company_portal_again_fails_again(take):
    trainee = take(5)
    trainee.delete_record(DirectoryDevice.objects.in_tenant(trainee.tenant).get(owner=trainee.injection.user).pk)

    trainee.register("Company Portal")
    trainee.sees("Registration failed", "AccountNotOnboarded")
    trainee.pass_by()

    assert trainee.marks() == ("None", "N/A")
    assert not trainee.is_healed()


def test_7_named_group_brings_the_partner_back(take):
    trainee = take(7)
    trainee.pass_by()
    assert trainee.partner_row()["Partner status"] == "Pending activation"
    trainee.open_partner()
    trainee.click("Properties")
    trainee.sees("All users")

    trainee.click("Edit assignments")
    trainee.click("Remove all users")
    trainee.click("Add groups")
    trainee.tick(trainee.facts["group"])
    trainee.click("Select")
    save_assignments(trainee)
    trainee.pass_by()

    assert trainee.partner_row()["Partner status"] == "Active"
    assert trainee.is_healed()


def test_7_excluding_a_group_beside_all_users_does_not_bring_the_partner_back(take):
    trainee = take(7)
    trainee.pass_by()

    edit_assignments(trainee)
    trainee.click("Add groups")  # only those of Excluded groups can be pressed
    trainee.tick(trainee.facts["group"])
    trainee.click("Select")
    save_assignments(trainee)
    trainee.sees("All users", trainee.facts["group"])
    trainee.pass_by("+1 day")

    assert trainee.partner_row()["Partner status"] == "Pending activation"
    assert not trainee.is_healed()


def test_8_user_joins_the_partners_group(take):
    trainee = take(8)
    assert trainee.marks() == ("None", "N/A")
    trainee.open_partner()
    trainee.click("Properties")
    trainee.sees(trainee.facts["group"])
    assert trainee.shown() == ("Not enrolled", "N/A")
    assert trainee.facts["group"] not in [row["Name"] for row in trainee.rows("Group membership")]
    trainee.sync()  # looks like the answer, and is none
    trainee.pass_by()
    assert trainee.marks() == ("None", "N/A")
    assert not trainee.is_healed()

    trainee.add_member(trainee.facts["group"])
    trainee.pass_by(times=2)

    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    assert trainee.shown() == ("Compliant", "Yes")
    assert trainee.is_healed()


def assign(trainee, product):
    trainee.open_user()
    trainee.click("Licenses", inside=".menu")
    trainee.click("Assignments")
    trainee.tick(product)
    trainee.click("Save")


def test_9_user_gets_an_intune_license(take):
    trainee = take(9)
    trainee.open_phone()
    trainee.sees("The user has no Intune license.")
    assert trainee.marks() == ("None", "N/A")
    trainee.troubleshoot()
    trainee.sees("Intune license No")

    assign(trainee, "Microsoft Intune")
    trainee.pass_by("+1 day")

    assert trainee.shown() == ("Compliant", "Yes")
    trainee.sees("Intune license Yes")
    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    assert trainee.is_healed()


def test_9_another_license_and_sync_do_not_help(take):
    trainee = take(9)

    assign(trainee, "Azure Active Directory Premium P1")
    trainee.sync()
    trainee.pass_by("+1 day")

    assert trainee.marks() == ("None", "N/A")
    trainee.open_phone()
    trainee.sees("The user has no Intune license.")
    assert not trainee.is_healed()


def test_10_stale_record_is_deleted(take):
    trainee = take(10)
    old, new = records_of(trainee)
    assert sorted((row["MDM"], row["Compliant"]) for row in trainee.azure()) == [
        ("None", "N/A"),
        (WORKSPACE_ONE, "Yes"),
    ]
    trainee.open("directory:device-overview", old.pk)
    trainee.sees("Another record has the same name.")
    trainee.open_last_sign_in("Device info")
    trainee.sees(str(old.device_id))
    trainee.sees_not(str(new.device_id))

    trainee.delete_record(old.pk)
    trainee.pass_by()

    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    trainee.sign_in(EXCHANGE, device=new.pk)
    trainee.sees_not("You can't get there from here")
    trainee.open_last_sign_in("Device info")
    trainee.sees(str(new.device_id))
    assert trainee.is_healed()


def test_10_deleting_the_good_record_does_not_heal(take):
    trainee = take(10)
    _, new = records_of(trainee)

    trainee.delete_record(new.pk)
    trainee.pass_by()

    assert trainee.marks() == ("None", "N/A")
    assert not trainee.is_healed()


def test_11_old_configuration_makes_room_for_the_new_partner(take):
    trainee = take(11)
    trainee.open("partners:configuration-list")
    trainee.click("Add compliance partner", inside='[role="toolbar"]')
    trainee.choose("Compliance partner", trainee.facts["wanted_name"])
    trainee.choose("Platform", "Android")
    trainee.click("Next")
    trainee.sees("A compliance partner already exists for platform 'Android'.")

    trainee.delete_partner()
    assert not trainee.is_healed()  # the wish is not fulfilled by that alone
    trainee.add_partner(trainee.facts["wanted_name"], "Android", f"{WORKSPACE_ONE_PRODUCT} users")

    assert trainee.partner_row()["Partner"] == trainee.facts["wanted_name"]
    assert trainee.is_healed()


def test_12_second_configuration_for_the_missing_platform(take):
    trainee = take(12)
    trainee.open("partners:configuration-list")
    assert [row["Platform"] for row in trainee.rows("Compliance partners")] == [trainee.facts["other_platform_name"]]
    assert trainee.marks() == ("None", "N/A")

    trainee.add_partner(WORKSPACE_ONE, trainee.facts["platform_name"], trainee.facts["group"])
    trainee.sync()
    trainee.pass_by()

    assert trainee.marks() == (WORKSPACE_ONE, "Yes")
    assert trainee.is_healed()


def test_12_another_partner_for_the_platform_does_not_help(take):
    trainee = take(12)

    trainee.add_partner("SOTI MobiControl", trainee.facts["platform_name"], trainee.facts["group"])
    trainee.sync()
    trainee.pass_by("+1 day")

    assert trainee.marks() == ("None", "N/A")
    assert not trainee.is_healed()
