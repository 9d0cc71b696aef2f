"""The rest of the document: the partner is configured to work with Intune, and two phones are enrolled.

The steps in the portal are those of test_procedure_2020.py. In tenant time, by visible words only, without JavaScript.
"""

from __future__ import annotations

import pytest

from directory.models import Licence
from tenancy.models import Tenant
from tests.factories import (
    AccessPolicyFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    MobilityApplicationFactory,
)
from tests.journeys.test_procedure_2020 import WORKSPACE_ONE, add_partner, add_to_mobility
from tests.journeys.visitor import Visitor

SWITCH = "Use compliance data in Azure AD conditional access policies"


@pytest.fixture
def visitor(portal, tenant):
    """The trainee on Home of a directory in which changes take their time; mail asks for a compliant device.

    Ana and Ben are field engineers.
    """
    tenant.propagation = Tenant.Propagation.REAL
    tenant.save()
    people = [
        DirectoryUserFactory(tenant=tenant, display_name=name, upn=f"{name.split()[0].lower()}@kestrel.example")
        for name in ("Ana Duarte", "Ben Oduya")
    ]
    for user in people:
        LicenceFactory(tenant=tenant, user=user, sku=Licence.Sku.INTUNE)
    GroupFactory(tenant=tenant, display_name="Field engineers", members=people)
    MobilityApplicationFactory(tenant=tenant, gallery_key="microsoft_intune", display_name="Microsoft Intune")
    AccessPolicyFactory(
        tenant=tenant, display_name="Mail on compliant devices", all_apps=False, included_apps=["exchange_online"]
    )
    return Visitor(portal, "/")


def configure_intune(visitor):
    """Tasks 1 and 2 of the document."""
    add_to_mobility(visitor)
    visitor.click("Switch to Endpoint Manager admin center")
    add_partner(visitor)
    visitor.click("Create")
    visitor.sees("Pending activation")


def open_console(visitor, *, settings=True):
    visitor.click("Endpoint Manager admin center")
    visitor.click("Tenant administration")
    visitor.click("Connectors and tokens")
    visitor.click("Partner compliance management")
    visitor.click(WORKSPACE_ONE)
    visitor.click("Open the partner's console")
    if settings:
        visitor.click("Directory Services", inside=".side")


def tenant_id(visitor) -> str:
    """What the trainee copies from the portal."""
    visitor.click("Azure Active Directory > Overview")
    label = visitor.page.find(string="Tenant ID").find_parent()
    return label.find_next_sibling().get_text(strip=True)


def connect(visitor):
    """Task 3 of the document: "Configure your compliance partner to work with Intune"."""
    visitor.click("Connect the partner, and enroll devices")
    visitor.click("VMware Workspace ONE UEM", inside="main")
    visitor.click("Directory Services", inside=".side")
    visitor.sees("Not connected")
    copied = tenant_id(visitor)
    visitor.click("Switch to Endpoint Manager admin center")
    open_console(visitor)
    visitor.tick(SWITCH)
    visitor.fill("Tenant ID", copied)
    visitor.click("Save")
    visitor.sees("Settings saved", "Admin consent is missing.")
    visitor.click("Grant admin consent for AirWatch by VMware")
    visitor.sees("Permissions requested", "AirWatch by VMware")
    visitor.click("Accept")
    visitor.sees("Admin consent granted", "Connected", "Field engineers")


def enrol(visitor, name, phone):
    """Task 4 of the document: "Enroll your iOS or Android devices"."""
    visitor.click("Enroll device", inside=".side")
    visitor.fill("Search by name or user name", name)
    visitor.click("Search")
    visitor.click(name)
    visitor.choose("Platform", "iOS/iPadOS")
    visitor.fill("Device name", phone)
    visitor.fill("Model", "iPhone 11")
    visitor.click("Enroll")
    visitor.sees("Device enrolled", "Not registered with Azure AD")
    visitor.tick("Microsoft Authenticator")
    visitor.click("Register")
    visitor.sees("Device registered", "To be reported")


def pass_an_hour(visitor, tenant):
    visitor.go(f"/t/{tenant.slug}/clock/")
    visitor.click("+1 hour")
    visitor.sees("Clock moved forward")


def sign_in(visitor, device) -> str:
    """Try mail as the device's owner, from the device's record in Azure AD; return what the log says of it."""
    visitor.go("/")
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Devices")
    visitor.click(device)
    visitor.click("Sign in as")
    visitor.choose("Cloud app", "Office 365 Exchange Online")
    visitor.click("Sign in")
    visitor.click("Show the sign-in in the log")
    return visitor.text


def test_partner_is_connected_two_phones_enrolled_and_both_sides_agree(visitor, tenant):
    configure_intune(visitor)
    visitor.click("Home")
    connect(visitor)

    enrol(visitor, "Ana Duarte", "Ana's iPhone")
    enrol(visitor, "Ben Oduya", "Ben's iPhone")
    visitor.choose("Compliance", "Not compliant")
    visitor.fill("Reason", "The passcode is too short.")
    visitor.click("Change compliance")
    visitor.sees("Compliance changed")
    pass_an_hour(visitor, tenant)

    visitor.click("Endpoint security")
    intune = {row["Device name"]: (row["Managed by"], row["Compliance"]) for row in visitor.rows("Devices")}
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Devices")
    azure = {row["Name"]: (row["MDM"], row["Compliant"]) for row in visitor.rows("Devices")}
    visitor.click("Switch to Endpoint Manager admin center")
    open_console(visitor, settings=False)
    visitor.sees("Active")
    visitor.click("List view", inside=".side")
    console = {row["Device"]: row["Compliance"] for row in visitor.rows("Devices")}
    assert intune == {
        "Ana's iPhone": (WORKSPACE_ONE, "Compliant"),
        "Ben's iPhone": (WORKSPACE_ONE, "Not compliant"),
    }
    assert azure == {"Ana's iPhone": (WORKSPACE_ONE, "Yes"), "Ben's iPhone": (WORKSPACE_ONE, "No")}
    assert console == {"Ana's iPhone": "Compliant", "Ben's iPhone": "Not compliant"}
    visitor.click("Ben's iPhone")
    visitor.sees("Azure Device Compliance Status Successful", "The passcode is too short.")

    good, bad = sign_in(visitor, "Ana's iPhone"), sign_in(visitor, "Ben's iPhone")
    assert "Status Success" in good
    assert "53000" in bad
    assert "53000" not in good
