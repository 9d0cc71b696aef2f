"""Who is in a dynamic group: worked out by the database from the rule, for all users at once or for the few changed.

What changed is journalled like any other change of members, so that whoever follows groups follows these as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, F, QuerySet

from directory import activities, rules
from directory.activities import GROUP_MEMBERS_ADDED, GROUP_MEMBERS_REMOVED, NAMED, named
from directory.models import DirectoryUser, Group, GroupMembership
from directory.queries import batches
from tenancy import clock, journal, writes
from tenancy.models import DueEvent, Tenant

EVALUATE_GROUP = "directory.evaluate-group"
EVALUATE_USER = "directory.evaluate-user"

# Azure AD processes rules in the background, usually within minutes; how many is ours.
DELAY = timedelta(minutes=5)

GROUPS_AT_ONCE = 50  # rules that one statement asks about a user


def subscribe() -> None:
    """Evaluate a user against all rules after every change of what rules ask about."""
    for activity in (activities.USER_ADDED, activities.USER_UPDATED, activities.LICENSE_CHANGED):
        journal.subscribe(activity, EVALUATE_USER, delay=DELAY)


def schedule(group: Group) -> None:
    """The rule of `group` is new: its members follow, at once in an instant tenant."""
    tenant = group.tenant
    delay = timedelta(0) if tenant.is_instant else DELAY
    clock.schedule(tenant, EVALUATE_GROUP, delay=delay, subject_id=group.pk)


def is_waiting(group: Group) -> bool:
    """Whether the members of `group` do not follow its rule yet, because the rule has just been changed."""
    waiting = DueEvent.objects.in_tenant(group.tenant).filter(kind=EVALUATE_GROUP, subject_id=group.pk)
    return group.tenant.next_due_at is not None and bool(waiting.filter(parked_at__isnull=True).exists())


@clock.handler(EVALUATE_GROUP, label="The rule of a dynamic group decides on its members")
def _evaluate_group(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    group = Group.objects.in_tenant(tenant).filter(pk=subject_id, kind=Group.Kind.DYNAMIC).first()
    if group is not None:
        group.tenant = tenant
        evaluate_group(group)


@clock.handler(EVALUATE_USER, label="The rules of dynamic groups decide on a user")
def _evaluate_user(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    if subject_id is not None:
        evaluate_users(tenant, [subject_id])


@transaction.atomic
def evaluate_group(group: Group) -> tuple[int, int]:
    """The members of `group` are exactly the users for whom its rule holds; return how many came and went.

    Set-wise: the same statements for ten users and for a hundred thousand. Raises RuleError.
    """
    tenant = group.tenant
    writes.lock(tenant)
    wanted = DirectoryUser.objects.in_tenant(tenant).filter(rules.condition(rules.parse(group.rule), tenant))
    present = GroupMembership.objects.in_tenant(tenant).filter(group=group)
    going = present.exclude(user__in=wanted.order_by().values("pk"))
    gone_names = list(going.order_by("user__upn_key").values_list("user__upn", flat=True)[:NAMED])
    gone = going.delete()[0] if gone_names else 0
    coming = wanted.exclude(pk__in=present.order_by().values("user"))
    come_names = list(coming.order_by("upn_key").values_list("upn", flat=True)[:NAMED])
    come = _insert_members(group, coming) if come_names else 0
    record_members(group, come_names, come, gone_names, gone)
    return come, gone


@transaction.atomic
def evaluate_users(tenant: Tenant, ids: Collection[UUID]) -> None:
    """The users with `ids` are in the dynamic groups whose rules hold for them, and in no other dynamic group.

    A rule that is not understood leaves its group as it is.
    """
    writes.lock(tenant)
    conditions = []
    for group in Group.objects.in_tenant(tenant).filter(kind=Group.Kind.DYNAMIC):
        try:
            conditions.append((group, rules.condition(rules.parse(group.rule), tenant)))
        except rules.RuleError:
            continue
    for some in batches(conditions, GROUPS_AT_ONCE):
        _evaluate(tenant, ids, some)


def _evaluate(tenant: Tenant, ids: Collection[UUID], conditions: Collection[tuple[Group, Any]]) -> None:
    groups = [group for group, _ in conditions]
    answers = {
        f"holds_{n}": ExpressionWrapper(asked, output_field=BooleanField()) for n, (_, asked) in enumerate(conditions)
    }
    present = set(
        GroupMembership.objects.in_tenant(tenant)
        .filter(group__in=groups, user__in=ids)
        .values_list("group_id", "user_id")
    )
    come: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    gone: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    users = DirectoryUser.objects.in_tenant(tenant).filter(pk__in=ids).order_by("upn_key").annotate(**answers)
    for pk, upn, *holds in users.values_list("pk", "upn", *answers):
        for group, held in zip(groups, holds, strict=True):
            if bool(held) != ((group.pk, pk) in present):
                (come if held else gone)[group.pk].append((pk, upn))
    GroupMembership.objects.bulk_create(
        GroupMembership(tenant=tenant, group_id=group, user_id=pk) for group, found in come.items() for pk, _ in found
    )
    for group in groups:
        if left := [pk for pk, _ in gone[group.pk]]:
            GroupMembership.objects.in_tenant(tenant).filter(group=group, user__in=left).delete()
        group.tenant = tenant
        come_names, gone_names = ([upn for _, upn in found[group.pk]] for found in (come, gone))
        record_members(group, come_names, len(come_names), gone_names, len(gone_names))


def record_members(group: Group, come_names: list[str], come: int, gone_names: list[str], gone: int) -> None:
    """Journal what the rule of `group` has changed: an entry for those who came, one for those who went."""
    for activity, key, names, total in (
        (GROUP_MEMBERS_ADDED, "new", come_names, come),
        (GROUP_MEMBERS_REMOVED, "old", gone_names, gone),
    ):
        if total:
            journal.record(
                tenant=group.tenant,
                actor=None,
                category=activities.GROUP_MANAGEMENT,
                activity=activity,
                target=group,
                **{key: {"Members": named(names, total)}},
            )


def _insert_members(group: Group, users: QuerySet[DirectoryUser, DirectoryUser]) -> int:
    """Insert a membership for each of `users`, who have none, in one statement; return how many they were."""
    selected, params = users.order_by().values(member=F("pk")).query.sql_with_params()
    meta: Any = GroupMembership._meta
    columns = ", ".join(
        connection.ops.quote_name(str(meta.get_field(name).column)) for name in ("id", "tenant", "group", "user")
    )
    new_id = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    group_id = meta.get_field("group").get_db_prep_value(group.pk, connection)
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {new_id}, %s, %s, found.member FROM ({selected}) found",  # noqa: S608
            [group.tenant_id, group_id, *params],
        )
        return int(cursor.rowcount)
