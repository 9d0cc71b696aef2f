# ruff: noqa: S608 - statements are put together from our own names; every value is a parameter
"""The search box of the device lists: substrings of the search texts, whatever their frequency.

Small tenants and terms without a trigram are compared text by text. Everywhere else an index of trigrams answers,
and because neither an index nor a walk along the list is quick for every term, `queries` asks first how many hits
there are (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from blades.paging import Order, Sql
from tenancy.models import Tenant

TEXTS = "devices_devicesearch"
TRIGRAM = 3  # letters


def has_trigram(term: str) -> bool:
    """Whether the index can answer for `term` at all."""
    return len(term) >= TRIGRAM


def hits(tenant: Tenant, term: str, limit: int | None = None) -> Sql:
    """Ids of the tenant's devices whose text contains `term`, found by the index; at most `limit`."""
    at_most = "" if limit is None else f" LIMIT {limit:d}"
    if connection.vendor == "sqlite":
        phrase = '"' + term.replace('"', '""') + '"'
        return Sql(
            f"SELECT texts.device_id FROM devices_trigrams CROSS JOIN {TEXTS} texts"
            " ON texts.id = devices_trigrams.rowid"
            f" WHERE devices_trigrams MATCH %s AND texts.tenant_id = %s{at_most}",
            (phrase, tenant.pk),
        )
    return Sql(
        f"SELECT texts.device_id FROM {TEXTS} texts WHERE texts.text LIKE %s AND texts.tenant_id = %s{at_most}",
        (f"%{_literal(term)}%", tenant.pk),
    )


def name_order(*, descending: bool) -> Order:
    """The order by name, read off the texts of `hits` alone: the name is their first line.

    Looking up the devices of a frequent term costs ten times as much as sorting them.
    """
    if connection.vendor == "postgresql":
        name = 'split_part(texts.text, chr(10), 1) COLLATE "C"'
    else:
        name = "substr(texts.text, 1, instr(texts.text || char(10), char(10)) - 1)"
    return Order((name, "texts.device_id"), descending)


def compared(
    tenant: Tenant, term: str, conditions: Sequence[Sql] = (), at_most: int | None = None, *, most: bool = False
) -> Sql:
    """The same, text by text.

    conditions: on the row `devices`, which is joined where there are any. at_most: so many texts, and no more.
    most: the tenant has most of the texts; SQLite then reads them as they lie, not by an index.
    """
    hint = " NOT INDEXED" if most and connection.vendor == "sqlite" else ""
    texts = Sql(f"{TEXTS} texts{hint} WHERE texts.tenant_id = %s", (tenant.pk,))
    if at_most is not None:
        texts = texts.within("(SELECT device_id, text FROM ", f" LIMIT {at_most:d}) texts WHERE 1 = 1")
    elif conditions:
        texts = Sql(
            f"{TEXTS} texts JOIN devices_manageddevice devices ON devices.id = texts.device_id"
            " WHERE texts.tenant_id = %s",
            (tenant.pk,),
        )
    found = Sql(f"{_position()}(texts.text, %s) > 0", (term,))
    return Sql.all([texts, found, *conditions]).within("SELECT texts.device_id FROM ")


def contains(term: str, device_id: str) -> Sql:
    """The condition that the text of the device contains `term`. Being a subquery, it is not joined ahead of the row.

    device_id: the column that names the device.
    """
    return Sql(
        f"(SELECT {_position()}(texts.text, %s) FROM {TEXTS} texts WHERE texts.device_id = {device_id}) > 0", (term,)
    )


def _position() -> str:
    return "strpos" if connection.vendor == "postgresql" else "instr"


def _literal(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
