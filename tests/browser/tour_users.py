"""Stops of the tour: users and groups."""

from __future__ import annotations

from django.db.models import Count
from playwright.sync_api import Page

from blades.models import Draft
from devices.models import ManagedDevice
from directory.group_views import IMPORT
from directory.models import DirectoryUser, Group
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    busy, fresh = world.busy, world.fresh
    users, groups = at("directory:user-list", busy), at("directory:group-list", busy)
    owners = ManagedDevice.objects.in_tenant(busy).exclude(primary_user=None).values("primary_user")
    everybody = DirectoryUser.objects.in_tenant(busy)
    user = everybody.filter(pk__in=owners, account_enabled=True).order_by("name_key")[0]
    blocked = everybody.filter(account_enabled=False).order_by("name_key")[0]
    bare = everybody.annotate(n=Count("licences")).filter(n=0).order_by("name_key")[0]
    used = Group.objects.in_tenant(busy).filter(kind="assigned").order_by("name_key")[0]
    plans = Group.objects.in_tenant(busy).get(name_key="all intune users")
    rule = Group.objects.in_tenant(busy).get(name_key="customer service")
    lines = [[n, upn] for n, upn in enumerate(everybody.values_list("upn", flat=True)[:40], start=1)]
    lines += [[41, "nobody@kestrel.example"], [42, "mara@contoso.example"], [43, "not a name"], [44, lines[0][1]]]
    draft = Draft.objects.create(
        tenant=busy, operator=world.operator, wizard=IMPORT, subject_id=used.pk, answers={"import": {"lines": lines}}
    )
    return [
        Stop("users", users),
        Stop("users-selected", users, _tick),
        Stop("users-delete", users, _delete),
        Stop("users-filter", users, lambda page: page.click("#pill-department")),
        Stop("users-filtered", f"{users}?department=finance&blocked=no&intune=&sort=-department"),
        Stop("users-none", f"{users}?q=zzzzzz"),
        Stop("user-new", at("directory:user-create", busy)),
        Stop("user-new-error", at("directory:user-create", busy), press("Create")),
        Stop("user-profile", at("directory:user-overview", busy, user.pk)),
        Stop("user-profile-blocked", at("directory:user-overview", busy, blocked.pk)),
        Stop("user-delete", at("directory:user-overview", busy, user.pk), press("Delete")),
        Stop("user-edit", at("directory:user-edit", busy, user.pk)),
        Stop("user-groups", at("directory:user-groups", busy, user.pk)),
        Stop("user-groups-pane", at("directory:user-groups", busy, user.pk), press("Add memberships")),
        Stop("user-licenses", at("directory:user-licences", busy, user.pk)),
        Stop("user-licenses-none", at("directory:user-licences", busy, bare.pk)),
        Stop("user-licenses-assign", at("directory:user-licence-assignments", busy, bare.pk)),
        Stop("user-devices", at("directory:user-devices", busy, user.pk)),
        Stop("groups", groups),
        Stop("groups-filtered", f"{groups}?membership=dynamic&sort=-name"),
        Stop("groups-none", f"{groups}?q=zzzzzz"),
        Stop("group-new", at("directory:group-create", busy)),
        Stop("group-new-dynamic", at("directory:group-create", busy), _choose_dynamic),
        Stop("group-new-members", at("directory:group-create", busy), _open_members),
        Stop("group-new-error", at("directory:group-create", busy), press("Create")),
        Stop("group-overview", at("directory:group-overview", busy, used.pk)),
        Stop("group-overview-dynamic", at("directory:group-overview", busy, rule.pk)),
        Stop("group-delete", at("directory:group-overview", busy, used.pk), press("Delete")),
        Stop("group-delete-refused", at("directory:group-overview", busy, used.pk), _delete_used),
        Stop("group-properties", at("directory:group-properties", busy, used.pk)),
        Stop("group-members", at("directory:group-members", busy, used.pk)),
        Stop("group-members-pane", at("directory:group-members", busy, used.pk), press("Add members")),
        Stop("group-members-dynamic", at("directory:group-members", busy, rule.pk)),
        Stop("group-import", at("directory:group-import", busy, used.pk)),
        Stop("group-import-error", at("directory:group-import", busy, used.pk), press("Next")),
        Stop("group-import-review", at("directory:group-import-review", busy, used.pk, draft.pk)),
        Stop("group-owners", at("directory:group-owners", busy, used.pk)),
        Stop("group-rule", at("directory:group-rule", busy, rule.pk)),
        Stop("group-rule-error", at("directory:group-rule", busy, rule.pk), _break_rule),
        Stop("group-rule-plans", at("directory:group-rule", busy, plans.pk)),
        Stop("group-rule-none", at("directory:group-rule", busy, used.pk)),
        Stop("help-desk-users", users, role="help_desk"),
        Stop("help-desk-user", at("directory:user-overview", busy, user.pk), role="help_desk"),
        Stop("help-desk-group-properties", at("directory:group-properties", busy, used.pk), role="help_desk"),
        Stop("users-fresh", at("directory:user-list", fresh)),
    ]


def _tick(page: Page) -> None:
    for box in page.locator(".grid tbody .check").all()[:3]:
        box.check()


def _delete(page: Page) -> None:
    _tick(page)
    page.get_by_role("button", name="Delete user", exact=True).click()
    page.get_by_role("dialog", name="Delete confirmation").wait_for()


def _choose_dynamic(page: Page) -> None:
    page.get_by_label("Group name", exact=True).fill("Sales in Leeds")
    page.get_by_label("Membership type", exact=True).select_option("dynamic")
    page.get_by_role("textbox", name="Rule syntax").wait_for()


def _open_members(page: Page) -> None:
    page.locator("#members .selector").click()
    for box in page.get_by_role("dialog", name="Add members").get_by_role("checkbox").all()[:2]:
        box.check()


def _delete_used(page: Page) -> None:
    press("Delete")(page)
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("alert").wait_for()


def _break_rule(page: Page) -> None:
    page.get_by_role("textbox", name="Rule syntax").fill('user.department -like "Sales')
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("(character").first.wait_for()
