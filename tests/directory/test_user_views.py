from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from directory.models import DirectoryUser, Group, Licence
from tenancy.roles import Role
from tests.factories import (
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    ManagedDeviceFactory,
    TenantFactory,
)


@pytest.fixture
def url(tenant):
    def build(name, *args):
        return reverse(f"directory:{name}", args=[tenant.slug, *args])

    return build


@pytest.fixture
def ada(tenant):
    return DirectoryUserFactory(
        tenant=tenant,
        display_name="Ada Lind",
        surname="Lind",
        upn="ada@kestrel.example",
        department="Sales",
        country="Sweden",
        usage_location="SE",
    )


@pytest.fixture
def people(tenant, ada):
    """Ada Lind (Sales, licensed), Bo Berg (Finance, blocked), Cy (nothing)."""
    LicenceFactory(tenant=tenant, user=ada)
    DirectoryUserFactory(
        tenant=tenant,
        display_name="Bo Berg",
        surname="Berg",
        upn="bo@kestrel.example",
        department="Finance",
        country="Poland",
        account_enabled=False,
    )
    DirectoryUserFactory(tenant=tenant, display_name="Cy", upn="zed@kestrel.example")
    DirectoryUserFactory(tenant=TenantFactory(), display_name="Adam Elsewhere")


def names(response):
    table = BeautifulSoup(response.content, "html.parser").select_one(".grid")
    return [row.select("td")[1].get_text(strip=True) for row in table.select("tbody tr")]


def toasts(response):
    return [
        toast.get_text(" ", strip=True) for toast in BeautifulSoup(response.content, "html.parser").select(".toast")
    ]


# The list


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Ada Lind", "Bo Berg", "Cy"]),
        ("?sort=-name", ["Cy", "Bo Berg", "Ada Lind"]),
        ("?sort=upn&q=", ["Ada Lind", "Bo Berg", "Cy"]),
        ("?q=ada", ["Ada Lind"]),
        ("?q=BERG", ["Bo Berg"]),
        ("?q=zed@", ["Cy"]),
        ("?q=erg", []),
        ("?q=%25", []),
        ("?department=Finance", ["Bo Berg"]),
        ("?department=sales&department=finance", ["Ada Lind", "Bo Berg"]),
        ("?country=poland&department=Sales", []),
        ("?blocked=yes", ["Bo Berg"]),
        ("?blocked=no", ["Ada Lind", "Cy"]),
        ("?blocked=no&blocked=yes", ["Ada Lind", "Bo Berg", "Cy"]),
        ("?intune=yes", ["Ada Lind"]),
        ("?intune=no", ["Bo Berg", "Cy"]),
        ("?intune=&blocked=maybe&sort=nonsense&page=9&after=x", ["Ada Lind", "Bo Berg", "Cy"]),
    ],
)
def test_list_shows_what_search_and_filters_leave(portal, url, people, query, found):
    assert names(portal.get(url("user-list") + query)) == found


def test_list_has_the_columns_of_the_portal(portal, url, people):
    soup = BeautifulSoup(portal.get(url("user-list")).content, "html.parser")

    heads = [head.get_text(strip=True) for head in soup.select(".grid thead th")][1:]
    assert heads == [
        "Name", "User name", "User type", "Job title", "Department", "Country or region", "Account enabled", "Licenses",
    ]  # fmt: skip
    cells = [cell.get_text(strip=True) for cell in soup.select(".grid tbody tr")[0].select("td")][1:]
    assert cells == ["Ada Lind", "ada@kestrel.example", "Member", "", "Sales", "Sweden", "Yes", "Microsoft Intune"]


def test_list_asks_the_same_number_of_questions_for_few_and_for_many(portal, url, tenant):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            portal.get(url("user-list"))
        return len(captured)

    for n in range(3):
        LicenceFactory(tenant=tenant, user=DirectoryUserFactory(tenant=tenant, department=f"D{n}"))
    few = statements()
    for n in range(40):
        LicenceFactory(tenant=tenant, user=DirectoryUserFactory(tenant=tenant, department=f"D{n}"))

    assert statements() == few


def test_list_offers_the_departments_that_there_are(portal, url, people):
    page = portal.get(url("user-list")).content.decode()

    assert 'value="finance"' in page
    assert 'value="sales"' in page


def test_fragment_is_the_list_alone(portal, url, people):
    page = portal.get(url("user-list") + "?q=ada", headers={"HX-Request": "true"}).content.decode()

    assert "Ada Lind" in page
    assert "<h1" not in page


