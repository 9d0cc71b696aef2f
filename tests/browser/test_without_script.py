"""With JavaScript switched off the same work gets done, and nothing is offered that needs it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mobility.models import MobilityApplication
from partners.models import PartnerConfiguration
from tests.browser import office
from tests.browser.office import WORKSPACE_ONE, at, button, link, title

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plain(no_script_page, sign_in, operator) -> Page:
    """A page without JavaScript, of an operator who is signed in."""
    sign_in(no_script_page, operator)
    return no_script_page


def expect_nothing_that_needs_script(page: Page) -> None:
    expect(page.locator("html[data-js]")).to_have_count(0)
    expect(page.locator(".js-only:visible")).to_have_count(0)


def test_filters_sort_and_pager_of_a_list(plain, tenant):
    page = plain
    office.devices(tenant, 24)
    page.goto(at("devices:security-list", tenant) + "?per_page=10")
    first, rows = page.locator(".grid tbody td:not(.c-check)").first, page.locator(".grid tbody tr")

    link(page.get_by_role("columnheader", name="Device name"), "Device name").click()
    expect(first).to_have_text("KL-024")
    link(page, "Next >").click()
    expect(first).to_have_text("KL-014")

    page.get_by_role("button", name=re.compile("^OS : ")).click()
    pop = page.get_by_role("dialog", name="OS")
    expect_nothing_that_needs_script(page)
    pop.get_by_role("checkbox", name=re.compile("^Windows")).check()
    button(pop, "Apply").click()
    expect(page.get_by_role("button", name="OS : Windows")).to_be_visible()
    expect(page).to_have_url(re.compile("sort=-name"))
    expect(rows).to_have_count(10)
    expect(page.locator(".count [role=status]").first).to_have_text("Showing 1 to 10 of 12 records")

    page.get_by_label("Page", exact=True).select_option("2")
    button(page, "Go").click()
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("os=windows.*page=2"))

    page.get_by_role("searchbox", name=re.compile("Device name")).fill("KL-00")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(4)
    link(page, "Remove filter OS").click()
    expect(rows).to_have_count(9)


def test_settings_and_help_are_pages_with_their_pane_open(plain, tenant):
    page = plain
    page.goto(at("partners:configuration-list", tenant))

    link(page, "Help").click()
    expect(page).to_have_url(re.compile(r"\?pane=help$"))
    expect(page.get_by_role("dialog", name="Help")).to_contain_text("Not affiliated with or endorsed by Microsoft.")
    link(page.get_by_role("dialog"), "Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    link(page, "Settings").click()
    pane = page.get_by_role("dialog", name="Portal settings")
    link(pane, "Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    link(page, "Settings").click()
    pane.get_by_label("Dark").check()
    button(pane, "Apply").click()
    expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("Settings saved")
    expect(title(page)).to_have_text("Connectors and tokens | Partner compliance management")
    expect_nothing_that_needs_script(page)


def test_navigation_collapses_and_stays_so(plain, tenant):
    page = plain
    page.goto(at("partners:configuration-list", tenant) + "?sort=-platform")

    button(page, "Collapse side menu").click()
    expect(page.locator("html[data-nav=collapsed]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?sort=-platform$"))
    link(page.get_by_role("navigation", name="Portal"), "Endpoint security").click()
    expect(page.locator("html[data-nav=collapsed]")).to_have_count(1)
    button(page, "Expand side menu").click()
    expect(page.locator("html[data-nav]")).to_have_count(0)


def test_menu_and_commands_are_all_there(plain, tenant):
    page = plain
    partner = office.partner(tenant)
    page.goto(at("partners:overview", tenant, partner.pk))
    menu = page.get_by_role("navigation", name=re.compile("menu$"))

    expect(menu.get_by_role("link")).to_have_count(menu.locator("li").count())
    expect(menu.get_by_text("No results")).to_be_hidden()
    expect(page.get_by_role("button", name="More commands")).to_be_hidden()
    expect_nothing_that_needs_script(page)
    for command in page.get_by_role("toolbar").locator(".cmd:visible").all():
        assert command.get_attribute("tabindex") in {None, "0"}
    expect(menu.get_by_role("searchbox")).to_be_hidden()
    expect(button(menu, "Collapse menu")).to_be_hidden()


def test_destructive_command_asks_on_a_page(plain, tenant):
    page = plain
    partner = office.partner(tenant)
    page.goto(at("partners:overview", tenant, partner.pk))

    link(page, "Delete").click()
    dialog = page.get_by_role("dialog", name="Delete confirmation")
    link(dialog, "Cancel").click()
    expect(dialog).to_have_count(0)
    assert PartnerConfiguration.objects.in_tenant(tenant).exists()

    link(page, "Delete").click()
    button(dialog, "Delete").click()
    expect(page.locator("#toasts")).to_contain_text("Compliance partner deleted")
    assert not PartnerConfiguration.objects.in_tenant(tenant).exists()


def test_application_is_deleted_only_after_the_question(plain, tenant):
    page = plain
    application = office.application(tenant, display_name="Old MDM")
    page.goto(at("mobility:application-configure", tenant, application.pk))

    link(page, "Delete").click()
    link(page.get_by_role("dialog", name="Delete confirmation"), "Cancel").click()
    expect(title(page)).to_have_text("Configure")
    link(page, "Delete").click()
    button(page.get_by_role("dialog"), "Delete").click()
    expect(page.locator("#toasts")).to_contain_text("Application deleted")
    assert not MobilityApplication.objects.in_tenant(tenant).exists()


def test_enter_in_the_search_of_a_picker_searches_and_loses_nothing(plain, tenant):
    page = plain
    office.groups(tenant)
    application = office.application(tenant)
    page.goto(at("mobility:application-configure", tenant, application.pk))
    url = page.get_by_role("textbox", name="MDM discovery URL")

    url.fill("https://kept.example/")
    page.locator(".options label", has_text="Some").first.click()
    page.locator("button.selector").first.click()
    pane = page.get_by_role("dialog", name="Select groups")
    pane.get_by_role("checkbox", name=re.compile("^Contractors")).check()
    pane.get_by_role("searchbox").fill("front")
    pane.get_by_role("searchbox").press("Enter")
    expect(pane.get_by_role("checkbox")).to_have_count(1)
    expect(pane.get_by_role("heading", name="Selected items (1)")).to_be_visible()
    expect_nothing_that_needs_script(page)

    pane.get_by_role("checkbox", name=re.compile("^Front desk")).check()
    pane.get_by_role("searchbox").fill("")
    button(pane, "Search").click()
    expect(pane.get_by_role("checkbox", checked=True)).to_have_count(2)
    button(pane, "Remove Contractors").click()
    expect(pane.get_by_role("checkbox", checked=True)).to_have_count(1)
    button(pane, "Select").click()
    expect(pane).to_have_count(0)
    expect(page.locator("button.selector").first).to_contain_text("1 group selected")
    expect(url).to_have_value("https://kept.example/")

    page.locator("button.selector").first.click()
    pane.get_by_role("checkbox", name=re.compile("^Contractors")).check()
    button(pane, "Cancel").click()
    expect(page.locator("button.selector").first).to_contain_text("1 group selected")
    application.refresh_from_db()
    assert application.mdm_user_scope == "none"

    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Configuration saved")
    application.refresh_from_db()
    assert application.mdm_user_scope == "selected"
    assert application.mdm_discovery_url == "https://kept.example/"


def test_wizard_says_what_is_missing_and_two_clicks_on_create_make_one(plain, tenant):
    page = plain
    office.groups(tenant)
    page.goto(at("partners:add", tenant))

    button(page, "Next").click()
    expect(page.get_by_role("alert")).to_have_text("Correct the fields before you go to the next step.")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Compliance partner", exact=True).select_option(label=WORKSPACE_ONE)
    page.get_by_label("Platform", exact=True).select_option("ios")
    button(page, "Next").click()
    button(page, "Add all users").click()
    button(page, "Next").click()
    link(page, "Completed: Basics").click()
    expect(page.get_by_label("Platform", exact=True)).to_have_value("ios")
    button(page, "Next").click()
    button(page, "Next").click()
    button(page, "Create").dblclick()

    # Where it ends depends on which answer the browser takes: the first leads to the list, the second to what was made.
    expect(title(page)).to_have_text(re.compile(r"Partner compliance management|\| Overview"))
    made = PartnerConfiguration.objects.in_tenant(tenant).get()
    assert made.all_users


def test_sign_in_and_out(no_script_page, tenant, operator):
    page = no_script_page
    page.goto(at("devices:security-list", tenant))

    page.get_by_label("E-mail address").fill(operator.email)
    page.get_by_label("Password").fill("wrong")
    button(page, "Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill("correct horse battery")
    button(page, "Sign in").click()
    expect(title(page)).to_have_text("Endpoint security | All devices")

    page.locator("button.account").click()
    button(page, "Sign out").click()
    expect(title(page)).to_have_text("Sign in")
    page.goto(at("devices:security-list", tenant))
    expect(title(page)).to_have_text("Sign in")
