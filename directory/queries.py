"""Reads on the simulated Azure AD that answer a screen's question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from directory.models import Group
from tenancy.models import Tenant

PICKER_LIMIT = 50


def groups_to_pick(tenant: Tenant, term: str = "") -> list[Group]:
    """The first groups by name that match `term`, each with `member_count`, for the group picker."""
    return list(Group.objects.in_tenant(tenant).matching(term).with_member_count()[:PICKER_LIMIT])


def groups_by_id(tenant: Tenant, ids: Iterable[UUID | str]) -> list[Group]:
    """The tenant's groups among `ids`, by name, each with `member_count`.

    What was posted may stand in `ids` as it is: ids that are unknown, or none at all, are left out.
    """
    return list(Group.objects.in_tenant(tenant).filter(pk__in=list(_uuids(ids))).with_member_count())


def _uuids(values: Iterable[UUID | str]) -> Iterator[UUID]:
    for value in values:
        try:
            yield value if isinstance(value, UUID) else UUID(value)
        except ValueError:
            continue
