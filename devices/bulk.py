"""Many rows at once: what `bulk_create`, `bulk_update` and `in_bulk` do, in a fraction of their time.

The rows are not checked and no model instance is made; the database's constraints hold as ever. Ids are UUIDs, or as
the database keeps them (`stored`), which spares SQLite their conversion from texts and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models

from directory.queries import batches
from tenancy.scoping import as_text

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


class Stored(models.Func):
    """The values of a column as the database keeps them, converted neither by Django nor by the engine's driver."""

    arity = 1
    template = "%(expressions)s"

    def __init__(self, column: str) -> None:
        super().__init__(models.F(column), output_field=models.TextField())

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # What is more than a column's name has no declared type, by which the driver would convert it.
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def moment(value: Any) -> datetime:
    """A time as the database keeps it, as Python sees it."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)


def stored(ids: Iterable[UUID]) -> list[Any]:
    """`ids` as the database keeps them: what `Stored` finds, and what dictionaries find sooner than a UUID."""
    connection = connections[DEFAULT_DB_ALIAS]
    return list(ids) if connection.features.has_native_uuid_field else [value.hex for value in ids]


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


def _columns(
    fields: Sequence[models.Field[Any, Any]], rows: Iterable[Iterable[Any]], connection: Any
) -> list[list[Any]]:
    """The values of each field, in the order of `rows`, as the database takes them."""
    columns = list(zip(*rows, strict=True))
    if not columns:
        return []
    prepare = (_prepare(field, connection) for field in fields)
    return [list(map(prep, column)) for prep, column in zip(prepare, columns, strict=True)]


def _prepare(field: models.Field[Any, Any], connection: Any) -> Callable[[Any], Any]:
    plain = PLAIN.get(field.get_internal_type())
    if plain is not None and not field.null:
        return plain

    def prepare(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    kept = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kept, models.UUIDField):
        return (lambda value: value) if connection.features.has_native_uuid_field else as_text
    # Most rows of a batch have the same few times and the same tenant.
    if isinstance(kept, models.DateTimeField) or isinstance(field, models.ForeignKey):
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
    prepared = _columns(fields, rows, connection)
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
                prepared,
            )
        else:
            places = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({places}) {conflict}"  # noqa: S608
            cursor.executemany(statement, list(zip(*prepared, strict=True)))


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
    prepared = _columns((key, *fields), rows, connection)
    if not prepared:
        return
    quote = connection.ops.quote_name
    table, known = quote(model._meta.db_table), quote(str(key.column))
    names = [quote(str(field.column)) for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in (key, *fields))
            values = ", ".join(f"{name} = given.{name}" for name in names)
            given = f"unnest({arrays}) AS given ({known}, {', '.join(names)})"
            cursor.execute(
                f"UPDATE {table} SET {values} FROM {given} WHERE {table}.{known} = given.{known}",  # noqa: S608
                prepared,
            )
        else:
            values = ", ".join(f"{name} = %s" for name in names)
            statement = f"UPDATE {table} SET {values} WHERE {known} = %s"  # noqa: S608
            cursor.executemany(statement, list(zip(*prepared[1:], prepared[0], strict=True)))
