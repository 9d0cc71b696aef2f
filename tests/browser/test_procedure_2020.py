"""The document of 07/15/2020 again, click by click, in Chromium: with JavaScript and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from devices.models import OperatingSystem
from tenancy.models import Operator
from tests.factories import (
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    MobilityApplicationFactory,
    OperatorFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"


@pytest.fixture(params=["with script", "without script"])
def visitor(request, sign_in) -> Page:
    """A trainee on Home of a small directory: Ana and Ben, each with an iPhone and in a group of their own."""
    name = "page" if request.param == "with script" else "no_script_page"
    page: Page = request.getfixturevalue(name)
    sign_in(page, _trainee())
    page.set_default_timeout(10_000)
    page.goto("/")
    return page


def _trainee() -> Operator:
    tenant = TenantFactory(slug="kestrel", display_name="Kestrel Logistics")
    for name, group in (("Ana", "Field engineers"), ("Ben", "Front desk")):
        user = DirectoryUserFactory(tenant=tenant, display_name=name, upn=f"{name.lower()}@kestrel.example")
        GroupFactory(tenant=tenant, display_name=group, members=[user])
        ManagedDeviceFactory(tenant=tenant, device_name=f"{name}'s iPhone", os=OperatingSystem.IOS, primary_user=user)
    MobilityApplicationFactory(tenant=tenant, gallery_key="microsoft_intune", display_name="Microsoft Intune")
    operator = OperatorFactory(email="mara.lindqvist@kestrel.example", display_name="Mara Lindqvist")
    MembershipFactory(operator=operator, tenant=tenant, role="global_administrator")
    return operator


def link(page: Page, name: str):
    return page.get_by_role("link", name=name, exact=True)


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(re.escape(words), re.IGNORECASE))


def managed_by(page: Page) -> dict[str, str]:
    link(page, "Endpoint security").click()
    heading(page, "Endpoint security | All devices")
    rows = page.locator("table.grid tbody tr")
    expect(rows).to_have_count(2)
    heads = page.locator("table.grid thead th").all_inner_texts()
    at = {label: n for n, head in enumerate(heads) for label in ("Device name", "Managed by") if label in head}
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    return {row[at["Device name"]]: row[at["Managed by"]] for row in cells}


def choose_group(page: Page, opener, group: str) -> None:
    opener.click()
    pane = page.get_by_role("dialog")
    pane.get_by_role("checkbox", name=re.compile(f"^{group}")).check()
    pane.get_by_role("button", name="Select", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_whole_procedure(visitor):
    page = visitor

    # Add a device compliance partner to Azure AD
    page.get_by_role("link", name="Switch to Azure Active Directory admin center").click()
    link(page, "Mobility (MDM and MAM)").first.click()
    heading(page, "Mobility (MDM and MAM)")
    link(page, "Add application").click()
    heading(page, "Add an application")
    page.get_by_role("link", name=re.compile("^AirWatch by VMware")).click()
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Application added")
    link(page, "AirWatch by VMware").click()
    heading(page, "Configure")
    page.locator(".options label", has_text="Some").first.click()
    choose_group(page, page.locator("button.selector").first, "Field engineers")
    expect(page.locator("button.selector").first).to_contain_text("1 group selected")
    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Configuration saved")

    # Add a compliance partner to Intune
    page.get_by_role("link", name="Switch to Endpoint Manager admin center").click()
    assert managed_by(page) == {"Ana's iPhone": "MDM", "Ben's iPhone": "MDM"}
    link(page, "Tenant administration").click()
    link(page, "Connectors and tokens").first.click()
    link(page, "Partner compliance management").first.click()
    page.get_by_role("toolbar").get_by_role("link", name="Add compliance partner").click()
    heading(page, "Create compliance partner")
    page.get_by_label("Compliance partner", exact=True).select_option(WORKSPACE_ONE)
    page.get_by_label("Platform", exact=True).select_option("iOS/iPadOS")
    button(page, "Next").click()
    choose_group(page, page.get_by_role("button", name="Add groups").first, "Field engineers")
    expect(page.get_by_role("table", name="Included groups")).to_contain_text("Field engineers")
    button(page, "Next").click()
    expect(page.locator("main")).to_contain_text(WORKSPACE_ONE)
    button(page, "Create").click()
    expect(page.locator("#toasts")).to_contain_text("Compliance partner created")
    expect(page.get_by_role("table", name="Compliance partners")).to_contain_text("Pending activation")
    assert managed_by(page) == {"Ana's iPhone": WORKSPACE_ONE, "Ben's iPhone": "MDM"}

    # Modify the configuration for a compliance partner
    link(page, "Tenant administration").click()
    link(page, "Connectors and tokens").first.click()
    link(page, "Partner compliance management").first.click()
    link(page, WORKSPACE_ONE).click()
    link(page, "Properties").click()
    link(page, "Edit assignments").click()
    choose_group(page, page.get_by_role("button", name="Add groups").first, "Front desk")
    button(page, "Review + save").click()
    expect(page.locator("main")).to_contain_text("Front desk")
    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Assignments saved")

    # Monitor devices managed by third-party device compliance partners
    assert managed_by(page) == {"Ana's iPhone": WORKSPACE_ONE, "Ben's iPhone": WORKSPACE_ONE}
