"""Due events: what happens later, in the tenant's own time, exactly once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from tenancy.context import origin
from tenancy.models import DueEvent, JournalEntry, Tenant

logger = logging.getLogger(__name__)

Handler = Callable[[Tenant, UUID | None, dict[str, Any]], None]
Names = Callable[[Tenant, Collection[UUID]], Mapping[UUID, str]]
Pulse = Callable[[Tenant, datetime, datetime], None]
Turn = Callable[[Tenant, datetime, datetime], datetime | None]

# Pulses beat on the hour of the tenant's clock; one beat covers at most LONGEST_BEAT, in which a device checks in once.
BEAT = timedelta(hours=1)
LONGEST_BEAT = timedelta(hours=8)

_handlers: dict[str, Handler] = {}
_labels: dict[str, str] = {}
_names: dict[str, Names] = {}
_pulses: list[str] = []
_turns: list[Turn] = []


def handler(kind: str, *, label: str = "", names: Names | None = None) -> Callable[[Handler], Handler]:
    """Register what a due event of this kind does: called with tenant, subject id and payload.

    label: what then happens, in plain words, for the blade Clock: "Devices change their MDM authority".
    names: tells the names of subjects by id; without it they are called what the journal called them last.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        _labels[kind] = label
        if names is not None:
            _names[kind] = names
        return function

    return register


