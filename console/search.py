"""The global search: blades, users, groups, devices and partners whose names begin so, or hold what was typed.

Each kind costs one to three statements that read a few rows of an index, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse

from blades.paging import Sql
from blades.vocabulary import say
from console import blade_index, queries
from devices import search as device_search
from devices import visibility
from devices.models import ManagedDevice, OperatingSystem
from devices.queries import SMALL_TENANT
from directory.device_filters import as_id
from directory.models import DirectoryDevice, DirectoryUser, Group
from partners import catalogue
from partners.models import PartnerConfiguration
from tenancy.http import OperatorRequest
from tenancy.models import Tenant
from tenancy.roles import Permission
from tenancy.scoping import fold, starting_with

SHOWN = 5
# So many devices that the search meets are looked at where the lists leave some out.
MOST_MET = 500
LONGEST_TERM = 100


@dataclass
class Hit:
    """Something that was found. detail: what tells it from others of its name. honest: only said to be missing."""

    label: str
    url: str
    icon: str
    detail: str = ""
    honest: bool = False
    number: int = 0


@dataclass
class Kind:
    """What was found of one kind; more_url leads to the rest, in the list's own search."""

    heading: str
    hits: list[Hit] = field(default_factory=list)
    more_url: str = ""


def find(request: OperatorRequest, term: str) -> list[Kind]:
    """What the operator may see of everything that `term` finds, at most SHOWN of a kind, numbered in order."""
    slug, may = request.tenant.slug, request.membership.may
    found = [_blades(request, term)]
    if may(Permission.DIRECTORY_READ):
        found += [
            _rows(slug, term, "Users", "directory:user-list", _users(request.tenant, term)),
            _rows(slug, term, "Groups", "directory:group-list", _groups(request.tenant, term)),
        ]
    if may(Permission.DEVICES_READ):
        found.append(_rows(slug, term, "Devices (Intune)", "devices:list", _devices(request.tenant, term)))
    if may(Permission.DIRECTORY_DEVICES_READ):
        heading = f"Devices ({say('Azure AD')})"
        found.append(_rows(slug, term, heading, "directory:device-list", _records(request.tenant, term)))
    if may(Permission.PARTNERS_READ):
        found.append(_rows(slug, term, "Compliance partners", "", _partners(request.tenant, term)))
    found = [kind for kind in found if kind.hits]
    for number, hit in enumerate((hit for kind in found for hit in kind.hits), start=1):
        hit.number = number
    return found


def _rows(slug: str, term: str, heading: str, view: str, rows: list[Hit]) -> Kind:
    more = view and len(rows) > SHOWN
    return Kind(heading, rows[:SHOWN], _address(view, slug, query=term) if more else "")


def _blades(request: OperatorRequest, term: str) -> Kind:
    phrase = term.casefold()
    words, ranked = phrase.split(), []
    for place, entry in enumerate(blade_index.entries()):
        rank = entry.rank(words, phrase)
        if rank is not None and (entry.permission is None or request.membership.may(entry.permission)):
            ranked.append((rank, place, entry))
    hits: dict[str, Hit] = {}
    for _, _, entry in sorted(ranked):
        url = entry.url(request.tenant.slug)
        where = " > ".join(say(part) for part in (entry.center_label, entry.group) if part)
        hits.setdefault(url, Hit(say(entry.label), url, entry.icon, where, entry.honest))
    return _rows(request.tenant.slug, term, "Services and blades", "console:all-services", list(hits.values()))


def _users(tenant: Tenant, term: str) -> list[Hit]:
    users = DirectoryUser.objects.in_tenant(tenant)
    return [
        Hit(user.display_name, url, "person", user.upn)
        for user in _first(users, term, "name_key", "upn_key", "surname_key")
        if (url := _address("directory:user-overview", tenant.slug, user.pk))
    ]


