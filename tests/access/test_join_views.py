"""Joining a device, as an operator sees it."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from access.join_views import TOLD
from devices.joining import FAILURES, JOINED, Outcome
from directory.models import DirectoryDevice
from mobility import gallery
from tenancy.models import JournalEntry
from tenancy.roles import Role
from tests.factories import (
    DirectoryUserFactory,
    JournalEntryFactory,
    LicenceFactory,
    MobilityApplicationFactory,
    TenantFactory,
)


@pytest.fixture
def ana(tenant):
    user = DirectoryUserFactory(tenant=tenant, display_name="Ana Costa", upn="ana.costa@kestrel.example")
    LicenceFactory(tenant=tenant, user=user)
    return user


@pytest.fixture
def url(tenant):
    return reverse("access:join", args=[tenant.slug])


def intune(tenant, **values):
    defaults = gallery.applications()[gallery.MICROSOFT_INTUNE].defaults
    return MobilityApplicationFactory(tenant=tenant, gallery_key=gallery.MICROSOFT_INTUNE, **(defaults | values))


def shown(response) -> str:
    return " ".join(unescape(response.content.decode()).split())


def send(portal, url, user, **answers: str):
    return portal.post(url, {"user": user.pk, "device_name": "KL-LAPTOP-1", "ownership": "corporate"} | answers)


def test_form_is_filled_with_the_user_and_a_name_as_windows_makes_them(portal, url, ana):
    response = portal.get(url, {"user": ana.pk})

    assert "Ana Costa (ana.costa@kestrel.example)" in shown(response)
    assert response.context["form"].initial["device_name"].startswith("DESKTOP-")


def test_enrolled_laptop_leads_to_both_records(portal, tenant, url, ana):
    intune(tenant, mdm_user_scope="all")

    page = portal.get(send(portal, url, ana).url)

    assert "This device is connected to Kestrel Logistics." in shown(page)
    record = DirectoryDevice.objects.in_tenant(tenant).get()
    assert reverse("directory:device-overview", args=[tenant.slug, record.pk]) in shown(page)
    assert "The device in Intune" in shown(page)
    assert "Event Viewer of the device" not in shown(page)


def test_laptop_of_a_user_outside_the_scope_shows_event_76(portal, tenant, url, ana):
    intune(tenant)

    page = portal.get(send(portal, url, ana).url)

    assert "Auto MDM Enroll: Failed (Unknown Win32 Error code: 0x8018002b)" in shown(page)
    assert "no MDM user scope of Mobility (MDM and MAM) covers the user" in shown(page)


@pytest.mark.parametrize(
    ("values", "own", "sentence"),
    [
        ({"mdm_user_scope": "all", "mdm_terms_of_use_url": ""}, False, "Terms of Use endpoint is not correctly"),
        ({"mam_user_scope": "all", "mdm_user_scope": "all"}, True, "outranks the MDM user scope"),
        ({}, True, "We've added your account successfully."),
    ],
    ids=str,
)
def test_what_mobility_says_decides_what_the_user_sees(portal, tenant, url, ana, values, own, sentence):
    intune(tenant, **values)

    assert sentence in shown(portal.get(send(portal, url, ana, ownership="own" if own else "corporate").url))


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_words_for_the_user_and_for_administrators(portal, tenant, ana, outcome):
    values = {"Device": "KL-LAPTOP-1", "User": ana.upn, "Result": outcome.label, "Application": "AirWatch by VMware"}
    entry = JournalEntryFactory(tenant=tenant, activity=JOINED, target_name="KL-LAPTOP-1", new_values=values)

    page = portal.get(reverse("access:join-outcome", args=[tenant.slug, entry.pk]))

    told = TOLD[outcome]
    names = {"organization": "Kestrel Logistics", "application": "AirWatch by VMware"}
    code = FAILURES[outcome].code if outcome in FAILURES else ""
    for words in (told.heading, told.text.format(**names, code=code), told.found.format(**names)):
        assert words in shown(page)
    assert ("Event Viewer of the device" in shown(page)) == (outcome is Outcome.NOT_IN_SCOPE)


def test_user_without_a_licence_is_told_of_the_terms_of_use(portal, tenant, url):
    intune(tenant, mdm_user_scope="all")

    page = portal.get(send(portal, url, DirectoryUserFactory(tenant=tenant)).url)

    assert "Looks like we can't connect to the URL for your organization's MDM terms of use." in shown(page)
    assert "The user has no license for" in shown(page)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"user": ""}, "Select a user."),
        ({"device_name": ""}, "Enter a device name."),
        ({"device_name": "not a name"}, "Use letters, numbers and hyphens only."),
        ({"ownership": "borrowed"}, "Select a valid choice"),
    ],
    ids=str,
)
def test_incomplete_form_is_refused_where_it_is_wrong(portal, tenant, url, ana, answers, sentence):
    response = portal.post(url, {"user": ana.pk, "device_name": "LAPTOP-1", "ownership": "corporate"} | answers)

    assert response.status_code == 422
    assert sentence in shown(response)
    assert not JournalEntry.objects.in_tenant(tenant).exists()


def test_blocked_user_is_refused_at_the_user(portal, url, ana):
    ana.account_enabled = False
    ana.save()

    response = send(portal, url, ana)

    assert response.status_code == 422
    assert "Sign-in of the user is blocked" in shown(response)


def test_choosing_another_user_keeps_what_was_answered(portal, url, ana):
    response = send(portal, url, ana, device_name="KL-9", user_done="1")

    assert response.status_code == 200
    assert 'value="KL-9"' in shown(response)


def test_user_of_another_tenant_is_nobody_here(portal, url):
    assert send(portal, url, DirectoryUserFactory(tenant=TenantFactory())).status_code == 422


def test_entry_that_is_no_join_or_of_another_tenant_is_not_found(portal, tenant):
    for entry in (
        JournalEntryFactory(tenant=tenant),
        JournalEntryFactory(tenant=tenant, activity=JOINED),
        JournalEntryFactory(activity=JOINED),
    ):
        assert portal.get(reverse("access:join-outcome", args=[tenant.slug, entry.pk])).status_code == 404


def test_role_without_permissions_sees_the_outcome_without_links(portal_as, tenant, url, ana):
    intune(tenant, mdm_user_scope="all")
    nobody = portal_as(Role.INTUNE_ROLE_ADMINISTRATOR)

    page = nobody.get(send(nobody, url, ana).url)

    assert "This device is connected to Kestrel Logistics." in shown(page)
    assert "The device in Intune" not in shown(page)
    assert "The user</a>" not in shown(page)
