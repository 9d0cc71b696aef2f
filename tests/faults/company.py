"""A company whose partner uploads reports, and what must be true of them however often and however suddenly."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from devices import reports, services
from devices.models import (
    Agent,
    Compliance,
    DeviceCount,
    DeviceSearch,
    ManagedDevice,
    OperatingSystem,
    PartnerVerdict,
    RefusedItem,
    Upload,
)
from directory.models import DirectoryDevice
from partners import connections
from tenancy import writes
from tenancy.models import JournalEntry, Tenant
from tests.devices.test_reports import LABEL, WORKSPACE_ONE, Site
from tests.factories import CLOCK_START, DirectoryDeviceFactory, ManagedDeviceFactory
from tests.faults.server import request

STATES, INVENTORY = "compliance-states", "device-inventory"
KNOWN, NEW = 300, 120  # devices that Intune knows before, and those that inventory brings


@dataclass(frozen=True)
class Batch:
    """One upload, as its sender knows it. items: as JSON; the first is of a device that nobody knows."""

    kind: str
    key: str
    items: list[dict[str, Any]]

    @property
    def body(self) -> bytes:
        return json.dumps({"uploadId": self.key, "items": self.items}).encode()


class Company:
    """Devices of one user, half of which Intune does not know yet, and batches about them."""

    def __init__(self, tenant: Tenant, *, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tenant = tenant
        self.site = Site(tenant)
        records = [
            DirectoryDeviceFactory.build(
                tenant=tenant, owner=self.site.user, os="IPhone", registered_at=CLOCK_START, display_name=f"Phone {n}"
            )
            for n in range(KNOWN + NEW)
        ]
        for record in records:
            record.set_derived()
        DirectoryDevice.objects.bulk_create(records)
        ids: list[UUID] = [record.device_id for record in records]
        self.known, self.new = ids[:KNOWN], ids[KNOWN:]
        services.register_devices(
            tenant,
            [
                ManagedDeviceFactory.build(
                    tenant=tenant,
                    azure_ad_device_id=device_id,
                    primary_user=self.site.user,
                    authority=self.site.configuration,
                    agent=Agent.NONE,
                    compliance=Compliance.NOT_EVALUATED,
                )
                for device_id in self.known
            ],
        )

    def token(self) -> str:
        """The text of a new token."""
        made = connections.create_token(tenant=self.tenant, actor=None, partner=WORKSPACE_ONE, name="Cloud")
        return made.text

    def batches(self, number: int, *, size: int = 100) -> list[Batch]:
        """So many batches, in an order that is not that of the times which they tell of."""
        ages = self.chance.sample(range(1, 10 * number), number)
        return [
            self._batch(f"upload-{n}", INVENTORY if n % 3 == 2 else STATES, timedelta(seconds=age), size)
            for n, age in enumerate(ages)
        ]

    def _batch(self, key: str, kind: str, age: timedelta, size: int) -> Batch:
        some = self.new if kind == INVENTORY else self.known
        device_ids = [uuid4(), *self.chance.sample(some, min(size, len(some) // 2))]
        told: dict[str, Any] = {"userId": str(self.site.user.pk), "lastUpdate": (CLOCK_START - age).isoformat()}
        if kind == INVENTORY:
            items = [told | {"deviceId": str(one), "deviceName": f"{key} {n}"} for n, one in enumerate(device_ids)]
        else:
            items = [
                told | {"deviceId": str(device_id), "compliant": self.chance.random() < 0.5} for device_id in device_ids
            ]
        return Batch(kind, key, items)


def send(port: int, token: str, batch: Batch) -> tuple[int, Any] | None:
    """Status and answer, or None where the server was gone before it had answered."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        return request(port, "POST", f"/partner-api/v1/{batch.kind}", batch.body, **headers)
    except (OSError, HTTPException):
        return None


def check(company: Company, batches: Iterable[Batch], answers: Mapping[str, Any]) -> set[str]:
    """What is stored of `batches` is stored whole, once, and with all that follows; return their keys.

    answers: what was acknowledged, by key; that is among them.
    """
    tenant = company.tenant
    with transaction.atomic():
        writes.lock(tenant)  # whoever was killed has let go
        uploads = {upload.key: upload for upload in Upload.objects.in_tenant(tenant)}
        stored = [batch for batch in batches if batch.key in uploads]
        assert len(stored) == len(uploads)
        _check_acknowledged(tenant, uploads, answers)
        _check_totals(tenant, uploads, stored)
        _check_states(company, [batch for batch in stored if batch.kind == STATES])
        _check_devices(company, [batch for batch in stored if batch.kind == INVENTORY])
    return set(uploads)


