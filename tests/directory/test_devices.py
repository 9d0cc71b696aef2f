"""Azure Active Directory > Devices: the list, one record, and the commands on them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from html import unescape

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import reverse

from blades import lists
from directory import device_queries, device_services
from directory.models import DirectoryDevice
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    CLOCK_START,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
)

HYBRID = DirectoryDevice.JoinType.HYBRID


@pytest.fixture
def listing(tenant):
    return reverse("directory:device-list", args=[tenant.slug])


@pytest.fixture
def laptop(tenant):
    """A record with everything."""
    return DirectoryDeviceFactory(
        tenant=tenant,
        display_name="LT-0042",
        os="Windows",
        os_version="10.0.18363.959",
        join_type=DirectoryDevice.JoinType.JOINED,
        owner=DirectoryUserFactory(tenant=tenant, display_name="Ana Torres", upn="ana.torres@kestrel.example"),
        mdm="Microsoft Intune",
        is_compliant=True,
        registered_at=CLOCK_START - timedelta(days=3),
        activity_at=CLOCK_START - timedelta(days=1),
    )


def soup_of(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def cells(response) -> list[list[str]]:
    rows = soup_of(response).select("#results tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")][1:] for row in rows]


def names(response) -> list[str]:
    return [row[0] for row in cells(response)]


# The list


def test_list_shows_the_columns_of_the_real_one(portal, listing, laptop):
    soup = soup_of(portal.get(listing))

    assert soup.h1.get_text(" ", strip=True) == "Devices | All devices"
    assert [head.get_text(strip=True) for head in soup.select("#results thead th")][1:] == [
        "Name", "Enabled", "OS", "Version", "Join Type", "Owner", "MDM", "Compliant", "Registered", "Activity",
    ]  # fmt: skip


def test_row_shows_what_azure_ad_knows(portal, listing, laptop):
    assert cells(portal.get(listing)) == [
        ["LT-0042", "Yes", "Windows", "10.0.18363.959", "Azure AD joined", "Ana Torres", "Microsoft Intune", "Yes",
         "7/17/2020, 8:00:00 AM", "7/19/2020, 8:00:00 AM"],
    ]  # fmt: skip


def test_what_is_missing_reads_as_in_the_real_list(portal, tenant, listing):
    DirectoryDeviceFactory(tenant=tenant, display_name="LT-PEND", os="Windows", join_type=HYBRID, enabled=False)

    assert cells(portal.get(listing)) == [
        ["LT-PEND", "No", "Windows", "", "Hybrid Azure AD joined", "", "None", "N/A", "Pending", ""],
    ]


def test_empty_list_says_where_devices_come_from(portal, listing):
    page = portal.get(listing).content.decode()

    assert "No devices to display" in page
    assert "joined to Azure AD" in page


def test_search_finds_the_beginning_of_the_name_whatever_its_case(portal, tenant, listing, laptop):
    DirectoryDeviceFactory(tenant=tenant, display_name="OLD LT-0042")

    assert names(portal.get(listing, {"q": "lt-00"})) == ["LT-0042"]


@pytest.mark.parametrize("field", ["pk", "device_id"])
def test_search_finds_a_device_id_and_an_object_id(portal, tenant, listing, laptop, field):
    DirectoryDeviceFactory(tenant=tenant)

    assert names(portal.get(listing, {"q": str(getattr(laptop, field))})) == ["LT-0042"]


@pytest.mark.parametrize("term", ["%", "_", "'", '"', "\\", "\x00", "x" * 500, "10.0", str(uuid.UUID(int=0))])
def test_search_for_anything_odd_finds_nothing_and_says_so(portal, listing, laptop, term):
    response = portal.get(listing, {"q": term})

    assert response.status_code == 200
    assert names(response) == (["LT-0042"] if term == "\x00" else [])
    said = "The search finds names by their beginning, and whole IDs." in response.content.decode()
    assert said == (term != "\x00")


def test_search_box_says_that_names_are_found_by_their_beginning(portal, listing, laptop):
    box = soup_of(portal.get(listing)).select_one("#search-q")

    assert box["aria-label"] == "Search by the beginning of the name, or by device ID or object ID"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("enabled=no", ["B"]),
        ("enabled=yes&enabled=no", ["A", "B", "C"]),
        ("compliant=yes", ["A"]),
        ("compliant=no", ["B"]),
        ("compliant=na", ["C"]),
        ("compliant=na&compliant=yes", ["A", "C"]),
        ("join_type=hybrid", ["C"]),
        ("os=Windows", ["C"]),
        ("os=iOS&os=Android", ["A", "B"]),
        ("mdm=none", ["B", "C"]),
        ("mdm=Microsoft+Intune", ["A"]),
        ("owner=gra", ["A"]),
        ("activity=30d", ["A"]),
        ("activity=over30d", ["B"]),
        ("activity=over90d", ["B"]),
        ("activity=over180d", []),
        ("activity=never", ["C"]),
        ("os=iOS&enabled=yes&compliant=yes&mdm=Microsoft+Intune&owner=grace&activity=30d&q=a", ["A"]),
        ("os=iOS&mdm=none", []),
        ("enabled=maybe&compliant=x&join_type=y&activity=z&sort=-nothing&page=x&after=y", ["A", "B", "C"]),
    ],
)
@pytest.mark.parametrize("counted", [10_000, 0])
def test_filters_keep_the_rows_that_match(portal, tenant, listing, monkeypatch, query, found, counted):
    # With no limit of counting every filter is taken for one that many rows match.
    monkeypatch.setattr(lists, "COUNTED", counted)
    grace = DirectoryUserFactory(tenant=tenant, display_name="Grace Hopper")
    now = tenant.now()
    for name, values in {
        "A": {"os": "iOS", "owner": grace, "is_compliant": True, "mdm": "Microsoft Intune", "activity_at": now},
        "B": {"os": "Android", "enabled": False, "is_compliant": False, "activity_at": now - timedelta(days=100)},
        "C": {"os": "Windows", "join_type": HYBRID},
    }.items():
        DirectoryDeviceFactory(tenant=tenant, display_name=name, **values)

    assert names(portal.get(f"{listing}?{query}")) == found


@pytest.mark.parametrize("sort", ["name", "enabled", "os", "join_type", "owner", "mdm", "activity"])
@pytest.mark.parametrize("counted", [10_000, 0])
def test_every_order_works_with_every_filter_at_once(portal, tenant, listing, laptop, monkeypatch, sort, counted):
    monkeypatch.setattr(lists, "COUNTED", counted)
    query = "q=lt&enabled=yes&compliant=yes&join_type=joined&os=Windows&mdm=Microsoft+Intune&owner=ana&activity=30d"

    assert names(portal.get(f"{listing}?{query}&sort=-{sort}")) == ["LT-0042"]


def test_columns_without_an_index_are_not_sorted(portal, listing, laptop):
    soup = soup_of(portal.get(listing))

    assert [link.get_text(strip=True) for link in soup.select(".grid__sort")] == [
        "Name", "Enabled", "OS", "Join Type", "Owner", "MDM", "Activity",
    ]  # fmt: skip


def test_filters_offer_the_values_that_there_are(portal, tenant, listing, laptop):
    DirectoryDeviceFactory(tenant=tenant, os="iOS")
    DirectoryDeviceFactory(os="Solaris", mdm="Other")

    soup = soup_of(portal.get(f"{listing}?os=&mdm="))

    offered = {name: [box["value"] for box in soup.select(f"input[name={name}]")] for name in ("os", "mdm")}
    assert offered == {"os": ["Windows", "iOS"], "mdm": ["none", "Microsoft Intune"]}


def test_values_in_use_are_bounded(tenant):
    for number in range(device_queries.MOST_VALUES + 5):
        DirectoryDeviceFactory(tenant=tenant, os=f"OS {number:02}")

    assert len(device_queries.values_in_use(tenant)["os"]) == device_queries.MOST_VALUES


@pytest.mark.parametrize(
    ("query", "statements"),
    # One more for the values of OS and MDM, one more to find which of several filters keeps the fewest rows.
    [({}, 5), ({"enabled": "yes"}, 5), ({"os": "iOS"}, 6), ({"os": "iOS", "enabled": "yes"}, 7)],
)
def test_number_of_statements_does_not_grow_with_the_rows(
    portal, tenant, listing, laptop, django_assert_max_num_queries, query, statements
):
    owner = DirectoryUserFactory(tenant=tenant)
    DirectoryDeviceFactory.create_batch(60, tenant=tenant, owner=owner)

    with django_assert_max_num_queries(statements):
        response = portal.get(listing, query)

    assert len(names(response)) == 50


def test_fragment_is_the_list_alone(portal, listing, laptop):
    response = portal.get(listing, headers={"HX-Request": "true"})

    soup = soup_of(response)
    assert soup.find("h1") is None
    assert names(response) == ["LT-0042"]
    assert soup.select_one("#selection")


def test_only_this_tenants_devices_are_listed(portal, listing, laptop):
    DirectoryDeviceFactory(display_name="ELSEWHERE")

    assert names(portal.get(listing)) == ["LT-0042"]


# Commands on a selection


@pytest.mark.parametrize(
    ("command", "consequence"),
    [
        ("enable", "can authenticate with Azure AD again"),
        ("disable", "blocks device authentication of 2 devices and revokes their tokens"),
        ("delete", "permanently delete 2 devices from Azure AD"),
    ],
)
def test_command_asks_first_and_states_its_consequence(portal, tenant, listing, laptop, command, consequence):
    other = DirectoryDeviceFactory(tenant=tenant)

    soup = soup_of(portal.post(listing, {"id": [laptop.pk, other.pk], "ask": command}))

    dialog = soup.select_one("dialog.confirm[open]")
    assert consequence in dialog.get_text(" ", strip=True)
    assert "LT-0042" in dialog.get_text()
    assert len(soup.select("#results tbody .check[checked]")) == 2
    laptop.refresh_from_db()
    assert laptop.enabled


def test_deleting_says_that_the_client_stays_registered_and_intune_keeps_its_record(portal, listing, laptop):
    text = unescape(portal.post(listing, {"id": [laptop.pk], "ask": "delete"}).content.decode())

    assert "It does not unregister the client" in text
    assert "This cannot be undone." in text
    assert "Intune's record is not deleted." in text


def test_answer_is_done_for_all_that_were_ticked(portal, tenant, listing, laptop):
    other = DirectoryDeviceFactory(tenant=tenant)

    response = portal.post(f"{listing}?os=iOS", {"id": [laptop.pk, other.pk], "do": "disable"})

    assert response.url == f"{listing}?os=iOS"
    assert not DirectoryDevice.objects.in_tenant(tenant).filter(enabled=True).exists()
    assert "Successfully disabled 2 devices." in portal.get(response.url).content.decode()


def test_second_click_changes_nothing_and_says_so(portal, tenant, listing, laptop):
    portal.post(listing, {"id": [laptop.pk], "do": "disable"})

    page = portal.post(listing, {"id": [laptop.pk], "do": "disable"}, follow=True).content.decode()

    assert "The device was disabled already." in page
    assert JournalEntry.objects.in_tenant(tenant).filter(activity="Update device").count() == 1


def test_second_delete_says_that_the_devices_are_gone(portal, listing, laptop):
    portal.post(listing, {"id": [laptop.pk], "do": "delete"})

    response = portal.post(listing, {"id": [laptop.pk], "do": "delete"})

    assert response.status_code == 422
    assert "The selected devices no longer exist." in response.content.decode()


@pytest.mark.parametrize("posted", [{"ask": "delete"}, {"do": "delete"}, {"ask": "delete", "id": ["x", "1" * 36]}])
def test_nothing_ticked_is_refused(portal, listing, laptop, posted):
    response = portal.post(listing, posted)

    assert response.status_code == 422
    assert "Select at least one device." in response.content.decode()


def test_unknown_command_is_refused(portal, listing, laptop):
    assert portal.post(listing, {"id": [laptop.pk], "ask": "explode"}).status_code == 422


def test_devices_of_another_tenant_are_out_of_reach(portal, listing):
    other = DirectoryDeviceFactory()

    response = portal.post(listing, {"id": [other.pk], "do": "delete"})

    assert response.status_code == 422
    assert DirectoryDevice.unscoped.filter(pk=other.pk).exists()


@pytest.mark.parametrize("posted", [{"ask": "delete"}, {"do": "delete"}, {"do": "enable"}, {"ask": "disable"}])
def test_help_desk_reads_but_changes_nothing(portal_as, listing, laptop, posted):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    assert "Azure AD devices: Enable, disable and delete" in client.get(listing).content.decode()
    assert client.post(listing, {"id": [laptop.pk], **posted}).status_code == 403
    assert DirectoryDevice.unscoped.filter(pk=laptop.pk, enabled=True).exists()


def test_cloud_device_administrator_may(portal_as, listing, laptop):
    response = portal_as(Role.CLOUD_DEVICE_ADMINISTRATOR).post(listing, {"id": [laptop.pk], "do": "disable"})

    assert response.status_code == 302


def test_manage_on_a_selection_leads_to_intune_for_one_device_of_intune(portal, tenant, listing, laptop):
    other = DirectoryDeviceFactory(tenant=tenant)

    one = portal.post(listing, {"id": [laptop.pk], "ask": "manage"})
    two = portal.post(listing, {"id": [laptop.pk, other.pk], "ask": "manage"})
    foreign = portal.post(listing, {"id": [other.pk], "ask": "manage"})

    assert one.url == reverse("devices:manage", args=[tenant.slug, laptop.pk])
    assert "Select one device to manage." in two.content.decode()
    assert "only for devices whose MDM is Microsoft Intune" in foreign.content.decode()


# Services


def test_disabling_is_in_the_journal_with_old_and_new_value(tenant, operator, laptop):
    device_services.set_enabled(tenant=tenant, actor=operator, ids=[laptop.pk], enabled=False)

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.category, entry.activity, entry.target_name) == ("Device", "Update device", "LT-0042")
    assert (entry.old_values, entry.new_values) == ({"Enabled": "Yes"}, {"Enabled": "No"})


def test_deleting_is_in_the_journal_with_what_was_there(tenant, operator, laptop):
    device_services.delete_devices(tenant=tenant, actor=operator, ids=[laptop.pk])

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.activity, entry.target_name, entry.old_values["Enabled"]) == ("Delete device", "LT-0042", "Yes")


@pytest.mark.parametrize("ids", [0, 101])
def test_none_and_too_many_are_refused(tenant, operator, ids):
    with pytest.raises(ValidationError, match=r"Select at (least one|most 100) device"):
        device_services.delete_devices(tenant=tenant, actor=operator, ids=[uuid.uuid4() for _ in range(ids)])


def test_service_asks_for_the_permission_by_itself(tenant, laptop):
    reader = MembershipFactory(tenant=tenant, role=Role.READ_ONLY_OPERATOR).operator

    with pytest.raises(MissingPermission):
        device_services.set_enabled(tenant=tenant, actor=reader, ids=[laptop.pk], enabled=False)


def test_intunes_record_stays_as_it_is(tenant, operator, laptop):
    device = ManagedDeviceFactory(tenant=tenant, device_name="LT-0042", azure_ad_device_id=laptop.device_id)

    device_services.delete_devices(tenant=tenant, actor=operator, ids=[laptop.pk])

    device.refresh_from_db()
    assert device.azure_ad_device_id == laptop.device_id


# One record


@pytest.fixture
def overview(tenant, laptop):
    return reverse("directory:device-overview", args=[tenant.slug, laptop.pk])


def test_record_shows_its_ids_and_whose_it_is(portal, tenant, overview, laptop):
    GroupFactory(tenant=tenant, display_name="Front desk", members=[laptop.owner])

    text = portal.get(overview).content.decode()

    for words in (str(laptop.device_id), str(laptop.pk), "Azure AD joined", "ana.torres@kestrel.example", "Front desk"):
        assert words in text


def test_record_leads_to_its_owner_and_to_the_owners_groups(portal, tenant, overview, laptop):
    desk = GroupFactory(tenant=tenant, display_name="Front desk", members=[laptop.owner])

    page = BeautifulSoup(portal.get(overview).content, "html.parser")

    owner, group = (page.find("a", string=name)["href"] for name in (laptop.owner.display_name, "Front desk"))
    assert owner == reverse("directory:user-overview", args=[tenant.slug, laptop.owner.pk])
    assert group == reverse("directory:group-overview", args=[tenant.slug, desk.pk])


def test_owner_and_groups_are_names_alone_for_a_role_that_reads_no_users(portal_as, tenant, overview, listing, laptop):
    GroupFactory(tenant=tenant, display_name="Front desk", members=[laptop.owner])
    client = portal_as(Role.CLOUD_DEVICE_ADMINISTRATOR)

    for address, names in (
        (overview, [laptop.owner.display_name, "Front desk"]),
        (listing, [laptop.owner.display_name]),
    ):
        page = BeautifulSoup(client.get(address).content, "html.parser")
        for name in names:
            assert page.find(string=name)
            assert not page.find("a", string=name)


def test_pending_disabled_and_duplicate_are_explained(portal, tenant, overview, laptop):
    older = DirectoryDeviceFactory(tenant=tenant, display_name="LT-0042", join_type=HYBRID, enabled=False)

    text = portal.get(reverse("directory:device-overview", args=[tenant.slug, older.pk])).content.decode()

    assert "The registration is pending" in text
    assert "The device is disabled" in text
    assert "Another record has the same name." in text
    assert "Another record has the same name." in portal.get(overview).content.decode()


def test_question_opens_without_script_and_its_answer_is_done(portal, tenant, overview, laptop):
    soup = soup_of(portal.get(f"{overview}?pane=disable"))
    assert "LT-0042" in soup.select_one("dialog#confirm-disable[open]").get_text()

    response = portal.post(overview, {"do": "disable"}, follow=True)

    assert "Successfully disabled &#x27;LT-0042&#x27;." in response.content.decode()
    assert "The device is disabled" in response.content.decode()
    laptop.refresh_from_db()
    assert not laptop.enabled


def test_deleted_record_leads_back_to_the_list(portal, tenant, overview, listing, laptop):
    response = portal.post(overview, {"do": "delete"}, follow=True)

    assert response.redirect_chain[-1][0] == listing
    assert not DirectoryDevice.objects.in_tenant(tenant).exists()


def test_command_that_would_change_nothing_says_why(portal, overview):
    enable = soup_of(portal.get(overview)).select_one(".cmd[aria-disabled=true]")

    assert enable["title"] == "The device is enabled."


def test_record_is_read_in_few_statements(portal, overview, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        portal.get(overview)


def test_help_desk_sees_why_the_commands_are_greyed_out(portal_as, overview):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    soup = soup_of(client.get(overview))

    assert len(soup.select('.cmd[title*="Azure AD devices: Enable, disable and delete"]')) == 3
    assert soup.select("dialog.confirm") == []
    assert client.post(overview, {"do": "disable"}).status_code == 403


# Manage


def test_manage_leads_to_intunes_record_of_the_device(portal, tenant, overview, laptop):
    device = ManagedDeviceFactory(tenant=tenant, device_name="LT-0042", azure_ad_device_id=laptop.device_id)
    manage = next(link["href"] for link in soup_of(portal.get(overview)).select("a.cmd") if "Manage" in link.text)

    response = portal.get(manage)

    assert response.url == reverse("devices:overview", args=[tenant.slug, device.pk])


@pytest.mark.parametrize("same_user", [True, False])
def test_manage_finds_a_device_that_intune_calls_otherwise(portal, tenant, laptop, same_user):
    user = laptop.owner if same_user else None
    device = ManagedDeviceFactory(tenant=tenant, azure_ad_device_id=laptop.device_id, primary_user=user)
    ManagedDeviceFactory(tenant=tenant, primary_user=user)

    response = portal.get(reverse("devices:manage", args=[tenant.slug, laptop.pk]))

    assert response.url == reverse("devices:overview", args=[tenant.slug, device.pk])


def test_manage_without_a_record_in_intune_says_what_to_do(portal, tenant, laptop):
    ManagedDeviceFactory(device_name="LT-0042", azure_ad_device_id=laptop.device_id)

    text = portal.get(reverse("devices:manage", args=[tenant.slug, laptop.pk])).content.decode()

    assert "Intune has no device with this Azure AD device ID" in text
    assert reverse("directory:device-list", args=[tenant.slug]) + "?q=LT-0042" in text


def test_manage_of_a_device_of_no_mdm_says_so(portal, tenant):
    record = DirectoryDeviceFactory(tenant=tenant)

    page = portal.get(reverse("devices:manage", args=[tenant.slug, record.pk]))

    assert "No MDM manages this device" in page.content.decode()


def test_manage_is_greyed_out_where_intune_is_not_the_mdm(portal, tenant):
    record = DirectoryDeviceFactory(tenant=tenant)

    soup = soup_of(portal.get(reverse("directory:device-overview", args=[tenant.slug, record.pk])))

    manage = next(link for link in soup.select(".cmd") if "Manage" in link.text)
    assert manage["title"] == "Manage is available only for devices whose MDM is Microsoft Intune."
