"""Inserting many rows: what `bulk_create` does, in a fraction of its time.

The rows are not checked and no model instance is made; the database's constraints hold as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, each with the values of `fields` in their order, as Python sees them."""
    prepare = [field.get_db_prep_save for field in fields]
    prepared: Any = ([prep(value, connection) for prep, value in zip(prepare, row, strict=True)] for row in rows)
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", prepared)  # noqa: S608
