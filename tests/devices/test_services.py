"""Who manages a device, and what is derived from devices."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices import managed_by, services
from devices.models import Agent, Compliance, DeviceCount, DeviceSearch, ManagedDevice, OperatingSystem
from directory import services as directory
from partners import catalogue
from partners import services as partners
from partners.models import PartnerConfiguration, Platform
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tests.devices.listing import fill
from tests.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    PartnerVerdictFactory,
    TenantFactory,
)

WORKSPACE_ONE = managed_by.number_of_partner("workspace_one")


@pytest.fixture
def user(tenant):
    return DirectoryUserFactory(tenant=tenant)


@pytest.fixture
def group(tenant, user):
    return GroupFactory(tenant=tenant, members=[user])


@pytest.fixture
def iphone(tenant, user):
    return ManagedDeviceFactory(tenant=tenant, primary_user=user, os=OperatingSystem.IOS)


def add_partner(tenant: Tenant, **assignments) -> PartnerConfiguration:
    partner = catalogue.partners()["workspace_one"]
    return partners.create_configuration(
        tenant=tenant, actor=None, partner=partner, platform=Platform.IOS, **assignments
    )


def manager(device: ManagedDevice) -> str:
    device.refresh_from_db()
    return device.managed_by_label


def recount(tenant: Tenant) -> Counter:
    devices = list(ManagedDevice.objects.in_tenant(tenant))
    counts: Counter = Counter({("total", 0): len(devices)})
    for device in devices:
        counts.update((facet.value, getattr(device, facet)) for facet in services.FACETS)
    return counts


def kept(tenant: Tenant) -> Counter:
    rows = DeviceCount.objects.in_tenant(tenant).values_list("facet", "value", "n")
    return Counter({(facet, value): n for facet, value, n in rows if n})


# Authority


def test_a_new_assignment_hands_the_members_devices_to_the_partner(tenant, group, iphone):
    configuration = add_partner(tenant, groups=[group])

    assert manager(iphone) == "VMware Workspace ONE mobile compliance"
    assert iphone.authority == configuration


def test_devices_that_move_together_leave_one_entry_in_the_journal(tenant, group, user):
    for _ in range(3):
        ManagedDeviceFactory(tenant=tenant, primary_user=user, os=OperatingSystem.IOS)

    configuration = add_partner(tenant, groups=[group])

    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Change MDM authority")
    assert entry.target_id == configuration.pk
    assert entry.actor_name == "System"
    assert entry.new_values == {
        "Platform": "iOS/iPadOS",
        "MDM authority": "VMware Workspace ONE mobile compliance",
        "Devices": 3,
    }


def test_devices_of_others_and_of_other_platforms_stay_with_intune(tenant, group, user):
    of_another = ManagedDeviceFactory(tenant=tenant, primary_user=DirectoryUserFactory(tenant=tenant))
    android = ManagedDeviceFactory(tenant=tenant, primary_user=user, os=OperatingSystem.ANDROID)
    of_nobody = ManagedDeviceFactory(tenant=tenant)

    add_partner(tenant, groups=[group])

    assert [manager(device) for device in (of_another, android, of_nobody)] == ["MDM", "MDM", "MDM"]


def test_all_users_means_every_device_that_has_a_user(tenant, iphone):
    of_nobody = ManagedDeviceFactory(tenant=tenant)

    add_partner(tenant, all_users=True)

    assert manager(iphone) == "VMware Workspace ONE mobile compliance"
    assert manager(of_nobody) == "MDM"


def test_exclude_beats_include(tenant, user, group, iphone):
    contractors = GroupFactory(tenant=tenant, members=[user])

    add_partner(tenant, groups=[group], excluded_groups=[contractors])

    assert manager(iphone) == "MDM"


@pytest.mark.parametrize("agent", [Agent.CONFIGMGR, Agent.CO_MANAGED])
def test_devices_of_configuration_manager_stay_where_they_are(tenant, user, group, agent):
    mac = ManagedDeviceFactory(tenant=tenant, primary_user=user, os=OperatingSystem.IOS, agent=agent)

    add_partner(tenant, groups=[group])

    assert manager(mac) == agent.label


def test_an_edited_assignment_moves_devices_both_ways(tenant, group, iphone):
    other_user = DirectoryUserFactory(tenant=tenant)
    other_group = GroupFactory(tenant=tenant, members=[other_user])
    other_phone = ManagedDeviceFactory(tenant=tenant, primary_user=other_user)
    configuration = add_partner(tenant, groups=[group])

    partners.update_assignments(configuration=configuration, actor=None, groups=[other_group])

    assert manager(iphone) == "MDM"
    assert manager(other_phone) == "VMware Workspace ONE mobile compliance"


def test_a_deleted_configuration_gives_its_devices_back(tenant, group, iphone):
    configuration = add_partner(tenant, groups=[group])

    partners.delete_configuration(configuration=configuration, actor=None)

    assert manager(iphone) == "MDM"
    assert iphone.authority is None


def test_devices_follow_members_into_and_out_of_a_group(tenant, group, user, iphone):
    newcomer = DirectoryUserFactory(tenant=tenant)
    phone = ManagedDeviceFactory(tenant=tenant, primary_user=newcomer)
    add_partner(tenant, groups=[group])

    directory.add_members(tenant=tenant, actor=None, group=group, users=[newcomer])
    directory.remove_members(tenant=tenant, actor=None, group=group, users=[user])

    assert manager(phone) == "VMware Workspace ONE mobile compliance"
    assert manager(iphone) == "MDM"


def test_a_device_registered_later_follows_the_assignment_as_well(tenant, group, user):
    add_partner(tenant, groups=[group])

    late = ManagedDeviceFactory(tenant=tenant, primary_user=user)

    assert manager(late) == "VMware Workspace ONE mobile compliance"


def test_another_tenant_is_left_alone(tenant, group, iphone):
    other = TenantFactory()
    theirs = ManagedDeviceFactory(tenant=other, primary_user=DirectoryUserFactory(tenant=other))

    add_partner(tenant, all_users=True)

    assert manager(theirs) == "MDM"


# Delay


@pytest.fixture
def patient(tenant) -> Tenant:
    """The tenant with the delays of the real product, its clock standing still between the steps of a test."""
    tenant.propagation = Tenant.Propagation.REAL
    tenant.kind = Tenant.Kind.TEMPLATE
    tenant.save()
    return tenant


def test_a_change_takes_effect_after_eight_hours_of_tenant_time(patient, group, iphone):
    add_partner(patient, groups=[group])

    clock.advance(patient, timedelta(hours=7, minutes=59))
    clock.settle(patient)
    before = manager(iphone)
    clock.advance(patient, timedelta(minutes=1))
    clock.settle(patient)

    assert before == "MDM"
    assert manager(iphone) == "VMware Workspace ONE mobile compliance"


def test_the_name_of_a_deleted_partner_stays_until_the_change_takes_effect(patient, group, iphone):
    configuration = add_partner(patient, groups=[group])
    clock.advance(patient, timedelta(hours=8))
    clock.settle(patient)

    partners.delete_configuration(configuration=configuration, actor=None)
    at_once = manager(iphone)
    clock.advance(patient, timedelta(hours=8))
    clock.settle(patient)

    assert at_once == "VMware Workspace ONE mobile compliance"
    assert manager(iphone) == "MDM"


def test_verdict_of_a_deleted_partner_holds_until_the_change_takes_effect(patient, group, iphone):
    record = DirectoryDeviceFactory(tenant=patient, registered_at=patient.now())
    ManagedDevice.objects.in_tenant(patient).update(azure_ad_device_id=record.device_id)
    PartnerVerdictFactory(tenant=patient, device_id=record.device_id, compliant=False)
    configuration = add_partner(patient, groups=[group])
    clock.advance(patient, timedelta(hours=8, minutes=5))
    clock.settle(patient)

    partners.delete_configuration(configuration=configuration, actor=None)
    clock.advance(patient, timedelta(hours=7, minutes=30))
    clock.settle(patient)
    record.refresh_from_db()
    before = manager(iphone), iphone.get_compliance_display(), record.mdm
    clock.advance(patient, timedelta(hours=9))
    clock.settle(patient)

    partner = "VMware Workspace ONE mobile compliance"
    assert before == (partner, "Not compliant", partner)
    record.refresh_from_db()
    assert (manager(iphone), iphone.get_compliance_display(), record.mdm) == ("MDM", "Compliant", "Microsoft Intune")


def test_verdict_of_the_partner_before_does_not_count_with_the_next(tenant, group, iphone):
    verdict = PartnerVerdictFactory(tenant=tenant, partner="soti_mobicontrol")
    ManagedDevice.objects.in_tenant(tenant).update(azure_ad_device_id=verdict.device_id)

    add_partner(tenant, groups=[group])

    iphone.refresh_from_db()
    assert iphone.get_compliance_display() == "Not evaluated"


def test_grace_of_intune_ends_where_a_partner_takes_over(tenant, group, user):
    phone = ManagedDeviceFactory(
        tenant=tenant,
        primary_user=user,
        compliance=Compliance.IN_GRACE_PERIOD,
        compliance_grace_ends_at=tenant.now() + timedelta(days=3),
    )

    add_partner(tenant, groups=[group])

    phone.refresh_from_db()
    assert (phone.get_compliance_display(), phone.compliance_grace_ends_at) == ("Not evaluated", None)


def test_in_an_instant_tenant_nothing_waits(tenant, group, iphone):
    add_partner(tenant, groups=[group])

    assert not clock.is_due(tenant)
    assert manager(iphone) == "VMware Workspace ONE mobile compliance"


# Set-wise


def statements_of_a_change(devices_per_user: int) -> int:
    tenant = TenantFactory()
    users = DirectoryUserFactory.create_batch(3, tenant=tenant)
    group = GroupFactory(tenant=tenant, members=users[:2])
    services.register_devices(
        tenant,
        [
            ManagedDeviceFactory.build(tenant=tenant, primary_user=user, agent=agent)
            for user in users
            for agent in (Agent.MDM, Agent.CO_MANAGED)
            for _ in range(devices_per_user)
        ],
    )
    ConfigurationFactory(tenant=tenant, groups=[group])
    with CaptureQueriesContext(connection) as captured:
        services.reevaluate_authority(tenant, [Platform.IOS])
    assert ManagedDevice.objects.in_tenant(tenant).filter(managed_by=WORKSPACE_ONE).count() == 2 * devices_per_user
    return len(captured)


def test_the_number_of_statements_does_not_grow_with_the_devices(db):
    assert statements_of_a_change(1) == statements_of_a_change(40)


def test_nothing_to_change_writes_nothing(tenant, group, iphone):
    add_partner(tenant, groups=[group])

    with CaptureQueriesContext(connection) as captured:
        services.reevaluate_authority(tenant, list(Platform))

    assert not [query for query in captured if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


def test_counts_equal_a_recount_after_everything_that_moves_devices(tenant):
    fill(tenant, 60)
    users = DirectoryUserFactory.create_batch(4, tenant=tenant)
    services.register_devices(
        tenant, [ManagedDeviceFactory.build(tenant=tenant, primary_user=users[n % 4]) for n in range(20)]
    )
    group = GroupFactory(tenant=tenant, members=users[:2])
    assert kept(tenant) == recount(tenant)

    configuration = add_partner(tenant, groups=[group])
    assert kept(tenant) == recount(tenant)

    partners.update_assignments(configuration=configuration, actor=None, all_users=True, excluded_groups=[group])
    assert kept(tenant) == recount(tenant)

    partners.delete_configuration(configuration=configuration, actor=None)
    assert kept(tenant) == recount(tenant)


def test_the_numbers_of_managed_by_ascend_with_their_labels():
    numbers = sorted(managed_by.LABELS)

    assert numbers == sorted(numbers, key=lambda number: managed_by.LABELS[number].casefold())


def test_every_partner_of_the_catalogue_has_a_number():
    assert {managed_by.LABELS[managed_by.number_of_partner(key)] for key in catalogue.partners()} == {
        partner.label for partner in catalogue.partners().values()
    }


# Registering


def test_registering_fills_what_is_derived(tenant, user):
    device = ManagedDeviceFactory.build(tenant=tenant, device_name=" Straße ", os_version="9.0", primary_user=user)

    assert services.register_devices(tenant, [device]) == 1

    saved = ManagedDevice.unscoped.get(pk=device.pk)
    assert (saved.name_key, saved.os_version_key) == ("strasse", "00000009.00000000")
    assert (saved.user_upn, saved.managed_by) == (user.upn, managed_by.MDM)
    assert saved.search.text == f"strasse\n{user.upn}"


def test_registering_says_how_far_it_is(tenant):
    said: list[int] = []

    done = services.register_devices(
        tenant, ManagedDeviceFactory.build_batch(25, tenant=tenant), batch_size=10, progress=said.append
    )

    assert (done, said) == (25, [10, 20, 25])


def test_registering_a_batch_takes_the_same_statements_for_one_device_and_for_many(tenant):
    def statements(n: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            services.register_devices(tenant, ManagedDeviceFactory.build_batch(n, tenant=tenant))
        return len([query for query in captured if "INSERT INTO" not in query["sql"]])

    services.register_devices(tenant, ManagedDeviceFactory.build_batch(1, tenant=tenant))

    assert statements(1) == statements(50)


def test_users_are_fetched_once_a_batch(tenant, user):
    devices = [ManagedDeviceFactory.build(tenant=tenant, primary_user_id=user.pk) for _ in range(30)]

    with CaptureQueriesContext(connection) as captured:
        services.register_devices(tenant, devices)

    assert sum("directory_directoryuser" in query["sql"] and "SELECT" in query["sql"] for query in captured) == 1


def test_what_is_derived_can_be_rebuilt(tenant):
    fill(tenant, 30)
    counts = kept(tenant)
    texts = dict(DeviceSearch.objects.in_tenant(tenant).values_list("device_id", "text"))
    DeviceCount.unscoped.all().delete()
    DeviceSearch.unscoped.all().delete()

    services.rebuild_derived(tenant)

    assert kept(tenant) == counts
    assert dict(DeviceSearch.objects.in_tenant(tenant).values_list("device_id", "text")) == texts
