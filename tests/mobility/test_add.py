from __future__ import annotations

import re

import pytest

from mobility import queries
from tests.factories import MobilityApplicationFactory

LIST = "/t/kestrel/azure-ad/mobility/"
URL = f"{LIST}add/"


def tiles(response):
    return re.findall(r'<span class="tile__name">([^<]*)</span>', response.text)


def open_panes(response):
    return re.findall(r'<dialog class="pane[^"]*" id="pane-app-(\w+)"[^>]*? open', response.text)


def pane(response, key):
    return response.text.split(f'id="pane-app-{key}"')[1].split("</dialog>")[0]


def test_signed_out_leads_to_sign_in(client, tenant):
    assert client.get(URL).url.startswith("/sign-in/")


def test_another_tenants_operator_finds_nothing(stranger, tenant):
    assert stranger.get(URL).status_code == 404
    assert stranger.post(URL, {"gallery_key": "mobileiron"}).status_code == 404


def test_the_gallery_shows_every_tile_and_no_pane(portal, tenant):
    response = portal.get(URL)

    assert "Add an application</h1>" in response.text
    assert tiles(response) == [
        "AirWatch by VMware", "BlackBerry UEM", "Citrix XenMobile", "IBM MaaS360", "Lightspeed Mobile Manager",
        "MobileIron", "On-premises MDM application", "Sophos Mobile", "SOTI",
    ]  # fmt: skip
    assert open_panes(response) == []


def test_search_keeps_the_tiles_that_match(portal, tenant):
    response = portal.get(URL, {"q": "vmware"})

    assert tiles(response) == ["AirWatch by VMware"]
    assert 'value="vmware"' in response.text


def test_a_search_without_result_offers_to_clear_it(portal, tenant):
    response = portal.get(URL, {"q": "<nothing>"})

    assert tiles(response) == []
    assert "No applications match the search." in response.text
    assert "<nothing>" not in response.text


def test_searching_by_script_fetches_the_tiles_alone(portal, tenant):
    response = portal.get(URL, {"q": "soti"}, headers={"HX-Request": "true"})

    assert tiles(response) == ["SOTI"]
    assert "<dialog" not in response.text


def test_a_tile_opens_its_pane_without_script_and_keeps_the_search(portal, tenant):
    response = portal.get(URL, {"q": "vmware"})
    (href,) = re.findall(r'<a class="tile" href="([^"]*)"', response.text)

    opened = portal.get(URL + href.replace("&amp;", "&"))

    assert open_panes(opened) == ["airwatch_by_vmware"]
    assert tiles(opened) == ["AirWatch by VMware"]
    assert ">Add</button>" in pane(opened, "airwatch_by_vmware")
    assert f'href="{URL}?q=vmware"' in pane(opened, "airwatch_by_vmware")


@pytest.mark.parametrize("key", ["microsoft_intune", "nothing", ""])
def test_what_the_gallery_does_not_offer_opens_no_pane(portal, tenant, key):
    response = portal.get(URL, {"app": key})

    assert response.status_code == 200
    assert open_panes(response) == []


def test_add_leads_to_the_list_with_a_toast(portal, tenant):
    response = portal.post(URL, {"gallery_key": "airwatch_by_vmware"}, follow=True)

    application = queries.applications(tenant).get()
    assert response.redirect_chain == [(LIST, 302)]
    assert "Application added" in response.text
    assert "Successfully added &#x27;AirWatch by VMware&#x27;." in response.text
    assert f'<td><a href="{LIST}{application.pk}/">AirWatch by VMware</a>' in response.text
    assert "Application added" not in portal.get(LIST).text


def test_a_second_add_is_refused_in_the_pane_and_adds_nothing(portal, tenant):
    portal.post(URL, {"gallery_key": "airwatch_by_vmware"})

    response = portal.post(URL, {"gallery_key": "airwatch_by_vmware"})

    assert response.status_code == 422
    assert open_panes(response) == ["airwatch_by_vmware"]
    text = pane(response, "airwatch_by_vmware")
    assert text.count("<p>&#x27;AirWatch by VMware&#x27; has already been added to Mobility (MDM and MAM).</p>") == 1
    assert queries.applications(tenant).count() == 1


def test_the_pane_of_an_added_application_says_so_and_disables_add(portal, airwatch):
    text = pane(portal.get(URL, {"app": "airwatch_by_vmware"}), "airwatch_by_vmware")

    assert "has already been added" in text
    assert 'aria-disabled="true"' in text


def test_an_on_premises_application_is_renamed_while_it_is_added(portal, tenant):
    portal.post(URL, {"gallery_key": "on_premises", "display_name": "Jamf Pro"})
    portal.post(URL, {"gallery_key": "on_premises", "display_name": ""})

    names = [application.display_name for application in queries.applications(tenant)]
    assert names == ["Jamf Pro", "On-premises MDM application"]


def test_a_taken_name_is_refused_under_the_field_and_what_was_typed_stays(portal, tenant):
    MobilityApplicationFactory(tenant=tenant, display_name="Jamf Pro")

    response = portal.post(URL, {"gallery_key": "on_premises", "display_name": "JAMF Pro"})

    assert response.status_code == 422
    assert open_panes(response) == ["on_premises"]
    text = pane(response, "on_premises")
    assert "An application named &#x27;JAMF Pro&#x27; has already been added. Enter a different name." in text
    assert 'value="JAMF Pro"' in text
    assert 'aria-invalid="true"' in text


def test_an_application_whose_name_an_on_premises_one_took_is_refused_in_words(portal, tenant):
    MobilityApplicationFactory(tenant=tenant, display_name="MobileIron")

    response = portal.post(URL, {"gallery_key": "mobileiron"})

    assert response.status_code == 422
    assert "An application named &#x27;MobileIron&#x27; has already been added." in pane(response, "mobileiron")


@pytest.mark.parametrize("name", ["x" * 121, "a\x00b"])
def test_a_name_that_cannot_be_stored_is_refused(portal, tenant, name):
    response = portal.post(URL, {"gallery_key": "on_premises", "display_name": name})

    assert response.status_code == 422
    assert not queries.applications(tenant).exists()


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "Select an application from the gallery."),
        ("nothing", "Select an application from the gallery."),
        ("microsoft_intune", "&#x27;Microsoft Intune&#x27; is part of every directory and cannot be added."),
    ],
)
def test_what_the_gallery_does_not_offer_is_refused(portal, tenant, key, sentence):
    response = portal.post(URL, {"gallery_key": key})

    assert response.status_code == 422
    assert sentence in response.text
    assert not queries.applications(tenant).exists()


def test_a_reader_looks_at_the_gallery_and_may_not_add(reader, tenant):
    page = reader.get(URL, {"app": "mobileiron"})
    response = reader.post(URL, {"gallery_key": "mobileiron"})

    assert 'aria-disabled="true"' in pane(page, "mobileiron")
    assert response.status_code == 403
    assert "Mobility (MDM and MAM): Modify" in response.text
    assert not queries.applications(tenant).exists()


def test_help_desk_is_refused(helpdesk, tenant):
    assert helpdesk.get(URL).status_code == 403
    assert helpdesk.post(URL, {"gallery_key": "mobileiron"}).status_code == 403
