# ruff: noqa: S608 - the statement is put together from our own names; every value is a parameter
"""Reads on the simulated Azure AD that answer a screen's question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models import Exists, OuterRef, QuerySet

from blades.lists import COUNTED
from directory.models import DirectoryUser, Group, GroupMembership, GroupOwnership, Licence
from tenancy.models import Tenant
from tenancy.scoping import TenantScoped, fold

T = TypeVar("T")

PICKER_LIMIT = 50

# Ids that one statement compares with.
AT_ONCE = 1000

# Values of a property that a filter offers.
MOST_VALUES = 100

# Members of a group that is called large.
LARGE = 1000

# Behind every text that begins with a prefix stands the prefix with this: the last character that there is.
LAST = "\U0010ffff"

LINKS: dict[str, type[GroupMembership | GroupOwnership]] = {"members": GroupMembership, "owners": GroupOwnership}


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    pending = iter(items)
    while batch := list(islice(pending, size)):
        yield batch


def uuids(values: Iterable[UUID | str]) -> Iterator[UUID]:
    """Those of `values`, as they were posted, that are ids."""
    for value in values:
        try:
            yield value if isinstance(value, UUID) else UUID(value)
        except ValueError:
            continue


# Groups


def groups_to_pick(tenant: Tenant, term: str = "") -> list[Group]:
    """The first groups by name that match `term`, each with `member_count`, for the group picker."""
    return list(Group.objects.in_tenant(tenant).matching(term).with_member_count()[:PICKER_LIMIT])


def groups_by_id(tenant: Tenant, ids: Iterable[UUID | str]) -> list[Group]:
    """The tenant's groups among `ids`, by name, each with `member_count`.

    What was posted may stand in `ids` as it is: ids that are unknown, or none at all, are left out.
    """
    return list(Group.objects.in_tenant(tenant).filter(pk__in=list(uuids(ids))).with_member_count())


def groups_starting_with(tenant: Tenant, term: str) -> Any:
    """The tenant's groups whose name starts with `term`, whatever its case."""
    groups = Group.objects.in_tenant(tenant)
    key = fold(term)
    return groups.filter(name_key__gte=key, name_key__lt=key + LAST) if key else groups


class Use(NamedTuple):
    """Something that needs a group. url: its page, or empty."""

    label: str
    url: str


def uses_of_group(group: Group) -> list[Use]:
    """What keeps `group` from being deleted, by name: rows of higher apps that protect it.

    A row says what it is by its text, and where it is edited by `get_absolute_url`, where it has one.
    """
    found = set()
    for relation in Group._meta.related_objects:
        if relation.on_delete is not models.PROTECT:
            continue
        model = relation.related_model
        assert issubclass(model, TenantScoped)  # noqa: S101 - who points at a group is a domain row
        for row in model.objects.in_tenant(group.tenant).filter(**{relation.field.name: group}):
            address = getattr(row, "get_absolute_url", None)
            found.add(Use(str(row), address() if address else ""))
    return sorted(found)


# Users


def users_to_pick(tenant: Tenant, term: str = "") -> list[DirectoryUser]:
    """The first users by name that start with `term`, for the user picker."""
    return list(users_starting_with(tenant, term).order_by("name_key", "pk")[:PICKER_LIMIT])


def users_by_id(tenant: Tenant, ids: Iterable[UUID | str]) -> list[DirectoryUser]:
    """The tenant's users among `ids`, by name; ids that are unknown, or none at all, are left out."""
    found: list[DirectoryUser] = []
    for some in batches(dict.fromkeys(uuids(ids)), AT_ONCE):
        found += DirectoryUser.objects.among(tenant, some)
    return sorted(found, key=lambda user: (user.name_key, user.pk))


def users_starting_with(tenant: Tenant, term: str) -> Any:
    """The tenant's users whose name, surname or user principal name starts with `term`, whatever its case.

    One range of an index for each of the three, and the rows by their keys: asked for as an OR, or in the tenant
    once more, they would be looked for among all of its users.
    """
    users = DirectoryUser.objects.in_tenant(tenant)
    key = fold(term)
    if not key:
        return users
    ranges = [
        users.filter(**{f"{column}__gte": key, f"{column}__lt": key + LAST}).order_by().values("pk")
        for column in ("name_key", "surname_key", "upn_key")
    ]
    return DirectoryUser.unscoped.filter(pk__in=ranges[0].union(*ranges[1:]))


def count_people(group: Group, role: str) -> int:
    """How many members or owners `group` has, at most one more than a list counts. role: key of LINKS."""
    linked = LINKS[role].objects.in_tenant(group.tenant).filter(group=group)
    return int(linked.order_by()[: COUNTED + 1].count())


def people_of(group: Group, role: str, term: str = "") -> Any:
    """The members or owners of `group` that start with `term`. role: key of LINKS.

    Of a large group the first in order are soon found among all users; of a small one each is looked up.
    """
    linked = LINKS[role].objects.in_tenant(group.tenant).filter(group=group)
    users = users_starting_with(group.tenant, term)
    if linked.order_by()[: LARGE + 1].count() > LARGE:
        return users.filter(Exists(linked.filter(user=OuterRef("pk"))))
    return users.filter(pk__in=linked.order_by().values("user"))


def licensed(users: QuerySet[DirectoryUser, DirectoryUser], tenant: Tenant, sku: str, *, have: bool) -> Any:
    """Those of `users` who have the product `sku`, or have it not."""
    found = Exists(Licence.objects.in_tenant(tenant).filter(user=OuterRef("pk"), sku=sku))
    return users.filter(found if have else ~found)


def licences_of(tenant: Tenant, users: Sequence[DirectoryUser]) -> dict[UUID, list[str]]:
    """Key of a user to the labels of the user's products, for the users of a page."""
    found: dict[UUID, list[str]] = {user.pk: [] for user in users}
    licences = Licence.objects.among(tenant, [user.pk for user in users], "user")
    for user_id, sku in licences.order_by("sku").values_list("user_id", "sku"):
        found[user_id].append(str(Licence.Sku(sku).label))
    return found


def values_of(tenant: Tenant, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The tenant's values of the users' properties `names`, key to spelling, in order; at most MOST_VALUES of each.

    The index is asked for the next value behind the last, so that a directory costs its values and not its users.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    if not found:
        return found
    meta: Any = DirectoryUser._meta
    steps, parts, keys, values = [], [], [], []
    for name in found:
        column, key = (meta.get_field(field).column for field in (name, f"{name}_key"))
        next_key = f"SELECT MIN(u.{key}) FROM {meta.db_table} u WHERE u.tenant_id = %s AND u.{key} >"
        steps.append(
            f"{name}_keys(k) AS ({next_key} '' UNION ALL"
            f" SELECT ({next_key} {name}_keys.k) FROM {name}_keys WHERE {name}_keys.k IS NOT NULL)"
        )
        keys += [tenant.pk, tenant.pk]
        spelling = f"SELECT u.{column} FROM {meta.db_table} u WHERE u.tenant_id = %s AND u.{key} = k LIMIT 1"
        parts.append(
            f"SELECT * FROM (SELECT '{name}', k, ({spelling}) FROM {name}_keys"
            f" WHERE k IS NOT NULL LIMIT {MOST_VALUES:d}) AS {name}_values"
        )
        values.append(tenant.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH RECURSIVE {', '.join(steps)} {' UNION ALL '.join(parts)}", [*keys, *values])
        for name, key, spelling in cursor.fetchall():
            found[name][key] = spelling
    return found
