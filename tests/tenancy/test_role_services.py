"""Who may give which role to whom, and what viewing as another role does."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from directory import services as directory
from tenancy import services
from tenancy.models import JournalEntry, Membership, Operator
from tenancy.roles import GRANTS, INTUNE_ROLES, MissingPermission, Permission, Role, assignable
from tests.factories import MembershipFactory, OperatorFactory


def held(tenant, operator: Operator) -> tuple[str, str]:
    member = Membership.objects.get(tenant=tenant, operator=operator)
    return member.role, member.own_role


@pytest.fixture
def ana(tenant) -> Operator:
    """A Help Desk Operator of `tenant`."""
    return MembershipFactory(
        tenant=tenant, role=Role.HELP_DESK_OPERATOR, operator__email="ana@kestrel.example"
    ).operator


@pytest.fixture
def keeper(tenant) -> Operator:
    """An Intune Role Administrator of `tenant`."""
    return MembershipFactory(tenant=tenant, role=Role.INTUNE_ROLE_ADMINISTRATOR).operator


def test_administrator_gives_an_operator_another_role_and_the_journal_says_so(tenant, operator, ana):
    services.assign_role(tenant=tenant, actor=operator, operator=ana, role=Role.READ_ONLY_OPERATOR)

    assert held(tenant, ana) == (Role.READ_ONLY_OPERATOR, "")
    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.activity, entry.category, entry.target_name) == ("Assign role", "Role", "ana@kestrel.example")
    assert (entry.old_values, entry.new_values) == ({"Role": "Help Desk Operator"}, {"Role": "Read Only Operator"})
    assert entry.target_id is None


def test_role_that_the_operator_has_already_is_refused(tenant, operator, ana):
    with pytest.raises(ValidationError, match="already has the role Help Desk Operator"):
        services.assign_role(tenant=tenant, actor=operator, operator=ana, role=Role.HELP_DESK_OPERATOR)


def test_operator_who_is_no_member_any_more_is_refused(tenant, operator):
    with pytest.raises(ValidationError, match="not a member of this directory any more"):
        services.assign_role(tenant=tenant, actor=operator, operator=OperatorFactory(), role=Role.READ_ONLY_OPERATOR)


@pytest.mark.parametrize("role", [role for role in Role if Permission.ROLES_ASSIGN not in GRANTS[role]])
def test_role_without_the_permission_assigns_and_views_nothing(tenant, ana, role):
    actor = MembershipFactory(tenant=tenant, role=role).operator

    with pytest.raises(MissingPermission, match="Roles: Assign"):
        services.assign_role(tenant=tenant, actor=actor, operator=ana, role=Role.READ_ONLY_OPERATOR)
    with pytest.raises(MissingPermission, match="Roles: Assign"):
        services.view_as(tenant=tenant, actor=actor, role=Role.READ_ONLY_OPERATOR)

    assert held(tenant, ana) == (Role.HELP_DESK_OPERATOR, "")
    assert assignable(role) == frozenset()


@pytest.mark.parametrize("role", Role)
def test_role_administrator_assigns_the_roles_of_intune_alone(tenant, keeper, role):
    operator = MembershipFactory(
        tenant=tenant,
        role=Role.HELP_DESK_OPERATOR if role != Role.HELP_DESK_OPERATOR else Role.READ_ONLY_OPERATOR,
    ).operator

    if role in INTUNE_ROLES:
        services.assign_role(tenant=tenant, actor=keeper, operator=operator, role=role)
        assert held(tenant, operator) == (role, "")
    else:
        with pytest.raises(ValidationError, match="built-in roles of Intune alone"):
            services.assign_role(tenant=tenant, actor=keeper, operator=operator, role=role)


def test_role_administrator_does_not_change_holders_of_other_roles(tenant, operator, keeper):
    MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR)

    with pytest.raises(ValidationError, match="built-in roles of Intune alone"):
        services.assign_role(tenant=tenant, actor=keeper, operator=operator, role=Role.HELP_DESK_OPERATOR)

    assert held(tenant, operator) == (Role.INTUNE_ADMINISTRATOR, "")


def test_administrator_who_views_as_help_desk_stays_out_of_reach_of_the_role_administrator(tenant, operator, keeper):
    MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR)
    services.view_as(tenant=tenant, actor=operator, role=Role.HELP_DESK_OPERATOR)

    with pytest.raises(ValidationError, match="built-in roles of Intune alone"):
        services.assign_role(tenant=tenant, actor=keeper, operator=operator, role=Role.READ_ONLY_OPERATOR)


def test_last_administrator_keeps_a_role_that_may_do_everything(tenant, operator, ana):
    MembershipFactory(role=Role.GLOBAL_ADMINISTRATOR)  # of another tenant
    gone = MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR).operator
    Operator.objects.filter(pk=gone.pk).update(is_active=False)

    with pytest.raises(ValidationError, match="only administrator of this directory"):
        services.assign_role(tenant=tenant, actor=operator, operator=operator, role=Role.HELP_DESK_OPERATOR)

    services.assign_role(tenant=tenant, actor=operator, operator=operator, role=Role.GLOBAL_ADMINISTRATOR)
    assert held(tenant, operator) == (Role.GLOBAL_ADMINISTRATOR, "")


def test_administrator_who_only_views_as_another_role_counts_as_one(tenant, operator):
    other = MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR).operator
    services.view_as(tenant=tenant, actor=other, role=Role.HELP_DESK_OPERATOR)

    services.assign_role(tenant=tenant, actor=operator, operator=operator, role=Role.READ_ONLY_OPERATOR)

    assert held(tenant, operator) == (Role.READ_ONLY_OPERATOR, "")


def test_view_as_takes_the_rights_of_the_role_and_returning_gives_them_back(tenant, operator):
    services.view_as(tenant=tenant, actor=operator, role=Role.HELP_DESK_OPERATOR)

    assert held(tenant, operator) == (Role.HELP_DESK_OPERATOR, Role.INTUNE_ADMINISTRATOR)
    with pytest.raises(MissingPermission):
        directory.create_group(tenant=tenant, actor=operator, display_name="New")
    with pytest.raises(MissingPermission):
        services.view_as(tenant=tenant, actor=operator, role=Role.READ_ONLY_OPERATOR)

    assert services.end_view_as(tenant=tenant, actor=operator) == Role.INTUNE_ADMINISTRATOR
    assert services.end_view_as(tenant=tenant, actor=operator) == Role.INTUNE_ADMINISTRATOR  # a second click
    assert held(tenant, operator) == (Role.INTUNE_ADMINISTRATOR, "")
    assert sorted(JournalEntry.objects.in_tenant(tenant).values_list("activity", flat=True)) == [
        "Return to own role",
        "View as another role",
    ]


def test_view_as_through_a_role_that_assigns_keeps_the_first_role_to_return_to(tenant, operator):
    services.view_as(tenant=tenant, actor=operator, role=Role.GLOBAL_ADMINISTRATOR)
    services.view_as(tenant=tenant, actor=operator, role=Role.HELP_DESK_OPERATOR)

    assert held(tenant, operator) == (Role.HELP_DESK_OPERATOR, Role.INTUNE_ADMINISTRATOR)


def test_view_as_ones_own_role_is_returning(tenant, operator):
    services.view_as(tenant=tenant, actor=operator, role=Role.GLOBAL_ADMINISTRATOR)

    services.view_as(tenant=tenant, actor=operator, role=Role.INTUNE_ADMINISTRATOR)

    assert held(tenant, operator) == (Role.INTUNE_ADMINISTRATOR, "")


def test_view_as_the_role_one_has_is_refused(tenant, operator):
    with pytest.raises(ValidationError, match="already"):
        services.view_as(tenant=tenant, actor=operator, role=Role.INTUNE_ADMINISTRATOR)


def test_role_administrator_does_not_view_as_a_role_that_may_do_more(tenant, keeper):
    with pytest.raises(ValidationError, match="built-in roles of Intune alone"):
        services.view_as(tenant=tenant, actor=keeper, role=Role.GLOBAL_ADMINISTRATOR)

    services.view_as(tenant=tenant, actor=keeper, role=Role.READ_ONLY_OPERATOR)
    assert held(tenant, keeper) == (Role.READ_ONLY_OPERATOR, Role.INTUNE_ROLE_ADMINISTRATOR)


def test_giving_somebody_a_role_ends_what_they_view_as(tenant, operator):
    other = MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR).operator
    services.view_as(tenant=tenant, actor=other, role=Role.HELP_DESK_OPERATOR)

    services.assign_role(tenant=tenant, actor=operator, operator=other, role=Role.HELP_DESK_OPERATOR)
    assert held(tenant, other) == (Role.HELP_DESK_OPERATOR, "")

    Membership.objects.filter(operator=other).update(own_role=Role.GLOBAL_ADMINISTRATOR)
    services.admit(tenant=tenant, operator=other, role=Role.SECURITY_READER)
    assert held(tenant, other) == (Role.SECURITY_READER, "")
