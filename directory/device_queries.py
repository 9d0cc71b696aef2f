# ruff: noqa: S608 - the statement is put together from our own names; every value is a parameter
"""Reads on Azure AD's device records that answer a screen's question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from blades import lists
from blades.lists import Asked, ListPage
from directory.device_filters import MOST_VALUES, WITH_NAME, DeviceFilters
from directory.models import DirectoryDevice, Group
from tenancy.models import Tenant

TABLE = DirectoryDevice._meta.db_table
GROUPS_SHOWN = 10
# So many rows of each filter are counted, to begin with the one that keeps the fewest.
MOST_COMPARED = 200_000
# The only MDM whose devices Manage leads to.
INTUNE = "Microsoft Intune"

_SHOWN = (
    "display_name", "name_key", "os", "os_version", "join_type", "owner_key", "enabled", "owner__display_name", "mdm",
    "is_compliant", "registered_at", "activity_at",
)  # fmt: skip


def device_page(tenant: Tenant, asked: Asked, filters: DeviceFilters, now: datetime) -> ListPage[DirectoryDevice]:
    """The page of Azure AD's devices that is asked for, each with its owner.

    Few matches are found by the filters and sorted; many are met soon enough by reading along the order of the list.
    """
    rows: QuerySet[Any] = DirectoryDevice.objects.in_tenant(tenant)
    narrowed = filters.apply(rows, now, by=_best(filters.apart(rows, now)))
    matching = narrowed.order_by()[: lists.COUNTED + 1].count()
    if filters and matching > lists.COUNTED:
        narrowed = filters.apply(rows, now, order=asked.sort)
    return lists.page_of(narrowed.select_related("owner").only(*_SHOWN), asked, matching=matching)


def _best(filters: dict[str, QuerySet[Any]]) -> set[str]:
    """The columns of the filters that lead to the fewest rows, counted up to MOST_COMPARED; empty: there is no choice.

    Neither engine knows how common a value is beside the others, and one that is common costs a second to look through.
    """
    if len(filters) < 2:
        return set()
    parts: list[str] = []
    parameters: list[Any] = []
    for found in filters.values():
        text, values = found.order_by().values("pk")[:MOST_COMPARED].query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({text}) AS counted)")
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        counts = dict(zip(filters, cursor.fetchone(), strict=True))
    named = counts.pop("name_key", None)
    rarest = min(counts, key=lambda column: counts[column])
    if named is None:
        return {rarest}
    if named <= lists.COUNTED or (rarest not in WITH_NAME and named < counts[rarest]):
        return {"name_key"}
    return {rarest, "name_key"} if rarest in WITH_NAME else {rarest}


def values_in_use(tenant: Tenant) -> dict[str, list[str]]:
    """The values of OS and of MDM that the tenant's records have, in order; at most MOST_VALUES of each.

    Each is the next greater one on the index, so that the number of records does not matter.
    """
    parts, parameters = [], []
    for column in ("os", "mdm"):
        parts.append(
            f"{column}_values(value) AS ("
            f"SELECT (SELECT MIN({column}) FROM {TABLE} WHERE tenant_id = %s)"
            f" UNION ALL SELECT (SELECT MIN({column}) FROM {TABLE} WHERE tenant_id = %s"
            f" AND {column} > {column}_values.value) FROM {column}_values WHERE {column}_values.value IS NOT NULL)"
        )
        parameters += [tenant.pk, tenant.pk]
    statement = (
        f"WITH RECURSIVE {', '.join(parts)}"
        f" SELECT 'os', value FROM (SELECT value FROM os_values LIMIT {MOST_VALUES:d}) AS systems"
        f" UNION ALL SELECT 'mdm', value FROM (SELECT value FROM mdm_values LIMIT {MOST_VALUES:d}) AS managers"
    )
    found: dict[str, list[str]] = {"os": [], "mdm": []}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for column, value in cursor.fetchall():
            if value is not None:
                found[column].append(value)
    return found


def device(tenant: Tenant, record_id: UUID) -> DirectoryDevice | None:
    """One record of the tenant, with its owner."""
    found = DirectoryDevice.objects.in_tenant(tenant).filter(pk=record_id)
    record: DirectoryDevice | None = found.select_related("owner").first()
    return record


def devices_by_id(tenant: Tenant, ids: Iterable[UUID]) -> list[DirectoryDevice]:
    """The tenant's records among `ids`, by name."""
    return list(DirectoryDevice.objects.among(tenant, ids))


def namesakes(tenant: Tenant, record: DirectoryDevice) -> int:
    """How many other records of the tenant have the same name, counted up to 10."""
    same = DirectoryDevice.objects.in_tenant(tenant).filter(name_key=record.name_key).exclude(pk=record.pk)
    return int(same.order_by()[:10].count())


def groups_of_owner(tenant: Tenant, record: DirectoryDevice) -> list[Group]:
    """The first groups by name that the owner is a member of; one more than GROUPS_SHOWN when there are more."""
    if record.owner_id is None:
        return []
    groups = Group.objects.in_tenant(tenant).filter(memberships__user=record.owner_id)
    return list(groups.order_by("name_key", "pk")[: GROUPS_SHOWN + 1])
