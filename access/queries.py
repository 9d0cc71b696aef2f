"""Reads on conditional access that answer a screen's question."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from access.models import Policy, PolicyGroup, PolicyUser
from tenancy.models import Tenant


def policies(tenant: Tenant) -> Any:
    """The tenant's policies, by name, as a queryset for the list."""
    return Policy.objects.in_tenant(tenant)


def people_ids(policy: Policy) -> tuple[dict[str, list[UUID]], dict[str, list[UUID]]]:
    """Whom the policy is for and is not for: intent to ids of users, and intent to ids of groups."""
    users: dict[str, list[UUID]] = defaultdict(list)
    groups: dict[str, list[UUID]] = defaultdict(list)
    tenant = policy.tenant
    for intent, user in PolicyUser.objects.in_tenant(tenant).filter(policy=policy).values_list("intent", "user_id"):
        users[intent].append(user)
    for intent, group in PolicyGroup.objects.in_tenant(tenant).filter(policy=policy).values_list("intent", "group_id"):
        groups[intent].append(group)
    return users, groups
