"""Clock, reset, view-as and settings in the hands of somebody who clicks twice, goes back and has two tabs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from devices.models import ManagedDevice
from tenancy import cloning
from tenancy.models import JournalEntry, Membership
from tenancy.roles import Role
from tests.browser import office
from tests.browser.office import WORKSPACE_ONE, at, button, expect_blade, link, open_blade, title

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(page, sign_in, operator, tenant) -> Page:
    """A page of a Global administrator who is signed in."""
    Membership.objects.filter(operator=operator).update(role=Role.GLOBAL_ADMINISTRATOR)
    sign_in(page, operator)
    return page


def test_double_click_on_a_day_moves_the_clock_by_one(desk, tenant):
    page = desk
    open_blade(page, at("tenancy:clock", tenant))
    before = tenant.now()

    button(page, "+1 day").dblclick()
    expect(page.locator("#toasts")).to_contain_text("Clock moved forward")
    page.go_back()
    page.go_forward()
    expect_blade(page, "Tenant admin | Clock")

    tenant.refresh_from_db()
    assert timedelta(days=1) <= tenant.now() - before < timedelta(days=2)


def test_press_after_the_session_has_ended_moves_nothing_and_comes_back_to_the_clock(desk, tenant, operator):
    page = desk
    open_blade(page, at("tenancy:clock", tenant))
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    button(page, "+1 day").click()
    expect(title(page)).to_have_text("Sign in")
    page.get_by_label("E-mail address").fill(operator.email)
    page.get_by_label("Password").fill("correct horse battery")
    button(page, "Sign in").click()

    expect_blade(page, "Tenant admin | Clock")
    assert not JournalEntry.objects.in_tenant(tenant).filter(category="Training").exists()


def test_double_click_on_reset_resets_once_and_back_shows_the_question_again(desk, tenant):
    page = desk
    office.devices(tenant, 2)
    copy = cloning.clone_tenant(tenant, slug="kestrel-copy")
    Membership.objects.create(tenant=copy, operator=Membership.objects.get().operator, role=Role.GLOBAL_ADMINISTRATOR)
    ManagedDevice.objects.in_tenant(copy).first().delete()
    open_blade(page, at("console:reset", copy))

    page.get_by_role("textbox", name="Directory").fill(copy.slug)
    button(page, "Reset directory").dblclick()
    expect_blade(page, "Home")
    expect(page.locator("#toasts")).to_contain_text("Directory reset")
    assert ManagedDevice.objects.in_tenant(copy).count() == 2

    page.go_back()
    expect_blade(page, "Tenant admin | Reset directory")


def test_role_taken_for_practice_in_one_tab_refuses_what_the_other_tab_still_offers(desk, tenant, forgive):
    first = desk
    open_blade(first, at("partners:configuration-list", tenant))
    second = first.context.new_page()
    open_blade(second, at("tenancy:role-properties", tenant, Role.READ_ONLY_OPERATOR.value))
    button(second, "View as this role").click()
    expect_blade(second, "Home")

    link(first.get_by_role("toolbar", name="Commands"), "Add compliance partner").click()
    expect(title(first)).to_contain_text("You do not have access")
    forgive(first, "403")
    expect(first.get_by_role("main")).to_contain_text("Read Only Operator")
    button(first, "Return to Global administrator").click()
    expect_blade(first, "Create compliance partner")


def test_words_of_today_chosen_in_one_tab_reach_a_wizard_that_is_half_done_in_the_other(desk, tenant):
    first = desk
    open_blade(first, at("partners:add", tenant))
    first.get_by_label("Compliance partner", exact=True).select_option(label=WORKSPACE_ONE)
    expect(first.get_by_label("Platform", exact=True)).to_be_enabled()
    first.get_by_label("Platform", exact=True).select_option("ios")
    second = first.context.new_page()
    open_blade(second, at("console:settings", tenant))
    second.locator("label", has_text="Today").click()
    button(second, "Save").click()
    expect(second.locator("header")).to_contain_text("Intune admin center")

    button(first, "Next").click()

    expect(button(first, "Add groups").first).to_be_visible()
    expect(first).to_have_title("Create compliance partner - Intune admin center")
