"""Writes on large groups through the services that pages call, each beside the engine's own statement for its rows.

Every one is rolled back, so that the next finds what the first has found. What a commit costs is in neither figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tqdm import tqdm

from bench.data import DEPARTMENTS, DYNAMIC, EVERYBODY
from directory import dynamic, services
from directory.models import DirectoryUser, Group, GroupMembership
from tenancy.models import Operator, Tenant
from tenancy.scoping import fold

MOST_ROUNDS = 10
BATCH = 1_000
MEMBERS, USERS = GroupMembership._meta.db_table, DirectoryUser._meta.db_table
# Times the engine's own: for a batch of members, for a rule, and for one that finds nothing to do and is asked whom to
# name in the journal all the same.
BATCH_GOAL, RULE_GOAL, IDLE_GOAL = 10, 2, 3


def nothing() -> None:
    """Nothing has to be there first."""


@dataclass
class Write:
    """What a page asks for, and what the engine needs at least. before: what has to be there, and is not measured."""

    name: str
    rows: int
    service: Callable[[], Any]
    raw: Callable[[], Any]
    before: Callable[[], Any] = nothing
    goal: float = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"service": [], "raw": []})
    statements: int = 0


def measure(slug: str, rounds: int) -> bool:
    """Make the writes in turn, print the table, and say whether the goals were reached."""
    return compare(writes(slug), min(rounds, MOST_ROUNDS))


def compare(found: Sequence[Write], rounds: int, *, progress: bool = False) -> bool:
    """Make the writes `found` in turn, print the table, and say whether the goals were reached.

    progress: show how far it is.
    """
    with tqdm(total=len(found) * (2 * rounds + 1), desc="writes", disable=not progress) as bar:
        for write in found:
            with transaction.atomic():
                write.before()
                with CaptureQueriesContext(connection) as captured:
                    write.service()
                transaction.set_rollback(True)
            write.statements = len([query for query in captured if "SAVEPOINT" not in query["sql"]])
            bar.update()
        for _ in range(rounds):
            for write in found:
                for way in ("raw", "service"):
                    write.seconds[way].append(rolled_back(getattr(write, way), write.before))
                    bar.update()
    print("\n| write | rows | ms | rows/s | engine alone, ms | × | goal | statements | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    ok = True
    for write in found:
        ours, raw = (statistics.median(write.seconds[way]) for way in ("service", "raw"))
        missed = bool(write.goal) and ours > write.goal * raw
        ok &= not missed
        print(
            f"| {write.name} | {write.rows:,} | {ours * 1000:.2f} | {write.rows / ours:,.0f} | {raw * 1000:.2f} "
            f"| {ours / raw:.1f} | {f'≤ {write.goal:.3g} ×' if write.goal else ''} | {write.statements} "
            f"| {'missed' if missed else 'ok' if write.goal else ''} |"
        )
    return ok


def rolled_back(act: Callable[[], Any], before: Callable[[], Any]) -> float:
    """Seconds that `act` takes in a transaction that leaves nothing behind."""
    with transaction.atomic():
        before()
        start = time.perf_counter()
        act()
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return seconds


def writes(slug: str) -> list[Write]:
    """Every write that is measured, in the tenant `slug`."""
    tenant, actor = Tenant.objects.get(slug=slug), Operator.objects.get()
    everybody, ruled = (Group.objects.in_tenant(tenant).get(display_name=name) for name in (EVERYBODY, DYNAMIC))
    everybody.tenant = ruled.tenant = tenant
    users = DirectoryUser.objects.in_tenant(tenant).order_by("upn_key")
    total = users.count()
    middle = list(users[total // 2 : total // 2 + min(BATCH, total // 2)])
    return [*member_writes(actor, everybody, middle, total), *rule_writes(ruled, total)]


def member_writes(actor: Operator, group: Group, users: Sequence[DirectoryUser], total: int) -> Iterator[Write]:
    """One and many of `users`, all members of `group`, go and come."""
    tenant = group.tenant
    for some in (users[:1], users):
        n = len(some)
        goal = BATCH_GOAL if n > 1 else 0
        who = f"{n:,} members" if n > 1 else "one member"
        raw = Raw(group, f"u.id IN ({', '.join(['%s'] * n)})", [user.pk for user in some])
        add, remove = (
            partial(change, tenant=tenant, actor=actor, group=group, users=some)
            for change in (services.add_members, services.remove_members)
        )
        yield Write(f"add {who} to a group of {total:,}", n, add, raw.insert, before=raw.delete, goal=goal)
        yield Write(f"remove {who} from a group of {total:,}", n, remove, raw.delete, goal=goal)


def rule_writes(group: Group, total: int) -> Iterator[Write]:
    """The dynamic `group` follows its rule: those of the first department are its members."""
    tenant = group.tenant
    old, new = (fold(name) for name in DEPARTMENTS[:2])
    ours, theirs, others = (
        Raw(group, f"u.tenant_id = %s AND u.department_key {way} %s", [tenant.pk, key])
        for way, key in (("=", old), ("=", new), ("<>", old))
    )
    users = DirectoryUser.objects.in_tenant(tenant)
    n, m = (users.filter(department_key=key).count() for key in (old, new))
    one = users.filter(department_key=old).order_by("upn_key")[0]
    alone = Raw(group, "u.id = %s", [one.pk])

    def replace() -> None:
        others.delete()
        ours.insert()

    def confirm() -> None:
        others.delete()
        ours.insert(missing=True)

    rule = f"a rule over {total:,} users"
    follow = partial(dynamic.evaluate_group, group)
    yield Write(f"{rule}: all come", n, follow, ours.insert, goal=RULE_GOAL)
    yield Write(f"{rule}: all go, others come", n + m, follow, replace, before=theirs.insert, goal=RULE_GOAL)
    yield Write(f"{rule}: nobody comes or goes", 0, follow, confirm, before=ours.insert, goal=IDLE_GOAL)
    decide = partial(dynamic.evaluate_users, tenant, [one.pk])
    yield Write("all rules on one user, who comes", 1, decide, alone.insert)


@dataclass
class Raw:
    """Memberships of `group` for those users u who meet a condition, by one statement of the engine."""

    group: Group
    condition: str
    values: Sequence[Any]

    def insert(self, *, missing: bool = False) -> None:
        """missing: those alone who are no members yet."""
        new_id = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
        tenant, group = self.group.tenant_id, self.group.pk
        statement = (
            f"INSERT INTO {MEMBERS} (id, tenant_id, group_id, user_id) SELECT {new_id}, %s, %s, u.id FROM {USERS} u"
            f" WHERE {self.condition}"
        )
        values = [tenant, group, *self.values]
        if missing:
            statement += f" AND NOT EXISTS (SELECT 1 FROM {MEMBERS} m WHERE m.group_id = %s AND m.user_id = u.id)"
            values.append(group)
        execute(statement, values)

    def delete(self) -> None:
        execute(
            f"DELETE FROM {MEMBERS} WHERE group_id = %s AND user_id IN"
            f" (SELECT u.id FROM {USERS} u WHERE {self.condition})",
            [self.group.pk, *self.values],
        )


def execute(statement: str, values: Sequence[Any]) -> None:
    """SQLite keeps ids as 32 digits."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(statement, [value.hex if sqlite and isinstance(value, UUID) else value for value in values])


def recorded(act: Callable[[], Any]) -> Callable[[], None]:
    """The statements of `act`, to be made again by the engine alone. What `act` does now is taken back."""
    statements: list[tuple[str, Any, bool]] = []

    def keep(proceed: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if "SAVEPOINT" not in sql:
            values = list(values) if many else values
            statements.append((sql, values, many))
        return proceed(sql, values, many, context)

    def again() -> None:
        with connection.cursor() as cursor:
            for sql, values, many in statements:
                if many:
                    cursor.executemany(sql, values)
                else:
                    cursor.execute(sql, values)
                    if cursor.description:
                        cursor.fetchall()

    with transaction.atomic():
        with connection.execute_wrapper(keep):
            act()
        transaction.set_rollback(True)
    return again
