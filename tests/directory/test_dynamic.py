"""Members of dynamic groups follow from their rules: when users change, when rules change, and in tenant time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory import dynamic, rules, services, user_services
from directory.models import Group, GroupMembership, Licence
from tenancy import clock
from tenancy.models import DueEvent, JournalEntry, Tenant
from tests.factories import DirectoryUserFactory, GroupFactory, LicenceFactory, TenantFactory

SALES = 'user.department -eq "Sales"'


@pytest.fixture
def patient(db):
    """A tenant with the delays of the real product."""
    return TenantFactory(slug="patient", propagation=Tenant.Propagation.REAL)


def sales(tenant, rule=SALES):
    return services.create_group(tenant=tenant, actor=None, display_name="Sales", kind=Group.Kind.DYNAMIC, rule=rule)


def members(group):
    return list(group.memberships.order_by("user__name_key").values_list("user__display_name", flat=True))


def later(tenant, minutes):
    clock.advance(tenant, timedelta(minutes=minutes))
    clock.settle(tenant)


def entries(tenant):
    rows = JournalEntry.objects.in_tenant(tenant).filter(activity__contains="members").order_by("recorded_at")
    return [(row.activity, row.new_values or row.old_values) for row in rows]


def test_new_dynamic_group_has_its_members_at_once_in_an_instant_tenant(tenant):
    DirectoryUserFactory(tenant=tenant, display_name="Ada", department="Sales", upn="ada@kestrel.example")
    DirectoryUserFactory(tenant=tenant, display_name="Bo", department="Finance")
    DirectoryUserFactory(tenant=TenantFactory(), department="Sales")

    group = sales(tenant)

    assert members(group) == ["Ada"]
    assert entries(tenant) == [("Add members to group", {"Members": ["ada@kestrel.example"]})]


def test_rule_takes_minutes_in_a_tenant_with_real_delays(patient):
    DirectoryUserFactory(tenant=patient, display_name="Ada", department="Sales")
    group = sales(patient)

    later(patient, 4)
    waiting, before = dynamic.is_waiting(group), members(group)
    later(patient, 1)

    assert (waiting, before) == (True, [])
    assert (dynamic.is_waiting(group), members(group)) == (False, ["Ada"])


def test_changed_rule_exchanges_the_members(tenant):
    for name, department in (("Ada", "Sales"), ("Bo", "Finance"), ("Cy", "Sales")):
        DirectoryUserFactory(tenant=tenant, display_name=name, department=department, upn=f"{name}@kestrel.example")
    group = sales(tenant)

    services.update_group(
        tenant=tenant,
        actor=None,
        group=group,
        display_name="Sales",
        description="",
        kind=Group.Kind.DYNAMIC,
        rule='user.department -eq "Finance"',
    )

    assert members(group) == ["Bo"]
    assert entries(tenant)[1:] == [
        ("Add members to group", {"Members": ["Bo@kestrel.example"]}),
        ("Remove members from group", {"Members": ["Ada@kestrel.example", "Cy@kestrel.example"]}),
    ]


def test_renaming_a_dynamic_group_evaluates_nothing(patient):
    group = sales(patient)
    DueEvent.objects.in_tenant(patient).delete()

    services.update_group(
        tenant=patient, actor=None, group=group, display_name="Sellers", description="", kind=group.kind, rule=SALES
    )

    assert not DueEvent.objects.in_tenant(patient).exists()


def test_user_who_changes_department_changes_groups(tenant):
    group = sales(tenant)
    finance = services.create_group(
        tenant=tenant, actor=None, display_name="F", kind=Group.Kind.DYNAMIC, rule='user.department -eq "Finance"'
    )
    user = user_services.create_user(
        tenant=tenant, actor=None, display_name="Ada", upn="ada@kestrel.example", department="Sales"
    )
    at_first = members(group), members(finance)

    user_services.update_user(tenant=tenant, actor=None, user=user, department="Finance")

    assert at_first == (["Ada"], [])
    assert (members(group), members(finance)) == ([], ["Ada"])


def test_change_of_a_user_waits_for_tenant_time_and_touches_nobody_else(patient):
    group = sales(patient)
    later(patient, 10)
    bystander = DirectoryUserFactory(tenant=patient, display_name="Bo", department="Sales")
    user = DirectoryUserFactory(tenant=patient, display_name="Ada", upn="ada@patient.example")
    user_services.update_user(tenant=patient, actor=None, user=user, department="Sales")

    before = members(group)
    later(patient, 5)

    assert before == []
    assert members(group) == ["Ada"]
    assert bystander.memberships.count() == 0


def test_licence_brings_a_user_into_the_group_of_licensed_users(tenant):
    group = sales(
        tenant, rule=f'user.assignedPlans -any (assignedPlan.servicePlanId -eq "{rules.PLANS[Licence.Sku.INTUNE]}")'
    )
    user = DirectoryUserFactory(tenant=tenant, display_name="Ada", usage_location="GB")

    user_services.set_licences(tenant=tenant, actor=None, user=user, skus=[Licence.Sku.INTUNE])
    with_licence = members(group)
    user_services.set_licences(tenant=tenant, actor=None, user=user, skus=[])

    assert with_licence == ["Ada"]
    assert members(group) == []


def test_evaluation_costs_the_same_for_few_and_for_many(tenant):
    def statements(users):
        group = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule=f'user.department -eq "{users}"')
        for n in range(users):
            user = DirectoryUserFactory(tenant=tenant, department=str(users) if n % 2 else "Finance")
            if n < users // 3:
                GroupMembership.objects.create(tenant=tenant, group=group, user=user)
        with CaptureQueriesContext(connection) as captured:
            changed = dynamic.evaluate_group(group)
        return len(captured), changed, group.memberships.values("pk").distinct().count()

    few, many = statements(12), statements(60)

    assert (few[1:], many[1:]) == (((4, 2), 6), ((20, 10), 30))
    assert few[0] == many[0]


def test_evaluating_twice_changes_nothing_and_journals_nothing(tenant):
    DirectoryUserFactory(tenant=tenant, department="Sales")
    group = sales(tenant)
    noted = len(entries(tenant))

    assert dynamic.evaluate_group(group) == (0, 0)
    assert len(entries(tenant)) == noted


def test_one_user_is_asked_about_by_all_rules_at_once(tenant, django_assert_max_num_queries):
    for n in range(30):
        GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule=f'user.city -eq "{n}"')
    user = DirectoryUserFactory(tenant=tenant)
    LicenceFactory(tenant=tenant, user=user)

    with django_assert_max_num_queries(6):
        dynamic.evaluate_users(tenant, [user.pk])


def test_rule_that_nobody_understands_leaves_its_group_alone(tenant):
    user = DirectoryUserFactory(tenant=tenant, department="Sales")
    broken = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule="user.manager -eq", members=[user])
    group = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule=SALES)

    dynamic.evaluate_users(tenant, [user.pk])

    assert broken.memberships.count() == 1
    assert group.memberships.count() == 1


def test_event_of_a_group_that_is_gone_does_nothing(patient):
    group = sales(patient)
    services.delete_group(tenant=patient, actor=None, group=group)

    later(patient, 10)

    assert not DueEvent.objects.in_tenant(patient).exists()
