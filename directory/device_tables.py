"""Azure AD's device list: columns, cells and filters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.safestring import SafeString

from blades import lists
from blades.lists import ListPage
from blades.tables import BladeTable, Column, Empty, item_urls, link, status
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from directory.device_filters import ACTIVITY, COMPLIANT, NONE, YES_NO, DeviceFilters
from directory.models import DirectoryDevice
from tenancy.http import OperatorRequest
from tenancy.roles import Permission
from tenancy.scoping import NEVER

# Filter to its label. Those of the second line are behind "Add filter" until they are used.
PILLS = {"enabled": "Enabled", "compliant": "Compliant", "join_type": "Join type", "activity": "Activity"}
HOW_SEARCHED = "The search finds names by their beginning, and whole IDs."
MORE_PILLS = {"os": "OS", "mdm": "MDM", "owner": "Owner"}


def enabled_cell(record: DirectoryDevice) -> SafeString:
    return status("ok", "Yes") if record.enabled else status("bad", "No")


def compliant_cell(record: DirectoryDevice) -> SafeString:
    """Azure AD's own verdict; nothing was ever reported: N/A."""
    if record.is_compliant is None:
        return status("none", "N/A")
    return status("ok", "Yes") if record.is_compliant else status("bad", "No")


def join_type(record: DirectoryDevice) -> str:
    return say(record.get_join_type_display())


def activity(moment: datetime) -> str:
    """Empty where the device was never active."""
    return portal_date(moment) if moment > NEVER else ""


def owner_cells(request: OperatorRequest) -> Callable[[DirectoryDevice], SafeString | str]:
    """A function from a record to its owner, as a link for those who may read users."""
    may = request.membership.may(Permission.DIRECTORY_READ)
    address = item_urls("directory:user-overview", request.tenant.slug)

    def cell(record: DirectoryDevice) -> SafeString | str:
        if record.owner is None:
            return ""
        return link(address(record.owner.pk), record.owner.display_name) if may else record.owner.display_name

    return cell


class DirectoryDeviceTable(BladeTable):
    """The columns of Devices > All devices; a column is sorted where an index stands behind it."""

    # Compliant is what the list is opened for: it is in sight in a window of 1366 px.
    name = Column(attrs={"th": {"class": "w-140"}})
    enabled = Column(attrs={"th": {"class": "w-90"}})
    os = Column(verbose_name="OS", attrs={"th": {"class": "w-70"}})
    version = Column(orderable=False, attrs={"th": {"class": "w-70"}})
    join_type = Column(verbose_name="Join Type", attrs={"th": {"class": "w-140"}})
    owner = Column(attrs={"th": {"class": "w-100"}})
    mdm = Column(verbose_name="MDM", attrs={"th": {"class": "w-120"}})
    compliant = Column(orderable=False, attrs={"th": {"class": "w-100"}})
    registered = Column(orderable=False, attrs={"th": {"class": "w-160"}})
    activity = Column(attrs={"th": {"class": "w-160"}})

    label = "Devices"
    noun = "devices"
    filter_form = "filters"
    wide = True
    selectable = True

    @classmethod
    def for_page(
        cls, request: OperatorRequest, page: ListPage[DirectoryDevice], filters: DeviceFilters, ticked: Collection[UUID]
    ) -> DirectoryDeviceTable:
        """The table of `page`, whose addresses continue that of `request`. ticked: ids of rows that are selected."""
        if filters:
            empty = Empty(
                "No devices match the filters.",
                HOW_SEARCHED if page.asked.term else "",
                art="search",
                link_label="Clear filters",
                link_url=request.path,
            )
        else:
            text = say("Devices appear here after they are joined to Azure AD or registered with it.")
            empty = Empty("No devices to display", text)
        address = item_urls("directory:device-overview", request.tenant.slug)
        owner = owner_cells(request)
        return cls(
            rows=[_row(record, address(record.pk), owner(record), ticked) for record in page.rows],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line(),
            pager=page.pager(request.GET),
            empty=empty,
        )


def _row(record: DirectoryDevice, url: str, owner: SafeString | str, ticked: Collection[UUID]) -> dict[str, Any]:
    return {
        "id": record.pk,
        "label": record.display_name,
        "checked": record.pk in ticked,
        "cells": [
            link(url, record.display_name),
            enabled_cell(record),
            record.os,
            record.os_version,
            join_type(record),
            owner,
            record.mdm or "None",
            compliant_cell(record),
            portal_date(record.registered_at, "Pending"),
            activity(record.activity_at),
        ],
    }


def pills(query: QueryDict, in_use: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The filters that are shown. in_use: the values of OS and MDM that there are."""
    choices: dict[str, dict[str, str]] = {
        "enabled": YES_NO,
        "compliant": COMPLIANT,
        "join_type": {value: say(label) for value, label in DirectoryDevice.JoinType.choices},
        "activity": ACTIVITY,
        "os": _choices(query, "os", in_use),
        "mdm": _choices(query, "mdm", in_use),
    }
    found = [lists.pill(query, name, PILLS[name], choices[name], single=name == "activity") for name in PILLS]
    for name, label in MORE_PILLS.items():
        if name not in query:
            continue
        if name == "owner":
            value = query.get(name, "")
            found.append({"name": name, "label": label, "text": True, "value": value, "remove_url": _without(query)})
        else:
            found.append(lists.pill(query, name, label, choices[name], added=True))
    return found


def pills_to_add(query: QueryDict) -> list[dict[str, str]]:
    """The filters that are not shown yet, for filter_add.html; an empty parameter shows the pill."""
    return [
        {"label": label, "url": lists.address(query, **{name: ""})}
        for name, label in MORE_PILLS.items()
        if name not in query
    ]


def _without(query: QueryDict) -> str:
    return lists.address(query, "owner")


def _choices(query: QueryDict, name: str, in_use: dict[str, list[str]]) -> dict[str, str]:
    """The values in use, and those that the address asks for although there are none of them."""
    asked = [value for value in query.getlist(name) if value]
    values = dict.fromkeys([*(value or NONE for value in in_use[name]), *asked])
    return {value: "None" if value == NONE else value for value in values}
