from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from directory.models import Group
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import ConfigurationFactory, DirectoryUserFactory, GroupFactory, TenantFactory

SALES = '(user.department -eq "Sales")'


@pytest.fixture
def url(tenant):
    def build(name, *args):
        return reverse(f"directory:{name}", args=[tenant.slug, *args])

    return build


@pytest.fixture
def ada(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ada Lind", upn="ada@kestrel.example", department="Sales")


@pytest.fixture
def desk(tenant):
    return GroupFactory(tenant=tenant, display_name="Front desk", description="Reception")


@pytest.fixture
def sellers(tenant, ada):
    return GroupFactory(tenant=tenant, display_name="Sellers", kind=Group.Kind.DYNAMIC, rule=SALES, members=[ada])


def soup(response):
    return BeautifulSoup(response.content, "html.parser")


def names(response, column=0):
    table = soup(response).select_one(".grid")
    return [row.select("td")[column].get_text(strip=True) for row in table.select("tbody tr")]


def toasts(response):
    return [toast.get_text(" ", strip=True) for toast in soup(response).select(".toast")]


# The list


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Front desk", "Sellers"]),
        ("?sort=-name", ["Sellers", "Front desk"]),
        ("?q=fro", ["Front desk"]),
        ("?q=desk", []),
        ("?membership=dynamic", ["Sellers"]),
        ("?membership=assigned&membership=dynamic", ["Front desk", "Sellers"]),
    ],
)
def test_list_shows_what_search_and_filter_leave(portal, url, desk, sellers, query, found):
    GroupFactory(tenant=TenantFactory(), display_name="Foreign")

    assert names(portal.get(url("group-list") + query)) == found


def test_list_asks_the_same_number_of_questions_for_few_and_for_many(portal, url, tenant, desk):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            portal.get(url("group-list"))
        return len(captured)

    few = statements()
    for _ in range(30):
        GroupFactory(tenant=tenant)

    assert statements() == few


# New Group


def test_new_group_has_the_owners_and_members_chosen(portal, url, tenant, ada):
    bo = DirectoryUserFactory(tenant=tenant)
    data = {"display_name": "Pilot", "kind": "assigned", "owners": [str(bo.pk)], "members": [str(ada.pk), str(ada.pk)]}

    response = portal.post(url("group-create"), data, follow=True)

    group = Group.objects.in_tenant(tenant).get()
    assert list(group.memberships.values_list("user", flat=True)) == [ada.pk]
    assert list(group.ownerships.values_list("user", flat=True)) == [bo.pk]
    assert "Successfully created group 'Pilot'." in toasts(response)[0]


def test_new_dynamic_group_ignores_members_and_follows_its_rule(portal, url, tenant, ada):
    bo = DirectoryUserFactory(tenant=tenant)
    data = {"display_name": "Sellers", "kind": "dynamic", "rule": SALES, "members": [str(bo.pk)]}

    portal.post(url("group-create"), data)

    group = Group.objects.in_tenant(tenant).get()
    assert list(group.memberships.values_list("user", flat=True)) == [ada.pk]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"kind": "assigned"}, "Enter a group name."),
        ({"display_name": "FRONT DESK", "kind": "assigned"}, "Another group already has this name."),
        ({"display_name": "New", "kind": "dynamic"}, "Enter a membership rule."),
        (
            {"display_name": "New", "kind": "dynamic", "rule_property": "department", "rule_value": "Sales"},
            "Select Add expression, so that the rule has what you chose.",
        ),
        ({"display_name": "New", "kind": "dynamic", "rule": "user.x"}, "'user.x' is not known here (character 1)."),
        ({"display_name": "New", "kind": "sets"}, "sets is not one of the available choices."),
    ],
)
def test_new_group_is_refused_where_the_mistake_is(portal, url, tenant, desk, ada, data, sentence):
    response = portal.post(url("group-create"), {**data, "owners": [str(ada.pk)]})

    assert response.status_code == 422
    assert sentence in " ".join(tag.get_text() for tag in soup(response).select(".err"))
    assert "1 user selected" in response.content.decode()
    assert Group.objects.in_tenant(tenant).count() == 1


