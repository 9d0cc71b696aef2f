"""The component page: every component in every state, over invented data and without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_tables2 import RequestConfig

from blades.columns import Columns
from blades.forms import BladeForm
from blades.tables import BladeTable, Column, Empty, link, status

SCOPES = [("none", "None"), ("selected", "Some"), ("all", "All")]
PLATFORMS = [("", "Select a platform"), ("android", "Android"), ("ios", "iOS/iPadOS"), ("macos", "macOS")]
GROUPS = [
    ("All company", "Dynamic · 212 members"),
    ("Android pilot", "Assigned · 18 members"),
    ("Contractors", "Assigned · 31 members"),
    ("Field engineers – iOS", "Assigned · 46 members"),
    ("Front desk", "Assigned · 9 members"),
    ("Helpdesk trainees", "Assigned · 12 members"),
    ("Warehouse leads", "Assigned · 14 members"),
]
STATES = [
    ("ok", "Compliant"),
    ("bad", "Not compliant"),
    ("warn", "In grace period"),
    ("info", "Pending activation"),
    ("none", "Not evaluated"),
]

# fmt: off
ICONS = [
    "bell", "bell-off", "settings", "help", "smile", "search", "refresh", "download", "delete", "save",
    "filter-add", "columns", "pin", "copy", "open", "info", "info-f", "ok-f", "bad-f", "warn-f", "error-f", "circle",
    "person", "people", "person-add", "sync", "bulk", "signout", "edit", "calendar", "history", "x", "x-s",
    "chev-d", "chev-u", "chev-r", "chev-l", "chev-ll", "plus", "arrow-r", "arrow-up", "arrow-down", "sort",
    "sort-asc", "sort-desc", "more", "swap", "clock", "key", "lock", "power", "eraser", "rename", "filter", "play",
    "book", "hint", "link", "upload", "check", "undo", "trophy",
]
# fmt: on


class SampleForm(BladeForm):
    name = forms.CharField(label="Display name", help_text="The name that operators see in lists.")
    url = forms.URLField(label="MDM discovery URL", assume_scheme="https", required=False)
    platform = forms.ChoiceField(choices=PLATFORMS, help_text="A platform has one partner at most.")
    comment = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    fixed = forms.CharField(label="Read only", required=False, disabled=True, initial="iOS/iPadOS")
    scope = forms.ChoiceField(
        label="MDM user scope",
        choices=SCOPES,
        widget=forms.RadioSelect,
        help_text="None: no users. Some: members of the selected groups. All: every user.",
    )
    ownership = forms.ChoiceField(
        choices=[("corporate", "Corporate"), ("personal", "Personal"), ("unknown", "Unknown")],
        widget=forms.RadioSelect,
        required=False,
    )
    notify = forms.BooleanField(label="Send a notification", required=False)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError("Enter a URL that starts with https://.")
        return url


class SampleTable(BladeTable):
    name = Column(verbose_name="Device name", order_by=("name", "id"), attrs={"th": {"class": "p-30"}})
    managed_by = Column(verbose_name="Managed by", order_by=("managed_by", "id"))
    compliance = Column(order_by=("compliance", "id"))
    seen = Column(verbose_name="Last check-in", orderable=False)

    label = "Devices"
    selectable = True
    row_menu = True
    filter_form = "filters"

    def display(self, records: Any) -> list[dict[str, Any]]:
        menu = [{"label": "Sync", "url": "#blade-title", "icon": "sync"}]
        return [
            {
                "id": record["id"],
                "label": record["name"],
                "cells": [
                    link("#blade-title", record["name"]),
                    record["managed_by"],
                    status(*record["compliance"]),
                    record["seen"],
                ],
                "menu": menu,
            }
            for record in records
        ]


COLUMNS = Columns.of("sample", SampleTable, optional=("seen",))


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Draw the page. ?theme=dark shows the dark theme; ?pane=… opens a pane, as it does without script."""
    _pretend(request)
    stored = {"name": "Workspace ONE", "url": "", "scope": "none", "ownership": "corporate", "notify": False}
    posted = {"name": "", "url": "htp://mdm", "platform": "", "scope": "selected", "ownership": "personal"}
    context = {
        "portal": _portal(),
        "form": SampleForm(initial=stored, prefix="rest"),
        "bound": SampleForm({f"bad-{name}": value for name, value in posted.items()}, initial=stored, prefix="bad"),
        "table": _table(request, _devices()),
        "nothing": _table(
            request, [], empty=Empty("No devices to display", "Devices appear once they enroll."), label="No devices"
        ),
        "short": BladeTable(
            rows=[{"cells": ["Field engineers – iOS", "46 users"]}],
            extra_columns=[("group", Column(verbose_name="Groups")), ("members", Column(verbose_name="Group members"))],
            label="Included groups",
            plain=True,
        ),
        "states": [{"kind": kind, "label": label} for kind, label in STATES],
        "counts": [
            {"kind": kind, "label": label, "count": count, "url": "#blade-title"}
            for (kind, label), count in zip(STATES, (38, 6, 3, 0, 2), strict=True)
        ],
        "systems": [{"label": label, "count": count} for label, count in (("Android", 31), ("iOS", 42), ("macOS", 11))],
        "filters": [
            {"value": "android", "label": "Android", "count": 31},
            {"value": "ios", "label": "iOS", "count": 42},
            {"value": "macos", "label": "macOS", "count": 11},
        ],
        "chosen": [
            {"value": "bad", "label": "Not compliant", "count": 6, "checked": True},
            {"value": "ok", "label": "Compliant", "count": 38},
        ],
        "tabs": [
            {"label": "Details", "url": "#blade-title", "current": True},
            {"label": "Status", "url": "#blade-title"},
            {"label": "Left out", "reason": "The console does not have this."},
        ],
        "ranges": [
            {"value": "24h", "label": "Last 24 hours"},
            {"value": "7d", "label": "Last 7 days", "checked": True},
        ],
        "steps": [
            {
                "label": f"Steps: {first}, {second}, {third}",
                "steps": [
                    {"label": "Basics", "url": "#blade-title", "state": first},
                    {"label": "Assignments", "url": "#blade-title", "state": second},
                    {"label": "Review + create", "url": "#blade-title", "state": third},
                ],
            }
            for first, second, third in (
                ("current", "ahead", "ahead"),
                ("done", "current", "ahead"),
                ("done", "bad", "current"),
                ("current-bad", "ahead", "ahead"),
            )
        ],
        "summary": [
            {"label": "Compliance partner", "value": "VMware Workspace ONE mobile compliance"},
            {"label": "Included groups", "lines": ["Field engineers – iOS", "Warehouse leads"]},
            {"label": "Excluded groups", "value": ""},
            {"label": "Platform", "value": "", "errors": ["Select a platform."]},
        ],
        "essentials": [
            {"label": "Partner status", "value": status("info", "Pending activation")},
            {"label": "Platform", "value": "iOS/iPadOS"},
            {"label": "Last successful sync", "value": "Never"},
            {"label": "Included groups", "value": "2 groups", "url": "#blade-title"},
        ],
        "tiles": [
            {"name": "AirWatch", "publisher": "VMware", "url": "?pane=sample", "pane": "pane-sample"},
            {"name": "On-premises MDM application", "publisher": "Custom application", "url": "#blade-title"},
        ],
        "facts": [{"label": "Name", "value": "AirWatch"}, {"label": "Publisher", "value": "VMware"}],
        "toast_samples": [
            {
                "level": "success",
                "title": "Compliance partner created",
                "text": "Successfully created 'Workspace ONE'.",
            },
            {"level": "error", "title": "Saving configuration failed", "text": "Unable to save 'AirWatch'."},
            {"level": "warning", "title": "Partner unresponsive", "text": "No heartbeat for 3 days."},
            {"level": "info", "title": "Directory reset", "text": "The directory is back at its starting point."},
            {"level": "progress", "title": "Saving assignments", "text": "Saving assignments of 'Workspace ONE'…"},
        ],
        "missing": ["Select at least one group."],
        "add_choices": [
            {"label": "Ownership", "url": "#blade-title"},
            {"label": "Last check-in", "url": "#blade-title"},
        ],
        "icon_names": ICONS,
        "sentence": "You do not have access. This requires the permission 'Managed devices: delete'.",
        "pane": request.GET.get("pane", ""),
        "columns": COLUMNS.picker(COLUMNS.default, action="#blade-title", back="?"),
        **_picker(request),
    }
    return render(request, "blades/components.html", context)


