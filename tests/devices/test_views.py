"""Endpoint security > All devices, Devices > All devices, and the pages of one device."""

from __future__ import annotations

import gzip
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from devices.filters import SORTS
from devices.models import Agent, Compliance, OperatingSystem, Ownership
from partners.models import Platform
from tenancy.models import Tenant
from tenancy.roles import GRANTS, Permission, Role
from tenancy.scoping import NEVER
from tests.devices.listing import fill
from tests.factories import (
    ConfigurationFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    TenantFactory,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(tenant) -> str:
    return reverse("devices:security-list", args=[tenant.slug])


def text(response) -> str:
    return response.content.decode()


def names(response) -> list[str]:
    """The first column."""
    return re.findall(r'<td><a href="[^"]*">([^<]*)</a>', text(response))


def record_line(response) -> str:
    [line] = re.findall(r'<div class="count"><p role="status">([^<]*)</p>', text(response))
    return str(line)


def link(response, element: str) -> str | None:
    found = re.search(rf'id="{element}" href="([^"]*)"', text(response))
    return found and found[1].replace("&amp;", "&")


def test_endpoint_security_opens_on_the_list(portal, tenant):
    response = portal.get(f"/t/{tenant.slug}/endpoint-security/")

    assert response.status_code == 302
    assert response["Location"] == f"/t/{tenant.slug}/endpoint-security/devices/"


def test_a_row_says_what_the_columns_promise(portal, tenant, address):
    user = DirectoryUserFactory(tenant=tenant, upn="Mara.Lindqvist@kestrel.example")
    device = ManagedDeviceFactory(
        tenant=tenant, device_name="Castillo's <iPhone>", os=OperatingSystem.IOS, os_version="13.5.1",
        ownership=Ownership.PERSONAL, compliance=Compliance.IN_GRACE_PERIOD, primary_user=user,
    )  # fmt: skip

    response = portal.get(address)

    row = re.search(r"<tbody>(.*)</tbody>", text(response), re.DOTALL)[1]
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", row)]
    assert cells == [
        "Castillo&#x27;s &lt;iPhone&gt;", "MDM", "Personal", "In grace period", "iOS", "13.5.1",
        "7/20/2020, 8:00:00 AM", "Mara.Lindqvist@kestrel.example",
    ]  # fmt: skip
    assert f'href="{device.pk}/"' in row
    assert re.findall(r'<span>([^<]*)</span><svg', text(response))[-8:] == [
        "Device name", "Managed by", "Ownership", "Compliance", "OS", "OS version", "Last check-in",
        "Primary user UPN",
    ]  # fmt: skip


def test_a_device_that_never_checked_in_has_an_empty_cell(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant, last_checkin_at=NEVER)

    assert "1/1/1" not in text(portal.get(address))


def test_both_places_show_the_same_list_under_their_own_heading(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant, device_name="KL-001")

    security, devices = portal.get(address), portal.get(reverse("devices:list", args=[tenant.slug]))

    assert names(security) == names(devices) == ["KL-001"]
    assert "Endpoint security" in re.search(r"<h1.*</h1>", text(security))[0]
    assert "Devices" in re.search(r"<h1.*</h1>", text(devices))[0]
    assert f'href="{address}' in re.search(r"<tbody>.*</tbody>", text(devices), re.DOTALL)[0]


def test_managed_by_shows_the_partner_after_an_assignment(portal, tenant, address):
    user = DirectoryUserFactory(tenant=tenant)
    ConfigurationFactory(tenant=tenant, platform=Platform.IOS, groups=[GroupFactory(tenant=tenant, members=[user])])

    ManagedDeviceFactory(tenant=tenant, primary_user=user)

    assert "<td>VMware Workspace ONE mobile compliance</td>" in text(portal.get(address))


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_every_column_sorts_both_ways_and_says_so(portal, tenant, address, sort):
    fill(tenant, 25)

    response = portal.get(address, {"sort": sort})

    direction = "descending" if sort.startswith("-") else "ascending"
    name = sort.removeprefix("-")
    assert re.search(rf'aria-sort="{direction}"><a class="grid__sort" id="sort-{name}"', text(response))
    assert text(response).count('aria-sort="none"') == 7
    turned = name if direction == "descending" else f"-{name}"
    assert link(response, f"sort-{name}") == f"?sort={turned}"


def test_pages_follow_one_another_and_lead_back(portal, tenant, address):
    fill(tenant, 45)

    first = portal.get(address, {"per_page": 20})
    second = portal.get(address + link(first, "page-next"))
    third = portal.get(address + link(second, "page-next"))
    back = portal.get(address + link(third, "page-previous"))

    assert record_line(first) == "Showing 1 to 20 of 45 records"
    assert record_line(second) == "Showing 21 to 40 of 45 records"
    assert record_line(third) == "Showing 41 to 45 of 45 records"
    assert link(third, "page-next") is None
    assert link(first, "page-previous") is None
    assert names(back) == names(second)
    assert link(second, "page-previous") == "?per_page=20"
    assert len(names(first) + names(second) + names(third)) == 45


def test_filters_alone_and_together(portal, tenant, address):
    iphone = {"tenant": tenant, "os": OperatingSystem.IOS}
    ManagedDeviceFactory(**iphone, device_name="a", compliance=Compliance.NOT_COMPLIANT)
    ManagedDeviceFactory(**iphone, device_name="b", ownership=Ownership.PERSONAL, last_checkin_at=NEVER)
    ManagedDeviceFactory(tenant=tenant, device_name="c", os=OperatingSystem.WINDOWS, agent=Agent.CO_MANAGED)

    def found(query: str) -> list[str]:
        return names(portal.get(f"{address}?{query}"))

    assert found("os=ios") == ["a", "b"]
    assert found("os=ios&os=windows") == ["a", "b", "c"]
    assert found("compliance=not_compliant") == ["a"]
    assert found("ownership=personal") == ["b"]
    assert found("managed_by=co_managed") == ["c"]
    assert found("last_checkin=never") == ["b"]
    assert found("last_checkin=24h&os=ios") == ["a"]
    assert found("os=ios&compliance=compliant&q=b") == ["b"]
    assert found(f"os={OperatingSystem.IOS.value}") == ["a", "b"]


def test_pills_count_the_whole_tenant_whatever_is_filtered(portal, tenant, address):
    ManagedDeviceFactory.create_batch(2, tenant=tenant, os=OperatingSystem.IOS)
    ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.ANDROID)

    response = portal.get(address, {"os": "android", "q": "nothing"})

    assert "iOS (2)" in text(response)
    assert "Android (1)" in text(response)
    assert "OS : <b>Android</b>" in text(response)


