"""SQLite finds rows that are named one by one by their names, and does not read a whole directory for them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices import compliance
from devices import queries as device_queries
from devices import services as device_services
from devices.actions import Kind
from devices.models import ManagedDevice
from directory import member_import
from directory import queries as directory_queries
from directory import services as directory_services
from tests.devices.test_reports import Site
from tests.factories import (
    CompliancePolicyAssignmentFactory,
    CompliancePolicyFactory,
    ConsoleFactory,
    DirectoryUserFactory,
    EnrolmentFactory,
    GroupFactory,
    KnownGroupFactory,
    ManagedDeviceFactory,
)
from uem import services as uem_services

MANY = 60
# An index of which the tenant alone, or the tenant and the group, are used.
WHOLE = re.compile(r"USING (?:COVERING )?INDEX \w+ \((?:tenant_id=\?(?: AND group_id=\?)?|group_id=\?)\)")
NAMES = re.compile(r'"\w+" IN \((?:SELECT value FROM json_each|(?!SELECT))')


@pytest.fixture(autouse=True)
def _sqlite_alone():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps statistics.")


@pytest.fixture
def users(tenant):
    return DirectoryUserFactory.create_batch(MANY, tenant=tenant)


@pytest.fixture
def devices(tenant, users):
    return [ManagedDeviceFactory(tenant=tenant, primary_user=user) for user in users]


def whole_reads(act) -> list[str]:
    """The statements of `act` that name rows, and yet read all of a directory or of a group."""
    with CaptureQueriesContext(connection) as captured:
        act()
    found, named = [], 0
    for statement in (query["sql"] for query in captured):
        if not statement.startswith(("SELECT", "UPDATE", "DELETE")) or not NAMES.search(statement):
            continue
        named += 1
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}")
            if any(WHOLE.search(step[3]) for step in cursor.fetchall()):
                found.append(statement[:300])
    assert named, "None of the statements names rows."
    return found


def test_ticked_rows_are_found_by_their_ids(tenant, users, devices):
    assert whole_reads(lambda: device_queries.devices_by_id(tenant, [device.pk for device in devices])) == []
    assert whole_reads(lambda: directory_queries.users_by_id(tenant, [user.pk for user in users])) == []


def test_licenses_of_a_page_of_users_are_looked_up_by_the_users(tenant, users):
    assert whole_reads(lambda: directory_queries.licences_of(tenant, users)) == []


@pytest.mark.parametrize("kind", [Kind.SYNC, Kind.WIPE, Kind.DELETE])
def test_actions_on_many_devices_read_those_alone(tenant, devices, kind):
    def act():
        device_services.request_actions(tenant=tenant, actor=None, devices=devices, kind=kind)

    assert whole_reads(act) == []


def test_check_ins_of_many_devices_read_those_alone(tenant, devices):
    ids = list(ManagedDevice.objects.in_tenant(tenant).values_list("pk", flat=True))

    assert whole_reads(lambda: device_services._check_in(tenant, ids)) == []


def test_members_who_come_and_go_are_looked_up_in_their_group(tenant, users):
    group = GroupFactory(tenant=tenant)
    change = {"tenant": tenant, "actor": None, "group": group, "users": users}

    assert whole_reads(lambda: directory_services.add_members(**change)) == []
    assert whole_reads(lambda: directory_services.remove_members(**change)) == []


def test_lines_of_an_import_are_looked_up_one_by_one(tenant, users):
    group = GroupFactory(tenant=tenant)
    lines = [
        member_import.Line(number, value) for number, user in enumerate(users) for value in (str(user.pk), user.upn)
    ]

    assert whole_reads(lambda: member_import.judge(group, lines)) == []


def test_reports_of_a_partner_read_the_devices_and_users_that_they_name(tenant):
    site = Site(tenant)
    phones = [site.phone() for _ in range(MANY)]
    for phone in phones:
        site.managed(phone)

    assert whole_reads(lambda: site.describe(*(site.inventory(phone, os_version="14.0") for phone in phones))) == []
    assert whole_reads(lambda: site.send(*(site.state(phone, compliant=False) for phone in phones))) == []


def test_policies_for_groups_look_their_users_up_one_by_one(tenant, users, devices):
    group = GroupFactory(tenant=tenant, members=users[:3])
    policy = CompliancePolicyFactory(tenant=tenant, require_passcode=True, all_users=False)
    CompliancePolicyAssignmentFactory(tenant=tenant, policy=policy, group=group)
    mine = ManagedDevice.objects.among(tenant, [device.pk for device in devices])

    assert whole_reads(lambda: compliance.evaluate(tenant, mine)) == []


def test_device_of_a_user_who_was_renamed_is_found_by_the_new_name_without_reading_all(tenant, devices):
    keys = [device.pk for device in devices]

    assert whole_reads(lambda: device_services.refresh_search_texts(tenant, keys)) == []


def test_partner_looks_up_the_users_who_wait_and_not_everybody_in_the_groups_that_it_knows(tenant, users):
    group = GroupFactory(tenant=tenant, members=users)
    link = KnownGroupFactory(tenant=tenant, group=group)
    link.console.tenant = tenant
    waiting = [EnrolmentFactory(tenant=tenant, console=link.console, user=user) for user in users[:3]]

    assert whole_reads(lambda: uem_services._known_users(link.console, waiting)) == []


def test_partner_who_has_nothing_to_tell_asks_for_nobody(tenant, users, django_assert_num_queries):
    console = ConsoleFactory(tenant=tenant, compliance_enabled=True, directory_id=str(tenant.directory_id))
    console.consented_at, console.tenant = tenant.now(), tenant
    KnownGroupFactory(tenant=tenant, console=console, group=GroupFactory(tenant=tenant, members=users))

    with django_assert_num_queries(3):  # a savepoint around what waits
        assert uem_services.report(console) == 0
