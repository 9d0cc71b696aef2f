"""Inserting many rows: what `bulk_create` does, in a fraction of its time.

The rows are not checked and no model instance is made; the database's constraints hold as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models

from directory.queries import batches

# Ids in one statement.
CHUNK = 2000

# While many rows are inserted, their pages of every index stay in memory until the transaction ends.
ROOMY_CACHE = 256 * 1024  # KiB

# Values of these fields go to the database as they are; asking the field costs more than the insert.
PLAIN: dict[str, Callable[[Any], Any]] = {
    "BooleanField": bool,
    "CharField": str,
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "TextField": str,
}


def chunks(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """`ids` in portions that one statement takes."""
    return batches(ids, CHUNK)


def fields_of(model: type[models.Model], names: Iterable[str]) -> list[models.Field[Any, Any]]:
    """The fields of `model` with these names, in this order."""
    by_name = {field.name: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def insert(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, each with the values of `fields` in their order, as Python sees them."""
    connection = connections[DEFAULT_DB_ALIAS]
    prepare = [_prepare(field, connection) for field in fields]
    prepared: Any = ([prep(value) for prep, value in zip(prepare, row, strict=True)] for row in rows)
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


def _prepare(field: models.Field[Any, Any], connection: Any) -> Callable[[Any], Any]:
    plain = PLAIN.get(field.get_internal_type())
    if plain is not None and not field.null:
        return plain

    def prepare(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    kept = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kept, models.UUIDField):
        native = connection.features.has_native_uuid_field
        return lambda value: (value if native else value.hex) if isinstance(value, UUID) else prepare(value)
    if isinstance(kept, models.DateTimeField):  # most rows of a batch have the same few
        return lru_cache(maxsize=1024)(prepare)
    return prepare


@contextmanager
def roomy_cache() -> Iterator[None]:
    """SQLite keeps the pages it changes in memory, instead of writing each of them for nearly every row."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        [before] = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size = -{ROOMY_CACHE:d}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before:d}")


def upsert(
    model: type[models.Model],
    fields: Sequence[models.Field[Any, Any]],
    rows: Iterable[Sequence[Any]],
    *,
    unique: Sequence[str],
) -> None:
    """Insert `rows`, or bring those up to date that are there already; see `insert`.

    unique: names of the fields of a unique constraint, by which a row is known again. It keeps its key.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    prepare = [_prepare(field, connection) for field in fields]
    prepared = [[prep(value) for prep, value in zip(prepare, row, strict=True)] for row in rows]
    if not prepared:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    by_name = {field.name: quote(str(field.column)) for field in fields}
    columns = ", ".join(by_name.values())
    known = ", ".join(by_name[name] for name in unique)
    changed = ", ".join(
        f"{by_name[field.name]} = excluded.{by_name[field.name]}"
        for field in fields
        if not field.primary_key and field.name not in unique
    )
    conflict = f"ON CONFLICT ({known}) DO UPDATE SET {changed}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
            # One array a column: a statement with ten thousand rows of values takes longer to parse than to run.
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays}) {conflict}",  # noqa: S608
                [list(column) for column in zip(*prepared, strict=True)],
            )
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places}) {conflict}", prepared)  # noqa: S608


def update(
    model: type[models.Model],
    key: models.Field[Any, Any],
    fields: Sequence[models.Field[Any, Any]],
    rows: Iterable[Any],
) -> None:
    """Give rows that are there new values: what `bulk_update` does, in one statement however many they are.

    key: a unique field, by which a row is known. rows: each the key's value, and those of `fields` in their order.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    columns = (key, *fields)
    prepare = [_prepare(field, connection) for field in columns]
    prepared = [[prep(value) for prep, value in zip(prepare, row, strict=True)] for row in rows]
    if not prepared:
        return
    quote = connection.ops.quote_name
    table, known = quote(model._meta.db_table), quote(str(key.column))
    names = [quote(str(field.column)) for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in columns)
            values = ", ".join(f"{name} = given.{name}" for name in names)
            given = f"unnest({arrays}) AS given ({known}, {', '.join(names)})"
            cursor.execute(
                f"UPDATE {table} SET {values} FROM {given} WHERE {table}.{known} = given.{known}",  # noqa: S608
                [list(column) for column in zip(*prepared, strict=True)],
            )
        else:
            values = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(
                f"UPDATE {table} SET {values} WHERE {known} = %s",  # noqa: S608
                [[*row[1:], row[0]] for row in prepared],
            )
