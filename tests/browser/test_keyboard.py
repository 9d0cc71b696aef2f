"""Everything by keyboard alone, with the focus always in sight."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from partners.models import PartnerConfiguration
from tests.browser import office
from tests.browser.office import WORKSPACE_ONE, at, button, expect_blade, link, open_blade, title

pytestmark = pytest.mark.django_db(transaction=True)

# What Tab has reached: the part of the frame that it is in, its words, and whether the ring around it shows.
FOCUS = """
  () => {
    const element = document.activeElement
    const parts = {
      ".skip": "skip link", ".top": "header", ".nav": "navigation", ".crumbs": "breadcrumb", ".title": "title",
      ".menu": "menu", ".commands": "commands", ".foot": "footer", ".content": "content",
    }
    const part = Object.keys(parts).find(selector => element.closest(selector))
    const name = `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40)}`
    if (!part) return { part: "", name }
    const style = getComputedStyle(element)
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    const ring = outline && element.matches(":focus-visible")
    const box = element.getBoundingClientRect()
    const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .2], [.5, .8]]
    const seen = points.some(([x, y]) => {
      const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y)
      return top && (element.contains(top) || top.contains(element) && top.closest(".scroll, .gridwrap") === element)
    })
    return { part: parts[part], name, ring, seen }
  }
