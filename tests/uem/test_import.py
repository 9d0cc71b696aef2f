"""Devices from a CSV file, and the sample devices."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile

from directory.models import DirectoryDevice, DirectoryUser
from partners.models import Platform
from tenancy.models import JournalEntry
from tests.factories import AccessPolicyFactory, DirectoryUserFactory, EnrolmentFactory, GroupFactory, TenantFactory
from tests.uem.test_connection import Visit, words
from tests.uem.test_services import JAMF, MOBILEIRON, Shop
from uem import device_import, samples, services
from uem.models import Enrolment


@pytest.fixture
def visit(portal, shop):
    """Somebody in the console of Workspace ONE; Ana and Ben are users."""
    for name in ("ana", "ben"):
        DirectoryUserFactory(tenant=shop.tenant, display_name=name.title(), upn=f"{name}@kestrel.example")
    return Visit(portal, shop.tenant)


def paste(visit, text):
    return visit.post("device-import", {"text": text})


def names(shop) -> list[str]:
    return sorted(Enrolment.objects.in_tenant(shop.tenant).values_list("device_name", flat=True))


GOOD = "ana@kestrel.example,Ana's iPhone,iOS,Apple,iPhone 11,13.6,F17XYZ,"


# Reading


@pytest.mark.parametrize(
    "text",
    [
        "User name,Device name,Platform\nana@x.example,Phone,iOS",
        "Platform;User name;Device name\niOS;ana@x.example;Phone",
        "\ufeffana@x.example\tPhone\tiOS\r\n\r\n",
        "user name,DEVICE NAME,platform,Colour\nana@x.example,Phone,iOS,red",
    ],
    ids=["heading", "other order and semicolons", "tabs without heading", "unknown column"],
)
def test_columns_are_found_by_their_heading_or_by_their_place(text):
    (line,) = device_import.read(text)

    assert line.cells == ["ana@x.example", "Phone", "iOS", "", "", "", "", ""]


def test_template_is_read_as_it_is_filled_in(visit):
    response = visit.client.get(visit.url("device-import-template"))

    assert response["Content-Disposition"] == 'attachment; filename="devices.csv"'
    text = response.content.decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(text))) == list(device_import.COLUMNS)
    (line,) = device_import.read(text)
    assert line.cells[:3] == ["ana@kestrel.example", "Ana's iPhone", "iOS/iPadOS"]


# Preview


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Phone,iOS", "The line names no user."),
        ("nobody@kestrel.example,Phone,iOS", "No user of this directory has the user name 'nobody@kestrel.example'."),
        ("ana@kestrel.example,,iOS", "The line has no device name."),
        ("ana@kestrel.example,Phone,Windows", "'Windows' is no platform: enter Android, iOS/iPadOS or macOS."),
        (f"ana@kestrel.example,{'x' * 121},iOS", "'Device name' is too long: enter at most 120 characters."),
        (f"ana@kestrel.example,Phone,iOS,,,,,{'9' * 21}", "'IMEI' is too long: enter at most 20 characters."),
        ("ana@kestrel.example,ANA'S IPHONE,iOS", "Duplicate: the device stands in line 1 already."),
        ("ben@kestrel.example,Old phone,iOS", "The user has a device of this name here already."),
    ],
)
def test_refused_lines_are_told_with_their_reason_before_anything_is_enrolled(visit, shop, line, reason):
    ben = DirectoryUser.objects.in_tenant(shop.tenant).get(upn="ben@kestrel.example")
    EnrolmentFactory(tenant=shop.tenant, console=shop.console, user=ben, device_name="Old phone")

    page = words(paste(visit, f"{GOOD}\n{line}"))

    assert "1 line is left out" in page
    assert reason in page
    assert "1 device will be enrolled" in page
    assert names(shop) == ["Old phone"]


def test_platform_that_the_partner_does_not_manage_is_refused(portal, tenant):
    Shop(tenant, MOBILEIRON)
    DirectoryUserFactory(tenant=tenant, upn="ana@kestrel.example")

    page = words(paste(Visit(portal, tenant, "mobileiron_cloud"), "ana@kestrel.example,Mac,macOS"))

    assert "'MobileIron Cloud' does not manage macOS devices." in page
    assert "No line names a device that can be enrolled" in page


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        ({"text": "  "}, "text", "Select a file, or paste at least one line."),
        ({"file": SimpleUploadedFile("d.csv", b"\xff\xfe\x00")}, "file", "The file is not text in UTF-8."),
        ({"file": SimpleUploadedFile("d.csv", b"User name,Device name")}, "file", "The file names no device"),
        ({"file": SimpleUploadedFile("d.csv", b"a" * 2_000_001)}, "file", "The file is larger than 2 MB."),
        ({"text": "a,b,iOS\n" * 5_001}, "text", "The list has more than 5,000 lines."),
        ({"text": 'a,"b\n' + "x" * 140_000}, "text", "cannot be read"),
    ],
    ids=["nothing", "not text", "heading alone", "large", "too many", "open quotation mark"],
)
def test_list_that_cannot_be_read_is_refused_below_its_field(visit, data, field, sentence):
    response = visit.post("device-import", data)

    soup = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 422
    assert sentence in soup.select_one(f"#id_{field}_error").get_text()


# Enrolling


def test_file_is_uploaded_previewed_and_enrolled_once_whatever_is_clicked(visit, shop):
    lines = f"{GOOD}\nben@kestrel.example,Ben's Galaxy,android".encode()
    preview = visit.post("device-import", {"file": SimpleUploadedFile("devices.csv", lines)})
    url = preview.redirect_chain[-1][0]

    first = visit.client.post(url)
    second = visit.client.post(url)
    back = visit.client.get(url)

    assert first.url == second.url == back.url == visit.url("device-list")
    assert names(shop) == ["Ana's iPhone", "Ben's Galaxy"]
    ana = Enrolment.objects.in_tenant(shop.tenant).get(device_name="Ana's iPhone")
    assert (ana.platform, ana.model, ana.serial_number) == ("ios", "iPhone 11", "F17XYZ")
    entry = JournalEntry.objects.in_tenant(shop.tenant).get(activity=services.ENROLLED)
    assert entry.new_values == {"Devices": 2}


def test_what_changed_since_the_preview_counts(visit, shop):
    preview = paste(visit, GOOD)
    DirectoryUser.objects.in_tenant(shop.tenant).filter(upn="ana@kestrel.example").delete()

    response = visit.client.post(preview.redirect_chain[-1][0], follow=True)

    assert "0 devices were enrolled." in words(response)
    assert names(shop) == []


def test_import_of_one_console_is_not_found_in_another(visit, shop):
    preview = paste(visit, GOOD)
    url = preview.redirect_chain[-1][0]

    assert visit.client.post(url.replace("workspace_one", "jamf_pro")).status_code == 404
    assert names(shop) == []


def test_many_lines_cost_as_much_as_few(visit, shop, django_assert_max_num_queries):
    lines = [device_import.Line(n, ["ana@kestrel.example", f"Phone {n}", "iOS", *[""] * 5]) for n in range(2_000)]

    with django_assert_max_num_queries(4):
        judged = device_import.judge(shop.console, lines)

    assert (len(judged.rows), judged.problems) == (2_000, [])


def test_many_devices_are_enrolled_in_a_handful_of_statements(shop, django_assert_max_num_queries):
    row = {"user": shop.user, "platform": Platform.IOS}

    with django_assert_max_num_queries(20):  # SQLite takes some forty rows a statement
        services.enrol_many(
            console=shop.console, actor=None, rows=[row | {"device_name": f"Phone {n}"} for n in range(400)]
        )


# Sample devices


def sample(visit):
    soup = BeautifulSoup(visit.client.get(visit.url("device-list")).content, "html.parser")
    (key,) = soup.select('input[name="key"]')
    return visit.post("device-samples", {"key": key["value"]})


def test_sample_devices_are_of_users_of_assigned_groups_first_and_some_are_registered(visit, shop):
    page = words(sample(visit))

    made = Enrolment.objects.in_tenant(shop.tenant)
    assert "50 devices are enrolled, 38 of them registered with Azure AD." in page
    assert made.get(serial_number="SAMPLE-000001").user == shop.user
    assert set(made.values_list("platform", flat=True)) == set(Platform)
    assert made.filter(azure_ad_device_id=None).count() == 12
    assert DirectoryDevice.objects.in_tenant(shop.tenant).count() == 38
    assert set(made.values_list("verdict", flat=True)) == set(Enrolment.Verdict)


def test_same_directory_gets_the_same_sample_devices(db):
    def described(slug):
        shop = Shop(TenantFactory(slug=slug))
        DirectoryUser.objects.in_tenant(shop.tenant).update(display_name="Ana", name_key="ana")
        samples.enrol(console=shop.console, actor=None, key=uuid4())
        rows = Enrolment.objects.in_tenant(shop.tenant).order_by("serial_number")
        return list(rows.values_list("device_name", "serial_number", "os_version", "verdict", "registered_through"))

    assert described("one") == described("two")


def test_second_click_enrolls_no_more_and_the_next_visit_does(visit, shop):
    key = uuid4()
    visit.post("device-samples", {"key": key})

    again = words(visit.post("device-samples", {"key": key}))
    sample(visit)

    assert "These sample devices are enrolled already." in again
    assert Enrolment.objects.in_tenant(shop.tenant).count() == 100
    assert len(set(Enrolment.objects.in_tenant(shop.tenant).values_list("serial_number", flat=True))) == 100


def test_sample_devices_reach_intune_where_the_partner_is_connected(visit, shop):
    people = DirectoryUserFactory.create_batch(60, tenant=shop.tenant)
    for user in people:
        shop.group.memberships.create(tenant=shop.tenant, user=user)
        user.licences.create(tenant=shop.tenant, sku="intune")
    shop.connect()

    sample(visit)

    told = Enrolment.objects.in_tenant(shop.tenant).exclude(reported_at=None)
    assert set(told.values_list("platform", flat=True)) == {Platform.IOS}
    assert told.count() > 10


def test_directory_without_users_has_nobody_for_sample_devices(portal, tenant):
    page = words(sample(Visit(portal, tenant, "jamf_pro")))

    assert "There are no users in this directory." in page


def test_registration_by_a_disabled_user_says_why(portal, tenant):
    phone = Shop(tenant, JAMF).phone(door="")
    DirectoryUser.objects.in_tenant(tenant).update(account_enabled=False)
    visit = Visit(portal, tenant, "jamf_pro")

    page = words(visit.post("device-register", {"door": "self_service"}, phone.pk))

    app = "User registration app for Device Compliance"
    assert f"50057: the sign-in to {app} was refused, because the user account is disabled." in page


def test_registration_that_access_policies_forbid_says_why(portal, tenant):
    shop = Shop(tenant, JAMF)
    AccessPolicyFactory(tenant=tenant)
    phone = shop.phone(door="")
    visit = Visit(portal, tenant, "jamf_pro")

    page = words(visit.post("device-register", {"door": "self_service"}, phone.pk))
    forbidden = words(sample(visit))

    assert "50 devices are enrolled, 0 of them registered with Azure AD. Conditional access refused 38" in forbidden
    sentence = "53000: the sign-in to User registration app for Device Compliance was refused."
    assert f"The user's device says: {sentence}" in page
    assert sentence in visit.get("device", phone.pk)
    assert not DirectoryDevice.objects.in_tenant(tenant).exists()


def test_groups_of_no_partner_count_for_nothing(visit, shop):
    GroupFactory(tenant=shop.tenant, members=[DirectoryUserFactory(tenant=shop.tenant, display_name="Aaron")])

    sample(visit)

    assert Enrolment.objects.in_tenant(shop.tenant).get(serial_number="SAMPLE-000001").user == shop.user
