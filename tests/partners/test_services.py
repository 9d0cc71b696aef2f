from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from directory.models import Group
from partners import catalogue, services
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import ConfigurationFactory, GroupFactory, MembershipFactory, TenantFactory

WORKSPACE_ONE = catalogue.partners()["workspace_one"]


def create(tenant, actor=None, partner=WORKSPACE_ONE, platform=Platform.IOS, **assignments):
    assignments = assignments or {"all_users": True}
    return services.create_configuration(tenant=tenant, actor=actor, partner=partner, platform=platform, **assignments)


def test_second_partner_for_a_platform_is_refused(tenant):
    ConfigurationFactory(tenant=tenant, platform="ios")

    with pytest.raises(ValidationError, match="already exists for platform 'iOS/iPadOS'"):
        create(tenant)


def test_race_lost_to_the_constraint_reads_the_same_sentence(tenant, monkeypatch):
    ConfigurationFactory(tenant=tenant, platform="ios")
    monkeypatch.setattr(services, "check_platform", lambda *args: None)  # both had looked before either wrote

    with pytest.raises(ValidationError, match="already exists for platform 'iOS/iPadOS'"):
        create(tenant)

    assert PartnerConfiguration.objects.in_tenant(tenant).count() == 1


def test_database_refuses_two_partners_for_a_platform(tenant):
    ConfigurationFactory(tenant=tenant, platform="ios")

    with pytest.raises(IntegrityError), transaction.atomic():
        ConfigurationFactory(tenant=tenant, platform="ios")


def test_same_partner_may_report_for_two_platforms(tenant):
    create(tenant, platform=Platform.IOS)
    create(tenant, platform=Platform.ANDROID)

    assert PartnerConfiguration.objects.in_tenant(tenant).count() == 2


def test_group_of_another_tenant_is_refused_and_nothing_is_written(tenant):
    foreign = GroupFactory(tenant=TenantFactory())

    with pytest.raises(ValidationError, match="no longer exists"):
        create(tenant, groups=[foreign])

    assert not PartnerConfiguration.objects.in_tenant(tenant).exists()
    assert not JournalEntry.objects.in_tenant(tenant).exists()


def test_all_users_beside_groups_keeps_only_all_users(tenant):
    create(tenant, groups=[GroupFactory(tenant=tenant)], all_users=True)

    assert not PartnerAssignment.objects.in_tenant(tenant).exists()


def test_update_journals_only_what_changed(tenant, operator):
    desk, leads = (GroupFactory(tenant=tenant, display_name=name) for name in ("Front desk", "Warehouse leads"))
    configuration = ConfigurationFactory(tenant=tenant, groups=[desk])

    services.update_assignments(configuration=configuration, actor=operator, groups=[desk, leads])

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert entry.old_values == {"Included groups": ["Front desk"]}
    assert entry.new_values == {"Included groups": ["Front desk", "Warehouse leads"]}


def test_update_without_a_change_leaves_no_entry(tenant, operator):
    desk = GroupFactory(tenant=tenant)
    configuration = ConfigurationFactory(tenant=tenant, groups=[desk])

    services.update_assignments(configuration=configuration, actor=operator, groups=[desk])

    assert not JournalEntry.objects.in_tenant(tenant).exists()


def test_update_of_a_configuration_that_was_deleted_meanwhile_is_refused(tenant, operator):
    configuration = ConfigurationFactory(tenant=tenant, groups=[GroupFactory(tenant=tenant)])
    PartnerConfiguration.objects.in_tenant(tenant).delete()

    with pytest.raises(ValidationError, match="deleted meanwhile"):
        services.update_assignments(configuration=configuration, actor=operator, all_users=True)


def test_delete_frees_the_platform_and_keeps_the_groups(tenant, operator):
    group = GroupFactory(tenant=tenant)
    configuration = ConfigurationFactory(tenant=tenant, groups=[group])

    services.delete_configuration(configuration=configuration, actor=operator)
    create(tenant, operator)

    assert PartnerConfiguration.objects.in_tenant(tenant).get().pk != configuration.pk
    assert Group.objects.in_tenant(tenant).filter(pk=group.pk).exists()


def test_second_delete_does_nothing(tenant, operator):
    configuration = ConfigurationFactory(tenant=tenant)

    services.delete_configuration(configuration=configuration, actor=operator)
    services.delete_configuration(configuration=configuration, actor=operator)

    assert JournalEntry.objects.in_tenant(tenant).count() == 1


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in ("global_administrator", "intune_administrator")]
)
def test_only_administrators_may_write(tenant, role):
    member = MembershipFactory(tenant=tenant, role=role)
    configuration = ConfigurationFactory(tenant=tenant, platform="android")

    with pytest.raises(MissingPermission):
        create(tenant, member.operator)
    with pytest.raises(MissingPermission):
        services.update_assignments(configuration=configuration, actor=member.operator, all_users=True)
    with pytest.raises(MissingPermission):
        services.delete_configuration(configuration=configuration, actor=member.operator)


def test_every_partner_of_the_catalogue_supports_a_known_platform():
    for partner in catalogue.partners().values():
        assert partner.platforms
        assert set(partner.platforms) <= set(Platform.values)
