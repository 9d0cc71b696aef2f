"""A database with one large tenant, one small tenant and an operator of both.

Each device has a record in Azure AD; for ten devices there is one user and one entry of the journal. One group has all
users, and a dynamic group follows their departments.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from django.core.management import call_command
from django.db import connection, models, transaction
from tqdm import tqdm

from devices import bulk, services
from devices.models import Agent, Compliance, ManagedDevice, OperatingSystem, Ownership
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, Licence
from tenancy.models import JournalEntry, Membership, Operator, Tenant
from tenancy.roles import Role
from tenancy.scoping import NEVER

LARGE, SMALL = "large", "small"
CLOCK_START = datetime(2020, 7, 20, 8, tzinfo=UTC)
WORKSPACE_ONE, JAMF = 110, 50

T = TypeVar("T")

# Names by OS, as naming rules make them: whoever searches for one of them finds rows that stand together in the
# order of the names, and far from its beginning.
PREFIXES = {
    OperatingSystem.ANDROID: "AND",
    OperatingSystem.IOS: "IOS",
    OperatingSystem.MACOS: "MAC",
    OperatingSystem.WINDOWS: "WKS",
}
VERSIONS = {
    OperatingSystem.ANDROID: ["8.1.0", "9", "9.0", "10", "10.0"],
    OperatingSystem.IOS: ["12.4.8", "13.4.1", "13.5", "13.5.1", "13.6"],
    OperatingSystem.MACOS: ["10.14.6", "10.15.4", "10.15.5", "10.15.6"],
    OperatingSystem.WINDOWS: ["10.0.17763.1339", "10.0.18363.900", "10.0.18363.959", "10.0.19041.329"],
}
SYSTEMS = {
    OperatingSystem.ANDROID: 30,
    OperatingSystem.IOS: 30,
    OperatingSystem.MACOS: 5,
    OperatingSystem.WINDOWS: 35,
}
STATES = {
    Compliance.COMPLIANT: 800,
    Compliance.CONFLICT: 1,
    Compliance.ERROR: 4,
    Compliance.IN_GRACE_PERIOD: 30,
    Compliance.NOT_COMPLIANT: 85,
    Compliance.NOT_EVALUATED: 50,
    Compliance.SEE_CONFIGMGR: 10,
    Compliance.UNKNOWN: 20,
}
FIRST = (
    "ada", "ben", "cleo", "dana", "eli", "fay", "gus", "hana", "ivo", "june", "kai", "lena", "milo", "nora", "omar",
    "pia", "quin", "rosa", "sven", "tara", "uma", "vito",
)  # fmt: skip
LAST = (
    "abbott", "becker", "costa", "dahl", "ekman", "fraser", "gomez", "hansen", "ishii", "jensen", "keane", "lund",
    "mazur", "nilsen", "ortiz", "perez",
)  # fmt: skip

DEPARTMENTS = ("Sales", "Field Service", "Finance", "Transport", "Warehouse Operations", "Human Resources")
JOBS = ("Driver", "Clerk", "Engineer", "Manager", "Team lead")
COUNTRIES = ("Germany", "Sweden", "Portugal", "Netherlands", "United Kingdom")
ACTIVITIES = (
    ("Device", "syncDevice ManagedDevice", "device"),
    ("Device", "retire ManagedDevice", "device"),
    ("Device", "Update device", "Azure AD device"),
    ("UserManagement", "Add user", "user"),
    ("UserManagement", "Update user", "user"),
    ("GroupManagement", "Add members to group", "group"),
)
EVERYBODY, NOBODY, DYNAMIC = "Everybody", "Nobody", "Department Sales"
BATCH = 20_000


def migrate() -> None:
    """The database, new or kept, has today's tables."""
    call_command("migrate", verbosity=0)


