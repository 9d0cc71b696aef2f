"""The bell: what each write left, what a long command says, and how both are dismissed and swept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from blades import messages
from blades.models import Notification
from blades.templatetags.blades import ago
from tests.factories import MembershipFactory, NotificationFactory, OperatorFactory

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def url(tenant):
    return reverse("console:notifications", args=[tenant.slug])


@pytest.fixture
def dismiss(tenant):
    return reverse("console:dismiss", args=[tenant.slug])


@pytest.fixture
def notify(tenant, operator):
    def made(**values):
        return NotificationFactory(tenant=tenant, operator=operator, **values)

    return made


def soup(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def bell(response) -> str:
    (found,) = soup(response).select("#bell")
    return str(found["aria-label"])


def titles(response) -> list[str]:
    return [title.get_text() for title in soup(response).select(".note strong")]


def test_the_bell_of_every_page_counts_what_is_unread(portal, tenant, notify):
    notify()
    notify()
    notify(read=True)

    page = portal.get(reverse("console:azure-ad", args=[tenant.slug]))

    assert bell(page) == "Notifications, 2 unread"


def test_a_page_asks_for_no_notification_until_the_bell_opens(portal, tenant, notify, django_assert_num_queries):
    notify()
    home = reverse("console:connectors", args=[tenant.slug])
    portal.get(home)

    with django_assert_num_queries(3):  # session, operator, membership
        page = portal.get(home)

    assert titles(page) == []


def test_opening_the_bell_shows_the_newest_first_and_makes_them_read(portal, url, notify):
    notify(title="First")
    notify(title="Second", text="Successfully saved 'B'.", link_url="/b/", link_label="View")

    opened = portal.get(url, headers=FRAGMENT)

    assert titles(opened) == ["Second", "First"]
    assert bell(opened) == "Notifications"
    assert "<html" not in opened.content.decode()
    assert 'href="/b/">View' in opened.content.decode()
    assert not Notification.objects.filter(read=False).exists()


def test_without_script_the_bell_leads_to_a_page_of_the_same(portal, url, notify):
    notify(title="First")

    page = portal.get(url)

    assert titles(page) == ["First"]
    assert soup(page).select_one("h1").get_text(strip=True) == "Notifications"
    assert len(soup(page).select("#notifications")) == 1
    assert not Notification.objects.filter(read=False).exists()


def test_somebody_elses_and_another_directorys_are_not_shown(portal, url, tenant, operator):
    NotificationFactory(tenant=tenant, title="Of another operator")
    NotificationFactory(operator=operator, title="Of another directory")

    assert titles(portal.get(url)) == []


def test_one_notification_is_dismissed(portal, url, dismiss, notify):
    gone, kept = notify(title="Gone"), notify(title="Kept")

    response = portal.post(dismiss, {"id": gone.pk}, follow=True)

    assert titles(response) == ["Kept"]
    assert list(Notification.objects.all()) == [kept]


def test_all_are_dismissed_and_the_pane_keeps_the_focus(portal, dismiss, notify):
    notify()
    notify()

    pane = portal.post(dismiss, {"all": "1"}, headers=FRAGMENT)

    assert not Notification.objects.exists()
    assert soup(pane).select_one("[autofocus]").get_text(strip=True).startswith("No notifications.")


@pytest.mark.parametrize("wanted", ["", "x", "-1", "²", "9" * 40])
def test_dismissing_nonsense_changes_nothing(portal, dismiss, notify, wanted):
    notify()

    assert portal.post(dismiss, {"id": wanted}).status_code == 302
    assert Notification.objects.count() == 1


def test_nobody_dismisses_what_is_not_theirs(portal, dismiss, tenant):
    other = NotificationFactory(tenant=tenant)

    portal.post(dismiss, {"id": other.pk})
    portal.post(dismiss, {"all": "1"})

    assert Notification.objects.filter(pk=other.pk).exists()


def test_a_command_that_goes_on_is_asked_for_again_until_it_has_ended(portal, url, tenant, operator):
    request = RequestFactory().get("/")
    request.tenant, request.user = tenant, operator
    command = messages.start_progress(request, "Exporting devices", "0 of 1,200 rows.")

    home = portal.get(reverse("console:home", args=[tenant.slug]))
    opened = portal.get(url, headers=FRAGMENT)
    messages.move(command, "600 of 1,200 rows.")
    moved = portal.get(url + "?poll", headers=FRAGMENT)
    messages.finish(command, "success", "Devices exported", "The file is ready.", link_url="/file/")
    ended = portal.get(url + "?poll", headers=FRAGMENT)

    again = f'hx-get="{url}?poll" hx-trigger="every 2s"'
    assert again in home.content.decode()
    assert again in opened.content.decode()
    assert "600 of 1,200 rows." in moved.content.decode()
    assert bell(moved) == "Notifications, 1 unread"
    assert titles(ended) == ["Devices exported"]
    assert bell(ended) == "Notifications, 1 unread", "asking again is not looking"
    assert again not in ended.content.decode()


def test_the_pane_shows_the_latest_and_says_where_the_others_are(portal, url, notify):
    for _ in range(32):
        notify()

    pane, page = portal.get(url, headers=FRAGMENT), portal.get(url)

    assert (len(titles(pane)), len(titles(page))) == (30, 32)
    assert "2 older notifications" in pane.content.decode()


def test_the_list_takes_as_many_statements_for_many_as_for_one(portal, url, notify, django_assert_max_num_queries):
    for _ in range(40):
        notify()

    with django_assert_max_num_queries(5):  # session, operator, membership, list, made read
        portal.get(url)


def test_old_ones_and_those_far_behind_are_swept(tenant, operator, notify):
    week = notify()
    Notification.objects.filter(pk=week.pk).update(created_at=timezone.now() - timedelta(days=8))
    made = [notify() for _ in range(messages.KEEP + 3)]
    others = NotificationFactory(tenant=tenant)

    messages.sweep(made[-1])

    kept = set(Notification.objects.filter(operator=operator))
    assert kept == set(made[3:])
    assert Notification.objects.filter(pk=others.pk).exists()


def test_writes_sweep_now_and_then(tenant, monkeypatch):
    monkeypatch.setattr(messages, "KEEP", 5)
    operator = OperatorFactory()
    MembershipFactory(tenant=tenant, operator=operator)
    request = RequestFactory().get("/")
    request.tenant, request.user = tenant, operator

    for number in range(messages.SWEEP * 2):
        messages.start_progress(request, f"Command {number}", "Started.")

    assert Notification.objects.filter(operator=operator).count() < 5 + messages.SWEEP


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "a few seconds ago"),
        (timedelta(seconds=59), "a few seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=3, hours=2), "3 days ago"),
    ],
)
def test_ages_read_as_in_the_portal(age, words):
    assert ago(timezone.now() - age) == words
