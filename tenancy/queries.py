"""Reads on a tenant's operators, journal and clock that answer a screen's question."""

from __future__ import annotations

from collections import Counter

from django.db.models import Q, QuerySet

from tenancy.models import Membership, Tenant
from tenancy.roles import Role


def holders(tenant: Tenant, role: Role) -> QuerySet[Membership, Membership]:
    """The memberships of those whose own role is `role`, with their operators."""
    own = Q(own_role=role) | Q(own_role="", role=role)
    return Membership.objects.filter(own, tenant=tenant).select_related("operator")


def holder_counts(tenant: Tenant) -> Counter[str]:
    """Role to how many operators hold it as their own."""
    return Counter(
        own or role for role, own in Membership.objects.filter(tenant=tenant).values_list("role", "own_role")
    )
