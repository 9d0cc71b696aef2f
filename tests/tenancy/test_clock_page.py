"""The blade Clock: what time it is, what is due, and one step forward a press."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from directory import services as directory
from tenancy import clock, services
from tenancy.models import DueEvent, JournalEntry, Tenant
from tenancy.roles import Role
from tenancy.tables import span
from tests.factories import (
    DeviceActionFactory,
    DirectoryUserFactory,
    DueEventFactory,
    GroupFactory,
    JournalEntryFactory,
)


@clock.handler("tests.tick", label="A test ticks")
def tick(tenant, subject_id, payload):
    journal_of_ticks.append(payload.get("text"))


journal_of_ticks: list[str] = []


@pytest.fixture(autouse=True)
def no_ticks():
    journal_of_ticks.clear()


@pytest.fixture
def url(tenant):
    Tenant.objects.filter(pk=tenant.pk).update(propagation=Tenant.Propagation.REAL)
    tenant.refresh_from_db()
    return reverse("tenancy:clock", args=[tenant.slug])


def shown(response) -> str:
    return unescape(response.content.decode())


def wait(tenant, hours: float, text: str = "", kind: str = "tests.tick") -> None:
    clock.schedule(tenant, kind, delay=timedelta(hours=hours), payload={"text": text})


def due(response) -> list[list[str]]:
    return [[str(cell) for cell in row["cells"]] for row in response.context["table"].display_rows]


def test_page_shows_tenant_time_and_real_time_beside_each_other(portal, url, time_machine):
    time_machine.move_to("2026-01-01 12:00", tick=False)
    Tenant.objects.update(created_at="2026-01-01 11:00+00:00")

    page = shown(portal.get(url))

    assert "<dt>Time in this directory</dt><dd>7/20/2020, 9:00:00 AM</dd>" in page
    assert "<dt>Real time</dt><dd>1/1/2026, 12:00:00 PM</dd>" in page


def test_what_is_due_stands_in_order_with_its_wait_in_plain_words_and_its_subject(portal, tenant, operator, url):
    wait(tenant, 30)
    group, user = GroupFactory(tenant=tenant, display_name="Front desk"), DirectoryUserFactory(tenant=tenant)
    directory.add_members(tenant=tenant, actor=operator, group=group, users=[user])

    rows = due(portal.get(url))

    assert [row[2:] for row in rows] == [
        ["Devices change their MDM authority", "Front desk"],
        ["A test ticks", ""],
    ]
    assert rows[0][1] in {"7 hours 59 minutes", "8 hours"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (8 * 3600, "8 hours"),
        (8 * 3600 - 1, "7 hours 59 minutes"),
        (86_400 + 60, "1 day 1 minute"),
        (3 * 86_400 + 7200 + 60, "3 days 2 hours"),
    ],
)
def test_wait_is_said_in_its_two_largest_units(seconds, words):
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(("by", "hours"), [("hour", 1), ("hours", 8), ("day", 24)])
def test_each_press_is_one_step_forward_and_journalled(portal, tenant, url, by, hours):
    for _ in range(2):
        response = portal.post(url, {"by": by})
        assert response.url == url

    tenant.refresh_from_db()
    assert tenant.clock_skipped == timedelta(hours=2 * hours)
    entries = JournalEntry.objects.in_tenant(tenant)
    assert [entry.activity for entry in entries] == ["Move clock forward"] * 2
    assert entries[0].old_values["Time in this directory"] < entries[0].new_values["Time in this directory"]


def test_what_falls_due_happens_and_the_toast_counts_it(portal, tenant, url):
    for hours in (2, 3, 5, 20):
        wait(tenant, hours, str(hours))

    page = shown(portal.post(url, {"by": "hours"}, follow=True))

    assert journal_of_ticks == ["2", "3", "5"]
    assert "3 events ran." in page


def test_to_the_next_event_stops_at_its_moment(portal, tenant, url):
    for hours in (2, 3):
        wait(tenant, hours, str(hours))
    first = tenant.next_due_at

    page = shown(portal.post(url, {"by": "next"}, follow=True))

    assert journal_of_ticks == ["2"]
    assert "1 event ran." in page
    tenant.refresh_from_db()
    assert timedelta(0) <= tenant.now() - first < timedelta(minutes=1)


def test_without_a_next_event_the_button_is_greyed_and_a_press_refused(portal, tenant, url):
    assert "Nothing is due in this directory." in shown(portal.get(url))

    response = portal.post(url, {"by": "next"})

    assert response.status_code == 422
    assert "there is no next event to go to" in shown(response)
    assert not JournalEntry.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize("by", ["", "year", "-1"])
def test_step_that_nobody_offers_is_refused(portal, tenant, url, by):
    response = portal.post(url, {"by": by})

    assert response.status_code == 422
    assert "Select how far the clock moves forward." in shown(response)


def test_what_the_clock_did_is_listed_and_what_people_did_is_not(portal, tenant, url):
    JournalEntryFactory(tenant=tenant, source="clock", activity="Moved by itself")
    JournalEntryFactory(tenant=tenant, source="portal", activity="Clicked by somebody")

    page = shown(portal.get(url))

    assert "Moved by itself" in page
    assert "Clicked by somebody" not in page


def test_failed_events_are_shown_with_their_error_to_administrators_alone(portal, portal_as, tenant, url):
    DueEventFactory(tenant=tenant, kind="tests.tick", parked_at=tenant.now(), error="RuntimeError: it broke")

    assert "RuntimeError: it broke" in shown(portal.get(url))
    assert "RuntimeError: it broke" not in shown(portal_as(Role.HELP_DESK_OPERATOR).get(url))


@pytest.mark.parametrize("role", Role)
def test_every_role_may_move_the_clock(portal_as, tenant, url, role):
    client = portal_as(role)

    assert client.get(url).status_code == 200
    assert client.post(url, {"by": "hour"}).status_code == 302


def test_role_that_reads_no_audit_data_is_not_told_what_events_are_about(portal_as, tenant, operator, url):
    group, user = GroupFactory(tenant=tenant, display_name="Front desk"), DirectoryUserFactory(tenant=tenant)
    directory.add_members(tenant=tenant, actor=operator, group=group, users=[user])

    page = shown(portal_as(Role.CONDITIONAL_ACCESS_ADMINISTRATOR).get(url))

    assert "Devices change their MDM authority" in page
    assert "Front desk" not in page
    assert "This requires the permission 'Audit data: Read'." in page


def test_many_due_events_come_in_pages_with_a_fixed_number_of_statements(
    portal, tenant, url, django_assert_max_num_queries
):
    for hours in range(1, 61):
        wait(tenant, hours)

    with django_assert_max_num_queries(7):
        response = portal.get(url)

    assert len(due(response)) == 50
    following = response.context["table"].pager.next_url
    assert len(due(portal.get(url + following, headers={"HX-Request": "true"}))) == 10


def test_header_links_to_the_clock_where_the_times_differ(portal, tenant, url, time_machine):
    home = reverse("console:home", args=[tenant.slug])
    assert f'<a class="top__clock" href="{url}"' in shown(portal.get(home))

    time_machine.move_to("2026-01-01 12:00", tick=False)
    Tenant.objects.update(created_at="2026-01-01 12:00+00:00", clock_start="2026-01-01 12:00+00:00")

    page = shown(portal.get(home))
    assert "top__clock" not in page
    assert f'href="{url}"' in page  # from Home and the account menu all the same


def test_becoming_instant_brings_forward_what_waits_in_its_order(portal, tenant, operator, url):
    for hours, text in ((9, "second"), (2, "first"), (40, "third")):
        wait(tenant, hours, text)

    services.change_training_settings(
        tenant=tenant, actor=operator, document_mode=tenant.document_mode, propagation=Tenant.Propagation.INSTANT
    )
    portal.get(url)

    assert journal_of_ticks == ["first", "second", "third"]
    assert not DueEvent.objects.in_tenant(tenant).exists()


def test_remote_actions_that_wait_for_devices_are_done_when_a_tenant_becomes_instant(tenant, operator, url, portal):
    action = DeviceActionFactory(tenant=tenant, device__online=True, requested_at=tenant.now())
    clock.schedule(tenant, "devices.reach-devices", delay=timedelta(hours=1))

    services.change_training_settings(
        tenant=tenant, actor=operator, document_mode=tenant.document_mode, propagation=Tenant.Propagation.INSTANT
    )
    portal.get(url)

    action.refresh_from_db()
    assert action.status == action.Status.COMPLETED


def test_failed_events_stay_parked_when_a_tenant_becomes_instant(tenant, operator, url):
    DueEventFactory(tenant=tenant, kind="tests.tick", parked_at=tenant.now(), error="RuntimeError")

    assert clock.bring_forward(tenant) == 0


def test_every_kind_of_event_says_in_plain_words_what_it_does():
    silent = [kind for kind in clock._handlers if not kind.startswith("tests.") and clock.label(kind) == kind]

    assert silent == []


def test_event_about_several_rows_says_how_many(portal, tenant, url):
    clock.schedule(tenant, "tests.tick", delay=timedelta(hours=1), about="3 devices")

    assert "3 devices" in portal.get(url).text


def test_names_of_subjects_come_from_whoever_registered_them(tenant, monkeypatch):
    event = DueEventFactory(tenant=tenant, kind="tests.tick", subject_id=GroupFactory(tenant=tenant).pk)
    monkeypatch.setitem(clock._names, "tests.tick", lambda tenant, ids: dict.fromkeys(ids, "Called by its app"))

    assert clock.subject_names(tenant, [event]) == {event.subject_id: "Called by its app"}
