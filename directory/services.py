"""Writes on the simulated Azure AD."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from directory.models import DirectoryUser, Group, GroupMembership
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission

GROUP_MEMBERS_ADDED = "Add members to group"
GROUP_MEMBERS_REMOVED = "Remove members from group"
_NAMED_IN_JOURNAL = 20


@transaction.atomic
def create_group(
    *,
    tenant: Tenant,
    actor: Operator | None,
    display_name: str,
    description: str = "",
    members: Iterable[DirectoryUser] = (),
) -> Group:
    """Add an assigned group with `members` of the same tenant. Raises ValidationError for a taken name."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    group = Group(tenant=tenant, display_name=display_name, description=description, created_at=tenant.now())
    group.name_key = display_name.strip().casefold()
    group.full_clean()
    group.save(force_insert=True)
    journal.record(
        tenant=tenant,
        actor=actor,
        category="GroupManagement",
        activity="Add group",
        target=group,
        new={"Name": group.display_name, "Membership type": group.get_kind_display()},
    )
    members = list(members)
    if members:
        add_members(tenant=tenant, actor=actor, group=group, users=members)
    return group


@transaction.atomic
def add_members(*, tenant: Tenant, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """`users` are members of `group`; return how many were not before.

    Raises ValidationError for a dynamic group and for users of another tenant.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    _check_assigned(tenant, group, users)
    present = set(
        GroupMembership.objects.in_tenant(tenant).filter(group=group, user__in=users).values_list("user_id", flat=True)
    )
    added = [user for user in {user.pk: user for user in users}.values() if user.pk not in present]
    if not added:
        return 0
    GroupMembership.objects.bulk_create(
        [GroupMembership(tenant=tenant, group=group, user=user) for user in added], batch_size=1000
    )
    journal.record(
        tenant=tenant,
        actor=actor,
        category="GroupManagement",
        activity=GROUP_MEMBERS_ADDED,
        target=group,
        new={"Members": _names(added)},
    )
    return len(added)


@transaction.atomic
def remove_members(*, tenant: Tenant, actor: Operator | None, group: Group, users: Collection[DirectoryUser]) -> int:
    """`users` are no members of `group` any more; return how many were before. Raises as `add_members`."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    _check_assigned(tenant, group, users)
    gone = GroupMembership.objects.in_tenant(tenant).filter(group=group, user__in=users)
    present = set(gone.values_list("user_id", flat=True))
    if not present:
        return 0
    gone.delete()
    journal.record(
        tenant=tenant,
        actor=actor,
        category="GroupManagement",
        activity=GROUP_MEMBERS_REMOVED,
        target=group,
        old={"Members": _names([user for user in users if user.pk in present])},
    )
    return len(present)


@transaction.atomic
def delete_group(*, tenant: Tenant, actor: Operator | None, group: Group) -> None:
    """The group is gone. Raises ValidationError, naming what still uses it, while something does."""
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    name = group.display_name
    deleted = Group(pk=group.pk, tenant=tenant, display_name=name)
    try:
        group.delete()
    except ProtectedError as error:
        users = sorted({str(row) for row in error.protected_objects})
        raise ValidationError(f"The group '{name}' is still used by: {', '.join(users)}.") from None
    journal.record(
        tenant=tenant,
        actor=actor,
        category="GroupManagement",
        activity="Delete group",
        target=deleted,
        old={"Name": name},
    )


def _check_assigned(tenant: Tenant, group: Group, users: Iterable[DirectoryUser]) -> None:
    if group.tenant_id != tenant.pk or any(user.tenant_id != tenant.pk for user in users):
        raise ValidationError("The group and its members must belong to the same directory.")
    if group.kind == Group.Kind.DYNAMIC:
        raise ValidationError(f"The members of '{group.display_name}' follow from its rule. Edit the rule instead.")


def _names(users: list[DirectoryUser]) -> list[str]:
    """The first members by name, and how many more: an entry stays readable for thousands."""
    names = [user.upn for user in users[:_NAMED_IN_JOURNAL]]
    more = len(users) - len(names)
    return [*names, f"and {more} more"] if more else names
