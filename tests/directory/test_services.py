from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from directory import services
from directory.models import Group, GroupMembership
from tests.factories import ConfigurationFactory, DirectoryUserFactory, GroupFactory, TenantFactory


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
