# ruff: noqa: S608, S611 - statements are put together from our own names; every value is a parameter
"""Reads on Intune's device records that answer a screen's question.

A page of a list takes two statements, in a rare case three, and one more where devices are left out of it
(`visibility`). The first reads the tenant's counts and, where they do not
say how many rows match, counts those up to a limit. It decides how the second finds its rows:

read    an index stands in the order that is wanted: the rows are read off it
gather  few rows match: all of them are found by the filters or the search, and sorted
scan    many rows match: the first of the order are looked through; where that does not fill the page, gather

docs/performance.md has the reasons and the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

from blades import lists
from blades.paging import Cursor, Order, Scan, Sql, behind, page_ids, ranges
from devices import search, visibility
from devices.filters import LABELS, Facet, Filters, Wanted, model_field
from devices.models import DeviceCount, ManagedDevice
from directory.models import DirectoryDevice
from tenancy.models import Tenant

TABLE = ManagedDevice._meta.db_table

# Tenants up to this size are gathered whole.
SMALL_TENANT = 5_000
# Filtered and searched rows are counted up to here: "10,000+".
COUNTED = 10_000
# So many matches of a filter, or hits of a search, are gathered at once.
GATHERED, GATHERED_HITS = 8_000, 2_000
# So many rows in the order of the list are looked through.
SCANNED = 16_000
# So many texts are compared with a term that is too short for the index, to say how common it is.
COMPARED = 20_000

INDEXES = {
    "name": "devices_by_name",
    "managed_by": "devices_by_managed_by",
    "ownership": "devices_by_ownership",
    "compliance": "devices_by_compliance",
    "os": "devices_by_os",
    "os_version": "devices_by_os_version",
    "last_checkin": "devices_by_checkin",
    "upn": "devices_by_upn",
}


@dataclass
class DevicePage(lists.Portion):
    """One page of a device list.

    fields: what the rows have values of, in the order of the list; the id is the first.
    counts: facet to number to how many devices of the tenant have it, also those that the list leaves out.
    offset: the number of the first row, from 0.
    matching: how many rows the list has. Not `counted` means that there are more.
    """

    wanted: Wanted
    fields: tuple[str, ...]
    total: int
    counts: dict[str, dict[int, int]]
    matching: int
    counted: bool
    offset: int = 0
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    previous: Cursor | None = None
    next: Cursor | None = None

    @property
    def per_page(self) -> int:
        return self.wanted.per_page

    def cursors(self) -> tuple[str, str]:
        write = self.wanted.write_cursor
        return (write(self.previous) if self.previous else "", write(self.next) if self.next else "")

    def record_line(self, noun: str = "records") -> str:
        return super().record_line(noun) if self.total else ""


def device_page(tenant: Tenant, wanted: Wanted, fields: Sequence[str] = ("id", "device_name")) -> DevicePage:
    """The page of the tenant's devices that is `wanted`, or the nearest that there is.

    fields: what to fetch of each row, the id first.
    """
    asked, wanted = wanted, visibility.narrowed(tenant, wanted)
    plan = _plan(tenant, wanted)
    total = plan.total if wanted == asked else sum(plan.counts[Facet.MANAGED_BY].get(n, 0) for n in visibility.ALWAYS)
    page = DevicePage(wanted, tuple(fields), total, plan.counts, plan.matching, plan.counted)
    if plan.counted and not plan.matching:
        return page
    window = _window(wanted, plan)
    rows = _rows(tenant, wanted, plan, window, page.fields)
    if len(rows) < (1 if wanted.before is None else wanted.per_page) and wanted != wanted.at():
        # The rows around the cursor are gone, or nobody had counted so far as to that page.
        wanted = page.wanted = wanted.at()
        window = _window(wanted, plan)
        rows = _rows(tenant, wanted, plan, window, page.fields)
    _fill(page, window, rows)
    return page


def device(tenant: Tenant, device_id: Any) -> ManagedDevice | None:
    """One device of the tenant, with its user and the partner configuration that it follows."""
    found = ManagedDevice.objects.in_tenant(tenant).filter(pk=device_id)
    device: ManagedDevice | None = found.select_related("primary_user", "authority").first()
    return device


def devices_by_id(tenant: Tenant, ids: Iterable[UUID]) -> list[ManagedDevice]:
    """The tenant's devices among `ids`, by name."""
    return list(ManagedDevice.objects.among(tenant, ids))