def test_search_that_finds_nobody_offers_the_way_back(portal, url, people):
    page = portal.get(url("user-list") + "?q=qqq").content.decode()

    assert "No users match the filters." in page
    assert "The search finds names, last names and user names by their beginning." in page
    assert "Clear filters" in page


# Deleting


def test_ticked_users_are_asked_about_and_then_deleted(portal, url, people, tenant):
    ids = [str(pk) for pk in DirectoryUser.objects.in_tenant(tenant).values_list("pk", flat=True)[:2]]

    asked = portal.post(url("user-list"), {"ask": "delete", "id": ids})
    done = portal.post(url("user-list"), {"do": "delete", "id": ids}, follow=True)

    assert "This action will permanently delete 2 users." in asked.content.decode()
    assert toasts(done) == ["Users deleted Successfully deleted 2 users."]
    assert names(done) == ["Cy"]


@pytest.mark.parametrize("ids", [[], ["nonsense"]])
def test_deleting_nobody_is_refused(portal, url, people, tenant, ids):
    response = portal.post(url("user-list"), {"ask": "delete", "id": ids})

    assert response.status_code == 422
    assert DirectoryUser.objects.in_tenant(tenant).count() == 3


def test_second_click_on_delete_says_that_it_is_done(portal, url, people, ada):
    first = portal.post(url("user-list"), {"do": "delete", "id": [str(ada.pk)]}, follow=True)
    second = portal.post(url("user-list"), {"do": "delete", "id": [str(ada.pk)]}, follow=True)

    assert toasts(first) == ["User deleted Successfully deleted 'Ada Lind'."]
    assert toasts(second) == ["No user deleted They had been deleted already."]


def test_foreign_user_is_not_deleted(portal, url, people):
    foreign = DirectoryUser.unscoped.get(display_name="Adam Elsewhere")

    portal.post(url("user-list"), {"do": "delete", "id": [str(foreign.pk)]})

    assert DirectoryUser.unscoped.filter(pk=foreign.pk).exists()


def test_user_is_deleted_from_the_profile(portal, url, ada, tenant):
    asked = portal.get(url("user-overview", ada.pk) + "?pane=delete").content.decode()
    done = portal.post(url("user-overview", ada.pk), follow=True)

    assert "permanently delete the user &#x27;Ada Lind&#x27;" in asked
    assert done.redirect_chain[-1][0] == url("user-list")
    assert not DirectoryUser.objects.in_tenant(tenant).exists()


# Create and edit

NEW = {"upn": "cleo", "display_name": "Cleo Marsh", "blocked": "no", "usage_location": "GB", "department": "Sales"}


def test_new_user_gets_the_domain_of_the_directory(portal, url, tenant):
    response = portal.post(url("user-create"), NEW, follow=True)

    user = DirectoryUser.objects.in_tenant(tenant).get()
    assert (user.upn, user.usage_location, user.account_enabled) == ("cleo@kestrel.example", "GB", True)
    assert "User created Successfully created user 'Cleo Marsh'." in toasts(response)[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"upn": ""}, "Enter a user name."),
        ({"display_name": " "}, "Enter a name."),
        ({"upn": "cleo marsh"}, "Enter a user name of letters, digits"),
        ({"upn": "cleo@contoso.example"}, "Enter a user name in the domain kestrel.example."),
        ({"upn": "ADA"}, "The user name is taken. Enter another one."),
        ({"display_name": "C" * 121}, "Enter at most 120 characters."),
        ({"usage_location": "XX"}, "XX is not one of the available choices."),
    ],
)
def test_new_user_is_refused_beside_the_field_and_nothing_typed_is_lost(portal, url, tenant, ada, change, sentence):
    response = portal.post(url("user-create"), {**NEW, **change})

    assert response.status_code == 422
    soup = BeautifulSoup(response.content, "html.parser")
    assert sentence in soup.select_one(".row__control .err").get_text()
    assert soup.find(id="id_department")["value"] == "Sales"
    assert DirectoryUser.objects.in_tenant(tenant).count() == 1


def test_edit_starts_from_the_profile_and_saves_it(portal, url, ada):
    form = BeautifulSoup(portal.get(url("user-edit", ada.pk)).content, "html.parser")
    typed = {field["name"]: field.get("value", "") for field in form.select(".form input.input")}

    response = portal.post(
        url("user-edit", ada.pk),
        {**typed, "department": "Finance", "blocked": "yes", "usage_location": "SE"},
        follow=True,
    )

    ada.refresh_from_db()
    assert (ada.department, ada.account_enabled, ada.display_name) == ("Finance", False, "Ada Lind")
    assert "Sign-in is blocked" in response.content.decode()


