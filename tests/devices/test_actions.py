"""Remote actions: where each is possible, who may ask for it, when it happens, and what it does to both records."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices import actions, services
from devices.managed_by import number_of_partner
from devices.models import (
    Agent,
    DeviceAction,
    DeviceCount,
    DeviceSearch,
    DeviceState,
    ManagedDevice,
    OperatingSystem,
    Ownership,
)
from directory.models import DirectoryDevice
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    CLOCK_START,
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db

Kind, Status = DeviceAction.Kind, DeviceAction.Status
EVERY = set(Kind)

# What a device is, and which actions it takes.
DEVICES = {
    "corporate Windows": (
        {"os": OperatingSystem.WINDOWS},
        EVERY - {Kind.REMOTE_LOCK, Kind.RESET_PASSCODE},
    ),
    "personal Windows": (
        {"os": OperatingSystem.WINDOWS, "ownership": Ownership.PERSONAL},
        EVERY - {Kind.REMOTE_LOCK, Kind.RESET_PASSCODE, Kind.RENAME},
    ),
    "corporate macOS": (
        {"os": OperatingSystem.MACOS},
        EVERY - {Kind.RESET_PASSCODE, Kind.RESTART},
    ),
    "supervised iOS": ({"os": OperatingSystem.IOS, "supervised": True}, EVERY),
    "unsupervised iOS": (
        {"os": OperatingSystem.IOS, "ownership": Ownership.PERSONAL},
        EVERY - {Kind.RESTART, Kind.RENAME},
    ),
    "personal Android": (
        {"os": OperatingSystem.ANDROID, "ownership": Ownership.PERSONAL},
        EVERY - {Kind.RESTART, Kind.RENAME, Kind.WIPE},
    ),
    "corporate Android": ({"os": OperatingSystem.ANDROID}, EVERY - {Kind.RENAME, Kind.RETIRE}),
    "co-managed Windows": (
        {"os": OperatingSystem.WINDOWS, "agent": Agent.CO_MANAGED},
        EVERY - {Kind.REMOTE_LOCK, Kind.RESET_PASSCODE},
    ),
    "ConfigMgr only": ({"os": OperatingSystem.WINDOWS, "agent": Agent.CONFIGMGR}, set()),
    "retiring": (
        {"os": OperatingSystem.IOS, "supervised": True, "state": DeviceState.RETIRE_PENDING},
        EVERY - {Kind.RETIRE, Kind.WIPE},
    ),
    "being wiped": (
        {"os": OperatingSystem.IOS, "supervised": True, "state": DeviceState.WIPE_PENDING},
        EVERY - {Kind.RETIRE, Kind.WIPE},
    ),
}

READERS = {
    Role.READ_ONLY_OPERATOR,
    Role.POLICY_AND_PROFILE_MANAGER,
    Role.INTUNE_ROLE_ADMINISTRATOR,
    Role.CONDITIONAL_ACCESS_ADMINISTRATOR,
    Role.SECURITY_READER,
    Role.GLOBAL_READER,
    Role.CLOUD_DEVICE_ADMINISTRATOR,
}
MAY: dict[Role, set[DeviceAction.Kind]] = {
    Role.GLOBAL_ADMINISTRATOR: EVERY,
    Role.INTUNE_ADMINISTRATOR: EVERY,
    Role.HELP_DESK_OPERATOR: EVERY - {Kind.DELETE},
    Role.ENDPOINT_SECURITY_MANAGER: {Kind.SYNC, Kind.REMOTE_LOCK, Kind.RESTART, Kind.DELETE},
    Role.SECURITY_ADMINISTRATOR: {Kind.SYNC, Kind.REMOTE_LOCK, Kind.RESTART, Kind.DELETE},
    **{role: set() for role in READERS},
}


@pytest.fixture
def real() -> Tenant:
    """A tenant in which things take their time."""
    return TenantFactory(propagation="real")


def device_in(tenant: Tenant, **values) -> ManagedDevice:
    """A device that takes every action, and Azure AD's record of it."""
    azure = values.pop("azure_ad_device_id", uuid4())
    device = ManagedDeviceFactory(
        tenant=tenant, azure_ad_device_id=azure, **{"os": OperatingSystem.IOS, "supervised": True, **values}
    )
    DirectoryDeviceFactory(
        tenant=tenant, device_id=azure, display_name=device.device_name,
        mdm="Microsoft Intune", is_managed=True, is_compliant=True,
    )  # fmt: skip
    return device


