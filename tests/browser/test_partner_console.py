"""The rest of the document in Chromium: the partner is connected, two phones are enrolled; with script and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from directory.models import Licence
from partners import catalogue
from partners import services as partner_services
from partners.models import Platform
from tenancy.models import Tenant
from tests.browser.office import WORKSPACE_ONE, button, link
from tests.factories import (
    AccessPolicyFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    MembershipFactory,
    OperatorFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

SWITCH = "Use compliance data in Azure AD conditional access policies"


@pytest.fixture(params=["with script", "without script"])
def visitor(request, sign_in) -> Page:
    """A trainee on Home of a directory in which changes take their time; the partner is added for iPhones."""
    tenant = TenantFactory(slug="kestrel", display_name="Kestrel Logistics", propagation=Tenant.Propagation.REAL)
    people = [DirectoryUserFactory(tenant=tenant, display_name=name) for name in ("Ana Duarte", "Ben Oduya")]
    for user in people:
        LicenceFactory(tenant=tenant, user=user, sku=Licence.Sku.INTUNE)
    partner_services.create_configuration(
        tenant=tenant,
        actor=None,
        partner=catalogue.partners()["workspace_one"],
        platform=Platform.IOS,
        groups=[GroupFactory(tenant=tenant, display_name="Field engineers", members=people)],
    )
    AccessPolicyFactory(tenant=tenant, all_apps=False, included_apps=["exchange_online"])
    operator = OperatorFactory()
    MembershipFactory(operator=operator, tenant=tenant)
    page: Page = request.getfixturevalue("page" if request.param == "with script" else "no_script_page")
    sign_in(page, operator)
    page.set_default_timeout(10_000)
    page.goto("/")
    return page


def open_console(page: Page) -> None:
    """From a blade of the portal, by the partner's Overview."""
    link(page, "Tenant administration").click()
    link(page, "Connectors and tokens").click()
    link(page, "Partner compliance management").first.click()
    link(page, WORKSPACE_ONE).click()
    link(page, "Open the partner's console").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(link(page, "VMware Workspace ONE UEM")).to_be_visible()


def connect(page: Page) -> None:
    link(page, "Directory Services").first.click()
    link(page, "Azure Active Directory > Overview").click()
    copied = page.get_by_text("Tenant ID", exact=True).locator("xpath=following-sibling::*[1]").inner_text()
    page.go_back()
    page.get_by_label(SWITCH).check()
    page.get_by_label("Tenant ID").fill(copied)
    button(page, "Save").click()
    link(page, "Grant admin consent for AirWatch by VMware").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Permissions requested")
    button(page, "Accept").click()
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()


def enrol(page: Page, person: str, phone: str) -> None:
    link(page, "Enroll device").first.click()
    page.get_by_label("Search by name or user name").fill(person)
    page.keyboard.press("Enter")
    link(page, person).click()
    page.get_by_label("Platform").select_option("iOS/iPadOS")
    page.get_by_label("Device name").fill(phone)
    button(page, "Enroll").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(phone)
    page.get_by_label("Microsoft Authenticator").check()
    button(page, "Register").click()
    expect(page.get_by_text("Device registered")).to_be_visible()


def test_partner_is_connected_and_two_phones_stand_on_both_sides(visitor):
    page = visitor
    open_console(page)
    connect(page)

    enrol(page, "Ana Duarte", "Ana's iPhone")
    enrol(page, "Ben Oduya", "Ben's iPhone")
    page.get_by_role("combobox", name="Compliance").select_option("Not compliant")
    page.get_by_label("Reason").fill("The passcode is too short.")
    button(page, "Change compliance").click()
    expect(page.get_by_text("Compliance changed")).to_be_visible()
    page.goto("/t/kestrel/clock/")
    button(page, "+1 hour").click()
    expect(page.get_by_text("Clock moved forward").first).to_be_visible()

    link(page, "Endpoint security").click()
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="Ana's iPhone").filter(has_text=WORKSPACE_ONE)).to_contain_text("Compliant")
    expect(rows.filter(has_text="Ben's iPhone").filter(has_text=WORKSPACE_ONE)).to_contain_text("Not compliant")
    page.goto("/t/kestrel/azure-ad/devices/")
    expect(rows.filter(has_text="Ana's iPhone")).to_contain_text("Yes")
    expect(rows.filter(has_text="Ben's iPhone").filter(has_text=WORKSPACE_ONE)).to_contain_text("No")
    page.goto("/uem/kestrel/workspace_one/devices/")
    expect(rows).to_have_count(3)

    page.goto("/t/kestrel/azure-ad/devices/")
    link(page, "Ben's iPhone").click()
    link(page, "Sign in as").click()
    page.get_by_label("Cloud app").select_option("Office 365 Exchange Online")
    button(page, "Sign in").click()
    link(page, "Show the sign-in in the log").click()
    expect(page.get_by_text("53000").first).to_be_visible()


def test_console_is_worked_by_keyboard_alone(visitor):
    page = visitor
    page.goto("/uem/kestrel/workspace_one/settings/")

    page.keyboard.press("Tab")
    expect(link(page, "Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label(SWITCH)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("contoso")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Enter the tenant ID as 32 hexadecimal digits with hyphens.")).to_be_visible()
    expect(page.get_by_label("Tenant ID")).to_have_value("contoso")
