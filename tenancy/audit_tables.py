"""The audit logs as a list, as filters and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from blades import lists, sheets
from blades.lists import ListPage
from blades.tables import BladeTable, Column, Empty, link
from blades.templatetags.blades import portal_date
from tenancy.filters import RANGES, AuditFilters, Period
from tenancy.http import OperatorRequest
from tenancy.models import JournalEntry

ORDERS = {
    "date": ("occurred_at", "recorded_at", "id"),
    "actor": ("actor_name", "occurred_at", "recorded_at", "id"),
    "category": ("category", "activity", "occurred_at", "recorded_at", "id"),
}
BLOCK = 1_000  # rows of a file that are read and sent at once

# Source: Intune docs, "Use audit logs to track and monitor events": what is done in the portal names its extension.
APPLICATIONS = {
    JournalEntry.Source.PORTAL: "Microsoft Intune portal extension",
    JournalEntry.Source.SEED: "Microsoft Intune portal extension",
    JournalEntry.Source.CLOCK: "Microsoft Intune",
    JournalEntry.Source.COMMAND: "Command line",
    JournalEntry.Source.PARTNER: "Partner compliance API",
}


def application(entry: JournalEntry) -> str:
    """What the actor worked with."""
    return APPLICATIONS[JournalEntry.Source(entry.source)]


class AuditTable(BladeTable):
    """A page of the journal. It is sorted and cut by `lists.page_of`."""

    date = Column(attrs={"th": {"class": "w-160"}})
    actor = Column(verbose_name="Initiated by (actor)", attrs={"th": {"class": "p-20"}})
    application = Column(orderable=False, attrs={"th": {"class": "p-15"}})
    activity = Column(orderable=False, attrs={"th": {"class": "w-200"}})
    target = Column(verbose_name="Target(s)", orderable=False)
    category = Column(attrs={"th": {"class": "w-180"}})

    label = "Audit logs"
    wide = True
    filter_form = "filters"

    @classmethod
    def for_page(cls, request: OperatorRequest, page: ListPage[JournalEntry], entry_view: str) -> AuditTable:
        """The table of `page`, whose rows lead to `entry_view`."""
        slug = request.tenant.slug
        rows = [
            {
                "id": entry.pk,
                "label": entry.activity,
                "cells": [
                    link(reverse(entry_view, args=[slug, entry.pk]), portal_date(entry.occurred_at)),
                    entry.actor_name,
                    application(entry),
                    entry.activity,
                    entry.target_name,
                    entry.category,
                ],
            }
            for entry in page.rows
        ]
        filtered = bool(lists.kept(request.GET, "sort", "per_page"))
        empty = Empty("No activities to display", "Every change of this directory is listed here.")
        if filtered:
            empty = Empty(
                "No activities match the filters.", art="search", link_label="Clear filters", link_url=request.path
            )
        return cls(
            rows=rows,
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line(),
            pager=page.pager(request.GET),
            empty=empty,
        )


def pills(
    query: QueryDict, filters: AuditFilters, activities: Iterable[tuple[str, str]], actors: Iterable[str]
) -> list[dict[str, Any]]:
    """The filters for filter_pill.html. activities: category and activity of everything there is.

    Activities are those of the chosen categories.
    """
    activities = list(activities)
    offered = [
        activity for category, activity in activities if not filters.categories or category in filters.categories
    ]
    return [
        lists.pill(query, "category", "Category", _choices([category for category, _ in activities])),
        lists.pill(query, "activity", "Activity", _choices([*offered, *filters.activities])),
        lists.pill(query, "actor", "Initiated by (actor)", _choices([*actors, *filters.actors])),
    ]


def date_pill(query: QueryDict, filters: Period) -> dict[str, Any]:
    """The filter for filter_dates.html."""
    return {
        **lists.pill(query, "range", "Date range", {value: words for value, (words, _) in RANGES.items()}, single=True),
        "shown": filters.dates or "All",
        "first": filters.first.isoformat() if filters.first else "",
        "last": filters.last.isoformat() if filters.last else "",
        "remove_url": lists.address(query, "range", "from", "to") if filters.dates else "",
    }


def _choices(values: Iterable[str]) -> dict[str, str]:
    return {value: value for value in sorted(set(values), key=str.casefold)}


# A file


HEADS = ("Date", "Real time", "Initiated by (actor)", "Application", "Category", "Activity", "Target type", "Target(s)",
         "Target ID", "Source", "Request ID", "Old values", "New values")  # fmt: skip


def file_lines(entries: QuerySet[JournalEntry, Any]) -> Iterator[bytes]:
    """`entries` in their order as a file, piece by piece: memory does not grow with them."""
    rows = iter(entries.iterator(chunk_size=BLOCK))

    def blocks() -> Iterator[Iterable[list[str]]]:
        while block := list(islice(rows, BLOCK)):
            yield [sheets.harmless(_file_row(entry)) for entry in block]

    return sheets.lines(HEADS, blocks())


def _file_row(entry: JournalEntry) -> list[str]:
    return [
        entry.occurred_at.isoformat(timespec="seconds"),
        entry.recorded_at.isoformat(timespec="seconds"),
        entry.actor_name,
        application(entry),
        entry.category,
        entry.activity,
        entry.target_type,
        entry.target_name,
        str(entry.target_id or ""),
        entry.get_source_display(),
        entry.request_id,
        _json(entry.old_values),
        _json(entry.new_values),
    ]


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""


# One entry


def modified(entry: JournalEntry) -> list[dict[str, Any]]:
    """The properties that were changed, each with its old and its new value as lines of text."""
    names = list(dict.fromkeys([*entry.old_values, *entry.new_values]))
    return [
        {"name": name, "old": _lines(entry.old_values.get(name)), "new": _lines(entry.new_values.get(name))}
        for name in names
    ]


def _lines(value: Any) -> list[str]:
    if value is None or value in ("", []):
        return []
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    if isinstance(value, list):
        return [line for part in value for line in _lines(part)]
    if isinstance(value, Mapping):
        return [f"{name}: {', '.join(_lines(part))}" for name, part in value.items()]
    return [str(value)]
