"""Reads on the simulated Azure AD that answer a screen's question."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from directory.models import Group
from tenancy.models import Tenant

PICKER_LIMIT = 50


def groups_to_pick(tenant: Tenant, term: str = "") -> list[Group]:
    """The first groups by name that match `term`, each with `member_count`, for the group picker."""
    return list(Group.objects.in_tenant(tenant).matching(term).with_member_count()[:PICKER_LIMIT])


def groups_by_id(tenant: Tenant, ids: Iterable[UUID | str]) -> list[Group]:
    """The tenant's groups among `ids`, by name, each with `member_count`; unknown ids are left out."""
    return list(Group.objects.in_tenant(tenant).filter(pk__in=list(ids)).with_member_count())
