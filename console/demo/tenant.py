"""Makes the demo tenant, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

from access import background as sign_ins
from access.models import Policy, PolicyGroup
from console import local_secrets
from console.demo.access import AccessPolicies
from console.demo.actions import Actions
from console.demo.devices import GRACE_LASTS, Devices
from console.demo.draw import Draw
from console.demo.groups import Groups
from console.demo.journal import Journal
from console.demo.people import ADMINISTRATORS, People
from devices import bulk
from devices import services as device_services
from devices.models import CompliancePolicy, DeviceAction, ManagedDevice, OperatingSystem
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, Licence
from mobility import services as mobility
from mobility.models import MobilityApplication
from tenancy import cloning, services
from tenancy.models import JournalEntry, Operator, Tenant
from tenancy.roles import Role
from tenancy.scoping import fold

SLUG = "kestrel"
NAME = "Kestrel Logistics"
DEVICES = 400
SEED = 2020
MORNING = datetime(2020, 7, 20, 8, 0, tzinfo=UTC)

FOUNDED = timedelta(days=900)  # the directory's age
POLICIES_WRITTEN = timedelta(days=420)
SIGN_INS = timedelta(days=7)  # how far back their log reaches
# What the devices of console.demo.devices fail is what their policies ask: a passcode of phones, encryption of others.
POLICIES: dict[OperatingSystem, dict[str, Any]] = {
    OperatingSystem.ANDROID: {
        "display_name": "Android - work profile - passcode and encryption",
        "require_passcode": True,
        "require_encryption": True,
        "block_jailbroken": True,
    },
    OperatingSystem.IOS: {
        "display_name": "iOS - minimum OS and passcode",
        "minimum_os_version": "11.0",
        "require_passcode": True,
        "block_jailbroken": True,
    },
    OperatingSystem.MACOS: {"display_name": "macOS - FileVault and firewall", "require_encryption": True},
    OperatingSystem.WINDOWS: {
        "display_name": "Windows 10 - BitLocker and minimum OS",
        "minimum_os_version": "10.0.16299",
        "require_encryption": True,
    },
}
BATCH = 5000
SQLITE_SETTINGS = {"cache_size": -512 * 1024, "temp_store": 1}  # KiB, at most; 1: in a file

M = TypeVar("M", bound=models.Model)
Progress = Callable[[int], object]


@dataclass(frozen=True)
class DemoOperator:
    email: str
    display_name: str
    role: Role


OPERATORS = (
    DemoOperator("mara.lindqvist@kestrel.example", "Mara Lindqvist", Role.GLOBAL_ADMINISTRATOR),
    DemoOperator("help.desk@kestrel.example", "Help Desk", Role.HELP_DESK_OPERATOR),
)


def name_of(slug: str) -> str:
    """What the tenant `slug` is called unless somebody chooses a name."""
    return NAME if slug == SLUG else " ".join(word.capitalize() for word in slug.split("-"))


def user_count(devices: int) -> int:
    """How many people a company with `devices` has."""
    return max(len(ADMINISTRATORS) + 16, round(devices / 2))


def make(
    *, slug: str = SLUG, name: str = NAME, devices: int = DEVICES, seed: int = SEED, progress: Progress | None = None
) -> Tenant:
    """Make the tenant `slug` with `devices` devices, and people and groups in proportion; the operators may enter it.

    A tenant of that slug is emptied and made anew; its memberships stay. progress: called with how many devices
    have been saved since the last call.
    """
    with room_to_write(), transaction.atomic():
        tenant = _tenant(slug, name, seed, devices)
        _fill(tenant, devices, seed, progress)
        admit_operators(tenant)
    return tenant


def devices_of(tenant: Tenant, enrolled: int) -> int:
    """How many devices the demo is made anew with: as many as at first. enrolled: how many it has now."""
    return tenant.demo_devices or enrolled or DEVICES


def remake(tenant: Tenant, *, devices: int, seed: int = SEED) -> Tenant:
    """Make the demo anew inside the caller's transaction; name, training settings and memberships stay."""
    fresh = _tenant(tenant.slug, tenant.display_name, seed, devices)
    _fill(fresh, devices, seed, None)
    fresh.document_mode, fresh.propagation = tenant.document_mode, tenant.propagation
    fresh.save(update_fields=["document_mode", "propagation"])
    return fresh


def admit_operators(tenant: Tenant) -> None:
    """The demo's operators exist, have today's password, and may enter `tenant`; a role changed since stays."""
    password = local_secrets.demo_password()
    for demo in OPERATORS:
        operator = Operator.objects.filter(email=demo.email).first()
        if operator is None:
            operator = Operator.objects.create_user(demo.email, password, display_name=demo.display_name)
        elif not operator.check_password(password):
            operator.set_password(password)
            operator.save(update_fields=["password"])
        if not operator.memberships.filter(tenant=tenant).exists():
            services.admit(tenant=tenant, operator=operator, role=demo.role)


