"""The global search and All services."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from console import blade_index, search
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
)


@pytest.fixture
def address(tenant):
    return reverse("console:search", args=[tenant.slug])


@pytest.fixture
def office(tenant):
    """One of each kind, all called Kestrel something."""
    ana = DirectoryUserFactory(tenant=tenant, display_name="Kestrel Ana", surname="Torres", upn="ana@kestrel.example")
    GroupFactory(tenant=tenant, display_name="Kestrel drivers")
    ManagedDeviceFactory(tenant=tenant, device_name="Kestrel-iPhone", serial_number="F2LX99", primary_user=ana)
    DirectoryDeviceFactory(tenant=tenant, display_name="Kestrel-Tablet")
    ConfigurationFactory(tenant=tenant, partner="workspace_one", platform="ios")
    return ana


def soup_of(response) -> BeautifulSoup:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def found(soup) -> dict[str, list[str]]:
    """Heading to the names under it."""
    return {
        heading.get_text(strip=True): [hit.get_text() for hit in heading.find_next_sibling("ul").select("b")]
        for heading in soup.select("#results h2")
    }


@pytest.fixture(params=[5_000, 0], ids=["small", "large"])
def size(request, monkeypatch):
    """The same searches in a tenant that is compared and in one that the index answers for."""
    monkeypatch.setattr(search, "SMALL_TENANT", request.param)


def test_everything_that_begins_so_is_found_by_kind(portal, address, office, size):
    kinds = found(soup_of(portal.get(address, {"q": "kestrel"})))

    assert kinds["Devices (Intune)"] == ["Kestrel-iPhone"]
    assert kinds["Devices (Azure AD)"] == ["Kestrel-Tablet"]
    assert kinds["Users"] == ["Kestrel Ana"]
    assert kinds["Groups"] == ["Kestrel drivers"]


@pytest.mark.parametrize("term", ["f2lx", "X99", "iphone", "ana@kes"])
def test_devices_of_intune_are_found_by_any_part_of_what_their_list_searches(portal, address, office, size, term):
    assert found(soup_of(portal.get(address, {"q": term})))["Devices (Intune)"] == ["Kestrel-iPhone"]


def test_two_letters_find_the_beginning_of_a_name(portal, address, office, size):
    assert found(soup_of(portal.get(address, {"q": "KE"})))["Devices (Intune)"] == ["Kestrel-iPhone"]


@pytest.mark.parametrize("term", ["torres", "ana@", "kestrel an"])
def test_users_are_found_by_name_surname_and_upn(portal, address, office, term):
    assert found(soup_of(portal.get(address, {"q": term})))["Users"] == ["Kestrel Ana"]


def test_ids_find_what_they_belong_to(portal, tenant, address, office):
    record = DirectoryDeviceFactory(tenant=tenant, display_name="By id")
    device = ManagedDeviceFactory(tenant=tenant, device_name="Also by id")

    assert found(soup_of(portal.get(address, {"q": str(record.device_id)}))) == {"Devices (Azure AD)": ["By id"]}
    assert found(soup_of(portal.get(address, {"q": str(record.pk)}))) == {"Devices (Azure AD)": ["By id"]}
    assert found(soup_of(portal.get(address, {"q": str(device.pk)}))) == {"Devices (Intune)": ["Also by id"]}


def test_partners_are_found_by_any_word(portal, address, office):
    assert found(soup_of(portal.get(address, {"q": "one workspace"})))["Compliance partners"] == [
        "VMware Workspace ONE mobile compliance"
    ]


@pytest.mark.parametrize(
    ("term", "first"),
    [
        ("partner comp", "Partner compliance management"),
        ("compliance partner", "Partner compliance management"),
        ("mobility", "Mobility (MDM and MAM)"),
        ("mdm", "Mobility (MDM and MAM)"),
        ("DEVICES", "Devices"),
        ("entra", "Azure Active Directory"),
    ],
)
def test_blades_are_found_by_the_words_of_their_name(portal, address, term, first):
    blades = found(soup_of(portal.get(address, {"q": term})))["Services and blades"]

    assert first in blades
    assert len(blades) == len(set(blades)) or term == "DEVICES"


def test_honest_pages_are_found_and_marked(portal, address):
    soup = soup_of(portal.get(address, {"q": "security baselines"}))

    assert "Not in this console" in soup.select_one(".service").get_text()


def test_at_most_five_of_a_kind_are_shown_with_the_way_to_all(portal, tenant, address, size):
    for number in range(7):
        ManagedDeviceFactory(tenant=tenant, device_name=f"LT-{number}")
        DirectoryDeviceFactory(tenant=tenant, display_name=f"LT-{number}")

    soup = soup_of(portal.get(address, {"q": "lt-"}))

    assert [len(names) for names in found(soup).values()] == [5, 5]
    links = {link["aria-label"]: link["href"] for link in soup.select("#results p a")}
    assert links == {
        "See all: Devices (Intune)": reverse("devices:list", args=[tenant.slug]) + "?q=lt-",
        "See all: Devices (Azure AD)": reverse("directory:device-list", args=[tenant.slug]) + "?q=lt-",
    }
    for url in links.values():
        assert portal.get(url).status_code == 200


@pytest.mark.parametrize("term", ["", "  ", "%", "_", "'", '"', "\\", "\x00", "zzz", "a" * 500, "İ", "-" * 36])
def test_odd_terms_find_nothing_and_break_nothing(portal, address, office, size, term):
    response = portal.get(address, {"q": term})

    assert found(soup_of(response)) == {}


def test_nothing_found_says_so(portal, address):
    assert "No results for 'zzzz'" in soup_of(portal.get(address, {"q": "zzzz"})).get_text()


def test_role_finds_only_what_it_may_see(portal_as, address, office):
    client = portal_as(Role.POLICY_AND_PROFILE_MANAGER)

    kinds = found(soup_of(client.get(address, {"q": "kestrel"})))
    blades = found(soup_of(client.get(address, {"q": "mobility"})))

    assert set(kinds) == {"Devices (Intune)"}
    assert "Services and blades" not in blades


def test_other_tenants_are_not_found(portal, address, size):
    ManagedDeviceFactory(device_name="Kestrel-elsewhere")
    DirectoryDeviceFactory(display_name="Kestrel-elsewhere")
    DirectoryUserFactory(display_name="Kestrel elsewhere")

    assert found(soup_of(portal.get(address, {"q": "kestrel"}))) == {}


def test_every_hit_answers(portal, address, office):
    for term in ("kestrel", "device", "workspace one", "mo"):
        for link in soup_of(portal.get(address, {"q": term})).select("#results a"):
            assert portal.get(link["href"], follow=True).status_code == 200


def test_statements_do_not_grow_with_what_is_found(portal, tenant, address, django_assert_max_num_queries):
    for number in range(30):
        ManagedDeviceFactory(tenant=tenant, device_name=f"K{number}")
        DirectoryUserFactory(tenant=tenant, display_name=f"K{number}")
        GroupFactory(tenant=tenant, display_name=f"K{number}")

    with django_assert_max_num_queries(12):
        portal.get(address, {"q": "k"})


def test_box_in_the_header_gets_options(portal, address, office):
    headers = {"HX-Request": "true", "HX-Target": "global-results"}

    soup = soup_of(portal.get(address, {"q": "kestrel"}, headers=headers))

    assert soup.find("h1") is None
    options = soup.select('#global-results[role="listbox"] [role="group"] > a[role="option"]')
    ids = [option["id"] for option in options]
    assert len(set(ids)) == len(ids) >= 2
    assert soup.select_one("#global-count").get_text() == f"{len(options)} results"


def test_box_that_finds_nothing_gets_a_sentence(portal, address):
    headers = {"HX-Request": "true", "HX-Target": "global-results"}

    soup = soup_of(portal.get(address, {"q": "<zzz>"}, headers=headers))

    assert "No results were found for '<zzz>'" in soup.select_one('[role="option"]').get_text()
    assert soup.select_one("#global-count").get_text() == "No results"


def test_every_page_has_the_box_and_the_way_to_the_page(portal, tenant, address):
    soup = soup_of(portal.get(reverse("console:azure-ad", args=[tenant.slug])))

    assert soup.select_one("form.top__search")["action"] == address
    assert soup.select_one("a.top__find")["href"] == address
    assert soup.select_one("#global-search")["placeholder"] == "Search resources, services, and docs (G+/)"


def test_blades_speak_the_vocabulary_of_the_directory(portal, tenant, address):
    tenant.vocabulary = Tenant.Vocabulary.TODAY
    tenant.save()

    for term in ("entra", "azure active"):
        blades = found(soup_of(portal.get(address, {"q": term})))["Services and blades"]
        assert "Microsoft Entra ID" in blades


# All services


@pytest.mark.parametrize(
    ("view", "headings", "names"),
    [
        (
            "console:all-services",
            {"Services", "Devices", "Endpoint security", "Tenant admin", "Connectors and tokens"},
            {"Home", "Partner compliance management", "All devices", "Security baselines"},
        ),
        (
            "console:directory-all-services",
            {"Services", "Azure Active Directory", "Devices"},
            {"Mobility (MDM and MAM)", "Enterprise applications", "Device settings"},
        ),
    ],
)
def test_all_services_name_every_blade_of_the_center(portal, tenant, view, headings, names):
    groups = found(soup_of(portal.get(reverse(view, args=[tenant.slug]))))

    assert headings <= set(groups)
    assert names <= {name for group in groups.values() for name in group}


@pytest.mark.parametrize("view", ["console:all-services", "console:directory-all-services"])
def test_every_service_answers_and_honest_ones_are_marked(portal, tenant, view):
    for link in soup_of(portal.get(reverse(view, args=[tenant.slug]))).select("#results a"):
        page = portal.get(link["href"], follow=True)
        assert page.status_code == 200
        missing = "This training console does not have" in page.content.decode()
        assert missing == ("Not in this console" in link.get_text())


def test_filter_keeps_the_services_with_these_words(portal, tenant):
    url = reverse("console:all-services", args=[tenant.slug])

    assert found(soup_of(portal.get(url, {"q": "partner compliance"}))) == {
        "Connectors and tokens": ["Partner compliance management"]
    }
    assert "No services match the filter." in portal.get(url, {"q": "zzz"}).content.decode()


def test_navigation_leads_to_all_services(portal, tenant):
    for view, services in (
        ("console:home", "console:all-services"),
        ("console:azure-ad", "console:directory-all-services"),
    ):
        soup = soup_of(portal.get(reverse(view, args=[tenant.slug])))
        assert soup.select_one('.nav a[title="All services"]')["href"] == reverse(services, args=[tenant.slug])


def test_index_knows_who_may_open_a_blade():
    permissions = {entry.view: entry.permission for entry in blade_index.entries() if entry.view}

    assert permissions["mobility:application-list"] == "Mobility (MDM and MAM): Read"
    assert permissions["console:home"] is None
