"""A blocked phone, with the keyboard alone: from the device's record to what the user sees, and to the log."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from directory.models import DirectoryDevice
from tests.browser.office import at, expect_blade, link, open_blade
from tests.factories import AccessPolicyFactory, DirectoryDeviceFactory, DirectoryUserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(tenant) -> DirectoryDevice:
    AccessPolicyFactory(tenant=tenant, display_name="Phones must be compliant")
    user = DirectoryUserFactory(tenant=tenant, display_name="Ana Costa", upn="ana.costa@kestrel.example")
    phone: DirectoryDevice = DirectoryDeviceFactory(
        tenant=tenant, display_name="Ana's iPhone", os="IPhone", owner=user, registered_at=tenant.now()
    )
    return phone


@pytest.fixture
def signed_in(page, sign_in, operator) -> Page:
    sign_in(page, operator)
    return page


def test_blocked_phone_is_tried_and_explained_with_the_keyboard_alone(signed_in, tenant, phone, axe):
    page = signed_in
    open_blade(page, at("directory:device-overview", tenant, phone.pk))
    link(page, "Sign in as").focus()
    page.keyboard.press("Enter")
    expect_blade(page, "Sign in as")
    expect(page.locator("#user")).to_contain_text("Ana Costa")

    page.get_by_label("Cloud app").focus()
    page.keyboard.type("Microsoft Teams")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Sign in", exact=True).focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("You can't get there from here")
    page.get_by_text("More details").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("53000")).to_be_visible()
    axe(page)
    link(page, "Show the sign-in in the log").focus()
    page.keyboard.press("Enter")
    expect_blade(page, "Microsoft Teams")
    link(page, "Conditional Access").focus()
    page.keyboard.press("Enter")
    link(page, "Phones must be compliant").focus()
    page.keyboard.press("Enter")
    pane = page.get_by_role("dialog", name="Phones must be compliant")
    expect(pane).to_contain_text("Not satisfied")
    axe(page)
