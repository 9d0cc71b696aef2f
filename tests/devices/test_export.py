"""Export: the filtered, searched and sorted list as a file, however long it is."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blades.models import Notification
from devices import export, queries
from devices.columns import COLUMNS, PICKER
from devices.filters import read
from devices.models import Compliance, DeviceState, ManagedDevice, OperatingSystem
from tenancy import services
from tenancy.roles import Role
from tenancy.scoping import NEVER
from tests.devices.listing import expected, fill
from tests.factories import CLOCK_START, DirectoryUserFactory, ManagedDeviceFactory, TenantFactory

SHOWN = [
    "Device name", "Managed by", "Ownership", "Compliance", "OS", "OS version", "Last check-in", "Primary user UPN",
]  # fmt: skip


@pytest.fixture
def address(tenant):
    return reverse("devices:export", args=[tenant.slug])


def rows(response):
    """The file's rows, the heads first."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def names(response):
    return [row[0] for row in rows(response)[1:]]


def test_file_says_what_the_list_says(portal, tenant, address):
    user = DirectoryUserFactory(tenant=tenant, upn="mara@kestrel.example")
    ManagedDeviceFactory(
        tenant=tenant, device_name='Castillo\'s "iPhone", new', os=OperatingSystem.IOS, os_version="13.5.1",
        compliance=Compliance.IN_GRACE_PERIOD, primary_user=user,
    )  # fmt: skip
    ManagedDeviceFactory(tenant=tenant, device_name="Ärzte-Tablet", last_checkin_at=NEVER)

    response = portal.get(address)

    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="kestrel-devices-2020-07-20.csv"'
    heads, first, second = rows(response)
    assert heads == SHOWN
    assert first == [
        'Castillo\'s "iPhone", new', "MDM", "Corporate", "In grace period", "iOS", "13.5.1", "2020-07-20 08:00:00",
        "mara@kestrel.example",
    ]  # fmt: skip
    assert (second[0], second[6], second[7]) == ("Ärzte-Tablet", "", "")


def test_file_is_utf8_with_a_byte_order_mark_and_lines_end_as_rfc_4180_wants(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant, device_name='say "hi"\r\nthere')

    content = b"".join(portal.get(address).streaming_content)

    assert content.startswith(b"\xef\xbb\xbfDevice name,Managed by,")
    assert content.count(b"\r\n") == 3
    assert b'"say ""hi""\r\nthere",' in content


def test_shown_columns_are_those_of_the_operator(portal, tenant, operator, address):
    ManagedDeviceFactory(tenant=tenant, device_name="KL-001", model="Pixel 3")
    services.choose_columns(operator, "devices", ["model"], known=COLUMNS)

    assert rows(portal.get(address)) == [["Device name", "Model"], ["KL-001", "Pixel 3"]]


def test_all_columns_whatever_is_shown(portal, tenant, address):
    user = DirectoryUserFactory(tenant=tenant, display_name="Mara Lindqvist")
    device = ManagedDeviceFactory(
        tenant=tenant, primary_user=user, state=DeviceState.WIPE_PENDING, supervised=True, storage_total_mb=61_440,
        compliance_grace_ends_at=CLOCK_START + timedelta(days=1), imei="353918100000017",
        azure_ad_device_id=UUID("11111111-2222-3333-4444-555555555555"),
    )  # fmt: skip

    heads, values = rows(portal.get(address, {"columns": "all"}))

    told = dict(zip(heads, values, strict=True))
    assert len(told) == len(COLUMNS)
    assert told["Device state"] == "Wipe pending"
    assert told["Compliance grace period expiration"] == "2020-07-21 08:00:00"
    assert told["Enrolled date"].startswith("20")
    assert told["Primary user display name"] == "Mara Lindqvist"
    assert told["Azure AD registered"] == "Yes"
    assert told["Azure AD Device ID"] == "11111111-2222-3333-4444-555555555555"
    assert told["Intune Device ID"] == str(device.pk)
    assert (told["Encrypted"], told["Supervised"]) == ("No", "Yes")
    assert (told["Total storage (GB)"], told["Free storage (GB)"]) == ("60.00", "")
    assert told["IMEI"] == "353918100000017"


