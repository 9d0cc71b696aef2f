"""What the address of Azure AD's device list asks for. Whatever it does not understand, it leaves out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from blades import lists
from directory.models import DirectoryDevice
from tenancy.scoping import NEVER, Unindexed, starting_with

ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("name_key", "id"),
    "enabled": ("enabled", "name_key", "id"),
    "os": ("os", "name_key", "id"),
    "join_type": ("join_type", "name_key", "id"),
    "owner": ("owner_key", "id"),
    "mdm": ("mdm", "name_key", "id"),
    "activity": ("activity_at", "id"),
}
YES_NO = {"yes": "Yes", "no": "No"}
COMPLIANT = {**YES_NO, "na": "N/A"}
_VERDICTS = {"yes": True, "no": False, "na": None}
# Stands in an address for a column that is empty.
NONE = "none"
# An address names at most so many values of a filter whose values nobody has listed beforehand.
MOST_VALUES = 30
# Columns whose filter, next to the order by name, an index of the model answers as well: the first that is filtered.
WITH_NAME = ("is_compliant", "mdm", "os", "join_type", "enabled")


class Activity(StrEnum):
    """How long ago the device was last active; Azure AD notes it once in 14 days or so."""

    MONTH = "30d"
    OVER_MONTH = "over30d"
    OVER_QUARTER = "over90d"
    OVER_HALF_YEAR = "over180d"
    NEVER = "never"

    @property
    def label(self) -> str:
        return ACTIVITY[self]


ACTIVITY: dict[str, str] = {
    Activity.MONTH: "Last 30 days",
    Activity.OVER_MONTH: "More than 30 days ago",
    Activity.OVER_QUARTER: "More than 90 days ago",
    Activity.OVER_HALF_YEAR: "More than 180 days ago",
    Activity.NEVER: "Never",
}
_DAYS = {Activity.MONTH: 30, Activity.OVER_MONTH: 30, Activity.OVER_QUARTER: 90, Activity.OVER_HALF_YEAR: 180}


@dataclass(frozen=True)
class DeviceFilters:
    """The filters and the search of one address. ids: the term is an id, of the device or of its object."""

    term: str = ""
    ids: UUID | None = None
    enabled: tuple[str, ...] = ()
    compliant: tuple[str, ...] = ()
    join_type: tuple[str, ...] = ()
    os: tuple[str, ...] = ()
    mdm: tuple[str, ...] = ()
    activity: Activity | None = None
    owner: str = ""

    def __bool__(self) -> bool:
        return self != DeviceFilters()

    def apart(self, rows: QuerySet[Any], now: datetime) -> dict[str, QuerySet[Any]]:
        """Column to the `rows` that its filter alone would keep."""
        return {column: rows.filter(lookups(column)) for column, lookups, _ in self._conditions(now)}

    def apply(self, rows: QuerySet[Any], now: datetime, *, order: str = "", by: Collection[str] = ()) -> QuerySet[Any]:
        """The `rows` that are wanted at `now`, a time of the tenant's clock.

        order: name of the sort order along which the rows are then read, when there are many; otherwise all that
        match are found by the indexes of the filters. by: the columns whose indexes are the best for that.
        """
        conditions = list(self._conditions(now))
        kept = set(by) or {column for column, _, _ in conditions}
        if order:
            kept = {ORDERS[order][0]}
            if order == "name":
                single = {column for column, _, n in conditions if n == 1}
                kept |= set(next(([column] for column in WITH_NAME if column in single), []))
        for column, lookups, _ in conditions:
            name = column
            if column not in kept:
                name = f"walked_{column}"
                rows = rows.alias(**{name: Unindexed(F(column))})
            rows = rows.filter(lookups(name))
        if self.ids is not None:
            rows = rows.filter(Q(pk=self.ids) | Q(device_id=self.ids))
        return rows

    def _conditions(self, now: datetime) -> Iterator[tuple[str, Any, int]]:
        """A column, what makes its condition for a name, and how many values it may have; 0: a range."""
        if self.term and self.ids is None:
            yield "name_key", lambda name: starting_with(name, self.term), 0
        if self.owner:
            yield "owner_key", lambda name: starting_with(name, self.owner), 0
        if self.enabled:
            yield "enabled", lambda name: Q(**{f"{name}__in": [value == "yes" for value in self.enabled]}), 1
        if self.compliant:
            yield "is_compliant", self._verdicts, len(self.compliant)
        for column, values in (("join_type", self.join_type), ("os", self.os), ("mdm", self.mdm)):
            if values:
                wanted = ["" if value == NONE else value for value in values]
                lookup = {"": wanted[0]} if len(wanted) == 1 else {"__in": wanted}
                yield (
                    column,
                    lambda name, lookup=lookup: Q(**{f"{name}{way}": value for way, value in lookup.items()}),
                    len(wanted),
                )
        if self.activity is not None:
            yield "activity_at", lambda name: self._active(name, now), 0

    def _verdicts(self, name: str) -> Q:
        found = Q()
        for value in self.compliant:
            verdict = _VERDICTS[value]
            # In a list, because SQLite finds no row by NOT is_compliant.
            found |= Q(**{f"{name}__isnull": True}) if verdict is None else Q(**{f"{name}__in": [verdict]})
        return found

    def _active(self, name: str, now: datetime) -> Q:
        if self.activity in (None, Activity.NEVER):
            return Q(**{name: NEVER})
        since = now - timedelta(days=_DAYS[self.activity])
        if self.activity == Activity.MONTH:
            return Q(**{f"{name}__gte": since})
        return Q(**{f"{name}__gt": NEVER, f"{name}__lt": since})


def read(query: QueryDict, term: str) -> DeviceFilters:
    """The filters in `query`. term: what is searched."""
    activity = query.get("activity", "")
    return DeviceFilters(
        term=term,
        ids=as_id(term),
        enabled=tuple(lists.chosen(query, "enabled", YES_NO)),
        compliant=tuple(lists.chosen(query, "compliant", COMPLIANT)),
        join_type=tuple(lists.chosen(query, "join_type", DirectoryDevice.JoinType.values)),
        os=_texts(query, "os"),
        mdm=_texts(query, "mdm"),
        activity=Activity(activity) if activity in ACTIVITY else None,
        owner=query.get("owner", "").replace("\x00", "").strip()[: lists.LONGEST_TERM],
    )


def as_id(term: str) -> UUID | None:
    """The id that `term` is, as the portal writes ids: 36 characters."""
    try:
        return UUID(term) if len(term) == 36 else None
    except ValueError:
        return None


def _texts(query: QueryDict, name: str) -> tuple[str, ...]:
    values = dict.fromkeys(value.replace("\x00", "")[:80] for value in query.getlist(name))
    return tuple(value for value in values if value)[:MOST_VALUES]
