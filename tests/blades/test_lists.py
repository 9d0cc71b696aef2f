"""Pages over a queryset, whatever the order and wherever one enters the list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict

from blades import lists
from directory.models import DirectoryDevice, DirectoryUser
from tests.factories import CLOCK_START, DirectoryDeviceFactory, DirectoryUserFactory

ORDERS = {"name": ("name_key", "id"), "os": ("os", "name_key", "id"), "activity": ("activity_at", "id")}


@pytest.fixture
def records(tenant):
    """25 devices of three systems with five times of activity."""
    return [
        DirectoryDeviceFactory(
            tenant=tenant,
            display_name=f"Device {n:02}",
            os=("iOS", "Android", "Windows")[n % 3],
            activity_at=CLOCK_START + timedelta(days=n % 5),
        )
        for n in range(25)
    ]


def page(tenant, query, **known):
    asked = lists.read(QueryDict(query), ORDERS, default="name", per_page=10)
    return lists.page_of(DirectoryDevice.objects.in_tenant(tenant), asked, **known)


def names(found):
    return [row.display_name for row in found.rows]


def follow(tenant, query, first, direction):
    """The pages from `first` on, by the addresses of their pagers."""
    pages = [first]
    while True:
        pager = pages[-1].pager(QueryDict(query))
        url = getattr(pager, f"{direction}_url") if pager else ""
        if not url:
            return pages
        pages.append(page(tenant, url.removeprefix("?")))


@pytest.mark.parametrize("sort", [sign + name for name in ORDERS for sign in ("", "-")])
def test_next_shows_every_row_once_in_order(tenant, records, sort):
    query = f"sort={sort}"
    whole = page(tenant, f"{query}&per_page=100")

    pages = follow(tenant, query, page(tenant, query), "next")

    assert [len(found.rows) for found in pages] == [10, 10, 5]
    assert [name for found in pages for name in names(found)] == names(whole)


@pytest.mark.parametrize("sort", [sign + name for name in ORDERS for sign in ("", "-")])
def test_previous_leads_back_to_the_same_pages(tenant, records, sort):
    query = f"sort={sort}"
    forward = follow(tenant, query, page(tenant, query), "next")

    back = follow(tenant, query, forward[-1], "previous")

    assert [names(found) for found in back] == [names(found) for found in reversed(forward)]


def test_page_by_number_is_the_page_that_next_leads_to(tenant, records):
    forward = follow(tenant, "", page(tenant, ""), "next")

    assert names(page(tenant, "page=3")) == names(forward[2])
    assert page(tenant, "page=3").record_line() == "Showing 21 to 25 of 25 records"


def test_page_behind_the_last_one_is_the_last_one(tenant, records):
    assert page(tenant, "page=900").number == 3


def test_cursor_of_another_order_is_the_first_page(tenant, records):
    pager = page(tenant, "sort=os").pager(QueryDict("sort=os"))

    assert page(tenant, pager.next_url.removeprefix("?").replace("sort=os", "sort=name")).offset == 0


def test_page_whose_rows_are_gone_is_the_first_page(tenant, records):
    pager = page(tenant, "page=2").pager(QueryDict("page=2"))
    DirectoryDevice.objects.in_tenant(tenant).filter(name_key__gt="device 03").delete()

    found = page(tenant, pager.next_url.removeprefix("?"))

    assert (found.offset, len(found.rows)) == (0, 4)


def test_rows_are_counted_up_to_a_limit(tenant, monkeypatch, records):
    monkeypatch.setattr(lists, "COUNTED", 20)

    found = page(tenant, "")

    assert found.record_line() == "Showing 1 to 10 of 20+ records"
    assert found.pages is None


def test_known_number_saves_counting(tenant, records, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert page(tenant, "", matching=25).pages == 3


def test_empty_list_has_no_pager(tenant):
    found = page(tenant, "")

    assert (found.record_line(), found.pager(QueryDict(""))) == ("0 records", None)


def test_pill_says_what_is_ticked_and_how_to_remove_it():
    made = lists.pill(QueryDict("os=iOS&page=2&q=kl"), "os", "OS", {"iOS": "iOS", "Android": "Android"})

    assert [value["checked"] for value in made["values"]] == [True, False]
    assert made["remove_url"] == "?q=kl"


def test_filter_of_everything_is_no_filter():
    assert lists.chosen(QueryDict("os=a&os=b"), "os", ["a", "b"]) == []
    assert lists.chosen(QueryDict("os=a&os=z"), "os", ["a", "b"]) == ["a"]


def test_users_page_by_name_too(tenant):
    DirectoryUserFactory(tenant=tenant, display_name="Ana")
    asked = lists.read(QueryDict(""), {"name": ("name_key", "id")}, default="name")

    assert [user.display_name for user in lists.page_of(DirectoryUser.objects.in_tenant(tenant), asked).rows] == ["Ana"]
