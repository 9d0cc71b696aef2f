"""Every page has its place: a heading, a way up, an entry in the left navigation, menu items that work."""

from __future__ import annotations

from html import unescape

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from console.menus import CENTERS, MENUS
from console.navigation import PLACES, other_blades
from tests.test_urls import IN_TENANT, by_name, url_of

__all__ = ["url_of"]

# They answer with a redirect, a file or 404, or take POST alone, and so have no page.
WITHOUT_PAGE = {
    "console:dismiss",
    "console:nav-toggle",
    "devices:act",
    "devices:bulk",
    "devices:columns",
    "devices:endpoint-security",
    "devices:export",
    "missing",
    "devices:policy-delete",
    "devices:policy-edit",
    "partners:add",
    "partners:edit",
    "tenancy:audit-export",
    "tenancy:directory-audit-export",
    "tenancy:role-return",
    "tenancy:role-view-as",
}
# Opened from the header.
OUTSIDE_NAVIGATION = {"console:notifications", "console:search", "console:settings"}
# Pages that are not the portal's: what a user of the directory sees, and the partner's console, which
# tests/uem/test_frame.py walks.
OUTSIDE_PORTAL = {"access:sign-in-outcome"}
PAGES = [a for a in IN_TENANT if a.name not in WITHOUT_PAGE | OUTSIDE_PORTAL and not a.name.startswith("uem:")]


def soup_of(client, url: str) -> BeautifulSoup:
    response = client.get(url, follow=True)  # a step of a wizard that is not reached yet leads to the first
    assert response.status_code == 200, url
    return BeautifulSoup(response.content, "html.parser")


def test_every_page_stands_in_the_table_of_places():
    assert {address.name for address in PAGES} <= set(PLACES)


@pytest.mark.parametrize("address", [a for a in IN_TENANT if a.name in WITHOUT_PAGE], ids=by_name)
def test_addresses_without_a_place_show_no_page(portal, url_of, address):
    response = portal.get(url_of(address))

    assert response.status_code in {302, 404, 405} or "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("address", PAGES, ids=by_name)
def test_page_has_one_heading_a_document_title_and_its_entry_in_the_left_navigation(portal, url_of, address):
    soup = soup_of(portal, url_of(address))

    (heading,) = soup.find_all("h1")
    assert heading.get_text(strip=True)
    page, _, center = soup.title.get_text(strip=True).rpartition(" - ")
    assert page.strip(" -")
    assert center in {row.label for row in CENTERS.values()}
    current = soup.select('#portal-nav [aria-current="true"]')
    assert len(current) == (0 if address.name in OUTSIDE_NAVIGATION else 1)


@pytest.mark.parametrize("address", [a for a in PAGES if a.name != "console:home"], ids=by_name)
def test_page_has_a_breadcrumb_whose_ancestors_answer_and_closes_to_the_last(portal, url_of, address):
    soup = soup_of(portal, url_of(address))

    crumbs = [link["href"] for link in soup.select(".crumbs a")]
    assert crumbs
    assert soup.select_one(".title__close a")["href"] == crumbs[-1]
    for url in crumbs:
        soup_of(portal, url)


@pytest.mark.parametrize("address", [a for a in PAGES if PLACES[a.name].menu], ids=by_name)
def test_menu_column_has_one_current_item(portal, url_of, address):
    soup = soup_of(portal, url_of(address))

    current = [item.get_text(strip=True) for item in soup.select('.menu [aria-current="page"]')]
    assert current == [PLACES[address.name].item] * bool(PLACES[address.name].item)


@pytest.mark.parametrize("view", ["console:home", "console:azure-ad", "console:tenant-status", "console:connectors",
                                  "devices:security-list", "devices:list"])  # fmt: skip
def test_every_entry_of_navigation_and_menu_answers(portal, tenant, view):
    soup = soup_of(portal, reverse(view, args=[tenant.slug]))

    for link in soup.select("#portal-nav a, .menu a"):
        soup_of(portal, link["href"])


def test_audit_logs_of_users_are_those_of_users(portal, tenant):
    soup = soup_of(portal, reverse("directory:user-list", args=[tenant.slug]))

    assert soup.select_one(".menu a:-soup-contains('Audit logs')")["href"] == (
        reverse("tenancy:directory-audit-list", args=[tenant.slug]) + "?category=UserManagement"
    )


@pytest.mark.parametrize("name", sorted(other_blades()))
def test_honest_page_keeps_the_frame_it_was_opened_in(portal, tenant, name):
    blade = other_blades()[name]

    soup = soup_of(portal, reverse("console:blade", args=[tenant.slug, name]))

    assert soup.select_one(".top__name").get_text(strip=True) == blade.center.label
    current = [link.get_text(strip=True) for link in soup.select('#portal-nav [aria-current="true"]')]
    assert current == [blade.menu.service if blade.menu else blade.item.label]
    if blade.menu:
        assert [link.get_text(strip=True) for link in soup.select('.menu [aria-current="page"]')] == [blade.item.label]


def test_every_icon_that_the_menus_name_exists(settings):
    items = [item for center in CENTERS.values() for item in (*center.nav, *center.favorites)]
    items += [item for menu in MENUS.values() for group in menu.groups for item in group.items]
    names = {item.icon for item in items} | {menu.icon for menu in MENUS.values()} | {p.icon for p in PLACES.values()}

    for name in names - {""}:
        assert (settings.BASE_DIR / "static" / "icons" / "color" / f"{name}.svg").is_file(), name


def test_path_of_the_document_is_in_the_breadcrumbs(portal, tenant):
    soup = soup_of(portal, reverse("partners:configuration-list", args=[tenant.slug]))

    assert [link.get_text(strip=True) for link in soup.select(".crumbs a")] == ["Home", "Tenant admin"]
    assert unescape(soup.h1.get_text(" ", strip=True)) == "Connectors and tokens | Partner compliance management"


def test_directory_center_starts_at_its_dashboard(portal, tenant):
    soup = soup_of(portal, reverse("mobility:application-list", args=[tenant.slug]))

    assert [link.get_text(strip=True) for link in soup.select(".crumbs a")] == ["Dashboard", "Kestrel Logistics"]
    assert unescape(soup.h1.get_text(" ", strip=True)) == "Kestrel Logistics | Mobility (MDM and MAM)"


def test_each_center_leads_to_the_other(portal, tenant):
    home, azure_ad = (reverse(view, args=[tenant.slug]) for view in ("console:home", "console:azure-ad"))

    assert soup_of(portal, home).select_one(".top__switch")["href"] == azure_ad
    assert soup_of(portal, azure_ad).select_one(".top__switch")["href"] == home