def test_columns_without_a_value_are_empty(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant)

    heads, values = rows(portal.get(address, {"columns": "all"}))

    told = dict(zip(heads, values, strict=True))
    assert (told["Primary user display name"], told["Azure AD Device ID"], told["Azure AD registered"]) == (
        "",
        "",
        "No",
    )
    assert told["Compliance grace period expiration"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+49 30 1234", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])  # noqa: RUF001
def test_no_cell_is_a_formula(portal, tenant, address, name):
    ManagedDevice.unscoped.filter(pk=ManagedDeviceFactory(tenant=tenant).pk).update(
        device_name=name, phone_number=name, user_upn=name
    )

    heads, values = rows(portal.get(address, {"columns": "all"}))

    told = dict(zip(heads, values, strict=True))
    assert told["Device name"] == told["Phone number"] == told["Primary user UPN"] == f"'{name}"


def test_harmless_cells_stay_as_they_are(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant, device_name="a=1 'b' +c", user_upn="o'hara@kestrel.example")

    told = rows(portal.get(address))[1]

    assert (told[0], told[7]) == ("a=1 'b' +c", "o'hara@kestrel.example")


def test_other_directories_never_appear(portal, tenant, address):
    ManagedDeviceFactory(tenant=tenant, device_name="ours")
    ManagedDeviceFactory(tenant=TenantFactory(), device_name="ours, too")

    for query in ({}, {"q": "ours"}, {"os": "ios"}, {"os": "android", "sort": "-os"}, {"last_checkin": "24h"}):
        assert set(names(portal.get(address, query))) <= {"ours"}


LISTS = [
    "", "sort=-name", "sort=compliance", "sort=-os", "sort=last_checkin", "sort=-upn", "sort=os_version", "os=ios",
    "os=ios&sort=-os", "os=ios&sort=os_version", "os=ios&os=android&sort=compliance", "compliance=compliant&os=ios",
    "ownership=personal&sort=-last_checkin", "last_checkin=7d", "last_checkin=7d&sort=-last_checkin",
    "last_checkin=never&sort=name", "last_checkin=30d&last_checkin=never&os=windows&sort=upn", "q=kestrel",
    "q=kestrel&sort=-os_version", "q=kl", "q=sn0&os=ios&sort=os", "q=kestrel&last_checkin=24h", "q=nothing-at-all",
    "per_page=10&page=3&sort=name",
]  # fmt: skip


@pytest.mark.parametrize("counted", [0, 5, 10_000], ids=["walked", "mixed", "gathered"])
def test_file_has_every_row_of_the_list_once_and_in_order(tenant, monkeypatch, counted):
    monkeypatch.setattr(queries, "COUNTED", counted)
    monkeypatch.setattr(queries, "SMALL_TENANT", 0 if counted < 10_000 else 5_000)
    fill(tenant, 120)
    fill(TenantFactory(), 20)

    for query in LISTS:
        wanted = read(QueryDict(query))
        in_order = expected(tenant, wanted)
        for size in (1, 7, 500):
            found = queries.extract(tenant, wanted, ["devices.id"], size)
            blocks = list(found.blocks)

            assert [UUID(str(row[0])) for part in blocks for row in part] == in_order, query
            assert found.total in (None, len(in_order)), query
            assert all(len(part) <= size for part in blocks), query


def test_page_of_the_address_does_not_matter(portal, tenant, address):
    fill(tenant, 30)

    assert len(names(portal.get(address, {"page": "2", "per_page": "10"}))) == 30


def test_an_empty_list_is_a_file_with_heads(portal, address):
    assert rows(portal.get(address)) == [SHOWN]


def test_who_may_not_see_devices_gets_no_file(portal_as, address):
    assert portal_as(Role.INTUNE_ROLE_ADMINISTRATOR).get(address).status_code == 403


# Progress


def test_bell_tells_that_the_file_is_complete(portal, tenant, operator, address):
    fill(tenant, 30)

    response = portal.get(address)
    assert not Notification.objects.exists()
    rows(response)

    told = Notification.objects.get(operator=operator)
    assert (told.level, told.title, told.text) == ("success", "Devices exported", "Exported 30 rows.")


def test_bell_follows_the_file_and_says_of_how_many(portal, tenant, address, monkeypatch):
    monkeypatch.setattr(export, "BLOCK", 10)
    monkeypatch.setattr(export, "STEP", 20)
    fill(tenant, 55)

    told = [Notification.objects.get().text for _ in portal.get(address).streaming_content]

    assert told == ["0 of 55 rows", "20 of 55 rows", "20 of 55 rows", "40 of 55 rows", "40 of 55 rows", "40 of 55 rows"]


def test_bell_says_that_a_download_was_stopped(portal, tenant, address, monkeypatch):
    monkeypatch.setattr(export, "BLOCK", 10)
    fill(tenant, 55)

    response = portal.get(address)
    next(iter(response.streaming_content))
    response._iterator.close()

    told = Notification.objects.get()
    assert (told.level, told.title) == ("warning", "Export stopped")
    assert told.text == "The download was stopped after 10 of 55 rows. Export the list again."


def test_bell_says_that_the_file_is_not_complete(portal, operator, address, monkeypatch):
    def breaking(*args):
        yield [("a",) * len(SHOWN)]
        raise OSError("the disk is full")

    monkeypatch.setattr(queries, "extract", lambda *args: queries.Extract(55, breaking()))
    services.choose_columns(operator, "devices", [], known=COLUMNS)

    with pytest.raises(OSError, match="full"):
        rows(portal.get(address))

    told = Notification.objects.get()
    assert (told.level, told.title) == ("error", "Exporting devices failed")
    assert told.text == "The export ended after 1 of 55 rows: the file is not complete. Export the list again."


def test_asking_for_the_head_alone_starts_no_export(portal, tenant, address):
    fill(tenant, 5)

    assert portal.head(address).status_code == 200
    assert not Notification.objects.exists()


# Size


def test_statements_grow_with_blocks_and_not_with_rows(tenant, portal, address, monkeypatch):
    fill(tenant, 200)

    def statements(block):
        monkeypatch.setattr(export, "BLOCK", block)
        with CaptureQueriesContext(connection) as captured:
            rows(portal.get(address))
        return len(captured)

    assert statements(1000) <= 12
    assert statements(50) <= statements(1000) + 2 * 4


def test_memory_does_not_grow_with_the_file(tenant, monkeypatch):
    fill(tenant, 8_000, batch_size=5_000)

    def peak(query):
        wanted = read(QueryDict(query))
        columns = [COLUMNS[name] for name in PICKER.default]
        tracemalloc.start()
        for block in queries.extract(tenant, wanted, [column.expression for column in columns], 500).blocks:
            [list(column.texts(part)) for column, part in zip(columns, zip(*block, strict=True), strict=False)]
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak("os=ios")
    assert peak("") <= 2 * 1024 * 1024


# The pane


def test_pane_asks_which_columns_and_keeps_the_list(portal, tenant, address):
    devices = reverse("devices:list", args=[tenant.slug])

    page = portal.get(f"{devices}?pane=export&os=ios&q=a&after=x&per_page=20").content.decode()

    form = page[page.index('<form id="export"') : page.index("</form>", page.index('<form id="export"'))]
    assert f'action="{address}"' in form
    assert '<input type="hidden" name="os" value="ios">' in form
    assert '<input type="hidden" name="q" value="a">' in form
    assert "after" not in form
    assert 'value="shown" checked>Shown columns' in form
    assert 'value="all">All columns' in form
    assert f'<a class="btn" href="{devices}?os=ios&amp;q=a&amp;after=x&amp;per_page=20" data-close>Cancel' in page
