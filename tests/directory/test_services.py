from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory import queries, services
from directory.activities import GROUP_MEMBERS_ADDED
from directory.models import DirectoryUser, Group, GroupMembership
from mobility.models import MobilityScopeGroup
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    ConfigurationFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    MobilityApplicationFactory,
    TenantFactory,
)


def test_group_name_is_taken_whatever_its_case(tenant):
    GroupFactory(tenant=tenant, display_name="Front desk")

    with pytest.raises(ValidationError, match="Another group already has this name"):
        services.create_group(tenant=tenant, actor=None, display_name="FRONT DESK")


def test_group_name_of_another_tenant_stays_free(tenant):
    GroupFactory(tenant=TenantFactory(), display_name="Front desk")

    group = services.create_group(tenant=tenant, actor=None, display_name="Front desk")

    assert group.tenant == tenant


def test_adding_members_twice_adds_them_once(tenant):
    group, user = GroupFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)

    first = services.add_members(tenant=tenant, actor=None, group=group, users=[user, user])
    second = services.add_members(tenant=tenant, actor=None, group=group, users=[user])

    assert (first, second) == (1, 0)
    assert GroupMembership.objects.in_tenant(tenant).count() == 1


def test_user_of_another_tenant_is_refused_as_a_member(tenant):
    group, foreign = GroupFactory(tenant=tenant), DirectoryUserFactory(tenant=TenantFactory())

    with pytest.raises(ValidationError, match="same directory"):
        services.add_members(tenant=tenant, actor=None, group=group, users=[foreign])


def test_members_of_a_dynamic_group_follow_from_its_rule(tenant):
    group = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, display_name="All company")

    with pytest.raises(ValidationError, match="follow from its rule"):
        services.add_members(tenant=tenant, actor=None, group=group, users=[DirectoryUserFactory(tenant=tenant)])


def test_group_that_is_assigned_to_a_partner_is_not_deleted(tenant):
    group = GroupFactory(tenant=tenant, display_name="Front desk")
    ConfigurationFactory(tenant=tenant, groups=[group])

    with pytest.raises(ValidationError, match="VMware Workspace ONE mobile compliance for iOS/iPadOS"):
        services.delete_group(tenant=tenant, actor=None, group=group)

    assert Group.objects.in_tenant(tenant).filter(pk=group.pk).exists()


def test_search_for_a_group_takes_percent_signs_literally(tenant):
    GroupFactory(tenant=tenant, display_name="Half price 50% team")
    GroupFactory(tenant=tenant, display_name="Half price 500 team")

    found = Group.objects.in_tenant(tenant).matching("50%")

    assert [group.display_name for group in found] == ["Half price 50% team"]


def test_members_of_a_large_change_are_named_up_to_twenty(tenant):
    group = GroupFactory(tenant=tenant)
    users = [DirectoryUserFactory(tenant=tenant, upn=f"u{n:02}@kestrel.example") for n in range(25)]

    services.add_members(tenant=tenant, actor=None, group=group, users=users)

    entry = JournalEntry.objects.in_tenant(tenant).get(activity=GROUP_MEMBERS_ADDED)
    assert entry.new_values["Members"][-2:] == ["u19@kestrel.example", "and 5 more"]


def test_changing_members_costs_the_change_and_not_the_group(tenant):
    def statements(present):
        group = GroupFactory(tenant=tenant, members=[DirectoryUserFactory(tenant=tenant) for _ in range(present)])
        some = [DirectoryUserFactory(tenant=tenant) for _ in range(3)]
        with CaptureQueriesContext(connection) as captured:
            services.add_members(tenant=tenant, actor=None, group=group, users=some)
            services.remove_members(tenant=tenant, actor=None, group=group, users=some)
        return len(captured)

    assert statements(present=0) == statements(present=40)


@pytest.mark.parametrize("change", [services.add_members, services.remove_members, services.add_owners])
def test_people_of_a_group_that_is_gone_are_not_changed(tenant, change):
    group, user = GroupFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)
    Group.objects.in_tenant(tenant).filter(pk=group.pk).delete()

    with pytest.raises(ValidationError, match="The group has been deleted meanwhile"):
        change(tenant=tenant, actor=None, group=group, users=[user])


def test_group_that_has_become_dynamic_meanwhile_takes_no_members(tenant):
    group, user = GroupFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)
    Group.objects.in_tenant(tenant).filter(pk=group.pk).update(kind=Group.Kind.DYNAMIC)

    with pytest.raises(ValidationError, match="follow from its rule"):
        services.add_members(tenant=tenant, actor=None, group=group, users=[user])


def test_user_who_has_been_deleted_meanwhile_is_left_out(tenant):
    group = GroupFactory(tenant=tenant)
    gone, there = DirectoryUserFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)
    DirectoryUser.objects.in_tenant(tenant).filter(pk=gone.pk).delete()

    added = services.add_members(tenant=tenant, actor=None, group=group, users=[gone, there])

    assert added == 1
    assert list(group.memberships.values_list("user", flat=True)) == [there.pk]


