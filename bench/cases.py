"""The pages that are measured, and the goals (docs/performance.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from bench.data import EVERYBODY, LARGE
from blades.paging import Cursor, write_cursor
from devices import queries
from devices.filters import SORTS, Wanted
from devices.models import ManagedDevice
from directory.models import DirectoryDevice, DirectoryUser, Group
from tenancy.models import Tenant

BASE, FIRST, HTMX = "session and user alone", "first page", "first page, htmx"
AZURE, USERS, AUDIT = "Azure AD devices", "users", "audit logs"


@dataclass(frozen=True)
class Case:
    """One request. Its goal is a ratio to the case `to`; 0 means that there is none. statements: at most so many."""

    name: str
    path: str
    goal: float = 0
    to: str = FIRST
    htmx: bool = False
    term: str = ""
    statements: int = 6


# Filters that no index answers in the order that is asked for, by how many rows match and where they stand: few rows
# are gathered, many are soon met in the order of the list, unless all of them stand at its end.
FEW, MANY, LATE = 2, 5, 40
UNINDEXED = {
    "few rows: compliance Conflict, sort UPN": ("compliance=conflict&sort=upn", FEW),
    "few rows: Error and iOS, sort -check-in": ("compliance=error&os=ios&sort=-last_checkin", FEW),
    "many rows: Workspace ONE and Personal, sort name": ("managed_by=workspace_one&ownership=personal&sort=name", MANY),
    "many rows: Corporate, sort UPN": ("ownership=corporate&sort=upn", MANY),
    "many rows: check-in never, sort name": ("last_checkin=never&sort=name", MANY),
    "many rows: iOS and Corporate, sort -OS version": ("os=ios&ownership=corporate&sort=-os_version", MANY),
    "many rows, late: Windows, sort -managed by": ("os=windows&sort=-managed_by", LATE),
}


def cases(slug: str, engine: str) -> list[Case]:
    """Every request to the list of one tenant, the base among them."""
    tenant = Tenant.objects.get(slug=slug)
    address = f"/t/{slug}/endpoint-security/devices/"
    some = ManagedDevice.unscoped.filter(tenant=tenant).order_by("pk")[20]

    def page(query: str = "") -> str:
        return f"{address}?{query}" if query else address

    found = [
        Case(BASE, "/bench/base/"),
        Case(FIRST, page(), 4, BASE),
        Case(HTMX, page(), 4, BASE, htmx=True),
    ]
    sorts = [sort + name for name in SORTS for sort in ("", "-")]
    found += [Case(f"sort {sort}", page(f"sort={sort}"), 1.25) for sort in sorts if sort != "name"]
    total = queries.device_page(tenant, Wanted()).total
    for percent in (50, 90):
        number = max(total * percent // 100 // 50, 2)
        here = queries.device_page(tenant, Wanted(page=number))
        limit = 4 if engine == "sqlite" else 8
        found.append(Case(f"page by number at {percent} %", page(f"page={number}"), limit))
        if here.next and here.previous:
            after, before = here.wanted.write_cursor(here.next), here.wanted.write_cursor(here.previous)
            found.append(Case(f"next at {percent} %", page(urlencode({"after": after})), 1.25))
            found.append(Case(f"previous at {percent} %", page(urlencode({"before": before})), 1.25))
    terms = {
        "one row": (some.serial_number.lower(), 1.5),
        "none": ("qqzzqq", 1.5),
        "every row": ("kestrel", 0),
        "5 %, in the middle of the order": ("mac-", 0),
        "35 %, at the end of the order": ("wks-", 0),
        "two letters, every row": ("ke", 0),
        "two letters, none": ("q~", 0),
    }
    for name, (term, goal) in terms.items():
        found.append(Case(f"search: {name}", page(urlencode({"q": term})), goal, term=term))
    filters = ("managed_by=mdm", "compliance=not_compliant", "compliance=conflict", "os=ios", "ownership=personal")
    found += [Case(f"filter {query}", page(query), 1.25) for query in filters]
    found.append(Case("filter os=ios, sort os_version", page("os=ios&sort=os_version"), 1.25))
    found.append(Case("filter last_checkin=7d, sort -last_checkin", page("last_checkin=7d&sort=-last_checkin"), 1.5))
    for name, (query, goal) in UNINDEXED.items():
        found.append(Case(name, page(query), goal if slug == LARGE else 4))
    return found + directory_cases(slug) + people_cases(slug) + search_cases(slug, some) + journal_cases(slug)


def directory_cases(slug: str) -> list[Case]:
    """Azure AD > Devices > All devices, with a record for each device."""
    tenant = Tenant.objects.get(slug=slug)
    devices = reverse("directory:device-list", args=[slug])
    middle = DirectoryDevice.objects.in_tenant(tenant).filter(name_key__gt="ios-5").order_by("name_key", "pk")[0]
    key = Cursor(5_000, (middle.name_key, middle.pk))
    fields: list[Any] = [DirectoryDevice._meta.get_field(name) for name in ("name_key", "id")]
    found = [
        Case(AZURE, devices, 4, BASE),
        Case("Azure AD devices, htmx", devices, 4, BASE, htmx=True),
        Case("Azure AD devices, next, far in", f"{devices}?{urlencode({'after': write_cursor(key, 'name', fields)})}"),
        Case("Azure AD devices, sort -activity", f"{devices}?sort=-activity"),
        Case("Azure AD devices, search by name", f"{devices}?q=wks-12"),
        Case("Azure AD devices, search: none", f"{devices}?q=qqzzqq"),
        Case("Azure AD devices, disabled", f"{devices}?enabled=no"),
        Case("Azure AD devices, not compliant", f"{devices}?compliant=no"),
        Case("Azure AD devices, disabled and not compliant", f"{devices}?enabled=no&compliant=no", 5, AZURE),
        Case("Azure AD devices, two OS", f"{devices}?os=iOS&os=Android"),
        Case("Azure AD devices, two join types and not compliant, sort -activity",
             f"{devices}?join_type=hybrid&join_type=joined&compliant=no&sort=-activity", 5, AZURE),
    ]  # fmt: skip
    return [case if case.goal else replace(case, goal=1.5, to=AZURE) for case in found]


def people_cases(slug: str) -> list[Case]:
    """Users and Groups: a user for ten devices, and one group that all of them are members of."""
    tenant = Tenant.objects.get(slug=slug)
    users, groups = (reverse(f"directory:{view}-list", args=[slug]) for view in ("user", "group"))
    middle = DirectoryUser.objects.in_tenant(tenant).filter(name_key__gt="lena").order_by("name_key", "pk")[0]
    fields: list[Any] = [DirectoryUser._meta.get_field(name) for name in ("name_key", "id")]
    key = write_cursor(Cursor(5_000, (middle.name_key, middle.pk)), "name", fields)
    everybody = Group.objects.in_tenant(tenant).get(display_name=EVERYBODY)
    members = reverse("directory:group-members", args=[slug, everybody.pk])
    found = [
        Case(USERS, users, 4, BASE),
        Case("users, htmx", users, 4, BASE, htmx=True),
        Case("users, next, far in", f"{users}?{urlencode({'after': key})}"),
        Case("users, sort -department", f"{users}?sort=-department"),
        Case("users, search: a first name", f"{users}?q=lena"),
        Case("users, search: none", f"{users}?q=qqzzqq"),
        Case("users, one department", f"{users}?department=Finance"),
        Case("users, two departments, blocked", f"{users}?department=Finance&department=Sales&blocked=yes"),
        Case("users, without Intune license", f"{users}?intune=no", 0, ""),
        Case("groups", groups, 4, BASE),
        Case("groups, members of all users", members),
        Case("groups, members, search", f"{members}?q=lena"),
    ]
    # One more for licenses, one for the values of the filters, one for the group.
    found = [replace(case, statements=8) for case in found]
    return [case if case.goal or not case.to else replace(case, goal=1.5, to=USERS) for case in found]


def journal_cases(slug: str) -> list[Case]:
    """The audit logs, with an entry for ten devices."""
    listed = reverse("tenancy:audit-list", args=[slug])
    found = [
        Case(AUDIT, listed, 4, BASE),
        Case("audit logs, htmx", listed, 4, BASE, htmx=True),
        Case("audit logs, sort actor", f"{listed}?sort=actor"),
        Case("audit logs, one activity", f"{listed}?activity=Add+user"),
        Case("audit logs, one actor", f"{listed}?actor=operator3%40kestrel.example"),
        Case("audit logs of Azure AD", reverse("tenancy:directory-audit-list", args=[slug])),
    ]
    # Two more for the values of the filters.
    found = [replace(case, statements=7) for case in found]
    return [case if case.goal else replace(case, goal=1.5, to=AUDIT) for case in found]


def search_cases(slug: str, some: ManagedDevice) -> list[Case]:
    """The search of the header as it answers while somebody types."""
    address = reverse("console:search", args=[slug])
    terms = {
        "a serial number": some.serial_number.lower(),
        "nothing": "qqzzqq",
        "every device": "kestrel",
        "names of a third, at the end of the order": "wks-",
        "a first name": "lena",
        "two letters": "wk",
        "a blade": "audit logs",
    }
    # A handful of kinds of things, each asked for by itself.
    return [
        Case(f"global search: {name}", f"{address}?{urlencode({'q': term})}", 1.5, htmx=True, statements=12)
        for name, term in terms.items()
    ]
