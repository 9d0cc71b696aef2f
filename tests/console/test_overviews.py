"""Tenant status, Connectors and tokens, Azure AD Overview, and the blades that exist elsewhere."""

from __future__ import annotations

from html import unescape

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from console.navigation import other_blades
from directory.models import Licence
from tenancy.roles import Role
from tests.factories import (
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    ManagedDeviceFactory,
)


def page(client, view: str, *args: str) -> str:
    response = client.get(reverse(view, args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_tenant_status_shows_the_details_of_the_tenant(portal, tenant):
    both, one = DirectoryUserFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)
    LicenceFactory(tenant=tenant, user=both)
    LicenceFactory(tenant=tenant, user=both, sku=Licence.Sku.AAD_PREMIUM_P1)
    LicenceFactory(tenant=tenant, user=one, sku=Licence.Sku.AAD_PREMIUM_P1)
    ManagedDeviceFactory.create_batch(3, tenant=tenant)

    text = page(portal, "console:tenant-status", tenant.slug)

    for label, value in {
        "Tenant name": "kestrel.example",
        "MDM authority": "Microsoft Intune",
        "Account status": "Active",
        "Total licensed users": "2",
        "Total Intune licenses": "1",
        "Total enrolled devices": "3",
    }.items():
        assert f"<dt>{label}</dt><dd>{value}</dd>" in text


def test_connectors_say_what_each_entry_is_for_and_lead_to_partner_compliance_management(portal, tenant):
    text = page(portal, "console:connectors", tenant.slug)

    assert (
        f'<a href="{reverse("partners:configuration-list", args=[tenant.slug])}">Partner compliance management' in text
    )
    assert "mobile threat defense partner" in text


def test_azure_ad_overview_shows_the_directory_and_the_way_into_mobility(portal, tenant):
    DirectoryUserFactory.create_batch(3, tenant=tenant)
    GroupFactory.create_batch(2, tenant=tenant)
    DirectoryDeviceFactory(tenant=tenant)

    text = page(portal, "console:azure-ad", tenant.slug)

    facts = {row.dt.get_text(): row.dd.get_text() for row in BeautifulSoup(text, "html.parser").select(".facts > div")}
    assert facts == {
        "Tenant name": "Kestrel Logistics",
        "Your role": "Intune administrator",
        "Tenant ID": str(tenant.directory_id),
        "License": "Azure AD Premium P1",
        "Primary domain": "kestrel.example",
        "Users": "3",
        "Groups": "2",
        "Devices": "1",
    }
    assert reverse("mobility:application-list", args=[tenant.slug]) in text


def test_azure_ad_overview_counts_lead_to_their_lists(portal, tenant):
    soup = BeautifulSoup(portal.get(reverse("console:azure-ad", args=[tenant.slug])).content, "html.parser")
    objects = {row.dt.get_text(): row.dd.a["href"] for row in soup.select(".facts > div") if row.dd.a}

    assert list(objects) == ["Users", "Groups", "Devices"]
    for label, address in objects.items():
        page = BeautifulSoup(portal.get(address).content, "html.parser")
        assert page.h1.get_text(" ", strip=True).startswith(f"{label} |")


def test_azure_ad_overview_counts_devices_alone_for_a_role_that_reads_no_users(portal_as, tenant):
    response = portal_as(Role.CLOUD_DEVICE_ADMINISTRATOR).get(reverse("console:azure-ad", args=[tenant.slug]))

    soup = BeautifulSoup(response.content, "html.parser")
    assert [row.dt.get_text() for row in soup.select(".facts > div") if row.dd.a] == ["Devices"]


def test_azure_ad_overview_keeps_its_counts_from_roles_that_may_not_read_the_directory(portal_as, tenant):
    text = page(portal_as(Role.POLICY_AND_PROFILE_MANAGER), "console:azure-ad", tenant.slug)

    assert "requires the permission 'Users and groups: Read'" in text


@pytest.mark.parametrize("name", sorted(other_blades()))
def test_blade_that_is_not_imitated_says_what_it_is_for_where_it_is_and_that_it_is_missing(portal, tenant, name):
    blade = other_blades()[name]

    text = page(portal, "console:blade", tenant.slug, name)

    assert blade.item.purpose in text
    assert " > ".join(blade.path) in text
    assert f"This training console does not have '{blade.item.label}'" in text


def test_purpose_of_every_such_blade_is_one_sentence():
    for blade in other_blades().values():
        assert blade.item.purpose[0].isupper()
        assert blade.item.purpose.endswith(".")
        assert ". " not in blade.item.purpose


def test_blade_that_nobody_knows_is_404(portal, tenant):
    assert portal.get(reverse("console:blade", args=[tenant.slug, "teleport"])).status_code == 404