def device_of_record(tenant: Tenant, record: DirectoryDevice) -> UUID | None:
    """The id of Intune's record of the device that Azure AD's `record` is about."""
    devices = ManagedDevice.objects.in_tenant(tenant).filter(azure_ad_device_id=record.device_id)
    found: UUID | None = devices.order_by("pk").values_list("pk", flat=True).first()
    return found


@dataclass(frozen=True)
class Extract:
    """All rows of a list. total: how many, or None where nobody has counted. blocks: the rows, some at a time."""

    total: int | None
    blocks: Iterator[list[tuple[Any, ...]]]


def extract(tenant: Tenant, wanted: Wanted, columns: Sequence[str], size: int) -> Extract:
    """All rows of the list, in its order, whatever page is wanted; `size` at a time.

    columns: expressions over a row called `devices`; their values are the engine's own, as no field has made them.
    Each block is a statement that starts behind the block before: none is open while the receiver takes its time. A
    row that is changed meanwhile so that it moves in the order may therefore be missed, or come twice.
    """
    wanted = visibility.narrowed(tenant, wanted.at())
    plan = _plan(tenant, wanted)
    if plan.counted and plan.matching <= COUNTED and (wanted.term or wanted.filters):
        return Extract(plan.matching, _gathered(tenant, wanted, plan, columns, size))
    total = plan.matching if plan.counted else None
    if total is None and not wanted.term:
        total = _answer(_count(_kept(tenant, wanted, plan.now, "")))
    return Extract(total, _walked(tenant, wanted, plan, columns, size))


# How many


@dataclass(frozen=True)
class _Plan:
    """What is known before rows are fetched.

    matching, counted: as in DevicePage.
    hits: of the search, by the index. kept: rows that the filters keep. Both are counted up to COUNTED + 1,
    and None where nobody has to know.
    """

    now: datetime
    total: int
    counts: dict[str, dict[int, int]]
    matching: int
    counted: bool
    hits: int | None = None
    kept: int | None = None

    @property
    def by_hits(self) -> bool:
        """Whether the search leaves fewer rows than the filters."""
        return self.hits is not None and (self.kept is None or self.hits <= self.kept)


def _plan(tenant: Tenant, wanted: Wanted) -> _Plan:
    """One statement: the kept counts, and beside them whatever has to be counted now.

    A second one for a search within filters, where one of the two leaves few rows in a large tenant.
    """
    now = tenant.now()
    asked = _questions(tenant, wanted, now)
    counts, answers = _ask(tenant, asked)
    total = counts[Facet.TOTAL].get(0, 0)
    hits, kept = answers.get("hits"), answers.get("kept")
    if len(wanted.filters.facets) == 1 and not wanted.filters.checkins:
        [(facet, numbers)] = wanted.filters.facets.items()
        kept = sum(counts[facet].get(number, 0) for number in numbers)
    if not wanted.term:
        matching = total if kept is None else kept
        return _Plan(now, total, counts, matching, counted=kept is None or kept <= COUNTED, kept=kept)
    if total <= SMALL_TENANT:
        return _Plan(now, total, counts, answers["compared"] or 0, counted=True)
    if not wanted.filters:
        matching = answers["compared"] or 0 if hits is None else hits
        counted = matching <= COUNTED and (hits is not None or total <= COMPARED)
        return _Plan(now, total, counts, matching, counted, hits)
    plan = _Plan(now, total, counts, 0, counted=False, hits=hits, kept=kept)
    if min(number for number in (hits, kept) if number is not None) > COUNTED:
        return plan
    matching = _answer(_count(_all_matching(tenant, wanted, plan)))
    return replace(plan, matching=matching, counted=True)


def _questions(tenant: Tenant, wanted: Wanted, now: datetime) -> dict[str, Sql]:
    """What has to be counted beside the kept counts. Whether the tenant is small is seen by the statement itself."""
    filters = wanted.filters
    limit = f" LIMIT {COUNTED + 1:d}"
    asked = {}
    if filters.checkins or len(filters.facets) > 1:
        asked["kept"] = _count(_kept(tenant, wanted, now, limit))
    if not wanted.term:
        return asked
    large = Sql(
        f"COALESCE((SELECT n FROM {DeviceCount._meta.db_table} WHERE tenant_id = %s AND facet = %s AND value = 0), 0)"
        f" > {SMALL_TENANT:d}",
        (tenant.pk, Facet.TOTAL.value),
    )
    conditions = [*filters.facets_sql("devices."), *_some(filters.checkin_sql(now, "devices."))]
    compared = _count(search.compared(tenant, wanted.term, conditions).within("", limit))
    if search.has_trigram(wanted.term):
        asked["hits"] = _case(large, _count(search.hits(tenant, wanted.term, COUNTED + 1)), None)
        asked["compared"] = _case(large, None, compared)
    else:
        first = _count(search.compared(tenant, wanted.term, at_most=COMPARED).within("", limit))
        asked["compared"] = _case(large, None if filters else first, compared)
    return asked


