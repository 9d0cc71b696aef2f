"""The pages of the partner's devices: the list, enrolment, and one device with the gap to Intune explained."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from access.models import SignIn
from devices.models import ManagedDevice
from directory.models import DirectoryDevice, Licence
from partners import connections
from partners import services as partner_services
from partners.models import Platform
from tenancy.models import Tenant
from tests.factories import DirectoryUserFactory, EnrolmentFactory, GroupFactory, TenantFactory
from tests.uem.test_connection import Visit, words
from tests.uem.test_services import JAMF, Shop
from uem import services
from uem.models import Enrolment

Door = Enrolment.Door


@pytest.fixture
def visit(portal, shop):
    """Somebody in the console of Workspace ONE, which is connected."""
    shop.connect()
    return Visit(portal, shop.tenant)


def devices(response) -> list[dict[str, str]]:
    soup = BeautifulSoup(response.content, "html.parser")
    heads = [head.get_text(strip=True) for head in soup.select(".list th")]
    return [
        dict(zip(heads, [cell.get_text(strip=True) for cell in row.select("td")], strict=True))
        for row in soup.select(".list tbody tr")
    ]


# The list


def test_list_shows_how_each_device_stands(visit, shop):
    shop.fail(shop.phone(name="Bad phone"))
    shop.phone(name="Loose phone", door="")
    services.retire(enrolment=shop.phone(name="Old phone"), actor=None)

    rows = devices(visit.client.get(visit.url("device-list")))

    assert [(row["Device"], row["Compliance"], row["Azure AD"]) for row in rows] == [
        ("Bad phone", "Not compliant", "Registered"),
        ("Loose phone", "Compliant", "Not registered"),
        ("Old phone", "Retired", "Registered"),
    ]
    assert rows[1]["Last reported"] == "Never"


@pytest.mark.parametrize(
    ("term", "found"),
    [("ana", ["Ana's phone"]), ("BEN", ["Tablet"]), ("tab", ["Tablet"]), ("nobody", [])],
)
def test_list_is_searched_by_device_and_by_user(visit, shop, term, found):
    ben = DirectoryUserFactory(tenant=shop.tenant, display_name="Ben Oduya")
    EnrolmentFactory(tenant=shop.tenant, console=shop.console, device_name="Ana's phone")
    EnrolmentFactory(tenant=shop.tenant, console=shop.console, device_name="Tablet", user=ben)

    response = visit.client.get(visit.url("device-list"), {"q": term})

    assert [row["Device"] for row in devices(response)] == found
    assert f'value="{term}"' in response.content.decode()
    if not found:
        assert "No device or user starts with 'nobody'." in words(response)


def test_empty_list_says_so(visit):
    assert "No device is enrolled yet." in visit.get("device-list")


def test_list_of_many_costs_as_much_as_one_of_few_and_goes_on_from_page_to_page(
    visit, shop, operator, django_assert_num_queries
):
    operator.page_size = 10
    operator.save()
    row = {"user": shop.user, "platform": Platform.IOS}
    services.enrol_many(console=shop.console, actor=None, rows=[row | {"device_name": "Only one"}])
    visit.get("device-list")
    with django_assert_num_queries(6):
        visit.get("device-list")
    rows = [row | {"device_name": f"Phone {n:03}"} for n in range(250)]
    services.enrol_many(console=shop.console, actor=None, rows=rows)

    with django_assert_num_queries(6):
        first = visit.client.get(visit.url("device-list"))
    soup = BeautifulSoup(first.content, "html.parser")
    second = visit.client.get(visit.url("device-list") + soup.select_one('[rel="next"]')["href"])

    assert "Showing 1 to 10 of 251 devices" in words(first)
    assert devices(second)[0]["Device"] == "Phone 009"
    assert 'rel="prev"' in second.content.decode()


def test_devices_of_another_console_are_not_listed_and_not_found(visit, shop):
    other = EnrolmentFactory(
        tenant=shop.tenant, console=services.console_of(shop.tenant, JAMF), device_name="A Mac of Jamf"
    )

    assert "A Mac of Jamf" not in visit.get("device-list")
    assert visit.client.get(visit.url("device", other.pk)).status_code == 404
    assert visit.post("device-retire", {}, other.pk).status_code == 404


# Enrolling


def enrolment_form(page) -> dict[str, str]:
    (key,) = BeautifulSoup(page.content, "html.parser").select("#id_key")
    return {
        "key": str(key["value"]),
        "platform": "ios",
        "device_name": "Ana's iPhone",
        "manufacturer": "Apple",
        "model": "iPhone 11",
        "os_version": "13.6",
        "serial_number": "F17XYZ",
    }


def test_user_is_found_by_name_and_the_device_enrolled(visit, shop):
    shop.user.display_name = "Ana Duarte"
    shop.user.save()
    DirectoryUserFactory(tenant=shop.tenant, display_name="Ben Oduya")

    found = BeautifulSoup(visit.client.get(visit.url("device-enrol"), {"q": "ana"}).content, "html.parser")
    (person,) = found.select(".people a")
    url = visit.url("device-enrol") + person["href"]
    response = visit.client.post(url, enrolment_form(visit.client.get(url)), follow=True)

    enrolled = Enrolment.objects.in_tenant(shop.tenant).get()
    assert (enrolled.user, enrolled.model, enrolled.platform) == (shop.user, "iPhone 11", "ios")
    assert "Device enrolled" in words(response)
    assert "Not registered with Azure AD" in words(response)


def test_second_click_on_enroll_enrolls_nothing_more(visit, shop):
    url = visit.url("device-enrol") + f"?user={shop.user.pk}"
    form = enrolment_form(visit.client.get(url))

    first = visit.client.post(url, form)
    second = visit.client.post(url, form)

    assert first.url == second.url
    assert Enrolment.objects.in_tenant(shop.tenant).count() == 1


@pytest.mark.parametrize("key", ["", "no id"])
def test_device_is_enrolled_although_the_form_says_nothing_of_itself(visit, shop, key):
    url = visit.url("device-enrol") + f"?user={shop.user.pk}"

    response = visit.client.post(url, enrolment_form(visit.client.get(url)) | {"key": key})

    assert response.status_code == 302
    assert Enrolment.objects.in_tenant(shop.tenant).count() == 1


def test_key_that_is_the_id_of_something_else_does_no_harm(visit, shop):
    other = EnrolmentFactory(device_name="Somebody else's")
    url = visit.url("device-enrol") + f"?user={shop.user.pk}"

    response = visit.client.post(url, enrolment_form(visit.client.get(url)) | {"key": str(other.pk)})

    assert response.status_code == 302
    assert Enrolment.objects.in_tenant(shop.tenant).get().device_name == "Ana's iPhone"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("platform", "", "Select a platform."),
        ("platform", "windows", "Select a platform."),
        ("device_name", " ", "Enter a device name."),
        ("device_name", "x" * 121, "Enter at most 120 characters."),
        ("model", "x" * 81, "Enter at most 80 characters."),
    ],
)
def test_refused_device_is_told_below_its_field_and_nothing_is_lost(visit, shop, field, value, sentence):
    url = visit.url("device-enrol") + f"?user={shop.user.pk}"

    response = visit.client.post(url, enrolment_form(visit.client.get(url)) | {field: value})

    soup = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 422
    assert soup.select_one(f"#id_{field}_error").get_text(strip=True) == sentence
    assert soup.select_one("#id_os_version")["value"] == "13.6"
    assert not Enrolment.objects.in_tenant(shop.tenant).exists()


def test_name_whose_folded_form_is_longer_than_the_column_is_taken(visit, shop):
    url = visit.url("device-enrol") + f"?user={shop.user.pk}"

    response = visit.client.post(url, enrolment_form(visit.client.get(url)) | {"device_name": "ﬃ" * 120})

    assert response.status_code == 302


@pytest.mark.parametrize("user", ["nonsense", "6a0f2d9e-0000-4000-8000-000000000000"])
def test_user_that_there_is_not_leads_to_the_choice_of_one(visit, user):
    response = visit.client.get(visit.url("device-enrol"), {"user": user})

    assert "Step 1 of 2" in words(response)


def test_user_of_another_directory_leads_to_the_choice_of_one(visit):
    stranger = DirectoryUserFactory(tenant=TenantFactory())

    response = visit.client.post(visit.url("device-enrol") + f"?user={stranger.pk}", {"device_name": "Stolen"})

    assert "Step 1 of 2" in words(response)
    assert not Enrolment.unscoped.exists()


def test_search_for_nobody_says_so(visit):
    assert "No users start with 'zzz'." in words(visit.client.get(visit.url("device-enrol"), {"q": "zzz"}))


# Registration


def test_registered_device_shows_its_identifier_and_leads_to_its_record(visit, shop):
    phone = shop.phone(door="")

    page = visit.post("device-register", {"door": Door.AUTHENTICATOR}, phone.pk)

    phone.refresh_from_db()
    record = DirectoryDevice.objects.in_tenant(shop.tenant).get()
    assert "Device registered" in words(page)
    assert str(phone.azure_ad_device_id) in words(page)
    assert reverse("directory:device-overview", args=[shop.tenant.slug, record.pk]) in page.content.decode()


def test_each_door_says_what_it_is(portal, tenant):
    shop = Shop(tenant, JAMF)
    phone = shop.phone(door="")

    page = Visit(portal, tenant, "jamf_pro").get("device", phone.pk)

    assert "Jamf Self Service The app of Jamf Pro on the device." in page
    assert "Company Portal Microsoft's app of Intune" in page


def test_wrong_door_is_told_with_the_way_out(portal, tenant):
    shop = Shop(tenant, JAMF)
    shop.connect()
    phone = shop.phone(door="")
    visit = Visit(portal, tenant, "jamf_pro")

    page = visit.post("device-register", {"door": Door.COMPANY_PORTAL}, phone.pk)

    assert "The user's device says: AccountNotOnboarded." in words(page)
    assert "Registered through the wrong door" in words(page)
    assert reverse("directory:user-devices", args=[tenant.slug, shop.user.pk]) in page.content.decode()
    again = visit.post("device-register", {"door": Door.SELF_SERVICE}, phone.pk)
    assert "Delete the device's record in Azure Active Directory first" in words(again)


def test_wrong_door_leaves_no_sign_in_to_the_partners_app_and_tells_when_its_record_is_gone(portal, tenant):
    shop = Shop(tenant, JAMF)
    shop.connect()
    phone = shop.phone(door=Door.COMPANY_PORTAL)
    DirectoryDevice.objects.in_tenant(tenant).delete()

    page = Visit(portal, tenant, "jamf_pro").get("device", phone.pk)

    assert "The record that this left in Azure AD is gone." in page
    assert not SignIn.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize("door", ["", "window"])
def test_registration_without_a_door_is_refused(visit, shop, door):
    phone = shop.phone(door="")

    response = visit.post("device-register", {"door": door}, phone.pk)

    assert response.status_code == 422
    assert "Select the app through which the user registers." in words(response)
    assert not DirectoryDevice.objects.in_tenant(shop.tenant).exists()


def test_second_click_on_register_is_told_and_makes_no_second_record(visit, shop):
    phone = shop.phone()

    page = words(visit.post("device-register", {"door": Door.SELF_SERVICE}, phone.pk))

    assert "The device is already registered." in page
    assert DirectoryDevice.objects.in_tenant(shop.tenant).count() == 1


# Verdicts


def test_verdict_with_its_reason_reaches_intune_and_back(visit, shop):
    phone = shop.phone()

    page = words(visit.post("device-verdict", {"verdict": "not_compliant", "reason": "Passcode missing"}, phone.pk))
    bad = shop.intune(phone)
    visit.post("device-verdict", {"verdict": "compliant", "reason": "Passcode missing"}, phone.pk)

    assert "Compliance changed" in page
    assert "Passcode missing" in page
    assert (bad, shop.intune(phone)) == ("Not compliant", "Compliant")


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        ({"verdict": "not_compliant", "reason": " "}, "reason", "Enter what the device does not meet."),
        ({"verdict": "splendid", "reason": "None"}, "verdict", "Select a state."),
        ({"verdict": "alert", "reason": "x" * 201}, "reason", "Enter at most 200 characters."),
    ],
    ids=["no reason", "no state", "too long"],
)
def test_refused_verdict_is_told_below_its_field(visit, shop, data, field, sentence):
    phone = shop.phone()

    response = visit.post("device-verdict", data, phone.pk)

    soup = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 422
    assert soup.select_one(f"#id_{field}_error").get_text(strip=True) == sentence
    phone.refresh_from_db()
    assert phone.verdict == "compliant"


# Online, retire, delete


def test_device_that_goes_offline_was_last_seen_then(visit, shop):
    phone = shop.phone()
    shop.pass_by(timedelta(hours=1))

    page = words(visit.post("device-online", {"online": "0"}, phone.pk))

    assert "Last seen 7/20/2020, 9:0" in page
    assert "offline since" in page
    assert "offline since" not in words(visit.post("device-online", {"online": "1"}, phone.pk))


def test_retiring_asks_first_and_a_second_click_is_told(visit, shop):
    phone = shop.phone()

    question = visit.get("device-retire", phone.pk)
    page = words(visit.post("device-retire", {}, phone.pk))
    again = words(visit.post("device-retire", {}, phone.pk))

    assert "Microsoft Intune is told so" in question
    assert "Device retired" in page
    assert "Microsoft Intune was told that the device is managed here no longer." in page
    assert "The device was retired." in again
    assert not ManagedDevice.objects.in_tenant(shop.tenant).exists()


def test_deleting_asks_first_and_leaves_intune_in_the_dark(visit, shop):
    phone = shop.phone()

    question = visit.get("device-delete", phone.pk)
    page = words(visit.post("device-delete", {}, phone.pk))

    assert "Microsoft Intune is told nothing" in question
    assert "Device deleted" in page
    assert ManagedDevice.objects.in_tenant(shop.tenant).exists()
    assert visit.post("device-delete", {}, phone.pk).status_code == 404


# Why there is a gap


def unregistered(shop):
    return shop.phone(door="")


def outside(shop):
    return shop.phone(shop.person())


def unlicensed(shop):
    Licence.objects.in_tenant(shop.tenant).delete()
    return shop.phone()


def without_record(shop):
    phone = shop.phone()
    DirectoryDevice.objects.in_tenant(shop.tenant).delete()
    return phone


def unconnected(shop):
    services.change_settings(console=shop.console, actor=None, compliance_enabled=False, directory_id="")
    return shop.phone()


def orphaned(shop):
    phone = shop.phone(door="")
    Enrolment.objects.in_tenant(shop.tenant).update(user=None)
    return phone


def other_platform(shop):
    return services.register(
        enrolment=services.enrol(
            console=shop.console, actor=None, user=shop.user, platform=Platform.ANDROID, device_name="Galaxy"
        ),
        actor=None,
        door=Door.SELF_SERVICE,
    )


def rejected(shop):
    connections.reject(tenant=shop.tenant, partner=shop.partner, because="The application is blocked.")
    return shop.phone()


def deleted_partner(shop):
    partner_services.delete_configuration(configuration=shop.configuration, actor=None)
    return shop.phone()


def retired_early(shop):
    return services.retire(enrolment=shop.phone(door=""), actor=None)


@pytest.mark.parametrize(
    ("make", "title", "sentence"),
    [
        (unregistered, "Not registered with Azure AD", "there is no record that a verdict could be written to"),
        (outside, "The user is in no group that this console knows", "use 'Sync Azure Services'"),
        (other_platform, "No assignment for Android is known", "use 'Sync Azure Services'"),
        (rejected, "Microsoft Intune takes nothing from this partner", "The application is blocked."),
        (deleted_partner, "Microsoft Intune refused the last report", "not set up for the device's platform"),
        (unlicensed, "Microsoft Intune refused the last report", "The user has no Intune license."),
        (without_record, "The record in Azure AD is gone", "The user has to register it again."),
        (unconnected, "Nothing is reported", "This console is not connected to Azure AD."),
        (orphaned, "The device has no user", "Its user was deleted from the directory."),
        (retired_early, "Retired", "Microsoft Intune never heard of the device from here."),
        (Shop.phone, "Reported", "Microsoft Intune took the verdict at 7/20/2020"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_gap_is_explained(visit, shop, make, title, sentence):
    phone = make(shop)

    page = visit.get("device", phone.pk)

    assert title in page
    assert sentence in page


@pytest.mark.parametrize(
    ("propagation", "said"), [("instant", "Azure AD has it, too."), ("real", "Azure AD follows within minutes.")]
)
def test_verdict_that_is_reported_says_how_soon_azure_ad_has_it(visit, shop, propagation, said):
    phone = shop.phone()
    Tenant.objects.filter(pk=shop.tenant.pk).update(propagation=propagation)

    assert said in visit.get("device", phone.pk)


def test_gap_of_a_group_that_was_added_closes_with_the_sync(visit, shop):
    newcomers = GroupFactory(tenant=shop.tenant)
    phone = shop.phone(shop.person(newcomers))
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group, newcomers])
    before = visit.get("device", phone.pk)

    visit.post("sync")

    assert "The user is in no group that this console knows" in before
    assert "Microsoft Intune took the verdict" in visit.get("device", phone.pk)


def test_verdict_that_is_under_way_says_so(portal, db):
    shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL))
    shop.connect()
    phone = shop.phone()
    from tests.factories import MembershipFactory, OperatorFactory

    operator = OperatorFactory()
    MembershipFactory(operator=operator, tenant=shop.tenant)
    portal.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    visit = Visit(portal, shop.tenant)

    before = visit.get("device", phone.pk)
    shop.pass_by(timedelta(minutes=6))

    assert "Microsoft Intune is told within minutes." in before
    assert "Azure Device Compliance Status In-progress" in before
    assert "Azure Device Compliance Status Successful" in visit.get("device", phone.pk)
