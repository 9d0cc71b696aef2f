"""Devices > Compliance policies: the rules of the services, and how devices follow a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from django.core.exceptions import ValidationError

from devices import compliance, policy_queries, policy_services
from devices.models import (
    ASLEEP,
    Agent,
    Compliance,
    CompliancePolicy,
    ComplianceSettings,
    DeviceCount,
    ManagedDevice,
    OperatingSystem,
)
from directory import services as directory
from tenancy import clock
from tenancy.models import DueEvent, JournalEntry, Tenant
from tenancy.roles import MissingPermission, Role
from tenancy.scoping import NEVER
from tests.factories import (
    CLOCK_START,
    CompliancePolicyAssignmentFactory,
    CompliancePolicyFactory,
    ComplianceSettingsFactory,
    ConfigurationFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    TenantFactory,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IOS = OperatingSystem.IOS


@pytest.fixture
def user(tenant):
    return DirectoryUserFactory(tenant=tenant)


@pytest.fixture
def phone(tenant, user):
    return ManagedDeviceFactory(
        tenant=tenant, os=IOS, primary_user=user, passcode_set=False, last_checkin_at=CLOCK_START
    )


def state(device: ManagedDevice) -> str:
    return ManagedDevice.objects.in_tenant(device.tenant).get(pk=device.pk).get_compliance_display()


def create(tenant, **asked) -> CompliancePolicy:
    asked = {"os": IOS, "display_name": "Phones", "all_users": True} | asked
    return policy_services.create_policy(tenant=tenant, actor=None, **cast("Any", asked))


# Rules


def test_new_policy_is_there_with_what_it_asks_and_the_journal_says_so(tenant):
    group = GroupFactory(tenant=tenant, display_name="Field engineers")

    made = create(tenant, all_users=False, groups=[group], require_passcode=True, grace_days=2)

    policy = CompliancePolicy.objects.in_tenant(tenant).get()
    assert (policy.pk, policy.require_passcode, policy.grace_days) == (made.pk, True, 2)
    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Create DeviceCompliancePolicy")
    assert entry.new_values == {
        "Platform": "iOS/iPadOS",
        "Name": "Phones",
        "Require a password to unlock mobile devices": "Require",
        "Mark device noncompliant": "2 days after noncompliance",
        "Included groups": ["Field engineers"],
        "Excluded groups": [],
    }


def test_name_of_another_policy_of_the_platform_is_refused_whatever_its_case(tenant):
    create(tenant)

    with pytest.raises(ValidationError, match="already exists for platform 'iOS/iPadOS'"):
        create(tenant, display_name="PHONES ")


def test_name_is_free_on_another_platform_and_in_another_tenant(tenant):
    create(tenant)

    create(tenant, os=OperatingSystem.ANDROID)
    create(TenantFactory())

    assert CompliancePolicy.objects.in_tenant(tenant).count() == 2


@pytest.mark.parametrize("asked", [{"display_name": ""}, {"display_name": " "}, {"display_name": "x" * 121},
                                   {"grace_days": 366}, {"description": "x" * 501}])  # fmt: skip
def test_values_that_do_not_fit_are_refused(tenant, asked):
    with pytest.raises(ValidationError):
        create(tenant, **asked)

    assert not CompliancePolicy.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize("version", ["ten", "13.", "1.2.3.4.5", "13,5", "13.5 beta", "9" * 9])
def test_version_that_is_none_is_refused(tenant, version):
    with pytest.raises(ValidationError, match="Enter a version number"):
        create(tenant, minimum_os_version=version)


def test_setting_of_another_platform_is_refused(tenant):
    with pytest.raises(ValidationError, match="is not a setting of platform 'Windows 10 and later'"):
        create(tenant, os=OperatingSystem.WINDOWS, block_jailbroken=True)


def test_group_that_is_included_and_excluded_is_refused_and_so_is_exclusion_alone(tenant):
    group = GroupFactory(tenant=tenant)

    with pytest.raises(ValidationError, match="both included and excluded"):
        create(tenant, all_users=False, groups=[group], excluded_groups=[group])
    with pytest.raises(ValidationError, match="before you exclude"):
        create(tenant, all_users=False, excluded_groups=[group])


def test_role_that_may_read_alone_is_refused(tenant):
    reader = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator

    with pytest.raises(MissingPermission):
        policy_services.create_policy(tenant=tenant, actor=reader, os=IOS, display_name="Phones")


def test_change_is_saved_and_recorded_alone(tenant):
    policy = create(tenant, require_passcode=True)

    policy_services.update_policy(policy=policy, actor=None, grace_days=1, display_name="Phones")

    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Patch DeviceCompliancePolicy")
    assert entry.old_values == {"Mark device noncompliant": "Immediately"}
    assert entry.new_values == {"Mark device noncompliant": "1 day after noncompliance"}


def test_nothing_different_leaves_no_entry_and_no_new_date(tenant):
    policy = create(tenant)
    clock.advance(tenant, DAY)

    policy_services.update_policy(policy=policy, actor=None, display_name="Phones")
    policy_services.assign_policy(policy=policy, actor=None, all_users=True)

    assert CompliancePolicy.objects.in_tenant(tenant).get().changed_at == policy.changed_at
    assert JournalEntry.objects.in_tenant(tenant).filter(category="Compliance").count() == 1


def test_policy_that_is_gone_is_said_to_be_gone(tenant):
    policy = create(tenant)
    policy_services.delete_policy(policy=policy, actor=None)

    with pytest.raises(ValidationError, match="deleted meanwhile"):
        policy_services.update_policy(policy=policy, actor=None, grace_days=1)
    with pytest.raises(ValidationError, match="deleted meanwhile"):
        policy_services.assign_policy(policy=policy, actor=None, all_users=False)
    policy_services.delete_policy(policy=policy, actor=None)  # a second click

    assert JournalEntry.objects.in_tenant(tenant).filter(activity="Delete DeviceCompliancePolicy").count() == 1


def test_group_that_a_policy_is_for_cannot_be_deleted_and_says_where_it_is_used(tenant):
    group = GroupFactory(tenant=tenant)
    policy = create(tenant, all_users=False, groups=[group])

    with pytest.raises(ValidationError, match="Phones"):
        directory.delete_group(tenant=tenant, group=group, actor=None)

    policy_services.delete_policy(policy=policy, actor=None)
    directory.delete_group(tenant=tenant, group=group, actor=None)


# Devices follow


def test_device_is_judged_by_a_new_policy_a_changed_one_and_after_it_is_gone(tenant, phone):
    policy = create(tenant, require_passcode=True)
    assert state(phone) == "Not compliant"

    policy_services.update_policy(policy=policy, actor=None, require_passcode=False)
    assert state(phone) == "Compliant"

    policy_services.update_policy(policy=policy, actor=None, require_passcode=True)
    policy_services.delete_policy(policy=policy, actor=None)
    assert state(phone) == "Compliant"
    assert dict(
        DeviceCount.objects.in_tenant(tenant).filter(facet="compliance", n__gt=0).values_list("value", "n")
    ) == {Compliance.COMPLIANT: 1}


def test_assignment_decides_whose_devices_are_judged_and_members_count_as_they_come_and_go(tenant, user, phone):
    group = GroupFactory(tenant=tenant)
    policy = create(tenant, all_users=False, groups=[group], require_passcode=True)
    assert state(phone) == "Compliant"

    directory.add_members(tenant=tenant, group=group, actor=None, users=[user])
    assert state(phone) == "Not compliant"

    policy_services.assign_policy(policy=policy, actor=None, all_users=True, excluded_groups=[group])
    assert state(phone) == "Compliant"


def test_in_real_time_devices_check_in_five_minutes_after_a_policy_and_those_out_of_reach_later(db):
    slow = TenantFactory(propagation=Tenant.Propagation.REAL)
    owner = DirectoryUserFactory(tenant=slow)
    common = {"tenant": slow, "os": IOS, "primary_user": owner, "passcode_set": False, "last_checkin_at": CLOCK_START,
              "compliance": Compliance.COMPLIANT}  # fmt: skip
    near, far = ManagedDeviceFactory(**common), ManagedDeviceFactory(**common, online=False)
    asleep = ManagedDeviceFactory(**common, checkin_slot=ASLEEP)
    clock.advance(slow, timedelta(minutes=1))
    policy = policy_services.create_policy(
        tenant=slow, actor=None, os=IOS, display_name="Phones", all_users=True, require_passcode=True
    )
    assert policy_queries.states_of(policy) == {Compliance.NOT_EVALUATED: 3}

    clock.advance(slow, timedelta(minutes=5))
    clock.settle(slow)

    assert (state(near), state(far), state(asleep)) == ("Not compliant", "Compliant", "Compliant")
    assert policy_queries.states_of(policy) == {Compliance.NOT_COMPLIANT: 1, Compliance.NOT_EVALUATED: 2}


def test_devices_of_partners_of_other_platforms_and_of_nobody_are_left_alone(tenant, user):
    partner = ConfigurationFactory(tenant=tenant, platform="ios", all_users=True)
    common = {
        "tenant": tenant,
        "passcode_set": False,
        "compliance": Compliance.COMPLIANT,
        "last_checkin_at": CLOCK_START,
    }
    others = [
        ManagedDeviceFactory(**common, os=IOS, primary_user=user, authority=partner),
        ManagedDeviceFactory(**common, os=OperatingSystem.ANDROID, primary_user=user),
        ManagedDeviceFactory(**common, os=OperatingSystem.WINDOWS, primary_user=user, agent=Agent.CONFIGMGR),
    ]

    create(tenant, require_passcode=True)
    create(tenant, os=OperatingSystem.WINDOWS, require_passcode=True)

    assert [state(device) for device in others] == ["Compliant"] * 3


def test_settings_hold_for_every_device_at_once(tenant, phone):
    CompliancePolicyFactory(tenant=tenant, os=OperatingSystem.ANDROID)
    change = {"enhanced_jailbreak_detection": False, "validity_days": 30}

    assert policy_services.change_settings(tenant=tenant, actor=None, without_policy=Compliance.NOT_COMPLIANT, **change)
    assert state(phone) == "Not compliant"

    assert policy_services.change_settings(tenant=tenant, actor=None, without_policy=Compliance.COMPLIANT, **change)
    assert state(phone) == "Compliant"
    assert not policy_services.change_settings(tenant=tenant, actor=None, without_policy=Compliance.COMPLIANT, **change)


@pytest.mark.parametrize("days", [0, 121, -1])
def test_validity_outside_its_bounds_is_refused(tenant, days):
    with pytest.raises(ValidationError):
        policy_services.change_settings(
            tenant=tenant,
            actor=None,
            without_policy=Compliance.COMPLIANT,
            enhanced_jailbreak_detection=False,
            validity_days=days,
        )

    assert not ComplianceSettings.objects.in_tenant(tenant).exists()


def test_enhanced_detection_takes_a_phone_for_jailbroken_that_was_not_checked_for_72_hours(tenant, user):
    common = {"tenant": tenant, "primary_user": user, "compliance": Compliance.COMPLIANT, "online": False}
    phone = ManagedDeviceFactory(**common, os=IOS, last_checkin_at=tenant.now())
    android = ManagedDeviceFactory(**common, os=OperatingSystem.ANDROID, last_checkin_at=tenant.now())
    policies = [CompliancePolicyFactory(tenant=tenant, os=os, block_jailbroken=True) for os in (IOS, android.os)]
    ComplianceSettingsFactory(tenant=tenant, enhanced_jailbreak_detection=True)

    clock.advance(tenant, 71 * HOUR)
    clock.settle(tenant)
    assert (state(phone), state(android)) == ("Compliant", "Compliant")
    clock.advance(tenant, 3 * HOUR)
    clock.settle(tenant)

    assert (state(phone), state(android)) == ("Not compliant", "Compliant")
    assert [policy_queries.states_of(policy) for policy in policies] == [
        {Compliance.NOT_COMPLIANT: 1},
        {Compliance.COMPLIANT: 1},
    ]


# Two ways to one state


@pytest.mark.parametrize("enhanced", [False, True])
def test_state_of_a_row_and_of_a_device_are_the_same(tenant, user, enhanced):
    settings = ComplianceSettingsFactory(tenant=tenant, enhanced_jailbreak_detection=enhanced)
    group = GroupFactory(tenant=tenant, members=[user])
    outside = DirectoryUserFactory(tenant=tenant)
    for said in (
        {},
        {"encrypted": True, "os_version": "13.5.1"},
        {"encrypted": True, "os_version": "12.4.8"},
        {"passcode_set": False, "encrypted": True, "os_version": "14"},
        {"jailbroken": True, "encrypted": True, "os_version": "14"},
        {"compliance": Compliance.IN_GRACE_PERIOD},
        {"compliance": Compliance.NOT_COMPLIANT, "failing_since": CLOCK_START - 30 * DAY},
        {"compliance": Compliance.NOT_COMPLIANT, "failing_since": CLOCK_START + DAY},
        {"compliance": Compliance.ERROR, "error_since": CLOCK_START - DAY},
        {"compliance": Compliance.NOT_COMPLIANT, "error_since": CLOCK_START - 9 * DAY, "encrypted": True},
        {"compliance": Compliance.CONFLICT, "encrypted": True},
        {"last_checkin_at": NEVER},
        {"last_checkin_at": CLOCK_START - DAY},
        {"last_checkin_at": CLOCK_START, "encrypted": True, "os_version": "14"},
        {"primary_user": outside},
        {"primary_user": None},
        {"agent": Agent.CO_MANAGED, "encrypted": True, "os_version": "14"},
    ):
        ManagedDeviceFactory(
            **{"tenant": tenant, "os": IOS, "primary_user": user, "last_checkin_at": CLOCK_START} | said
        )
    clock.advance(tenant, 4 * DAY)
    for asked in (
        {},
        {"minimum_os_version": "13.0"},
        {"require_encryption": True, "require_passcode": True},
        {"block_jailbroken": True, "minimum_os_version": "13"},
        {"require_encryption": True, "grace_days": 2, "created_at": CLOCK_START - 90 * DAY},
        {"require_encryption": True, "grace_days": 4, "created_at": CLOCK_START - 90 * DAY},
        {"require_encryption": True, "grace_days": 5},
        {"all_users": False},
    ):
        policy = CompliancePolicyFactory(tenant=tenant, os=IOS, **asked)
        CompliancePolicyAssignmentFactory(tenant=tenant, policy=policy, group=group)

        by_row = {device.pk: Compliance(device.policy_state) for device in policy_queries.devices_of(policy)}
        by_device = {
            device.pk: compliance.state_of(compliance.facts_of(device, settings), policy, tenant.now())
            for device in ManagedDevice.objects.in_tenant(tenant)
            if policy in [demand.policy for demand in compliance.demands_on(device)]
        }
        assert by_row == by_device
        assert by_row


def test_no_due_event_is_left_behind_in_an_instant_tenant(tenant, phone):
    create(tenant, require_passcode=True)

    assert not DueEvent.objects.in_tenant(tenant).exists()
