"""What is measured, and the goals (docs/performance.md)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from bench.data import LARGE
from devices import queries
from devices.filters import SORTS, Wanted
from devices.models import ManagedDevice
from tenancy.models import Tenant

BASE, FIRST, HTMX = "session and user alone", "first page", "first page, htmx"


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
    return found
