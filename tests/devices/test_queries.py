"""Pages of the device list, whatever is asked for and however the rows are found."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices import queries, services
from devices.filters import LABELS, SORTS, CheckIn, Filters, Wanted
from devices.models import ManagedDevice
from tenancy.models import Tenant
from tests.devices.listing import expected, fill
from tests.factories import ManagedDeviceFactory, TenantFactory

TERMS = [
    "",
    "",
    "kl-",
    "kestrel",
    "straße",
    "sn0",
    "50% off",
    "a_b",
    '"',
    "'s iph",
    "lindqvist",
    "zzz",
    "l",
    "-0",
    "mgmt_3",
]

# The limits of a small and of a large tenant, the latter so low that 150 devices meet all of them.
LIMITS = {
    "as they are": {},
    "gathered": {"SMALL_TENANT": 0, "GATHERED": 10_000, "GATHERED_HITS": 10_000},
    "scanned": {"SMALL_TENANT": 0, "GATHERED": 0, "GATHERED_HITS": 0},
    "scanned too little": {"SMALL_TENANT": 0, "GATHERED": 0, "GATHERED_HITS": 0, "SCANNED": 20},
    "not counted": {
        "SMALL_TENANT": 0, "GATHERED": 0, "GATHERED_HITS": 0, "SCANNED": 30, "COUNTED": 5, "COMPARED": 20,
    },
}  # fmt: skip


@pytest.fixture(params=LIMITS)
def limits(request, monkeypatch) -> dict[str, int]:
    for name, value in LIMITS[request.param].items():
        monkeypatch.setattr(queries, name, value)
    return LIMITS[request.param]


@pytest.fixture
def many(tenant: Tenant) -> Tenant:
    fill(tenant, 150)
    fill(TenantFactory(), 60, seed=2)  # a neighbour whose rows must never show
    return tenant


def ids(page: queries.DevicePage) -> list[str]:
    return [row[0] for row in page.rows]


def random_wanted(draw: random.Random) -> Wanted:
    facets = {
        facet: tuple(sorted(draw.sample(sorted(labels), draw.choice([1, 1, 2]))))
        for facet, labels in LABELS.items()
        if draw.random() < 0.3
    }
    checkins = tuple(checkin for checkin in CheckIn if draw.random() < 0.15)
    return Wanted(
        term=draw.choice(TERMS).casefold(),
        filters=Filters(facets, checkins) if draw.random() < 0.7 else Filters(),
        sort=draw.choice(list(SORTS)),
        descending=draw.random() < 0.5,
        per_page=draw.choice([10, 20, 100]),
    )


def walk_forward(tenant: Tenant, wanted: Wanted) -> list[queries.DevicePage]:
    pages = [queries.device_page(tenant, wanted)]
    while pages[-1].next:
        pages.append(queries.device_page(tenant, wanted.at(after=pages[-1].next)))
        assert len(pages) < 100
    return pages


@pytest.mark.parametrize("seed", range(4))
def test_pages_put_together_are_the_whole_list(many, limits, seed):
    draw = random.Random(seed)
    for _ in range(8):
        wanted = random_wanted(draw)
        whole = expected(many, wanted)

        pages = walk_forward(many, wanted)

        assert [pk for page in pages for pk in ids(page)] == whole, wanted
        assert [page.offset for page in pages] == list(range(0, max(len(whole), 1), wanted.per_page)), wanted


@pytest.mark.parametrize("seed", range(2))
def test_the_way_back_shows_the_same_pages(many, limits, seed):
    draw = random.Random(100 + seed)
    for _ in range(8):
        wanted = random_wanted(draw)
        page = walk_forward(many, wanted)[-1]
        whole = expected(many, wanted)

        while page.previous:
            start = page.offset
            page = queries.device_page(many, wanted.at(before=page.previous))

            assert ids(page) == whole[start - wanted.per_page : start], wanted
            assert page.offset == start - wanted.per_page


@pytest.mark.parametrize("seed", range(2))
def test_a_page_by_number_is_that_part_of_the_list(many, limits, seed):
    draw = random.Random(200 + seed)
    for _ in range(10):
        wanted = random_wanted(draw)
        whole = expected(many, wanted)
        last = max(-(-len(whole) // wanted.per_page), 1)
        number = draw.randint(1, last)
        if "COUNTED" in limits:
            number = 1

        page = queries.device_page(many, wanted.at(page=number))

        assert ids(page) == whole[(number - 1) * wanted.per_page : number * wanted.per_page], (wanted, number)
        assert bool(page.next) == (number < last)
        assert bool(page.previous) == (number > 1)


def test_counted_lists_say_how_long_they_are(many, limits):
    draw = random.Random(300)
    for _ in range(40):
        wanted = random_wanted(draw)

        page = queries.device_page(many, wanted)

        whole = expected(many, wanted)
        if page.counted:
            assert page.matching == len(whole), wanted
        else:
            assert page.matching <= len(whole), wanted
            assert page.pages is None


def test_a_page_never_takes_more_than_three_statements(many, limits):
    draw = random.Random(400)
    for _ in range(60):
        wanted = random_wanted(draw)

        with CaptureQueriesContext(connection) as captured:
            page = queries.device_page(many, wanted)

        assert len(captured) <= 3, (wanted, [query["sql"] for query in captured])
        if not wanted.term and not wanted.filters:
            assert len(captured) == 2
        assert page.rows is not None


def test_a_page_number_behind_the_end_shows_the_last_page(many):
    page = queries.device_page(many, Wanted(page=999_999, per_page=40))

    assert page.number == 4
    assert len(page.rows) == 30
    assert page.next is None


def test_a_cursor_behind_the_end_shows_the_first_page(many):
    last = walk_forward(many, Wanted(per_page=50))[-1]
    doomed = ids(last)
    before_last = queries.device_page(many, Wanted(per_page=50).at(before=last.previous))
    ManagedDevice.unscoped.filter(pk__in=doomed).delete()
    services.rebuild_derived(many)

    page = queries.device_page(many, Wanted(per_page=50).at(after=before_last.next))

    assert page.offset == 0
    assert len(page.rows) == 50


def test_rows_that_come_and_go_neither_repeat_nor_hide_others_behind_a_cursor(many):
    first = queries.device_page(many, Wanted(per_page=50))
    rest = expected(many, Wanted())[50:]
    ManagedDevice.unscoped.filter(pk__in=ids(first)[:10]).delete()
    ManagedDeviceFactory(tenant=many, device_name="!first of all")

    page = queries.device_page(many, Wanted(per_page=50).at(after=first.next))

    assert ids(page) == rest[:50]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_sqlite_reads_every_sort_off_an_index(many, sort, descending):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table")
    wanted = Wanted(sort=sort, descending=descending, per_page=10)
    second = queries.device_page(many, wanted).next

    for asked in (wanted, wanted.at(after=second), wanted.at(page=5), wanted.at(page=14)):
        with CaptureQueriesContext(connection) as captured:
            queries.device_page(many, asked)
        inner = captured[-1]["sql"].partition("IN (")[2]
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + captured[-1]["sql"])
            plan = [row[3] for row in cursor.fetchall()]

        assert "OFFSET" in inner or asked.page == 1
        # The rows are sorted twice at most: those of the page, and those of the ranges behind a cursor.
        assert not any(step.startswith("SCAN devices") for step in plan), plan
        assert all("COVERING INDEX" in step for step in plan if "(tenant_id=?" in step), plan
        assert sum("TEMP B-TREE" in step for step in plan) <= 1 + (asked.after is not None), plan
