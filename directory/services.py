"""Writes on the groups of the simulated Azure AD; those on its people are in user_services."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from directory import activities, dynamic, queries, rules
from directory.activities import GROUP_MEMBERS_ADDED, GROUP_MEMBERS_REMOVED, named
from directory.models import DirectoryUser, Group, GroupMembership, GroupOwnership
from directory.queries import batches
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission
from tenancy.scoping import fold

DELETED_MEANWHILE = "The group has been deleted meanwhile."

# Ids that one statement compares with.
AT_ONCE = 1000


@transaction.atomic
def create_group(
    *,
    tenant: Tenant,
    actor: Operator | None,
    display_name: str,
    description: str = "",
    kind: str = Group.Kind.ASSIGNED,
    rule: str = "",
    members: Iterable[DirectoryUser] = (),
    owners: Iterable[DirectoryUser] = (),
) -> Group:
    """Add a group: an assigned one with `members` of the same tenant, or a dynamic one with a `rule`.

    Raises ValidationError for a taken name and for a rule that is not understood.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    group = Group(
        tenant=tenant,
        display_name=display_name.strip(),
        description=description,
        kind=kind,
        rule=_checked_rule(kind, rule),
        created_at=tenant.now(),
    )
    group.name_key = fold(group.display_name)
    group.full_clean()
    group.save(force_insert=True)
    journal.record(
        tenant=tenant,
        actor=actor,
        category=activities.GROUP_MANAGEMENT,
        activity=activities.GROUP_ADDED,
        target=group,
        new={label: value for label, value in _values(group).items() if value},
    )
    members, owners = list(members), list(owners)
    if owners:
        add_owners(tenant=tenant, actor=actor, group=group, users=owners)
    if members:
        add_members(tenant=tenant, actor=actor, group=group, users=members)
    if group.kind == Group.Kind.DYNAMIC:
        dynamic.schedule(group)
    return group


@transaction.atomic
def update_group(
    *,
    tenant: Tenant,
    actor: Operator | None,
    group: Group,
    display_name: str,
    description: str,
    kind: str,
    rule: str = "",
) -> Group:
    """The group is called and filled as said. Members follow a new rule; those of a group that was dynamic stay.

    Raises ValidationError for a taken name, for a rule that is not understood, and for a group that is gone.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    current: Group | None = Group.objects.in_tenant(tenant).filter(pk=group.pk).first()
    if current is None:
        raise ValidationError(DELETED_MEANWHILE)
    current.tenant = tenant
    old, before = _values(current), (current.kind, current.rule)
    current.display_name = display_name.strip()
    current.name_key = fold(current.display_name)
    current.description = description
    current.kind = kind
    current.rule = _checked_rule(kind, rule)
    current.full_clean()
    new = _values(current)
    if new == old:
        return current
    current.save(update_fields=["display_name", "description", "kind", "rule"])
    journal.record(
        tenant=tenant,
        actor=actor,
        category=activities.GROUP_MANAGEMENT,
        activity=activities.GROUP_UPDATED,
        target=current,
        old={label: value for label, value in old.items() if new[label] != value},
        new={label: value for label, value in new.items() if old[label] != value},
    )
    if current.kind == Group.Kind.DYNAMIC and (current.kind, current.rule) != before:
        dynamic.schedule(current)
    return current


def _checked_rule(kind: str, rule: str) -> str:
    if kind != Group.Kind.DYNAMIC:
        return ""
    try:
        rules.parse(rule)
    except rules.RuleError as error:
        raise ValidationError({"rule": str(error)}) from None
    return rule.strip()


def _values(group: Group) -> dict[str, Any]:
    return {
        "Name": group.display_name,
        "Description": group.description,
        "Membership type": group.get_kind_display(),
        "Membership rule": group.rule,
    }


@transaction.atomic
def add_members(*, tenant: Tenant, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """`users` are members of `group`; return how many were not before.

    Costs what `users` cost, however many members there are. Raises ValidationError for a dynamic group and for
    users of another tenant.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    _check_assigned(tenant, group, users)
    return _join(_MEMBERS, actor, group, users)


