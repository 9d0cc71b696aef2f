"""Where the parts of the frame and of its components stand, in CSS pixels; sizes of the portal of 2020, within 2 px."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import office
from tests.browser.office import at, button, link, open_blade

pytestmark = pytest.mark.django_db(transaction=True)

NEAR = 2


@pytest.fixture(params=[(1366, 768), (1920, 1080)], ids=["1366x768", "1920x1080"])
def screen(request, new_context, sign_in, operator) -> Page:
    """A page of an operator who is signed in, on a small and on a large screen; nothing slides."""
    width, height = request.param
    page: Page = new_context(reduced_motion="reduce").new_page()
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, operator)
    return page


class Box:
    """Where `locator` stands, from the window's top left corner and from its right and bottom edge."""

    def __init__(self, page: Page, locator: Locator | str) -> None:
        found = page.locator(locator).first if isinstance(locator, str) else locator.first
        expect(found).to_be_visible()
        box = found.evaluate("e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] }")
        self.x, self.y, self.width, self.height = box
        width, height = page.evaluate("[innerWidth, innerHeight]")
        self.right = width - self.x - self.width
        self.bottom = height - self.y - self.height
        self.center = self.y + self.height / 2

    def expect(self, **wanted: float) -> None:
        for name, value in wanted.items():
            assert getattr(self, name) == pytest.approx(value, abs=NEAR), name


def measure(page: Page, places: dict[str, dict[str, float]]) -> None:
    """Compare every place in `places`, a selector and what is wanted of it; all differences are told together."""
    wrong = []
    for selector, wanted in places.items():
        box = Box(page, selector)
        found = {name: round(getattr(box, name), 1) for name in wanted}
        if any(abs(found[name] - value) > NEAR for name, value in wanted.items()):
            wrong.append(f"{selector}: wanted {wanted}, found {found}")
    assert not wrong, "\n".join(wrong)


def test_frame_with_a_menu_and_commands(screen, tenant):
    page = screen
    office.partner(tenant)
    open_blade(page, at("partners:configuration-list", tenant))
    width, height = page.evaluate("[innerWidth, innerHeight]")

    measure(page, {
        ".top": {"x": 0, "y": 0, "width": width, "height": 40},
        ".top__name": {"x": 18},
        ".top__btn": {"width": 40, "height": 40},
        ".top__btn .icon": {"width": 20, "height": 20},
        ".account": {"right": 0, "height": 40},
        ".account__pic": {"width": 28, "height": 28},
        ".nav": {"x": 0, "y": 40, "width": 220, "bottom": 0},
        ".nav li a": {"x": 0, "width": 220, "height": 32},
        ".nav li a img": {"x": 12, "width": 18, "height": 18},
        ".nav .nav__label": {"x": 38},
        ".crumbs": {"x": 220, "y": 40, "height": 36},
        ".crumbs a": {"x": 240},
        ".title": {"y": 76, "height": 56},
        "#blade-title": {"y": 76, "height": 32},
        ".title__tools .iconbtn": {"width": 32, "height": 32},
        ".title__close .iconbtn": {"width": 32, "height": 32, "right": 12},
        ".menu": {"x": 220, "y": 132, "width": 265, "bottom": 0},
        ".menu__search .input": {"x": 240, "height": 24, "center": 150},
        ".menu__item": {"x": 220, "height": 32},
        ".menu__item img": {"x": 244, "width": 16, "height": 16},
        ".menu__item span": {"x": 268},
        ".commands": {"x": 505, "y": 132, "height": 36},
        ".commands .icon": {"width": 16, "height": 16},
        ".scroll": {"x": 485, "right": 0, "bottom": 0},
        ".lede": {"x": 505},
        ".grid thead th": {"height": 34},
        ".grid tbody td": {"height": 32},
    })  # fmt: skip
    assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_collapsed_navigation(screen, tenant, operator):
    page = screen
    operator.nav_collapsed = True
    operator.save()
    open_blade(page, at("partners:configuration-list", tenant))

    measure(page, {
        ".nav": {"x": 0, "y": 40, "width": 50, "bottom": 0},
        ".nav li a": {"width": 50, "height": 32},
        ".nav li a img": {"x": 16, "width": 18},
        ".crumbs": {"x": 50, "y": 40},
        ".menu": {"x": 50, "width": 265},
    })  # fmt: skip
    button(page, "Collapse menu").click()
    Box(page, ".menu").expect(x=50, width=44)
    Box(page, ".commands").expect(x=114, y=132)


def test_list_with_filters_and_pager(screen, tenant):
    page = screen
    office.devices(tenant, 60)
    open_blade(page, at("devices:security-list", tenant))

    measure(page, {
        ".title__icon": {"width": 28, "height": 28},
        ".commands": {"x": 505, "y": 132, "height": 36},
        ".filters .search": {"x": 505, "width": 250},
        ".filters .input": {"height": 24},
        ".pill": {"height": 24},
        ".grid thead th": {"x": 505, "height": 34},
        ".grid tbody td": {"x": 505, "height": 32},
        ".pager": {"x": 485, "height": 56, "right": 0, "bottom": 0},
        ".pager .btn": {"x": 505, "height": 24},
    })  # fmt: skip
    previous, number = Box(page, ".pager .btn"), Box(page, ".pager__go label")
    assert number.x - previous.x - previous.width == pytest.approx(8, abs=NEAR)

    filters = Box(page, ".filters").height
    pill = page.get_by_role("button", name="OS :")
    pill.click()
    place, pop = Box(page, pill), Box(page, "#filter-os")
    pop.expect(x=place.x, y=place.y + place.height + 4, width=330)
    assert Box(page, ".filters").height == filters
    page.keyboard.press("Escape")

    head = Box(page, ".grid thead th").y
    page.locator(".gridwrap").evaluate("region => region.scrollTop = 400")
    Box(page, ".grid thead th").expect(y=head)
    Box(page, ".pager").expect(bottom=0)
    Box(page, ".top").expect(y=0)