def _check_acknowledged(tenant: Tenant, uploads: Mapping[str, Upload], answers: Mapping[str, Any]) -> None:
    for key, answer in answers.items():
        assert key in uploads, "An acknowledged upload was lost."
        assert (answer["accepted"], answer["refused"]) == (uploads[key].accepted, uploads[key].refused)
        refused = RefusedItem.objects.in_tenant(tenant).filter(upload=uploads[key]).order_by("position")
        told = [(item["index"], item["reason"]) for item in answer["refusedItems"]]
        assert told == list(refused.values_list("position", "reason"))


def _check_totals(tenant: Tenant, uploads: Mapping[str, Upload], stored: Iterable[Batch]) -> None:
    refused = Counter(RefusedItem.objects.in_tenant(tenant).values_list("upload", flat=True))
    for batch in stored:
        upload = uploads[batch.key]
        assert upload.accepted + upload.refused == len(batch.items)
        assert refused[upload.pk] == upload.refused >= 1
    entries = JournalEntry.objects.in_tenant(tenant).filter(activity=reports.UPLOADED)
    told = [(entry.target_id, entry.new_values["Accepted"], entry.new_values["Refused"]) for entry in entries]
    assert sorted(told) == sorted((upload.pk, upload.accepted, upload.refused) for upload in uploads.values())


def _check_states(company: Company, stored: Iterable[Batch]) -> None:
    """The newest verdict counts, whatever came first, and both records say it."""
    newest: dict[UUID, tuple[datetime, bool]] = {}
    for batch in stored:
        for item in batch.items[1:]:
            told = (datetime.fromisoformat(item["lastUpdate"]), item["compliant"])
            device_id = UUID(item["deviceId"])
            newest[device_id] = max(newest.get(device_id, told), told)
    verdicts = PartnerVerdict.objects.in_tenant(company.tenant).values_list("device_id", "reported_at", "compliant")
    assert {device_id: told for device_id, *told in verdicts} == {key: list(told) for key, told in newest.items()}
    devices = ManagedDevice.objects.in_tenant(company.tenant).filter(azure_ad_device_id__in=company.known)
    records = dict(DirectoryDevice.objects.in_tenant(company.tenant).values_list("device_id", "is_compliant"))
    for device_id, compliance in devices.values_list("azure_ad_device_id", "compliance"):
        compliant = newest[device_id][1] if device_id in newest else None
        assert records[device_id] == compliant
        assert compliance == {
            True: Compliance.COMPLIANT, False: Compliance.NOT_COMPLIANT, None: Compliance.NOT_EVALUATED
        }[compliant]  # fmt: skip


def _check_devices(company: Company, stored: Iterable[Batch]) -> None:
    """Intune has each device that was described once, by its newest description or its first, and counts it."""
    tenant = company.tenant
    names: dict[UUID, set[str]] = {}
    for batch in stored:
        for item in batch.items[1:]:
            names.setdefault(UUID(item["deviceId"]), set()).add(item["deviceName"])
    devices = list(ManagedDevice.objects.in_tenant(tenant))
    ids = [device.azure_ad_device_id for device in devices]
    assert len(ids) == len(set(ids))
    assert set(ids) == {*company.known, *names}
    for device in devices:
        if device.azure_ad_device_id in names:
            assert device.device_name in names[device.azure_ad_device_id]
    marked = DirectoryDevice.objects.in_tenant(tenant).filter(device_id__in=company.new, mdm=LABEL)
    assert set(marked.values_list("device_id", flat=True)) == names.keys()
    texts = dict(DeviceSearch.objects.in_tenant(tenant).values_list("device", "text"))
    assert texts.keys() == {device.pk for device in devices}
    assert all(device.name_key in texts[device.pk] for device in devices)
    found = Counter({("total", 0): len(devices), ("os", OperatingSystem.IOS): len(devices)})
    found += Counter(("compliance", device.compliance) for device in devices)
    rows = DeviceCount.objects.in_tenant(tenant).filter(facet__in=("total", "os", "compliance"), n__gt=0)
    assert {(row.facet, row.value): row.n for row in rows} == found
