"""The bell and the toasts, with script: what changes in place, and what is said while a write takes its time."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from playwright.sync_api import expect

from blades import messages
from blades.models import Notification
from tests.browser.office import at, button, link, open_blade
from tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(page, sign_in, operator, tenant):
    sign_in(page, operator)
    return page


def bell(page):
    return page.locator("#bell")


def pane(page):
    return page.get_by_role("dialog", name="Notifications")


def test_the_bell_opens_the_notifications_and_counts_none_afterwards(desk, tenant, operator):
    NotificationFactory(tenant=tenant, operator=operator, title="Compliance partner created")
    open_blade(desk, at("console:home", tenant))
    expect(bell(desk)).to_have_accessible_name("Notifications, 1 unread")

    bell(desk).click()

    expect(pane(desk).get_by_text("Compliance partner created")).to_be_visible()
    expect(bell(desk)).to_have_attribute("aria-label", "Notifications")


def test_a_notification_leads_to_its_resource_as_a_page_of_the_portal(desk, tenant, operator):
    url = at("console:azure-ad", tenant)
    NotificationFactory(tenant=tenant, operator=operator, link_url=url)
    open_blade(desk, at("console:home", tenant))
    bell(desk).click()

    link(pane(desk), "Go to resource").click()

    expect(desk.locator("#blade-title")).to_contain_text("Overview")
    expect(desk).to_have_url(f"{desk.url.split('/t/')[0]}{url}")


def test_dismissing_keeps_the_pane_open_and_the_focus_inside(desk, tenant, operator):
    for title in ("First", "Second"):
        NotificationFactory(tenant=tenant, operator=operator, title=title)
    open_blade(desk, at("console:home", tenant))
    bell(desk).click()

    button(pane(desk), "Dismiss notification: First").click()
    expect(pane(desk).get_by_text("First")).to_have_count(0)
    expect(button(pane(desk), "Dismiss all")).to_be_focused()
    button(pane(desk), "Dismiss all").click()

    expect(pane(desk).get_by_text("No notifications.")).to_be_focused()
    assert not Notification.objects.exists()


def test_a_command_in_progress_changes_in_place(desk, tenant, operator):
    request = RequestFactory().get("/")
    request.tenant, request.user = tenant, operator
    command = messages.start_progress(request, "Exporting devices", "0 of 1,200 rows.")
    open_blade(desk, at("console:home", tenant))
    bell(desk).click()
    expect(pane(desk).get_by_role("img", name="In progress")).to_be_visible()

    messages.finish(command, "success", "Devices exported", "The file is ready.")

    expect(pane(desk).get_by_text("Devices exported")).to_be_visible()
    expect(pane(desk).get_by_role("img", name="In progress")).to_have_count(0)
    expect(bell(desk)).to_have_attribute("aria-label", "Notifications, 1 unread")


def test_a_write_that_takes_its_time_says_so_until_it_is_answered(desk, tenant):
    url = at("console:settings", tenant)
    open_blade(desk, url)
    held = []
    desk.route(f"**{url}", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())

    button(desk, "Save").click()
    expect(desk.locator("#toasts").get_by_text("Saving training settings")).to_be_visible()
    held[0].continue_()

    expect(desk.locator("#toasts").get_by_text("Training settings saved")).to_be_visible()
    expect(desk.locator("#toasts").get_by_text("Saving training settings")).to_have_count(0)
