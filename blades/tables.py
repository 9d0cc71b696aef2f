"""The portal's detail list: django-tables2 does head, sorting and paging; a plain template draws the body.

A cell that goes through django-tables2 costs more than a whole row here, so rows are made display-ready once, in
Python, and looped over by `body_template`.

    class PartnerTable(BladeTable):
        platform = Column(order_by=("platform", "pk"), attrs={"th": {"class": "w-140"}})
        partner = Column(verbose_name="Compliance partner", order_by=("partner", "pk"))

        label = "Compliance partners"
        body_template = "partners/_rows.html"     # or leave it out, and give rows `cells`

        def display(self, records):
            return [{"id": c.pk, "label": c.name, "cells": [c.platform, link(c.url, c.name)]} for c in records]

    table = PartnerTable(queryset)                 # sorted and paged by django-tables2:
    RequestConfig(request, paginate={"per_page": 50}).configure(table)

    table = DeviceTable(rows=rows, order_by="name", records="Showing 1 to 50 of 10,000+ records", pager=Pager(...))
                                                   # or sorted and paged by the query
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from blades.templatetags.blades import POSITION_PARAMETERS, icon, status_html


class Column(tables.Column):
    """A column whose copies share what is only read. django-tables2 copies every column for every table it makes."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Column:
        return copy(self)


TEMPLATE = "tables/blade_table.html"

# Up to so many pages the pager is a drop-down; above, a field to type the number into.
PAGES_IN_DROP_DOWN = 50


@dataclass(frozen=True)
class Pager:
    """Where the neighbours of this page are. An empty address means that there is none."""

    previous_url: str = ""
    next_url: str = ""
    page: int | None = None
    pages: int | None = None

    @property
    def choices(self) -> range | None:
        if self.pages is None or self.pages > PAGES_IN_DROP_DOWN:
            return None
        return range(1, self.pages + 1)


@dataclass(frozen=True)
class Empty:
    """What stands in place of the rows when there are none."""

    title: str
    text: str = ""
    art: str = "link"
    action_label: str = ""
    action_url: str = ""
    link_label: str = ""
    link_url: str = ""


