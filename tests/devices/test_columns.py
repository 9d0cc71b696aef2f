"""The column picker of the device list: what an operator chose is there again, on every device of theirs."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from devices.columns import COLUMNS, PICKER
from devices.models import DeviceState
from tenancy import services
from tenancy.models import Operator
from tests.devices.listing import fill
from tests.factories import CLOCK_START, DirectoryUserFactory, ManagedDeviceFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(tenant):
    return reverse("devices:security-list", args=[tenant.slug])


@pytest.fixture
def choose(portal, tenant, address):
    """Post the picker's form."""

    def post(*names, **more):
        return portal.post(reverse("devices:columns", args=[tenant.slug]), {"column": names, "next": address, **more})

    return post


def heads(response):
    head = re.search(r"<thead>(.*)</thead>", response.content.decode(), re.DOTALL)[1]
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<th\b.*?</th>", head, re.DOTALL)][1:]


def cells(response):
    """Head to text, of the only row."""
    row = re.search(r"<tbody>(.*)</tbody>", response.content.decode(), re.DOTALL)[1]
    values = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td\b[^>]*>(.*?)</td>", row)][1:]
    return dict(zip(heads(response), values, strict=True))


def test_chosen_columns_stand_in_the_order_of_the_list_in_both_its_places(portal, tenant, address, choose):
    ManagedDeviceFactory(tenant=tenant)

    response = choose("model", "os", "managed_by")

    assert (response.status_code, response.url) == (302, address)
    for name in ("devices:security-list", "devices:list"):
        assert heads(portal.get(reverse(name, args=[tenant.slug]))) == ["Device name", "Managed by", "OS", "Model"]


def test_choice_belongs_to_the_operator_and_not_to_the_directory(portal, portal_as, tenant, address, choose):
    ManagedDeviceFactory(tenant=tenant)

    choose("model")

    assert heads(portal.get(address)) == ["Device name", "Model"]
    assert len(heads(portal_as("read_only_operator").get(address))) == 8


def test_device_name_is_shown_even_when_nothing_is_ticked(portal, tenant, address, choose):
    ManagedDeviceFactory(tenant=tenant)

    choose()

    assert heads(portal.get(address)) == ["Device name"]


def test_reset_brings_the_default_back_and_later_defaults_with_it(portal, tenant, address, choose, operator):
    ManagedDeviceFactory(tenant=tenant)
    choose("model")

    choose("model", reset="1")

    assert len(heads(portal.get(address))) == 8
    assert Operator.objects.get(pk=operator.pk).columns == {}


def test_every_column_shows_what_the_device_has(portal, tenant, address, choose):
    user = DirectoryUserFactory(tenant=tenant, display_name="Mara <Lindqvist>", upn="mara@kestrel.example")
    device = ManagedDeviceFactory(
        tenant=tenant, device_name="KL-001", primary_user=user, model="iPhone 11", manufacturer="Apple",
        serial_number="C39XK2", imei="3539", meid="A100", phone_number="+49 30 1234", wifi_mac="00:11:22:33:44:55",
        management_name="mara_iOS", state=DeviceState.RETIRE_PENDING, storage_total_mb=61_440, storage_free_mb=0,
        compliance_grace_ends_at=CLOCK_START + timedelta(days=1), supervised=True,
        azure_ad_device_id=UUID("11111111-2222-3333-4444-555555555555"),
    )  # fmt: skip

    choose(*COLUMNS)

    shown = cells(portal.get(address))
    assert list(shown) == [str(column.label) for column in COLUMNS.values()]
    assert shown["Device state"] == "Retire pending"
    assert shown["Compliance grace period expiration"] == "7/21/2020, 8:00:00 AM"
    assert (shown["Model"], shown["Manufacturer"], shown["Serial number"]) == ("iPhone 11", "Apple", "C39XK2")
    assert (shown["IMEI"], shown["MEID"], shown["Phone number"]) == ("3539", "A100", "+49 30 1234")
    assert (shown["Wi-Fi MAC"], shown["Management name"]) == ("00:11:22:33:44:55", "mara_iOS")
    assert shown["Primary user display name"] == "Mara &lt;Lindqvist&gt;"
    assert shown["Azure AD registered"] == "Yes"
    assert shown["Azure AD Device ID"] == "11111111-2222-3333-4444-555555555555"
    assert shown["Intune Device ID"] == str(device.pk)
    assert (shown["Encrypted"], shown["Supervised"], shown["EAS activated"]) == ("No", "Yes", "No")
    assert (shown["Total storage"], shown["Free storage"]) == ("60.00 GB", "")


