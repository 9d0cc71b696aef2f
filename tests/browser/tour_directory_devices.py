"""Stops of the tour: Azure AD's devices."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count
from playwright.sync_api import Page

from directory.models import DirectoryDevice
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    busy = world.busy
    devices = at("directory:device-list", busy)
    records = DirectoryDevice.objects.in_tenant(busy)
    name = records.values("name_key").annotate(n=Count("pk")).filter(n__gt=1).order_by("name_key")[0]["name_key"]
    newer, older = records.filter(name_key=name).order_by("-registered_at")[:2]
    pending = records.filter(registered_at=None).order_by("name_key").first()
    plain = records.filter(mdm="", registered_at__isnull=False).order_by("name_key").first()
    return [
        Stop("directory-devices", devices),
        Stop("directory-devices-selected", devices, _tick),
        Stop("directory-devices-disable", devices, _ask("Disable")),
        Stop("directory-devices-delete", devices, _ask("Delete")),
        Stop("directory-devices-filter", f"{devices}?os=&mdm=&owner=", lambda page: page.click("#pill-mdm")),
        Stop("directory-devices-owner", f"{devices}?owner=a", lambda page: page.click("#pill-owner")),
        Stop("directory-devices-filtered", f"{devices}?compliant=no&compliant=na&activity=over30d&sort=-activity"),
        Stop("directory-devices-none", f"{devices}?q=zzzzzz"),
        Stop("directory-devices-wide", devices, lambda page: page.click("[data-menu-toggle]")),
        Stop("directory-device", at("directory:device-overview", busy, newer.pk)),
        Stop("directory-device-duplicate", at("directory:device-overview", busy, older.pk)),
        Stop("directory-device-delete", at("directory:device-overview", busy, older.pk), press("Delete")),
        Stop("directory-device-pending", at("directory:device-overview", busy, pending.pk)),
        Stop("directory-device-manage", at("devices:manage", busy, older.pk)),
        Stop("directory-device-unmanaged", at("devices:manage", busy, plain.pk)),
        Stop("directory-device-settings", at("console:blade", busy, "device-settings")),
        Stop("directory-all-services", at("console:directory-all-services", busy)),
        Stop("directory-search", f"{at('console:search', busy)}?q=mo"),
        Stop("directory-search-box", devices, _search),
        Stop("directory-search-box-none", devices, lambda page: _search(page, "qqqq")),
        Stop("help-desk-directory-devices", devices, role="help_desk"),
    ]


def _tick(page: Page) -> None:
    for box in page.locator(".grid tbody .check").all()[:3]:
        box.check()


def _search(page: Page, term: str = "kl") -> None:
    page.get_by_role("combobox", name="Search resources, services, and docs").fill(term)
    page.locator("#global-results:not([hidden])").wait_for()


def _ask(command: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        _tick(page)
        page.get_by_role("button", name=command, exact=True).first.click()
        page.locator("dialog.confirm[open]").wait_for()

    return act
