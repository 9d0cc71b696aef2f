"""The lists of Tenant administration that belong to the directory itself: roles, and what the clock holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django_tables2 import RequestConfig

from blades.lists import ListPage
from blades.tables import BladeTable, Column, Empty, link
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from tenancy import clock
from tenancy.http import OperatorRequest
from tenancy.models import DueEvent, JournalEntry, Membership
from tenancy.roles import DESCRIPTIONS, Role, type_label
from tenancy.scoping import fold


class RoleTable(BladeTable):
    """Every role with its type; by name unless the operator sorts otherwise."""

    name = Column(order_by=("name_key", "pk"), attrs={"th": {"class": "p-25"}})
    type = Column(order_by=("type", "name_key", "pk"), attrs={"th": {"class": "w-140"}})
    operators = Column(
        verbose_name="Operators", order_by=("operators", "name_key", "pk"), attrs={"th": {"class": "w-110"}}
    )
    description = Column(order_by=("description", "pk"))

    label = "Roles"

    @classmethod
    def for_request(cls, request: OperatorRequest, holders: Counter[str]) -> RoleTable:
        """The table as the address asks for it. holders: role to how many operators of the tenant hold it."""
        rows = [
            {
                "pk": role.value,
                "url": reverse("tenancy:role-properties", args=[request.tenant.slug, role.value]),
                "name": role.label,
                "name_key": fold(role.label),
                "type": say(type_label(role)),
                "operators": holders[role.value],
                "description": say(DESCRIPTIONS[role]),
            }
            for role in Role
        ]
        table = cls(rows, order_by=request.GET.get("sort") or "name", order_by_field="sort")
        RequestConfig(request, paginate=False).configure(table)
        return table

    def display(self, records: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": row["pk"],
                "label": row["name"],
                "cells": [link(row["url"], row["name"]), row["type"], row["operators"], row["description"]],
            }
            for row in records
        ]


class HolderTable(BladeTable):
    """The operators of the tenant who hold one role."""

    name = Column(accessor="operator__display_name", order_by=("operator__display_name", "pk"))
    email = Column(accessor="operator__email", verbose_name="E-mail address", order_by=("operator__email", "pk"))
    views_as = Column(accessor="role", verbose_name="Views this directory as", orderable=False)

    label = "Assignments"
    noun = "operators"

    @classmethod
    def for_request(cls, request: OperatorRequest, holders: Any) -> HolderTable:
        """A page of `holders`, memberships with their operators."""
        table = cls(
            holders,
            order_by=request.GET.get("sort") or "name",
            order_by_field="sort",
            empty=Empty("No operators to display", "Nobody in this directory has this role."),
        )
        RequestConfig(request, paginate={"per_page": request.user.page_size}).configure(table)
        return table

    def display(self, records: Iterable[Membership]) -> Iterable[Mapping[str, Any]]:
        return [
            {
                "id": member.pk,
                "label": member.operator.display_name,
                "cells": [
                    member.operator.display_name,
                    member.operator.email,
                    member.role_label if member.own_role else "",
                ],
            }
            for member in records
        ]


class DueTable(BladeTable):
    """What waits for its time, the next first. It is sorted and cut by `lists.page_of`."""

    due = Column(verbose_name="Time in this directory", attrs={"th": {"class": "w-200"}})
    wait = Column(verbose_name="In", orderable=False, attrs={"th": {"class": "w-180"}})
    event = Column(verbose_name="What happens", orderable=False)
    subject = Column(verbose_name="What it is about", orderable=False)

    label = "Due events"
    noun = "events"

    @classmethod
    def for_page(cls, request: OperatorRequest, page: ListPage[DueEvent], *, named: bool) -> DueTable:
        """The table of `page`. named: whether the operator may read what the events are about."""
        now = request.tenant.now()
        names = clock.subject_names(request.tenant, page.rows) if named else {}
        rows = [
            {
                "id": event.pk,
                "label": clock.label(event.kind),
                "cells": [
                    portal_date(event.due_at),
                    span(event.due_at - now),
                    say(clock.label(event.kind)),
                    _subject(event, names),
                ],
            }
            for event in page.rows
        ]
        waits = (
            "Changes take effect at once here." if request.tenant.is_instant else "Changes that take hours wait here."
        )
        return cls(
            rows=rows,
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line("events"),
            pager=page.pager(request.GET),
            empty=Empty("Nothing is due", waits),
        )


class HappenedTable(BladeTable):
    """What the clock has made happen last."""

    date = Column(attrs={"th": {"class": "w-200"}})
    category = Column(attrs={"th": {"class": "w-180"}})
    activity = Column()
    target = Column(verbose_name="Target(s)")

    label = "What has just happened"
    plain = True

    @classmethod
    def of(cls, entries: Iterable[JournalEntry]) -> HappenedTable:
        rows = [
            {
                "id": entry.pk,
                "label": entry.activity,
                "cells": [portal_date(entry.occurred_at), entry.category, entry.activity, entry.target_name],
            }
            for entry in entries
        ]
        return cls(rows=rows, empty=Empty("Nothing has happened by itself in the last 30 days"))


class ParkedTable(BladeTable):
    """What failed, with its error."""

    due = Column(verbose_name="Time in this directory", attrs={"th": {"class": "w-200"}})
    event = Column(verbose_name="What was to happen")
    subject = Column(verbose_name="What it is about")
    error = Column()

    label = "Events that failed"
    plain = True

    @classmethod
    def for_request(cls, request: OperatorRequest, events: list[DueEvent]) -> ParkedTable:
        names = clock.subject_names(request.tenant, events)
        rows = [
            {
                "id": event.pk,
                "label": clock.label(event.kind),
                "cells": [
                    portal_date(event.due_at),
                    say(clock.label(event.kind)),
                    _subject(event, names),
                    event.error,
                ],
            }
            for event in events
        ]
        return cls(rows=rows)


def _subject(event: DueEvent, names: Mapping[UUID, str]) -> str:
    """The name of the row that `event` is about, or how many there are."""
    return names.get(event.subject_id, "") if event.subject_id else event.payload.get("about", "")


def span(wait: timedelta) -> str:
    """How long that is, in its two largest units: "7 hours 59 minutes"."""
    minutes = int(wait.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    found = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n]
    return " ".join(found[:2])
