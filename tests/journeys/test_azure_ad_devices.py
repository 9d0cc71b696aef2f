"""A lost laptop and its two records: what a helpdesk does in Azure Active Directory > Devices."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from directory.models import DirectoryDevice
from tests.factories import (
    CLOCK_START,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
)
from tests.journeys.visitor import Visitor


def test_lost_laptop_is_disabled_and_its_stale_duplicate_deleted(portal, tenant):
    newer, _ = (
        DirectoryDeviceFactory(
            tenant=tenant,
            display_name="LT-0042",
            os="Windows",
            mdm="Microsoft Intune",
            registered_at=at,
            activity_at=at,
        )
        for at in (CLOCK_START, CLOCK_START - timedelta(days=300))
    )
    device = ManagedDeviceFactory(tenant=tenant, device_name="LT-0042", azure_ad_device_id=newer.device_id)
    visitor = Visitor(portal, reverse("console:azure-ad", args=[tenant.slug]))

    visitor.click("Devices", inside=".menu")
    assert visitor.heading == "Devices | All devices"
    activities = sorted(row["Activity"] for row in visitor.rows("Devices"))
    assert activities == ["7/20/2020, 8:00:00 AM", "9/24/2019, 8:00:00 AM"]

    visitor.go(reverse("directory:device-overview", args=[tenant.slug, newer.pk]))
    visitor.sees("Another record has the same name.")
    visitor.click("Disable")
    visitor.sees("blocks device authentication of 'LT-0042' and revokes its tokens")
    visitor.click("Disable", inside="dialog[open]")
    visitor.sees("Successfully disabled 'LT-0042'.", "The device is disabled")
    visitor.click("Manage")
    assert visitor.url == reverse("devices:overview", args=[tenant.slug, device.pk])

    visitor.go(reverse("directory:device-list", args=[tenant.slug]) + "?activity=over180d")
    visitor.page.select_one("tbody .check")["checked"] = ""
    visitor.click("Delete")
    visitor.sees("It does not unregister the client")
    visitor.click("Delete", inside="dialog[open]")
    visitor.sees("Successfully deleted 'LT-0042'.", "No devices match the filters.")
    assert DirectoryDevice.objects.in_tenant(tenant).get() == newer


def test_links_lead_from_a_device_to_its_owner_a_group_and_back(portal, tenant):
    ana = DirectoryUserFactory(tenant=tenant, display_name="Ana Torres", upn="ana@kestrel.example")
    GroupFactory(tenant=tenant, display_name="Drivers", members=[ana])
    DirectoryDeviceFactory(tenant=tenant, display_name="LT-0042", owner=ana)
    visitor = Visitor(portal, reverse("console:azure-ad", args=[tenant.slug]))

    visitor.click("Devices", inside=".menu")
    visitor.click("LT-0042")
    visitor.click("Drivers")
    assert visitor.heading == "Drivers | Overview"
    visitor.click("1 user")
    visitor.click("Ana Torres")
    assert visitor.heading == "Ana Torres | Profile"
    visitor.click("Groups", inside=".menu")
    assert [row["Name"] for row in visitor.rows("Groups")] == ["Drivers"]
    visitor.click("Devices", inside=".menu")
    visitor.click("LT-0042")
    visitor.click("Ana Torres")

    assert visitor.heading == "Ana Torres | Profile"
