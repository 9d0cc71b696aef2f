"""Who did what, what the bell says, and how the portal is made one's own."""

from __future__ import annotations

import pytest

from tests.factories import ManagedDeviceFactory, MobilityApplicationFactory
from tests.journeys.visitor import Visitor


@pytest.fixture
def visitor(portal, tenant):
    MobilityApplicationFactory(tenant=tenant, gallery_key="microsoft_intune", display_name="Microsoft Intune")
    return Visitor(portal, "/")


def add_airwatch(visitor):
    visitor.click("Switch to Azure Active Directory admin center")
    visitor.click("Mobility (MDM and MAM)")
    visitor.click("Add application")
    visitor.click("AirWatch by VMware VMware")
    visitor.click("Add")


def test_audit_logs_say_who_added_the_application_and_with_what(visitor):
    add_airwatch(visitor)
    visitor.click("Switch to Endpoint Manager admin center")
    visitor.click("Tenant administration")
    visitor.click("Audit logs")
    (row,) = visitor.rows("Audit logs")
    assert row["Initiated by (actor)"] == "mara.lindqvist@kestrel.example"
    assert row["Activity"] == "Add application"
    assert row["Target(s)"] == "AirWatch by VMware"

    visitor.click(row["Date"], inside="table")

    visitor.sees("AirWatch by VMware", "mara.lindqvist@kestrel.example", "New value")


def test_the_bell_keeps_what_the_toast_said_until_it_is_dismissed(visitor):
    add_airwatch(visitor)
    assert visitor.toasts == ["Application added"]
    visitor.click("Switch to Endpoint Manager admin center")
    assert visitor.toasts == []

    visitor.click("Notifications, 1 unread")

    visitor.sees("Application added", "Successfully added 'AirWatch by VMware'.")
    visitor.click("Dismiss all")
    visitor.sees_not("Application added")


def test_settings_change_the_start_page_the_length_of_lists_and_the_names_of_the_product(visitor, tenant):
    for number in range(30):
        ManagedDeviceFactory(tenant=tenant, device_name=f"KL-{number:03}")
    visitor.go(f"/t/{tenant.slug}/settings/")
    visitor.choose("Rows per page", "25")
    visitor.choose("Start page", "Endpoint security > All devices")
    visitor.click("Apply")
    visitor.tick("Today: Entra ID and Intune admin center")

    visitor.click("Save")

    visitor.go("/")
    assert len(visitor.rows("Devices")) == 25
    visitor.sees("Intune admin center")
    visitor.sees_not("Endpoint Manager admin center")