def test_pickers_keep_what_is_typed_and_ticked_without_script(portal, url, tenant, ada):
    bo = DirectoryUserFactory(tenant=tenant, display_name="Bo Berg")
    typed = {"display_name": "Pilot", "kind": "assigned"}

    opened = portal.post(url("group-create"), {**typed, "pane": "members"})
    searched = portal.post(
        url("group-create"),
        {**typed, "pane": "members", "members": [str(ada.pk)], "members_q": "bo", "members_was": "-"},
    )
    selected = portal.post(
        url("group-create"), {**typed, "members": [str(ada.pk), str(bo.pk)], "members_was": "-", "members_done": "1"}
    )

    assert soup(opened).find(id="pane-members").has_attr("open")
    assert [tag.get_text() for tag in soup(searched).select("#pane-members-list [data-name]")] == ["Bo Berg"]
    assert [tag.get_text() for tag in soup(searched).select("#pane-members .chosen li [data-name]")] == ["Ada Lind"]
    assert "2 users selected" in selected.content.decode()
    assert soup(selected).find(id="id_display_name")["value"] == "Pilot"
    assert not Group.objects.in_tenant(tenant).exists()


def test_membership_type_changes_the_form_with_and_without_script(portal, url):
    by_script = portal.get(url("group-create") + "?kind=dynamic&rule=x")
    without = portal.post(url("group-create"), {"display_name": "Pilot", "kind": "dynamic", "redraw": "1"})

    for response in (by_script, without):
        assert response.status_code == 200
        assert soup(response).select_one("#membership textarea[name=rule]")
        assert not soup(response).select_one("#membership .selector")
    assert soup(without).find(id="id_display_name")["value"] == "Pilot"


def test_builder_adds_and_removes_expressions_and_saves_nothing(portal, url, tenant):
    row = {"rule_property": "user.department", "rule_operator": "-eq", "rule_value": "Sales", "rule_add": "1"}
    more = {"rule_joiner": "-or", "rule_property": "user.city", "rule_operator": "-in", "rule_value": "Leeds, York"}

    first = portal.post(url("group-create"), {"kind": "dynamic", **row})
    second = portal.post(url("group-create"), {"kind": "dynamic", "rule": SALES, "rule_add": "1", **more})
    rule = soup(second).select_one("textarea[name=rule]").get_text().strip()
    third = portal.post(url("group-create"), {"kind": "dynamic", "rule": rule, "rule_drop": "0"})

    assert soup(first).select_one("textarea[name=rule]").get_text().strip() == SALES
    assert rule == f'{SALES} -or (user.city -in ["Leeds", "York"])'
    assert soup(third).select_one("textarea[name=rule]").get_text().strip() == '(user.city -in ["Leeds", "York"])'
    assert not Group.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"rule_property": "", "rule_operator": "-eq", "rule_value": "x"}, "Select a property and an operator."),
        ({"rule_property": "user.city", "rule_operator": "", "rule_value": "x"}, "Select a property and an operator."),
        ({"rule_property": "user.city", "rule_operator": "-eq", "rule_value": " "}, "Enter a value, or null."),
        ({"rule_property": "user.city", "rule_operator": "-in", "rule_value": ","}, "Enter values with commas"),
        ({"rule_property": "user.accountEnabled", "rule_operator": "-eq", "rule_value": "yes"}, "true or false"),
        ({"rule_property": "user.city", "rule_operator": "-contains", "rule_value": "null"}, "not by -contains"),
    ],
)
def test_builder_says_what_it_misses_and_keeps_the_row(portal, url, row, sentence):
    response = portal.post(url("group-create"), {"kind": "dynamic", "rule_add": "1", **row})

    assert sentence in soup(response).find(id="builder-error").get_text()
    assert soup(response).find("input", {"name": "rule_value"})["value"] == row["rule_value"]


# Overview, properties, delete


def test_overview_names_what_uses_the_group_with_its_page(portal, url, tenant, desk):
    configuration = ConfigurationFactory(tenant=tenant, groups=[desk])

    page = soup(portal.get(url("group-overview", desk.pk)))

    link = page.find("a", string="VMware Workspace ONE mobile compliance for iOS/iPadOS")
    assert link["href"] == reverse("partners:properties", args=[tenant.slug, configuration.pk])


def test_group_in_use_is_not_deleted(portal, url, tenant, desk):
    ConfigurationFactory(tenant=tenant, groups=[desk])

    response = portal.post(url("group-overview", desk.pk))

    assert response.status_code == 422
    assert "is still used by: VMware Workspace ONE" in soup(response).select_one("[role=alert]").get_text()
    assert Group.objects.in_tenant(tenant).exists()


