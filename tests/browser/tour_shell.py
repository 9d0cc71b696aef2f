"""Stops of the tour: notifications, settings, help and the words of today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from blades.models import Notification
from tenancy import cloning, services
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.browser.stop import Stop, World, at, press


def _told(world: World, tenant: Tenant) -> None:
    """Behind the bell of a directory of its own: where a command goes on, every page asks again and again."""
    now = timezone.now()
    for level, title, text, label, minutes in (
        ("progress", "Bulk device action in progress", "Sync has been sent to 12 devices.", "View devices", 12),
        (
            "error",
            "Saving configuration failed",
            "Unable to save MDM user scope for 'AirWatch'. Select at least one group, then try again.",
            "",
            9,
        ),
        (
            "success",
            "Compliance partner created",
            "Successfully created 'VMware Workspace ONE mobile compliance' for platform 'iOS/iPadOS'.",
            "Go to resource",
            1,
        ),
    ):
        made = Notification.objects.create(
            tenant=tenant,
            operator=world.operator,
            level=level,
            title=title,
            text=text,
            link_url=at("console:home", tenant) if label else "",
            link_label=label,
        )
        Notification.objects.filter(pk=made.pk).update(created_at=now - timedelta(minutes=minutes))


def _bell(page: Page) -> None:
    page.locator("#bell").click()
    expect(page.locator("#pane-notifications .notes__head")).to_be_visible()


def stops(world: World) -> list[Stop]:
    fresh, busy = world.fresh, world.busy
    nonsense = "document.querySelector('#main [name=page_size]').add(new Option('7', '7', true, true))"

    def refuse(page: Page) -> None:
        page.evaluate(nonsense)
        page.locator("#main").get_by_role("button", name="Apply").click()
        expect(page.locator("#main .err")).to_be_visible()

    def contrast(theme: str) -> Callable[[Page], None]:
        """The page as an operator with high contrast gets it, with two rows ticked."""

        def act(page: Page) -> None:
            page.evaluate("t => Object.assign(document.documentElement.dataset, {theme: t, contrast: 'high'})", theme)
            for row in (0, 1):
                page.locator("tbody .check").nth(row).check()

        return act

    today = cloning.clone_tenant(fresh, slug="kestrel-today")
    today.vocabulary = today.Vocabulary.TODAY
    today.save(update_fields=["vocabulary"])
    services.admit(tenant=today, operator=world.operator, role=Role.GLOBAL_ADMINISTRATOR)
    _told(world, today)
    return [
        Stop("contrast-light", at("devices:list", busy), contrast("light")),
        Stop("contrast-dark", at("devices:list", busy), contrast("dark")),
        Stop("today-home", at("console:home", today)),
        Stop("today-directory", at("console:azure-ad", today)),
        Stop("notifications", at("console:tenant-status", today), _bell),
        Stop("notifications-empty", at("console:home", fresh), _bell),
        Stop("notifications-page", at("console:notifications", today)),
        Stop("settings-pane", at("partners:overview", busy, world.configurations[1].pk), press("Settings")),
        Stop("settings-refused", at("console:settings", fresh), refuse),
        Stop("settings-help-desk", at("console:settings", fresh), role="help_desk"),
        Stop("help-partners", at("partners:configuration-list", busy), press("Help")),
        Stop("help-devices", at("devices:security-list", busy), press("Help")),
        Stop("help-not-imitated", at("console:blade", fresh, "reports"), press("Help")),
    ]