class BladeTable(tables.Table):
    """A list of a blade. Attributes of the class can be given to an instance as well, by name."""

    #: What is listed; names the table and its scrolling region.
    label = "Items"
    #: Word of the record line: "Showing 1 to 50 of 128 records".
    noun = "records"
    #: Template that draws a <tr> for each of `rows`; default: a row's `cells`, in the order of columns (`draw_rows`).
    body_template = "tables/plain_rows.html"
    #: A first column of checkboxes, posted as name=id with the form `selection_form`.
    selectable = False
    selection_form = "selection"
    #: What is counted beside the record line while rows are ticked: "Devices selected (100 max)".
    selected_noun = ""
    #: A last column for ⋯ menus; the body template draws them.
    row_menu = False
    #: Minimum width of 1136 px; a narrower blade scrolls sideways.
    wide = False
    #: No hover, no record line: a short table inside a page.
    plain = False
    #: Id of the filter form that shares the sort order; empty when there is none.
    filter_form = ""
    #: Shown instead of rows.
    empty: Empty = Empty("No items to display")

    def __init__(
        self,
        data: Any = None,
        *,
        rows: Sequence[Mapping[str, Any]] | None = None,
        records: str = "",
        pager: Pager | None = None,
        hidden: Iterable[str] = (),
        **options: Any,
    ) -> None:
        """List `data`, or `rows` that are display-ready and already sorted and paged.

        records: the record line of presorted rows
        pager: the pager of presorted rows
        hidden: names of columns that the operator has switched off; body templates look at `shown`
        options: attributes of the class, and everything that django-tables2 takes
        """
        for name in [name for name in options if hasattr(BladeTable, name) and not hasattr(tables.Table, name)]:
            setattr(self, name, options.pop(name))
        self._display = rows
        self._records = records
        self._pager = pager
        options.setdefault("template_name", TEMPLATE)
        super().__init__([] if data is None else data, **options)
        for name in hidden:
            self.columns.hide(name)

    def before_render(self, request: HttpRequest) -> None:
        self.request = request

    # what subclasses say

    def display(self, records: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
        """The page's records as display-ready dicts; here they are taken to be such already."""
        return records

    # what the template reads

    @property
    def display_rows(self) -> list[Mapping[str, Any]]:
        if self._display is None:
            page = getattr(self, "page", None)
            records = page.object_list.data if page is not None else self.rows.data
            self._display = list(self.display(records))
        return list(self._display)

    @property
    def drawn_rows(self) -> SafeString:
        """The rows as markup, from their `cells`."""
        return draw_rows(self, self.display_rows)

    @property
    def shown(self) -> set[str]:
        """Names of the columns that are shown."""
        return {column.name for column in self.columns.itervisible()}

    @property
    def heads(self) -> list[dict[str, Any]]:
        """One dict for each visible column: label, css, and where it can be sorted the address and state."""
        heads = []
        for column in self.columns.itervisible():
            head: dict[str, Any] = {
                "name": column.name,
                "label": column.header,
                "css": column.column.attrs.get("th", {}).get("class", ""),
            }
            if column.orderable and not self.plain:
                state = self._sort_state(column.name)
                head["url"] = self._address(
                    **{self.prefixed_order_by_field: f"{'-' if state == 'ascending' else ''}{column.name}"}
                )
                head["sort"] = state
                head["icon"] = {"none": "sort", "ascending": "sort-asc", "descending": "sort-desc"}[state]
            heads.append(head)
        return heads

    @property
    def drawn_heads(self) -> SafeString:
        """The heads as markup."""
        return draw_heads(self.heads)

    @property
    def column_count(self) -> int:
        return len(self.shown) + self.selectable + self.row_menu

    @property
    def sort(self) -> str:
        """The sort parameter as it stands in the address."""
        return ",".join(self.order_by or ())

    @property
    def records(self) -> str:
        page = getattr(self, "page", None)
        if self._records or page is None or not page.paginator.count:
            return self._records
        return f"Showing {page.start_index()} to {page.end_index()} of {page.paginator.count} {self.noun}"

    @property
    def pager(self) -> Pager | None:
        page = getattr(self, "page", None)
        if self._pager is not None or page is None or page.paginator.num_pages < 2:
            return self._pager
        field = self.prefixed_page_field
        return Pager(
            previous_url=self._address(**{field: page.previous_page_number()}) if page.has_previous() else "",
            next_url=self._address(**{field: page.next_page_number()}) if page.has_next() else "",
            page=page.number,
            pages=page.paginator.num_pages,
        )

    def _sort_state(self, name: str) -> str:
        first = next(iter(self.order_by or ()), "")
        if first.lstrip("-") != name:
            return "none"
        return "descending" if first.startswith("-") else "ascending"

    def _address(self, **parameters: object) -> str:
        """This list with other parameters, from its first page."""
        dropped = {*POSITION_PARAMETERS, self.prefixed_page_field, *parameters}
        kept = [(name, values) for name, values in self.request.GET.lists() if name not in dropped]
        return f"?{urlencode([*kept, *parameters.items()], doseq=True)}"


def draw_heads(heads: Iterable[Mapping[str, Any]]) -> SafeString:
    """The heads of a table as markup, drawn in Python as its rows are: a loop of a template takes a sixth of a page."""
    drawn = []
    for head in heads:
        css = f' class="{escape(head["css"])}"' if head["css"] else ""
        label = conditional_escape(head["label"])
        if "url" in head:
            url = escape(head["url"])
            drawn.append(
                f'<th scope="col"{css} aria-sort="{head["sort"]}"><a class="grid__sort" id="sort-{head["name"]}"'
                f' href="{url}" hx-get="{url}"><span>{label}</span>{icon(head["icon"])}</a></th>'
            )
        else:
            drawn.append(f'<th scope="col"{css}>{label}</th>')
    return mark_safe("".join(drawn))  # noqa: S308


def draw_rows(table: BladeTable, rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """The body of a table without a template of its own, for tables/plain_rows.html.

    Drawn in Python, because a template's loop over five hundred cells takes longer than all statements of the page.
    Cells are escaped unless they are markup.
    """
    drawn = []
    for row in rows:
        parts = ["<tr>"]
        if table.selectable:
            parts.append(
                f'<td class="c-check"><input class="check" type="checkbox" name="id" value="{row["id"]}"'
                f' form="{table.selection_form}" aria-label="Select {escape(str(row["label"]))}"'
                f"{' checked' if row.get('checked') else ''}></td>"
            )
        parts += [f"<td>{cell if type(cell) is SafeString else escape(str(cell))}</td>" for cell in row["cells"]]
        if table.row_menu:
            parts.append(f'<td class="c-more">{_row_menu(row)}</td>')
        parts.append("</tr>")
        drawn.append("".join(parts))
    return mark_safe("\n".join(drawn))  # noqa: S308


def _row_menu(row: Mapping[str, Any]) -> str:
    if not row.get("menu"):
        return ""
    context = {"id": f"row-{row['id']}", "label": row["label"], "items": row["menu"]}
    return render_to_string("components/row_menu.html", context)


NOBODY = "00000000-0000-0000-0000-000000000000"


def item_urls(view: str, slug: str, *above: object) -> Callable[[object], str]:
    """A function from an id to the address of `view`: reversed once a page, not once a row.

    above: ids of what the item is below.
    """
    before, _, after = reverse(view, args=[slug, *above, NOBODY]).partition(NOBODY)
    return lambda pk: f"{before}{pk}{after}"


def link(url: str, text: str) -> SafeString:
    """A cell that leads to the item."""
    return format_html('<a href="{}">{}</a>', url, text)


def status(kind: str, label: str) -> SafeString:
    """A cell with icon and word. kind: ok, bad, warn, info or none."""
    return status_html(kind, label)
