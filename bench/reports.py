"""What partners report, what happens by the clock, and devices that change hands, each beside the engine alone.

Reports go through the partner API, address and JSON included, without the wire. Everything is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F
from django.test import Client

from bench.writes import Write, compare, recorded
from devices import bulk, managed_by, services
from devices.models import Agent, Compliance, ManagedDevice, OperatingSystem, PartnerVerdict
from directory.models import DirectoryDevice, DirectoryUser
from partners import catalogue, connections
from partners.models import PartnerConfiguration, Platform
from tenancy import clock
from tenancy.models import DueEvent, Tenant

PARTNER = catalogue.partners()["workspace_one"]
MOST_ROUNDS = 5
BATCHES = (1_000, 10_000)
CHANGED = 10  # one verdict in so many is another than before
EVENTS = 1_000
MOVED = 100_000
NOTHING = "bench.nothing"
# Times the engine's own: a batch beside the upsert of its verdicts, and beside all that it has to write.
UPSERT_GOAL, STATEMENTS_GOAL = 5, 1 / 0.6


@clock.handler(NOTHING, label="Nothing happens")
def do_nothing(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """What is measured is the clock alone."""


def measure(slug: str, rounds: int) -> bool:
    """Make the writes in turn, print the table, and say whether the goals were reached."""
    return compare(list(writes(slug)), min(rounds, MOST_ROUNDS), progress=True)


def writes(slug: str) -> Iterator[Write]:
    """Every write that is measured, in the tenant `slug`."""
    tenant = Tenant.objects.get(slug=slug)
    phones = ManagedDevice.objects.in_tenant(tenant).filter(os=OperatingSystem.IOS).order_by("pk")
    ids = list(phones.values_list("pk", flat=True)[:MOVED])
    for n in BATCHES:
        batch = Batch(tenant, ids[:n])
        total = len(batch.devices)
        name = f"{total:,} verdicts, {100 // CHANGED} % of them new"
        for alone, raw, goal in (
            ("their upsert", batch.upsert_again, UPSERT_GOAL),
            ("the same statements", batch.send_again, STATEMENTS_GOAL),
        ):
            yield Write(f"{name}; {alone}", total, batch.send, raw, batch.prepare, goal)
    events = Events(tenant)
    yield Write(f"{EVENTS:,} due events; the same statements", EVENTS, events.settle, events.again, events.prepare)
    move = Move(tenant, ids)
    yield Write(f"{len(ids):,} devices change hands; one UPDATE", len(ids), move.follow, move.update, move.prepare)


def stop_pulses(tenant: Tenant) -> None:
    """The hours since the database was made are not made up for while something else is measured."""
    now = tenant.now().replace(minute=0, second=0, microsecond=0)
    Tenant.objects.filter(pk=tenant.pk).update(pulsed_at=now + timedelta(hours=1), next_due_at=None)


def configure(tenant: Tenant) -> PartnerConfiguration:
    """The partner is responsible for the iPhones of all users, and serves the tenant."""
    configuration: PartnerConfiguration = PartnerConfiguration.objects.create(
        tenant=tenant,
        partner=PARTNER.key,
        platform=Platform.IOS,
        all_users=True,
        created_at=tenant.now(),
        created_by="System",
    )
    connections.provision(tenant=tenant, partner=PARTNER)
    return configuration


@dataclass
class Batch:
    """Verdicts on devices whose authority the partner is; all of them are known, and some are other ones now."""

    tenant: Tenant
    keys: Sequence[UUID]
    replays: tuple[Callable[[], None], ...] = ()

    @cached_property
    def devices(self) -> list[tuple[UUID, UUID, UUID]]:
        """Device, Azure AD device and user of each."""
        found = {}
        for chunk in bulk.chunks(self.keys):
            rows = ManagedDevice.objects.among(self.tenant, chunk)
            found.update(rows.values_list("azure_ad_device_id", "pk"))
        owners: dict[UUID, UUID] = {}
        for chunk in bulk.chunks(found):
            records = DirectoryDevice.objects.in_tenant(self.tenant).filter(device_id__in=chunk)
            owners.update(records.values_list("device_id", "owner_id"))
        return [(found[device_id], device_id, owner) for device_id, owner in owners.items()]

    @cached_property
    def reported_at(self) -> datetime:
        return self.tenant.now()

    @cached_property
    def body(self) -> bytes:
        items = [
            {
                "deviceId": str(device_id),
                "userId": str(owner),
                "lastUpdate": self.reported_at.isoformat(),
                "compliant": bool(n % CHANGED),
            }
            for n, (_, device_id, owner) in enumerate(self.devices)
        ]
        return json.dumps({"uploadId": "bench", "items": items}).encode()

    def prepare(self) -> None:
        """Both records say that the devices are compliant, as the partner said a day ago."""
        tenant, before = self.tenant, self.reported_at - timedelta(days=1)
        stop_pulses(tenant)
        configuration = configure(tenant)
        for chunk in bulk.chunks(key for key, *_ in self.devices):
            ManagedDevice.objects.among(tenant, chunk).update(
                authority=configuration,
                managed_by=managed_by.number_of_partner(PARTNER.key),
                compliance=Compliance.COMPLIANT,
            )
        for chunk in bulk.chunks(device_id for _, device_id, _ in self.devices):
            DirectoryDevice.objects.in_tenant(tenant).filter(device_id__in=chunk).update(
                is_compliant=True, is_managed=True, mdm=PARTNER.label
            )
        bulk.insert(PartnerVerdict, self._fields, self._verdicts(lambda n: True, before))
        made = connections.create_token(tenant=tenant, actor=None, partner=PARTNER, name="Bench")
        self.client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {made.text}"})
        self.replays = self.replays or (recorded(self._upsert), recorded(self.send))

    @property
    def _fields(self) -> Any:
        names = ("id", "tenant", "device_id", "partner", "compliant", "reported_at", "received_at")
        return bulk.fields_of(PartnerVerdict, names)

    def _verdicts(self, says: Any, at: datetime) -> Iterator[tuple[Any, ...]]:
        for n, (_, device_id, _) in enumerate(self.devices):
            yield uuid4(), self.tenant.pk, device_id, PARTNER.key, says(n), at, at

    def send(self) -> None:
        """As a partner's cloud does."""
        answer = self.client.post("/partner-api/v1/compliance-states", self.body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        assert answer.json()["accepted"] == len(self.devices), answer.content[:500]

    def upsert_again(self) -> None:
        """The verdicts alone."""
        self.replays[0]()

    def send_again(self) -> None:
        """Everything that was asked and written."""
        self.replays[1]()

    def _upsert(self) -> None:
        rows = self._verdicts(lambda n: bool(n % CHANGED), self.reported_at)
        bulk.upsert(PartnerVerdict, self._fields, rows, unique=("tenant", "device_id"))


@dataclass
class Events:
    """Due events that do nothing."""

    tenant: Tenant
    replays: tuple[Callable[[], None], ...] = ()

    def prepare(self) -> None:
        stop_pulses(self.tenant)
        DueEvent.objects.in_tenant(self.tenant).delete()
        due_at = self.tenant.now() - timedelta(minutes=1)
        DueEvent.objects.bulk_create(
            DueEvent(id=UUID(int=n), tenant=self.tenant, kind=NOTHING, due_at=due_at) for n in range(EVENTS)
        )
        self.replays = self.replays or (recorded(self.settle),)

    def settle(self) -> None:
        assert clock.settle(Tenant.objects.get(pk=self.tenant.pk)) == EVENTS

    def again(self) -> None:
        """Everything that was asked and written."""
        self.replays[0]()


@dataclass
class Move:
    """An assignment that makes the partner the authority of devices that Intune has managed."""

    tenant: Tenant
    keys: Sequence[UUID]

    def prepare(self) -> None:
        """No other device of the platform moves, though the data have partners' devices without assignments."""
        stop_pulses(self.tenant)
        phones = ManagedDevice.objects.in_tenant(self.tenant).filter(os=OperatingSystem.IOS)
        phones.exclude(managed_by=F("agent"), authority=None).update(managed_by=F("agent"), authority=None)
        user = DirectoryUser.objects.in_tenant(self.tenant).order_by("upn_key")[0]
        mine = ManagedDevice.objects.among(self.tenant, self.keys)
        mine.update(primary_user=user, agent=Agent.MDM, managed_by=managed_by.MDM)
        self.configuration = configure(self.tenant)

    def follow(self) -> None:
        """As the clock lets devices follow a changed assignment."""
        services.reevaluate_authority(self.tenant, [Platform.IOS])

    def update(self) -> None:
        """The devices alone, in one statement."""
        ManagedDevice.objects.in_tenant(self.tenant).filter(primary_user__isnull=False).update(
            authority=self.configuration,
            managed_by=managed_by.number_of_partner(PARTNER.key),
            compliance=Compliance.NOT_EVALUATED,
            compliance_grace_ends_at=None,
            failing_since=None,
        )
