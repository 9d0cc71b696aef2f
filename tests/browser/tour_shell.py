"""Stops of the tour: notifications, settings, help and the words of today."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from blades.models import Notification
from tests.browser.stop import Stop, World, at, press


def _told(world: World) -> None:
    """Behind the bell of the directory in which the work is done."""
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
            tenant=world.busy,
            operator=world.operator,
            level=level,
            title=title,
            text=text,
            link_url=at("console:home", world.busy) if label else "",
            link_label=label,
        )
        Notification.objects.filter(pk=made.pk).update(created_at=now - timedelta(minutes=minutes))


def _bell(page: Page) -> None:
    page.locator("#bell").click()
    expect(page.locator("#pane-notifications .notes__head")).to_be_visible()


def stops(world: World) -> list[Stop]:
    fresh, busy = world.fresh, world.busy
    _told(world)
    nonsense = "document.querySelector('#main [name=page_size]').add(new Option('7', '7', true, true))"

    def refuse(page: Page) -> None:
        page.evaluate(nonsense)
        page.locator("#main").get_by_role("button", name="Apply").click()
        expect(page.locator("#main .err")).to_be_visible()

    return [
        Stop("notifications", at("partners:overview", busy, world.configurations[1].pk), _bell),
        Stop("notifications-empty", at("console:home", fresh), _bell),
        Stop("notifications-page", at("console:notifications", busy)),
        Stop("settings-pane", at("partners:overview", busy, world.configurations[1].pk), press("Settings")),
        Stop("settings-refused", at("console:settings", fresh), refuse),
        Stop("settings-help-desk", at("console:settings", fresh), role="help_desk"),
        Stop("help-partners", at("partners:configuration-list", busy), press("Help")),
        Stop("help-devices", at("devices:security-list", busy), press("Help")),
        Stop("help-not-imitated", at("console:blade", fresh, "reports"), press("Help")),
    ]
