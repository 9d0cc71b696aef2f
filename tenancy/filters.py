"""What the address of the audit logs asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from blades.presentation import day
from tenancy.models import JournalEntry, Tenant

M = TypeVar("M", bound=Model)

RANGES = {"24h": ("Last 24 hours", timedelta(hours=24)), "7d": ("Last 7 days", timedelta(days=7)),
          "30d": ("Last 30 days", timedelta(days=30))}  # fmt: skip

# What stands in Azure AD's own audit log: categories of its services, and its records of devices.
DIRECTORY_CATEGORIES = ("ApplicationManagement", "DirectoryManagement", "GroupManagement", "RoleManagement",
                        "UserManagement")  # fmt: skip
DIRECTORY_TARGETS = ("Azure AD device",)


@dataclass(frozen=True)
class Period:
    """A range of dates. first, last: whole days of the tenant's time, both included."""

    preset: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def dates(self) -> str:
        """The range of dates in words; empty: any."""
        words = [RANGES[self.preset][0]] if self.preset else []
        if self.first and self.last:
            words.append(f"{day(self.first)} – {day(self.last)}")
        elif self.first:
            words.append(f"from {day(self.first)}")
        elif self.last:
            words.append(f"to {day(self.last)}")
        text = ", ".join(words)
        return text[:1].upper() + text[1:]

    def within(self, rows: QuerySet[M, M], tenant: Tenant) -> QuerySet[M, M]:
        """Those of `rows` that occurred then."""
        if self.preset:
            rows = rows.filter(occurred_at__gte=tenant.now() - RANGES[self.preset][1])
        if self.first:
            rows = rows.filter(occurred_at__gte=_midnight(self.first))
        if self.last and self.last < date.max:
            rows = rows.filter(occurred_at__lt=_midnight(self.last + timedelta(days=1)))
        return rows


@dataclass(frozen=True)
class AuditFilters(Period):
    """All that is asked for holds at once."""

    categories: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    target_id: UUID | None = None
    term: str = ""

    def apply(self, entries: QuerySet[JournalEntry, JournalEntry], tenant: Tenant) -> QuerySet[JournalEntry, Any]:
        """Those of `entries` that are asked for."""
        conditions = {"category": self.categories, "activity": self.activities, "actor_name": self.actors}
        for column, values in conditions.items():
            if values:
                entries = entries.filter(**{f"{column}__in": values})
        entries = self.within(entries, tenant)
        if self.target_id:
            entries = entries.filter(target_id=self.target_id)
        if self.term:
            entries = entries.filter(target_name__icontains=self.term)
        return entries


def read_period(query: QueryDict) -> Period:
    """The range of dates that `query` asks for; what nobody can read is taken as if it were not there."""
    preset = query.get("range", "")
    return Period(preset if preset in RANGES else "", _date(query.get("from", "")), _date(query.get("to", "")))


def read(query: QueryDict, term: str) -> AuditFilters:
    """What `query` asks for; what nobody can read is taken as if it were not there."""
    return AuditFilters(
        **vars(read_period(query)),
        categories=_texts(query, "category"),
        activities=_texts(query, "activity"),
        actors=_texts(query, "actor"),
        target_id=_id(query.get("target", "")),
        term=term,
    )


def of_directory() -> Q:
    """What belongs into Azure AD's audit log."""
    return Q(category__in=DIRECTORY_CATEGORIES) | Q(target_type__in=DIRECTORY_TARGETS)


def _texts(query: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in query.getlist(name) if text and "\x00" not in text))[:100]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