def test_memberships_of_a_user_are_changed_all_or_none(tenant):
    user = DirectoryUserFactory(tenant=tenant)
    desk, sales = GroupFactory(tenant=tenant), GroupFactory(tenant=tenant)
    rule = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule='user.city -eq "Leeds"')

    with pytest.raises(ValidationError, match="follow from its rule"):
        services.join_groups(tenant=tenant, actor=None, user=user, groups=[desk, rule])
    assert not user.memberships.exists()
    assert services.join_groups(tenant=tenant, actor=None, user=user, groups=[desk, sales]) == 2
    assert services.leave_groups(tenant=tenant, actor=None, user=user, groups=[desk, sales]) == 2


def test_device_follows_its_user_into_a_partners_group_and_out_again(tenant):
    user, group = DirectoryUserFactory(tenant=tenant), GroupFactory(tenant=tenant)
    configuration = ConfigurationFactory(tenant=tenant, groups=[group])
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user)

    services.add_members(tenant=tenant, actor=None, group=group, users=[user])
    device.refresh_from_db()
    joined = device.authority
    services.remove_members(tenant=tenant, actor=None, group=group, users=[user])
    device.refresh_from_db()

    assert (joined, device.authority) == (configuration, None)


def test_owners_are_added_and_removed_once(tenant):
    group, user = GroupFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)

    added = [services.add_owners(tenant=tenant, actor=None, group=group, users=[user]) for _ in range(2)]
    removed = [services.remove_owners(tenant=tenant, actor=None, group=group, users=[user]) for _ in range(2)]

    assert (added, removed) == ([1, 0], [1, 0])
    activities = JournalEntry.objects.in_tenant(tenant).values_list("activity", flat=True)
    assert sorted(activities) == ["Add owner to group", "Remove owner from group"]


def test_dynamic_group_can_have_owners(tenant):
    group = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule='user.city -eq "Leeds"')

    assert services.add_owners(tenant=tenant, actor=None, group=group, users=[DirectoryUserFactory(tenant=tenant)]) == 1


def test_group_is_renamed_and_only_what_changed_is_journalled(tenant):
    group = GroupFactory(tenant=tenant, display_name="Front desk", description="Reception")

    services.update_group(
        tenant=tenant, actor=None, group=group, display_name=" Reception ", description="Reception", kind="assigned"
    )

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.activity, entry.old_values, entry.new_values) == (
        "Update group",
        {"Name": "Front desk"},
        {"Name": "Reception"},
    )


def test_group_that_is_gone_is_not_updated(tenant):
    group = GroupFactory(tenant=tenant)
    services.delete_group(tenant=tenant, actor=None, group=Group.objects.in_tenant(tenant).get(pk=group.pk))

    with pytest.raises(ValidationError, match="deleted meanwhile"):
        services.update_group(
            tenant=tenant, actor=None, group=group, display_name="New", description="", kind="assigned"
        )


def test_rule_that_is_not_understood_is_refused_with_its_position(tenant):
    with pytest.raises(ValidationError, match=r"closing quotation mark is missing \(character 15\)"):
        services.create_group(
            tenant=tenant, actor=None, display_name="Leeds", kind=Group.Kind.DYNAMIC, rule='user.city -eq "Leeds'
        )

    assert not Group.objects.in_tenant(tenant).exists()


def test_group_becomes_assigned_and_keeps_its_members(tenant):
    user = DirectoryUserFactory(tenant=tenant, city="Leeds")
    group = services.create_group(
        tenant=tenant, actor=None, display_name="Leeds", kind=Group.Kind.DYNAMIC, rule='user.city -eq "Leeds"'
    )

    services.update_group(
        tenant=tenant, actor=None, group=group, display_name="Leeds", description="", kind="assigned", rule="ignored"
    )

    group.refresh_from_db()
    assert (group.kind, group.rule) == ("assigned", "")
    assert list(group.memberships.values_list("user", flat=True)) == [user.pk]


def test_uses_of_a_group_are_named_with_their_pages(tenant):
    group = GroupFactory(tenant=tenant, display_name="Front desk")
    configuration = ConfigurationFactory(tenant=tenant, groups=[group])
    application = MobilityApplicationFactory(tenant=tenant, display_name="On-premises MDM")
    MobilityScopeGroup.objects.create(tenant=tenant, application=application, group=group, scope="mdm")

    uses = queries.uses_of_group(group)

    assert [use.label for use in uses] == [
        "MDM user scope of On-premises MDM",
        "VMware Workspace ONE mobile compliance for iOS/iPadOS",
    ]
    assert [str(row.pk) in use.url for row, use in zip((application, configuration), uses, strict=True)] == [True, True]


def test_help_desk_operator_changes_no_group(tenant):
    help_desk = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator

    with pytest.raises(MissingPermission, match="Users and groups: Update"):
        services.create_group(tenant=tenant, actor=help_desk, display_name="Mine")