def test_group_is_deleted_once(portal, url, tenant, desk):
    first = portal.post(url("group-overview", desk.pk), follow=True)
    second = portal.post(url("group-overview", desk.pk))

    assert toasts(first) == ["Group deleted Successfully deleted 'Front desk'."]
    assert second.status_code == 404


def test_properties_are_edited(portal, url, desk):
    data = {"display_name": "Reception", "description": "Desk", "kind": "assigned"}

    response = portal.post(url("group-properties", desk.pk), data, follow=True)

    desk.refresh_from_db()
    assert (desk.display_name, desk.description) == ("Reception", "Desk")
    assert toasts(response) == ["Group updated Successfully updated 'Reception'."]


def test_properties_turn_an_assigned_group_into_a_dynamic_one(portal, url, desk, ada, tenant):
    bo = DirectoryUserFactory(tenant=tenant)
    desk.memberships.create(tenant=tenant, user=bo)

    asked = portal.get(url("group-properties", desk.pk) + "?kind=dynamic").content.decode()
    portal.post(url("group-properties", desk.pk), {"display_name": "Sales", "kind": "dynamic", "rule": SALES})

    assert "its present members are replaced" in asked
    assert list(desk.memberships.values_list("user", flat=True)) == [ada.pk]


def test_dynamic_group_says_that_it_is_being_evaluated(portal, url, tenant, operator):
    Tenant.objects.filter(pk=tenant.pk).update(propagation=Tenant.Propagation.REAL)
    portal.post(url("group-create"), {"display_name": "Sellers", "kind": "dynamic", "rule": SALES})
    group = Group.objects.in_tenant(tenant).get()

    assert "Evaluating" in portal.get(url("group-overview", group.pk)).content.decode()
    assert "The members follow within minutes." in portal.get(url("group-rule", group.pk)).content.decode()


# Members and owners


@pytest.mark.parametrize("role", ["members", "owners"])
def test_people_are_added_through_the_picker_and_removed_by_ticks(portal, url, desk, ada, role, tenant):
    bo = DirectoryUserFactory(tenant=tenant, display_name="Bo Berg")
    address = url(f"group-{role}", desk.pk)

    added = portal.post(address, {role: [str(ada.pk), str(bo.pk)], f"{role}_done": "1"}, follow=True)
    again = portal.post(address, {role: [str(ada.pk)], f"{role}_done": "1"}, follow=True)
    removed = portal.post(address, {"id": [str(ada.pk)]}, follow=True)
    twice = portal.post(address, {"id": [str(ada.pk)]}, follow=True)

    assert names(added, 1) == ["Ada Lind", "Bo Berg"]
    assert toasts(added) == [f"{role.capitalize()} added 2 {role} added to 'Front desk'."]
    one = role.removesuffix("s")
    assert f"No {one} added 1 {one} was there already." in toasts(again)
    assert f"No {one} removed 1 {one} was removed already." in toasts(twice)
    assert names(removed, 1) == ["Bo Berg"]


def test_members_are_searched_by_the_start_of_their_names(portal, url, tenant, ada, desk):
    outsider = DirectoryUserFactory(tenant=tenant, display_name="Ada Outside")
    bo = DirectoryUserFactory(tenant=tenant, display_name="Bo Berg")
    for user in (ada, bo):
        desk.memberships.create(tenant=tenant, user=user)

    response = portal.get(url("group-members", desk.pk) + "?q=ada")

    assert names(response, 1) == ["Ada Lind"]
    assert outsider.display_name not in names(response, 1)


def test_members_of_a_large_group_are_the_same_by_the_other_way(portal, url, tenant, ada, desk, monkeypatch):
    desk.memberships.create(tenant=tenant, user=ada)
    DirectoryUserFactory(tenant=tenant)
    monkeypatch.setattr("directory.queries.LARGE", 0)

    assert names(portal.get(url("group-members", desk.pk)), 1) == ["Ada Lind"]


def test_search_in_the_picker_fetches_the_picker_alone(portal, url, desk, ada):
    page = portal.get(url("group-members", desk.pk) + "?members_q=ada", headers={"HX-Request": "true"}).content.decode()

    assert "ada@kestrel.example" in page
    assert "<h1" not in page
    assert "grid" not in page