def _picker(request: HttpRequest) -> dict[str, Any]:
    query = request.GET.get("groups_q", "").strip()
    chosen = {"Field engineers – iOS", "Warehouse leads"}
    listed = [(name, detail) for name, detail in GROUPS if query.lower() in name.lower()]
    names = {name for name, _ in listed}
    return {
        "query": query,
        "choices": [{"id": name, "name": name, "detail": detail, "checked": name in chosen} for name, detail in listed],
        "selected": [{"id": name, "name": name, "listed": name in names} for name in sorted(chosen)],
    }


def _devices() -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": f"KL-AND-{number:03}",
            "managed_by": "MDM" if number % 3 else "VMware Workspace ONE mobile compliance",
            "compliance": STATES[number % len(STATES)],
            "seen": "7/15/2020, 9:42:11 AM",
        }
        for number in range(1, 13)
    ]


def _table(request: HttpRequest, devices: list[dict[str, Any]], **options: Any) -> SampleTable:
    table = SampleTable(devices, order_by="name", **options)
    RequestConfig(request, paginate={"per_page": 5, "silent": True}).configure(table)
    return table


def _pretend(request: HttpRequest) -> None:
    """Give the request what the frame reads of a signed-in operator."""
    known: Any = request
    known.user = SimpleNamespace(
        email="mara.lindqvist@kestrel.example",
        display_name="Mara Lindqvist",
        initials="ML",
        theme="dark" if request.GET.get("theme") == "dark" else "light",
        high_contrast=request.GET.get("contrast") == "high",
        single_keys=True,
        page_size=50,
        language="en-US",
        regional_format="en-US",
        start_page="home",
        nav_collapsed=request.GET.get("nav") == "collapsed",
        is_authenticated=True,
    )
    known.tenant = SimpleNamespace(slug="sample", display_name="Kestrel Logistics")
    known.membership = SimpleNamespace(role_label="Intune administrator", unread=2, going_on=False)