def record_of(device: ManagedDevice) -> DirectoryDevice:
    return DirectoryDevice.objects.in_tenant(device.tenant).get(device_id=device.azure_ad_device_id)


def ask(
    tenant: Tenant, kind: DeviceAction.Kind, *devices: ManagedDevice, actor=None, **values
) -> services.ActionResult:
    return services.request_actions(tenant=tenant, actor=actor, devices=devices, kind=kind, **values)


def options_for(kind: DeviceAction.Kind) -> dict[str, str] | None:
    return {"new_name": "KL-NEW-1"} if kind is Kind.RENAME else None


def later(tenant: Tenant, by: timedelta) -> None:
    clock.advance(tenant, by)
    clock.settle(tenant)


def recount(tenant: Tenant) -> Counter:
    devices = list(ManagedDevice.objects.in_tenant(tenant))
    counts: Counter = Counter({("total", 0): len(devices)})
    for device in devices:
        counts.update((facet.value, getattr(device, facet)) for facet in services.FACETS)
    return +counts


def kept(tenant: Tenant) -> Counter:
    rows = DeviceCount.objects.in_tenant(tenant).values_list("facet", "value", "n")
    return +Counter({(facet, value): n for facet, value, n in rows})


def entries(tenant: Tenant, activity: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.in_tenant(tenant).filter(activity=activity))


# Where an action is possible


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("what", DEVICES)
def test_device_takes_the_actions_of_its_platform_and_says_why_it_refuses_the_others(tenant, what, kind):
    values, possible = DEVICES[what]
    device = ManagedDeviceFactory(tenant=tenant, **values)

    result = ask(tenant, kind, device, options=options_for(kind))

    assert [refused.device for refused in result.refused] == ([] if kind in possible else [device])
    assert len(result.made) == (1 if kind in possible else 0)
    assert all(refused.reason.endswith(".") for refused in result.refused)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", Role)
def test_role_asks_for_what_it_grants(tenant, role, kind):
    actor = MembershipFactory(tenant=tenant, role=role).operator
    device = device_in(tenant)

    if kind in MAY[role]:
        assert ask(tenant, kind, device, actor=actor, options=options_for(kind)).made
    else:
        with pytest.raises(MissingPermission, match=actions.PERMISSIONS[kind].value):
            ask(tenant, kind, device, actor=actor, options=options_for(kind))
        assert not DeviceAction.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize("kind", Kind)
def test_partner_managed_device_is_left_to_the_partner(tenant, kind):
    device = device_in(tenant)
    partner = ConfigurationFactory(tenant=tenant)
    ManagedDevice.objects.in_tenant(tenant).update(authority=partner, managed_by=number_of_partner(partner.partner))

    result = ask(tenant, kind, device, options=options_for(kind))

    assert result.refused[0].reason == (
        "VMware Workspace ONE mobile compliance manages this device. Use the partner's console."
    )


def test_hybrid_joined_windows_device_is_not_renamed(tenant):
    device = device_in(tenant, os=OperatingSystem.WINDOWS, supervised=False)
    DirectoryDevice.objects.in_tenant(tenant).update(join_type=DirectoryDevice.JoinType.HYBRID)

    result = ask(tenant, Kind.RENAME, device, options={"new_name": "KL-LT-0001"})

    assert result.refused[0].reason == "Rename device is not available for hybrid Azure AD joined devices."


def test_devices_of_another_tenant_are_no_devices_here(tenant):
    of_another = device_in(TenantFactory())

    result = ask(tenant, Kind.WIPE, of_another)

    assert not result.made
    assert result.refused[0].reason == "The device is no longer in Intune."


def test_one_refused_device_does_not_hold_up_the_others(tenant):
    windows = device_in(tenant, os=OperatingSystem.WINDOWS)
    iphone = device_in(tenant)

    result = ask(tenant, Kind.REMOTE_LOCK, windows, iphone)

    assert [action.device_name for action in result.made] == [iphone.device_name]
    assert result.refused == [(windows, "Remote lock is not available for Windows desktops.")]