def build(large: int, small: int) -> None:
    """Fill the database."""
    operator = Operator.objects.create_user(email="bench@kestrel.example", display_name="Bench Operator")
    for slug, n in ((SMALL, small), (LARGE, large)):
        tenant = Tenant.objects.create(
            slug=slug, display_name=f"{slug.title()} tenant", default_domain=f"{slug}.example", clock_start=CLOCK_START
        )
        large_one = n >= 100_000
        with (
            tqdm(total=n, desc=f"{n:,} devices", unit=" devices", disable=not large_one) as bar,
            indexes_made_at_the_end(ManagedDevice) if large_one else nullcontext(),
        ):
            services.register_devices(tenant, devices(n), batch_size=20_000, progress=partial(move, bar))
        with tqdm(total=n, desc=f"{n:,} records in Azure AD", unit=" records", disable=not large_one) as bar:
            people = directory_users(tenant, max(n // 10, 20))
            directory_groups(tenant, people)
            with indexes_made_at_the_end(DirectoryDevice) if large_one else nullcontext():
                directory_devices(tenant, people, bar)
        journal(tenant, max(n // 10, 20))
        # The last of it: so far the database was half built.
        Membership.objects.create(operator=operator, tenant=tenant, role=Role.INTUNE_ADMINISTRATOR)
    if connection.vendor == "postgresql":  # what autovacuum does within minutes
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def move(bar: tqdm[Any], done: int) -> None:
    """So many are done altogether."""
    bar.update(done - bar.n)


def is_built() -> bool:
    """Whether the database has been filled to the end."""
    return Membership.objects.filter(tenant__slug=LARGE).exists()


@contextmanager
def indexes_made_at_the_end(model: type[models.Model]) -> Iterator[None]:
    """Sorted once, the indexes take half a minute; row by row, more than all the rest together."""
    indexes = model._meta.indexes
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(model, index)


def devices(n: int) -> Iterator[ManagedDevice]:
    """`n` devices, the same ones every time."""
    draw = random.Random(n)  # noqa: S311 - nothing to be kept secret
    for number in range(n):
        os = weighted(draw, SYSTEMS)
        agent, manager = Agent.MDM, None
        if os == OperatingSystem.WINDOWS:
            agent = draw.choice((Agent.MDM, Agent.MDM, Agent.CO_MANAGED, Agent.CONFIGMGR))
        elif draw.random() < 0.4:
            manager = JAMF if os == OperatingSystem.MACOS else WORKSPACE_ONE
        yield ManagedDevice(
            id=uuid.UUID(int=draw.getrandbits(128), version=4),
            device_name=f"{PREFIXES[os]}-{draw.randrange(n * 10):07}",
            management_name=f"{PREFIXES[os].lower()}_{number}_{CLOCK_START:%m/%d/%Y}",
            os=os,
            os_version=draw.choice(VERSIONS[os]),
            ownership=draw.choice((Ownership.CORPORATE, Ownership.CORPORATE, Ownership.PERSONAL)),
            compliance=weighted(draw, STATES),
            agent=agent,
            managed_by=manager,  # type: ignore[misc]  # None: by the agent
            last_checkin_at=last_checkin(draw),
            enrolled_at=CLOCK_START - timedelta(days=draw.randrange(30, 900)),
            user_upn=f"{draw.choice(FIRST)}.{draw.choice(LAST)}{number // 2}@kestrel.example",
            azure_ad_device_id=uuid.UUID(int=draw.getrandbits(128), version=4),
            serial_number=f"{draw.getrandbits(40):010X}",
            imei=f"35{draw.randrange(10**13):013}" if os in (OperatingSystem.ANDROID, OperatingSystem.IOS) else "",
            manufacturer="Contoso",
            model=f"{PREFIXES[os]} {draw.randrange(20)}",
            storage_total_mb=131_072,
            storage_free_mb=draw.randrange(131_072),
        )


def directory_users(tenant: Tenant, n: int) -> list[DirectoryUser]:
    """`n` users, the same ones every time, all with a licence for Intune."""
    draw = random.Random(n)  # noqa: S311 - nothing to be kept secret
    users = []
    for number in range(n):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        user = DirectoryUser(
            id=uuid.UUID(int=draw.getrandbits(128), version=4),
            tenant=tenant,
            display_name=f"{first.title()} {last.title()} {number:06}",
            given_name=first.title(),
            surname=last.title(),
            upn=f"{first}.{last}{number}@kestrel.example",
            job_title=draw.choice(JOBS),
            department=draw.choice(DEPARTMENTS),
            country=draw.choice(COUNTRIES),
            account_enabled=draw.random() > 0.03,
            created_at=CLOCK_START - timedelta(days=draw.randrange(30, 900)),
        )
        user.set_derived()
        users.append(user)
    insert(DirectoryUser, users)
    insert(Licence, (Licence(tenant=tenant, user=user, sku=Licence.Sku.INTUNE) for user in users))
    return users


def directory_groups(tenant: Tenant, users: list[DirectoryUser]) -> None:
    """EVERYBODY has all users, NOBODY none, and DYNAMIC, a dynamic group, will have those of one department."""
    for name, kind, rule in (
        (EVERYBODY, Group.Kind.ASSIGNED, ""),
        (NOBODY, Group.Kind.ASSIGNED, ""),
        (DYNAMIC, Group.Kind.DYNAMIC, f'(user.department -eq "{DEPARTMENTS[0]}")'),
    ):
        group = Group(tenant=tenant, display_name=name, kind=kind, rule=rule, created_at=CLOCK_START)
        group.save()
        if name == EVERYBODY:
            insert(GroupMembership, (GroupMembership(tenant=tenant, group=group, user=user) for user in users))


def directory_devices(tenant: Tenant, users: list[DirectoryUser], bar: tqdm[Any]) -> None:
    """A record in Azure AD for every device of the tenant."""
    draw = random.Random(len(users))  # noqa: S311 - nothing to be kept secret
    devices = ManagedDevice.objects.in_tenant(tenant).order_by("pk")
    found = devices.values_list("azure_ad_device_id", "device_name", "os", "os_version", "enrolled_at")
    rows = found.iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        records = []
        for device_id, name, os, version, enrolled_at in batch:
            managed = draw.random() < 0.9
            record = DirectoryDevice(
                tenant=tenant,
                device_id=device_id,
                display_name=name,
                os=OperatingSystem(os).label,
                os_version=version,
                join_type=draw.choice(DirectoryDevice.JoinType.values),
                enabled=draw.random() > 0.02,
                owner=draw.choice(users),
                mdm="Microsoft Intune" if managed else "",
                is_managed=managed,
                is_compliant=draw.choice((True, True, True, False, None)),
                registered_at=enrolled_at,
                activity_at=last_checkin(draw),
            )
            record.set_derived()
            records.append(record)
        insert(DirectoryDevice, records)
        bar.update(len(batch))


def journal(tenant: Tenant, n: int) -> None:
    """`n` entries, the same ones every time, by a handful of operators and over half a year."""
    draw = random.Random(n)  # noqa: S311 - nothing to be kept secret
    insert(
        JournalEntry,
        (
            JournalEntry(
                id=uuid.UUID(int=draw.getrandbits(128), version=4),
                tenant=tenant,
                occurred_at=CLOCK_START - timedelta(seconds=draw.randrange(180 * 86_400)),
                actor_name=f"operator{draw.randrange(20)}@kestrel.example",
                source=JournalEntry.Source.PORTAL,
                category=category,
                activity=activity,
                target_type=target,
                target_id=uuid.UUID(int=draw.getrandbits(128), version=4),
                target_name=f"Target {number}",
                new_values={"Value": number},
            )
            for number in range(n)
            for category, activity, target in [draw.choice(ACTIVITIES)]
        ),
    )


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert many rows; `save` of the model is not called."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    with transaction.atomic():
        bulk.insert(model, fields, ([getattr(row, name) for name in names] for row in rows))


def weighted(draw: random.Random, weights: dict[T, int]) -> T:
    return draw.choices(list(weights), list(weights.values()))[0]


def last_checkin(draw: random.Random) -> datetime:
    chance = draw.random()
    if chance < 0.02:
        return NEVER
    days = draw.random() if chance < 0.8 else draw.uniform(1, 30) if chance < 0.95 else draw.uniform(30, 200)
    return CLOCK_START - timedelta(days=days)