def pulse(kind: str, *, label: str, turn: Turn | None = None) -> Callable[[Pulse], Pulse]:
    """Register what moves by itself as time passes: called with tenant, since and until, whole hours of the tenant.

    Nothing else happens between `since` and `until`, and the tenant's clock stands at `until`. However the time is cut
    into beats, the outcome must be the same: write set-wise what is true at `until`. Pulses beat in the order of
    their registration, before an event that is due at the same moment. One that fails is parked like an event.

    turn: tells the first moment after since, and not after until, at which this pulse changes what other pulses see,
    or None. The beat ends with the hour of that moment, so that the hours behind it see the change.
    """

    def register(function: Pulse) -> Pulse:
        if turn is not None:
            _turns.append(turn)

        def beat(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
            function(tenant, datetime.fromisoformat(payload["since"]), datetime.fromisoformat(payload["until"]))

        handler(kind, label=label)(beat)
        _pulses.append(kind)
        return function

    return register


def label(kind: str) -> str:
    """What an event of this kind does, in plain words."""
    return _labels.get(kind) or kind


def subject_names(tenant: Tenant, events: Iterable[DueEvent]) -> dict[UUID, str]:
    """The names of what `events` are about, by id; a fixed number of statements for each kind."""
    by_kind: dict[str, set[UUID]] = {}
    for event in events:
        if event.subject_id is not None:
            by_kind.setdefault(event.kind, set()).add(event.subject_id)
    found: dict[UUID, str] = {}
    unnamed: set[UUID] = set()
    for kind, ids in by_kind.items():
        if kind in _names:
            found.update(_names[kind](tenant, ids))
        else:
            unnamed |= ids
    if unnamed:
        called = JournalEntry.objects.in_tenant(tenant).filter(target_id__in=unnamed).order_by()
        for row in called.values("target_id", "target_name").annotate(last=Max("occurred_at")).order_by("last"):
            found[row["target_id"]] = row["target_name"]
    return found


def schedule(
    tenant: Tenant,
    kind: str,
    *,
    delay: timedelta,
    subject_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
    about: str = "",
) -> None:
    """Let `kind` happen after `delay` of tenant time; without a delay it happens now, in this transaction.

    about: for the blade Clock, in words, what the event is about, where it is not one row: "3 devices".
    """
    told = {"about": about} if about else {}
    event = DueEvent(
        tenant=tenant, kind=kind, due_at=tenant.now() + delay, subject_id=subject_id, payload=(payload or {}) | told
    )
    if delay <= timedelta(0):
        _happen(tenant, event)
        return
    event.save(force_insert=True)
    # The earliest wins; written as one conditional statement, because the caller's copy may be old.
    Tenant.objects.filter(pk=tenant.pk).exclude(next_due_at__lte=event.due_at).update(next_due_at=event.due_at)
    if tenant.next_due_at is None or event.due_at < tenant.next_due_at:
        tenant.next_due_at = event.due_at


def is_due(tenant: Tenant) -> bool:
    """Whether `settle` has something to do; costs no query."""
    now = tenant.now()
    return (tenant.next_due_at is not None and tenant.next_due_at <= now) or _next_beat(tenant, now) is not None


def settle(tenant: Tenant) -> int:
    """Run the events that are due, in order, each in its own transaction; return how many ran.

    Between them the pulses beat, so that an event finds what has moved by itself until then.
    Safe under many processes: the tenant's row is locked for each event. An event that fails is
    parked with its error and blocks neither the page nor the events behind it.
    """
    ran = 0
    while True:
        with transaction.atomic():
            locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
            pending = DueEvent.objects.in_tenant(locked).filter(parked_at__isnull=True)
            now = locked.now()
            event = pending.filter(due_at__lte=now).order_by("due_at", "pk").first()
            until = _next_beat(locked, now if event is None else event.due_at)
            if until is not None:
                until = _until_a_turn(locked, until)
                _beat(locked, until)
                tenant.pulsed_at = until
                continue
            if event is None:
                locked.next_due_at = pending.aggregate(first=Min("due_at"))["first"]
                locked.save(update_fields=["next_due_at"])
                tenant.next_due_at = locked.next_due_at
                return ran
            locked.settling_at = event.due_at
            with origin(JournalEntry.Source.CLOCK):
                _happen(locked, event)
            if event.parked_at is None:
                event.delete()
            ran += 1


@contextmanager
def at(tenant: Tenant, moment: datetime) -> Iterator[None]:
    """Inside the block this instance's clock stands at `moment`: for a pulse that tells when something happened."""
    before, tenant.settling_at = tenant.settling_at, moment
    try:
        yield
    finally:
        tenant.settling_at = before


def _pulsed_until(tenant: Tenant) -> datetime:
    return tenant.pulsed_at or tenant.clock_start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _next_beat(tenant: Tenant, before: datetime) -> datetime | None:
    """Until when the next beat covers, at the latest `before`; None: not an hour has passed."""
    since = _pulsed_until(tenant)
    hours = min(before - since, LONGEST_BEAT) // BEAT
    return since + hours * BEAT if _pulses and hours > 0 else None


def _until_a_turn(tenant: Tenant, until: datetime) -> datetime:
    """The end of the hour in which a pulse changes what others see, or `until`."""
    since = _pulsed_until(tenant)
    if until - since <= BEAT:
        return until
    moments = [moment for turn in _turns if (moment := turn(tenant, since, until)) is not None]
    hours = -((since - min(moments, default=until)) // BEAT)
    return min(until, since + max(hours, 1) * BEAT)


def _beat(tenant: Tenant, until: datetime) -> None:
    """Everything that moves by itself has moved until then. The caller holds the tenant's lock."""
    since = _pulsed_until(tenant)
    tenant.settling_at = until
    payload = {"since": since.isoformat(), "until": until.isoformat()}
    with origin(JournalEntry.Source.CLOCK):
        for kind in _pulses:
            _happen(tenant, DueEvent(tenant=tenant, kind=kind, due_at=until, payload=payload))
    tenant.pulsed_at = until
    tenant.save(update_fields=["pulsed_at"])


@transaction.atomic
def advance(tenant: Tenant, by: timedelta) -> None:
    """Move the tenant's clock forward; the caller settles afterwards."""
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    locked.clock_skipped += by
    locked.save(update_fields=["clock_skipped"])
    tenant.clock_skipped = locked.clock_skipped


@transaction.atomic
def advance_to_next(tenant: Tenant) -> bool:
    """Move the clock to the moment of the next due event; the caller settles afterwards. False: nothing waits."""
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    tenant.next_due_at = locked.next_due_at
    if locked.next_due_at is None:
        return False
    advance(tenant, max(locked.next_due_at - locked.now(), timedelta(0)))
    return True


@transaction.atomic
def bring_forward(tenant: Tenant) -> int:
    """Everything that waits is due now, in the order in which it would have been; return how much that is.

    The caller settles afterwards.
    """
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    now = locked.now()
    waiting = list(DueEvent.objects.in_tenant(locked).filter(parked_at__isnull=True, due_at__gt=now).only("due_at"))
    for place, event in enumerate(reversed(waiting)):  # the last one now, each one before it a moment earlier
        event.due_at = now - timedelta(microseconds=place)
    DueEvent.unscoped.bulk_update(waiting, ["due_at"], batch_size=500)
    if waiting:
        first = waiting[0].due_at
        locked.next_due_at = min(first, locked.next_due_at or first)
        locked.save(update_fields=["next_due_at"])
        tenant.next_due_at = locked.next_due_at
    return len(waiting)


def _happen(tenant: Tenant, event: DueEvent) -> None:
    try:
        with transaction.atomic():
            _handlers[event.kind](tenant, event.subject_id, event.payload)
    except Exception as error:
        logger.exception("Due event %s of tenant %s failed", event.kind, tenant.slug)
        event.parked_at = timezone.now()
        event.error = f"{type(error).__name__}: {error}"
        event.save()