def _ask(tenant: Tenant, asked: dict[str, Sql]) -> tuple[dict[str, dict[int, int]], dict[str, int | None]]:
    kept = DeviceCount.objects.in_tenant(tenant).values_list("facet", "value", "n")
    for name, statement in asked.items():
        kept = kept.annotate(**{name: RawSQL(statement.text, statement.params, output_field=IntegerField())})
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    answers: dict[str, int | None] = dict.fromkeys(asked)
    for facet, value, n, *found in kept:
        counts[facet][value] = n
        answers = dict(zip(asked, found, strict=True))
    return counts, answers


def _answer(statement: Sql) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return int(cursor.fetchone()[0])


def _count(rows: Sql) -> Sql:
    return rows.within("SELECT COUNT(*) FROM (", ") counted")


def _case(condition: Sql, then: Sql | None, otherwise: Sql | None) -> Sql:
    """One of two statements; the other is not run."""
    null = Sql("NULL")
    return Sql.join(
        "",
        [
            condition.within("SELECT CASE WHEN ", " THEN ("),
            then or null,
            Sql(") ELSE ("),
            otherwise or null,
            Sql(") END"),
        ],
    )


def _some(condition: Sql | None) -> list[Sql]:
    return [] if condition is None else [condition]


# Which rows


@dataclass(frozen=True)
class _Window:
    """The rows to fetch, in `order`: `limit` of them, behind `key` or after `skip` others.

    offset: the number that the page's first row has in the list. backwards: the order is the list's from its end.
    """

    order: Order
    offset: int
    limit: int
    skip: int = 0
    key: tuple[Any, ...] | None = None
    backwards: bool = False


