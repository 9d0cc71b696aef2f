from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from tenancy import clock, cloning
from tenancy.models import DueEvent, Tenant
from tests.factories import CLOCK_START, DueEventFactory, TenantFactory

happened: list[tuple[str, str, object]] = []


@clock.handler("tests.note")
def note(tenant, subject_id, payload):
    happened.append(("note", payload.get("text", ""), tenant.now()))


@clock.handler("tests.fail")
def fail(tenant, subject_id, payload):
    Tenant.objects.filter(pk=tenant.pk).update(display_name="half written")
    raise RuntimeError("the partner answered 500")


@pytest.fixture(autouse=True)
def nothing_happened():
    happened.clear()


@pytest.fixture
def slow(db):
    return TenantFactory(propagation=Tenant.Propagation.REAL, display_name="Slow")


def test_tenant_time_is_its_start_plus_real_time_plus_what_was_skipped(db, time_machine):
    time_machine.move_to("2026-01-01 12:00", tick=False)
    tenant = TenantFactory(clock_start=CLOCK_START, clock_skipped=timedelta(hours=8))

    time_machine.move_to("2026-01-01 13:30", tick=False)

    assert tenant.now() == CLOCK_START + timedelta(hours=9, minutes=30)


def test_clock_of_a_template_stands_still(db, time_machine):
    time_machine.move_to("2026-01-01", tick=False)
    tenant = TenantFactory(kind=Tenant.Kind.TEMPLATE, clock_start=CLOCK_START)

    time_machine.move_to("2027-01-01", tick=False)

    assert tenant.now() == CLOCK_START


def test_event_without_delay_happens_at_once(slow):
    clock.schedule(slow, "tests.note", delay=timedelta(0), payload={"text": "now"})

    assert [text for _, text, _ in happened] == ["now"]
    assert not DueEvent.objects.in_tenant(slow).exists()


def test_event_waits_for_its_time_and_happens_once_at_that_time(slow):
    clock.schedule(slow, "tests.note", delay=timedelta(hours=8), payload={"text": "later"})
    due_at = DueEvent.objects.in_tenant(slow).get().due_at

    early = clock.settle(slow)
    clock.advance(slow, timedelta(hours=9))
    ran = clock.settle(slow)
    again = clock.settle(slow)

    assert (early, ran, again) == (0, 1, 0)
    assert happened == [("note", "later", due_at)]


def test_events_happen_in_order_of_their_time(slow):
    for hours, text in [(5, "second"), (2, "first"), (7, "third")]:
        clock.schedule(slow, "tests.note", delay=timedelta(hours=hours), payload={"text": text})
    clock.advance(slow, timedelta(days=1))

    clock.settle(slow)

    assert [text for _, text, _ in happened] == ["first", "second", "third"]


def test_event_that_fails_is_parked_with_its_error_and_blocks_nothing(slow):
    clock.schedule(slow, "tests.fail", delay=timedelta(hours=1))
    clock.schedule(slow, "tests.note", delay=timedelta(hours=2), payload={"text": "behind"})
    clock.advance(slow, timedelta(hours=3))

    clock.settle(slow)

    parked = DueEvent.objects.in_tenant(slow).get()
    assert parked.parked_at is not None
    assert parked.error == "RuntimeError: the partner answered 500"
    assert [text for _, text, _ in happened] == ["behind"]
    slow.refresh_from_db()
    assert slow.display_name == "Slow"


def test_tenant_knows_its_next_due_time_without_asking(slow):
    clock.schedule(slow, "tests.note", delay=timedelta(hours=8))
    clock.schedule(slow, "tests.note", delay=timedelta(hours=4))
    stored = Tenant.objects.get(pk=slow.pk)

    assert stored.next_due_at == slow.next_due_at
    assert not clock.is_due(stored)
    clock.advance(stored, timedelta(hours=5))
    assert clock.is_due(stored)
    clock.settle(stored)
    assert not clock.is_due(Tenant.objects.get(pk=slow.pk))


def test_opening_a_tenant_settles_what_is_due(portal, tenant):
    DueEventFactory(tenant=tenant, kind="tests.note", due_at=CLOCK_START, payload={"text": "on the way in"})
    Tenant.objects.filter(pk=tenant.pk).update(next_due_at=CLOCK_START, created_at=timezone.now())

    portal.get(f"/t/{tenant.slug}/settings/")

    assert [text for _, text, _ in happened] == ["on the way in"]


# What moves by itself


beats: list[tuple[object, object]] = []


@pytest.fixture
def pulse(monkeypatch):
    """A pulse that notes since and until when it beats, and the only one."""
    beats.clear()
    monkeypatch.setattr(clock, "_pulses", [])

    @clock.pulse("tests.pulse", label="Something moves")
    def beat(tenant, since, until):
        assert tenant.now() == until
        beats.append((since - CLOCK_START, until - CLOCK_START))
        happened.append(("beat", "", tenant.now()))


def hours(*numbers: int) -> list[tuple[timedelta, timedelta]]:
    return [(timedelta(hours=a), timedelta(hours=b)) for a, b in pairwise(numbers)]


def test_pulse_beats_once_for_all_hours_in_which_nothing_else_happens(slow, pulse):
    assert not clock.is_due(slow)

    clock.advance(slow, timedelta(hours=8, minutes=20))
    assert clock.is_due(slow)
    clock.settle(slow)

    assert beats == hours(0, 8)
    assert not clock.is_due(slow)
    assert clock.settle(slow) == 0
    assert len(beats) == 1


def test_pulse_covers_at_most_eight_hours_at_a_time(slow, pulse):
    clock.advance(slow, timedelta(hours=22))
    clock.settle(slow)

    assert beats == hours(0, 8, 16, 22)


def test_event_finds_what_has_moved_until_its_hour(slow, pulse):
    clock.schedule(slow, "tests.note", delay=timedelta(hours=3, minutes=30), payload={"text": "event"})
    clock.advance(slow, timedelta(hours=5))

    clock.settle(slow)

    assert beats == hours(0, 3, 5)
    assert [kind for kind, *_ in happened] == ["beat", "note", "beat"]


def test_pulse_that_fails_is_parked_and_time_goes_on(slow, monkeypatch):
    monkeypatch.setattr(clock, "_pulses", [])

    @clock.pulse("tests.failing-pulse", label="Something moves")
    def beat(tenant, since, until):
        raise RuntimeError("no luck")

    clock.advance(slow, timedelta(hours=2))
    clock.settle(slow)

    assert DueEvent.objects.in_tenant(slow).get().error == "RuntimeError: no luck"
    assert not clock.is_due(slow)


def test_template_does_not_pulse(db, pulse):
    template = TenantFactory(kind=Tenant.Kind.TEMPLATE, clock_start=CLOCK_START)

    assert not clock.is_due(template)


def test_clone_pulses_from_the_hour_of_its_own_start(slow, pulse):
    clock.advance(slow, timedelta(hours=30, minutes=30))
    clock.settle(slow)
    beats.clear()

    clone = cloning.clone_tenant(slow, slug="clone")
    clock.advance(clone, timedelta(hours=1))
    clock.settle(clone)

    assert beats == hours(30, 31)
