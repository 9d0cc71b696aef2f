"""Stops of the tour: conditional access."""

from __future__ import annotations

from playwright.sync_api import Page

from access.models import Policy
from console.demo.access import PLANS
from directory.models import DirectoryUser
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    busy = world.busy
    Policy.objects.in_tenant(world.fresh).delete()  # the list without policies
    seeded = Policy.objects.in_tenant(busy).filter(display_name__in=[plan.name for plan in PLANS])
    policies = {policy.state: at("access:policy", busy, policy.pk) for policy in seeded}
    what_if = at("access:what-if", busy)
    user = DirectoryUser.objects.in_tenant(busy).filter(account_enabled=True).order_by("name_key")[0]
    listed, new = at("access:policy-list", busy), at("access:policy-new", busy)
    return [
        Stop("security", at("console:security", busy)),
        Stop("access-policies", listed),
        Stop("access-policies-none", at("access:policy-list", world.fresh)),
        Stop("access-policy-new", new),
        Stop("access-policy-new-selected", new, _select),
        Stop("access-policy-new-users", new, _open_users),
        Stop("access-policy-new-apps", new, _open_apps),
        Stop("access-policy-new-error", new, press("Create")),
        Stop("access-policy", policies["on"]),
        Stop("access-policy-end", policies["on"], _scroll_down),
        Stop("access-policy-lockout", policies["off"], _turn_on),
        Stop("access-what-if", what_if),
        Stop("access-what-if-user", what_if, _open_user),
        Stop("access-what-if-error", what_if, press("What If")),
        Stop("access-what-if-result", f"{what_if}?user={user.pk}&evaluate=1&compliant=on", _scroll_down),
        Stop("access-what-if-others", f"{what_if}?user={user.pk}&evaluate=1&app=teams&show=not", _scroll_down),
        Stop("access-policy-delete", policies["report_only"], press("Delete")),
    ]


def _select(page: Page) -> None:
    page.get_by_label("Select users and groups", exact=True).check()
    page.get_by_label("Select apps", exact=True).check()
    page.get_by_role("group", name="Device platforms").get_by_label("Yes").check()
    page.get_by_label("Select device platforms", exact=True).check()


def _open_users(page: Page) -> None:
    _select(page)
    page.locator("#users .selector").click()
    for box in page.get_by_role("dialog", name="Select users to include").get_by_role("checkbox").all()[:2]:
        box.check()


def _open_user(page: Page) -> None:
    page.locator("#user .selector").click()


def _open_apps(page: Page) -> None:
    _select(page)
    page.locator("#apps .selector").click()


def _scroll_down(page: Page) -> None:
    page.locator(".scroll").evaluate("element => element.scrollTo(0, element.scrollHeight)")


def _turn_on(page: Page) -> None:
    page.get_by_role("group", name="Enable policy").get_by_label("On", exact=True).check()
    press("Save")(page)
    page.get_by_text("Select what is to become of your own account").wait_for()
