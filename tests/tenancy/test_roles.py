from __future__ import annotations

import pytest

from directory import services as directory
from directory.models import Group
from tenancy import services
from tenancy.models import JournalEntry, Tenant
from tenancy.roles import GRANTS, MissingPermission, Permission, Role
from tests.factories import MembershipFactory, OperatorFactory


def test_every_role_says_what_it_grants():
    assert set(GRANTS) == set(Role)


@pytest.mark.parametrize("role", [Role.INTUNE_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR])
def test_administrators_may_do_everything(role):
    assert GRANTS[role] == set(Permission)


def test_help_desk_operator_reads_partners_and_devices_and_never_sees_mobility():
    granted = GRANTS[Role.HELP_DESK_OPERATOR]

    assert {Permission.PARTNERS_READ, Permission.DEVICES_READ, Permission.DIRECTORY_READ} <= granted
    assert not granted & {Permission.PARTNERS_MODIFY, Permission.MOBILITY_READ, Permission.TENANT_SETTINGS}


def test_service_refuses_a_role_without_the_permission_and_writes_nothing(tenant):
    member = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR)

    with pytest.raises(MissingPermission, match="Users and groups: Update"):
        directory.create_group(tenant=tenant, actor=member.operator, display_name="New")

    assert not Group.objects.in_tenant(tenant).exists()
    assert not JournalEntry.objects.in_tenant(tenant).exists()


def test_service_refuses_an_operator_of_another_tenant(tenant):
    with pytest.raises(MissingPermission):
        directory.create_group(tenant=tenant, actor=OperatorFactory(), display_name="New")


def test_training_settings_are_journalled_with_what_changed(tenant, operator):
    services.change_training_settings(
        tenant=tenant, actor=operator, document_mode=Tenant.DocumentMode.AS_IT_WORKS, propagation=tenant.propagation
    )

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert entry.old_values == {"Document mode": "As written (2020)"}
    assert entry.new_values == {"Document mode": "As it works"}
