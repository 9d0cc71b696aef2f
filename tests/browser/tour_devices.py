"""Stops of the tour: the list of devices and bulk actions."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    devices = at("devices:security-list", world.busy)
    return [
        Stop("devices-columns", devices, press("Columns")),
        Stop("devices-columns-chosen", devices, _choose_many),
        Stop("devices-export", devices + "?os=ios", press("Export")),
        Stop("devices-selected", devices, _tick),
    ]


def _choose_many(page: Page) -> None:
    press("Columns")(page)
    pane = page.get_by_role("dialog", name="Columns")
    for label in ("Ownership", "OS version", "Primary user UPN"):
        pane.get_by_label(label, exact=True).uncheck()
    for label in ("Model", "Serial number", "Device state"):
        pane.get_by_label(label, exact=True).check()
    pane.get_by_role("button", name="Apply").click()
    page.get_by_role("columnheader", name="Model").wait_for()


def _tick(page: Page) -> None:
    for row in (1, 3):
        page.locator(".grid tbody .check").nth(row).check()