def _window(wanted: Wanted, plan: _Plan) -> _Window:
    """Where the page starts. A row more than the page shows whether another follows."""
    order, size = wanted.order, wanted.per_page
    if wanted.after is not None:
        return _Window(order, wanted.after.offset, size + 1, key=wanted.after.key)
    if wanted.before is not None:
        offset = max(wanted.before.offset - size, 0)
        return _Window(order.reversed(), offset, size, key=wanted.before.key, backwards=True)
    last = max(-(-(plan.matching if plan.counted else COUNTED) // size), 1)
    offset = (min(wanted.page, last) - 1) * size
    from_end = plan.matching - offset - size
    if plan.counted and offset > plan.matching // 2:
        return _Window(order.reversed(), offset, size + min(from_end, 0), skip=max(from_end, 0), backwards=True)
    return _Window(order, offset, size + 1, skip=offset)


def _rows(
    tenant: Tenant, wanted: Wanted, plan: _Plan, window: _Window, fields: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    found = _find(tenant, wanted, plan, window)
    rows = _fetch(found, wanted, fields)
    if found.complete or len(rows) == window.limit:
        return rows
    if plan.counted and window.key is None and not window.backwards and len(rows) >= plan.matching - window.offset:
        return rows
    return _fetch(_gather(tenant, wanted, plan, window), wanted, fields)


@dataclass(frozen=True)
class _Found:
    """Ids of a page. Not `complete`: if they are too few, there may be others."""

    ids: Sql
    complete: bool = True


@dataclass(frozen=True)
class _Path:
    """An index in the wanted order. where: what it fixes. rest: what is left for each row `alias` to answer.

    order: of the list, without the column that is the same in every row; dropped: where that stands in the order.
    """

    index: str
    order: Order
    where: list[Sql]
    rest: list[Sql]
    dropped: int | None = None

    def key(self, key: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        """A key of the list's order, for that of the path."""
        if key is None or self.dropped is None:
            return key
        return key[: self.dropped] + key[self.dropped + 1 :]


def _path(tenant: Tenant, wanted: Wanted, plan: _Plan, order: Order, alias: str) -> _Path:
    filters = wanted.filters
    base = _base(wanted, plan)
    rest = [
        *([search.contains(wanted.term, f"{alias}.id")] if wanted.term else []),
        *(Filters({f: n for f, n in filters.facets.items() if base is None or f != base[0]}).facets_sql(f"{alias}.")),
        *([] if wanted.sort == "last_checkin" else _some(filters.checkin_sql(plan.now, f"{alias}."))),
    ]
    where = [Sql("tenant_id = %s", (tenant.pk,))]
    index, dropped = INDEXES[wanted.sort], None
    if base is not None:
        facet, number, index = base
        where.append(Sql(f"{facet} = %s", (number,)))
        if facet in order.columns:  # the same in every row
            dropped = order.columns.index(facet)
            order = Order(order.columns[:dropped] + order.columns[dropped + 1 :], order.descending)
    if wanted.sort == "last_checkin":  # a range of the very index that is read
        where += _some(filters.checkin_sql(plan.now))
    return _Path(index, order, where, rest, dropped)


def _find(tenant: Tenant, wanted: Wanted, plan: _Plan, window: _Window) -> _Found:
    path = _path(tenant, wanted, plan, window.order, "scanned")
    if path.rest and _few(wanted, plan):
        return _gather(tenant, wanted, plan, window)
    scan = None
    if path.rest:
        filters = wanted.filters
        columns = ("id", *filters.facets, *(("last_checkin_at",) if filters.checkins else ()))
        scan = Scan(Sql.all(path.rest), columns, SCANNED)
    key = path.key(window.key)
    ids = page_ids(
        TABLE,
        path.order,
        Sql.all(path.where),
        limit=window.limit,
        offset=window.skip,
        key=None if key is None else _prepared(path.order, key),
        index=path.index,
        scan=scan,
    )
    return _Found(ids, complete=scan is None)


def _few(wanted: Wanted, plan: _Plan) -> bool:
    """Whether gathering all rows costs less than looking for a page of them."""
    if plan.total <= SMALL_TENANT or (wanted.term and wanted.filters and plan.counted):
        return True
    if plan.hits is not None and plan.hits <= GATHERED_HITS:
        return True
    return plan.kept is not None and plan.kept <= GATHERED


def _base(wanted: Wanted, plan: _Plan) -> tuple[str, int, str] | None:
    """The filter that an index answers in the wanted order: facet, number, index. The rarest one, if several do."""
    found = []
    for facet, numbers in wanted.filters.facets.items():
        if len(numbers) != 1:
            continue
        if wanted.sort in ("name", facet):
            found.append((plan.counts[facet].get(numbers[0], 0), facet, numbers[0], INDEXES[facet]))
        elif wanted.sort == "os_version" and facet == Facet.OS:
            found.append((plan.counts[facet].get(numbers[0], 0), facet, numbers[0], "devices_os_os_version"))
    return min(found)[1:] if found else None


def _gather(tenant: Tenant, wanted: Wanted, plan: _Plan, window: _Window) -> _Found:
    """All rows that match, sorted, and the page cut out."""
    if wanted.sort == "name" and not wanted.filters and (plan.hits or 0) > COUNTED:
        order = search.name_order(descending=window.order.descending)
        texts = search.hits(tenant, wanted.term)
        later = None if window.key is None else behind(order, _prepared(window.order, window.key))
        end = f" ORDER BY {order.by()} LIMIT {window.limit:d} OFFSET {window.skip:d}"
        return _Found(Sql.all([texts, later]).within("", end))
    later = None if window.key is None else behind(window.order, _prepared(window.order, window.key))
    end = f" ORDER BY {window.order.by()} LIMIT {window.limit:d} OFFSET {window.skip:d}"
    if connection.vendor == "postgresql":
        # OFFSET 0 hides the limit: PostgreSQL would walk along the order's index instead, hoping to meet them soon.
        rows = _all_matching(tenant, wanted, plan, " OFFSET 0", later, columns=window.order.columns)
        return _Found(rows.within("SELECT id FROM (", f") kept{end}"))
    return _Found(_all_matching(tenant, wanted, plan, end, later))


def _all_matching(
    tenant: Tenant,
    wanted: Wanted,
    plan: _Plan,
    end: str = "",
    later: Sql | None = None,
    *,
    columns: Sequence[str] = ("id",),
) -> Sql:
    """Ids, or `columns`, of all rows that match, found by whatever leaves fewer: the search or the filters."""
    filters = wanted.filters
    if not wanted.term:
        return _kept(tenant, wanted, plan.now, end, later, columns=columns)
    if plan.total > SMALL_TENANT and filters and not plan.by_hits:
        text = search.contains(wanted.term, f"{TABLE}.id")
        return _kept(tenant, wanted, plan.now, end, Sql.all([text, later]), columns=columns)
    if plan.hits is None:
        hits = search.compared(tenant, wanted.term, most=plan.total > SMALL_TENANT)
    else:
        hits = search.hits(tenant, wanted.term, COUNTED + 1 if plan.hits <= COUNTED else None)
    where = [hits.within("id IN (", ")"), *filters.facets_sql(), filters.checkin_sql(plan.now), later]
    return Sql.all(where).within(f"SELECT {', '.join(columns)} FROM {TABLE} WHERE ", end)


def _kept(
    tenant: Tenant,
    wanted: Wanted,
    now: datetime,
    end: str,
    condition: Sql | None = None,
    *,
    columns: Sequence[str] = ("id",),
) -> Sql:
    """Ids of the rows that the filters keep, found by seeks: a facet without a filter is asked for all its values."""
    filters = wanted.filters
    hint = ""
    every: list[Sql] = []
    if connection.vendor == "sqlite" and filters.facets:
        hint = " INDEXED BY devices_by_facets"
        every = [
            Sql(f"{facet} IN ({', '.join(map(str, labels))})")
            for facet, labels in LABELS.items()
            if facet not in filters.facets
        ]
    elif connection.vendor == "sqlite" and filters.checkins:
        hint = " INDEXED BY devices_by_checkin"
    where = [Sql("tenant_id = %s", (tenant.pk,)), *filters.facets_sql(), *every, filters.checkin_sql(now), condition]
    return Sql.all(where).within(f"SELECT {', '.join(columns)} FROM {TABLE}{hint} WHERE ", end)


def _fetch(found: _Found, wanted: Wanted, fields: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """The rows of `found`, in the order of the list, each with its key behind what is shown.

    The ids are the tenant's; naming the tenant again would let SQLite walk through all of its rows instead.
    """
    rows = ManagedDevice.unscoped.filter(pk__in=RawSQL(found.ids.text, found.ids.params))
    return list(rows.order_by(*wanted.order.names()).values_list(*fields, *wanted.order.columns[:-1]))


# All rows


def _gathered(
    tenant: Tenant, wanted: Wanted, plan: _Plan, columns: Sequence[str], size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Few rows: all ids are found once, in order; then the rows are fetched by them."""
    order = wanted.order
    # Ids of the search are looked up in the table of devices, which has the order's columns.
    statement = _all_matching(tenant, wanted, plan, f" ORDER BY {order.by()}")
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        ids = [found[0] for found in cursor.fetchall()]
        for start in range(0, len(ids), size):
            part = ids[start : start + size]
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM {TABLE} devices WHERE devices.id IN"
                f" ({', '.join(['%s'] * len(part))}) ORDER BY {order.by('devices.')}",
                part,
            )
            yield cursor.fetchall()


def _walked(
    tenant: Tenant, wanted: Wanted, plan: _Plan, columns: Sequence[str], size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Many rows: an index in the wanted order is read from end to end, however much of it the filters leave."""
    path = _path(tenant, wanted, plan, wanted.order, "devices")
    hint = f" INDEXED BY {path.index}" if connection.vendor == "sqlite" else ""
    shown = ", ".join([*columns, *(f"devices.{column}" for column in path.order.columns)])
    key: tuple[Any, ...] | None = None
    with connection.cursor() as cursor:
        while True:
            rows: list[tuple[Any, ...]] = []
            for part in ranges(path.order, key) if key is not None else [None]:
                statement = Sql.all([*path.where, part, *path.rest]).within(
                    f"SELECT {shown} FROM {TABLE} devices{hint} WHERE ",
                    f" ORDER BY {path.order.by('devices.')} LIMIT {size - len(rows):d}",
                )
                cursor.execute(statement.text, statement.params)
                rows += cursor.fetchall()
                if len(rows) == size:
                    break
            if rows:
                yield rows
            if len(rows) < size:
                return
            key = rows[-1][len(columns) :]


def _prepared(order: Order, key: Sequence[Any]) -> list[Any]:
    prepare = [model_field(column).get_db_prep_value for column in order.columns]
    return [prepared(value, connection) for prepared, value in zip(prepare, key, strict=True)]


def _fill(page: DevicePage, window: _Window, rows: list[tuple[Any, ...]]) -> None:
    size = page.wanted.per_page
    more = len(rows) > size
    if window.backwards:
        more = page.wanted.before is not None or window.offset + len(rows) < page.matching
    page.offset = window.offset
    page.rows = rows[:size]
    if page.offset and page.rows:
        page.previous = Cursor(page.offset, _key(page, page.rows[0]))
    seen = page.offset + len(page.rows)
    if more:
        page.next = Cursor(seen, _key(page, page.rows[-1]))
    if not page.counted:
        page.counted = not more and seen <= COUNTED
        page.matching = seen if page.counted else min(max(page.matching, seen), COUNTED)


def _key(page: DevicePage, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[len(page.fields) :], row[0])
