"""Tenant status > Connector status."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from console.connectors import Health, health
from partners import catalogue, connections
from tenancy import clock
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import CLOCK_START, ConfigurationFactory

WORKSPACE_ONE = catalogue.partners()["workspace_one"]


@pytest.fixture
def url(tenant):
    return reverse("console:connector-status", args=[tenant.slug])


def rows(response) -> list[list[str]]:
    soup = BeautifulSoup(response.content, "html.parser")
    return [[cell.get_text(strip=True) for cell in row.select("td")] for row in soup.select("#results tbody tr")]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, Health.HEALTHY), (24, Health.HEALTHY), (24.1, Health.WARNING), (71.9, Health.WARNING), (72, Health.UNHEALTHY)],
)
def test_health_follows_the_age_of_the_last_sync(hours, expected):
    assert health(CLOCK_START - timedelta(hours=hours), CLOCK_START) is expected


def test_connector_that_was_never_synchronized_is_not_enabled():
    assert health(None, CLOCK_START) is Health.NOT_ENABLED


def test_unhealthy_connectors_come_first_and_those_not_enabled_last(portal, tenant, url):
    now = tenant.now()
    for platform, partner, days in (
        ("macos", "jamf_pro", 0),
        ("ios", "workspace_one", 5),
        ("android", "soti_mobicontrol", 2),
    ):
        ConfigurationFactory(tenant=tenant, platform=platform, partner=partner, last_sync_at=now - timedelta(days=days))

    found = rows(portal.get(url))

    assert [row[:2] for row in found[:3]] == [
        ["VMware Workspace ONE mobile compliance for iOS/iPadOS", "Unhealthy"],
        [found[1][0], "Warning"],
        ["Jamf Device Compliance for macOS", "Healthy"],
    ]
    assert {row[1] for row in found[3:]} == {"Not Enabled"}
    assert "Apple VPP Tokens" in [row[0] for row in found]
    assert found[0][2]
    assert not found[-1][2]


def test_row_of_a_partner_leads_to_it_and_the_others_to_an_honest_page(portal, tenant, url):
    configuration = ConfigurationFactory(tenant=tenant)

    page = portal.get(url).content.decode()

    assert reverse("partners:overview", args=[tenant.slug, configuration.pk]) in page
    assert reverse("console:blade", args=[tenant.slug, "managed-google-play"]) in page


def test_health_moves_with_the_clock_of_the_tenant(portal, tenant, url):
    ConfigurationFactory(tenant=tenant, last_sync_at=tenant.now())
    assert rows(portal.get(url))[0][1] == "Healthy"

    Tenant.objects.filter(pk=tenant.pk).update(clock_skipped=timedelta(days=3))

    assert rows(portal.get(url))[0][1] == "Unhealthy"


@pytest.mark.parametrize("leave", ["deprovision", "reject"])
def test_partner_that_intune_does_not_hear_any_more_is_unhealthy_although_it_was_heard_just_now(
    portal, tenant, url, leave
):
    configuration = ConfigurationFactory(tenant=tenant)
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
    assert rows(portal.get(url))[0][:2] == [str(configuration), "Healthy"]

    because = {"because": "The certificate has expired."} if leave == "reject" else {}
    getattr(connections, leave)(tenant=tenant, partner=WORKSPACE_ONE, **because)

    assert rows(portal.get(url))[0][:2] == [str(configuration), "Unhealthy"]


def test_partner_is_unhealthy_exactly_while_it_is_unresponsive(portal, tenant, url):
    """Silence is noticed on the hour, the partner was heard between two of them."""
    configuration = ConfigurationFactory(tenant=tenant)
    clock.advance(tenant, timedelta(minutes=20))
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
    seen = []

    for step in (timedelta(hours=71), timedelta(hours=1, minutes=5), timedelta(hours=1)):
        clock.advance(tenant, step)
        connector = rows(portal.get(url))[0][1]
        configuration.refresh_from_db()
        seen.append((configuration.get_status_display(), connector))

    assert seen == [("Active", "Warning"), ("Active", "Warning"), ("Unresponsive", "Unhealthy")]


def test_role_that_may_not_read_partners_reads_that_they_are_left_out(portal_as, tenant, url):
    ConfigurationFactory(tenant=tenant)

    page = unescape(portal_as(Role.CLOUD_DEVICE_ADMINISTRATOR).get(url).content.decode())

    assert "Compliance partners are left out." in page
    assert "requires the permission 'Partner Device Management: Read'" in page
    assert "Workspace ONE" not in page


def test_tabs_lead_to_each_other_and_say_which_one_is_left_out(portal, tenant, url):
    details = reverse("console:tenant-status", args=[tenant.slug])

    for here in (url, details):
        soup = BeautifulSoup(portal.get(here).content, "html.parser")
        tabs = soup.select(".tabs a")
        assert [tab.get_text(strip=True) for tab in tabs] == [
            "Tenant details",
            "Connector status",
            "Service health and message center",
        ]
        assert [tab["href"] for tab in tabs[:2]] == [details, url]
        assert soup.select_one(".tabs [aria-current=page]")["href"] == here
        assert "Not in this training console" in tabs[2]["title"]


def test_list_sorts_by_name_and_answers_a_fragment(portal, url):
    response = portal.get(f"{url}?sort=connector", headers={"HX-Request": "true"})

    names = [row[0] for row in rows(response)]
    assert names == sorted(names)
    assert b"<html" not in response.content
