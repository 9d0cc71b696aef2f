"""Putting incidents into a tenant, and recognising when they are healed."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from labs import catalogue
from labs.incidents import CASES
from labs.models import Injection
from labs.world import World
from tenancy import clock, journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission

CATEGORY = "Training"
INJECTED = "Inject incident"
HEALED = "Heal incident"
LOST = "Lose incident"
REVIEW = "labs.review"
Status = Injection.Status


def inject(*, tenant: Tenant, actor: Operator | None, key: str) -> Injection:
    """Put the incident `key` into the tenant, and let happen what falls due by that.

    Only the cause is set up, partly as something that happened days ago; its effect comes as time passes. Raises
    ValidationError for an incident that there is not, that is open already, and that cannot be put into this tenant as
    it is now, without a trace; MissingPermission.
    """
    clock.settle(tenant)
    injection = _inject(tenant, actor, key)
    clock.settle(tenant)
    return injection


@transaction.atomic
def _inject(tenant: Tenant, actor: Operator | None, key: str) -> Injection:
    writes.begin(tenant, actor, Permission.TENANT_SETTINGS)
    if key not in catalogue.incidents():
        raise ValidationError(f"There is no incident '{key}'.", code="unknown")
    review(tenant)
    others = list(_open(tenant))
    if any(injection.incident == key for injection in others):
        raise ValidationError("This incident is open already. Heal it, or reset the directory.", code="open")
    subject = CASES[key].set_up(World(tenant, exclude=[injection.user_id for injection in others]))
    injection: Injection = Injection.objects.create(
        tenant=tenant,
        incident=key,
        injected_at=tenant.now(),
        injected_by=actor,
        injected_by_name=actor.email if actor else "System",
        user=subject.user,
        device_id=subject.device_id,
        intune_device_id=subject.intune_device_id,
        facts=subject.facts,
    )
    if CASES[key].is_healed(injection):
        raise ValidationError("Something in this directory heals this incident from the start.", code="impossible")
    for other in others:
        if CASES[other.incident].is_healed(other):
            raise ValidationError(f"This would heal {other}, which is open. Heal that one first.", code="excluded")
    journal.record(tenant=tenant, actor=actor, category=CATEGORY, activity=INJECTED, target=injection)
    return injection


@transaction.atomic
def review(tenant: Tenant) -> list[Injection]:
    """Recognise which open incidents are healed, or cannot be healed any more, and return those."""
    ended: list[Injection] = []
    waiting = _open(tenant)
    if waiting:
        writes.lock(tenant)
    for injection in waiting:
        case = CASES[injection.incident]
        if case.is_lost(injection):
            injection.status = Status.LOST
        elif case.is_healed(injection):
            injection.status = Status.HEALED
        else:
            continue
        injection.ended_at = tenant.now()
        injection.save(update_fields=["status", "ended_at"])
        journal.record(
            tenant=tenant,
            actor=None,
            category=CATEGORY,
            activity=HEALED if injection.status == Status.HEALED else LOST,
            target=injection,
        )
        ended.append(injection)
    return ended


@clock.pulse(REVIEW, label="Incidents that are healed are recognised")
def review_due(tenant: Tenant, since: datetime, until: datetime) -> None:
    """What was healed until now is known as healed; a beat cannot tell when within it that was."""
    review(tenant)


def injections(tenant: Tenant) -> list[Injection]:
    """Every injection of the tenant, the latest first, as it stands now."""
    review(tenant)
    return _with_tenant(tenant, Injection.objects.in_tenant(tenant).select_related("user"))


def _open(tenant: Tenant) -> list[Injection]:
    rows = Injection.objects.in_tenant(tenant).filter(status=Status.OPEN).select_related("user")
    return _with_tenant(tenant, rows.order_by("injected_at", "pk"))


def _with_tenant(tenant: Tenant, rows: QuerySet[Injection, Injection]) -> list[Injection]:
    found = list(rows)
    for injection in found:
        injection.tenant = tenant
        if injection.user is not None:
            injection.user.tenant = tenant
    return found
