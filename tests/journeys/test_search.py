"""From the box in the header to a device, by visible words and without script."""

from __future__ import annotations

from django.urls import reverse

from tests.factories import ManagedDeviceFactory
from tests.journeys.visitor import Visitor


def test_device_is_found_by_its_serial_number_from_any_page(portal, tenant):
    ManagedDeviceFactory(tenant=tenant, device_name="Ana's iPhone", serial_number="F2LX99ABC")
    visitor = Visitor(portal, reverse("console:home", args=[tenant.slug]))

    form = visitor.page.select_one("form.top__search")
    visitor.go(f"{form['action']}?q=f2lx99")
    visitor.sees("1 result for 'f2lx99'", "Devices (Intune)")
    visitor.click("Ana's iPhone iOS")

    assert visitor.heading == "Ana's iPhone | Overview"


def test_service_is_found_under_all_services(portal, tenant):
    visitor = Visitor(portal, reverse("console:home", args=[tenant.slug]))

    visitor.click("All services")
    visitor.sees("Connectors and tokens", "Not in this console")
    visitor.click("Partner compliance management")

    assert visitor.heading == "Connectors and tokens | Partner compliance management"
