from __future__ import annotations

from mobility import gallery, queries
from tests.factories import MobilityApplicationFactory, TenantFactory

LIST = "/t/kestrel/azure-ad/mobility/"


def url(application):
    return f"{LIST}{application.pk}/delete/"


def test_signed_out_leads_to_sign_in(client, airwatch):
    assert client.post(url(airwatch)).url.startswith("/sign-in/")


def test_another_tenants_operator_finds_nothing(stranger, tenant, airwatch):
    assert stranger.get(url(airwatch)).status_code == 404
    assert stranger.post(url(airwatch)).status_code == 404
    assert queries.has_application(tenant, "airwatch_by_vmware")


def test_an_application_of_another_tenant_is_not_found(portal):
    foreign = MobilityApplicationFactory(tenant=TenantFactory())

    assert portal.post(url(foreign)).status_code == 404
    assert queries.applications(foreign.tenant).exists()


def test_the_page_asks_first(portal, tenant, airwatch):
    response = portal.get(url(airwatch))

    assert response.status_code == 200
    assert "Delete confirmation" in response.text
    assert "This action will permanently delete the application 'AirWatch by VMware'." in response.text
    assert f'href="{LIST}{airwatch.pk}/"' in response.text
    assert queries.has_application(tenant, "airwatch_by_vmware")


def test_delete_leads_to_the_list_with_a_toast(portal, tenant, airwatch):
    response = portal.post(url(airwatch), follow=True)

    assert response.redirect_chain == [(LIST, 302)]
    assert "Successfully deleted &#x27;AirWatch by VMware&#x27;." in response.text
    assert not queries.has_application(tenant, "airwatch_by_vmware")


def test_a_second_delete_is_not_found(portal, airwatch):
    portal.post(url(airwatch))

    assert portal.post(url(airwatch)).status_code == 404


def test_microsoft_intune_is_refused_with_the_reason(portal, tenant, intune):
    asked, deleted = portal.get(url(intune)), portal.post(url(intune))

    assert (asked.status_code, deleted.status_code) == (200, 422)
    for response in (asked, deleted):
        assert "&#x27;Microsoft Intune&#x27; is part of every directory and cannot be deleted." in response.text
        assert "Delete confirmation" not in response.text
    assert queries.has_application(tenant, gallery.MICROSOFT_INTUNE)


def test_a_reader_is_refused_with_the_missing_permission(reader, tenant, airwatch):
    for response in (reader.get(url(airwatch)), reader.post(url(airwatch))):
        assert response.status_code == 403
        assert "Mobility (MDM and MAM): Modify" in response.text
    assert queries.has_application(tenant, "airwatch_by_vmware")
