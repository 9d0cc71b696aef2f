"""A tenant full of random devices, and the list that the pages have to be cut from, made the slow and simple way."""

from __future__ import annotations

import random
from datetime import timedelta

from devices import services
from devices.filters import SORTS, CheckIn, Wanted
from devices.models import Agent, Compliance, ManagedDevice, OperatingSystem, Ownership
from tenancy.models import Tenant
from tenancy.scoping import NEVER, fold
from tests.factories import CLOCK_START

NAMES = ["KL-AND", "KL-IOS", "kl-mac", "Castillo's iPhone", "Ärzte-Tablet", "STRASSE", "Straße", "50% off", "a_b"]
AGES = [timedelta(hours=2), timedelta(days=3), timedelta(days=20), timedelta(days=45)]


def fill(tenant: Tenant, n: int, seed: int = 1, batch_size: int = 100) -> list[ManagedDevice]:
    """`n` devices with many ties in every column."""
    draw = random.Random(seed)
    devices = [
        ManagedDevice(
            enrolled_at=CLOCK_START,
            device_name=f"{draw.choice(NAMES)}-{draw.randrange(n // 3 + 1):03}",
            os=draw.choice(OperatingSystem.values),
            os_version=draw.choice(["9", "10.0", "13.5.1", "10.0.19041.329", ""]),
            ownership=draw.choice(Ownership.values),
            compliance=draw.choice(Compliance.values),
            agent=draw.choice([Agent.CONFIGMGR, Agent.MDM, Agent.CO_MANAGED]),
            last_checkin_at=NEVER if draw.random() < 0.2 else CLOCK_START - draw.choice(AGES),
            user_upn=draw.choice(["", "mara.lindqvist@kestrel.example", "Omar.Haddad@kestrel.example"]),
            serial_number=f"SN{draw.randrange(10**6):06}",
            imei="" if draw.random() < 0.5 else f"35{draw.randrange(10**6):06}",
            management_name=f"mgmt_{draw.randrange(9)}",
        )
        for _ in range(n)
    ]
    services.register_devices(tenant, devices, batch_size=batch_size)
    return devices


def expected(tenant: Tenant, wanted: Wanted) -> list[str]:
    """Ids of all rows of the wanted list, in its order."""
    devices = [device for device in ManagedDevice.objects.in_tenant(tenant) if _matches(tenant, device, wanted)]

    def key(device: ManagedDevice) -> list[object]:
        return [
            device.pk.hex
            if column == "id"
            else (value.encode() if isinstance(value := getattr(device, column), str) else value)
            for column in SORTS[wanted.sort]
        ]

    return [device.pk for device in sorted(devices, key=key, reverse=wanted.descending)]


def _matches(tenant: Tenant, device: ManagedDevice, wanted: Wanted) -> bool:
    texts = [device.device_name, device.user_upn, device.serial_number, device.imei, device.management_name]
    if wanted.term and not any(wanted.term in fold(text) for text in texts):
        return False
    if any(getattr(device, facet) not in numbers for facet, numbers in wanted.filters.facets.items()):
        return False
    age = tenant.now() - device.last_checkin_at
    never = device.last_checkin_at == NEVER
    answers = {
        CheckIn.DAY: age <= timedelta(hours=24),
        CheckIn.WEEK: age <= timedelta(days=7),
        CheckIn.MONTH: age <= timedelta(days=30),
        CheckIn.OLDER: age > timedelta(days=30) and not never,
        CheckIn.NEVER: never,
    }
    return not wanted.filters.checkins or any(answers[checkin] for checkin in wanted.filters.checkins)
