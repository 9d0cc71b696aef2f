from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tenancy.roles import Role
from tests.factories import MobilityApplicationFactory, TenantFactory

URL = "/t/kestrel/azure-ad/mobility/"


def names(response):
    return re.findall(r'<td><a href="/t/kestrel/azure-ad/mobility/[0-9a-f-]{36}/">([^<]*)</a>', response.text)


def test_signed_out_leads_to_sign_in(client, tenant):
    response = client.get(URL)

    assert response.status_code == 302
    assert response.url.startswith("/sign-in/")


def test_another_tenants_operator_finds_nothing(stranger, tenant):
    assert stranger.get(URL).status_code == 404


def test_the_list_is_titled_as_in_the_portal_and_shows_microsoft_intune(portal, intune):
    response = portal.get(URL)

    assert response.status_code == 200
    assert "Kestrel Logistics <span>| Mobility (MDM and MAM)</span>" in response.text
    assert '<p class="title__sub">Azure Active Directory</p>' in response.text
    assert names(response) == ["Microsoft Intune"]
    assert reverse("mobility:application-configure", args=["kestrel", intune.pk]) in response.text


def test_applications_of_another_tenant_are_not_listed(portal, intune):
    MobilityApplicationFactory(tenant=TenantFactory(), display_name="Foreign MDM")

    assert names(portal.get(URL)) == ["Microsoft Intune"]


@pytest.mark.usefixtures("intune", "airwatch")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["AirWatch by VMware", "apple", "Microsoft Intune"]),
        ("name", ["AirWatch by VMware", "apple", "Microsoft Intune"]),
        ("-name", ["Microsoft Intune", "apple", "AirWatch by VMware"]),
        ("nothing", ["AirWatch by VMware", "apple", "Microsoft Intune"]),
    ],
)
def test_names_sort_both_ways_whatever_their_case(portal, tenant, sort, expected):
    MobilityApplicationFactory(tenant=tenant, display_name="apple")

    assert names(portal.get(URL, {"sort": sort})) == expected


def test_a_fragment_holds_the_results_alone(portal, intune):
    response = portal.get(URL, {"sort": "-name"}, headers={"HX-Request": "true"})

    assert response.text.lstrip().startswith('<section id="results"')
    assert "HX-Request" in response["Vary"]


def test_the_number_of_statements_does_not_grow(portal, tenant, django_assert_max_num_queries):
    MobilityApplicationFactory.create_batch(20, tenant=tenant)

    with django_assert_max_num_queries(6):
        response = portal.get(URL)

    assert len(names(response)) == 20


def test_add_application_leads_to_the_gallery(portal, tenant):
    assert f'<a class="cmd" href="{URL}add/">' in portal.get(URL).text


def test_a_reader_sees_the_command_disabled_with_the_reason(reader, intune):
    page = reader.get(URL).text

    assert 'aria-disabled="true"' in page
    assert "This requires the permission &#x27;Mobility (MDM and MAM): Modify&#x27;." in page
    assert f'href="{URL}add/"' not in page


@pytest.mark.parametrize("role", [Role.HELP_DESK_OPERATOR, Role.READ_ONLY_OPERATOR, Role.ENDPOINT_SECURITY_MANAGER])
def test_a_role_that_does_not_see_mobility_is_refused_with_the_missing_permission(portal_as, role):
    response = portal_as(role).get(URL)

    assert response.status_code == 403
    assert "Mobility (MDM and MAM): Read" in response.text


def test_a_post_is_not_understood(portal, tenant):
    assert portal.post(URL).status_code == 405