def _portal() -> dict[str, Any]:
    here = "#blade-title"

    def items(*entries: tuple[str, str], current: str = "") -> list[dict[str, Any]]:
        return [{"label": label, "url": here, "icon": icon, "current": label == current} for label, icon in entries]

    return {
        "product": "Bladeworks",
        "center": {"key": "endpoint", "label": "Endpoint Manager admin center", "url": here},
        "other_center": {"label": "Azure Active Directory admin center", "url": here},
        "nav": items(("Home", "home"), ("Dashboard", "board"), ("All services", "apps_list")),
        "favorites": items(
            ("Devices", "phone_laptop"),
            ("Endpoint security", "shield_checkmark"),
            ("Groups", "people"),
            ("Tenant administration", "building"),
            current="Endpoint security",
        ),
        "crumbs": [{"label": "Home", "url": here}, {"label": "Reference", "url": here}],
        "close_url": here,
        "menu": {
            "label": "Sample",
            "groups": [
                {"heading": "", "items": items(("Overview", "info"))},
                {
                    "heading": "Manage",
                    "items": items(("Components", "apps"), ("Properties", "options"), current="Components"),
                },
            ],
        },
        "heading": "Component states",
        "page": "Components",
        "subtitle": "Reference",
        "icon": "toolbox",
        "tenant_time": datetime(2020, 7, 20, 8, 0, tzinfo=UTC),
    }
