"""Stops of the tour: one device and the list of actions."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from playwright.sync_api import Page

from devices import services
from devices.models import Agent, CompliancePolicy, DeviceAction, DeviceState, ManagedDevice, OperatingSystem, Ownership
from tests.browser.stop import Stop, World, at, press

Kind = DeviceAction.Kind


def stops(world: World) -> list[Stop]:
    fresh = world.fresh
    partners = ManagedDevice.objects.in_tenant(world.busy).exclude(authority=None).order_by("name_key").first()
    windows = _device(world, os=OperatingSystem.WINDOWS, agent=Agent.MDM, ownership=Ownership.CORPORATE, online=True)
    iphone = _device(world, os=OperatingSystem.IOS, supervised=True, online=True)
    android = _device(world, os=OperatingSystem.ANDROID, ownership=Ownership.PERSONAL, online=True)
    macos = _device(world, os=OperatingSystem.MACOS, online=True)
    leaving = ManagedDevice.objects.in_tenant(fresh).filter(state=DeviceState.WIPE_PENDING).first()
    tried = DeviceAction.objects.in_tenant(fresh).filter(device=OuterRef("pk"), status=DeviceAction.Status.FAILED)
    failed = ManagedDevice.objects.in_tenant(fresh).filter(Exists(tried)).first()
    for kind, device in ((Kind.RESET_PASSCODE, android), (Kind.REMOTE_LOCK, macos)):
        services.request_actions(tenant=fresh, actor=world.operator, devices=[device], kind=kind)
    left = DeviceAction.objects.in_tenant(fresh).filter(device=None, status=DeviceAction.Status.COMPLETED)
    gone = left.filter(kind=Kind.WIPE).first()
    policy = CompliancePolicy.objects.in_tenant(fresh).get(os=OperatingSystem.WINDOWS)
    overview, actions = "devices:overview", at("devices:action-list", fresh)
    return [
        Stop("device-actions-windows", at(overview, fresh, windows.pk)),
        Stop("device-more", at(overview, fresh, windows.pk), _see_more),
        Stop("device-overflow", at(overview, fresh, windows.pk), press("More commands", "Rename device")),
        Stop("device-wipe", at(overview, fresh, windows.pk) + "?pane=wipe"),
        Stop("device-retire", at(overview, fresh, iphone.pk), press("Retire")),
        Stop("device-rename", at(overview, fresh, windows.pk) + "?pane=rename"),
        Stop("device-rename-refused", at(overview, fresh, windows.pk) + "?pane=rename", _rename_badly),
        Stop("device-greyed", at(overview, fresh, android.pk) + "?pane=wipe"),
        Stop("device-greyed-why", at(overview, fresh, windows.pk), _ask_why),
        Stop("device-gone", at(overview, fresh, gone.intune_device_id)),
        Stop("device-passcode", at(overview, fresh, android.pk)),
        Stop("device-lock-pin", at(overview, fresh, macos.pk)),
        Stop("device-wipe-pending", at(overview, fresh, leaving.pk)),
        Stop("device-failed", at(overview, fresh, failed.pk)),
        Stop("device-of-partner", at(overview, world.busy, partners.pk)),
        Stop("device-help-desk", at(overview, fresh, iphone.pk), role="help_desk"),
        Stop("device-properties", at("devices:properties", fresh, iphone.pk)),
        Stop("device-properties-edited", at("devices:properties", fresh, iphone.pk), _edit),
        Stop("device-properties-picker", at("devices:properties", fresh, iphone.pk) + "?pane=primary-user"),
        Stop("device-properties-help-desk", at("devices:properties", fresh, iphone.pk), role="help_desk"),
        Stop("device-compliance", at("devices:compliance", fresh, windows.pk)),
        Stop("device-compliance-none", at("devices:compliance", fresh, windows.pk) + "?q=zzz"),
        Stop("device-compliance-partner", at("devices:compliance", world.busy, partners.pk)),
        Stop("device-compliance-policy", at("devices:policy-of-device", fresh, windows.pk, policy.pk)),
        Stop("device-compliance-built-in", at("devices:built-in-policy", fresh, windows.pk)),
        Stop("device-honest", at("console:device-blade", fresh, windows.pk, "recovery-keys")),
        Stop("device-monitor", at("console:device-monitor", fresh)),
        Stop("device-action-list", actions),
        Stop("device-action-list-filtered", actions + "?status=pending&sort=-action"),
        Stop("device-action-list-filter", actions, lambda page: page.click("#pill-status")),
        Stop("device-action-list-none", actions + "?q=zzzzz"),
    ]


def _device(world: World, **values: Any) -> ManagedDevice:
    devices = ManagedDevice.objects.in_tenant(world.fresh).filter(state=DeviceState.MANAGED, **values)
    device: ManagedDevice = devices.order_by("name_key").first()
    device.tenant = world.fresh
    return device


def _see_more(page: Page) -> None:
    page.get_by_text("See more", exact=True).click()


def _ask_why(page: Page) -> None:
    page.get_by_role("button", name="Remote lock", exact=True).click(force=True)
    page.get_by_role("note").filter(has_text="Remote lock is not available").wait_for()


def _edit(page: Page) -> None:
    page.get_by_role("combobox", name="Device ownership").select_option("Personal")
    page.get_by_role("textbox", name="Notes").fill("Reported lost on 20 July.")


def _rename_badly(page: Page) -> None:
    page.get_by_role("textbox", name="New name").fill("Mara's laptop")
    page.get_by_role("dialog").get_by_role("button", name="Rename", exact=True).click()
    page.get_by_text("Use letters, numbers and hyphens only.").wait_for()