# Options


@pytest.mark.parametrize(
    ("name", "os", "sentence"),
    [
        ("", OperatingSystem.IOS, "Enter a name."),
        ("   ", OperatingSystem.IOS, "Enter a name."),
        ("x" * 64, OperatingSystem.IOS, "Enter a name of at most 63 characters."),
        ("x" * 16, OperatingSystem.WINDOWS, "Enter a name of at most 15 characters."),
        ("Mara's phone", OperatingSystem.IOS, "Use letters, numbers and hyphens only."),
        ("KL_LT_1", OperatingSystem.WINDOWS, "Use letters, numbers and hyphens only."),
        ("KL-ÄÖ", OperatingSystem.WINDOWS, "Use letters, numbers and hyphens only."),
        ("12345", OperatingSystem.WINDOWS, "Use at least one letter or hyphen."),
    ],
)
def test_name_that_a_device_cannot_have_is_refused(tenant, name, os, sentence):
    device = device_in(tenant, os=os)

    with pytest.raises(ValidationError) as refusal:
        ask(tenant, Kind.RENAME, device, options={"new_name": name})

    assert refusal.value.message_dict == {"new_name": [sentence]}


@pytest.mark.parametrize(
    ("kind", "os", "options", "sentence"),
    [
        (Kind.WIPE, OperatingSystem.IOS, {"keep_enrollment": True}, "when Windows devices are wiped"),
        (Kind.RETIRE, OperatingSystem.WINDOWS, {"keep_wiping": True}, "when Windows devices are wiped"),
        (Kind.REMOTE_LOCK, OperatingSystem.IOS, {"pin": "123456"}, "when macOS devices are locked"),
        (Kind.REMOTE_LOCK, OperatingSystem.MACOS, {"pin": "12345"}, "Enter a PIN of 6 digits."),
        (Kind.SYNC, OperatingSystem.IOS, {"new_name": "KL-1"}, "Only Rename device takes a name."),
        (Kind.SYNC, OperatingSystem.IOS, {"loudly": True}, "Sync has no option 'loudly'."),
    ],
)
def test_option_that_does_not_fit_is_refused(tenant, kind, os, options, sentence):
    with pytest.raises(ValidationError, match=sentence):
        ask(tenant, kind, device_in(tenant, os=os), options=options)


def test_devices_are_renamed_one_at_a_time(tenant):
    with pytest.raises(ValidationError, match=r"Rename one device at a time\."):
        ask(tenant, Kind.RENAME, device_in(tenant), device_in(tenant), options={"new_name": "KL-1"})


# When it happens


def test_instant_tenant_does_it_at_once(tenant):
    device = device_in(tenant)

    action = ask(tenant, Kind.REMOTE_LOCK, device).made[0]

    assert (action.status, action.completed_at is not None) == (Status.COMPLETED, True)


@pytest.mark.parametrize(
    ("kind", "too_early", "enough"),
    [
        (Kind.SYNC, timedelta(seconds=50), timedelta(minutes=1)),
        (Kind.REMOTE_LOCK, timedelta(minutes=4), timedelta(minutes=5)),
        (Kind.WIPE, timedelta(minutes=4), timedelta(minutes=5)),
    ],
)
def test_device_that_is_switched_on_is_reached_within_minutes(real, kind, too_early, enough):
    action = ask(real, kind, device_in(real)).made[0]
    later(real, too_early)
    action.refresh_from_db()
    assert action.status == Status.PENDING

    later(real, enough)

    action.refresh_from_db()
    assert action.status == Status.COMPLETED
    took = action.completed_at - action.requested_at
    assert actions.REACHED_AFTER[kind] <= took < enough + timedelta(seconds=30)


@pytest.mark.parametrize("propagation", Tenant.Propagation)
def test_device_that_is_switched_off_does_it_when_it_checks_in_again(propagation):
    tenant = TenantFactory(propagation=propagation)
    device = device_in(tenant, online=False)
    action = ask(tenant, Kind.SYNC, device).made[0]
    later(tenant, timedelta(days=20))
    action.refresh_from_db()
    assert action.status == Status.PENDING

    services.check_in(tenant, [device.pk])

    action.refresh_from_db()
    device.refresh_from_db()
    assert action.status == Status.COMPLETED
    assert device.online
    assert device.last_checkin_at == action.completed_at > CLOCK_START + timedelta(days=20)