@transaction.atomic
def remove_members(*, tenant: Tenant, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """`users` are no members of `group` any more; return how many were before. Raises as `add_members`."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    _check_assigned(tenant, group, users)
    return _part(_MEMBERS, actor, group, users)


@transaction.atomic
def join_groups(*, tenant: Tenant, actor: Operator | None, user: DirectoryUser, groups: Iterable[Group]) -> int:
    """`user` is a member of all of `groups`; return of how many not before. Raises as `add_members`."""
    return sum(add_members(tenant=tenant, actor=actor, group=group, users=[user]) for group in groups)


@transaction.atomic
def leave_groups(*, tenant: Tenant, actor: Operator | None, user: DirectoryUser, groups: Iterable[Group]) -> int:
    """`user` is a member of none of `groups`; return of how many before. Raises as `add_members`."""
    return sum(remove_members(tenant=tenant, actor=actor, group=group, users=[user]) for group in groups)


@transaction.atomic
def add_owners(*, tenant: Tenant, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """`users` are owners of `group`; return how many were not before. Raises ValidationError for strangers."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    _check(tenant, group, users)
    return _join(_OWNERS, actor, group, users)


@transaction.atomic
def remove_owners(*, tenant: Tenant, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """`users` are no owners of `group` any more; return how many were before. Raises as `add_owners`."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    _check(tenant, group, users)
    return _part(_OWNERS, actor, group, users)


@transaction.atomic
def delete_group(*, tenant: Tenant, actor: Operator | None, group: Group) -> None:
    """The group is gone. Raises ValidationError, naming what still uses it, while something does."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    if not Group.objects.in_tenant(tenant).filter(pk=group.pk).exists():
        return
    uses = queries.uses_of_group(group)
    if uses:
        names = ", ".join(sorted({use.label for use in uses}))
        raise ValidationError(f"The group '{group.display_name}' is still used by: {names}.")
    deleted = Group(pk=group.pk, tenant=tenant, display_name=group.display_name)
    group.delete()
    journal.record(
        tenant=tenant,
        actor=actor,
        category=activities.GROUP_MANAGEMENT,
        activity=activities.GROUP_DELETED,
        target=deleted,
        old={"Name": deleted.display_name},
    )


class _Role(NamedTuple):
    """What users can be of a group, and how the journal speaks of it."""

    link: type[GroupMembership | GroupOwnership]
    label: str
    added: str
    removed: str


_MEMBERS = _Role(GroupMembership, "Members", GROUP_MEMBERS_ADDED, GROUP_MEMBERS_REMOVED)
_OWNERS = _Role(GroupOwnership, "Owners", activities.GROUP_OWNERS_ADDED, activities.GROUP_OWNERS_REMOVED)


def _join(role: _Role, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """Link those of `users` who are there and not linked to `group` yet; the journal names them."""
    present = _linked(role, group, users)
    missing = {user.pk: user for user in users if user.pk not in present}
    there: set[UUID] = set()
    for some in batches(missing, AT_ONCE):
        there.update(DirectoryUser.objects.among(group.tenant, some).values_list("pk", flat=True))
    added = [user for pk, user in missing.items() if pk in there]
    if not added:
        return 0
    role.link.objects.bulk_create(
        [role.link(tenant=group.tenant, group=group, user=user) for user in added], batch_size=AT_ONCE
    )
    journal.record(
        tenant=group.tenant,
        actor=actor,
        category=activities.GROUP_MANAGEMENT,
        activity=role.added,
        target=group,
        new={role.label: named([user.upn for user in added[: activities.NAMED]], len(added))},
    )
    return len(added)


def _part(role: _Role, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """Undo the links of `users` to `group`; the journal names those who had one."""
    present = _linked(role, group, users)
    if not present:
        return 0
    for some in batches(sorted(present), AT_ONCE):
        role.link.objects.among(group.tenant, some, "user").filter(group=group).delete()
    upns = [user.upn for user in {user.pk: user for user in users}.values() if user.pk in present]
    journal.record(
        tenant=group.tenant,
        actor=actor,
        category=activities.GROUP_MANAGEMENT,
        activity=role.removed,
        target=group,
        old={role.label: named(upns[: activities.NAMED], len(upns))},
    )
    return len(present)


def _linked(role: _Role, group: Group, users: Collection[DirectoryUser]) -> set[UUID]:
    """The keys of those of `users` who are linked to `group`."""
    found: set[UUID] = set()
    for some in batches([user.pk for user in users], AT_ONCE):
        links = role.link.objects.among(group.tenant, some, "user").filter(group=group)
        found.update(links.values_list("user_id", flat=True))
    return found


def _check(tenant: Tenant, group: Group, users: Iterable[DirectoryUser]) -> str:
    """The kind of `group` as it stands now. Raises ValidationError for one that is gone, and for strangers."""
    if group.tenant_id != tenant.pk or any(user.tenant_id != tenant.pk for user in users):
        raise ValidationError("The group and its members must belong to the same directory.")
    kind = Group.objects.in_tenant(tenant).filter(pk=group.pk).values_list("kind", flat=True).first()
    if kind is None:
        raise ValidationError(DELETED_MEANWHILE)
    group.tenant = tenant
    return str(kind)


def _check_assigned(tenant: Tenant, group: Group, users: Iterable[DirectoryUser]) -> None:
    if _check(tenant, group, users) == Group.Kind.DYNAMIC:
        raise ValidationError(f"The members of '{group.display_name}' follow from its rule. Edit the rule instead.")
