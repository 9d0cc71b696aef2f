"""Reads on a tenant's operators, journal and clock that answer a screen's question."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tenancy import filters
from tenancy.models import DueEvent, JournalEntry, Membership, Tenant
from tenancy.roles import Role

JUST_HAPPENED = 10
LATELY = timedelta(days=30)


def holders(tenant: Tenant, role: Role) -> QuerySet[Membership, Membership]:
    """The memberships of those whose own role is `role`, with their operators."""
    own = Q(own_role=role) | Q(own_role="", role=role)
    return Membership.objects.filter(own, tenant=tenant).select_related("operator")


def holder_counts(tenant: Tenant) -> Counter[str]:
    """Role to how many operators hold it as their own."""
    return Counter(
        own or role for role, own in Membership.objects.filter(tenant=tenant).values_list("role", "own_role")
    )


def due_events(tenant: Tenant) -> QuerySet[DueEvent, DueEvent]:
    """What waits for its time."""
    found: QuerySet[DueEvent, DueEvent] = DueEvent.objects.in_tenant(tenant).filter(parked_at__isnull=True)
    return found


def parked_events(tenant: Tenant) -> list[DueEvent]:
    """What failed and is not tried again, the last failure first."""
    return list(DueEvent.objects.in_tenant(tenant).filter(parked_at__isnull=False).order_by("-parked_at", "pk")[:50])


def just_happened(tenant: Tenant) -> list[JournalEntry]:
    """The last things that the clock made happen, within the last 30 days of the tenant's time."""
    lately = JournalEntry.objects.in_tenant(tenant).filter(occurred_at__gte=tenant.now() - LATELY)
    return list(lately.filter(source=JournalEntry.Source.CLOCK)[:JUST_HAPPENED])


# The audit logs


def journal(tenant: Tenant, *, directory: bool) -> QuerySet[JournalEntry, Any]:
    """Everything that happened. directory: only what belongs into Azure AD's audit log."""
    entries: QuerySet[JournalEntry, Any] = JournalEntry.objects.in_tenant(tenant)
    return entries.filter(filters.of_directory()) if directory else entries


def activities(tenant: Tenant, *, directory: bool) -> list[tuple[str, str]]:
    """Category and activity of everything that has happened, read off an index."""
    found = journal(tenant, directory=directory).order_by().values_list("category", "activity").distinct()
    return [(category, activity) for category, activity in found]


def actors(tenant: Tenant, *, directory: bool) -> list[str]:
    """Everybody who has done something."""
    return list(journal(tenant, directory=directory).order_by().values_list("actor_name", flat=True).distinct())
