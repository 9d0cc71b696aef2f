"""The list of devices and the pills above it."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from blades.tables import BladeTable, Column, Empty, Pager, status
from blades.templatetags.blades import portal_date
from devices import managed_by
from devices.filters import LABELS, WORDS, CheckIn, Facet, Wanted
from devices.models import Compliance
from devices.queries import COUNTED, DevicePage
from tenancy.http import OperatorRequest
from tenancy.scoping import NEVER

COMPLIANCE_KINDS = {
    Compliance.COMPLIANT: "ok",
    Compliance.CONFLICT: "bad",
    Compliance.ERROR: "bad",
    Compliance.IN_GRACE_PERIOD: "warn",
    Compliance.NOT_COMPLIANT: "bad",
    Compliance.NOT_EVALUATED: "none",
    Compliance.SEE_CONFIGMGR: "none",
    Compliance.UNKNOWN: "none",
}


# What is fine, what soon is not, what is not, what nobody knows.
COMPLIANCE_ORDER = (
    Compliance.COMPLIANT,
    Compliance.IN_GRACE_PERIOD,
    Compliance.NOT_COMPLIANT,
    Compliance.CONFLICT,
    Compliance.ERROR,
    Compliance.NOT_EVALUATED,
    Compliance.UNKNOWN,
    Compliance.SEE_CONFIGMGR,
)


@cache
def compliance_cell(compliance: int) -> SafeString:
    """Icon and word of a state."""
    state = Compliance(compliance)
    return status(COMPLIANCE_KINDS[state], state.label)


# Parameters of the position in a list: a new order or filter starts from the top.
POSITION = ("page", "after", "before", "pane")

# The filters that always stand in the row, and those that "Add filter" offers.
PILLS = {Facet.MANAGED_BY: "Managed by", Facet.COMPLIANCE: "Compliance", Facet.OS: "OS"}
MORE_PILLS = {Facet.OWNERSHIP: "Ownership", "last_checkin": "Last check-in"}


class DeviceTable(BladeTable):
    """A page of devices. It is sorted and cut by `queries.device_page`."""

    name = Column(verbose_name="Device name", order_by=("name_key", "pk"), attrs={"th": {"class": "p-15"}})
    managed_by = Column(
        verbose_name="Managed by", order_by=("managed_by", "name_key", "pk"), attrs={"th": {"class": "p-17"}}
    )
    ownership = Column(order_by=("ownership", "name_key", "pk"), attrs={"th": {"class": "p-10"}})
    compliance = Column(order_by=("compliance", "name_key", "pk"), attrs={"th": {"class": "p-12"}})
    os = Column(verbose_name="OS", order_by=("os", "name_key", "pk"), attrs={"th": {"class": "p-8"}})
    os_version = Column(verbose_name="OS version", order_by=("os_version_key", "pk"), attrs={"th": {"class": "p-10"}})
    last_checkin = Column(
        verbose_name="Last check-in", order_by=("last_checkin_at", "pk"), attrs={"th": {"class": "p-13"}}
    )
    upn = Column(verbose_name="Primary user UPN", order_by=("user_upn_key", "pk"), attrs={"th": {"class": "p-15"}})

    label = "Devices"
    body_template = "devices/_rows.html"
    filter_form = "filters"
    wide = True

    @classmethod
    def for_page(cls, request: OperatorRequest, page: DevicePage) -> DeviceTable:
        """The table of `page`, whose addresses continue that of `request`."""
        return cls(
            rows=[{"markup": _rows(page, *address_parts(request.tenant.slug, request.path))}] if page.rows else [],
            order_by=page.wanted.sort_parameter,
            order_by_field="sort",
            records=record_line(page),
            pager=_pager(page, request.GET),
            empty=_empty(page, request.path),
        )


def _rows(page: DevicePage, prefix: str, suffix: str) -> SafeString:
    """The page's rows as markup. A template's loop over them would cost as much as everything else on the page.

    What comes from the database is escaped here; labels are ours, and made into cells once.
    """
    managers, ownerships = _cells(Facet.MANAGED_BY), _cells(Facet.OWNERSHIP)
    states, systems = _cells(Facet.COMPLIANCE), _cells(Facet.OS)
    return mark_safe(  # noqa: S308
        "\n".join(
            f'<tr><td><a href="{prefix}{pk}{suffix}">{escape(name)}</a></td>{managers[manager]}{ownerships[ownership]}'
            f"{states[compliance]}{systems[os]}<td>{escape(os_version)}</td>"
            f"<td>{portal_date(last_checkin_at) if last_checkin_at > NEVER else ''}</td><td>{escape(upn)}</td></tr>"
            for pk, name, manager, ownership, compliance, os, os_version, last_checkin_at, upn, *_ in page.rows
        )
    )


@cache
def _cells(facet: str) -> dict[int, SafeString]:
    """Number to the cell that shows its label."""
    drawn = compliance_cell if facet == Facet.COMPLIANCE else LABELS[facet].__getitem__
    return {number: format_html("<td>{}</td>", drawn(number)) for number in LABELS[facet]}


def address_parts(slug: str, path: str) -> tuple[str, str]:
    """What stands before and after the id in the address of a device: made once a page, not once a row.

    path: of the list. Below it the address is relative, because fifty whole ones are a tenth of a fragment's bytes.
    """
    nobody = "00000000-0000-0000-0000-000000000000"
    prefix, _, suffix = reverse("devices:overview", args=[slug, nobody]).partition(nobody)
    return ("" if prefix == path else prefix), suffix


def record_line(page: DevicePage) -> str:
    """ "Showing 51 to 100 of 128 records", or of "10,000+" where nobody has counted to the end."""
    if not page.rows:
        return "0 records" if page.total else ""
    total = f"{page.matching:,}" if page.counted else f"{min(page.matching, COUNTED):,}+"
    return f"Showing {page.offset + 1:,} to {page.offset + len(page.rows):,} of {total} records"


def _pager(page: DevicePage, query: QueryDict) -> Pager | None:
    if page.previous is None and page.next is None:
        return None
    kept = without_position(query)
    previous = following = ""
    if page.previous is not None:
        # The first page has one address, however it is reached.
        first = page.offset <= page.wanted.per_page
        previous = _address(kept) if first else _address(kept, before=page.wanted.write_cursor(page.previous))
    if page.next is not None:
        following = _address(kept, after=page.wanted.write_cursor(page.next))
    return Pager(previous, following, page.number, page.pages)


def _empty(page: DevicePage, path: str) -> Empty:
    if not page.total:
        return Empty("No devices to display", "Devices appear here after they are enrolled.")
    return Empty("No devices match the filters.", art="search", link_label="Clear filters", link_url=path)


def without_position(query: QueryDict, *without: str) -> list[tuple[str, str]]:
    """The parameters of an address but those of the position in the list, and but those named."""
    dropped = {*POSITION, *without}
    return [(name, value) for name, values in query.lists() if name not in dropped for value in values]


def _address(parameters: list[tuple[str, str]], **more: str) -> str:
    return f"?{urlencode([*parameters, *more.items()])}"


# Pills


def pills(query: QueryDict, wanted: Wanted, counts: dict[str, dict[int, int]]) -> list[dict[str, Any]]:
    """The filters that are shown, for filter_pill.html. The counts are the tenant's, whatever is filtered."""
    found = []
    for name, label in (PILLS | MORE_PILLS).items():
        added = name in MORE_PILLS and name in query
        if name in MORE_PILLS and not added:
            continue
        values = _check_in_values(wanted) if name == "last_checkin" else _facet_values(name, wanted, counts)
        ticked = any(value["checked"] for value in values)
        found.append({
            "name": str(name),
            "label": label,
            "values": values,
            "remove_url": _address(without_position(query, name)) if added or ticked else "",
            "searchable": len(values) > 5,
            "single": name == "last_checkin",
        })  # fmt: skip
    return found


def pills_to_add(query: QueryDict) -> list[dict[str, str]]:
    """The filters that are not shown yet, for filter_add.html; an empty parameter shows the pill."""
    kept = without_position(query)
    return [
        {"label": label, "url": _address(kept, **{str(name): ""})}
        for name, label in MORE_PILLS.items()
        if name not in query
    ]


def _facet_values(facet: str, wanted: Wanted, counts: dict[str, dict[int, int]]) -> list[dict[str, Any]]:
    """Every value with its count; of the many managers those that have devices here, and Intune."""
    chosen = wanted.filters.facets.get(facet, ())
    kept = counts.get(facet, {})
    return [
        {"value": WORDS[facet][number], "label": label, "count": kept.get(number, 0), "checked": number in chosen}
        for number, label in LABELS[facet].items()
        if facet != Facet.MANAGED_BY or kept.get(number) or number in chosen or number == managed_by.MDM
    ]


def _check_in_values(wanted: Wanted) -> list[dict[str, Any]]:
    chosen = wanted.filters.checkins
    return [{"value": checkin.value, "label": checkin.label, "checked": checkin in chosen} for checkin in CheckIn]
