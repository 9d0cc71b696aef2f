"""People sign in by themselves as time passes: the same whatever the steps, a bounded number, and kept for 30 days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from access import background
from access.models import Policy, SignIn, SignInPolicy
from devices.models import Compliance, OperatingSystem
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tests.factories import (
    CLOCK_START,
    AccessPolicyFactory,
    CompliancePolicyFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    SignInFactory,
    SignInPolicyFactory,
    TenantFactory,
)

DAY = timedelta(days=1)


@pytest.fixture
def people(tenant):
    users = DirectoryUserFactory.create_batch(60, tenant=tenant)
    for number, user in enumerate(users[:40]):
        DirectoryDeviceFactory(tenant=tenant, owner=user, registered_at=CLOCK_START, is_compliant=number % 3 > 0)
    return users


def move(tenant: Tenant, *steps: timedelta) -> list[str]:
    """Let the clock stand at the start, without sign-ins, and move it by `steps`; return what the log then has."""
    SignInPolicy.objects.in_tenant(tenant).delete()
    SignIn.objects.in_tenant(tenant).delete()
    Tenant.objects.filter(pk=tenant.pk).update(clock_skipped=timedelta(0), pulsed_at=None)
    for step in steps:
        current = Tenant.objects.get(pk=tenant.pk)
        clock.advance(current, step)
        clock.settle(current)
    columns = ("occurred_at", "user_upn", "app", "device_id", "platform", "status", "error_code", "ip_address")
    return sorted(repr(row) for row in SignIn.objects.in_tenant(tenant).values_list(*columns))


def test_a_working_day_has_some_of_the_people_and_the_policies_judge_them(tenant, people):
    AccessPolicyFactory(tenant=tenant)
    AccessPolicyFactory(tenant=tenant, state=Policy.State.REPORT_ONLY)

    move(tenant, DAY)

    made = SignIn.objects.in_tenant(tenant)
    assert 2 <= made.count() <= 12
    assert {row.error_code for row in made} <= {0, 53000}
    assert SignInPolicy.objects.in_tenant(tenant).count() == 2 * made.count()
    assert all(CLOCK_START < row.occurred_at <= CLOCK_START + DAY for row in made)
    assert not JournalEntry.objects.in_tenant(tenant).exists()


def test_the_same_people_sign_in_however_the_clock_is_moved(tenant, people):
    AccessPolicyFactory(tenant=tenant)

    at_once = move(tenant, 3 * DAY)
    in_portions = move(tenant, *[timedelta(hours=5)] * 14, timedelta(minutes=30), timedelta(minutes=90))

    assert at_once
    assert in_portions == at_once


CHANGING = {
    "grace ends": {
        "compliance": Compliance.IN_GRACE_PERIOD,
        "failing_since": CLOCK_START - DAY + timedelta(hours=2, minutes=40),
        "compliance_grace_ends_at": CLOCK_START + timedelta(hours=2, minutes=40),
        "online": False,
    },
    "silence": {"last_checkin_at": CLOCK_START - 30 * DAY + timedelta(hours=3), "online": False},
    "error": {"compliance": Compliance.ERROR, "error_since": CLOCK_START - 7 * DAY + timedelta(hours=3, minutes=1)},
    "first check-in": {
        "compliance": Compliance.NOT_EVALUATED,
        "checkin_slot": 4,
        "failing_since": CLOCK_START - 9 * DAY,
    },
    "back after days": {
        "last_checkin_at": CLOCK_START - 2 * DAY,
        "checkin_slot": 4,
        "failing_since": CLOCK_START - 9 * DAY,
    },
}


@pytest.mark.parametrize("said", CHANGING.values(), ids=CHANGING)
def test_the_policies_judge_the_same_however_the_clock_is_moved_past_a_change(db, said):
    tenant = TenantFactory(propagation=Tenant.Propagation.REAL)
    before = CLOCK_START - 90 * DAY
    CompliancePolicyFactory(
        tenant=tenant, require_passcode=True, grace_days=1, all_users=True, created_at=before, changed_at=before
    )
    AccessPolicyFactory(tenant=tenant)
    for user in DirectoryUserFactory.create_batch(400, tenant=tenant):
        record = DirectoryDeviceFactory(
            tenant=tenant, owner=user, registered_at=before, is_compliant=True, is_managed=True, os="iOS"
        )
        values = {"compliance": Compliance.COMPLIANT, "last_checkin_at": CLOCK_START, "passcode_set": False}
        ManagedDeviceFactory(
            tenant=tenant,
            os=OperatingSystem.IOS,
            primary_user=user,
            azure_ad_device_id=record.device_id,
            enrolled_at=before,
            **values | said,
        )

    def moved(*steps: timedelta) -> list[str]:
        with transaction.atomic():
            made = move(tenant, *steps)
            transaction.set_rollback(True)
        return made

    at_once = moved(timedelta(hours=8))

    assert at_once == moved(*[timedelta(hours=1)] * 8)
    assert {"failure", "success"} <= {word for row in at_once for word in ("failure", "success") if word in row}


def test_two_directories_do_not_do_the_same(tenant, people):
    other = TenantFactory()

    draws = [background.Draw(each, CLOCK_START).digest("who") for each in (tenant, other)]

    assert draws[0] != draws[1]


def test_what_a_policy_says_of_the_groups_holds_for_them_too(tenant, people):
    group = GroupFactory(tenant=tenant, members=people)
    policy = AccessPolicyFactory(tenant=tenant, all_users=False, grant=Policy.Grant.BLOCK)
    policy.group_links.create(tenant=tenant, group=group, intent="include")

    move(tenant, DAY)

    assert set(SignIn.objects.in_tenant(tenant).values_list("error_code", flat=True)) == {53003}


@pytest.mark.parametrize(("users", "most"), [(0, 0), (1, 1), (4, 3)])
def test_a_small_directory_has_few_sign_ins(tenant, users, most):
    DirectoryUserFactory.create_batch(users, tenant=tenant)

    move(tenant, DAY)

    assert SignIn.objects.in_tenant(tenant).count() <= most


def test_four_hundred_people_make_some_tens_a_day_and_a_million_a_few_hundred():
    tenant = Tenant(pk=7)

    def a_day(people: int) -> int:
        hours = (CLOCK_START.replace(hour=0) + number * background.HOUR for number in range(1, 25))
        return sum(background.how_many(background.Draw(tenant, hour), people) for hour in hours)

    assert 30 <= a_day(400) <= 50
    assert 180 <= a_day(background.MOST_PEOPLE) <= 220


def test_weekends_are_quiet():
    def of(day: int) -> int:
        hours = (CLOCK_START.replace(day=day, hour=0) + number * background.HOUR for number in range(1, 25))
        return sum(background.how_many(background.Draw(Tenant(pk=7), hour), 2000) for hour in hours)

    assert of(19) < of(20) / 3  # Sunday and Monday


@pytest.mark.parametrize("users", [30, 300])
def test_the_number_of_statements_does_not_grow_with_people(tenant, users, django_assert_max_num_queries):
    DirectoryUserFactory.create_batch(users, tenant=tenant)
    AccessPolicyFactory(tenant=tenant)

    with django_assert_max_num_queries(26):
        background.people_sign_in(tenant, CLOCK_START, CLOCK_START + timedelta(hours=8))


def test_the_log_is_kept_for_thirty_days(tenant):
    old = SignInFactory(tenant=tenant, occurred_at=CLOCK_START - timedelta(days=29, hours=20))
    SignInPolicyFactory(tenant=tenant, sign_in=old)
    kept = SignInPolicyFactory(tenant=tenant, sign_in=SignInFactory(tenant=tenant)).sign_in
    other = SignInFactory(occurred_at=old.occurred_at)

    background.forget(tenant, CLOCK_START + timedelta(hours=8) - background.KEPT)

    assert list(SignIn.objects.in_tenant(tenant)) == [kept]
    assert SignInPolicy.objects.in_tenant(tenant).get().sign_in == kept
    assert SignIn.unscoped.filter(pk=other.pk).exists()


def test_people_whose_account_is_blocked_or_who_own_nothing_are_told_so(tenant):
    DirectoryUserFactory.create_batch(30, tenant=tenant, account_enabled=False)

    move(tenant, DAY)

    assert set(SignIn.objects.in_tenant(tenant).values_list("error_code", "device_id")) == {(50057, None)}