def test_edit_that_takes_the_usage_location_of_a_licensed_user_is_refused(portal, url, ada, tenant):
    LicenceFactory(tenant=tenant, user=ada)

    response = portal.post(url("user-edit", ada.pk), {"upn": ada.upn, "display_name": "Ada", "usage_location": ""})

    assert response.status_code == 422
    assert "Remove the user&#x27;s licenses before the usage location." in response.content.decode()


# Groups, licenses, devices


def test_memberships_are_added_through_the_picker_and_removed_by_ticks(portal, url, ada, tenant):
    desk, leads = (GroupFactory(tenant=tenant, display_name=name) for name in ("Front desk", "Leads"))
    address = url("user-groups", ada.pk)

    added = portal.post(address, {"groups": [str(desk.pk), str(leads.pk)], "groups_done": "1"}, follow=True)
    removed = portal.post(address, {"id": [str(desk.pk)]}, follow=True)

    assert toasts(added) == ["Memberships added 'Ada Lind' was added to 2 groups."]
    assert toasts(removed) == ["Memberships removed 'Ada Lind' was removed from 1 group."]
    assert names(removed) == ["Leads"]


@pytest.mark.parametrize("data", [{}, {"groups_done": "1"}, {"id": "nonsense"}])
def test_changing_no_membership_is_refused(portal, url, ada, data):
    response = portal.post(url("user-groups", ada.pk), data)

    assert response.status_code == 422
    assert "Select at least one group." in response.content.decode()


def test_membership_that_follows_from_a_rule_is_not_changed(portal, url, ada, tenant):
    group = GroupFactory(tenant=tenant, display_name="Sellers", kind=Group.Kind.DYNAMIC, rule="x", members=[ada])

    response = portal.post(url("user-groups", ada.pk), {"id": [str(group.pk)]})

    assert response.status_code == 422
    assert "follows from a rule" in response.content.decode()
    assert ada.memberships.count() == 1


def test_licences_are_assigned_by_ticks(portal, url, ada):
    response = portal.post(url("user-licence-assignments", ada.pk), {"skus": ["intune", "aad_premium_p1"]}, follow=True)

    page = response.content.decode()
    assert ada.licences.count() == 2
    assert "Azure Active Directory Premium P1" in page
    assert toasts(response)[0].startswith("License assignments updated")


def test_licence_without_usage_location_is_refused_with_the_way_to_give_one(portal, url, ada):
    DirectoryUser.unscoped.filter(pk=ada.pk).update(usage_location="")

    response = portal.post(url("user-licence-assignments", ada.pk), {"skus": ["intune"]})

    assert response.status_code == 422
    assert "License cannot be assigned to a user without a usage location specified." in response.content.decode()
    assert url("user-edit", ada.pk) in response.content.decode()
    assert not Licence.unscoped.exists()


def test_unknown_product_is_refused(portal, url, ada):
    assert portal.post(url("user-licence-assignments", ada.pk), {"skus": ["office"]}).status_code == 422


def test_devices_of_both_places_stand_side_by_side(portal, url, ada, tenant):
    record = DirectoryDeviceFactory(tenant=tenant, owner=ada, display_name="KL-AAD")
    device = ManagedDeviceFactory(tenant=tenant, primary_user=ada, device_name="KL-INTUNE")

    page = portal.get(url("user-devices", ada.pk)).content.decode()

    assert reverse("directory:device-overview", args=[tenant.slug, record.pk]) in page
    assert reverse("devices:overview", args=[tenant.slug, device.pk]) in page


# Roles


def test_help_desk_operator_sees_commands_greyed_out_with_the_reason(portal_as, url, ada):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    for name, label in (("user-list", "New user"), ("user-overview", "Delete"), ("user-licences", "Assignments")):
        args = [] if name == "user-list" else [ada.pk]
        soup = BeautifulSoup(client.get(url(name, *args)).content, "html.parser")
        command = next(tag for tag in soup.select(".cmd") if tag.get_text(strip=True) == label)
        assert command["aria-disabled"] == "true"
        assert "Users and groups: Update" in command["title"]


@pytest.mark.parametrize("name", ["user-list", "user-overview", "user-groups"])
def test_help_desk_operator_posts_in_vain(portal_as, url, ada, name, tenant):
    args = [] if name == "user-list" else [ada.pk]

    response = portal_as(Role.HELP_DESK_OPERATOR).post(url(name, *args), {"do": "delete", "id": [str(ada.pk)]})

    assert response.status_code == 403
    assert DirectoryUser.objects.in_tenant(tenant).count() == 1
