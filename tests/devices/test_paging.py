"""blades.paging: cursors, and the ranges behind a key."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from blades.paging import Cursor, Order, Sql, behind, ranges, read_cursor, write_cursor
from devices.filters import SORTS, model_field
from tenancy.scoping import NEVER

KEYS = {
    "name": ('straße "1" % _ \'', uuid4()),
    "os": (20, "kl-001", uuid4()),
    "last_checkin": (datetime(2020, 7, 20, 8, 0, 0, 123456, tzinfo=UTC), uuid4()),
}


def fields(sort: str) -> list:
    return [model_field(column) for column in SORTS[sort]]


@pytest.mark.parametrize("sort", KEYS)
def test_a_cursor_comes_back_as_it_was_written(sort):
    cursor = Cursor(150, KEYS[sort])

    assert read_cursor(write_cursor(cursor, sort, fields(sort)), sort, fields(sort)) == cursor


def test_a_device_that_never_checked_in_has_a_cursor_too():
    cursor = Cursor(0, (NEVER, uuid4()))

    assert read_cursor(write_cursor(cursor, "x", fields("last_checkin")), "x", fields("last_checkin")) == cursor


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.replace(":", ""), lambda t: ""])
def test_a_changed_cursor_is_none(change):
    written = write_cursor(Cursor(1, KEYS["name"]), "name", fields("name"))

    assert read_cursor(change(written), "name", fields("name")) is None


def test_a_cursor_belongs_to_its_order():
    written = write_cursor(Cursor(1, KEYS["name"]), "name", fields("name"))

    assert read_cursor(written, "-name", fields("name")) is None
    assert read_cursor(written, "os", fields("os")) is None


def test_ranges_stand_nearest_first():
    found = ranges(Order(("os", "name", "id")), (20, "kl", 7))

    assert found == [
        Sql("os = %s AND name = %s AND id > %s", (20, "kl", 7)),
        Sql("os = %s AND name > %s", (20, "kl")),
        Sql("os > %s", (20,)),
    ]


def test_a_descending_order_looks_the_other_way():
    assert behind(Order(("name", "id"), descending=True), ("kl", 7)) == Sql(
        "((name = %s AND id < %s) OR (name < %s))", ("kl", 7, "kl")
    )
