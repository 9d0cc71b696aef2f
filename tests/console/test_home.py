"""Home: the tenant at a glance, for every role."""

from __future__ import annotations

from html import unescape

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devices.models import Agent, Compliance, OperatingSystem
from partners.models import PartnerConfiguration
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    CLOCK_START,
    ConfigurationFactory,
    GroupFactory,
    JournalEntryFactory,
    ManagedDeviceFactory,
)


@pytest.fixture
def url(tenant):
    return reverse("console:home", args=[tenant.slug])


def shown(response) -> str:
    return unescape(response.content.decode())


def test_devices_are_counted_by_compliance_and_by_manager_with_links_into_the_list(portal, tenant, url):
    ManagedDeviceFactory.create_batch(2, tenant=tenant, compliance=Compliance.COMPLIANT)
    ManagedDeviceFactory(tenant=tenant, compliance=Compliance.NOT_COMPLIANT)
    ManagedDeviceFactory(
        tenant=tenant, os=OperatingSystem.WINDOWS, agent=Agent.CONFIGMGR, compliance=Compliance.SEE_CONFIGMGR
    )

    page = shown(portal.get(url))

    listed = reverse("devices:security-list", args=[tenant.slug])
    for link in (
        f'<a href="{listed}?compliance=10">2</a>',
        f'<a href="{listed}?compliance=50">1</a>',
        f'<a href="{listed}?managed_by=60">3</a>',
        f'<a href="{listed}?managed_by=30">1</a>',
    ):
        assert link in page
    assert "In grace period" not in page


def test_pictures_are_tables_too(portal, tenant, url):
    ManagedDeviceFactory(tenant=tenant)

    page = shown(portal.get(url))

    assert '<caption class="vh">Devices by compliance</caption>' in page
    assert '<caption class="vh">Devices by manager</caption>' in page


def test_links_of_the_pictures_open_the_filtered_list(portal, tenant, url):
    ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-101", compliance=Compliance.COMPLIANT)
    ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-202", compliance=Compliance.NOT_COMPLIANT)
    windows = {"os": OperatingSystem.WINDOWS, "agent": Agent.CONFIGMGR, "compliance": Compliance.SEE_CONFIGMGR}
    ManagedDeviceFactory(tenant=tenant, device_name="KL-LT-303", **windows)

    home = BeautifulSoup(portal.get(url).content, "html.parser")

    opened = {}
    for row in home.select("main table tbody tr"):
        link = row.select_one('a[href*="compliance="], a[href*="managed_by="]')
        if link:
            page = shown(portal.get(link["href"]))
            opened[row.td.get_text(strip=True)] = [name for name in ("101", "202", "303") if f"-{name}" in page]
    assert opened == {
        "Compliant": ["101"],
        "Not compliant": ["202"],
        "See ConfigMgr": ["303"],
        "MDM": ["101", "202"],
        "ConfigMgr": ["303"],
    }


def test_without_devices_and_partners_it_says_so_and_invites(portal, tenant, url):
    page = shown(portal.get(url))

    assert "No device is enrolled." in page
    assert "No compliance partner has been added" in page
    assert reverse("partners:configuration-list", args=[tenant.slug]) in page


def test_partner_status_is_shown_with_a_link_to_the_partner(portal, tenant, url):
    row = ConfigurationFactory(
        tenant=tenant, groups=[GroupFactory(tenant=tenant)], status=PartnerConfiguration.Status.PENDING
    )

    page = shown(portal.get(url))

    assert "Pending activation" in page
    assert reverse("partners:overview", args=[tenant.slug, row.pk]) in page
    assert "VMware Workspace ONE mobile compliance" in page


def test_latest_eight_entries_of_the_journal_are_shown(portal, tenant, url):
    for n in range(10):
        JournalEntryFactory(
            tenant=tenant, occurred_at=CLOCK_START.replace(minute=n), activity=f"Change {n}", target_name="Baseline"
        )

    page = shown(portal.get(url))

    assert [n for n in range(10) if f"Change {n}<" in page] == list(range(2, 10))
    assert page.index("Change 9") < page.index("Change 2")


def test_entries_and_devices_of_other_tenants_are_not_shown(portal, url):
    JournalEntryFactory(activity="Elsewhere")
    ManagedDeviceFactory()

    page = shown(portal.get(url))

    assert "Elsewhere" not in page
    assert "No device is enrolled." in page


@pytest.mark.parametrize(
    ("propagation", "said"),
    [("instant", "Changes take effect at once in this directory"), ("real", "Some changes take hours, as in the real")],
)
def test_it_says_how_soon_changes_take_effect_here(portal, tenant, url, propagation, said):
    Tenant.objects.filter(pk=tenant.pk).update(propagation=propagation)

    assert said in shown(portal.get(url))


def test_what_to_try_first_follows_the_document(portal, tenant, url):
    page = shown(portal.get(url))

    steps = [
        reverse(view, args=[tenant.slug])
        for view in (
            "mobility:application-list",
            "partners:configuration-list",
            "uem:partner-list",
            "devices:security-list",
        )
    ]
    start = page.index("What to try first")
    assert sorted(steps, key=lambda step: page.index(f'href="{step}"', start)) == steps


def test_help_desk_sees_everything_but_reads_why_mobility_is_closed(portal_as, tenant, url):
    ManagedDeviceFactory(tenant=tenant)
    JournalEntryFactory(tenant=tenant, activity="A change")

    page = shown(portal_as(Role.HELP_DESK_OPERATOR).get(url))

    assert "requires the permission 'Mobility (MDM and MAM): Read'" in page
    assert "enrolled device" in page
    assert "A change" in page


@pytest.mark.parametrize("role", [Role.CONDITIONAL_ACCESS_ADMINISTRATOR, Role.INTUNE_ROLE_ADMINISTRATOR])
def test_role_without_intune_data_reads_one_sentence_for_each_part(portal_as, tenant, url, role):
    ManagedDeviceFactory(tenant=tenant)
    JournalEntryFactory(tenant=tenant, activity="A change")
    ConfigurationFactory(tenant=tenant)

    response = portal_as(role).get(url)

    assert response.status_code == 200
    page = shown(response)
    for permission in ("Managed devices: Read", "Partner Device Management: Read", "Audit data: Read"):
        assert f"requires the permission '{permission}'" in page
    for secret in ("A change", "enrolled device", "Workspace ONE"):
        assert secret not in page


def test_number_of_statements_is_small_and_independent_of_the_number_of_devices(portal, tenant, url):
    ConfigurationFactory(tenant=tenant)
    ManagedDeviceFactory(tenant=tenant)
    with CaptureQueriesContext(connection) as few:
        portal.get(url)
    ManagedDeviceFactory.create_batch(30, tenant=tenant)
    JournalEntryFactory.create_batch(30, tenant=tenant)

    with CaptureQueriesContext(connection) as many:
        portal.get(url)

    assert len(many) == len(few) <= 7
    assert not [row for row in many.captured_queries if "devices_manageddevice" in row["sql"]]
