"""Due events: what happens later, in the tenant's own time, exactly once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from tenancy.context import origin
from tenancy.models import DueEvent, JournalEntry, Tenant

logger = logging.getLogger(__name__)

Handler = Callable[[Tenant, UUID | None, dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register what a due event of this kind does: called with tenant, subject id and payload."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def schedule(
    tenant: Tenant,
    kind: str,
    *,
    delay: timedelta,
    subject_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """Let `kind` happen after `delay` of tenant time; without a delay it happens now, in this transaction."""
    event = DueEvent(
        tenant=tenant, kind=kind, due_at=tenant.now() + delay, subject_id=subject_id, payload=payload or {}
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
    return tenant.next_due_at is not None and tenant.next_due_at <= tenant.now()


def settle(tenant: Tenant) -> int:
    """Run the events that are due, in order, each in its own transaction; return how many ran.

    Safe under many processes: the tenant's row is locked for each event. An event that fails is
    parked with its error and blocks neither the page nor the events behind it.
    """
    ran = 0
    while True:
        with transaction.atomic():
            locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
            pending = DueEvent.objects.in_tenant(locked).filter(parked_at__isnull=True)
            event = pending.filter(due_at__lte=locked.now()).order_by("due_at", "pk").first()
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


@transaction.atomic
def advance(tenant: Tenant, by: timedelta) -> None:
    """Move the tenant's clock forward; the caller settles afterwards."""
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    locked.clock_skipped += by
    locked.save(update_fields=["clock_skipped"])
    tenant.clock_skipped = locked.clock_skipped


def _happen(tenant: Tenant, event: DueEvent) -> None:
    try:
        with transaction.atomic():
            _handlers[event.kind](tenant, event.subject_id, event.payload)
    except Exception as error:
        logger.exception("Due event %s of tenant %s failed", event.kind, tenant.slug)
        event.parked_at = timezone.now()
        event.error = f"{type(error).__name__}: {error}"
        event.save()
