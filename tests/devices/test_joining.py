"""Joining a Windows device: whether and with what it is enrolled, and what is left where it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from devices import joining
from devices.joining import Outcome
from devices.models import Compliance, EnrolmentFailure, ManagedDevice, OperatingSystem, Ownership
from directory.models import DirectoryDevice, Licence
from mobility import gallery
from mobility.models import UserScope
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tests.factories import (
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    ManagedDeviceFactory,
    MobilityApplicationFactory,
    MobilityScopeGroupFactory,
    TenantFactory,
)

DEFAULTS = gallery.applications()[gallery.MICROSOFT_INTUNE].defaults


@pytest.fixture
def user(tenant):
    return LicenceFactory(tenant=tenant).user


def intune(tenant, **values):
    values = {"mdm_user_scope": UserScope.ALL} | values
    return MobilityApplicationFactory(
        tenant=tenant, gallery_key=gallery.MICROSOFT_INTUNE, display_name="Microsoft Intune", **(DEFAULTS | values)
    )


def other(tenant, **values):
    urls = {"mdm_terms_of_use_url": "https://ds.example/terms", "mdm_discovery_url": "https://ds.example/discovery"}
    values = {"mdm_user_scope": UserScope.ALL, "display_name": "AirWatch by VMware"} | urls | values
    return MobilityApplicationFactory(tenant=tenant, gallery_key="airwatch_by_vmware", **values)


def join(user, *, own_device: bool = False, name: str = "LAPTOP-1", actor=None) -> Outcome:
    entry = joining.join(tenant=user.tenant, actor=actor, user=user, device_name=name, own_device=own_device)
    outcome = joining.outcome_of(entry)
    assert outcome is not None
    return outcome


def record_of(tenant) -> DirectoryDevice:
    return DirectoryDevice.objects.in_tenant(tenant).get()


def failures(tenant) -> list[tuple[str, str, int | None]]:
    return list(EnrolmentFailure.objects.in_tenant(tenant).values_list("reason", "code", "event_id"))


@pytest.mark.parametrize(
    ("own_device", "join_type", "ownership"),
    [(False, "joined", Ownership.CORPORATE), (True, "registered", Ownership.PERSONAL)],
)
def test_user_in_the_scope_of_intune_gets_both_records(tenant, operator, user, own_device, join_type, ownership):
    intune(tenant)

    outcome = join(user, own_device=own_device, actor=operator)

    assert outcome is Outcome.ENROLLED
    record, device = record_of(tenant), ManagedDevice.objects.in_tenant(tenant).get()
    assert device.azure_ad_device_id == record.device_id
    assert (device.primary_user, device.ownership, device.os) == (user, ownership, OperatingSystem.WINDOWS)
    assert (record.join_type, record.owner, record.mdm, record.is_compliant) == (
        join_type,
        user,
        "Microsoft Intune",
        True,
    )
    assert device.compliance == Compliance.COMPLIANT
    assert failures(tenant) == []
    entry = JournalEntry.objects.in_tenant(tenant).get(activity=joining.JOINED)
    assert (entry.actor, entry.target_id, entry.new_values["Device"]) == (operator, record.pk, "LAPTOP-1")


def test_azure_ad_learns_of_the_management_some_minutes_later(db):
    tenant = TenantFactory(propagation=Tenant.Propagation.REAL)
    user = LicenceFactory(tenant=tenant).user
    intune(tenant)

    join(user)
    at_once = record_of(tenant)
    clock.advance(tenant, timedelta(minutes=10))
    clock.settle(tenant)

    assert (at_once.mdm, at_once.is_managed) == ("", False)
    assert (record_of(tenant).mdm, record_of(tenant).is_compliant) == ("Microsoft Intune", True)
    assert record_of(tenant).registered_at == record_of(tenant).activity_at == at_once.registered_at


@pytest.mark.parametrize("scope", [UserScope.NONE, UserScope.SELECTED])
def test_user_outside_the_scope_is_joined_without_management_and_the_event_log_has_76(tenant, user, scope):
    application = intune(tenant, mdm_user_scope=scope)
    if scope == UserScope.SELECTED:
        MobilityScopeGroupFactory(tenant=tenant, application=application)

    assert join(user) is Outcome.NOT_IN_SCOPE

    assert (record_of(tenant).join_type, record_of(tenant).mdm) == ("joined", "")
    assert not ManagedDevice.objects.in_tenant(tenant).exists()
    assert failures(tenant) == [("not_in_scope", "0x8018002b", 76)]


def test_member_of_a_group_of_the_scope_is_enrolled(tenant, user):
    group = GroupFactory(tenant=tenant, members=[user])
    MobilityScopeGroupFactory(tenant=tenant, application=intune(tenant, mdm_user_scope=UserScope.SELECTED), group=group)

    assert join(user) is Outcome.ENROLLED


def test_own_device_outside_every_scope_is_registered_and_that_is_no_failure(tenant, user):
    intune(tenant, mdm_user_scope=UserScope.NONE)

    assert join(user, own_device=True) is Outcome.REGISTERED

    assert record_of(tenant).join_type == "registered"
    assert failures(tenant) == []


def test_mam_outranks_mdm_on_own_devices_and_mdm_mam_on_those_of_the_company(tenant, user):
    intune(tenant, mam_user_scope=UserScope.ALL)

    assert join(user, own_device=True) is Outcome.MAM_ONLY
    assert not ManagedDevice.objects.in_tenant(tenant).exists()
    assert record_of(tenant).mdm == ""
    assert join(user, name="LAPTOP-2") is Outcome.ENROLLED


@pytest.mark.parametrize(("address", "licensed"), [("", True), ("https://kestrel.example/", True), (None, False)])
def test_mam_protects_nothing_without_its_address_or_a_licence(tenant, user, address, licensed):
    scope = {"mam_user_scope": UserScope.ALL} | ({} if address is None else {"mam_discovery_url": address})
    intune(tenant, **scope)
    if not licensed:
        Licence.objects.in_tenant(tenant).all().delete()

    assert join(user, own_device=True) is Outcome.UNPROTECTED

    assert (record_of(tenant).join_type, record_of(tenant).mdm) == ("registered", "")


def test_another_application_enrols_and_azure_ad_names_it_while_intune_knows_nothing(tenant, user):
    intune(tenant, mdm_user_scope=UserScope.NONE)
    other(tenant)

    assert join(user) is Outcome.OTHER_MDM

    record = record_of(tenant)
    assert (record.mdm, record.is_managed, record.is_compliant) == ("AirWatch by VMware", True, None)
    assert not ManagedDevice.objects.in_tenant(tenant).exists()


def test_user_in_two_scopes_is_enrolled_with_neither(tenant, user):
    intune(tenant)
    other(tenant)

    assert join(user) is Outcome.SCOPES_OVERLAP

    assert record_of(tenant).mdm == ""
    assert failures(tenant) == [("scopes_overlap", "", None)]


@pytest.mark.parametrize(
    "values",
    [
        {"mdm_terms_of_use_url": ""},
        {"mdm_terms_of_use_url": "https://kestrel.example/terms"},
        {"mdm_discovery_url": ""},
    ],
    ids=str,
)
def test_blank_or_wrong_address_of_intune_leaves_nothing_but_a_failure(tenant, user, values):
    intune(tenant, **values)

    assert join(user) is Outcome.TERMS_OF_USE

    assert not DirectoryDevice.objects.in_tenant(tenant).exists()
    assert failures(tenant) == [("terms_of_use", "", None)]


def test_blank_address_of_another_application_does_the_same(tenant, user):
    other(tenant, mdm_terms_of_use_url="")

    assert join(user) is Outcome.TERMS_OF_USE


def test_user_without_a_licence_leaves_nothing_but_a_failure(tenant):
    intune(tenant)

    assert join(DirectoryUserFactory(tenant=tenant)) is Outcome.NO_LICENCE

    assert not DirectoryDevice.objects.in_tenant(tenant).exists()
    assert failures(tenant) == [("no_licence", "", None)]


def test_licence_for_intune_is_not_asked_for_by_another_application(tenant):
    other(tenant)

    assert join(DirectoryUserFactory(tenant=tenant)) is Outcome.OTHER_MDM


def test_limits_of_azure_ad_and_of_intune(tenant, user, monkeypatch):
    monkeypatch.setattr(joining, "MOST_JOINED", 3)
    monkeypatch.setattr(joining, "MOST_ENROLLED", 2)
    intune(tenant)
    for _ in range(2):
        ManagedDeviceFactory(tenant=tenant, primary_user=user)

    assert join(user) is Outcome.TOO_MANY_ENROLLED
    for _ in range(3):
        DirectoryDeviceFactory(tenant=tenant, owner=user)
    assert join(user) is Outcome.TOO_MANY_JOINED
    assert sorted(failures(tenant)) == [("device_cap", "0x80180003", None), ("device_cap", "0x801c0003", None)]


@pytest.mark.parametrize("name", ["", "a b", "x" * 16, "12345"])
def test_name_that_windows_does_not_take_is_refused(tenant, user, name):
    with pytest.raises(ValidationError) as refusal:
        join(user, name=name)

    assert "device_name" in refusal.value.message_dict


def test_blocked_and_deleted_users_join_nothing(tenant, user):
    user.account_enabled = False
    user.save()

    with pytest.raises(ValidationError, match="blocked"):
        join(user)
    type(user).objects.in_tenant(tenant).all().delete()
    with pytest.raises(ValidationError, match="deleted meanwhile"):
        join(user)


def test_the_same_name_may_be_joined_again(tenant, user):
    intune(tenant)

    join(user)
    join(user)

    assert DirectoryDevice.objects.in_tenant(tenant).filter(display_name="LAPTOP-1").count() == 2


def test_scope_groups_of_another_directory_do_not_count(tenant, user):
    stranger = DirectoryUserFactory()
    group = GroupFactory(tenant=stranger.tenant, members=[stranger])
    MobilityScopeGroupFactory(
        tenant=stranger.tenant,
        application=intune(stranger.tenant, mdm_user_scope=UserScope.SELECTED),
        group=group,
    )

    assert join(user) is Outcome.NOT_IN_SCOPE
