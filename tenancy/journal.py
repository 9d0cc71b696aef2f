"""One journal: every write leaves an entry, and delayed effects hang on entries."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models

from tenancy import clock
from tenancy.context import current_origin
from tenancy.models import JournalEntry, Operator, Tenant


class Subscription(NamedTuple):
    kind: str
    delay: timedelta


_subscriptions: dict[str, list[Subscription]] = defaultdict(list)


def subscribe(activity: str, kind: str, *, delay: timedelta = timedelta(0)) -> None:
    """When `activity` is recorded, the due event `kind` follows after `delay` of tenant time.

    In an instant tenant it follows at once. Apps subscribe in AppConfig.ready().
    """
    subscription = Subscription(kind, delay)
    if subscription not in _subscriptions[activity]:
        _subscriptions[activity].append(subscription)


def record(
    *,
    tenant: Tenant,
    actor: Operator | None,
    category: str,
    activity: str,
    target: models.Model,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    payload: dict[str, Any] | None = None,
) -> JournalEntry:
    """Record one write in the transaction that makes it, and schedule what follows from it.

    target: the row written; its name stays readable after it is gone.
    old, new: field label to plain value, no ids; only what changed.
    payload: plain values for subscribers, beside the target's id.
    """
    origin = current_origin()
    entry: JournalEntry = JournalEntry.objects.create(
        tenant=tenant,
        occurred_at=tenant.now(),
        actor=actor,
        actor_name=actor.email if actor else "System",
        source=origin.source,
        request_id=origin.request_id,
        category=category,
        activity=activity,
        target_type=target._meta.verbose_name or "",
        target_id=target.pk if isinstance(target.pk, UUID) else None,
        target_name=str(target)[:254],
        old_values=old or {},
        new_values=new or {},
    )
    for subscription in _subscriptions[activity]:
        delay = timedelta(0) if tenant.is_instant else subscription.delay
        clock.schedule(tenant, subscription.kind, delay=delay, subject_id=entry.target_id, payload=payload or {})
    return entry