def test_form_and_group_picker(screen, tenant):
    page = screen
    office.groups(tenant)
    application = office.application(tenant)
    open_blade(page, at("mobility:application-configure", tenant, application.pk))

    measure(page, {
        ".commands": {"x": 240, "y": 132, "height": 36},
        ".row .row__label, .row legend": {"x": 240},
        ".row .row__control": {"x": 488, "width": 480},
        ".row .input": {"x": 488, "width": 480, "height": 24},
        ".info": {"width": 24, "height": 24},
    })  # fmt: skip
    fields = page.locator(".row:has(.input)")
    assert Box(page, fields.nth(1)).y - Box(page, fields.nth(0)).y == pytest.approx(40, abs=NEAR)

    page.locator(".options label", has_text="Some").click()
    page.locator("button.selector").click()
    Box(page, "dialog.pane[open]").expect(y=40, right=0, bottom=0, width=585)
    measure(page, {
        "dialog[open] .pick": {"height": 48},
        "dialog[open] .pick .avatar": {"width": 32, "height": 32},
        "dialog[open] .check": {"width": 18, "height": 18},
        "dialog[open] .foot": {"height": 56, "bottom": 0},
        "dialog[open] .foot .btn": {"height": 24},
    })  # fmt: skip


def test_wizard(screen, tenant):
    page = screen
    open_blade(page, at("partners:add", tenant))

    measure(page, {
        ".title": {"y": 76, "height": 56},
        ".steps": {"y": 132},
        ".tabs .step": {"width": 16, "height": 16},
        ".row .row__control": {"x": 488, "width": 480},
        ".row .select": {"height": 24},
        ".content > .foot": {"x": 220, "height": 56, "bottom": 0},
        ".content > .foot .btn": {"x": 240, "height": 24},
    })  # fmt: skip
    assert page.locator(".title__icon").count() == 0

    button(page, "Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    bar, steps = Box(page, ".msg--error"), Box(page, ".steps")
    bar.expect(x=240, height=48)
    assert bar.y + bar.height <= steps.y


def test_panes_dialog_and_toast(screen, tenant):
    page = screen
    partner = office.partner(tenant)
    open_blade(page, at("partners:overview", tenant, partner.pk))

    measure(page, {
        ".essentials dl > div": {"height": 28},
        ".essentials dt": {"width": 186},
    })  # fmt: skip
    link(page, "Settings").click()
    Box(page, "#pane-settings").expect(y=40, right=0, bottom=0, width=315)
    page.keyboard.press("Escape")

    link(page, "Delete").click()
    dialog = Box(page, "#confirm-delete")
    dialog.expect(y=168, width=560)
    button(page.locator("#confirm-delete"), "Delete").click()
    Box(page, ".toast").expect(y=48, right=11, width=346)


@pytest.mark.parametrize("width", [320, 767])
def test_narrow_window_has_one_column_and_wraps_its_commands(new_context, sign_in, operator, tenant, width):
    page = new_context(reduced_motion="reduce").new_page()
    page.set_viewport_size({"width": width, "height": 400})
    sign_in(page, operator)
    application = office.application(tenant)
    open_blade(page, at("mobility:application-configure", tenant, application.pk))

    label, control = Box(page, ".row:has(.input) .row__label"), Box(page, ".row:has(.input) .row__control")
    assert control.y >= label.y + label.height
    Box(page, ".nav").expect(width=50)
    expect(page.locator(".cmd__more")).to_be_hidden()
    for command in page.locator(".commands .cmd:visible").all():
        assert Box(page, command).right >= 0
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight")  # the page scrolls, not parts of it


def test_dots_stand_beside_the_title_although_the_line_below_is_wider(screen, tenant):
    page = screen
    open_blade(page, at("console:home", tenant))

    words = page.locator("#blade-title").evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().toJSON() }"
    )
    assert Box(page, ".title__sub").width > words["width"]
    Box(page, ".title__tools .iconbtn").expect(x=words["right"] + 10)


def test_star_follows_the_last_word_of_a_label_that_takes_two_lines(screen, tenant):
    page = screen
    open_blade(page, at("devices:policy-settings", tenant))

    label = page.locator(".row__label, .row > legend").filter(has_text="Mark devices with no compliance policy").first
    words, star = label.evaluate("""
      row => {
        const range = document.createRange()
        range.selectNodeContents(row.querySelector('label, span'))
        return [[...range.getClientRects()], [...row.querySelector('.req').getClientRects()]].map(rects => {
          const last = rects.at(-1)
          return { left: last.left, right: last.right, bottom: last.bottom, lines: rects.length }
        })
      }
    """)
    assert words["lines"] == 2
    assert 0 < star["left"] - words["right"] < 8
    assert star["bottom"] == pytest.approx(words["bottom"], abs=NEAR)