def _groups(tenant: Tenant, term: str) -> list[Hit]:
    return [
        Hit(group.display_name, url, "people", f"{group.get_kind_display()} group")
        for group in _first(Group.objects.in_tenant(tenant), term, "name_key")
        if (url := _address("directory:group-overview", tenant.slug, group.pk))
    ]


def _records(tenant: Tenant, term: str) -> list[Hit]:
    records = DirectoryDevice.objects.in_tenant(tenant)
    wanted = as_id(term)
    if wanted is not None:
        found: Any = records.filter(Q(pk=wanted) | Q(device_id=wanted)).order_by()
    else:
        found = _first(records, term, "name_key")
    return [
        Hit(
            record.display_name,
            _address("directory:device-overview", tenant.slug, record.pk),
            "phone_laptop",
            f"{record.os}, {say(record.get_join_type_display())}",
        )
        for record in found
    ]


def _first(rows: QuerySet[Any], term: str, *keys: str) -> list[Any]:
    """The first rows that begin with `term`, key after key, or the one whose id it is."""
    wanted = as_id(term)
    if wanted is not None:
        return list(rows.filter(pk=wanted).order_by())
    found: dict[UUID, Any] = {}
    for key in keys:
        if len(found) <= SHOWN:
            found |= {row.pk: row for row in rows.filter(starting_with(key, term)).order_by(key, "pk")[: SHOWN + 1]}
    return list(found.values())


def _devices(tenant: Tenant, term: str) -> list[Hit]:
    """Devices by any part of what the search of their list promises; by the beginning of the name in large tenants
    where the term is too short for the index. Not the first by name, but the first that are met."""
    met = SHOWN + 1 if tenant.follows_document else MOST_MET  # some of which the lists may leave out
    devices = ManagedDevice.objects.in_tenant(tenant).filter(visibility.in_lists(tenant))
    key, wanted = fold(term), as_id(term)
    if wanted is not None:
        devices = devices.filter(pk=wanted).order_by()
    elif queries.device_total(tenant) <= SMALL_TENANT:
        devices = _among(tenant, device_search.compared(tenant, key).within("", f" LIMIT {met:d}"))[: SHOWN + 1]
    elif device_search.has_trigram(key):
        devices = _among(tenant, device_search.hits(tenant, key, met))[: SHOWN + 1]
    else:
        devices = devices.filter(starting_with("name_key", key)).order_by("name_key", "pk")[: SHOWN + 1]
    rows = devices.values_list("pk", "device_name", "os", "user_upn")
    return [
        Hit(
            name,
            _address("devices:overview", tenant.slug, pk),
            "phone_laptop",
            ", ".join(part for part in (str(OperatingSystem(os).label), upn) if part),
        )
        for pk, name, os, upn in sorted(rows, key=lambda row: fold(row[1]))
    ]


def _among(tenant: Tenant, ids: Sql) -> QuerySet[Any]:
    """Those devices of `ids` that the lists have.

    Asked apart: as a subquery, SQLite would put it to every device of the tenant.
    """
    with connection.cursor() as cursor:
        cursor.execute(ids.text, ids.params)
        found = [UUID(str(row[0])) for row in cursor.fetchall()]
    devices: QuerySet[Any] = ManagedDevice.objects.among(tenant, found).filter(visibility.in_lists(tenant)).order_by()
    return devices


def _partners(tenant: Tenant, term: str) -> list[Hit]:
    words = fold(term).split()
    return [
        Hit(
            label,
            _address("partners:overview", tenant.slug, row.pk),
            "link_multiple",
            f"{row.get_platform_display()}, {row.get_status_display()}",
        )
        for row, label in _labelled(tenant)
        if all(word in label.casefold() for word in words)
    ]


def _labelled(tenant: Tenant) -> Iterator[tuple[PartnerConfiguration, str]]:
    for row in queries.partner_configurations(tenant):
        yield row, catalogue.label(row.partner)


def _address(view: str, *args: object, query: str = "") -> str:
    try:
        return reverse(view, args=args) + (f"?{urlencode({'q': query})}" if query else "")
    except NoReverseMatch:
        return ""