def test_check_in_does_what_waits_in_the_order_it_was_asked_for(tenant):
    device = device_in(tenant, online=False, device_name="KL-OLD-1")
    ask(tenant, Kind.RENAME, device, options={"new_name": "KL-NEW-1"})
    lock = ask(tenant, Kind.REMOTE_LOCK, device).made[0]
    ask(tenant, Kind.RETIRE, device)

    services.check_in(tenant, [device.pk])

    done = DeviceAction.objects.in_tenant(tenant).order_by("requested_at")
    assert [action.kind for action in done] == ["rename", "remote_lock", "retire"]
    assert {action.status for action in done} == {Status.COMPLETED}
    lock.refresh_from_db()
    assert (lock.device, lock.intune_device_id) == (None, device.pk)


def test_what_was_asked_for_after_the_end_is_canceled(tenant):
    device = device_in(tenant, online=False)
    ask(tenant, Kind.WIPE, device)
    sync = ask(tenant, Kind.SYNC, device).made[0]

    services.check_in(tenant, [device.pk])

    sync.refresh_from_db()
    assert (sync.status, sync.detail) == (Status.CANCELED, "The device left Intune first.")


def test_check_in_costs_the_same_for_one_device_and_for_many(real):
    def check_in(n: int) -> int:
        devices = [device_in(real) for _ in range(n)]
        ask(real, Kind.REMOTE_LOCK, *devices)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            services.check_in(real, [device.pk for device in devices])
        return len(queries)

    check_in(1)  # the counts of new values are inserted once
    assert check_in(1) == check_in(12)


def test_check_in_refreshes_azure_ads_activity_only_when_it_is_old(tenant):
    stale, fresh = device_in(tenant), device_in(tenant)
    recently = tenant.now() - timedelta(days=3)
    DirectoryDevice.objects.in_tenant(tenant).filter(pk=record_of(fresh).pk).update(activity_at=recently)

    services.check_in(tenant, [stale.pk, fresh.pk])

    assert record_of(stale).activity_at > recently
    assert record_of(fresh).activity_at == recently


# Asking twice


def test_action_that_waits_is_not_asked_for_again(real):
    device = device_in(real)
    ask(real, Kind.REMOTE_LOCK, device)

    again = ask(real, Kind.REMOTE_LOCK, device)

    assert again.refused == [(device, "Remote lock is already pending for this device.")]
    assert DeviceAction.objects.in_tenant(real).count() == 1


@pytest.mark.parametrize("kind", [Kind.SYNC, Kind.WIPE, Kind.DELETE])
@pytest.mark.parametrize("propagation", Tenant.Propagation)
def test_form_that_is_sent_twice_asks_once(propagation, kind):
    tenant = TenantFactory(propagation=propagation)
    device, key = device_in(tenant), uuid4()
    first = ask(tenant, kind, device, key=key)

    second = ask(tenant, kind, device, key=key)

    assert [action.pk for action in second.made] == [action.pk for action in first.made]
    assert not second.refused
    assert len(entries(tenant, actions.ACTIVITIES[kind])) == 1


# What it does to both records


def test_sync_brings_the_last_check_in_up_to_date(tenant):
    device = device_in(tenant)

    ask(tenant, Kind.SYNC, device)

    device.refresh_from_db()
    assert device.last_checkin_at > CLOCK_START
    assert record_of(device).mdm == "Microsoft Intune"


def test_rename_reaches_both_records_and_the_search(tenant):
    device = device_in(tenant, device_name="KL-OLD-1")

    ask(tenant, Kind.RENAME, device, options={"new_name": "KL-New-1"})

    device.refresh_from_db()
    assert (device.device_name, device.name_key) == ("KL-New-1", "kl-new-1")
    assert (record_of(device).display_name, record_of(device).name_key) == ("KL-New-1", "kl-new-1")
    assert DeviceSearch.objects.in_tenant(tenant).get(device=device).text.startswith("kl-new-1")
    done = entries(tenant, services.ACTIONS_COMPLETED)[0]
    assert (done.old_values["Device name"], done.new_values["Device name"]) == ("KL-OLD-1", "KL-New-1")


