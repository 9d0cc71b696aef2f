"""What the address of a device list asks for. Whatever it does not understand, it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast

from django.db import connection, models
from django.http import QueryDict

from blades import lists
from blades.paging import Cursor, Order, Sql, read_cursor, write_cursor
from devices import managed_by
from devices.models import Compliance, DeviceCount, ManagedDevice, OperatingSystem, Ownership
from tenancy.scoping import NEVER, fold

Facet = DeviceCount.Facet


class CheckIn(StrEnum):
    """How long ago a device has checked in last."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    OLDER = "over30d"
    NEVER = "never"

    @property
    def label(self) -> str:
        return _CHECK_IN_LABELS[self]


_CHECK_IN_LABELS = {
    CheckIn.DAY: "Last 24 hours",
    CheckIn.WEEK: "Last 7 days",
    CheckIn.MONTH: "Last 30 days",
    CheckIn.OLDER: "More than 30 days ago",
    CheckIn.NEVER: "Never",
}
_AGES = {
    CheckIn.DAY: timedelta(hours=24),
    CheckIn.WEEK: timedelta(days=7),
    CheckIn.MONTH: timedelta(days=30),
}

# Facet to number to label, in the order of the labels, which is that of the numbers.
LABELS: dict[str, dict[int, str]] = {
    Facet.MANAGED_BY: dict(sorted(managed_by.LABELS.items())),
    Facet.COMPLIANCE: {member.value: member.label for member in Compliance},
    Facet.OS: {member.value: member.label for member in OperatingSystem},
    Facet.OWNERSHIP: {member.value: member.label for member in Ownership},
}

# Facet to number to the word that stands for it in an address.
WORDS: dict[str, dict[int, str]] = {
    Facet.MANAGED_BY: managed_by.WORDS,
    Facet.COMPLIANCE: {member.value: member.name.lower() for member in Compliance},
    Facet.OS: {member.value: member.name.lower() for member in OperatingSystem},
    Facet.OWNERSHIP: {member.value: member.name.lower() for member in Ownership},
}
_NUMBERS: dict[str, dict[str, int]] = {
    facet: {text: number for number, word in words.items() for text in (word, str(number))}
    for facet, words in WORDS.items()
}

# Sort parameter to columns, each ending in the id. Ties of a column of few values stand by name.
SORTS: dict[str, tuple[str, ...]] = {
    "name": ("name_key", "id"),
    "managed_by": ("managed_by", "name_key", "id"),
    "ownership": ("ownership", "name_key", "id"),
    "compliance": ("compliance", "name_key", "id"),
    "os": ("os", "name_key", "id"),
    "os_version": ("os_version_key", "id"),
    "last_checkin": ("last_checkin_at", "id"),
    "upn": ("user_upn_key", "id"),
}


@dataclass(frozen=True)
class Filters:
    """facets: facet to the numbers that are wanted, never empty. checkins: which of them are wanted; none means all."""

    facets: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    checkins: tuple[CheckIn, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facets or self.checkins)

    def facets_sql(self, alias: str = "") -> list[Sql]:
        """A condition for each facet. alias: of the row, with its dot."""
        return [Sql(f"{alias}{facet} IN ({_places(numbers)})", numbers) for facet, numbers in self.facets.items()]

    def checkin_sql(self, now: datetime, alias: str = "") -> Sql | None:
        """The condition on the last check-in at `now`, a time of the tenant's clock; one range wherever it can be."""
        column = f"{alias}last_checkin_at"
        ages = [_AGES[checkin] for checkin in self.checkins if checkin in _AGES]
        since = _time(now - max(ages)) if ages else None
        never, month = _time(NEVER), _time(now - _AGES[CheckIn.MONTH])
        ever = CheckIn.NEVER in self.checkins
        ranges = []
        if CheckIn.OLDER in self.checkins:
            if CheckIn.MONTH in self.checkins:
                return Sql(f"{column} > %s", (never,))
            older = (
                Sql(f"{column} < %s", (month,)) if ever else Sql(f"({column} > %s AND {column} < %s)", (never, month))
            )
            ranges.append(older)
        elif ever:
            ranges.append(Sql(f"{column} = %s", (never,)))
        if since is not None:
            ranges.append(Sql(f"{column} >= %s", (since,)))
        return Sql.join(" OR ", ranges).within("(", ")") if ranges else None


@dataclass(frozen=True)
class Wanted:
    """One page of a device list. term: case-folded. At most one of after, before and page says where it starts."""

    term: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: str = "name"
    descending: bool = False
    per_page: int = lists.PER_PAGE
    after: Cursor | None = None
    before: Cursor | None = None
    page: int = 1

    @property
    def order(self) -> Order:
        return Order(SORTS[self.sort], self.descending)

    @property
    def sort_parameter(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    def at(self, *, after: Cursor | None = None, before: Cursor | None = None, page: int = 1) -> Wanted:
        """Another page of the same list; without arguments its first one."""
        return replace(self, after=after, before=before, page=page)

    def write_cursor(self, cursor: Cursor) -> str:
        """`cursor` as text for an address of the same list."""
        return write_cursor(cursor, self.sort_parameter, _key_fields(self.sort))


def read(query: QueryDict, per_page: int = lists.PER_PAGE) -> Wanted:
    """What `query` asks for; unknown sorts, values and cursors are taken as if they were not there.

    per_page: rows of a page where the address does not say it.
    """
    asked = lists.read(query, SORTS, default="name", per_page=per_page)
    wanted = Wanted(
        term=fold(asked.term),
        filters=Filters(
            facets={facet: numbers for facet in LABELS if (numbers := _numbers(facet, query.getlist(facet)))},
            checkins=_checkins(query.getlist("last_checkin")),
        ),
        sort=asked.sort,
        descending=asked.descending,
        per_page=asked.per_page,
    )
    fields = _key_fields(wanted.sort)
    if after := read_cursor(asked.after, wanted.sort_parameter, fields):
        return replace(wanted, after=after)
    if before := read_cursor(asked.before, wanted.sort_parameter, fields):
        return replace(wanted, before=before)
    return replace(wanted, page=asked.page)


def _key_fields(sort: str) -> list[models.Field[Any, Any]]:
    return [model_field(column) for column in SORTS[sort]]


@cache
def model_field(name: str) -> models.Field[Any, Any]:
    """The field `name` of a device."""
    return cast("models.Field[Any, Any]", ManagedDevice._meta.get_field(name))


def _numbers(facet: str, values: list[str]) -> tuple[int, ...]:
    """The known ones among `values`. All of them are as good as none."""
    known = sorted({_NUMBERS[facet][value] for value in values if value in _NUMBERS[facet]})
    return tuple(known) if len(known) < len(LABELS[facet]) else ()


def _checkins(values: list[str]) -> tuple[CheckIn, ...]:
    """The known ones among `values`. All of them are as good as none."""
    known = tuple(checkin for checkin in CheckIn if checkin in values)
    return () if {CheckIn.MONTH, CheckIn.OLDER, CheckIn.NEVER} <= {*known} else known


def _places(values: tuple[int, ...]) -> str:
    return ", ".join(["%s"] * len(values))


def _time(moment: datetime) -> Any:
    return model_field("last_checkin_at").get_db_prep_value(moment, connection)
