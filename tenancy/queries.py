# ruff: noqa: S608 - statements are put together from our own names; every value is a parameter
"""Reads on a tenant's operators, journal and clock that answer a screen's question."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from tenancy import filters
from tenancy.models import DueEvent, JournalEntry, Membership, Tenant
from tenancy.roles import Role

JUST_HAPPENED = 10
LATELY = timedelta(days=30)
JOURNAL = JournalEntry._meta.db_table
# Values that a filter of the audit logs offers, and entries of one activity that are looked at for it.
MOST_VALUES, LATEST = 500, 1_000


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
    """Category and activity of what has happened, in order; at most MOST_VALUES.

    Each is the next greater one on the index, so that the number of entries does not matter. directory: of an activity
    that other centers have as well, the latest entries say whether it happens in Azure AD.
    """
    statement = f"""
        WITH RECURSIVE categories(category) AS (
            SELECT MIN(category) FROM {JOURNAL} WHERE tenant_id = %s
            UNION ALL
            SELECT (SELECT MIN(j.category) FROM {JOURNAL} j WHERE j.tenant_id = %s AND j.category > c.category)
            FROM categories c WHERE c.category IS NOT NULL
        ), activities(category, activity) AS (
            SELECT c.category,
                (SELECT MIN(j.activity) FROM {JOURNAL} j WHERE j.tenant_id = %s AND j.category = c.category)
            FROM categories c WHERE c.category IS NOT NULL
            UNION ALL
            SELECT a.category,
                (SELECT MIN(j.activity) FROM {JOURNAL} j
                 WHERE j.tenant_id = %s AND j.category = a.category AND j.activity > a.activity)
            FROM activities a WHERE a.activity IS NOT NULL
        )
        SELECT a.category, a.activity FROM activities a WHERE a.activity IS NOT NULL
    """
    parameters: list[Any] = [tenant.pk] * 4
    if directory:
        kept, types = filters.DIRECTORY_CATEGORIES, filters.DIRECTORY_TARGETS
        statement += f"""
            AND (a.category IN ({_marks(kept)}) OR EXISTS (
                SELECT 1 FROM (
                    SELECT j.target_type FROM {JOURNAL} j
                    WHERE j.tenant_id = %s AND j.category = a.category AND j.activity = a.activity
                    ORDER BY j.occurred_at DESC, j.recorded_at DESC, j.id DESC LIMIT {LATEST:d}
                ) latest WHERE latest.target_type IN ({_marks(types)})
            ))
        """
        parameters += [*kept, tenant.pk, *types]
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT {MOST_VALUES:d}", parameters)
        return sorted(cursor.fetchall())


def actors(tenant: Tenant) -> list[str]:
    """Those who have done something, in order; at most MOST_VALUES. Read like the activities."""
    statement = f"""
        WITH RECURSIVE actors(name) AS (
            SELECT MIN(actor_name) FROM {JOURNAL} WHERE tenant_id = %s
            UNION ALL
            SELECT (SELECT MIN(j.actor_name) FROM {JOURNAL} j WHERE j.tenant_id = %s AND j.actor_name > a.name)
            FROM actors a WHERE a.name IS NOT NULL
        )
        SELECT name FROM actors WHERE name IS NOT NULL LIMIT {MOST_VALUES:d}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [tenant.pk] * 2)
        return [name for (name,) in cursor.fetchall()]


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join(["%s"] * len(values))
