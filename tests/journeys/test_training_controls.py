"""Practice with roles and time: what an instructor and a trainee do around the blades of the real product."""

from __future__ import annotations

import pytest

from tenancy import cloning
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    ConfigurationFactory,
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


def add_partner_for_all_users(visitor):
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
    add_partner_for_all_users(visitor)
    visitor.click("Endpoint security")
    assert [row["Managed by"] for row in visitor.rows("Devices")] == ["MDM"]

    visitor.go(f"/t/{tenant.slug}/clock/")
    visitor.click("+8 hours")
    visitor.sees("Clock moved forward")
    visitor.click("Home", inside="#portal-nav")
    visitor.click("Endpoint security")

    assert [row["Managed by"] for row in visitor.rows("Devices")] == [WORKSPACE_ONE]


def test_instructor_finds_in_the_audit_logs_what_a_trainee_changed(visitor, tenant):
    add_partner_for_all_users(visitor)

    visitor.click("Home", inside="#portal-nav")
    visitor.click("More in audit logs")
    visitor.tick("Device compliance partner")
    visitor.tick("Last 24 hours")
    visitor.click("Apply", inside="#filter-category")

    (row,) = visitor.rows("Audit logs")
    assert row["Initiated by (actor)"] == "mara.lindqvist@kestrel.example"
    assert row["Activity"] == "Create compliance partner"
    visitor.click(row["Date"])
    visitor.sees("Modified properties", "All users", WORKSPACE_ONE)
    visitor.click(row["Target(s)"])
    assert visitor.heading == f"{WORKSPACE_ONE} | Overview"


def test_next_class_starts_with_a_fresh_directory(visitor, tenant):
    template = cloning.clone_tenant(tenant, slug="class-template")
    Tenant.objects.filter(pk=tenant.pk).update(template=template)
    visitor.click("Devices", inside="#portal-nav")
    assert len(visitor.rows("Devices")) == 1
    ManagedDeviceFactory(tenant=tenant, device_name="Left over")
    visitor.click("Tenant administration")
    visitor.click("Reset directory")
    visitor.sees("Audit logs", "cannot be undone")
    visitor.click("Reset directory", inside=".foot")
    visitor.sees("Enter 'kestrel' to confirm that this directory is reset.")

    visitor.fill("Directory", "kestrel")
    visitor.click("Reset directory", inside=".foot")

    visitor.sees("'Kestrel Logistics' is as it was at first.")
    visitor.click("Devices", inside="#portal-nav")
    assert [row["Device name"] for row in visitor.rows("Devices")] == ["Ana's iPhone"]


def test_trainee_sees_which_connector_has_gone_silent(visitor, tenant):
    ConfigurationFactory(tenant=tenant, last_sync_at=tenant.now())
    visitor.go(f"/t/{tenant.slug}/clock/")
    for _ in range(3):
        visitor.click("+1 day")

    visitor.click("Tenant administration")
    visitor.click("Connector status")

    assert visitor.rows("Connectors")[0]["Status"] == "Unhealthy"