def _tenant(slug: str, name: str, seed: int, devices: int) -> Tenant:
    tenant = Tenant.objects.select_for_update(no_key=True).filter(slug=slug).first() or Tenant(slug=slug)
    tenant.display_name = name
    tenant.default_domain = f"{slug}.example"
    tenant.directory_id = _ids(slug, seed).uuid()
    tenant.kind = Tenant.Kind.DEMO
    tenant.document_mode = Tenant.DocumentMode.AS_WRITTEN
    tenant.propagation = Tenant.Propagation.INSTANT
    tenant.created_at = timezone.now()
    tenant.clock_start = MORNING
    tenant.clock_skipped = timedelta(0)
    tenant.next_due_at = None
    tenant.pulsed_at = None
    tenant.template = None
    tenant.demo_devices = devices
    tenant.full_clean()
    tenant.save()
    cloning.delete_rows(tenant)
    return tenant


def _ids(slug: str, seed: int) -> Draw:
    """Ids come from the slug as well, because keys are unique across tenants; everything else does not."""
    return Draw(f"{slug}:{seed}")


def _fill(tenant: Tenant, devices: int, seed: int, progress: Progress | None) -> None:
    draw, ids = Draw(seed), _ids(tenant.slug, seed)
    ids.uuid()  # the directory's own
    tenant.settling_at = tenant.clock_start  # whatever a service stamps while seeding, it stamps the morning itself
    people = People(tenant, draw, ids)
    users = list(people.make(user_count(devices)))
    _save(DirectoryUser, users)
    skus = {user.pk: people.licences(user) for user in users}
    _insert(
        Licence,
        ("id", "tenant_id", "user_id", "sku"),
        ((ids.uuid(), tenant.pk, user, sku) for user, found in skus.items() for sku in found),
    )
    licensed = {user for user, found in skus.items() if Licence.Sku.INTUNE in found}

    plans = Groups(tenant, draw, ids)
    groups = list(plans.make(users, licensed))
    _save(Group, groups)
    _insert(
        GroupMembership,
        ("id", "tenant_id", "group_id", "user_id"),
        ((ids.uuid(), tenant.pk, group.pk, user.pk) for group in groups for user in plans.members[group.display_name]),
    )

    policies = [
        CompliancePolicy(
            id=ids.uuid(),
            tenant=tenant,
            os=os,
            name_key=fold(asked["display_name"]),
            grace_days=GRACE_LASTS.days,
            created_at=tenant.clock_start - POLICIES_WRITTEN,
            changed_at=tenant.clock_start - POLICIES_WRITTEN,
            **asked,
        )
        for os, asked in POLICIES.items()
    ]
    _save(CompliancePolicy, policies)
    acted_on = _save_devices(tenant, Devices(tenant, draw, ids, users), devices, progress)
    _add_mobility(tenant, ids)
    actions = Actions(tenant, draw, ids, acted_on)
    _save(JournalEntry, Journal(tenant, draw, ids, groups, plans.members, users, actions).make())
    _save(DeviceAction, actions.made)
    for device in actions.leaving:
        ManagedDevice.objects.in_tenant(tenant).filter(pk=device.pk).update(state=device.state)
    access = AccessPolicies(tenant, ids, {group.display_name: group for group in groups})
    _save(Policy, access.make())
    _save(PolicyGroup, access.links)
    sign_ins.fill(tenant, tenant.clock_start - SIGN_INS, tenant.clock_start)
    tenant.settling_at = None


def _save_devices(tenant: Tenant, plan: Devices, n: int, progress: Progress | None) -> list[ManagedDevice]:
    """Save the devices and Azure AD's records of them; return some, for the journal to name."""
    some: list[ManagedDevice] = []
    made = plan.make(n)
    while batch := list(islice(made, BATCH)):
        found = [pair.device for pair in batch]
        device_services.register_devices(tenant, found, batch_size=BATCH)
        _save(DirectoryDevice, (record for pair in batch for record in pair.records))
        some = some or found[:DEVICES]
        if progress is not None:
            progress(len(batch))
    _save(DirectoryDevice, plan.strays(n))
    return some


def _add_mobility(tenant: Tenant, ids: Draw) -> None:
    """What stands under Mobility by default has been there from the start, and nobody remembers who added it."""
    for application in mobility.add_default_applications(tenant=tenant):
        JournalEntry.objects.in_tenant(tenant).filter(target_id=application.pk).delete()
        MobilityApplication.objects.in_tenant(tenant).filter(pk=application.pk).update(
            id=ids.uuid(), added_at=tenant.clock_start - FOUNDED
        )


def _save(model: type[M], rows: Iterable[M]) -> None:
    """Insert many rows; `save` of the model is not called."""
    names = [field.attname for field in model._meta.concrete_fields]
    _insert(model, names, ([getattr(row, name) for name in names] for row in rows))


def _insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert many rows, a batch at a time. names: what each row's values are called."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    wanted = [fields[name] for name in names]
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        bulk.insert(model, wanted, batch)


@contextmanager
def room_to_write() -> Iterator[None]:
    """Suit SQLite to one big transaction.

    Its pages stay in memory instead of being written out many times, and what its savepoints remember goes to a
    file: in memory that is a linked list, which each row of the search index would walk from the start.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in SQLITE_SETTINGS}
        for name, value in SQLITE_SETTINGS.items():
            cursor.execute(f"PRAGMA {name}={value}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name, value in before.items():
                cursor.execute(f"PRAGMA {name}={int(value)}")
