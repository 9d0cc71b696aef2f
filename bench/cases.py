"""What is measured, and the goals (docs/performance.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from bench.data import LARGE
from blades.paging import Cursor, write_cursor
from devices import queries
from devices.filters import SORTS, Wanted
from devices.models import ManagedDevice
from directory.models import DirectoryDevice
from tenancy.models import Tenant

BASE, FIRST, HTMX = "session and user alone", "first page", "first page, htmx"
AZURE = "Azure AD devices"


@dataclass(frozen=True)
class Case:
    """One request. Its goal is a ratio to the case `to`; 0 means that there is none."""

    name: str
    path: str
    goal: float = 0
    to: str = FIRST
    htmx: bool = False
    term: str = ""


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
    return found + directory_cases(slug)


def directory_cases(slug: str) -> list[Case]:
    """Azure AD > Devices > All devices, with a record for each device."""
    tenant = Tenant.objects.get(slug=slug)
    devices = reverse("directory:device-list", args=[slug])
    middle = DirectoryDevice.objects.in_tenant(tenant).filter(name_key__gt="ios-5").order_by("name_key", "pk")[0]
    key = Cursor(5_000, (middle.name_key, middle.pk))
    fields = [DirectoryDevice._meta.get_field(name) for name in ("name_key", "id")]
    found = [
        Case(AZURE, devices, 4, BASE),
        Case("Azure AD devices, htmx", devices, 4, BASE, htmx=True),
        Case("Azure AD devices, next, far in", f"{devices}?{urlencode({'after': write_cursor(key, 'name', fields)})}"),
        Case("Azure AD devices, sort -activity", f"{devices}?sort=-activity"),
        Case("Azure AD devices, search by name", f"{devices}?q=wks-12"),
        Case("Azure AD devices, search: none", f"{devices}?q=qqzzqq"),
        Case("Azure AD devices, disabled", f"{devices}?enabled=no"),
        Case("Azure AD devices, not compliant", f"{devices}?compliant=no"),
        Case("Azure AD devices, disabled and not compliant", f"{devices}?enabled=no&compliant=no"),
    ]
    limits = {"Azure AD devices, disabled and not compliant": 5}
    return [case if case.goal else replace(case, goal=limits.get(case.name, 1.5), to=AZURE) for case in found]


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
    return [
        Case(f"global search: {name}", f"{address}?{urlencode({'q': term})}", 1.5, htmx=True)
        for name, term in terms.items()
    ]
