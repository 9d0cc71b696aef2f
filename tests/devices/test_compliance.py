"""Intune's own verdict: what policies ask, what a device is like, and how time changes it."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from devices import azure_ad, compliance
from devices import policy_services as policies
from devices.compliance import Demand, Facts, Verdict, judge
from devices.models import (
    Agent,
    Compliance,
    CompliancePolicy,
    ComplianceSettings,
    DeviceCount,
    ManagedDevice,
    OperatingSystem,
    version_key,
)
from directory.models import DirectoryDevice
from tenancy import clock
from tenancy.models import Tenant
from tenancy.scoping import NEVER
from tests.factories import (
    CLOCK_START,
    CompliancePolicyAssignmentFactory,
    CompliancePolicyFactory,
    ComplianceSettingsFactory,
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    TenantFactory,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = CLOCK_START

GOOD = Facts(
    os=OperatingSystem.IOS,
    os_version_key=version_key("13.6"),
    encrypted=True,
    passcode_set=True,
    jailbroken=False,
    last_checkin_at=NOW - HOUR,
    primary_user_id=CompliancePolicy().pk,  # any id will do
    compliance=Compliance.NOT_EVALUATED,
    grace_ends_at=None,
)
STRICT = {"minimum_os_version": "13.0", "require_encryption": True, "require_passcode": True, "block_jailbroken": True}


def demand(**asked) -> Demand:
    written = {"created_at": NOW - 400 * DAY, "changed_at": NOW - 400 * DAY}
    return Demand(CompliancePolicy(os=OperatingSystem.IOS, **written | asked), frozenset(), frozenset())


def after(facts: Facts, found: Verdict, **said) -> Facts:
    """The device once the verdict is written."""
    values = {"compliance": found.compliance, "grace_ends_at": found.grace_ends_at}
    return facts._replace(**values | {"failing_since": found.failing_since} | said)


def verdict(facts: Facts, *demands: Demand, settings: ComplianceSettings | None = None, now=NOW) -> str:
    return judge(facts, demands, settings or ComplianceSettings(), now).compliance.label


# One device


def test_device_that_meets_every_policy_is_compliant():
    assert verdict(GOOD, demand(**STRICT), demand()) == "Compliant"


@pytest.mark.parametrize(
    ("said", "failed"),
    [
        ({"os_version_key": version_key("12.4.8")}, "Minimum OS version"),
        ({"encrypted": False}, "Encryption of data storage on device"),
        ({"passcode_set": False}, "Password to unlock the device"),
        ({"jailbroken": True}, "Jailbroken or rooted device"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_device_that_fails_one_setting_is_not_compliant_and_the_setting_is_named(said, failed):
    found = judge(GOOD._replace(**said), [demand(**STRICT)], ComplianceSettings(), NOW)

    assert found.compliance is Compliance.NOT_COMPLIANT
    assert found.failed == (failed,)


def test_version_is_compared_as_a_version():
    assert verdict(GOOD._replace(os_version_key=version_key("9.3")), demand(minimum_os_version="10.0")) == (
        "Not compliant"
    )


def test_device_without_a_policy_is_what_the_setting_says():
    assert verdict(GOOD) == "Compliant"
    assert verdict(GOOD, settings=ComplianceSettings(without_policy=Compliance.NOT_COMPLIANT)) == "Not compliant"


def test_device_that_has_not_checked_in_or_has_no_user_is_not_evaluated():
    assert verdict(GOOD._replace(last_checkin_at=NEVER), demand(**STRICT)) == "Not evaluated"
    assert verdict(GOOD._replace(primary_user_id=None), demand(**STRICT)) == "Not evaluated"


def test_device_that_was_silent_for_the_validity_period_is_not_compliant():
    month = GOOD._replace(last_checkin_at=NOW - 30 * DAY)
    longer = month._replace(last_checkin_at=NOW - 30 * DAY - HOUR)

    assert verdict(month, demand()) == "Compliant"
    assert verdict(longer, demand()) == "Not compliant"
    assert verdict(longer, demand(), settings=ComplianceSettings(validity_days=60)) == "Compliant"


def test_device_that_nobody_knows_anything_of_stays_unknown_while_it_is_silent():
    silent = GOOD._replace(last_checkin_at=NOW - 60 * DAY, compliance=Compliance.UNKNOWN)

    assert verdict(silent, demand()) == "Unknown"
    assert verdict(silent._replace(last_checkin_at=NOW), demand()) == "Compliant"


def test_failing_device_is_in_grace_until_the_shortest_period_is_over():
    failing = GOOD._replace(passcode_set=False, last_checkin_at=NOW)
    demands = [demand(require_passcode=True, grace_days=5), demand(require_passcode=True, grace_days=3)]

    found = judge(failing, demands, ComplianceSettings(), NOW)
    later = after(failing, found)

    assert (found.compliance, found.grace_ends_at) == (Compliance.IN_GRACE_PERIOD, NOW + 3 * DAY)
    assert verdict(later, *demands, now=NOW + 3 * DAY - HOUR) == "In grace period"
    assert verdict(later, *demands, now=NOW + 3 * DAY) == "Not compliant"


def test_grace_does_not_begin_anew_while_the_device_goes_on_failing():
    over = GOOD._replace(passcode_set=False, compliance=Compliance.NOT_COMPLIANT, failing_since=NOW - 4 * DAY)

    assert verdict(over, demand(require_passcode=True, grace_days=3)) == "Not compliant"


def test_policy_that_marks_immediately_does_not_wait_for_the_grace_of_another():
    lenient = demand(require_passcode=True, grace_days=7)
    failing = GOOD._replace(passcode_set=False, last_checkin_at=NOW - DAY)
    graced = after(failing, judge(failing, [lenient], ComplianceSettings(), NOW - DAY), last_checkin_at=NOW)

    assert verdict(graced, lenient) == "In grace period"
    assert verdict(graced, lenient, demand(require_passcode=True, created_at=NOW, changed_at=NOW)) == "Not compliant"
    assert verdict(graced, demand(require_passcode=True, changed_at=NOW)) == "Not compliant"  # once it had seven days


def test_grace_of_a_new_policy_begins_with_it_however_long_the_device_fails_another():
    failing = GOOD._replace(passcode_set=False, compliance=Compliance.NOT_COMPLIANT, failing_since=NOW - 30 * DAY)
    new = demand(require_passcode=True, grace_days=7, created_at=NOW - HOUR, changed_at=NOW - HOUR)

    assert verdict(failing, new, demand(require_passcode=True)) == "Not compliant"
    found = judge(failing, [new], ComplianceSettings(), NOW)
    assert (found.compliance, found.grace_ends_at) == (Compliance.IN_GRACE_PERIOD, NOW - HOUR + 7 * DAY)


@pytest.mark.parametrize("meanwhile", [{"last_checkin_at": NOW - 40 * DAY}, {"error_since": NOW}], ids=str)
def test_neither_silence_nor_an_error_lets_grace_begin_anew(meanwhile):
    policy = demand(require_passcode=True, grace_days=3)
    failing = GOOD._replace(passcode_set=False, compliance=Compliance.IN_GRACE_PERIOD, failing_since=NOW - 4 * DAY)

    interrupted = failing._replace(**meanwhile)
    heard = after(failing, judge(interrupted, [policy], ComplianceSettings(), NOW), last_checkin_at=NOW)

    assert verdict(heard, policy) == "Not compliant"


@pytest.mark.parametrize("said", [Compliance.COMPLIANT, Compliance.NOT_COMPLIANT, Compliance.NOT_EVALUATED])
def test_device_stays_what_it_was_until_it_has_heard_of_a_changed_policy(said):
    changed = demand(require_passcode=True, changed_at=NOW)
    unheard = GOOD._replace(passcode_set=said is not Compliance.COMPLIANT, compliance=said)

    assert verdict(unheard, changed) == said.label
    assert verdict(unheard._replace(last_checkin_at=NOW), changed) == (
        "Not compliant" if said is Compliance.COMPLIANT else "Compliant"
    )


def test_grace_ends_also_for_a_device_that_has_not_heard_of_a_changed_policy():
    changed = demand(require_passcode=True, grace_days=90, changed_at=NOW)
    unheard = GOOD._replace(
        passcode_set=False, compliance=Compliance.IN_GRACE_PERIOD, grace_ends_at=NOW + HOUR, failing_since=NOW - DAY
    )

    assert verdict(unheard, changed) == "In grace period"
    assert verdict(unheard, changed, now=NOW + HOUR) == "Not compliant"


def test_error_lasts_seven_days_and_leaves_no_grace():
    faulty = GOOD._replace(error_since=NOW)
    lenient = demand(require_passcode=True, grace_days=30)

    assert verdict(faulty, lenient, now=NOW + 7 * DAY - HOUR) == "Error"
    assert verdict(faulty, lenient, now=NOW + 7 * DAY) == "Not compliant"


def test_error_of_no_policy_is_none():
    assert verdict(GOOD._replace(error_since=NOW)) == "Compliant"


# Rows


class Site:
    """A tenant with a policy for iPhones, and a phone that meets it."""

    def __init__(self, tenant) -> None:
        self.tenant = tenant
        self.user = DirectoryUserFactory(tenant=tenant)
        self.policy = CompliancePolicyFactory(tenant=tenant, require_passcode=True, grace_days=1)

    def phone(self, *, compliant: bool | None = True, **values) -> ManagedDevice:
        record = DirectoryDeviceFactory(
            tenant=self.tenant, owner=self.user, registered_at=CLOCK_START, is_compliant=compliant
        )
        values = {"primary_user": self.user, "os": OperatingSystem.IOS, "last_checkin_at": self.tenant.now()} | values
        return ManagedDeviceFactory(tenant=self.tenant, azure_ad_device_id=record.device_id, **values)

    def evaluate(self) -> int:
        return compliance.evaluate(self.tenant, ManagedDevice.objects.in_tenant(self.tenant))

    def pass_by(self, time: timedelta) -> None:
        clock.advance(self.tenant, time)
        clock.settle(self.tenant)

    def azure(self, device: ManagedDevice) -> bool | None:
        return DirectoryDevice.objects.in_tenant(self.tenant).get(device_id=device.azure_ad_device_id).is_compliant


@pytest.fixture
def site(tenant):
    return Site(tenant)


@pytest.fixture
def slow_site(db):
    return Site(TenantFactory(propagation=Tenant.Propagation.REAL))


def state(device: ManagedDevice) -> str:
    device.refresh_from_db()
    return device.get_compliance_display()


def test_both_records_and_the_counts_follow_the_verdict(site):
    device = site.phone(compliance=Compliance.COMPLIANT, passcode_set=False)
    CompliancePolicy.objects.in_tenant(site.tenant).update(grace_days=0)

    changed = site.evaluate()

    assert (changed, state(device), site.azure(device)) == (1, "Not compliant", False)
    counts = DeviceCount.objects.in_tenant(site.tenant).filter(facet="compliance", n__gt=0)
    assert list(counts.values_list("value", "n")) == [(Compliance.NOT_COMPLIANT, 1)]


@pytest.mark.parametrize("propagation", [Tenant.Propagation.INSTANT, Tenant.Propagation.REAL])
def test_record_of_a_device_that_is_not_registered_yet_is_not_marked(db, propagation):
    site = Site(TenantFactory(propagation=propagation))
    device = site.phone(compliant=None, compliance=Compliance.COMPLIANT, passcode_set=False)
    DirectoryDevice.objects.in_tenant(site.tenant).update(registered_at=None)
    CompliancePolicy.objects.in_tenant(site.tenant).update(grace_days=0)

    site.evaluate()
    site.pass_by(azure_ad.DELAY)

    assert state(device) == "Not compliant"
    record = DirectoryDevice.objects.in_tenant(site.tenant).get()
    assert (record.is_compliant, record.is_managed, record.mdm) == (None, False, "")


def test_what_has_not_changed_is_not_written(site, django_assert_max_num_queries):
    site.phone()
    site.evaluate()

    with django_assert_max_num_queries(5):
        assert site.evaluate() == 0


def test_policy_is_for_the_members_of_its_groups_and_not_for_the_excluded(site):
    other = DirectoryUserFactory(tenant=site.tenant)
    CompliancePolicy.objects.in_tenant(site.tenant).update(all_users=False, grace_days=0)
    CompliancePolicyAssignmentFactory(
        tenant=site.tenant, policy=site.policy, group=GroupFactory(tenant=site.tenant, members=[site.user, other])
    )
    CompliancePolicyAssignmentFactory(
        tenant=site.tenant,
        policy=site.policy,
        group=GroupFactory(tenant=site.tenant, members=[other]),
        intent="exclude",
    )
    mine = site.phone(passcode_set=False)
    others = site.phone(passcode_set=False, primary_user=other)

    site.evaluate()

    assert (state(mine), state(others)) == ("Not compliant", "Compliant")


@pytest.mark.parametrize(
    "values",
    [
        {"agent": Agent.CONFIGMGR, "os": OperatingSystem.WINDOWS, "compliance": Compliance.SEE_CONFIGMGR},
        {"agent": Agent.CO_MANAGED, "os": OperatingSystem.WINDOWS, "compliance": Compliance.SEE_CONFIGMGR},
        {"compliance": Compliance.CONFLICT},
        {"agent": Agent.NONE},
    ],
    ids=["of Configuration Manager", "co-managed", "clash", "managed by nobody"],
)
def test_device_that_intune_does_not_judge_stays_as_it_is(site, values):
    device = site.phone(passcode_set=False, **values)
    before = state(device)

    site.evaluate()

    assert state(device) == before


def test_device_that_a_partner_judges_stays_as_it_is_although_intune_manages_it_too(site):
    configuration = ConfigurationFactory(tenant=site.tenant, all_users=True)
    device = site.phone(passcode_set=False, authority=configuration, compliance=Compliance.COMPLIANT)

    site.evaluate()

    assert (state(device), site.azure(device)) == ("Compliant", True)


def test_tenants_settings_count(site):
    CompliancePolicy.objects.in_tenant(site.tenant).delete()
    ComplianceSettingsFactory(tenant=site.tenant, without_policy=Compliance.NOT_COMPLIANT)
    device = site.phone()

    site.evaluate()

    assert state(device) == "Not compliant"


# Time


def test_devices_that_are_switched_on_check_in_every_eight_hours(slow_site):
    phones = [slow_site.phone(last_checkin_at=CLOCK_START - DAY) for _ in range(12)]
    off = slow_site.phone(last_checkin_at=CLOCK_START - DAY, online=False)

    slow_site.pass_by(9 * HOUR)

    for phone in phones:
        phone.refresh_from_db()
        assert timedelta(0) <= slow_site.tenant.now() - phone.last_checkin_at <= 9 * HOUR
    off.refresh_from_db()
    assert off.last_checkin_at == CLOCK_START - DAY


@pytest.mark.parametrize("managed_by", ["a partner", "nobody"])
def test_device_that_intune_does_not_hear_of_does_not_check_in_with_it(slow_site, managed_by):
    configuration = ConfigurationFactory(tenant=slow_site.tenant, all_users=True)
    values = {"authority": configuration} if managed_by == "a partner" else {"agent": Agent.NONE, "primary_user": None}
    device = slow_site.phone(last_checkin_at=CLOCK_START - DAY, **values)

    slow_site.pass_by(9 * HOUR)

    device.refresh_from_db()
    assert device.last_checkin_at == CLOCK_START - DAY


def test_time_in_one_step_and_in_many_comes_to_the_same(slow_site, db):
    other = Site(TenantFactory(propagation=Tenant.Propagation.REAL, created_at=slow_site.tenant.created_at))
    for site in (slow_site, other):
        for slot in range(8):
            site.phone(device_name=f"phone {slot}", checkin_slot=slot, passcode_set=bool(slot % 3))
            site.phone(device_name=f"off {slot}", checkin_slot=slot, online=False, last_checkin_at=CLOCK_START - DAY)

        DirectoryDevice.objects.in_tenant(site.tenant).update(activity_at=CLOCK_START - 13 * DAY)

    slow_site.pass_by(timedelta(hours=53))
    for hours in (1, 3, 0.5, 7, 24, 17.5):
        other.pass_by(timedelta(hours=hours))

    def found(site):
        names = ("device_name", "last_checkin_at", "compliance", "compliance_grace_ends_at")
        devices = ManagedDevice.objects.in_tenant(site.tenant).order_by("name_key")
        records = dict(DirectoryDevice.objects.in_tenant(site.tenant).values_list("device_id", "activity_at"))
        keys = devices.values_list("azure_ad_device_id", flat=True)
        return list(devices.values_list(*names)), [records[key] for key in keys]

    assert found(slow_site) == found(other)


def test_failing_phone_loses_its_access_when_its_grace_is_over(slow_site):
    phone = slow_site.phone(compliance=Compliance.COMPLIANT, passcode_set=False)

    slow_site.pass_by(9 * HOUR)
    graced = state(phone), slow_site.azure(phone)
    slow_site.pass_by(26 * HOUR)

    assert graced == ("In grace period", True)
    assert (state(phone), slow_site.azure(phone)) == ("Not compliant", False)


def test_phone_that_stays_switched_off_loses_its_access_when_its_grace_is_over(slow_site):
    ends_at = CLOCK_START + DAY
    phone = slow_site.phone(
        compliance=Compliance.IN_GRACE_PERIOD, compliance_grace_ends_at=ends_at, passcode_set=False, online=False
    )

    slow_site.pass_by(23 * HOUR)
    before = state(phone), slow_site.azure(phone)
    slow_site.pass_by(3 * HOUR)
    slow_site.pass_by(azure_ad.DELAY)

    assert before == ("In grace period", True)
    assert (state(phone), slow_site.azure(phone)) == ("Not compliant", False)


@pytest.mark.parametrize("online", [True, False])
def test_phone_with_an_error_keeps_its_access_for_seven_days(slow_site, online):
    phone = slow_site.phone(compliance=Compliance.ERROR, error_since=CLOCK_START, online=online)

    slow_site.pass_by(6 * DAY + 23 * HOUR)
    before = state(phone), slow_site.azure(phone)
    slow_site.pass_by(10 * HOUR)

    assert before == ("Error", True)
    assert (state(phone), slow_site.azure(phone)) == ("Not compliant", False)
    slow_site.pass_by(9 * HOUR)
    assert state(phone) == "Not compliant"


def test_migration_lets_an_error_that_is_known_last_since_the_last_check_in(site):
    faulty = site.phone(compliance=Compliance.ERROR, last_checkin_at=CLOCK_START - DAY)
    others = site.phone(compliance=Compliance.COMPLIANT)

    import_module("devices.migrations.0008_error_since").begin(apps, None)

    for device in (faulty, others):
        device.refresh_from_db()
    assert (faulty.error_since, others.error_since) == (CLOCK_START - DAY, None)


def test_migration_leaves_over_what_is_over_and_counts_a_grace_period_from_the_last_check_in(site):
    values = {"compliance_grace_ends_at": CLOCK_START + HOUR, "last_checkin_at": CLOCK_START - DAY}
    graced = site.phone(compliance=Compliance.IN_GRACE_PERIOD, **values)
    over = site.phone(compliance=Compliance.NOT_COMPLIANT, **values)
    good = site.phone(compliance=Compliance.COMPLIANT)

    import_module("devices.migrations.0009_failing_since").begin(apps, None)

    for device in (graced, over, good):
        device.refresh_from_db()
    since = (graced.failing_since, over.failing_since, good.failing_since)
    assert since == (CLOCK_START - DAY, CLOCK_START + HOUR - 365 * DAY, None)


def test_settings_that_change_do_not_judge_a_phone_by_a_policy_that_it_has_not_heard_of(slow_site):
    phone = slow_site.phone(compliance=Compliance.COMPLIANT, online=False)
    slow_site.pass_by(HOUR)
    policies.create_policy(
        tenant=slow_site.tenant,
        actor=None,
        os=OperatingSystem.IOS,
        display_name="New",
        minimum_os_version="99",
        all_users=True,
    )
    policies.change_settings(
        tenant=slow_site.tenant,
        actor=None,
        without_policy=Compliance.COMPLIANT,
        enhanced_jailbreak_detection=False,
        validity_days=31,
    )

    slow_site.pass_by(HOUR)

    assert (state(phone), slow_site.azure(phone)) == ("Compliant", True)


def test_azure_ad_hears_of_it_in_its_time_however_far_the_clock_is_moved_at_once(slow_site):
    CompliancePolicy.objects.in_tenant(slow_site.tenant).update(created_at=CLOCK_START - DAY)
    phone = slow_site.phone(
        compliance=Compliance.IN_GRACE_PERIOD,
        failing_since=CLOCK_START + HOUR - DAY,
        compliance_grace_ends_at=CLOCK_START + HOUR,
        passcode_set=False,
        online=False,
    )

    slow_site.pass_by(8 * HOUR)

    assert (state(phone), slow_site.azure(phone)) == ("Not compliant", False)


def test_phone_that_stays_switched_off_loses_its_standing_after_the_validity_period(slow_site):
    phone = slow_site.phone(compliance=Compliance.COMPLIANT, online=False)

    slow_site.pass_by(29 * DAY)
    before = state(phone)
    slow_site.pass_by(2 * DAY)

    assert (before, state(phone), slow_site.azure(phone)) == ("Compliant", "Not compliant", False)


def test_validity_period_is_that_of_the_tenants_settings(slow_site):
    ComplianceSettingsFactory(tenant=slow_site.tenant, validity_days=10)
    phone = slow_site.phone(compliance=Compliance.COMPLIANT, online=False)

    slow_site.pass_by(9 * DAY)
    before = state(phone)
    slow_site.pass_by(2 * DAY)

    assert (before, state(phone), slow_site.azure(phone)) == ("Compliant", "Not compliant", False)


def test_azure_ad_hears_of_it_a_little_later(slow_site):
    phone = slow_site.phone(compliance=Compliance.COMPLIANT, passcode_set=False)
    CompliancePolicy.objects.in_tenant(slow_site.tenant).update(grace_days=0)

    slow_site.evaluate()
    before = slow_site.azure(phone)
    slow_site.pass_by(azure_ad.DELAY)

    assert (before, slow_site.azure(phone)) == (True, False)
