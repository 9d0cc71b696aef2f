"""Practice with roles and time: what an instructor and a trainee do around the blades of the real product."""

from __future__ import annotations

import pytest

from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
)
from tests.journeys.visitor import Visitor

WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"


@pytest.fixture
def visitor(portal, tenant):
    ana = DirectoryUserFactory(tenant=tenant, display_name="Ana")
    GroupFactory(tenant=tenant, display_name="Field engineers", members=[ana])
    ManagedDeviceFactory(tenant=tenant, device_name="Ana's iPhone", primary_user=ana)
    return Visitor(portal, "/")


def test_trainee_sees_the_directory_as_a_help_desk_operator_and_returns(visitor):
    visitor.click("Tenant administration")
    visitor.click("Roles")
    visitor.click("Help Desk Operator")
    visitor.sees("Remote tasks")

    visitor.click("View as this role")

    visitor.sees("You view this directory as Help Desk Operator.")
    visitor.click("Tenant administration")
    visitor.click("Connectors and tokens")
    visitor.click("Partner compliance management")
    with pytest.raises(AssertionError, match="is disabled"):
        visitor.click("Add compliance partner", inside='[role="toolbar"]')
    visitor.click("Return to Intune administrator")
    visitor.click("Add compliance partner", inside='[role="toolbar"]')
    assert visitor.heading == "Create compliance partner"


def test_instructor_makes_a_trainee_read_only(visitor, tenant):
    MembershipFactory(
        tenant=tenant,
        role=Role.HELP_DESK_OPERATOR,
        operator__display_name="Tomas",
        operator__email="tomas@kestrel.example",
    )
    visitor.click("Tenant administration")
    visitor.click("Roles")
    visitor.click("Read Only Operator")
    visitor.click("Assignments")
    visitor.click("Assign")
    visitor.choose("Operator", "Tomas (tomas@kestrel.example), Help Desk Operator")

    visitor.click("Assign", inside=".foot")

    assert visitor.toasts == ["Role assigned"]
    visitor.sees("Tomas", "tomas@kestrel.example")


def test_what_takes_hours_is_there_after_the_clock_has_moved(visitor, tenant):
    Tenant.objects.filter(pk=tenant.pk).update(propagation=Tenant.Propagation.REAL)
    visitor.click("Tenant administration")
    visitor.click("Connectors and tokens")
    visitor.click("Partner compliance management")
    visitor.click("Add compliance partner", inside='[role="toolbar"]')
    visitor.choose("Compliance partner", WORKSPACE_ONE)
    visitor.choose("Platform", "iOS/iPadOS")
    visitor.click("Next")
    visitor.click("Add all users")
    visitor.click("Next")
    visitor.click("Create")
    visitor.click("Endpoint security")
    assert [row["Managed by"] for row in visitor.rows("Devices")] == ["MDM"]

    visitor.go(f"/t/{tenant.slug}/clock/")
    visitor.click("+8 hours")
    visitor.sees("Clock moved forward")
    visitor.click("Home", inside="#portal-nav")
    visitor.click("Endpoint security")

    assert [row["Managed by"] for row in visitor.rows("Devices")] == [WORKSPACE_ONE]