def test_an_added_filter_shows_its_pill_and_can_be_removed(portal, tenant, address):
    response = portal.get(address)
    assert 'id="pill-last_checkin"' not in text(response)

    added = portal.get(address + "?last_checkin=")

    assert 'id="pill-last_checkin"' in text(added)
    assert 'aria-label="Remove filter Last check-in"' in text(added)


def test_no_devices_at_all(portal, address):
    response = portal.get(address)

    assert "No devices to display" in text(response)
    assert "Clear filters" not in text(response)


def test_no_match_offers_to_clear_the_filters(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant)

    response = portal.get(address, {"q": "zzz"})

    assert "No devices match the filters." in text(response)
    assert f'href="{address}">Clear filters' in text(response)
    assert record_line(response) == "0 records"


@pytest.mark.parametrize(
    "query",
    [
        "sort=unknown", "sort=", "sort=--name", "sort=-", "page=0", "page=-3", "page=999999", "page=abc",
        "page=99999999999999999999", "page=٣", "per_page=0", "per_page=100000", "per_page=x", "after=broken", "after=",
        "before=%00", "after=a&before=b&page=c", "os=amiga", "os=20000000000000000000", "compliance=%00",
        "managed_by=", "last_checkin=yesterday", "q=%00", "sort=name&sort=os", "after=%F0%9F%99%82",
    ],
)  # fmt: skip
def test_bad_parameters_get_a_sensible_page(portal, tenant, address, query):
    ManagedDeviceFactory.create_batch(3, tenant=tenant)

    response = portal.get(f"{address}?{query}")

    assert response.status_code == 200
    assert len(names(response)) == 3


def test_a_cursor_of_another_order_starts_from_the_top(portal, tenant, address):
    fill(tenant, 30)
    cursor = link(portal.get(address, {"per_page": 10}), "page-next").partition("after=")[2]

    response = portal.get(f"{address}?per_page=10&sort=-os&after={cursor}")

    assert record_line(response) == "Showing 1 to 10 of 30 records"


def test_a_fragment_holds_the_results_alone(portal, tenant, address):
    fill(tenant, 12)

    fragment, page = portal.get(address, headers=HTMX), portal.get(address)

    assert text(fragment).strip().startswith('<section id="results"')
    assert "<h1" not in text(fragment)
    assert names(fragment) == names(page)


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_and_restored_requests_get_the_whole_page(portal, address, header):
    response = portal.get(address, headers={**HTMX, header: "true"})

    assert "<h1" in text(response)


def test_caches_are_told_that_fragments_differ(portal, address):
    for headers in ({}, HTMX):
        vary = portal.get(address, headers=headers)["Vary"]

        assert "HX-Request" in vary
        assert "HX-Boosted" in vary


