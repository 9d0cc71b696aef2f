"""The benchmark runs, on little data; its figures are for people to look at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection, transaction
from tqdm import tqdm

from bench import data, export, reports, writes
from devices import services
from devices.models import Compliance, ManagedDevice, OperatingSystem, PartnerVerdict
from directory.models import GroupMembership
from tenancy.models import JournalEntry
from tests.factories import ManagedDeviceFactory

MOVES = ("managed_by", "compliance", "authority")
ROOT = Path(__file__).resolve().parents[2]


def test_the_benchmark_runs():
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--rounds=1", f"--engine={connection.vendor}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    for row in ("first page, htmx", "Azure AD devices", "users, one department", "groups, members of all users",
                "global search: a first name", "audit logs, one actor", "6,000 rows, every column",
                "add one member to a group of 600", "a rule over 600 users: all go, others come",
                "1,000 verdicts, 10 % of them new; their upsert", "1,000 due events; the same statements"):  # fmt: skip
        assert f"| {row} |" in done.stdout
    assert "worst plain LIKE" in done.stdout


def test_measured_writes_leave_the_directory_as_it_was(tenant, operator, capsys):
    data.directory_groups(tenant, data.directory_users(tenant, 30))
    members = list(GroupMembership.objects.in_tenant(tenant).order_by("pk").values_list("group", "user"))

    writes.measure(tenant.slug, rounds=1)

    assert list(GroupMembership.objects.in_tenant(tenant).order_by("pk").values_list("group", "user")) == members
    assert not JournalEntry.objects.in_tenant(tenant).exists()
    assert "| a rule over 30 users: nobody comes or goes | 0 |" in capsys.readouterr().out


def test_measured_reports_leave_the_directory_as_it_was(tenant, operator, capsys, monkeypatch):
    monkeypatch.setattr(reports, "BATCHES", (20,))
    monkeypatch.setattr(reports, "EVENTS", 5)
    people = data.directory_users(tenant, 30)
    services.register_devices(tenant, data.devices(100))
    with tqdm(disable=True) as bar:
        data.directory_devices(tenant, people, bar)
    devices = (
        ManagedDevice.objects.in_tenant(tenant).order_by("pk").values_list("managed_by", "compliance", "authority")
    )
    before = list(devices)

    reports.measure(tenant.slug, rounds=1)

    assert list(devices.all()) == before
    assert not PartnerVerdict.objects.in_tenant(tenant).exists()
    assert not JournalEntry.objects.in_tenant(tenant).exists()
    assert "| 5 due events; the same statements | 5 |" in capsys.readouterr().out


def test_devices_that_change_hands_are_those_that_the_raw_statement_changes(tenant, operator):
    services.register_devices(tenant, data.devices(100))
    data.directory_users(tenant, 1)
    phones = ManagedDevice.objects.in_tenant(tenant).filter(os=OperatingSystem.IOS).order_by("pk")
    move = reports.Move(tenant, list(phones.values_list("pk", flat=True)))

    def moved(act):
        with transaction.atomic():
            move.prepare()
            act()
            found = list(phones.values_list("managed_by", "compliance"))
            transaction.set_rollback(True)
        return found

    assert set(moved(move.follow)) == set(moved(move.update)) == {(data.WORKSPACE_ONE, Compliance.NOT_EVALUATED)}


def test_services_and_raw_statements_that_are_compared_write_the_same(tenant, operator):
    data.directory_groups(tenant, data.directory_users(tenant, 30))

    def members_after(way, write):
        with transaction.atomic():
            write.before()
            getattr(write, way)()
            found = set(GroupMembership.objects.in_tenant(tenant).values_list("group", "user"))
            transaction.set_rollback(True)
        return found

    for write in writes.writes(tenant.slug):
        assert members_after("service", write) == members_after("raw", write), write.name


def test_bare_cursor_writes_every_device_of_the_tenant(tenant):
    ManagedDeviceFactory.create_batch(3, tenant=tenant)
    ManagedDeviceFactory()

    rows, *_ = export.write_bare(tenant.slug, export.ALL)

    assert rows == 3
