"""The frame around every page of a partner's console, and the ways in and out."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from tenancy.roles import Role
from tests.factories import ConfigurationFactory
from tests.test_urls import IN_TENANT, by_name, url_of

__all__ = ["url_of"]

# They take a POST, and lead back to the page that they belong to.
POSTED = {"uem:device-register", "uem:device-verdict", "uem:device-online", "uem:device-samples"}
FILES = {"uem:device-import-template"}
# Azure AD's own page, with the frame of the sign-in.
OF_AZURE_AD = {"uem:consent", "uem:second-consent"}
PAGES = [a for a in IN_TENANT if a.name.startswith("uem:") and a.name not in POSTED | FILES | OF_AZURE_AD]


def soup_of(client, url: str) -> BeautifulSoup:
    response = client.get(url, follow=True)
    assert response.status_code == 200, url
    return BeautifulSoup(response.content, "html.parser")


@pytest.mark.parametrize("address", PAGES, ids=by_name)
def test_page_is_another_vendors_and_leads_back_to_the_portal(portal, tenant, url_of, address):
    soup = soup_of(portal, url_of(address))

    (heading,) = soup.find_all("h1")
    assert heading.get_text(strip=True)
    assert soup.title.get_text(strip=True).rpartition(" - ")[0]
    assert soup.select_one("a.skip")["href"] == "#main"
    assert soup.select_one(".bar__badge").get_text(strip=True) == "Training"
    assert "Not affiliated with or endorsed by Microsoft." in soup.select_one("footer").get_text()
    assert soup.select_one(f'.bar a[href="{reverse("console:home", args=[tenant.slug])}"]')
    assert [sheet["href"] for sheet in soup.select('link[rel="stylesheet"]')] == ["/static/css/uem.css"]
    assert not soup.select("script")


@pytest.mark.parametrize("address", [a for a in PAGES if "partner" in a.arguments], ids=by_name)
def test_page_of_a_console_has_one_current_entry_in_a_menu_that_works(portal, url_of, address):
    soup = soup_of(portal, url_of(address))

    assert len(soup.select('.side [aria-current="page"]')) == 1
    for link in soup.select(".side a"):
        soup_of(portal, link["href"])


@pytest.mark.parametrize("address", [a for a in IN_TENANT if a.name in POSTED], ids=by_name)
def test_address_of_a_form_leads_whoever_types_it_to_the_device(portal, url_of, address):
    url = url_of(address)

    response = portal.get(url)

    assert response.status_code == 302
    assert url.startswith(response.url)


def test_partner_that_the_directory_has_added_stands_first(portal, tenant):
    ConfigurationFactory(tenant=tenant, partner="workspace_one")
    ConfigurationFactory(tenant=tenant, partner="workspace_one", platform="android")

    soup = soup_of(portal, reverse("uem:partner-list", args=[tenant.slug]))

    names = [tile.h2.get_text(strip=True) for tile in soup.select(".tile")]
    assert names[0] == "VMware Workspace ONE UEM"
    assert names[1:] == sorted(names[1:], key=str.casefold)
    assert "Android, iOS/iPadOS" in soup.select_one(".tile").get_text(" ", strip=True)


def test_console_of_a_partner_that_intune_does_not_know_can_be_opened(portal, tenant):
    page = soup_of(portal, reverse("uem:overview", args=[tenant.slug, "jamf_pro"])).get_text(" ", strip=True)

    assert "Jamf Pro" in page
    assert "The partner is not under Partner compliance management ." in page


@pytest.mark.parametrize("role", [Role.READ_ONLY_OPERATOR, Role.INTUNE_ROLE_ADMINISTRATOR], ids=str)
def test_whoever_may_enter_the_directory_may_work_in_the_console_whatever_the_role(portal_as, shop, role):
    response = portal_as(role).post(
        reverse("uem:settings", args=[shop.tenant.slug, "workspace_one"]),
        {"compliance_enabled": "on", "directory_id": str(shop.tenant.directory_id)},
    )

    shop.console.refresh_from_db()
    assert response.status_code == 302
    assert shop.console.compliance_enabled


def test_overview_of_the_partner_and_home_lead_to_the_console(portal, shop):
    overview = soup_of(portal, reverse("partners:overview", args=[shop.tenant.slug, shop.configuration.pk]))
    home = soup_of(portal, reverse("console:home", args=[shop.tenant.slug]))

    command = next(link for link in overview.select("a.cmd") if "partner's console" in link.get_text())
    assert command["href"] == reverse("uem:overview", args=[shop.tenant.slug, "workspace_one"])
    step = home.select_one(f'a[href="{reverse("uem:partner-list", args=[shop.tenant.slug])}"]')
    # The portal's script would look for its own frame in what it fetches.
    assert command["hx-boost"] == step["hx-boost"] == "false"


def test_two_who_open_a_console_at_once_find_one(tenant, django_assert_num_queries):
    from uem import services
    from uem.models import Console

    first = services.console_of(tenant, Console(partner="jamf_pro").vendor)
    with django_assert_num_queries(1):
        second = services.console_of(tenant, Console(partner="jamf_pro").vendor)

    assert first == second
