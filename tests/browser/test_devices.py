"""What one does with devices, in a browser: remote actions, bulk actions, columns, the primary user."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from devices import services
from devices.models import DeviceAction, DeviceState, ManagedDevice, OperatingSystem, Ownership
from tenancy import clock
from tenancy.models import Tenant
from tests.browser import office
from tests.browser.office import at, button, expect_blade, link, open_blade, title
from tests.browser.test_keyboard import tab_to
from tests.factories import DirectoryUserFactory, ManagedDeviceFactory

pytestmark = pytest.mark.django_db(transaction=True)

Kind = DeviceAction.Kind


@pytest.fixture
def desk(page, sign_in, operator) -> Page:
    """A page of an operator who is signed in."""
    sign_in(page, operator)
    return page


@pytest.fixture
def laptop(tenant) -> ManagedDevice:
    device: ManagedDevice = ManagedDeviceFactory(
        tenant=tenant, device_name="KL-LT-1", os=OperatingSystem.WINDOWS, ownership=Ownership.CORPORATE
    )
    return device


def actions_of(tenant: Tenant) -> list[tuple[str, str]]:
    return list(DeviceAction.objects.in_tenant(tenant).order_by("requested_at").values_list("kind", "device_name"))


# One device


def test_wipe_by_keyboard_alone(desk, tenant, laptop, complaints):
    Tenant.objects.filter(pk=tenant.pk).update(propagation=Tenant.Propagation.REAL)
    page, press = desk, desk.keyboard.press
    open_blade(page, at("devices:security-list", tenant))

    tab_to(page, link(page, "KL-LT-1"))
    press("Enter")
    expect_blade(page, "KL-LT-1 | Overview")
    tab_to(page, link(page, "Retire"))
    press("ArrowRight")
    expect(link(page, "Wipe")).to_be_focused()
    press("Enter")
    dialog = page.get_by_role("dialog", name="Wipe")
    expect(link(dialog, "No")).to_be_focused()  # Enter alone must not wipe
    press("Escape")
    expect(dialog).to_be_hidden()
    expect(link(page, "Wipe")).to_be_focused()
    assert actions_of(tenant) == []

    press("Space")
    power = dialog.get_by_label("Wipe device, and continue to wipe even if device loses power")
    tab_to(page, power)
    press("Space")
    tab_to(page, button(dialog, "Yes"))
    press("Enter")

    expect(page.locator(".toast")).to_contain_text("Wipe initiated")
    expect(page.locator(".msg--warn")).to_contain_text("Wipe pending.")
    expect(dialog).to_be_hidden()
    action = DeviceAction.objects.in_tenant(tenant).get()
    assert action.options == {"keep_wiping": True}

    tenant.refresh_from_db()
    clock.advance(tenant, timedelta(minutes=15))
    clock.settle(tenant)
    link(page, "Refresh").click()
    expect(page.get_by_role("heading", name="'KL-LT-1' is no longer in Intune")).to_be_visible()
    complaints.clear()  # htmx notes the 404 before it asks for the page as a whole
    link(page, "Device actions").click()
    expect_blade(page, "Monitor | Device actions")
    expect(page.locator(".grid tbody tr")).to_contain_text(["Completed"])


def test_impatient_click_on_yes_asks_once(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))

    link(page, "Sync").dblclick()
    dialog = page.get_by_role("dialog", name="Sync")
    button(dialog, "Yes").dblclick()

    expect(page.locator(".toast")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("Sync completed")
    assert actions_of(tenant) == [("sync", "KL-LT-1")]


def test_greyed_out_command_says_why_where_it_stands(desk, tenant, laptop, axe):
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))
    why = page.get_by_role("note").filter(has_text="Remote lock is not available for Windows desktops.")

    button(page, "Remote lock").click(force=True)

    expect(why).to_be_visible()
    at_command, at_note = button(page, "Remote lock").bounding_box(), why.bounding_box()
    assert 0 <= at_note["y"] - (at_command["y"] + at_command["height"]) <= 8
    axe(page)
    page.mouse.click(700, 650)
    expect(why).to_be_hidden()
    assert actions_of(tenant) == []


def test_refresh_of_a_device_stays_in_sight_and_in_its_place(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))
    bar = page.get_by_role("toolbar", name="Commands")
    shown = bar.locator(".cmd:visible:not(.cmd__more)")

    expect(shown.last).to_have_text("Refresh")
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(button(page, "More commands")).to_be_hidden()
    expect(shown.filter(has_text="Refresh").locator("xpath=preceding-sibling::*[2]")).to_have_text("Rename device")
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(shown.last).to_have_text("Refresh")
    shown.last.focus()
    page.set_viewport_size({"width": 1200, "height": 768})
    expect(shown.filter(has_text="Remote lock")).to_be_visible()
    expect(shown.last).to_be_focused()


def test_greyed_out_command_in_the_overflow_menu_says_why_too(desk, tenant):
    page = desk
    page.set_viewport_size({"width": 1024, "height": 700})
    phone = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.ANDROID, ownership=Ownership.PERSONAL)
    open_blade(page, at("devices:overview", tenant, phone.pk))

    button(page, "More commands").click()
    button(page.locator("#command-overflow"), "Rename device").click(force=True)

    expect(page.get_by_role("note").filter(has_text="Rename device is not available for Android.")).to_be_visible()
    expect(page.locator("#command-overflow")).to_be_visible()


def test_greyed_out_command_says_why_without_script(no_script_page, sign_in, operator, tenant, laptop):
    page = no_script_page
    sign_in(page, operator)
    page.goto(at("devices:overview", tenant, laptop.pk))

    button(page, "Remote lock").click(force=True)

    expect(page.get_by_text("Remote lock is not available for Windows desktops.")).to_be_visible()


def test_name_that_is_refused_keeps_the_pane_open_and_the_one_that_is_not_closes_it(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))

    button(page, "More commands").click()
    link(page, "Rename device").click()
    pane = page.get_by_role("dialog", name="Rename device")
    name = pane.get_by_role("textbox", name="New name")
    for wrong, why in (
        ("", "Enter a name."),
        ("Mara's laptop", "Use letters, numbers and hyphens only."),
        ("KL-LT-1", "Enter another name than the present one."),
    ):
        name.fill(wrong)
        button(pane, "Rename").click()
        expect(pane).to_contain_text(why)
        expect(name).to_have_value(wrong)
        expect(name).to_be_focused()
    name.fill("KL-LT-2")
    page.keyboard.press("Enter")

    expect_blade(page, "KL-LT-2 | Overview")
    expect(pane).to_be_hidden()


def test_device_that_a_colleague_deletes_while_the_question_is_open(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))
    link(page, "Wipe").click()
    services.request_actions(tenant=tenant, actor=None, devices=[laptop], kind=Kind.DELETE)

    button(page.get_by_role("dialog", name="Wipe"), "Yes").click()

    expect_blade(page, "Endpoint security | All devices")
    expect(page.locator(".toast")).to_contain_text("'KL-LT-1' is no longer in Intune.")
    assert actions_of(tenant) == [("delete", "KL-LT-1")]


def test_back_after_a_wipe_shows_no_question_and_asks_for_nothing_again(desk, tenant, laptop):
    ManagedDevice.objects.in_tenant(tenant).update(online=False)
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))
    link(page, "Wipe").click()
    button(page.get_by_role("dialog", name="Wipe"), "Yes").click()
    expect(page.locator(".msg--warn")).to_contain_text("Wipe pending.")

    link(page, "Hardware").click()
    expect_blade(page, "KL-LT-1 | Hardware")
    page.go_back()

    expect_blade(page, "KL-LT-1 | Overview")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".msg--warn")).to_contain_text("Wipe pending.")
    assert actions_of(tenant) == [("wipe", "KL-LT-1")]


# Properties


def test_primary_user_is_chosen_in_the_pane_and_saved_with_the_notes(desk, tenant, laptop, axe):
    page = desk
    ada = DirectoryUserFactory(tenant=tenant, display_name="Ada Lind", upn="ada@kestrel.example")
    DirectoryUserFactory(tenant=tenant, display_name="Bo Berg", upn="bo@kestrel.example")
    open_blade(page, at("devices:properties", tenant, laptop.pk))
    page.get_by_role("textbox", name="Notes").fill("Lent to Ada until August.")

    page.locator("#primary-user .selector").click()
    pane = page.get_by_role("dialog", name="Change primary user")
    expect(pane.get_by_role("searchbox")).to_be_focused()
    pane.get_by_role("searchbox").fill("ada")
    expect(pane.locator(".pick")).to_have_count(1)
    pane.get_by_role("radio").check()
    axe(page)
    button(pane, "Select").click()

    expect(page.locator("#primary-user")).to_contain_text("Ada Lind (ada@kestrel.example)")
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("Lent to Ada until August.")
    laptop.refresh_from_db()
    assert laptop.primary_user_id is None  # not before Save
    button(page, "Save").click()
    expect(page.locator(".toast")).to_contain_text("Device saved")
    laptop.refresh_from_db()
    assert (laptop.primary_user_id, laptop.notes) == (ada.pk, "Lent to Ada until August.")

    button(page, "Remove primary user").click()
    expect(page.locator("#primary-user")).to_contain_text("None")
    link(page, "Overview").click()
    discard = page.get_by_role("dialog", name="Discard changes?")
    button(discard, "OK").click()
    expect_blade(page, "KL-LT-1 | Overview")
    expect(link(page.locator(".essentials"), "ada@kestrel.example")).to_be_visible()


# The list


def test_columns_are_picked_kept_and_reset(desk, tenant, laptop, axe):
    page = desk
    heads = page.locator(".grid thead th:not(.c-check):not(.c-more)")
    open_blade(page, at("devices:security-list", tenant) + "?q=kl")

    link(page, "Columns").click()
    pane = page.get_by_role("dialog", name="Columns")
    expect(pane.get_by_label("Device name", exact=True)).to_be_disabled()
    axe(page)
    pane.get_by_label("Serial number", exact=True).check()
    pane.get_by_label("Ownership", exact=True).uncheck()
    button(pane, "Apply").click()
    expect(pane).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Serial number")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Ownership")).to_have_count(0)
    expect(page.get_by_role("searchbox", name="Search by IMEI")).to_have_value("kl")

    open_blade(page, at("devices:list", tenant))
    expect(page.get_by_role("columnheader", name="Serial number")).to_be_visible()
    link(page, "Columns").click()
    pane.get_by_label("IMEI", exact=True).check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="IMEI")).to_have_count(0)
    link(page, "Columns").click()
    expect(pane.get_by_label("IMEI", exact=True)).not_to_be_checked()
    button(pane, "Reset to default").click()
    expect(page.get_by_role("columnheader", name="Ownership")).to_be_visible()
    assert heads.all_inner_texts()[:2] == ["Device name", "Managed by"]


def test_command_on_nothing_ticked_says_so(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:security-list", tenant))

    button(page, "Sync").click(force=True)

    expect(page.locator(".msg--error")).to_have_text("Select at least one device.")
    page.get_by_label("Select KL-LT-1").check()
    button(page, "Sync").click()
    dialog = page.get_by_role("dialog", name="Sync devices")
    button(dialog, "Yes").click()
    expect(page.locator(".toast")).to_contain_text("'KL-LT-1' has completed the action.")
    expect(page.locator(".msg--error")).to_have_count(0)


def test_bulk_action_from_the_ticked_devices_to_the_toast(desk, tenant, axe):
    page = desk
    office.devices(tenant, 6)  # every second one runs Windows
    open_blade(page, at("devices:list", tenant))

    page.locator("[data-select-all]").check()
    expect(page.get_by_text("6 Devices selected (100 max)")).to_be_visible()
    button(page, "Bulk device actions").click()
    expect_blade(page, "Bulk device actions")
    page.get_by_label("OS", exact=True).select_option("Windows")
    kind = page.get_by_label("Device action", exact=True)
    expect(kind.locator("option", has_text="passcode")).to_have_count(0)  # it has followed the OS
    kind.select_option("Restart")
    button(page, "Next").click()

    expect(page.get_by_text("3 ticked devices are left out, because the OS is another one.")).to_be_visible()
    button(page, "Remove KL-002").click()
    expect(page.locator(".grid tbody tr")).to_have_count(2)
    button(page, "Select devices").click()
    pane = page.get_by_role("dialog", name="Select devices")
    pane.get_by_role("searchbox").fill("KL-002")
    expect(pane.locator(".pick")).to_have_count(1)
    pane.get_by_role("checkbox").check()
    axe(page)
    button(pane, "Select").click()
    expect(page.locator(".grid tbody tr")).to_have_count(3)
    button(page, "Next").click()
    expect(page.get_by_text("Devices (3)")).to_be_visible()
    button(page, "Create").dblclick()

    expect_blade(page, "Devices | All devices")
    expect(page.locator(".toast")).to_contain_text("3 devices have completed the action.")
    assert sorted(actions_of(tenant)) == [("restart", f"KL-00{n}") for n in (2, 4, 6)]

    page.go_back()
    expect(title(page)).to_contain_text("All devices")
    assert len(actions_of(tenant)) == 3


def test_hundred_and_one_devices_are_one_too_many(desk, tenant, operator):
    operator.page_size = 100
    operator.save()
    made = [ManagedDeviceFactory(tenant=tenant, device_name=f"KL-{n:03}") for n in range(101)]
    page = desk
    open_blade(page, at("devices:security-list", tenant))
    page.locator("[data-select-all]").check()
    expect(page.get_by_text("100 Devices selected (100 max)")).to_be_visible()
    button(page, "Bulk device actions").click()
    page.get_by_label("OS", exact=True).select_option("iOS")
    page.get_by_label("Device action", exact=True).select_option("Sync")
    button(page, "Next").click()
    button(page, "Select devices").click()
    pane = page.get_by_role("dialog", name="Select devices")
    pane.get_by_role("searchbox").fill("KL-100")
    expect(pane.locator(".pick")).to_have_count(1)
    pane.get_by_role("checkbox").check()
    button(pane, "Select").click()

    expect(page.locator(".grid tbody tr")).to_have_count(101)
    button(page, "Next").click()

    expect(page.locator("#devices-error")).to_have_text("Select at most 100 devices. You have selected 101.")
    button(page, "Remove KL-100").click()
    expect(page.locator(".grid tbody tr")).to_have_count(100)
    button(page, "Next").click()
    button(page, "Create").click()
    expect(page.locator(".toast")).to_contain_text("100 devices have completed the action.")
    assert len(actions_of(tenant)) == 100 == len(made) - 1


def test_export_is_a_file_of_the_filtered_list_and_closes_its_pane(desk, tenant):
    page = desk
    office.devices(tenant, 4)
    open_blade(page, at("devices:security-list", tenant) + "?os=windows")

    link(page, "Export").click()
    pane = page.get_by_role("dialog", name="Export")
    pane.get_by_label("All columns").check()
    with page.expect_download() as download:
        button(pane, "Export").click()

    expect(pane).to_be_hidden()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Device name", "KL-002", "KL-004"]
    assert "Serial number" in lines[0]


def test_search_for_nonsense_offers_the_way_back(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:security-list", tenant))

    page.get_by_role("searchbox", name="Search by IMEI").fill("zzzz")
    expect(page.get_by_text("No devices match the filters.")).to_be_visible()
    link(page, "Clear filters").click()

    expect(link(page, "KL-LT-1")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search by IMEI")).to_have_value("")


def test_session_that_ends_before_yes_leads_to_sign_in_and_does_nothing(desk, tenant, laptop):
    page = desk
    open_blade(page, at("devices:overview", tenant, laptop.pk))
    link(page, "Wipe").click()
    page.context.clear_cookies(name="sessionid")

    button(page.get_by_role("dialog", name="Wipe"), "Yes").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    laptop.refresh_from_db()
    assert laptop.state == DeviceState.MANAGED
    assert actions_of(tenant) == []
