# ruff: noqa: S608 - statements are put together from the caller's names; every value is a parameter
"""Pages of long lists, at the price of the page and not of the list.

A page that continues another starts after that page's last key, so that its depth costs nothing; a page by number
skips ids on an index, from the nearer end. Both find ids alone: the caller fetches the rows that belong to them.

Written as SQL, because neither engine finds these plans behind the ORM's conditions; each statement stays inside what
its `where` says, and `where` starts with the tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connection, models

_signer = signing.Signer(salt="blades.paging")


# Statements


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with the values of its placeholders."""

    text: str
    params: tuple[Any, ...] = ()

    @classmethod
    def all(cls, conditions: Iterable[Sql | None]) -> Sql:
        """All of `conditions`; None asks for nothing."""
        found = [condition for condition in conditions if condition is not None]
        return Sql.join(" AND ", found) if found else cls("1 = 1")

    @classmethod
    def join(cls, separator: str, parts: Sequence[Sql]) -> Self:
        """The `parts` with `separator` between them."""
        return cls(separator.join(part.text for part in parts), tuple(value for part in parts for value in part.params))

    def within(self, before: str, after: str = "") -> Sql:
        """This piece between two texts without placeholders."""
        return Sql(f"{before}{self.text}{after}", self.params)


@dataclass(frozen=True)
class Order:
    """Columns that are never null, the last of them unique. All of them ascend, or all descend."""

    columns: tuple[str, ...]
    descending: bool = False

    def reversed(self) -> Order:
        """The same order from its other end."""
        return Order(self.columns, not self.descending)

    def by(self, alias: str = "") -> str:
        """What stands behind ORDER BY. alias: of the table, with its dot."""
        direction = " DESC" if self.descending else ""
        return ", ".join(f"{alias}{column}{direction}" for column in self.columns)

    def names(self) -> list[str]:
        """The same for QuerySet.order_by."""
        return [f"-{column}" if self.descending else column for column in self.columns]


def ranges(order: Order, key: Sequence[Any]) -> list[Sql]:
    """The rows behind `key` as ranges of an index, nearest first.

    One range for each column: the same name and a greater id; a greater name. The row comparison
    (name, id) > (…) says the same, but SQLite walks over all ties of the first column to answer it.
    """
    sign = "<" if order.descending else ">"
    found = []
    for last in reversed(range(len(order.columns))):
        same = [f"{column} = %s" for column in order.columns[:last]]
        found.append(Sql(" AND ".join([*same, f"{order.columns[last]} {sign} %s"]), tuple(key[: last + 1])))
    return found


def behind(order: Order, key: Sequence[Any]) -> Sql:
    """The same as one condition, for rows that are sorted anyway."""
    return Sql.join(" OR ", [part.within("(", ")") for part in ranges(order, key)]).within("(", ")")


@dataclass(frozen=True)
class Scan:
    """A condition that no index answers: it is put to the first `rows` rows of the order, and to no more.

    columns: what `condition` asks of a row. It calls the row `scanned`.
    """

    condition: Sql
    columns: tuple[str, ...]
    rows: int


def page_ids(
    table: str,
    order: Order,
    where: Sql,
    *,
    limit: int,
    offset: int = 0,
    key: Sequence[Any] | None = None,
    index: str = "",
    scan: Scan | None = None,
) -> Sql:
    """Ids of the rows of `where`, read off an index in `order`, behind `key` if one is given.

    where: what the index fixes, starting with the tenant; the index continues with the order's columns.
    index: its name, for SQLite, which does not choose by what is in the table.
    """
    source = f"{table} INDEXED BY {index}" if index and connection.vendor == "sqlite" else table
    nearer: list[Sql] = []
    parts = []
    for number, part in enumerate(ranges(order, key) if key is not None else [None]):
        inside = Sql.all([where, part])
        if scan is None:
            columns, rows, skipped = order.columns, limit, offset
        else:
            columns, rows, skipped = tuple(dict.fromkeys((*order.columns, *scan.columns))), scan.rows, 0
        found = inside.within(
            f"SELECT {', '.join(columns)} FROM {source} WHERE ",
            f" ORDER BY {order.by()} LIMIT {rows:d} OFFSET {skipped:d}",
        )
        if scan is not None:
            # Rows of a farther range count only when the scan has come to the end of the nearer ones.
            found = Sql.join(
                "", [found.within("SELECT * FROM (", ") scanned WHERE "), Sql.all([scan.condition, *nearer])]
            ).within("", f" LIMIT {limit:d} OFFSET {offset:d}")
            nearer.append(
                inside.within(
                    f"(SELECT COUNT(*) FROM (SELECT 1 FROM {source} WHERE ", f" LIMIT {rows:d}) nearer) < {rows:d}"
                )
            )
        parts.append(found.within(f"SELECT {number:d} AS part, part_{number:d}.* FROM (", f") part_{number:d}"))
    if len(parts) == 1:
        return parts[0].within("SELECT id FROM (", ") found")
    union = Sql.join(" UNION ALL ", parts)
    return union.within("SELECT id FROM (", f") found ORDER BY part, {order.by()} LIMIT {limit:d}")


# Where a page starts


class Cursor(NamedTuple):
    """A place in a list: the number of the row there, from 0, and the key that it has or follows."""

    offset: int
    key: tuple[Any, ...]


def write_cursor(cursor: Cursor, name: str, fields: Sequence[models.Field[Any, Any]]) -> str:
    """`cursor` as text for an address. name: of the order that it belongs to. fields: those of its key."""
    values = [field.get_prep_value(value) for field, value in zip(fields, cursor.key, strict=True)]
    return _signer.sign_object([name, cursor.offset, *(v if isinstance(v, str | int) else str(v) for v in values)])


def read_cursor(text: str, name: str, fields: Sequence[models.Field[Any, Any]]) -> Cursor | None:
    """The cursor that `write_cursor` wrote; None for anything else, and for another order's."""
    try:
        written_for, offset, *values = _signer.unsign_object(text)
        key = tuple(field.to_python(value) for field, value in zip(fields, values, strict=True))
    except (signing.BadSignature, ValueError, TypeError, ValidationError):
        return None
    return Cursor(offset, key) if written_for == name else None
