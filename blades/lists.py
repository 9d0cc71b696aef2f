"""Lists over a queryset, with the addresses that every list of the portal has.

    ORDERS = {"name": ("name_key", "id"), "activity": ("activity_at", "id")}

    asked = lists.read(request.GET, ORDERS, default="name", per_page=request.user.page_size)
    users = DirectoryUser.objects.in_tenant(request.tenant).starting_with(asked.term)
    page = lists.page_of(users, asked)
    table = UserTable(rows=[…page.rows…], order_by=asked.sort_parameter, order_by_field="sort",
                      records=page.record_line(), pager=page.pager(request.GET), empty=…)

Rows are counted up to COUNTED and no further; a page that continues another starts behind that page's last row
(`after`, `before`), so its depth costs nothing. Unknown sorts, pages and cursors are taken as if they were not there.
Each order needs an index (tenant, *columns); its columns are never null, and the last one is unique.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlencode

from django.db import models
from django.http import QueryDict

from blades.paging import Cursor, Order, read_cursor, write_cursor
from blades.tables import Pager
from blades.templatetags.blades import POSITION_PARAMETERS

PER_PAGE, SMALLEST_PAGE, LARGEST_PAGE = 50, 10, 100
LONGEST_TERM = 100
COUNTED = 10_000

M = TypeVar("M", bound=models.Model)
R = TypeVar("R")


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for. At most one of after, before and page says where the page starts."""

    orders: Mapping[str, tuple[str, ...]]
    sort: str
    descending: bool = False
    term: str = ""
    per_page: int = PER_PAGE
    after: str = ""
    before: str = ""
    page: int = 1

    @property
    def order(self) -> Order:
        return Order(self.orders[self.sort], self.descending)

    @property
    def sort_parameter(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort


def read(query: QueryDict, orders: Mapping[str, tuple[str, ...]], *, default: str, per_page: int = PER_PAGE) -> Asked:
    """What `query` asks for. default: the sort parameter of the list, "-date" for the latest first."""
    sort = query.get("sort", "")
    if sort.removeprefix("-") not in orders:
        sort = default
    return Asked(
        orders=orders,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        term=query.get("q", "").replace("\x00", "").strip()[:LONGEST_TERM],
        per_page=min(max(whole(query.get("per_page", ""), per_page), SMALLEST_PAGE), LARGEST_PAGE),
        after=query.get("after", ""),
        before=query.get("before", ""),
        page=max(whole(query.get("page", ""), 1), 1),
    )


class Portion(ABC):
    """The rows of one page, and where they stand in their list.

    offset: number of the first row, from 0. matching: rows of the list; not `counted`: there are more.
    """

    offset: int
    matching: int
    counted: bool
    rows: list[Any]

    @property
    @abstractmethod
    def per_page(self) -> int: ...

    @abstractmethod
    def cursors(self) -> tuple[str, str]:
        """Where the pages before and after this one start, as text for an address; empty where there is none."""

    @property
    def number(self) -> int:
        return self.offset // self.per_page + 1

    @property
    def pages(self) -> int | None:
        """How many pages there are; None when nobody has counted."""
        return max(-(-self.matching // self.per_page), 1) if self.counted else None

    def record_line(self, noun: str = "records") -> str:
        """ "Showing 51 to 100 of 128 records", or of "10,000+" where nobody has counted to the end."""
        if not self.rows:
            return f"0 {noun}"
        total = f"{self.matching:,}" if self.counted else f"{self.matching:,}+"
        return f"Showing {self.offset + 1:,} to {self.offset + len(self.rows):,} of {total} {noun}"

    def pager(self, query: QueryDict) -> Pager | None:
        """The neighbours of this page, as addresses that keep the rest of `query`."""
        before, after = self.cursors()
        if not before and not after:
            return None
        previous = following = ""
        if before:
            # The first page has one address, however it is reached.
            first = self.offset <= self.per_page
            previous = address(query) if first else address(query, before=before)
        if after:
            following = address(query, after=after)
        return Pager(previous, following, self.number, self.pages)


@dataclass
class ListPage(Portion, Generic[M]):
    """One page of a queryset."""

    asked: Asked
    matching: int
    counted: bool
    offset: int = 0
    rows: list[M] = field(default_factory=list)
    previous: str = ""
    next: str = ""

    @property
    def per_page(self) -> int:
        return self.asked.per_page

    def cursors(self) -> tuple[str, str]:
        return self.previous, self.next


def page_of(rows: models.QuerySet[M, M], asked: Asked, *, matching: int | None = None) -> ListPage[M]:
    """The page of `rows` that is asked for, or the nearest that there is. matching: how many, where known."""
    if matching is None:
        matching = rows.order_by()[: COUNTED + 1].count()
    page: ListPage[M] = ListPage(asked, min(matching, COUNTED), counted=matching <= COUNTED)
    if not matching:
        return page
    size = asked.per_page
    fields = [_field(rows.model, column) for column in asked.order.columns]
    after = read_cursor(asked.after, asked.sort_parameter, fields)
    before = None if after else read_cursor(asked.before, asked.sort_parameter, fields)
    more = False
    if after is not None:
        page.offset = after.offset
        page.rows = _behind(rows, asked.order, after.key, size + 1)
        more = len(page.rows) > size
    elif before is not None:
        page.offset = max(before.offset - size, 0)
        page.rows = _behind(rows, asked.order.reversed(), before.key, size)[::-1]
        more = True
    if not page.rows or (before is not None and len(page.rows) < size):
        # Without a cursor, or the rows around it are gone.
        last = max(-(-page.matching // size), 1)
        page.offset = (min(asked.page, last) - 1) * size if after is None and before is None else 0
        page.rows = list(rows.order_by(*asked.order.names())[page.offset : page.offset + size + 1])
        more = len(page.rows) > size
    page.rows = page.rows[:size]
    columns = asked.order.columns
    if page.offset and page.rows:
        key = tuple(getattr(page.rows[0], column) for column in columns)
        page.previous = write_cursor(Cursor(page.offset, key), asked.sort_parameter, fields)
    if more:
        key = tuple(getattr(page.rows[-1], column) for column in columns)
        page.next = write_cursor(Cursor(page.offset + len(page.rows), key), asked.sort_parameter, fields)
    return page


def _behind(rows: models.QuerySet[M, M], order: Order, key: Sequence[Any], limit: int) -> list[M]:
    """The first rows behind `key`: one range of the index after the other, nearest first, until there are enough."""
    found: list[M] = []
    comparison = "lt" if order.descending else "gt"
    for last in reversed(range(len(order.columns))):
        if len(found) >= limit:
            break
        same = dict(zip(order.columns[:last], key, strict=False))
        part = rows.filter(**same, **{f"{order.columns[last]}__{comparison}": key[last]})
        found += part.order_by(*order.names())[: limit - len(found)]
    return found


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def whole(text: str, default: int) -> int:
    """The whole number that `text` is, else `default`."""
    return int(text) if text.isdecimal() and len(text) <= 9 else default


def part_of(rows: Sequence[R], query: QueryDict, *, per_page: int, noun: str) -> tuple[Sequence[R], str, Pager | None]:
    """The page of `rows`, which are known already, that `?page=` asks for; its record line and its pager."""
    pages = max(-(-len(rows) // per_page), 1)
    number = min(max(whole(query.get("page", ""), 1), 1), pages)
    start = (number - 1) * per_page
    shown = rows[start : start + per_page]
    if not shown:
        return shown, "", None
    line = f"Showing {start + 1:,} to {start + len(shown):,} of {len(rows):,} {noun}"
    before = address(query, page=str(number - 1)) if number > 1 else ""
    after = address(query, page=str(number + 1)) if number < pages else ""
    return shown, line, Pager(before, after, number, pages) if pages > 1 else None


# Addresses and pills


def kept(query: QueryDict, *without: str) -> list[tuple[str, str]]:
    """The parameters of an address but those of the position in the list, and but those named."""
    dropped = {*POSITION_PARAMETERS, *without}
    return [(name, value) for name, values in query.lists() if name not in dropped for value in values]


def address(query: QueryDict, *without: str, **more: str) -> str:
    """The list again from its first page: without the parameters named, with `more`."""
    return f"?{urlencode([*kept(query, *without), *more.items()])}"


def chosen(query: QueryDict, name: str, choices: Iterable[str]) -> list[str]:
    """The values of the filter `name` that are among `choices`. All of them are as good as none."""
    known = list(choices)
    found = [value for value in known if value in query.getlist(name)]
    return found if len(found) < len(known) else []


def pill(
    query: QueryDict, name: str, label: str, choices: Mapping[str, str], *, single: bool = False, added: bool = False
) -> dict[str, Any]:
    """A filter for filter_pill.html. choices: value in the address to label. added: it can be removed again."""
    ticked = query.getlist(name)
    values = [{"value": value, "label": text, "checked": value in ticked} for value, text in choices.items()]
    return {
        "name": name,
        "label": label,
        "values": values,
        "remove_url": address(query, name) if added or any(value["checked"] for value in values) else "",
        "searchable": len(values) > 5,
        "single": single,
    }
