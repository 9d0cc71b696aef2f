"""Stops of the tour: the list of devices and bulk actions."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from blades.models import Draft
from devices.bulk_views import BULK, UNSENT
from devices.models import Agent, ManagedDevice, OperatingSystem
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    busy = world.busy
    devices = at("devices:security-list", busy)
    macs = ManagedDevice.objects.in_tenant(busy).filter(os=OperatingSystem.MACOS)
    ids = [str(pk) for pk in macs.values_list("pk", flat=True)[:6]]
    taken = list(macs.filter(authority=None, agent=Agent.MDM).values_list("pk", flat=True)[:2])
    ids += [str(pk) for pk in taken if str(pk) not in ids]
    lock = {"os": OperatingSystem.MACOS.value, "kind": "remote_lock"}

    def draft(**answers: object) -> Draft:
        return Draft.objects.create(tenant=busy, operator=world.operator, wizard=BULK, answers=answers)

    chosen = draft(basics=lock, **{UNSENT: {"devices": ids}})
    return [
        Stop("devices-columns", devices, press("Columns")),
        Stop("devices-columns-chosen", devices, _choose_many),
        Stop("devices-export", devices + "?os=ios", press("Export")),
        Stop("devices-columns-reset", devices, _reset),
        Stop("devices-selected", devices, _tick(1, 3)),
        Stop("devices-none-ticked", devices, _ask_for_none),
        Stop("devices-sync", devices + "?os=macos", _ask("Sync", 0, 1, 2, 3)),
        Stop("devices-delete", devices, _ask("Delete", 1, 2, 4)),
        Stop("bulk-basics", at("devices:bulk-basics", busy, draft().pk)),
        Stop("bulk-basics-error", at("devices:bulk-basics", busy, draft().pk), press("Next")),
        Stop("bulk-devices-none", at("devices:bulk-devices", busy, draft(basics=lock).pk), press("Next")),
        Stop("bulk-devices", at("devices:bulk-devices", busy, chosen.pk)),
        Stop("bulk-devices-pane", at("devices:bulk-devices", busy, chosen.pk), press("Select devices")),
        Stop("bulk-review", at("devices:bulk-review", busy, draft(basics=lock, devices={"devices": ids}).pk)),
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


def _reset(page: Page) -> None:
    press("Columns")(page)
    page.get_by_role("dialog", name="Columns").get_by_role("button", name="Reset to default").click()
    page.get_by_role("columnheader", name="OS version").wait_for()


def _tick(*rows: int) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for row in rows:
            page.locator(".grid tbody .check").nth(row).check()

    return act


def _ask_for_none(page: Page) -> None:
    page.get_by_role("button", name="Sync", exact=True).click(force=True)
    page.get_by_text("Select at least one device.").wait_for()


def _ask(command: str, *rows: int) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        _tick(*rows)(page)
        press(command)(page)
        page.locator("dialog:modal").wait_for()

    return act
