"""What the address of the user list asks for. Whatever it does not understand, it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import QueryDict

from blades import lists
from directory import queries
from directory.models import DirectoryUser, Licence
from tenancy.models import Tenant
from tenancy.scoping import fold

ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("name_key", "id"),
    "upn": ("upn_key",),
    "job_title": ("job_title_key", "name_key", "id"),
    "department": ("department_key", "name_key", "id"),
    "country": ("country_key", "name_key", "id"),
    "enabled": ("account_enabled", "name_key", "id"),
}
YES_NO = {"yes": "Yes", "no": "No"}
# Filter to its label. Those of the second line are behind "Add filter" until they are used.
PILLS = {"department": "Department", "country": "Country or region", "blocked": "Sign-in blocked"}
MORE_PILLS = {"intune": "Intune license", "job_title": "Job title"}
# Filters whose values are those that users have.
PROPERTIES = ("department", "country", "job_title")
# An address names at most so many values of such a filter.
MOST_ASKED = 30


@dataclass(frozen=True)
class UserFilters:
    """The filters of one address. properties: name to folded values; None: not asked."""

    properties: dict[str, list[str]]
    blocked: bool | None = None
    intune: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.properties) or self.blocked is not None or self.intune is not None

    def narrow(self, users: Any, tenant: Tenant) -> Any:
        """Those of `users` that pass every filter."""
        for name, values in self.properties.items():
            users = users.filter(**{f"{name}_key__in": values})
        if self.blocked is not None:
            # In a list, because SQLite finds no row by a bare NOT account_enabled.
            users = users.filter(account_enabled__in=[not self.blocked])
        if self.intune is not None:
            users = queries.licensed(users, tenant, Licence.Sku.INTUNE, have=self.intune)
        return users


def read(query: QueryDict) -> UserFilters:
    """The filters that `query` names."""
    properties = {
        name: values
        for name in PROPERTIES
        if (values := [fold(value) for value in query.getlist(name) if value and "\x00" not in value][:MOST_ASKED])
    }
    return UserFilters(properties, _yes_no(query, "blocked"), _yes_no(query, "intune"))


def _yes_no(query: QueryDict, name: str) -> bool | None:
    chosen = lists.chosen(query, name, YES_NO)
    return chosen[0] == "yes" if chosen else None


def user_page(tenant: Tenant, asked: lists.Asked, filters: UserFilters) -> lists.ListPage[DirectoryUser]:
    """The page of the tenant's users that is asked for."""
    users = filters.narrow(queries.users_starting_with(tenant, asked.term), tenant)
    return lists.page_of(users, asked)


def pills(query: QueryDict, tenant: Tenant) -> list[dict[str, Any]]:
    """The filters that are shown, each with the values that there are."""
    return list(_pills(query, tenant))


def _pills(query: QueryDict, tenant: Tenant) -> Iterator[dict[str, Any]]:
    shown = PILLS | {name: label for name, label in MORE_PILLS.items() if name in query}
    in_use = queries.values_of(tenant, [name for name in shown if name in PROPERTIES])
    for name, label in shown.items():
        # The values in use, and those that the address asks for although nobody has them.
        asked = {fold(value): value for value in query.getlist(name)[:MOST_ASKED] if value}
        choices = asked | in_use[name] if name in in_use else YES_NO
        yield lists.pill(query, name, label, choices, added=name in MORE_PILLS)


def pills_to_add(query: QueryDict) -> list[dict[str, str]]:
    """The filters that are not shown yet, for filter_add.html; an empty parameter shows the pill."""
    address = partial(lists.address, query)
    return [{"label": label, "url": address(**{name: ""})} for name, label in MORE_PILLS.items() if name not in query]
