"""Rows that belong to a tenant, and managers that make it hard to ask for anybody else's."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

from django.core import checks
from django.db import models

if TYPE_CHECKING:
    from tenancy.models import Tenant

# Stands for "never" in columns that lists sort by, because those are never null.
NEVER = datetime(1, 1, 1, tzinfo=UTC)
# Sorts behind everything that a key can contain.
LAST_CHARACTER = chr(0x10FFFF)

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class UnscopedQuery(RuntimeError):
    """A domain table was asked without naming the tenant."""


class Unindexed(models.Func):
    """A column that no index of SQLite looks up, so that it takes another way to the rows; PostgreSQL knows better."""

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class AnyOf(models.Lookup):
    """A column's value is one of many ids, which are a single parameter however many they are.

    ids: UUIDs, rows, or ids as the database stores them. For each of `__in`'s parameters, Django takes longer than the
    engine does to find its row.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def __init__(self, column: str, ids: Iterable[object]) -> None:
        super().__init__(models.F(column), list(ids))

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        ids = json.dumps([as_text(value) for value in self.rhs])
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, ids]  # noqa: S608 - a column of ours

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", [*parameters, [getattr(value, "pk", value) for value in self.rhs]]


def as_text(value: Any) -> Any:
    """An id, or that of a row, as SQLite keeps it: a text of 32 digits."""
    return value.hex if isinstance(value, uuid.UUID) else as_text(value.pk) if hasattr(value, "pk") else value


class TenantQuerySet(models.QuerySet[M_co]):
    """A queryset that knows how to stay inside one tenant."""

    def in_tenant(self, tenant: Tenant) -> Self:
        """Only the rows of `tenant`."""
        return self.filter(tenant_id=tenant.pk)


class TenantManager(models.Manager[M_co]):
    """The everyday manager: a query starts with `in_tenant(tenant)`, or it is refused.

    `create` and `bulk_create` work as usual, because a row names its tenant itself.
    Code that crosses tenants on purpose says so by using the manager `unscoped`.
    """

    _queryset_class: type[models.QuerySet[Any]] = TenantQuerySet

    def in_tenant(self, tenant: Tenant) -> Any:
        """Only the rows of `tenant`, as a chainable queryset."""
        return super().get_queryset().filter(tenant_id=tenant.pk)

    def among(self, tenant: Tenant, ids: Iterable[object], column: str = "pk") -> Any:
        """The rows of `tenant` with one of these keys, found by the keys. column: another one with an index.

        SQLite, which has no statistics here, takes a tenant for smaller than a handful of keys and reads all of it.
        """
        rows = super().get_queryset().alias(own_tenant=Unindexed(models.F("tenant_id")))
        return rows.filter(AnyOf(column, ids), own_tenant=tenant.pk)

    def create(self, **values: Any) -> Any:
        """Insert one row; the tenant is among `values`."""
        return super().get_queryset().create(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Insert many rows, each naming its tenant."""
        return super().get_queryset().bulk_create(objs, *args, **kwargs)

    def get_queryset(self) -> NoReturn:
        raise UnscopedQuery(
            f"{self.model.__name__}.objects needs a tenant: start with .in_tenant(tenant), "
            f"or say {self.model.__name__}.unscoped where crossing tenants is meant."
        )


class TenantOwned(models.Model):
    """A row of one tenant. Subclasses inherit Meta, so that Django's own machinery uses `unscoped`."""

    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        db_index=False,  # each table has an index that starts with the tenant
        related_name="+",
    )

    unscoped: ClassVar[models.Manager[Any]] = models.Manager()
    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
        base_manager_name = "unscoped"

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse a model whose managers or indexes would let tenants mix or scan."""
        errors = super().check(**kwargs)
        meta = cls._meta
        if meta.default_manager_name != "unscoped" or meta.base_manager_name != "unscoped":
            errors.append(
                checks.Error("Meta must inherit from its parent's Meta (managers).", obj=cls, id="tenancy.E001")
            )
        starts = [index.fields[0].lstrip("-") for index in meta.indexes if index.fields]
        starts += [
            constraint.fields[0]
            for constraint in meta.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields
        ]
        if "tenant" not in starts:
            errors.append(
                checks.Error("An index or unique constraint must start with the tenant.", obj=cls, id="tenancy.E002")
            )
        return errors


class TenantScoped(TenantOwned):
    """A domain row: its key is the GUID that the portal shows, and it is cloned with its tenant.

    `rekeyed` names the fields that hold ids of other rows by value, not by foreign key;
    a clone re-keys them like keys. Other fields, JSON above all, hold no ids.
    `own_directory` names the texts that may be the tenant's own directory ID, as str() writes it; in a clone they are
    the clone's then.
    `derived` names the fields that follow from others, such as case-folded names to sort by: every save writes them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    rekeyed: ClassVar[tuple[str, ...]] = ()
    own_directory: ClassVar[tuple[str, ...]] = ()
    derived: ClassVar[tuple[str, ...]] = ()

    class Meta(TenantOwned.Meta):
        abstract = True

    def set_derived(self) -> None:
        """Fill the fields that `derived` names."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_derived()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], *self.derived}
        super().save(*args, **kwargs)


class Derived(TenantOwned):
    """A row that can be computed from domain rows: rebuilt after a clone, never copied."""

    class Meta(TenantOwned.Meta):
        abstract = True


class Uncloned(TenantOwned):
    """A row that a clone has no use for, and that a reset removes: a secret that was given away, for instance."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta(TenantOwned.Meta):
        abstract = True


class SortKeyField(models.CharField):
    """Text that sorts bytewise on both engines; the caller stores it case-folded (see `fold`)."""

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


def fold(text: str) -> str:
    """The key under which `text` is sorted, compared and searched: case-folded, outer blanks removed."""
    return text.strip().casefold()


def starting_with(column: str, term: str) -> models.Q:
    """Rows whose sort key `column` begins with `term`: a range of its index, on both engines."""
    key = fold(term)
    return models.Q(**{f"{column}__gte": key, f"{column}__lt": key + LAST_CHARACTER})
