"""Stops of the tour: conditional access."""

from __future__ import annotations

from playwright.sync_api import Page

from access import services
from access.models import Policy
from access.services import People
from directory.models import DirectoryUser, Group
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    busy = world.busy
    group = Group.objects.in_tenant(busy).filter(kind="assigned").order_by("name_key")[0]
    policies = {
        str(state): services.create_policy(
            tenant=busy,
            actor=world.operator,
            people=People(excluded_groups=[group], groups=[] if everybody else [group]),
            display_name=name,
            state=state,
            all_users=everybody,
            all_apps=everybody,
            included_apps=[] if everybody else ["exchange_online", "sharepoint_online"],
            excluded_apps=["workspace_one_intelligent_hub"],
            platforms=Policy.Platforms.SELECTED,
            included_platforms=["android", "ios"],
            require_compliant_device=True,
            require_mfa=not everybody,
        )
        for name, state, everybody in (
            ("Require compliant device for all cloud apps", Policy.State.ON, True),
            ("Require multi-factor authentication on phones", Policy.State.REPORT_ONLY, False),
            ("Block access from macOS", Policy.State.OFF, False),
        )
    }
    policy = at("access:policy", busy, policies["report_only"].pk)
    everybody = at("access:policy", busy, policies["on"].pk)
    what_if = at("access:what-if", busy)
    user = (
        DirectoryUser.objects.in_tenant(busy).exclude(groups=group).filter(account_enabled=True).order_by("name_key")[0]
    )
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
        Stop("access-policy", policy),
        Stop("access-policy-end", policy, _scroll_down),
        Stop("access-policy-lockout", everybody, _save),
        Stop("access-what-if", what_if),
        Stop("access-what-if-user", what_if, press("User Select a user No user selected")),
        Stop("access-what-if-error", what_if, press("What If")),
        Stop("access-what-if-result", f"{what_if}?user={user.pk}&evaluate=1&compliant=on", _scroll_down),
        Stop("access-what-if-others", f"{what_if}?user={user.pk}&evaluate=1&app=teams&show=not", _scroll_down),
        Stop("access-policy-delete", policy, press("Delete")),
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


def _open_apps(page: Page) -> None:
    _select(page)
    page.locator("#apps .selector").click()


def _scroll_down(page: Page) -> None:
    page.locator(".scroll").evaluate("element => element.scrollTo(0, element.scrollHeight)")


def _save(page: Page) -> None:
    press("Save")(page)
    page.get_by_text("Select what is to become of your own account").wait_for()