def test_changing_nobody_is_refused(portal, url, desk):
    for data in ({}, {"members_done": "1"}, {"id": "nonsense"}):
        response = portal.post(url("group-members", desk.pk), data)
        assert response.status_code == 422
        assert "Select at least one user." in response.content.decode()


def test_members_of_a_dynamic_group_are_not_changed_by_hand(portal, url, sellers, ada):
    page = soup(portal.get(url("group-members", sellers.pk)))
    response = portal.post(url("group-members", sellers.pk), {"id": [str(ada.pk)]})

    add = next(tag for tag in page.select(".cmd") if tag.get_text(strip=True) == "Add members")
    assert add["title"] == "The members follow from the membership rule."
    assert response.status_code == 422
    assert sellers.memberships.count() == 1


# Rules


def test_rule_is_saved_and_its_members_follow(portal, url, sellers, tenant):
    bo = DirectoryUserFactory(tenant=tenant, department="Finance")

    response = portal.post(
        url("group-rule", sellers.pk), {"rule": 'user.department -eq "Finance"', "save": "1"}, follow=True
    )

    assert list(sellers.memberships.values_list("user", flat=True)) == [bo.pk]
    assert toasts(response) == ["Rule updated Successfully updated the rule of 'Sellers'."]


def test_rule_that_is_not_understood_stays_in_the_text_box_with_the_position(portal, url, sellers):
    response = portal.post(url("group-rule", sellers.pk), {"rule": "user.department -eq Sales", "save": "1"})

    assert response.status_code == 422
    page = soup(response)
    assert "(character 21)" in page.find(id="id_rule_error").get_text()
    assert page.find(id="id_rule").get_text().strip() == "user.department -eq Sales"


def test_rule_is_validated_for_users_before_it_is_saved(portal, url, sellers, ada, tenant):
    bo = DirectoryUserFactory(tenant=tenant, display_name="Bo Berg", department="Finance")
    data = {"rule": 'user.department -eq "Finance"', "checked": [str(ada.pk), str(bo.pk)], "checked_done": "1"}

    page = soup(portal.post(url("group-rule", sellers.pk), data))

    table = next(table for table in page.select("table") if table.caption.get_text() == "Validate rules")
    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in table.select("tbody tr")]
    assert [(row[0], row[2]) for row in rows] == [("Ada Lind", "Not in group"), ("Bo Berg", "In group")]
    sellers.refresh_from_db()
    assert sellers.rule == SALES


def test_rule_that_rows_cannot_show_is_left_to_the_text_box(portal, url, tenant):
    group = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule='-not (user.city -eq "Leeds")')

    page = portal.get(url("group-rule", group.pk)).content.decode()

    assert "The rule builder cannot show this rule." in page
    assert "user.city -eq &quot;Leeds&quot;" in page


def test_builder_takes_five_expressions_and_shows_no_more(portal, url):
    five = " -or ".join(f'(user.city -eq "{n}")' for n in range(5))
    row = {"rule_property": "user.city", "rule_operator": "-eq", "rule_value": "x", "rule_add": "1"}

    added = portal.post(url("group-create"), {"kind": "dynamic", "rule": five, **row}).content.decode()
    six = portal.get(
        url("group-create"), {"kind": "dynamic", "rule": f'{five} -or (user.city -eq "5")'}
    ).content.decode()

    assert "The rule builder takes at most 5 expressions." in added
    assert "The rule builder cannot show this rule." in six


def test_assigned_group_has_no_rule(portal, url, desk):
    assert "No membership rule" in portal.get(url("group-rule", desk.pk)).content.decode()


# Roles


@pytest.mark.parametrize("name", ["group-overview", "group-properties", "group-members", "group-owners"])
def test_help_desk_operator_posts_in_vain(portal_as, url, desk, name):
    response = portal_as(Role.HELP_DESK_OPERATOR).post(
        url(name, desk.pk), {"display_name": "Mine", "kind": "assigned", "id": "x"}
    )

    assert response.status_code == 403
    desk.refresh_from_db()
    assert desk.display_name == "Front desk"


def test_help_desk_operator_validates_a_rule_but_does_not_save_it(portal_as, url, sellers, ada):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    validated = client.post(url("group-rule", sellers.pk), {"rule": SALES, "checked": [str(ada.pk)], "validate": "1"})
    saved = client.post(url("group-rule", sellers.pk), {"rule": SALES, "save": "1"})

    assert "In group" in validated.content.decode()
    assert saved.status_code == 403
