from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from devices import filters
from devices import queries as device_queries
from devices.models import DeviceSearch, ManagedDevice
from directory import user_services
from directory.models import DirectoryUser, GroupMembership, GroupOwnership, Licence
from partners.models import PartnerConfiguration
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    GroupOwnershipFactory,
    LicenceFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    TenantFactory,
)

UPN = "ada.lind@kestrel.example"


def create(tenant, **values):
    return user_services.create_user(tenant=tenant, actor=None, **{"display_name": "Ada Lind", "upn": UPN, **values})


def update(user, **values):
    return user_services.update_user(tenant=user.tenant, actor=None, user=user, **values)


def found(tenant, term):
    page = device_queries.device_page(tenant, filters.read(QueryDict(f"q={term}")))
    return len(page.rows)


def test_user_is_created_with_the_real_words_in_the_journal(tenant):
    user = create(tenant, department=" Sales ", usage_location="gb")

    assert (user.department, user.usage_location, user.upn_key) == ("Sales", "GB", UPN)
    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.category, entry.activity, entry.target_name) == ("UserManagement", "Add user", UPN)
    assert entry.new_values["Account enabled"] == "Yes"


@pytest.mark.parametrize(
    ("upn", "words"),
    [
        ("ada", "in the domain kestrel.example"),
        ("ada@contoso.example", "in the domain kestrel.example"),
        ("@kestrel.example", "letters, digits"),
        ("ada lind@kestrel.example", "letters, digits"),
        (".ada@kestrel.example", "begin or end with a dot"),
        ("ada..lind@kestrel.example", "letters, digits"),
        ("ada@lind@kestrel.example", "letters, digits"),
        ("ädä@kestrel.example", "letters, digits"),
        ("a" * 65 + "@kestrel.example", "at most 64 characters"),
    ],
)
def test_user_name_that_cannot_be_is_refused(tenant, upn, words):
    with pytest.raises(ValidationError) as refused:
        create(tenant, upn=upn)

    assert words in refused.value.message_dict["upn"][0]
    assert not DirectoryUser.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize(
    "upn", ["o'brien@KESTREL.example", "ada_2-x!#^~@kestrel.example", f"{'a' * 64}@kestrel.example"]
)
def test_user_name_with_every_allowed_character_is_taken(tenant, upn):
    assert create(tenant, upn=upn).upn == upn


def test_user_name_is_taken_whatever_its_case(tenant):
    DirectoryUserFactory(tenant=tenant, upn=UPN)

    with pytest.raises(ValidationError, match="Another user already has this user principal name"):
        create(tenant, upn=UPN.upper())


def test_user_name_of_another_tenant_stays_free(tenant):
    DirectoryUserFactory(tenant=TenantFactory(), upn=UPN)

    assert create(tenant).tenant == tenant


def test_update_journals_only_what_changed(tenant):
    user = create(tenant, department="Sales")

    update(user, department="Finance", account_enabled=False, city="")

    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Update user")
    assert entry.old_values == {"Department": "Sales", "Account enabled": "Yes"}
    assert entry.new_values == {"Department": "Finance", "Account enabled": "No"}


def test_update_without_a_change_leaves_no_entry(tenant):
    update(create(tenant), display_name="Ada Lind ")

    assert not JournalEntry.objects.in_tenant(tenant).filter(activity="Update user").exists()


def test_user_whose_domain_is_older_than_the_rule_can_be_edited(tenant):
    user = DirectoryUserFactory(tenant=tenant, upn="old@elsewhere.example")

    assert update(user, department="Sales", upn="old@elsewhere.example").department == "Sales"


def test_new_user_name_reaches_the_devices_and_their_search(tenant):
    user = create(tenant)
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user, serial_number="SN-1")
    other = ManagedDeviceFactory(tenant=tenant, primary_user=DirectoryUserFactory(tenant=tenant))

    update(user, upn="ada.marlow@kestrel.example")

    device.refresh_from_db()
    assert (device.user_upn, device.user_upn_key) == ("ada.marlow@kestrel.example",) * 2
    assert (found(tenant, "ada.marlow"), found(tenant, "ada.lind"), found(tenant, "SN-1")) == (1, 0, 1)
    assert DeviceSearch.objects.in_tenant(tenant).get(device=other).text == other.search_text()


