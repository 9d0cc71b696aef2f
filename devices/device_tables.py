"""The lists of one device's blades, and the list of every action."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html

from blades import lists
from blades.tables import BladeTable, Column, Empty, link, status
from blades.templatetags.blades import portal_date
from devices import actions
from devices.actions import Kind
from devices.device_queries import Setting
from devices.models import DeviceAction
from tenancy.http import OperatorRequest

Status = DeviceAction.Status

STATUS_KINDS = {Status.CANCELED: "none", Status.COMPLETED: "ok", Status.FAILED: "bad", Status.PENDING: "info"}
# The monitor words what the device's own page calls Pending.
MONITOR_LABELS = {value: str(value.label) for value in Status} | {Status.PENDING: "Attempting to reach device"}

ACTION_WORDS = {kind.value: kind.label for kind in Kind}
STATUS_WORDS = {value.name.lower(): MONITOR_LABELS[value] for value in Status}
DATES = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days"}

ORDERS = {
    "date": ("requested_at", "id"),
    "status": ("status", "requested_at", "id"),
    "action": ("kind", "requested_at", "id"),
}
NEWEST = "-date"


def chosen_kinds(query: QueryDict) -> list[str]:
    """The actions that the address filters by."""
    return lists.chosen(query, "action", ACTION_WORDS)


def chosen_statuses(query: QueryDict) -> list[int]:
    """The states that the address filters by."""
    return [value.value for value in Status if value.name.lower() in lists.chosen(query, "status", STATUS_WORDS)]


def chosen_age(query: QueryDict) -> timedelta | None:
    """How old an action may be at most."""
    days = query.get("date", "")
    return timedelta(days=int(days)) if days in DATES else None


def pills(query: QueryDict) -> list[dict[str, Any]]:
    """The filters of the list of actions."""
    return [
        lists.pill(query, "action", "Action", ACTION_WORDS),
        lists.pill(query, "status", "Status", STATUS_WORDS),
        lists.pill(query, "date", "Date", DATES, single=True),
    ]


class ActionTable(BladeTable):
    """Devices > Monitor > Device actions, a page of it."""

    name = Column(verbose_name="Device name", orderable=False, attrs={"th": {"class": "p-17"}})
    user = Column(verbose_name="User", orderable=False, attrs={"th": {"class": "p-20"}})
    action = Column(attrs={"th": {"class": "p-12"}})
    status = Column(attrs={"th": {"class": "p-17"}})
    initiated_by = Column(verbose_name="Initiated by", orderable=False, attrs={"th": {"class": "p-20"}})
    date = Column(verbose_name="Date/Time", attrs={"th": {"class": "p-13"}})

    label = "Device actions"
    filter_form = "filters"
    wide = True

    @classmethod
    def for_page(cls, request: OperatorRequest, page: lists.ListPage[DeviceAction]) -> ActionTable:
        """The table of `page`."""
        slug = request.tenant.slug
        filtered = bool(page.asked.term or any(request.GET.getlist(name) for name in ("action", "status", "date")))
        return cls(
            rows=[{"id": row.pk, "label": row.device_name, "cells": _cells(slug, row)} for row in page.rows],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line() if page.rows else "",
            pager=page.pager(request.GET),
            empty=Empty("No device actions match the filters.", art="search", link_label="Clear filters",
                        link_url=request.path)
            if filtered
            else Empty("No device actions to display", "Remote actions appear here when somebody asks for them."),
        )  # fmt: skip


def _cells(slug: str, action: DeviceAction) -> list[Any]:
    name = action.device_name
    if action.device_id is not None:
        name = link(reverse("devices:overview", args=[slug, action.device_id]), name)
    word = status(STATUS_KINDS[Status(action.status)], MONITOR_LABELS[Status(action.status)])
    if action.detail:
        word = format_html('<span title="{}">{}</span>', action.detail, word)
    return [
        name,
        action.user_upn,
        actions.Kind(action.kind).label,
        word,
        action.requested_by_name,
        portal_date(action.requested_at),
    ]


class ActionStatusTable(BladeTable):
    """Device actions status, on the overview of a device."""

    action = Column(attrs={"th": {"class": "p-20"}})
    status = Column(attrs={"th": {"class": "p-20"}})
    date = Column(verbose_name="Date/Time", attrs={"th": {"class": "p-20"}})
    error = Column()

    label = "Device actions status"
    plain = True

    @classmethod
    def of(cls, found: list[DeviceAction], os: int) -> ActionStatusTable:
        """The table of these actions on a device that runs `os`."""
        rows = [
            {
                "id": action.pk,
                "label": action.get_kind_display(),
                "cells": [
                    actions.label(Kind(action.kind), os),
                    status(STATUS_KINDS[Status(action.status)], action.get_status_display()),
                    portal_date(action.completed_at or action.requested_at),
                    action.detail,
                ],
            }
            for action in found
        ]
        return cls(rows=rows, empty=Empty("No device actions to display"))


class ComplianceTable(BladeTable):
    """The policies of a device."""

    policy = Column(orderable=False)
    upn = Column(verbose_name="User Principal Name", orderable=False)
    state = Column(orderable=False, attrs={"th": {"class": "w-160"}})

    label = "Compliance policies"


class SettingTable(BladeTable):
    """The settings of a policy."""

    setting = Column(orderable=False)
    state = Column(orderable=False, attrs={"th": {"class": "w-160"}})
    detail = Column(verbose_name="State details", orderable=False)

    label = "Settings"

    @classmethod
    def of(cls, settings: list[Setting]) -> SettingTable:
        """The table of these settings."""
        rows = [
            {"id": n, "label": setting.label, "cells": [setting.label, met_cell(setting.met), setting.detail]}
            for n, setting in enumerate(settings)
        ]
        return cls(
            rows=rows,
            records=("1 setting" if len(rows) == 1 else f"{len(rows)} settings") if rows else "",
            empty=Empty("No settings to display"),
        )


def all_met_cell(settings: list[Setting]) -> Any:
    """Icon and word of a policy with these settings."""
    met = [setting.met for setting in settings]
    return met_cell(False if False in met else None if None in met else True)


def met_cell(met: bool | None) -> Any:  # noqa: FBT001 - the value itself
    """Icon and word of a policy's state. The words are those of the policy report, not those of the device list."""
    kind, label = {True: ("ok", "Compliant"), False: ("bad", "Not Compliant"), None: ("none", "Not evaluated")}[met]
    return status(kind, label)