"""


@pytest.fixture
def desk(page, sign_in, operator) -> Page:
    """A page of an operator who is signed in."""
    sign_in(page, operator)
    return page


def tab_to(page: Page, target: Locator, *, key: str = "Tab", limit: int = 90) -> None:
    """Press Tab until `target` has the focus."""
    for _ in range(limit):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{limit} times {key} did not reach {target}")


def test_skip_link_leads_past_the_frame(desk, tenant):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))

    page.keyboard.press("Tab")
    skip = link(page, "Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").first).to_be_focused()


def test_tab_walks_the_frame_in_order_and_the_focus_is_always_in_sight(desk, tenant):
    page = desk
    office.devices(tenant, 12)
    open_blade(page, at("devices:security-list", tenant) + "?per_page=10")

    stops = []
    for _ in range(120):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if not stop["part"]:
            break
        stops.append(stop)

    order = [stop["part"] for n, stop in enumerate(stops) if n == 0 or stops[n - 1]["part"] != stop["part"]]
    frame = ["skip link", "header", "navigation", "breadcrumb", "title", "menu", "commands", "content", "footer"]
    assert order == frame
    assert [stop["name"] for stop in stops if not stop["ring"]] == []
    assert [stop["name"] for stop in stops if not stop["seen"]] == []


def test_focus_comes_out_from_under_the_head_of_a_list(desk, tenant):
    page = desk
    office.devices(tenant, 50)
    open_blade(page, at("devices:security-list", tenant))
    last = link(page, "KL-050")
    last.focus()

    tab_to(page, link(page, "KL-010"), key="Shift+Tab")

    assert page.locator(".gridwrap").evaluate("region => region.scrollTop") > 0
    assert page.evaluate(FOCUS)["seen"]
    head = page.locator(".grid thead").bounding_box()
    focused = link(page, "KL-010").bounding_box()
    assert focused["y"] >= head["y"] + head["height"] - 1


def test_menu_search_filters_hides_empty_groups_and_says_so_when_there_is_nothing(desk, tenant):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    menu = page.get_by_role("navigation", name="Connectors and tokens menu")
    everything = menu.get_by_role("link").count()

    page.keyboard.press("Control+/")
    expect(menu.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("partner")
    expect(link(menu, "Partner compliance management")).to_be_visible()
    assert 0 < menu.locator("li:visible").count() < everything
    assert menu.locator("h2:visible").count() < menu.locator("h2").count()
    for heading in menu.locator("h2:visible").all():
        assert heading.evaluate("h2 => [...h2.nextElementSibling.children].some(item => !item.hidden)")
    expect(menu.get_by_text("No results")).to_be_hidden()

    page.keyboard.type("zz")
    expect(menu.get_by_text("No results")).to_be_visible()
    expect(menu.locator("h2:visible, li:visible")).to_have_count(0)

    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    expect(menu.get_by_role("link")).to_have_count(everything)
    page.keyboard.type("partner")
    tab_to(page, link(menu, "Partner compliance management"), limit=4)


def test_g_and_a_second_key_jump_and_rest_while_typing_or_switched_off(desk, tenant):
    page = desk
    open_blade(page, at("devices:security-list", tenant))
    press = page.keyboard.press

    press("g")
    press(",")
    expect(page.get_by_role("toolbar", name="Commands").get_by_role("link", name="Refresh")).to_be_focused()
    press("g")
    press(".")
    expect(link(page.locator("header"), "Notifications")).to_be_focused()
    press("g")
    press(".")
    expect(page.get_by_role("navigation", name="Portal").get_by_role("link").first).to_be_focused()
    press("g")
    press("/")
    search = page.locator("#global-search")
    expect(search).to_be_focused()

    page.keyboard.type("g,g.gd")
    expect(search).to_be_focused()
    expect(search).to_have_value("g,g.gd")

    title(page).focus()
    page.keyboard.down("g")  # the real portal holds G
    press("d")
    page.keyboard.up("g")
    expect_blade(page, "Dashboard")
    press("g")
    press("b")
    expect_blade(page, "All services")

    tab_to(page, link(page, "Settings"), key="Shift+Tab")
    press("Enter")
    tab_to(page, page.get_by_role("checkbox", name="Single-key shortcuts"))
    press("Space")
    press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Settings saved")
    press("g")
    press("d")
    expect_blade(page, "All services")
    press("Control+/")
    expect_blade(page, "All services")


def test_command_bar_is_one_tab_stop_with_arrow_keys(desk, tenant):
    page = desk
    application = office.application(tenant, gallery_key="microsoft_intune", display_name="Microsoft Intune")
    open_blade(page, at("mobility:application-configure", tenant, application.pk))
    bar = page.get_by_role("toolbar", name="Commands")
    save, discard, delete = button(bar, "Save"), link(bar, "Discard"), button(bar, "Delete")

    tab_to(page, save)
    page.keyboard.press("ArrowLeft")
    expect(save).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(discard).to_be_focused()
    page.keyboard.press("End")
    expect(delete).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(delete).to_be_focused()
    page.keyboard.press("Home")
    expect(save).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["part"] == "content"
    page.keyboard.press("Shift+Tab")
    expect(discard).to_be_focused()


def test_disabled_command_is_reached_tells_its_reason_and_does_nothing_else(desk, tenant):
    page = desk
    application = office.application(tenant, gallery_key="microsoft_intune", display_name="Microsoft Intune")
    open_blade(page, at("mobility:application-configure", tenant, application.pk))
    address = page.url
    delete = button(page.get_by_role("toolbar", name="Commands"), "Delete")
    why = page.get_by_role("note").filter(has_text="Microsoft Intune")

    tab_to(page, button(page, "Save"))
    page.keyboard.press("End")
    expect(delete).to_be_focused()
    expect(delete).to_have_attribute("aria-disabled", "true")
    expect(delete).to_have_accessible_description(re.compile("Microsoft Intune"))
    expect(why).to_be_hidden()
    page.keyboard.press("Enter")
    expect(why).to_be_visible()
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()
    expect(delete).to_be_focused()
    delete.click(force=True)

    expect(why).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.url == address


def test_whole_wizard(desk, tenant):
    page = desk
    office.groups(tenant)
    open_blade(page, at("partners:configuration-list", tenant))
    press = page.keyboard.press

    press("g")
    press(",")
    press("Enter")
    expect_blade(page, "Create compliance partner")
    expect(title(page)).to_be_focused()
    partner, platform = page.get_by_label("Compliance partner", exact=True), page.get_by_label("Platform", exact=True)
    tab_to(page, partner)
    page.keyboard.type("VMw")
    expect(partner.locator("option:checked")).to_have_text(WORKSPACE_ONE)
    expect(platform.locator("option", has_text="Windows")).to_have_count(0)
    expect(platform).to_be_enabled()
    tab_to(page, platform)
    page.keyboard.type("iOS")
    press("Enter")  # on a drop-down Enter opens the list; it must not send the form
    press("Escape")
    tab_to(page, button(page, "Next"))
    press("Enter")

    opener = button(page, "Add groups").first
    expect(opener).to_be_visible()
    tab_to(page, opener)
    press("Enter")
    pane = page.get_by_role("dialog", name="Select groups to include")
    expect(pane.get_by_role("searchbox")).to_be_focused()
    press("Escape")
    expect(pane).to_be_hidden()
    expect(opener).to_be_focused()

    press("Space")
    page.keyboard.type("fi")
    expect(pane.get_by_role("checkbox")).to_have_count(1)
    tab_to(page, pane.get_by_role("checkbox", name=re.compile("^Field engineers")))
    press("Space")
    expect(pane.get_by_role("heading", name="Selected items (1)")).to_be_visible()
    tab_to(page, button(pane, "Select"))
    press("Enter")
    expect(page.get_by_role("table", name="Included groups")).to_contain_text("Field engineers")
    expect(pane).to_be_hidden()
    expect(button(page, "Add groups").first).to_be_focused()

    tab_to(page, button(page, "Next"))
    press("Enter")
    tab_to(page, button(page, "Create"))
    press("Enter")
    expect_blade(page, "Connectors and tokens | Partner compliance management")
    expect(title(page)).to_be_focused()
    made = PartnerConfiguration.objects.in_tenant(tenant).get()
    assert [group.display_name for group in made.groups.all()] == ["Field engineers"]


def test_arrow_keys_through_a_drop_down_are_never_thrown_back_by_a_late_answer(desk, tenant):
    page = desk
    open_blade(page, at("partners:add", tenant))
    partner = page.get_by_label("Compliance partner", exact=True)
    held: list[Route] | None = []
    page.route("**/basics/?*", lambda route: route.continue_() if held is None else held.append(route))

    partner.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = partner.locator("option:checked").inner_text()
    late, held = held, None
    for route in late:
        route.continue_()

    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.get_by_label("Platform", exact=True)).to_be_enabled()
    expect(partner.locator("option:checked")).to_have_text(chosen)
    expect(partner).to_be_focused()


def test_destructive_dialog_starts_on_cancel_and_gives_the_focus_back(desk, tenant):
    page = desk
    partner = office.partner(tenant)
    open_blade(page, at("partners:overview", tenant, partner.pk))
    delete = link(page.get_by_role("toolbar", name="Commands"), "Delete")

    tab_to(page, link(page, "Refresh"))
    page.keyboard.press("ArrowRight")
    expect(link(page, "Open the partner's console")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete confirmation")
    cancel = link(dialog, "Cancel")
    expect(cancel).to_be_focused()
    inside = page.locator("dialog[open] :focus")
    for _ in range(4):  # round and round inside; a browser's own buttons count as one stop
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body") or inside.count() == 1
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Space")  # on Cancel
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    assert PartnerConfiguration.objects.in_tenant(tenant).exists()


def test_sorting_and_filtering_keep_the_place(desk, tenant):
    page = desk
    office.devices(tenant, 4)
    open_blade(page, at("devices:security-list", tenant))
    first = page.locator(".grid tbody td:not(.c-check)").first
    expect(first).to_have_text("KL-001")

    name = link(page.get_by_role("columnheader", name="Device name"), "Device name")
    tab_to(page, name)
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Device name")
    expect(first).to_have_text("KL-004")
    expect(name).to_be_focused()

    pill = page.get_by_role("button", name=re.compile("^OS : "))
    tab_to(page, pill, key="Shift+Tab")
    page.keyboard.press("Enter")
    pop = page.get_by_role("dialog", name="OS")
    expect(pop).to_be_visible()
    tab_to(page, pop.get_by_label("All", exact=True))
    page.keyboard.press("Space")
    tab_to(page, pop.get_by_role("checkbox", name=re.compile("^Windows")))
    page.keyboard.press("Space")
    tab_to(page, button(pop, "Apply"))
    page.keyboard.press("Enter")
    expect(page.locator(".grid tbody tr")).to_have_count(2)
    expect(pill).to_have_text("OS : Windows")
    expect(pill).to_be_focused()
    expect(page).to_have_url(re.compile("sort=-name"))

    page.keyboard.press("Enter")
    expect(pop).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(pop).to_be_hidden()
    expect(pill).to_be_focused()


def test_a_new_blade_takes_the_focus_to_its_title_and_renames_the_document(desk, tenant):
    page = desk
    open_blade(page, at("console:home", tenant))
    page.evaluate("window.sameDocument = true")

    tab_to(page, link(page.get_by_role("navigation", name="Portal"), "Tenant administration"))
    page.keyboard.press("Enter")
    expect_blade(page, "Tenant admin | Tenant status")
    expect(title(page)).to_be_focused()
    expect(page).to_have_title("Tenant status - Endpoint Manager admin center")

    page.go_back()
    expect_blade(page, "Home")
    expect(title(page)).to_be_focused()
    expect(page).to_have_title("Home - Endpoint Manager admin center")
    assert page.evaluate("window.sameDocument")


def test_global_search_is_a_combobox_for_the_keyboard(desk, tenant):
    page = desk
    office.devices(tenant, 3)
    open_blade(page, at("console:home", tenant))
    box, results = (
        page.get_by_role("combobox", name="Search resources, services, and docs"),
        page.locator("#global-results"),
    )
    press = page.keyboard.press

    press("g")
    press("/")
    expect(box).to_be_focused()
    page.keyboard.type("kl-0")
    options = results.get_by_role("option")
    expect(options).to_have_count(3)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#global-count")).to_have_text("3 results")

    press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "result-1")
    press("ArrowUp")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    press("ArrowDown")
    press("Escape")
    expect(results).to_be_hidden()
    expect(box).to_have_value("kl-0")
    expect(box).to_be_focused()

    press("ArrowDown")
    expect(results).to_be_visible()
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    press("Enter")
    expect_blade(page, "KL-001 | Overview")
    expect(results).to_be_hidden()
    expect(title(page)).to_be_focused()

    box.fill("security baselines")
    press("Enter")
    expect_blade(page, "Search")
    expect(page.get_by_role("link", name=re.compile("Security baselines"))).to_be_visible()
    expect(results).to_be_hidden()


def test_escape_clears_the_search_of_the_menu_and_the_number_of_hits_is_said(desk, tenant):
    page = desk
    open_blade(page, at("partners:configuration-list", tenant))
    menu = page.get_by_role("navigation", name="Connectors and tokens menu")
    everything = menu.get_by_role("link").count()

    page.keyboard.press("Control+/")
    page.keyboard.type("partner")
    expect(menu.locator("[data-menu-hits]")).to_have_text("2 results")
    page.keyboard.press("Escape")

    expect(menu.get_by_role("link")).to_have_count(everything)
    expect(menu.get_by_role("searchbox")).to_be_focused()


def arrow_to(page: Page, target: Locator, *, limit: int = 12) -> None:
    """From the first command along the bar, until `target` has the focus."""
    page.keyboard.press("g")
    page.keyboard.press(",")
    for _ in range(limit):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("ArrowRight")
    pytest.fail(f"the arrow keys did not reach {target}")


def test_device_is_found_opened_and_synced_and_the_action_is_seen(desk, tenant):
    page = desk
    office.devices(tenant, 3)
    open_blade(page, at("console:home", tenant))
    press = page.keyboard.press

    press("g")
    press("/")
    page.keyboard.type("kl-002")
    expect(page.locator("#global-results").get_by_role("option")).to_have_count(1)
    press("ArrowDown")
    press("Enter")
    expect_blade(page, "KL-002 | Overview")
    expect(title(page)).to_be_focused()

    sync = link(page.get_by_role("toolbar", name="Commands"), "Sync")
    arrow_to(page, sync)
    press("Enter")
    question = page.get_by_role("dialog")
    expect(question).to_be_visible()
    press("Escape")
    expect(question).to_be_hidden()
    expect(sync).to_be_focused()
    press("Enter")
    yes = button(question, "Yes")
    expect(yes).to_be_focused()
    press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Sync")
    expect(page.get_by_role("table", name="Device actions status")).to_contain_text("Sync")
    expect(page.locator("#blade :focus")).to_have_count(1)


def test_filter_columns_and_ticks_of_a_list_and_each_pane_gives_the_focus_back(desk, tenant):
    page = desk
    office.devices(tenant, 6)
    open_blade(page, at("devices:security-list", tenant))
    press = page.keyboard.press

    tab_to(page, button(page, "Add filter"))
    press("Enter")
    tab_to(page, link(page.locator("#filter-add"), "Ownership"), limit=4)
    press("Enter")
    pop = page.get_by_role("dialog", name="Ownership")
    pill = page.get_by_role("button", name=re.compile("^Ownership : "))
    expect(pill).to_be_visible()
    tab_to(page, pill)
    press("Enter")
    tab_to(page, pop.get_by_label("All", exact=True))
    press("Space")
    tab_to(page, pop.get_by_role("checkbox", name=re.compile("^Corporate")))
    press("Space")
    tab_to(page, button(pop, "Apply"))
    press("Enter")
    expect(pill).to_have_text(re.compile("Ownership : Corporate"))
    expect(pill).to_be_focused()

    columns = link(page, "Columns")
    arrow_to(page, columns)
    press("Enter")
    pane = page.get_by_role("dialog", name="Columns")
    expect(pane).to_be_visible()
    press("Escape")
    expect(pane).to_be_hidden()
    expect(columns).to_be_focused()
    press("Enter")
    expect(pane).to_be_visible()
    tab_to(page, pane.get_by_role("checkbox", name="IMEI"))
    press("Space")
    tab_to(page, button(pane, "Apply"))
    press("Enter")
    expect(page.get_by_role("columnheader", name="IMEI")).to_be_visible()
    expect(columns).to_be_focused()

    tab_to(page, page.get_by_role("checkbox", name="Select KL-002"))
    press("Space")
    expect(page.locator("[data-selected]")).to_have_text("1")
    sync = page.get_by_role("toolbar", name="Commands").get_by_text("Sync", exact=True)
    expect(sync).not_to_have_attribute("aria-disabled", "true")
