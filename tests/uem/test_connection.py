"""The pages on which the partner is connected: settings, admin consent, sync, and what Overview says of it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from partners import catalogue, connections
from partners import services as partner_services
from partners.models import PartnerConfiguration, Platform
from tenancy.models import Tenant
from tests.factories import GroupFactory, TenantFactory
from tests.uem.test_services import JAMF, MOBILEIRON, Shop
from uem import services
from uem.models import Console


@pytest.fixture
def client(portal, shop):
    """Somebody in the console of Workspace ONE."""
    return Visit(portal, shop.tenant)


class Visit:
    def __init__(self, client, tenant, partner="workspace_one"):
        self.client, self.tenant, self.partner = client, tenant, partner

    def url(self, view, *args):
        return reverse(f"uem:{view}", args=[self.tenant.slug, self.partner, *args])

    def get(self, view, *args):
        return words(self.client.get(self.url(view, *args)))

    def post(self, view, data=None, *args, follow=True):
        return self.client.post(self.url(view, *args), data or {}, follow=follow)

    def save(self, directory_id=None, *, on=True):
        directory_id = str(self.tenant.directory_id) if directory_id is None else directory_id
        return self.post("settings", {"directory_id": directory_id} | ({"compliance_enabled": "on"} if on else {}))


def words(response) -> str:
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)


# Settings


def test_settings_name_the_switch_the_way_there_and_where_the_tenant_id_is_found(client):
    page = client.get("settings")

    assert "Settings > System > Enterprise Integration > Directory Services" in page
    assert "Use compliance data in Azure AD conditional access policies" in page
    assert "Azure Active Directory > Overview" in page
    assert "Enter and save the tenant ID first." in page


def test_saved_settings_say_what_is_still_missing(client, shop):
    page = words(client.save())

    assert "Settings saved" in page
    assert "Admin consent is missing." in page
    assert shop.status() == "Pending activation"


@pytest.mark.parametrize(
    ("directory_id", "sentence"),
    [
        ("contoso", "Enter the tenant ID as 32 hexadecimal digits with hyphens."),
        ("", "Enter the tenant ID."),
        ("x" * 70, "Enter at most 60 characters."),
    ],
    ids=["no ID", "missing", "too long"],
)
def test_refused_tenant_id_is_told_below_the_field_and_stays_there(client, shop, directory_id, sentence):
    response = client.save(directory_id)

    soup = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 422
    assert sentence in soup.select_one(".field--bad .field__error").get_text()
    assert soup.select_one("#id_directory_id").get("value", "") == directory_id
    assert soup.select_one("#id_compliance_enabled").has_attr("checked")
    assert Console.objects.in_tenant(shop.tenant).get().directory_id == ""


def test_wrong_tenant_id_is_told_as_no_more_than_an_answer_that_does_not_come(client, shop):
    client.save("00000000-0000-0000-0000-000000000001")
    client.post("consent")

    page = client.get("overview")

    assert "Not connected" in page
    assert "Azure AD does not answer for the tenant ID 00000000-0000-0000-0000-000000000001." in page
    assert str(shop.tenant.directory_id) not in page
    assert shop.status() == "Pending activation"


def test_switching_it_off_terminates_and_is_told(client, shop):
    shop.connect()

    page = words(client.save(on=False))

    assert "'Use compliance data in Azure AD conditional access policies' is off." in page
    assert "Terminated" in client.get("overview")


# Consent


def test_consent_shows_what_is_accepted_and_connects(client, shop):
    client.save()

    asked = client.get("consent")
    page = words(client.post("consent"))

    assert "Permissions requested" in asked
    assert "AirWatch by VMware" in asked
    assert "Connected" in page
    assert "mara.lindqvist@kestrel.example" in page
    assert shop.status() == "Active"


def test_consent_before_the_tenant_id_is_refused_on_both_ways(client):
    sentence = "Enter the tenant ID and save it before you grant consent."

    page, response = client.get("consent"), client.post("consent")

    assert sentence in page
    assert "Accept" not in page
    assert response.status_code == 422
    assert sentence in words(response)


def test_second_click_on_accept_changes_nothing(client, shop):
    client.save()
    client.post("consent")
    before = Console.objects.in_tenant(shop.tenant).get().consented_at

    client.post("consent")

    assert Console.objects.in_tenant(shop.tenant).get().consented_at == before
    assert shop.status() == "Active"


def test_second_application_of_a_partner_with_one_leads_back(client):
    response = client.post("second-consent", follow=False)

    assert response.status_code == 302
    assert response.url == client.url("settings")


def test_partner_with_two_consents_asks_for_both(portal, tenant):
    shop = Shop(tenant, JAMF)
    jamf = Visit(portal, tenant, "jamf_pro")
    jamf.save()
    jamf.post("consent")
    after_one = jamf.get("settings")

    jamf.post("second-consent")

    assert "Admin consent is missing." in after_one
    assert "Cloud Connector for Device Compliance" in after_one
    assert "User registration app for Device Compliance" in after_one
    assert shop.status() == "Active"


def test_lost_sign_in_is_told_and_mended_by_consent(client, shop):
    shop.connect()
    Console.objects.in_tenant(shop.tenant).update(credentials_lost=True)

    lost = client.get("settings")
    client.post("consent")

    assert "can no longer sign in to Azure AD. Grant admin consent again." in lost
    assert "Sign-in lost" in lost
    assert services.is_connected(services.console_of(shop.tenant, shop.partner))


# Sync


def test_rejection_is_told_with_its_reason_and_mended_by_saving(client, shop):
    shop.connect()
    connections.reject(tenant=shop.tenant, partner=shop.partner, because="Nothing could be read.")

    overview, settings = client.get("overview"), client.get("settings")
    saved = words(client.save())

    for page in (overview, settings):
        assert "Rejected Microsoft Intune takes nothing from this partner. Nothing could be read." in page
        assert "Heartbeats go to Microsoft Intune every hour" not in page
    assert "Heartbeats go to Microsoft Intune every hour" in saved
    assert shop.status() == "Active"


def test_deprovisioning_over_the_api_is_told_and_mended_by_saving(client, shop):
    shop.connect()
    connections.deprovision(tenant=shop.tenant, partner=shop.partner)

    overview = client.get("overview")
    saved = words(client.save())

    assert "Terminated The partner has deprovisioned this directory. Nothing is reported." in overview
    assert "Heartbeats go to Microsoft Intune every hour" not in overview
    assert "Heartbeats go to Microsoft Intune every hour" in saved
    assert shop.status() == "Active"


def test_sync_names_the_groups_that_are_new(client, shop):
    shop.connect()
    newcomers = GroupFactory(tenant=shop.tenant, display_name="Newcomers")
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group, newcomers])
    before = client.get("settings")

    page = words(client.post("sync"))

    assert "Newcomers" not in before
    assert "Azure services synchronized New: Newcomers." in page
    assert "Newcomers" in client.get("settings")


def test_sync_with_nothing_new_says_so(client, shop):
    shop.connect()

    page = words(client.post("sync"))

    assert "Nothing is new: 1 group is known. What was waiting has been reported." in page


def reject(shop):
    shop.connect()
    connections.reject(tenant=shop.tenant, partner=shop.partner, because="Nothing could be read.")


def deprovision(shop):
    shop.connect()
    connections.deprovision(tenant=shop.tenant, partner=shop.partner)


def remove(shop):
    shop.connect()
    partner_services.delete_configuration(configuration=shop.configuration, actor=None)


def add_late(shop):
    partner_services.delete_configuration(configuration=shop.configuration, actor=None)
    shop.connect()
    partner_services.create_configuration(
        tenant=shop.tenant, actor=None, partner=shop.partner, platform=Platform.IOS, groups=[shop.group]
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (reject, "Microsoft Intune takes nothing from this partner. Nothing could be read."),
        (deprovision, "The partner has deprovisioned this directory. Nothing is reported."),
        (remove, "Microsoft Intune does not know this partner yet."),
        (add_late, "Nothing was sent to Microsoft Intune yet"),
    ],
    ids=["rejected", "terminated", "not added", "not provisioned"],
)
def test_sync_does_not_claim_to_have_reported_while_intune_takes_nothing(client, shop, make, sentence):
    make(shop)

    page = words(client.post("sync"))

    assert "Azure services synchronized" in page
    assert sentence in page.split("Azure services synchronized")[1]
    assert "What was waiting has been reported." not in page


def test_sync_without_connection_is_refused(client):
    response = client.post("sync")

    assert response.status_code == 422
    assert "Set up the connection to Azure AD before you synchronize." in words(response)


def test_known_groups_are_listed_by_platform_with_all_users_and_exclusions(portal, tenant):
    left_out = GroupFactory(tenant=tenant, display_name="Contractors")
    shop = Shop(tenant, MOBILEIRON)
    partner_services.create_configuration(
        tenant=tenant,
        actor=None,
        partner=MOBILEIRON,
        platform=Platform.ANDROID,
        all_users=True,
        excluded_groups=[left_out],
    )
    shop.connect()

    soup = BeautifulSoup(portal.get(Visit(portal, tenant, "mobileiron_cloud").url("settings")).content, "html.parser")

    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in soup.select("tbody tr")]
    assert rows == [["Android", "All users", "Contractors"], ["iOS/iPadOS", shop.group.display_name, "–"]]


ALL_USERS = "'Jamf Device Compliance' needs a named group. With all users assigned, its connection does not come about."


def test_all_users_is_told_by_a_partner_that_needs_a_group_on_every_page_and_until_it_has_one(portal, tenant):
    shop, jamf = Shop(tenant, JAMF), Visit(portal, tenant, "jamf_pro")
    shop.connect()
    partner_services.update_assignments(configuration=shop.configuration, actor=None, all_users=True)
    phone = shop.phone()

    overview, settings, device = jamf.get("overview"), jamf.get("settings"), jamf.get("device", phone.pk)
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group])

    for page in (overview, settings):
        assert f"Pending activation iOS/iPadOS: {ALL_USERS} Nothing is reported." in page
        assert "Heartbeats go to Microsoft Intune every hour" not in page
    assert f"Nothing is reported {ALL_USERS}" in device
    assert "Connected Heartbeats go to Microsoft Intune every hour" in jamf.get("overview")


def test_all_users_on_one_platform_is_told_beside_the_connection_of_the_other(portal, tenant):
    shop = Shop(tenant, JAMF)
    partner_services.create_configuration(
        tenant=tenant, actor=None, partner=JAMF, platform=Platform.MACOS, all_users=True
    )
    shop.connect()

    page = Visit(portal, tenant, "jamf_pro").get("overview")

    assert f"Connected in part macOS: {ALL_USERS}" in page


# What sets partners apart


@pytest.mark.parametrize(
    ("partner", "sentence"),
    [
        ("jamf_pro", "'Add all users' breaks this connection."),
        ("jamf_pro", "Users register their devices in Jamf Self Service alone."),
        ("jamf_pro", "Two applications ask for admin consent"),
        ("mobileiron_core", "only an alert counts as compliant"),
        ("workspace_one", "use 'Sync Azure Services'"),
        ("soti_mobicontrol", "Changed assignments are read every hour."),
    ],
)
def test_settings_say_what_sets_the_partner_apart(portal, tenant, partner, sentence):
    assert sentence in Visit(portal, tenant, partner).get("settings")


@pytest.mark.parametrize("partner", catalogue.partners())
def test_every_partner_of_the_catalogue_can_be_connected(portal, tenant, partner):
    entry = catalogue.partners()[partner]
    configuration = partner_services.create_configuration(
        tenant=tenant,
        actor=None,
        partner=entry,
        platform=Platform(entry.platforms[0]),
        groups=[GroupFactory(tenant=tenant)],
    )
    visit = Visit(portal, tenant, partner)
    visit.save()

    for view in ("consent", "second-consent")[: len(entry.consents)]:
        visit.post(view)

    assert PartnerConfiguration.objects.in_tenant(tenant).get(pk=configuration.pk).get_status_display() == "Active"
    assert "Heartbeats go to Microsoft Intune every hour" in visit.get("overview")


def test_words_of_today_are_used_where_the_directory_wants_them(portal, shop):
    shop.tenant.vocabulary = Tenant.Vocabulary.TODAY
    shop.tenant.save()

    page = Visit(portal, shop.tenant).get("settings")

    assert "Use compliance data in Microsoft Entra ID conditional access policies" in page
    assert "Azure AD" not in page


# Overview


def test_overview_costs_the_same_with_many_devices(client, shop, django_assert_max_num_queries):
    shop.connect()
    row = {"user": shop.user, "platform": Platform.IOS}
    services.enrol_many(
        console=shop.console, actor=None, rows=[row | {"device_name": f"Phone {n}"} for n in range(300)]
    )

    with django_assert_max_num_queries(12):
        page = client.get("overview")

    assert "Enrolled 300" in page


def test_console_of_another_directory_knows_nothing_of_this_one(portal, shop):
    other = TenantFactory()

    response = portal.get(reverse("uem:settings", args=[other.slug, "workspace_one"]))

    assert response.status_code == 404