@pytest.mark.parametrize(
    "query",
    ["", "sort=-upn", "page=3", "os=ios", "os=ios&compliance=compliant&sort=upn", "q=kestrel", "q=sn0&os=ios&sort=os"],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_page_takes_six_statements_at_most_however_many_rows(
    portal, tenant, address, query, headers, django_assert_max_num_queries
):
    fill(tenant, 120)

    with django_assert_max_num_queries(6):
        portal.get(f"{address}?{query}", headers=headers)


def test_a_page_is_no_heavier_than_promised(portal, tenant, address):
    fill(tenant, 60)

    assert len(portal.get(address).content) <= 64_000
    assert len(gzip.compress(portal.get(address).content)) <= 15 * 1024
    assert len(portal.get(address, headers=HTMX).content) <= 32_000


# One device


@pytest.fixture
def device(tenant):
    return ManagedDeviceFactory(
        tenant=tenant, device_name="KL-IOS-042", management_name="mara_iOS_7/1/2020", serial_number="C39XK2LMN735",
        imei="353918100000017", manufacturer="Apple", model="iPhone 11", storage_total_mb=61_440, supervised=True,
        primary_user=DirectoryUserFactory(tenant=tenant, upn="mara@kestrel.example"), azure_ad_device_id=uuid4(),
    )  # fmt: skip


def facts(response) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text(response), re.DOTALL)
    return {label: re.sub(r"<[^>]*>", "", value).strip() for label, value in pairs}


def test_overview_shows_the_essentials(portal, tenant, device):
    response = portal.get(reverse("devices:overview", args=[tenant.slug, device.pk]))

    shown = facts(response)
    assert "KL-IOS-042" in re.search(r"<h1.*</h1>", text(response))[0]
    assert shown["Device name"] == "KL-IOS-042"
    assert shown["Primary user"] == "mara@kestrel.example"
    assert shown["Managed by"] == "MDM"
    assert shown["Compliance"] == "Compliant"
    assert shown["Azure AD device ID"] == str(device.azure_ad_device_id)
    assert shown["Phone number"] == "--"
    assert shown["Last check-in"] == "7/20/2020, 8:00:00 AM"


def test_overview_of_a_partners_device_leads_to_the_partner(portal, tenant):
    user = DirectoryUserFactory(tenant=tenant)
    configuration = ConfigurationFactory(tenant=tenant, groups=[GroupFactory(tenant=tenant, members=[user])])
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user)

    response = portal.get(reverse("devices:overview", args=[tenant.slug, device.pk]))

    assert reverse("partners:overview", args=[tenant.slug, configuration.pk]) in text(response)


def test_hardware_shows_what_the_device_reported(portal, tenant, device):
    response = portal.get(reverse("devices:hardware", args=[tenant.slug, device.pk]))

    shown = facts(response)
    assert shown["Intune Device ID"] == str(device.pk)
    assert shown["IMEI"] == "353918100000017"
    assert shown["Total storage space"] == "60.00 GB"
    assert shown["Supervised"] == "Yes"
    assert shown["Encrypted"] == "No"
    assert shown["Azure AD registered"] == "Yes"
    assert shown["MEID"] == "--"


@pytest.mark.parametrize("name", ["devices:overview", "devices:hardware"])
def test_the_menu_of_a_device_marks_the_page(portal, tenant, device, name):
    response = portal.get(reverse(name, args=[tenant.slug, device.pk]))

    assert text(response).count('aria-current="page"') == 1
    assert reverse("devices:hardware", args=[tenant.slug, device.pk]) in text(response)


@pytest.mark.parametrize("name", ["devices:overview", "devices:hardware"])
def test_a_device_of_another_tenant_does_not_exist(portal, tenant, name):
    theirs = ManagedDeviceFactory(tenant=TenantFactory())

    assert portal.get(reverse(name, args=[tenant.slug, theirs.pk])).status_code == 404
    assert portal.get(reverse(name, args=[tenant.slug, uuid4()])).status_code == 404


# Who may see it


def pages(tenant: Tenant) -> list[str]:
    device = ManagedDeviceFactory(tenant=tenant)
    return [
        reverse("devices:endpoint-security", args=[tenant.slug]),
        reverse("devices:security-list", args=[tenant.slug]),
        reverse("devices:list", args=[tenant.slug]),
        reverse("devices:overview", args=[tenant.slug, device.pk]),
        reverse("devices:hardware", args=[tenant.slug, device.pk]),
    ]


def test_strangers_do_not_learn_that_the_directory_exists(tenant, stranger):
    assert {stranger.get(page).status_code for page in pages(tenant)} == {404}


def test_signed_out_leads_to_the_sign_in_page(tenant):
    for page in pages(tenant):
        response = Client().get(page)

        assert response.status_code == 302
        assert response["Location"].startswith(reverse("tenancy:sign-in"))


@pytest.mark.parametrize("role", [role for role in Role if Permission.DEVICES_READ not in GRANTS[role]])
def test_roles_without_the_permission_read_its_name(tenant, portal_as, role):
    client = portal_as(role)

    for page in pages(tenant):
        response = client.get(page)

        assert response.status_code == 403
        assert "Managed devices: Read" in text(response)


def test_a_post_without_a_command_is_refused(portal, tenant):
    assert {portal.post(page).status_code for page in pages(tenant)} == {405, 422}