def test_new_name_reaches_the_directory_devices_that_sort_by_owner(tenant):
    user = create(tenant)
    record = DirectoryDeviceFactory(tenant=tenant, owner=user)

    update(user, display_name="Ada Marlow")

    record.refresh_from_db()
    assert record.owner_key == "ada marlow"


def test_deleted_user_takes_memberships_licences_and_ownerships_along(tenant):
    user = create(tenant, usage_location="GB")
    GroupFactory(tenant=tenant, members=[user])
    GroupOwnershipFactory(tenant=tenant, user=user)
    LicenceFactory(tenant=tenant, user=user)

    assert user_services.delete_users(tenant=tenant, actor=None, users=[user]) == 1

    for model in (DirectoryUser, GroupMembership, GroupOwnership, Licence):
        assert not model.objects.in_tenant(tenant).exists()
    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Delete user")
    assert (entry.target_name, entry.old_values["Name"]) == (UPN, "Ada Lind")


def test_devices_of_a_deleted_user_belong_to_nobody(tenant):
    user, other = create(tenant), DirectoryUserFactory(tenant=tenant)
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user)
    kept = ManagedDeviceFactory(tenant=tenant, primary_user=other)
    record = DirectoryDeviceFactory(tenant=tenant, owner=user)

    user_services.delete_users(tenant=tenant, actor=None, users=[user])

    device.refresh_from_db()
    kept.refresh_from_db()
    record.refresh_from_db()
    assert (device.primary_user, device.user_upn, device.user_upn_key) == (None, "", "")
    assert (record.owner, record.owner_key) == (None, "")
    assert kept.user_upn == other.upn
    assert found(tenant, "ada.lind") == 0


def test_devices_of_a_deleted_user_leave_the_partner(tenant):
    user = create(tenant)
    partner: PartnerConfiguration = ConfigurationFactory(tenant=tenant, all_users=True)
    device: ManagedDevice = ManagedDeviceFactory(tenant=tenant, primary_user=user)
    device.refresh_from_db()
    before = device.authority

    user_services.delete_users(tenant=tenant, actor=None, users=[user])

    device.refresh_from_db()
    assert (before, device.authority, device.managed_by_label) == (partner, None, "MDM")


def test_users_of_another_tenant_are_not_deleted(tenant):
    foreign = DirectoryUserFactory(tenant=TenantFactory())

    assert user_services.delete_users(tenant=tenant, actor=None, users=[foreign]) == 0
    assert DirectoryUser.unscoped.filter(pk=foreign.pk).exists()


def test_licence_needs_a_usage_location(tenant):
    user = create(tenant)

    with pytest.raises(ValidationError, match="without a usage location specified"):
        user_services.set_licences(tenant=tenant, actor=None, user=user, skus=[Licence.Sku.INTUNE])


def test_licences_are_exchanged_in_one_entry(tenant):
    user = create(tenant, usage_location="GB")
    LicenceFactory(tenant=tenant, user=user, sku=Licence.Sku.AAD_PREMIUM_P1)

    changed = user_services.set_licences(tenant=tenant, actor=None, user=user, skus=["intune"])
    again = user_services.set_licences(tenant=tenant, actor=None, user=user, skus=["intune"])

    assert (changed, again) == (True, False)
    assert list(user.licences.values_list("sku", flat=True)) == ["intune"]
    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Change user license")
    assert entry.old_values == {"Licenses": ["Azure Active Directory Premium P1"]}
    assert entry.new_values == {"Licenses": ["Microsoft Intune"]}


def test_usage_location_stays_while_there_are_licences(tenant):
    user = create(tenant, usage_location="GB")
    LicenceFactory(tenant=tenant, user=user)

    with pytest.raises(ValidationError, match="Remove the user's licenses"):
        update(user, usage_location="")


def test_user_who_is_gone_is_neither_edited_nor_licensed(tenant):
    user = create(tenant)
    user_services.delete_users(tenant=tenant, actor=None, users=[user])

    with pytest.raises(ValidationError, match="deleted meanwhile"):
        update(user, city="Leeds")
    with pytest.raises(ValidationError, match="deleted meanwhile"):
        user_services.set_licences(tenant=tenant, actor=None, user=user, skus=[])


def test_help_desk_operator_changes_no_user(tenant):
    help_desk = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator
    user = create(tenant)

    with pytest.raises(MissingPermission, match="Users and groups: Update"):
        user_services.delete_users(tenant=tenant, actor=help_desk, users=[user])
