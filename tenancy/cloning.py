"""Clone and reset: a tenant is rows, so a new one is one INSERT … SELECT per table.

Every id is re-keyed by MD5(new tenant's id + old id), which both engines compute alike,
so foreign keys of the clone stay inside the clone without a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from tenancy.models import Tenant
from tenancy.scoping import Derived, TenantScoped

Rebuild = Callable[[Tenant], None]
_rebuilds: list[Rebuild] = []


def rebuilds(function: Rebuild) -> Rebuild:
    """Register a function that computes an app's derived rows of a tenant anew."""
    if function not in _rebuilds:
        _rebuilds.append(function)
    return function


def scoped_models() -> list[type[TenantScoped]]:
    """Every model whose rows are cloned."""
    return [model for model in apps.get_models() if issubclass(model, TenantScoped)]


def derived_models() -> list[type[Derived]]:
    """Every model whose rows are rebuilt."""
    return [model for model in apps.get_models() if issubclass(model, Derived)]


@transaction.atomic
def clone_tenant(template: Tenant, *, slug: str, display_name: str | None = None, kind: str | None = None) -> Tenant:
    """Make a new tenant with copies of all rows of `template`, its clock at the template's time.

    Memberships are not copied: the caller says who may enter.
    """
    tenant = Tenant(
        slug=slug,
        display_name=display_name or template.display_name,
        default_domain=template.default_domain,
        directory_id=uuid4(),
        kind=kind or Tenant.Kind.SANDBOX,
        document_mode=template.document_mode,
        propagation=template.propagation,
        created_at=timezone.now(),
        clock_start=template.now(),
        next_due_at=template.next_due_at,
        template=template,
    )
    tenant.full_clean()
    tenant.save(force_insert=True)
    _copy_rows(template, tenant)
    return tenant


@transaction.atomic
def reset_tenant(tenant: Tenant, template: Tenant) -> None:
    """Give `tenant` the rows and the clock of `template`; its own row and its memberships stay."""
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    delete_rows(locked)
    tenant.created_at = timezone.now()
    tenant.clock_start = template.now()
    tenant.clock_skipped = Tenant._meta.get_field("clock_skipped").get_default()
    tenant.next_due_at = template.next_due_at
    tenant.pulsed_at = None
    tenant.save(update_fields=["created_at", "clock_start", "clock_skipped", "next_due_at", "pulsed_at"])
    _copy_rows(template, tenant)


def delete_rows(tenant: Tenant) -> None:
    """Delete every row of the tenant in every table that belongs to tenants, except memberships.

    Foreign keys are checked at the end of the transaction, so the order does not matter.
    """
    for model in apps.get_models():
        if model.__name__ != "Membership" and any(
            field.is_relation and field.name == "tenant" and field.related_model is Tenant
            for field in model._meta.concrete_fields
        ):
            rows = model._base_manager.filter(tenant=tenant)
            rows._raw_delete(rows.db)


def rebuild_derived(tenant: Tenant) -> None:
    """Compute the derived rows of `tenant` anew."""
    for rebuild in _rebuilds:
        rebuild(tenant)


def _copy_rows(template: Tenant, tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        for model in scoped_models():
            statement, parameters = _copy_statement(model, template, tenant)
            cursor.execute(statement, parameters)
    rebuild_derived(tenant)


def _copy_statement(model: type[TenantScoped], template: Tenant, tenant: Tenant) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    columns: list[str] = []
    sources: list[str] = []
    parameters: list[Any] = []
    for field in model._meta.concrete_fields:
        column = quote(field.column or "")
        columns.append(column)
        if field.name == "tenant":
            sources.append("%s")
            parameters.append(tenant.pk)
        elif _holds_id(model, field):
            sources.append(_rekey(column))
            parameters.append(f"{tenant.pk}:")
        elif field.name in model.own_directory:
            sources.append(f"CASE WHEN {column} = %s THEN %s ELSE {column} END")
            parameters += [str(template.directory_id), str(tenant.directory_id)]
        else:
            sources.append(column)
    table = quote(model._meta.db_table)
    parameters.append(template.pk)
    into, select = ", ".join(columns), ", ".join(sources)
    # Names come from the models; values are parameters.
    return f"INSERT INTO {table} ({into}) SELECT {select} FROM {table} WHERE tenant_id = %s", parameters  # noqa: S608


def _holds_id(model: type[TenantScoped], field: models.Field[Any, Any]) -> bool:
    related = field.related_model if field.is_relation else None
    return (
        field.primary_key
        or field.name in model.rekeyed
        or (isinstance(related, type) and issubclass(related, TenantScoped))
    )


def _rekey(column: str) -> str:
    """SQL for the clone's id: null stays null; both engines see 32 hexadecimal digits without dashes."""
    if connection.vendor == "postgresql":
        return f"CAST(MD5(%s || REPLACE(CAST({column} AS text), '-', '')) AS uuid)"
    return f"MD5(%s || {column})"


def rekeyed_fields() -> Iterable[tuple[type[TenantScoped], str]]:
    """Model and field name of every id held by value."""
    for model in scoped_models():
        for name in model.rekeyed:
            yield model, name
