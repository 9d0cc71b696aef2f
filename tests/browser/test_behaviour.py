"""What pages do between two answers of the server: boosted navigation, edits, panes, notifications, lists."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from devices import queries as devices
from mobility import services as mobility
from mobility.models import MobilityApplication
from partners.models import PartnerConfiguration
from tenancy.roles import Role
from tests.browser import office
from tests.browser.office import WORKSPACE_ONE, at, button, expect_blade, link, open_blade, title
from tests.factories import MembershipFactory, MobilityApplicationFactory

pytestmark = pytest.mark.django_db(transaction=True)

PARTNER_LIST = "Connectors and tokens | Partner compliance management"


@pytest.fixture
def desk(page, sign_in, operator) -> Page:
    """A page of an operator who is signed in."""
    sign_in(page, operator)
    return page


def same_document(page: Page) -> Callable[[], bool]:
    """Say later whether the page is still the document of now."""
    page.evaluate("window.marked = true")
    return lambda: bool(page.evaluate("window.marked === true"))


def current(page: Page) -> str:
    """The current entry of the left navigation."""
    return page.get_by_role("navigation", name="Portal").locator("[aria-current]").inner_text()


def choose_partner(page: Page, platform: str = "ios") -> None:
    page.get_by_label("Compliance partner", exact=True).select_option(label=WORKSPACE_ONE)
    expect(page.get_by_label("Platform", exact=True)).to_be_enabled()
    page.get_by_label("Platform", exact=True).select_option(platform)


def add_all_users(page: Page) -> None:
    button(page, "Add all users").click()
    expect(button(page, "Remove all users")).to_be_visible()


# Navigation


def test_boosted_navigation_renews_the_frame_and_back_restores_it(desk, tenant):
    page = desk
    office.devices(tenant, 1)
    open_blade(page, at("console:home", tenant))
    kept = same_document(page)

    link(page, "Tenant administration").click()
    expect_blade(page, "Tenant admin | Tenant status")
    assert current(page) == "Tenant administration"
    link(page, "Connectors and tokens").first.click()
    link(page, "Partner compliance management").first.click()
    expect_blade(page, PARTNER_LIST)
    expect(page).to_have_title("Partner compliance management - Endpoint Manager admin center")
    crumbs = page.get_by_role("navigation", name="Breadcrumb").get_by_role("link")
    expect(crumbs).to_have_text(["Home", "Tenant admin"])
    link(page, "Endpoint security").click()
    expect_blade(page, "Endpoint security | All devices")
    assert current(page) == "Endpoint security"
    expect(crumbs).to_have_text(["Home"])

    page.go_back()
    expect_blade(page, PARTNER_LIST)
    assert current(page) == "Tenant administration"
    expect(page).to_have_title("Partner compliance management - Endpoint Manager admin center")
    expect(page.locator("#portal-nav, #blade, #toasts, .shell")).to_have_count(4)
    page.go_forward()
    expect_blade(page, "Endpoint security | All devices")
    expect(page.locator(".grid tbody tr")).to_have_count(1)
    link(page, "Close").click()
    expect_blade(page, "Home")
    assert kept()


def test_changing_the_center_changes_header_and_navigation(desk, tenant):
    page = desk
    open_blade(page, at("console:home", tenant))

    link(page, "Switch to Azure Active Directory admin center").click()
    expect(page.locator("#portal-brand .top__name")).to_have_text("Azure Active Directory admin center")
    expect(page.get_by_role("navigation", name="Portal")).to_contain_text("Enterprise applications")
    page.go_back()
    expect(page.locator("#portal-brand .top__name")).to_have_text("Endpoint Manager admin center")
    expect(page.get_by_role("navigation", name="Portal")).to_contain_text("Tenant administration")


def test_refused_page_is_shown_with_its_reason_and_back_leaves_it(page, sign_in, tenant, forgive):
    member = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR)
    sign_in(page, member.operator)
    open_blade(page, at("console:azure-ad", tenant))

    link(page, "Mobility (MDM and MAM)").first.click()
    expect_blade(page, "You do not have access")
    expect(page.locator("main")).to_contain_text("Mobility (MDM and MAM): Read")
    expect(page).to_have_title(re.compile("^You do not have access"))
    forgive(page, "Error Code 403")
    page.go_back()
    expect(title(page)).to_contain_text("Overview")


def test_one_back_leaves_a_form_however_often_it_was_refused_and_saved(desk, tenant):
    page = desk
    MobilityApplicationFactory(tenant=tenant, display_name="AirWatch by VMware")
    open_blade(page, at("mobility:application-list", tenant))
    link(page, "AirWatch by VMware").click()
    expect_blade(page, "Configure")
    url = page.get_by_label("MDM discovery URL", exact=True)

    url.fill("http://mdm.kestrel.example")
    button(page, "Save").click()
    expect(page.locator(".err").first).to_be_visible()
    for name in ("one", "two"):
        url.fill(f"https://mdm.kestrel.example/{name}")
        button(page, "Save").click()
        expect(page.locator(".toast").last).to_contain_text("Configuration saved")
        expect(url).to_have_value(f"https://mdm.kestrel.example/{name}")
    page.go_back()

    expect_blade(page, "Kestrel Logistics | Mobility (MDM and MAM)")


def test_settings_pane_leads_to_the_training_settings(desk, tenant):
    page = desk
    open_blade(page, at("console:home", tenant))

    link(page, "Settings").click()
    link(page, "Training settings of this directory").click()

    expect_blade(page, "Portal settings")
    expect(page.get_by_role("heading", name="Training settings")).to_be_in_viewport()
    expect(page.get_by_role("group", name="Document mode")).to_be_in_viewport()


def test_expired_session_leads_to_sign_in_and_on_to_the_page_that_was_clicked_for(desk, tenant, operator):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    page.context.clear_cookies()

    link(page, "Endpoint security").click()
    expect(title(page)).to_have_text("Sign in")
    page.get_by_label("E-mail address").fill(operator.email)
    page.get_by_label("Password").fill("correct horse battery")
    button(page, "Sign in").click()
    expect_blade(page, "Endpoint security | All devices")


# Wizard


def test_back_forward_and_reload_keep_the_answers_of_a_wizard(desk, tenant):
    page = desk
    office.groups(tenant)
    open_blade(page, at("partners:add", tenant))
    platform = page.get_by_label("Platform", exact=True)

    choose_partner(page)
    button(page, "Next").click()
    expect(page.get_by_role("table", name="Included groups")).to_be_visible()
    page.go_back()
    expect(platform).to_have_value("ios")
    expect(page.get_by_label("Compliance partner", exact=True).locator("option:checked")).to_have_text(WORKSPACE_ONE)
    page.go_forward()
    expect(page.get_by_role("table", name="Included groups")).to_be_visible()
    add_all_users(page)
    button(page, "Next").click()
    expect(page.locator("main")).to_contain_text("All users")
    expect(button(page, "Create")).to_be_enabled()
    page.reload()
    expect(page.locator("main")).to_contain_text(WORKSPACE_ONE)
    expect(page.locator("main")).to_contain_text("All users")
    link(page, "Completed: Basics").click()
    expect(platform).to_have_value("ios")


def test_refused_step_takes_the_focus_to_the_red_bar(desk, tenant):
    page = desk
    open_blade(page, at("partners:add", tenant))

    button(page, "Next").click()
    bar = page.get_by_role("alert")
    expect(bar).to_have_text("Correct the fields before you go to the next step.")
    expect(bar).to_be_focused()
    expect(page.get_by_text("Select a compliance partner.")).to_be_visible()
    expect(link(page, "Has errors: Basics")).to_be_visible()

    choose_partner(page)
    button(page, "Next").click()
    expect(page.get_by_role("table", name="Included groups")).to_be_visible()
    expect(bar).to_have_count(0)


def test_two_tabs_with_two_drafts_never_mix(desk, tenant):
    first, second = desk, desk.context.new_page()
    for page, platform in ((first, "ios"), (second, "macos")):
        open_blade(page, at("partners:add", tenant))
        choose_partner(page, platform)
        button(page, "Next").click()
        expect(page.get_by_role("table", name="Included groups")).to_be_visible()

    assert first.url != second.url
    for page in (first, second):
        add_all_users(page)
        button(page, "Next").click()
        expect(button(page, "Create")).to_be_visible()
        page.reload()
    expect(first.locator("main")).to_contain_text("iOS/iPadOS")
    expect(second.locator("main")).to_contain_text("macOS")
    for page in (first, second):
        button(page, "Create").click()
        expect_blade(page, PARTNER_LIST)
    assert {made.platform for made in PartnerConfiguration.objects.in_tenant(tenant)} == {"ios", "macos"}


def test_double_click_on_create_makes_one(desk, tenant):
    page = desk
    open_blade(page, at("partners:add", tenant))
    choose_partner(page)
    button(page, "Next").click()
    add_all_users(page)
    button(page, "Next").click()

    button(page, "Create").dblclick()
    expect_blade(page, PARTNER_LIST)
    expect(page.locator(".toast")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("Compliance partner created")
    page.go_back()
    expect_blade(page, f"{WORKSPACE_ONE} | Overview")  # a finished draft leads to what it made
    assert PartnerConfiguration.objects.in_tenant(tenant).count() == 1


def test_closing_a_wizard_asks_once_something_is_chosen(desk, tenant):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    link(page.get_by_role("toolbar"), "Add compliance partner").click()
    expect_blade(page, "Create compliance partner")
    link(page, "Close").click()
    expect_blade(page, PARTNER_LIST)

    link(page.get_by_role("toolbar"), "Add compliance partner").click()
    expect_blade(page, "Create compliance partner")
    page.get_by_label("Compliance partner", exact=True).select_option(label=WORKSPACE_ONE)
    expect(page.get_by_label("Platform", exact=True)).to_be_enabled()
    expect(page.locator(".row[data-dirty]")).to_have_count(1)
    link(page, "Close").click()
    dialog = page.get_by_role("dialog", name="Discard changes?")
    button(dialog, "Cancel").click()
    expect(page.get_by_label("Compliance partner", exact=True).locator("option:checked")).to_have_text(WORKSPACE_ONE)

    page.get_by_label("Platform", exact=True).select_option("ios")
    button(page, "Next").click()
    expect(page.get_by_role("table", name="Included groups")).to_be_visible()
    link(page, "Close").click()
    button(dialog, "OK").click()
    expect_blade(page, PARTNER_LIST)


# Unsaved edits


@pytest.fixture
def configure(desk, tenant) -> Page:
    """Configure of an application, and one group to choose."""
    office.groups(tenant)
    application = office.application(tenant)
    open_blade(desk, at("mobility:application-list", tenant))
    link(desk, application.display_name).click()
    expect_blade(desk, "Configure")
    return desk


def test_edited_field_is_violet_until_it_is_as_before(configure):
    page = configure
    url = page.get_by_role("textbox", name="MDM discovery URL")
    was, colour = url.input_value(), url.evaluate("field => getComputedStyle(field).borderColor")

    url.fill("https://other.example/")
    page.locator("body").click(position={"x": 900, "y": 700})
    violet = "rgb(138, 45, 165)"
    expect(url).to_have_css("border-color", violet)
    url.fill(was)
    page.locator("body").click(position={"x": 900, "y": 700})
    expect(url).to_have_css("border-color", colour)
    url.fill("https://other.example/")
    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Configuration saved")
    expect(url).to_have_value("https://other.example/")
    expect(url).to_have_css("border-color", colour)


def test_every_way_out_of_an_edited_form_asks(configure, tenant):
    page = configure
    url = page.get_by_role("textbox", name="MDM discovery URL")
    dialog = page.get_by_role("dialog", name="Discard changes?")
    address = page.url
    ways = {
        "Close": link(page, "Close"),
        "breadcrumb": page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").last,
        "navigation": link(page.get_by_role("navigation", name="Portal"), "Azure Active Directory"),
        "center": link(page, "Switch to Endpoint Manager admin center"),
        "Discard": link(page.get_by_role("toolbar"), "Discard"),
    }

    url.fill("https://edited.example/")
    for way in ways.values():
        way.click()
        expect(dialog).to_contain_text("Your unsaved edits will be discarded.")
        button(dialog, "Cancel").click()
        expect(dialog).to_be_hidden()
    assert page.url == address
    expect(url).to_have_value("https://edited.example/")

    ways["Discard"].click()
    button(dialog, "OK").click()
    expect(url).not_to_have_value("https://edited.example/")
    assert page.url == address
    url.fill("https://edited.example/")
    ways["Close"].click()
    button(dialog, "OK").click()
    expect(title(page)).to_contain_text("Mobility (MDM and MAM)")
    assert not MobilityApplication.objects.in_tenant(tenant).filter(mdm_discovery_url__contains="edited").exists()


def test_menu_of_an_edited_blade_asks_too(desk, tenant):
    page = desk
    partner = office.partner(tenant)
    open_blade(page, at("partners:edit", tenant, partner.pk))

    button(page, "Add all users").click()
    expect(page.get_by_role("table", name="Included groups")).to_contain_text("All users")
    link(page.get_by_role("navigation", name="Portal"), "Devices").click()
    button(page.get_by_role("dialog", name="Discard changes?"), "OK").click()
    expect_blade(page, "Devices | All devices")


def test_browser_asks_before_an_edited_form_is_unloaded_and_only_then(configure, tenant):
    page = configure
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == []
    page.get_by_role("textbox", name="MDM discovery URL").fill("https://edited.example/")
    page.reload()
    assert asked == ["beforeunload"]
    page.get_by_role("textbox", name="MDM discovery URL").fill("https://edited.example/")
    link(page, "Switch to Endpoint Manager admin center").click()
    button(page.get_by_role("dialog", name="Discard changes?"), "OK").click()
    expect_blade(page, "Home")
    assert asked == ["beforeunload"]


# Panes and popovers


def test_group_picker_keeps_ticks_over_a_search_and_cancel_puts_them_back(configure):
    page = configure
    page.locator(".options label", has_text="Some").first.click()
    opener = page.locator("button.selector").first
    pane = page.get_by_role("dialog", name="Select groups")
    boxes, ticked = pane.get_by_role("checkbox"), pane.get_by_role("checkbox", checked=True)
    search, address = pane.get_by_role("searchbox"), page.url

    opener.click()
    expect(search).to_be_focused()
    pane.get_by_role("checkbox", name=re.compile("^Contractors")).check()
    expect(pane.get_by_role("heading", name="Selected items (1)")).to_be_visible()
    pane.locator(".pane__head").evaluate("head => { head.marked = true }")
    search.press_sequentially("fr")
    expect(boxes).to_have_count(1)
    pane.get_by_role("checkbox", name=re.compile("^Front desk")).check()
    expect(pane.get_by_role("heading", name="Selected items (2)")).to_be_visible()
    search.fill("")
    expect(boxes).to_have_count(3)
    expect(ticked).to_have_count(2)
    expect(search).to_be_focused()
    assert pane.locator(".pane__head").evaluate("head => head.marked")  # the list alone was swapped
    assert page.url == address
    button(pane, "Select").click()
    expect(pane).to_be_hidden()
    expect(opener).to_contain_text("2 groups selected")

    for close in (
        lambda: button(pane, "Cancel").click(),
        lambda: button(pane, "Close").click(),
        lambda: page.keyboard.press("Escape"),
    ):
        opener.click()
        button(pane, "Remove Contractors").click()
        pane.get_by_role("checkbox", name=re.compile("^Field engineers")).check()
        pane.get_by_role("checkbox", name=re.compile("^Front desk")).uncheck()
        expect(pane.locator(".chosen li")).to_have_text([re.compile("Field engineers")])
        close()
        expect(pane).to_be_hidden()
        expect(opener).to_be_focused()
    opener.click()
    expect(ticked).to_have_count(2)
    expect(pane.locator(".chosen li [data-name]")).to_have_text(["Contractors", "Front desk"])
    search.press("Enter")
    expect(pane).to_be_visible()


def test_info_balloons_and_account_menu_open_one_at_a_time(configure):
    page = configure
    info = button(page, "More information about MDM discovery URL")
    balloon = page.locator("#id_mdm_discovery_url_helptext")

    info.click()
    expect(balloon).to_be_visible()
    expect(balloon).to_be_in_viewport(ratio=1)
    page.locator("button.account").click()
    expect(balloon).to_be_hidden()
    expect(page.locator("#account-pop")).to_contain_text("Intune administrator")
    page.keyboard.press("Escape")
    expect(page.locator("#account-pop")).to_be_hidden()


def test_settings_pane_closes_on_a_click_outside_but_a_picker_does_not(configure):
    page = configure
    link(page, "Settings").click()
    settings = page.get_by_role("dialog", name="Portal settings")
    expect(settings).to_be_visible()
    page.mouse.click(400, 400)
    expect(settings).to_be_hidden()

    page.locator(".options label", has_text="Some").first.click()
    page.locator("button.selector").first.click()
    pane = page.get_by_role("dialog", name="Select groups")
    expect(pane).to_be_visible()
    page.mouse.click(400, 400)
    expect(pane).to_be_visible()


def test_pane_in_the_address_opens_modally_and_leaves_the_address_when_closed(desk, tenant):
    page = desk
    partner = office.partner(tenant)
    open_blade(page, at("partners:overview", tenant, partner.pk) + "?pane=delete")

    dialog = page.locator("#confirm-delete:modal")
    expect(dialog).to_be_visible()
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.url.endswith("?pane=delete")  # as long as it is open: the page may be loaded anew
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(at("partners:overview", tenant, partner.pk)) + "$"))


def test_fetched_pane_is_modal_as_soon_as_it_stands_on_the_page(desk, tenant):
    """Escape closes it however early it is pressed."""
    page = desk
    office.devices(tenant, 1)
    open_blade(page, at("devices:security-list", tenant))
    page.evaluate("""() => {
      const arrived = () => document.querySelector("#pane-columns")
      const see = () => { if (arrived()) window.modalAtOnce ??= arrived().matches(":modal") }
      new MutationObserver(see).observe(document.body, { childList: true, subtree: true })
    }""")

    link(page, "Columns").click()
    expect(page.get_by_role("dialog", name="Columns")).to_be_visible()

    assert page.evaluate("window.modalAtOnce") is True


# The frame


def test_commands_that_do_not_fit_move_into_a_menu(desk, tenant):
    page = desk
    page.set_viewport_size({"width": 1024, "height": 700})
    open_blade(page, reverse("blades:components"))
    bar, more = page.get_by_role("toolbar", name="Commands"), button(page, "More commands")

    expect(more).to_be_visible()
    names = [command.inner_text() for command in bar.locator(".cmd:visible:not(.cmd__more)").all()]
    more.click()
    menu = page.locator("#command-overflow")
    moved = [command.inner_text() for command in menu.locator(".cmd").all()]
    assert names
    assert moved
    assert (names + moved)[-1] == "Ask first"
    link(menu, "Ask first").click()
    expect(page.get_by_role("dialog", name="Delete confirmation")).to_be_visible()
    page.keyboard.press("Escape")

    page.set_viewport_size({"width": 1600, "height": 700})
    expect(more).to_be_hidden()
    expect(bar.locator(".cmd:visible")).to_have_text(names + moved, use_inner_text=True)


def test_collapsed_navigation_is_kept_with_the_operator(desk, tenant, operator, new_context, sign_in):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    collapsed = "html[data-nav=collapsed]"

    with page.expect_response("**/settings/navigation/"):
        button(page, "Collapse side menu").click()
    expect(page.locator(collapsed)).to_have_count(1)
    expect(button(page, "Expand side menu")).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect(page.locator(collapsed)).to_have_count(1)
    home = link(page.get_by_role("navigation", name="Portal"), "Home")  # the name stays, for those who cannot see
    expect(home).to_have_attribute("title", "Home")

    elsewhere = new_context().new_page()
    sign_in(elsewhere, operator)
    open_blade(elsewhere, at("console:home", tenant))
    expect(elsewhere.locator(collapsed)).to_have_count(1)
    with elsewhere.expect_response("**/settings/navigation/"):
        button(elsewhere, "Expand side menu").click()
    expect(elsewhere.locator(collapsed)).to_have_count(0)
    link(elsewhere, "Devices").click()
    expect_blade(elsewhere, "Devices | All devices")
    expect(elsewhere.locator(collapsed)).to_have_count(0)
    expect(button(elsewhere, "Collapse side menu")).to_be_visible()


def test_menu_column_collapses_and_comes_back(desk, tenant):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    item = page.get_by_role("navigation", name="Connectors and tokens menu").get_by_role("link").first

    button(page, "Collapse menu").click()
    expect(item).to_be_hidden()
    button(page, "Expand menu").click()
    expect(item).to_be_visible()


def test_menu_column_that_was_collapsed_stays_so_on_the_next_blade_until_its_search_is_wanted(desk, tenant):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    button(page, "Collapse menu").click()

    link(page, "Endpoint security").click()
    expect_blade(page, "Endpoint security | All devices")
    menu = page.get_by_role("navigation", name="Endpoint security menu")
    expect(menu.get_by_role("link").first).to_be_hidden()
    expect(button(page, "Expand menu")).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("Control+/")
    expect(menu.get_by_role("searchbox")).to_be_focused()
    expect(button(page, "Collapse menu")).to_have_attribute("aria-expanded", "true")


def test_narrow_window_begins_with_the_content_and_brings_the_menu_when_it_is_asked_for(desk, tenant):
    page = desk
    page.set_viewport_size({"width": 320, "height": 640})
    open_blade(page, at("devices:security-list", tenant))
    menu = page.get_by_role("navigation", name="Endpoint security menu")
    expect(menu.get_by_role("link").first).to_be_hidden()
    expect(page.get_by_role("toolbar", name="Commands").get_by_role("link").first).to_be_in_viewport()

    button(page, "Expand menu").click()
    link(menu, "Security baselines").click()
    expect_blade(page, "Endpoint security | Security baselines")
    expect(menu.get_by_role("link").first).to_be_hidden()

    page.set_viewport_size({"width": 1366, "height": 768})  # as when one zooms out again
    expect(menu.get_by_role("link").first).to_be_visible()
    expect(button(page, "Collapse menu")).to_have_attribute("aria-expanded", "true")
    page.set_viewport_size({"width": 320, "height": 640})
    expect(menu.get_by_role("link").first).to_be_hidden()


def test_theme_is_applied_where_one_stands_and_kept_with_the_operator(desk, tenant, operator, new_context, sign_in):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))

    link(page, "Settings").click()
    pane = page.get_by_role("dialog", name="Portal settings")
    assert "pane=" not in page.url
    pane.get_by_label("Dark").check()
    link(pane, "Cancel").click()
    expect(page.locator("html[data-theme=light]")).to_have_count(1)
    link(page, "Settings").click()
    pane.get_by_label("Dark").check()
    button(pane, "Apply").click()
    expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    expect_blade(page, PARTNER_LIST)
    expect(page.locator("body")).to_have_css("background-color", "rgb(27, 26, 25)")

    elsewhere = new_context().new_page()
    sign_in(elsewhere, operator)
    open_blade(elsewhere, at("console:home", tenant))
    expect(elsewhere.locator("html[data-theme=dark]")).to_have_count(1)


def test_forced_colours_keep_what_is_current_and_reduced_motion_stops_the_slide(new_context, sign_in, operator, tenant):
    page = new_context(forced_colors="active", reduced_motion="reduce").new_page()
    sign_in(page, operator)
    open_blade(page, at("partners:configuration-list", tenant))
    pane = page.locator("#pane-settings")

    for current in (".nav a[aria-current]", ".menu__item[aria-current]"):
        expect(page.locator(current)).to_have_css("outline-style", "solid")
    link(page, "Settings").click()
    expect(pane).to_have_css("border-left-style", "solid")
    expect(pane).to_have_css("animation-name", "none")
    page.keyboard.press("Escape")

    page.emulate_media(reduced_motion="no-preference")
    link(page, "Settings").click()
    expect(pane).to_have_css("animation-name", "slide-in")


# Notifications


def test_success_leaves_after_five_seconds_unless_it_is_looked_at_and_an_error_stays(desk, tenant):
    page = desk
    page.clock.install()
    office.groups(tenant)
    application = office.application(tenant)
    open_blade(page, at("mobility:application-configure", tenant, application.pk))
    toast = page.locator("#toasts .toast")

    button(page, "Save").click()
    expect(toast).to_have_count(1)
    toast.hover()
    page.clock.run_for(20_000)
    expect(toast).to_have_count(1)
    page.mouse.move(300, 600)
    page.clock.run_for(3_000)
    expect(toast).to_have_count(1)
    button(toast, "Close notification: Configuration saved").focus()
    page.clock.run_for(20_000)
    expect(toast).to_have_count(1)
    title(page).focus()
    page.clock.run_for(7_000)
    expect(toast).to_have_count(0)

    page.get_by_role("textbox", name="MDM discovery URL").fill("nonsense")
    button(page, "Save").click()
    expect(toast).to_contain_text("Saving configuration failed")
    page.mouse.move(300, 600)
    page.clock.run_for(60_000)
    expect(toast).to_have_count(1)
    button(toast, "Close notification: Saving configuration failed").click()
    expect(toast).to_have_count(0)


def test_failure_of_the_server_is_told_and_the_page_stays_usable(configure, forgive, monkeypatch):
    page = configure
    url = page.get_by_role("textbox", name="MDM discovery URL")
    url.fill("https://kept.example/")

    with monkeypatch.context() as broken:
        broken.setattr(mobility, "configure_application", _fail)
        button(page, "Save").click()
        expect(page.locator("#toasts")).to_contain_text("Request failed")
    forgive(page, "status of 500")
    button(page, "Close notification: Request failed").click()
    expect(url).to_have_value("https://kept.example/")
    link(page, "Close").click()  # it is still an edited form
    button(page.get_by_role("dialog", name="Discard changes?"), "Cancel").click()
    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Configuration saved")


def test_failure_on_the_way_to_a_blade_shows_the_error_page(desk, tenant, forgive, monkeypatch):
    page = desk
    open_blade(page, at("console:home", tenant))

    with monkeypatch.context() as broken:
        broken.setattr(devices, "device_page", _fail)
        link(page, "Endpoint security").click()
        expect(title(page)).to_have_text("Unexpected error")
    forgive(page, "status of 500")
    page.go_back()
    expect_blade(page, "Home")


def test_lost_connection_is_told(configure, forgive):
    page = configure
    page.context.set_offline(True)
    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Request failed")
    forgive(page, "ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(False)
    button(page, "Save").click()
    expect(page.locator("#toasts")).to_contain_text("Configuration saved")


def _fail(*args: object, **kwargs: object) -> None:
    raise RuntimeError("broken for the test")


# Lists


def test_sorting_and_paging_swap_the_list_and_back_undoes_each(desk, tenant):
    page = desk
    office.devices(tenant, 24)
    open_blade(page, at("devices:security-list", tenant) + "?per_page=10")
    first = page.locator(".grid tbody td:not(.c-check)").first
    kept = same_document(page)
    page.locator("#filters").evaluate("form => { form.marked = true }")

    link(page.get_by_role("columnheader", name="Device name"), "Device name").click()
    expect(first).to_have_text("KL-024")
    expect(page).to_have_url(re.compile("sort=-name"))
    link(page, "Next >").click()
    expect(first).to_have_text("KL-014")
    expect(page.locator(".count [role=status]").first).to_contain_text("Showing 11 to 20 of 24")
    page.get_by_label("Page", exact=True).select_option("3")
    expect(first).to_have_text("KL-004")
    assert page.locator("#filters").evaluate("form => form.marked")  # the list alone was swapped

    page.go_back()
    expect(first).to_have_text("KL-014")
    page.go_back()
    expect(first).to_have_text("KL-024")
    page.go_back()
    expect(first).to_have_text("KL-001")
    page.go_forward()
    expect(first).to_have_text("KL-024")
    assert kept()


def test_failure_of_a_sort_is_told_and_the_list_stays(desk, tenant, forgive, monkeypatch):
    page = desk
    office.devices(tenant, 3)
    open_blade(page, at("devices:security-list", tenant))
    name = link(page.get_by_role("columnheader", name="Device name"), "Device name")
    first = page.locator(".grid tbody td:not(.c-check)").first

    with monkeypatch.context() as broken:
        broken.setattr(devices, "device_page", _fail)
        name.click()
        expect(page.locator("#toasts")).to_contain_text("Request failed")
    forgive(page, "status of 500")
    expect(first).to_have_text("KL-001")
    name.click()
    expect(first).to_have_text("KL-003")


def test_search_as_you_type_keeps_focus_caret_and_order(desk, tenant):
    page = desk
    office.devices(tenant, 12)
    open_blade(page, at("devices:security-list", tenant) + "?sort=-name")
    search, rows = page.locator("#search-q"), page.locator(".grid tbody tr")

    search.press_sequentially("KL-02")
    expect(page.get_by_text("No devices match the filters.")).to_be_visible()
    search.press("ArrowLeft")
    search.press("Backspace")
    search.press_sequentially("01")
    search.press("Delete")
    expect(search).to_have_value("KL-01")
    search.press("End")
    search.press("ArrowLeft")
    expect(rows).to_have_count(3)
    expect(page.locator(".grid tbody td:not(.c-check)").first).to_have_text("KL-012")
    expect(search).to_be_focused()
    assert search.evaluate("field => field.selectionStart") == len("KL-0")
    expect(page).to_have_url(re.compile("q=KL-01"))
    search.fill("")
    expect(rows).to_have_count(12)
    page.go_back()
    expect(rows).to_have_count(3)
    expect(search).to_have_value("KL-01")


def test_filter_popover_searches_its_values_and_all_stands_for_each(desk, tenant):
    page = desk
    office.devices(tenant, 8)
    open_blade(page, at("devices:security-list", tenant))
    pill = page.get_by_role("button", name=re.compile("^Compliance : "))
    pop = page.get_by_role("dialog", name="Compliance")
    every, search = pop.get_by_label("All", exact=True), pop.get_by_role("searchbox")

    pill.click()
    expect(every).to_be_checked()
    values = pop.get_by_role("checkbox", checked=True)
    everything = values.count()
    pop.get_by_role("checkbox", name=re.compile("^Conflict")).uncheck()
    expect(every).not_to_be_checked()
    expect(values).to_have_count(everything - 2)
    every.check()
    expect(values).to_have_count(everything)
    every.uncheck()
    expect(values).to_have_count(0)
    search.fill("not comp")
    expect(pop.locator("li:visible")).to_have_count(2)
    search.press("Enter")
    expect(pop).to_be_visible()
    pop.get_by_role("checkbox", name=re.compile("^Not compliant")).check()
    button(pop, "Apply").click()
    expect(pill).to_have_text("Compliance : Not compliant")
    expect(page.locator(".grid tbody tr")).to_have_count(2)
    assert "compliance=not_compliant" in page.url

    pill.click()
    pop.get_by_role("checkbox", name=re.compile("^Conflict")).check()
    button(pop, "Cancel").click()
    pill.click()
    expect(values).to_have_count(1)
    page.keyboard.press("Escape")
    link(page, "Remove filter Compliance").click()
    expect(page.locator(".grid tbody tr")).to_have_count(8)
    page.go_back()
    expect(pill).to_have_text("Compliance : Not compliant")
    expect(page.locator(".grid tbody tr")).to_have_count(2)


def test_added_filter_appears_as_a_pill_and_narrows_the_list(desk, tenant):
    page = desk
    office.devices(tenant, 3)
    open_blade(page, at("devices:security-list", tenant))

    button(page, "Add filter").click()
    choice = page.locator("#filter-add a").first
    name = choice.inner_text()
    choice.click()
    expect(page.get_by_role("button", name=re.compile(f"^{name} : "))).to_be_visible()
    link(page, f"Remove filter {name}").click()
    expect(page.get_by_role("button", name=re.compile(f"^{name} : "))).to_have_count(0)


def test_cut_cell_shows_its_whole_text(desk, tenant):
    page = desk
    device = office.devices(tenant, 1)[0]
    type(device).objects.in_tenant(tenant).update(user_upn="x" * 80 + "@kestrel.example")
    open_blade(page, at("devices:security-list", tenant))

    cell = page.locator(".grid tbody td").last
    cell.hover()
    expect(cell).to_have_attribute("title", "x" * 80 + "@kestrel.example")
    page.locator(".grid tbody td").nth(2).hover()
    expect(page.locator(".grid tbody td").nth(2)).not_to_have_attribute("title", re.compile("."))


def test_a_success_does_not_stand_below_the_failure_of_an_earlier_attempt(desk, tenant):
    application = office.application(tenant)
    open_blade(desk, at("mobility:application-configure", tenant, application.pk))
    toasts = desk.locator("#toasts")
    desk.locator(".options label", has_text="Some").first.click()
    button(desk, "Save").click()
    expect(toasts).to_contain_text("Saving configuration failed")

    desk.locator(".options label", has_text="None").first.click()
    button(desk, "Save").click()

    expect(toasts).to_contain_text("Configuration saved")
    expect(toasts).not_to_contain_text("Saving configuration failed")