@pytest.mark.parametrize("kind", [Kind.RETIRE, Kind.WIPE, Kind.DELETE])
def test_device_leaves_intune_and_stays_in_azure_ad_without_a_management_service(tenant, kind):
    other = device_in(tenant)
    device = device_in(tenant)

    action = ask(tenant, kind, device).made[0]

    action.refresh_from_db()
    assert not ManagedDevice.objects.in_tenant(tenant).filter(pk=device.pk).exists()
    assert not DeviceSearch.objects.in_tenant(tenant).filter(device_id=device.pk).exists()
    assert (action.status, action.device, action.intune_device_id) == (Status.COMPLETED, None, device.pk)
    record = record_of(device)
    assert (record.mdm, record.is_managed, record.is_compliant) == ("", False, None)
    assert record_of(other).mdm == "Microsoft Intune"
    assert kept(tenant) == recount(tenant)


@pytest.mark.parametrize(
    ("kind", "state"), [(Kind.RETIRE, DeviceState.RETIRE_PENDING), (Kind.WIPE, DeviceState.WIPE_PENDING)]
)
def test_device_that_is_to_go_says_so_until_it_is_gone(real, kind, state):
    device = device_in(real)

    ask(real, kind, device)

    device.refresh_from_db()
    assert device.state == state
    assert record_of(device).mdm == "Microsoft Intune"


def test_delete_does_not_wait_for_the_device(real):
    device = device_in(real, online=False)
    waiting = ask(real, Kind.SYNC, device).made[0]

    ask(real, Kind.DELETE, device)

    waiting.refresh_from_db()
    assert not ManagedDevice.objects.in_tenant(real).exists()
    assert waiting.status == Status.CANCELED


def test_wipe_that_keeps_the_enrollment_keeps_both_records(tenant):
    device = device_in(tenant, os=OperatingSystem.WINDOWS)

    action = ask(tenant, Kind.WIPE, device, options={"keep_enrollment": True, "keep_wiping": True}).made[0]

    device.refresh_from_db()
    assert (action.status, device.state) == (Status.COMPLETED, DeviceState.MANAGED)
    assert record_of(device).is_compliant
    assert action.options == {"keep_enrollment": True, "keep_wiping": True}


def test_android_gets_a_temporary_passcode_and_macos_a_recovery_pin(tenant):
    android = device_in(tenant, os=OperatingSystem.ANDROID)
    macos = device_in(tenant, os=OperatingSystem.MACOS)

    passcode = ask(tenant, Kind.RESET_PASSCODE, android).made[0].options["passcode"]
    pin = ask(tenant, Kind.REMOTE_LOCK, macos).made[0].options["pin"]

    assert (len(passcode), len(pin)) == (8, 6)
    told = JournalEntry.objects.in_tenant(tenant).values_list("new_values", flat=True)
    assert not any(secret in str(values) for values in told for secret in (passcode, pin))


def test_journal_says_who_asked_for_what_in_the_words_of_the_audit_log(tenant, operator):
    devices = [device_in(tenant), device_in(tenant)]

    ask(tenant, Kind.REMOTE_LOCK, *devices, actor=operator)

    found = entries(tenant, "remoteLock ManagedDevice")
    assert {entry.target_id for entry in found} == {device.pk for device in devices}
    assert {(entry.actor_name, entry.category) for entry in found} == {(operator.email, "Device")}


def test_a_hundred_devices_are_deleted_without_a_statement_for_each_but_its_journal_entry(tenant):
    user = DirectoryUserFactory(tenant=tenant)
    devices = [device_in(tenant, primary_user=user) for _ in range(100)]

    with CaptureQueriesContext(connection) as queries:
        result = ask(tenant, Kind.DELETE, *devices)

    assert len(result.made) == 100
    assert len(queries) < 100 + 30
    assert kept(tenant) == Counter()
    assert not DeviceSearch.objects.in_tenant(tenant).exists()
