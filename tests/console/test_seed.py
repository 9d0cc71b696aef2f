"""The demo tenant as the trainee finds it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from access.models import Policy
from access.services import People, problems
from console.demo import tenant as demo
from console.demo.draw import Draw, luhn_digit
from devices import compliance
from devices.actions import refusal
from devices.models import (
    Agent,
    Compliance,
    DeviceAction,
    DeviceCount,
    DeviceSearch,
    DeviceState,
    ManagedDevice,
    OperatingSystem,
    Ownership,
)
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, Licence
from mobility.models import MobilityApplication
from partners.models import PartnerConfiguration
from tenancy import cloning
from tenancy.models import JournalEntry, Membership, Operator
from tenancy.roles import Role
from tenancy.scoping import NEVER, fold

MORNING = datetime(2020, 7, 20, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def kestrel(django_db_setup, django_db_blocker, demo_password):
    """The demo tenant as it is shipped, made once for the tests that only read it."""
    with django_db_blocker.unblock():
        tenant = demo.make()
    yield tenant
    with django_db_blocker.unblock(), transaction.atomic():
        cloning.delete_rows(tenant)
        tenant.delete()
        Operator.objects.filter(email__in=[row.email for row in demo.OPERATORS]).delete()


@pytest.fixture
def devices(db, kestrel):
    return ManagedDevice.objects.in_tenant(kestrel)


# What is in it


def test_tenant_starts_on_the_morning_of_20_july_2020_and_is_instant(kestrel):
    assert (kestrel.slug, kestrel.display_name, kestrel.default_domain) == (
        "kestrel",
        "Kestrel Logistics",
        "kestrel.example",
    )
    assert (kestrel.kind, kestrel.document_mode, kestrel.is_instant) == ("demo", "as_written", True)
    assert timedelta(0) <= kestrel.now() - MORNING < timedelta(minutes=30)


@pytest.mark.django_db
def test_it_has_200_users_25_groups_and_400_devices(kestrel):
    counts = [model.objects.in_tenant(kestrel).count() for model in (DirectoryUser, Group, ManagedDevice)]

    assert counts == [200, 25, 400]


@pytest.mark.django_db
def test_users_have_addresses_of_their_names_and_believable_profiles(kestrel):
    users = list(DirectoryUser.objects.in_tenant(kestrel))

    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d?@kestrel\.example", user.upn) for user in users)
    assert all(user.job_title and user.department and user.city and user.country for user in users)
    assert all(re.fullmatch(r"[A-Z]{2}", user.usage_location) for user in users)
    assert len({user.department for user in users}) > 8
    assert 0 < sum(not user.account_enabled for user in users) < 20


@pytest.mark.django_db
def test_most_users_have_licences_and_a_few_have_none(kestrel):
    licensed = Counter(Licence.objects.in_tenant(kestrel).values_list("sku", flat=True))

    assert 180 < licensed[Licence.Sku.INTUNE] < 200
    assert 170 < licensed[Licence.Sku.AAD_PREMIUM_P1] < licensed[Licence.Sku.INTUNE]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "All company",
        "Field engineers – iOS",
        "Warehouse leads",
        "Android pilot",
        "Contractors",
        "Front desk",
        "Helpdesk trainees",
    ],
)
def test_groups_that_lessons_name_have_members(kestrel, name):
    group = Group.objects.in_tenant(kestrel).get(display_name=name)

    assert GroupMembership.objects.in_tenant(kestrel).filter(group=group).exists()


@pytest.mark.django_db
def test_all_company_follows_a_rule_and_has_everybody(kestrel):
    group = Group.objects.in_tenant(kestrel).get(display_name="All company")

    assert (group.kind, bool(group.rule)) == (Group.Kind.DYNAMIC, True)
    assert GroupMembership.objects.in_tenant(kestrel).filter(group=group).count() == 200


def test_field_engineers_in_the_ios_group_carry_enough_devices_to_see_them_move(kestrel, devices):
    members = GroupMembership.objects.in_tenant(kestrel).filter(group__display_name="Field engineers – iOS")

    assert devices.filter(os=OperatingSystem.IOS, primary_user__in=members.values("user")).count() >= 10


def test_every_compliance_state_system_ownership_and_manager_occurs(devices):
    for field, choices in {
        "compliance": Compliance,
        "os": OperatingSystem,
        "ownership": Ownership,
        "agent": Agent,
    }.items():
        assert set(devices.values_list(field, flat=True)) == set(choices.values) - {Agent.NONE}


def test_devices_in_error_are_so_since_their_last_check_in(devices):
    faulty = devices.filter(compliance=Compliance.ERROR)
    assert faulty.exists()
    assert all(device.error_since == device.last_checkin_at for device in faulty)
    assert not devices.exclude(compliance=Compliance.ERROR).exclude(error_since=None).exists()


def test_devices_in_grace_and_out_of_it_are_what_their_policies_say(kestrel, devices):
    graced = devices.filter(compliance=Compliance.IN_GRACE_PERIOD)
    over = devices.filter(compliance=Compliance.NOT_COMPLIANT, last_checkin_at__gt=MORNING - timedelta(days=30))
    assert graced.count() > 10
    assert over.count() > 10
    assert compliance.evaluate(kestrel, graced) == compliance.evaluate(kestrel, over) == 0


def test_some_devices_are_stale_some_never_checked_in_and_some_have_no_user(devices):
    assert devices.filter(last_checkin_at=NEVER).exists()
    assert devices.filter(last_checkin_at__gt=NEVER, last_checkin_at__lt=MORNING - timedelta(days=30)).count() > 10
    assert devices.filter(primary_user=None).exists()


def test_no_device_has_done_anything_after_the_morning_or_before_it_was_enrolled(devices):
    for device in devices:
        assert device.enrolled_at < MORNING
        assert device.last_checkin_at == NEVER or device.enrolled_at <= device.last_checkin_at < MORNING


def test_only_windows_is_attached_to_configuration_manager(devices):
    attached = devices.exclude(agent=Agent.MDM)

    assert set(attached.values_list("os", flat=True)) == {OperatingSystem.WINDOWS}
    assert set(devices.filter(agent=Agent.CONFIGMGR).values_list("compliance", flat=True)) == {Compliance.SEE_CONFIGMGR}


def test_names_look_like_those_on_the_reference_screens(devices):
    names = "\n".join(devices.values_list("device_name", flat=True))

    for pattern in (
        r"^KL-AND-\d{3}$",
        r"^KL-IPH-\d{3}$",
        r"^KL-LT-\d{4}$",
        r"^KL-MB[AP]-\d{3}$",
        r"^\S+'s iPhone$",
        r"^[a-z]+_AndroidForWork_\d+/\d+/20\d\d$",
    ):
        assert re.search(pattern, names, re.MULTILINE), pattern


def test_imei_passes_the_luhn_check_and_mac_addresses_have_six_bytes(devices):
    numbers = [imei for imei in devices.values_list("imei", flat=True) if imei]

    assert len(numbers) > 100
    assert all(len(imei) == 15 and luhn_digit(imei[:-1]) == imei[-1] for imei in numbers)
    assert all(
        re.fullmatch(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}", mac) for mac in devices.values_list("wifi_mac", flat=True)
    )


def test_luhn_digit_is_that_of_the_standards_example():
    assert luhn_digit("7992739871") == "3"


def test_shares_give_the_rarest_its_one():
    assert Counter(Draw(1).shares(10, {"common": 1000, "rare": 1})) == {"common": 9, "rare": 1}


@pytest.mark.django_db
def test_search_texts_and_counts_say_what_the_devices_say(kestrel, devices):
    counts = DeviceCount.objects.in_tenant(kestrel).filter(n__gt=0)
    texts = dict(DeviceSearch.objects.in_tenant(kestrel).values_list("device", "text"))

    assert counts.get(facet=DeviceCount.Facet.TOTAL).n == 400
    for field in ("compliance", "os", "ownership"):
        assert dict(counts.filter(facet=field).values_list("value", "n")) == Counter(
            devices.values_list(field, flat=True)
        )
    assert len(texts) == 400
    assert all(fold(device.device_name) in texts[device.pk] for device in devices)


# Azure AD's records


def test_most_devices_have_a_record_in_azure_ad_and_a_few_have_none(kestrel, devices):
    recorded = set(DirectoryDevice.objects.in_tenant(kestrel).values_list("device_id", flat=True))

    assert set(devices.exclude(azure_ad_device_id=None).values_list("azure_ad_device_id", flat=True)) <= recorded
    assert 0 < devices.filter(azure_ad_device_id=None).count() < 20


@pytest.mark.django_db
def test_azure_ad_has_every_join_type_verdict_and_mdm_and_a_few_pending_ones(kestrel):
    records = DirectoryDevice.objects.in_tenant(kestrel)

    assert set(records.values_list("join_type", flat=True)) == set(DirectoryDevice.JoinType.values)
    assert set(records.values_list("is_compliant", flat=True)) == {True, False, None}
    assert set(records.values_list("mdm", flat=True)) == {"Microsoft Intune", "System Center Configuration Manager", ""}
    assert 0 < records.filter(registered_at=None, join_type="hybrid").count() < 10


def test_a_few_devices_are_registered_twice(kestrel, devices):
    names = Counter(
        DirectoryDevice.objects.in_tenant(kestrel)
        .filter(display_name__startswith="KL-")
        .values_list("display_name", flat=True)
    )

    assert 0 < sum(n == 2 for n in names.values()) < 20


def test_azure_ad_agrees_with_intune_on_devices_that_intune_has_judged(kestrel, devices):
    verdicts = dict(DirectoryDevice.objects.in_tenant(kestrel).values_list("device_id", "is_compliant"))
    judged = {Compliance.COMPLIANT: True, Compliance.IN_GRACE_PERIOD: True, Compliance.NOT_COMPLIANT: False}

    for device in devices.filter(compliance__in=judged).exclude(azure_ad_device_id=None):
        assert verdicts[device.azure_ad_device_id] is judged[Compliance(device.compliance)]


# What the trainee is to add


@pytest.mark.django_db
def test_under_mobility_stands_microsoft_intune_alone_and_there_is_no_compliance_partner(kestrel):
    assert [row.display_name for row in MobilityApplication.objects.in_tenant(kestrel)] == ["Microsoft Intune"]
    assert not PartnerConfiguration.objects.in_tenant(kestrel).exists()


# Conditional access


@pytest.mark.django_db
def test_one_access_policy_acts_one_reports_and_one_is_off_and_emergency_accounts_are_spared(kestrel):
    policies = {policy.display_name: policy for policy in Policy.objects.in_tenant(kestrel)}

    assert {name: policy.state for name, policy in policies.items()} == {
        "Require compliant device for Exchange Online": "on",
        "Require MFA for Azure management": "report_only",
        "Require compliant or hybrid joined device for all cloud apps": "off",
    }
    for policy in policies.values():
        policy.tenant = kestrel
        assert (
            problems(policy, People(groups=[link.group for link in policy.group_links.filter(intent="include")])) == {}
        )
        assert policy.group_links.filter(intent="exclude").get().group.memberships.exists()


# The journal


@pytest.mark.django_db
def test_journal_covers_two_months_up_to_the_morning(kestrel):
    moments = list(JournalEntry.objects.in_tenant(kestrel).values_list("occurred_at", flat=True))

    assert len(moments) > 300
    assert timedelta(days=60) < max(moments) - min(moments) < timedelta(days=63)
    assert MORNING - timedelta(hours=1) < max(moments) < MORNING


@pytest.mark.django_db
def test_journal_tells_of_policies_members_device_actions_and_sign_ins_of_administrators(kestrel):
    entries = JournalEntry.objects.in_tenant(kestrel)

    assert set(entries.values_list("source", flat=True)) == {JournalEntry.Source.SEED}
    assert {"Compliance", "DeviceConfiguration", "Device", "GroupManagement", "SignInLogs"} <= set(
        entries.values_list("category", flat=True)
    )
    actors = set(entries.values_list("actor_name", flat=True))
    assert actors <= set(DirectoryUser.objects.in_tenant(kestrel).values_list("upn", flat=True))


@pytest.mark.django_db
def test_journal_names_rows_that_exist(kestrel):
    known = {
        *DirectoryUser.objects.in_tenant(kestrel).values_list("pk", flat=True),
        *Group.objects.in_tenant(kestrel).values_list("pk", flat=True),
        *ManagedDevice.objects.in_tenant(kestrel).values_list("pk", flat=True),
    }
    targets = JournalEntry.objects.in_tenant(kestrel).exclude(target_id=None).values_list("target_id", flat=True)

    assert set(targets) <= known


# Remote actions


@pytest.mark.django_db
def test_device_actions_are_completed_pending_and_failed_and_stand_in_the_journal(kestrel):
    actions = DeviceAction.objects.in_tenant(kestrel)
    written = JournalEntry.objects.in_tenant(kestrel).filter(activity__endswith=" ManagedDevice")

    assert {action.status for action in actions} == {
        DeviceAction.Status.COMPLETED,
        DeviceAction.Status.PENDING,
        DeviceAction.Status.FAILED,
    }
    assert {action.kind for action in actions} == set(DeviceAction.Kind)
    assert sorted((action.requested_at, action.device_name) for action in actions) == sorted(
        written.values_list("occurred_at", "target_name")
    )


@pytest.mark.django_db
def test_device_actions_agree_with_the_records_of_their_devices(kestrel):
    actions = DeviceAction.objects.in_tenant(kestrel).select_related("device")

    for action in actions:
        device = action.device
        if device is None:
            assert action.status == DeviceAction.Status.COMPLETED
        elif action.status == DeviceAction.Status.PENDING:
            assert not device.online
        else:
            assert action.completed_at <= device.last_checkin_at
            assert not refusal(device, DeviceAction.Kind(action.kind))
    states = ManagedDevice.objects.in_tenant(kestrel).exclude(state=DeviceState.MANAGED)
    assert sorted(states.values_list("state", flat=True)) == [DeviceState.RETIRE_PENDING, DeviceState.WIPE_PENDING]
    assert sorted(actions.filter(device__in=states, kind__in=["retire", "wipe"]).values_list("kind", flat=True)) == [
        "retire",
        "wipe",
    ]


# Who may enter


@pytest.mark.django_db
def test_administrator_and_help_desk_may_enter_with_the_password_of_the_environment(kestrel, demo_password):
    roles = {
        row.operator.email: row.role for row in Membership.objects.filter(tenant=kestrel).select_related("operator")
    }

    assert roles == {
        "mara.lindqvist@kestrel.example": Role.GLOBAL_ADMINISTRATOR,
        "help.desk@kestrel.example": Role.HELP_DESK_OPERATOR,
    }
    assert all(row.check_password(demo_password) for row in Operator.objects.filter(memberships__tenant=kestrel))