def test_missing_values_are_empty_cells(portal, tenant, address, choose):
    ManagedDeviceFactory(tenant=tenant)

    choose("user_name", "grace_ends", "aad_device_id", "aad_registered", "model")

    shown = cells(portal.get(address))
    assert (shown["Primary user display name"], shown["Compliance grace period expiration"]) == ("", "")
    assert (shown["Azure AD Device ID"], shown["Azure AD registered"]) == ("", "No")


def test_columns_follow_the_words_of_the_directory(portal, tenant, address, choose):
    ManagedDeviceFactory(tenant=tenant)
    choose("aad_registered")

    tenant.vocabulary = "today"
    tenant.save()

    assert heads(portal.get(address)) == ["Device name", "Microsoft Entra registered"]


def test_picker_stands_in_the_page_and_keeps_the_list_as_it_was(portal, tenant, address, choose):
    choose("model")

    page = portal.get(f"{address}?pane=columns&os=ios&q=a&after=x").content.decode()

    assert '<dialog class="pane" id="pane-columns" aria-labelledby="pane-columns-title" open>' in page
    assert f'name="next" value="{address}?os=ios&amp;q=a&amp;after=x"' in page
    boxes = dict(re.findall(r'name="column" value="(\w+)"([^>]*)>', page))
    assert list(boxes) == list(COLUMNS)
    assert boxes["name"].split() == ["checked", "disabled"]
    assert boxes["model"].split() == ["checked"]
    assert boxes["os"].split() == []


def test_pane_is_fetched_alone_without_asking_for_devices(portal, tenant, address, django_assert_max_num_queries):
    shown = {"HX-Current-URL": f"http://testserver{address}?q=later&sort=-os"}

    with django_assert_max_num_queries(3):
        fragment = portal.get(f"{address}?pane=columns", headers={**HTMX, **shown}).content.decode()

    assert fragment.strip().startswith("<dialog")
    assert f'name="next" value="{address}?q=later&amp;sort=-os"' in fragment


def test_page_has_no_picker_until_it_is_asked_for(portal, address):
    page = portal.get(address).content.decode()

    assert "pane-columns-title" not in page
    assert 'href="?pane=columns"' in page


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", ""])
def test_answer_never_leads_out_of_the_console(portal, tenant, address, back):
    response = portal.post(reverse("devices:columns", args=[tenant.slug]), {"column": "os", "next": back})

    assert response.url == address


def test_typing_the_address_of_the_answer_opens_the_list_and_changes_nothing(portal, tenant, address, operator):
    response = portal.get(reverse("devices:columns", args=[tenant.slug]))

    assert response.url == address
    assert Operator.objects.get(pk=operator.pk).columns == {}


def test_unknown_names_are_left_out_and_refused_by_the_service(portal, tenant, address, choose, operator):
    ManagedDeviceFactory(tenant=tenant)

    choose("os", "password", "")

    assert heads(portal.get(address)) == ["Device name", "OS"]
    with pytest.raises(ValidationError, match="no column 'password'"):
        services.choose_columns(operator, "devices", ["os", "password"], known=COLUMNS)


def test_choices_for_two_lists_stand_side_by_side(operator):
    stale = Operator.objects.get(pk=operator.pk)

    services.choose_columns(operator, "users", ["name"], known=["name"])
    services.choose_columns(stale, "devices", ["os"], known=COLUMNS)

    assert Operator.objects.get(pk=operator.pk).columns == {"users": ["name"], "devices": ["os"]}


@pytest.mark.parametrize("kept", ["os", {"os": 1}, None, [1, None, "os", ["os"]]])
def test_a_choice_of_an_earlier_version_does_no_harm(kept):
    shown = PICKER.shown({"devices": kept})

    assert shown in (PICKER.default, ("name", "os"))


@pytest.mark.parametrize("names", [[], ["model"], list(COLUMNS)])
def test_statements_do_not_depend_on_the_columns(portal, tenant, address, choose, names, django_assert_max_num_queries):
    fill(tenant, 60)
    choose(*names)

    with django_assert_max_num_queries(5):
        portal.get(address)


def test_rows_of_a_page_follow_the_operators_setting_unless_the_address_says_otherwise(
    portal, tenant, address, operator
):
    fill(tenant, 120)
    operator.page_size = 100
    operator.save()

    own, asked = portal.get(address), portal.get(f"{address}?per_page=20")

    assert "Showing 1 to 100 of 120 records" in own.content.decode()
    assert 'name="per_page"' not in own.content.decode()
    assert "Showing 1 to 20 of 120 records" in asked.content.decode()
    assert '<input type="hidden" name="per_page" value="20">' in asked.content.decode()
