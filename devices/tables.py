"""The list of devices and the pills above it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from blades import lists
from blades.tables import BladeTable, Empty
from devices import managed_by
from devices.columns import COLUMNS, COMPLIANCE_KINDS, PICKER, compliance_cell
from devices.filters import LABELS, WORDS, CheckIn, Facet, Wanted
from devices.models import Compliance
from devices.queries import DevicePage
from devices.visibility import Counts
from tenancy.http import OperatorRequest

__all__ = ["COMPLIANCE_KINDS", "COMPLIANCE_ORDER", "DeviceTable", "compliance_cell", "pills", "pills_to_add"]

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


# The filters that always stand in the row, and those that "Add filter" offers.
PILLS = {Facet.MANAGED_BY: "Managed by", Facet.COMPLIANCE: "Compliance", Facet.OS: "OS"}
MORE_PILLS = {Facet.OWNERSHIP: "Ownership", "last_checkin": "Last check-in"}


class DeviceTable(BladeTable):
    """A page of devices. It is sorted and cut by `queries.device_page`; its columns are those that are shown."""

    label = "Devices"
    body_template = "devices/_rows.html"
    filter_form = "filters"
    selectable = True
    selected_noun = "Devices selected (100 max)"

    @classmethod
    def for_page(
        cls, request: OperatorRequest, page: DevicePage, shown: Sequence[str], ticked: Collection[str] = ()
    ) -> DeviceTable:
        """The table of `page`, whose addresses continue that of `request`.

        shown: names of the columns, which `page` was fetched with. ticked: ids of rows.
        """
        usual = tuple(shown) == PICKER.default
        markup = _rows(page, shown, frozenset(ticked), *address_parts(request.tenant.slug, request.path))
        return cls(
            rows=[{"markup": markup}] if page.rows else [],
            extra_columns=[(name, (_USUAL if usual else _CHOSEN)[name]) for name in shown],
            order_by=page.wanted.sort_parameter,
            order_by_field="sort",
            records=page.record_line(),
            pager=page.pager(request.GET),
            empty=_empty(page, request.path),
            wide=usual,
        )


# Heads of columns: each of the usual ones has its share of the blade; with others, all have a width, and it scrolls.
_USUAL = {name: COLUMNS[name].head(COLUMNS[name].share) for name in PICKER.default}
_CHOSEN = {name: column.head(column.width) for name, column in COLUMNS.items()}


def _rows(page: DevicePage, shown: Sequence[str], ticked: frozenset[str], prefix: str, suffix: str) -> SafeString:
    """The page's rows as markup. A template's loop over them would cost as much as everything else on the page.

    What comes from the database is escaped, by the column; labels are ours, and made into cells once.
    """
    if not page.rows:
        return mark_safe("")
    ids, names, *values = list(zip(*page.rows, strict=True))[: len(shown) + 1]
    first = [
        f'<td class="c-check"><input class="check" type="checkbox" name="id" value="{pk}" form="selection"'
        f' aria-label="Select {name}"{" checked" if ticked and str(pk) in ticked else ""}></td>'
        f'<td><a href="{prefix}{pk}{suffix}">{name}</a></td>'
        for pk, name in zip(ids, map(escape, names), strict=True)
    ]
    cells = [COLUMNS[name].cells(column) for name, column in zip(shown[1:], values, strict=True)]
    rows = map("".join, zip(first, *cells, strict=True))
    return mark_safe("<tr>" + "</tr>\n<tr>".join(rows) + "</tr>")  # noqa: S308


def address_parts(slug: str, path: str) -> tuple[str, str]:
    """What stands before and after the id in the address of a device: made once a page, not once a row.

    path: of the list. Below it the address is relative, because fifty whole ones are a tenth of a fragment's bytes.
    """
    nobody = "00000000-0000-0000-0000-000000000000"
    prefix, _, suffix = reverse("devices:overview", args=[slug, nobody]).partition(nobody)
    return ("" if prefix == path else prefix), suffix


def _empty(page: DevicePage, path: str) -> Empty:
    if not page.total:
        return Empty("No devices to display", "Devices appear here after they are enrolled.")
    return Empty("No devices match the filters.", art="search", link_label="Clear filters", link_url=path)


# Pills


def pills(query: QueryDict, wanted: Wanted, counts: Counts) -> list[dict[str, Any]]:
    """The filters that are shown, for filter_pill.html. The counts are those of the lists, whatever is filtered."""
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
            "remove_url": lists.address(query, name) if added or ticked else "",
            "searchable": len(values) > 5,
            "single": name == "last_checkin",
        })  # fmt: skip
    return found


def pills_to_add(query: QueryDict) -> list[dict[str, str]]:
    """The filters that are not shown yet, for filter_add.html; an empty parameter shows the pill."""
    return [
        {"label": label, "url": lists.address(query, **{str(name): ""})}
        for name, label in MORE_PILLS.items()
        if name not in query
    ]


def _facet_values(facet: str, wanted: Wanted, counts: Counts) -> list[dict[str, Any]]:
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
