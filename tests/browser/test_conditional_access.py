"""Conditional access with the keyboard alone: a policy is written, and What If foresees what it does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from access.models import Intent, Policy, PolicyGroup
from tests.browser.office import at, button, expect_blade, groups, open_blade

pytestmark = pytest.mark.django_db(transaction=True)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    handle = wanted.element_handle()
    for _ in range(80):
        if page.evaluate("element => document.activeElement === element", handle):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def pick(page: Page, row: str, name: str) -> None:
    """Open the picker of a row, search for `name`, tick it and select."""
    tab_to(page, page.locator(f"#{row} .selector"))
    page.keyboard.press("Enter")
    pane = page.locator(f"#pane-{row}")
    expect(pane.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(name)
    expect(pane.locator(".pick [data-name]")).to_have_text([name])
    tab_to(page, pane.locator(".pick input"))
    page.keyboard.press("Space")
    tab_to(page, button(pane, "Select"))
    page.keyboard.press("Enter")
    expect(page.locator(f"#{row}")).to_contain_text(name)


def test_policy_is_written_with_the_keyboard_alone(page, sign_in, operator, tenant, axe):
    groups(tenant)
    sign_in(page, operator)
    open_blade(page, at("access:policy-list", tenant))

    tab_to(page, page.locator(".commands a").first)
    page.keyboard.press("Enter")
    expect_blade(page, "New Conditional Access policy")
    tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.type("Field phones must be compliant")
    tab_to(page, page.locator("[name=users_mode]").first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Select users and groups", exact=True)).to_be_checked()
    pick(page, "groups", "Field engineers")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Field phones must be compliant")
    tab_to(page, page.locator("[name=apps_mode]").first)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Select apps", exact=True)).to_be_checked()
    pick(page, "apps", "Office 365 Exchange Online")
    tab_to(page, page.get_by_label("Require device to be marked as compliant"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("[name=state]:checked"))
    page.keyboard.press("ArrowRight")
    axe(page)
    tab_to(page, button(page, "Create").last)
    page.keyboard.press("Enter")

    expect_blade(page, "Conditional Access | Policies")
    expect(page.locator(".toast")).to_contain_text("Successfully created 'Field phones must be compliant'.")
    expect(page.locator(".grid tbody tr")).to_have_count(1)
    policy = Policy.objects.in_tenant(tenant).get()
    assert (policy.state, policy.included_apps, policy.require_compliant_device) == ("on", ["exchange_online"], True)
    link = PolicyGroup.objects.in_tenant(tenant).get()
    assert (link.group.display_name, link.intent) == ("Field engineers", Intent.INCLUDE)


def test_refusal_takes_the_focus_to_where_the_first_answer_is_due(page, sign_in, operator, tenant):
    sign_in(page, operator)
    open_blade(page, at("access:policy-new", tenant))
    page.get_by_label("Name", exact=True).fill("Half a policy")
    page.get_by_label("All users", exact=True).check()

    button(page, "Create").last.click()

    expect(page.get_by_text("Select all cloud apps, or at least one app.")).to_be_in_viewport()
    expect(page.locator("[name=apps_mode]").first).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half a policy")


def test_selection_shows_only_under_the_answer_that_asks_for_it(page, sign_in, operator, tenant):
    sign_in(page, operator)
    open_blade(page, at("access:policy-new", tenant))
    expect(page.locator("#users")).to_be_hidden()

    page.get_by_label("Select users and groups", exact=True).check()
    expect(page.locator("#users")).to_be_visible()
    page.get_by_role("group", name="Device platforms").get_by_label("Yes").check()
    expect(page.get_by_role("group", name="Exclude platforms")).to_be_visible()
    page.get_by_label("Block access", exact=True).check()
    expect(page.get_by_role("group", name="Controls", exact=True)).to_be_hidden()


def test_what_if_is_asked_with_a_picked_user(page, sign_in, operator, tenant, axe):
    made = groups(tenant)
    user = made["Front desk"].memberships.get().user
    sign_in(page, operator)
    open_blade(page, at("access:what-if", tenant))

    pick(page, "user", user.display_name)
    button(page, "What If").last.click()

    expect(page.get_by_role("link", name="Policies that will apply (0)")).to_be_visible()
    assert f"?user={user.pk}&evaluate=1" in page.url
    axe(page)
