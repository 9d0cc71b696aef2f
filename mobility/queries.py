"""Reads on Mobility (MDM and MAM) that answer a screen's question."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from directory.models import DirectoryUser, Group, GroupMembership
from mobility.models import MobilityApplication, MobilityScopeGroup, UserScope
from tenancy.models import Tenant

Scope = MobilityScopeGroup.Scope


def applications(tenant: Tenant) -> Any:
    """The tenant's applications, by name, as a queryset for the list."""
    return MobilityApplication.objects.in_tenant(tenant)


def has_application(tenant: Tenant, gallery_key: str) -> bool:
    """Whether an application of the gallery's `gallery_key` stands under Mobility (MDM and MAM)."""
    return bool(applications(tenant).filter(gallery_key=gallery_key).exists())


def added_keys(tenant: Tenant) -> set[str]:
    """The gallery keys of the tenant's applications."""
    return set(applications(tenant).values_list("gallery_key", flat=True))


def scope_groups(application: MobilityApplication) -> dict[str, list[Group]]:
    """The groups of each of the application's user scopes ("mdm", "mam"), by name, each with `member_count`."""
    chosen = MobilityScopeGroup.objects.in_tenant(application.tenant).filter(application=application)
    scopes: dict[Any, list[str]] = {}
    for group_id, scope in chosen.values_list("group_id", "scope"):
        scopes.setdefault(group_id, []).append(scope)
    found: dict[str, list[Group]] = {scope: [] for scope in Scope.values}
    if scopes:
        for group in Group.objects.in_tenant(application.tenant).filter(pk__in=list(scopes)).with_member_count():
            for scope in scopes[group.pk]:
                found[scope].append(group)
    return found


def overlapping_applications(application: MobilityApplication, scope: str) -> list[MobilityApplication]:
    """The other applications whose user scope `scope` ("mdm" or "mam") covers a user of this one's, by name.

    All meets every scope but None; two scopes Some meet in a common member. One statement, whatever their size.
    Source: vendors' documents, "user scopes must not overlap"; only one vendor is effective per user.
    """
    field = f"{scope}_user_scope"
    chosen = getattr(application, field)
    if chosen == UserScope.NONE:
        return []
    tenant = application.tenant
    others = applications(tenant).exclude(pk=application.pk).exclude(**{field: UserScope.NONE})
    if chosen == UserScope.SELECTED:
        covered = GroupMembership.objects.in_tenant(tenant).filter(
            group__mobility_scopes__application=application, group__mobility_scopes__scope=scope
        )
        shared = GroupMembership.objects.in_tenant(tenant).filter(
            group__mobility_scopes__application=OuterRef("pk"),
            group__mobility_scopes__scope=scope,
            user__in=covered.values("user"),
        )
        others = others.filter(Q(**{field: UserScope.ALL}) | Exists(shared))
    return list(others)


def covering(user: DirectoryUser, scope: str) -> list[MobilityApplication]:
    """The applications whose user scope `scope` ("mdm" or "mam") covers the user, by name."""
    tenant, field = user.tenant, f"{scope}_user_scope"
    groups = GroupMembership.objects.in_tenant(tenant).filter(user=user).values("group")
    chosen = MobilityScopeGroup.objects.in_tenant(tenant).filter(
        application=OuterRef("pk"), scope=scope, group__in=groups
    )
    covered = Q(**{field: UserScope.ALL}) | Q(Exists(chosen), **{field: UserScope.SELECTED})
    return list(applications(tenant).filter(covered))
