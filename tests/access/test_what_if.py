"""What If: which policies would meet a sign-in, and the first reason why the others would not."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from access.models import Intent
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    AccessPolicyFactory,
    DirectoryUserFactory,
    GroupFactory,
    PolicyGroupFactory,
    PolicyUserFactory,
    TenantFactory,
)

URL = "/t/kestrel/conditional-access/what-if/"


@pytest.fixture
def user(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ada Lind", upn="ada@kestrel.example")


def page(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def words(node) -> str:
    return " ".join(node.get_text(" ").split())


def ask(portal, user, **answers):
    return portal.get(URL, {"user": user.pk, "evaluate": "1", **answers})


def applying(portal, user, **answers) -> list[list[str]]:
    return [[words(cell) for cell in row.select("td")] for row in page(ask(portal, user, **answers)).select("tbody tr")]


def others(portal, user, **answers) -> dict[str, str]:
    rows = applying(portal, user, show="not", **answers)
    return {row[0]: row[2] for row in rows}


def test_blade_says_what_it_does_not_evaluate(portal, tenant):
    document = page(portal.get(URL))

    assert words(document.h1) == "What If"
    assert "Classic policies are not evaluated by this tool." in words(document)
    assert "IP address, Country, Client apps and Sign-in risk are not in this console" in words(document)
    assert not document.select(".tabs")


def test_policies_that_will_apply_stand_with_their_controls(portal, tenant, user):
    AccessPolicyFactory(tenant=tenant, display_name="A", require_mfa=True)
    AccessPolicyFactory(tenant=tenant, display_name="B", require_mfa=True, operator="one")
    AccessPolicyFactory(tenant=tenant, display_name="C", grant="block")

    document = page(ask(portal, user))

    assert [words(tab) for tab in document.select(".tabs a")] == [
        "Policies that will apply (3)",
        "Policies that will not apply (0)",
    ]
    assert [words(head) for head in document.select("th")] == ["Policy Name", "State", "Grant controls"]
    assert applying(portal, user) == [
        ["A", "On", "Require multi-factor authentication and Require device to be marked as compliant"],
        ["B", "On", "Require multi-factor authentication or Require device to be marked as compliant"],
        ["C", "On", "Block access"],
    ]


def test_device_state_says_which_control_is_satisfied(portal, tenant, user):
    AccessPolicyFactory(tenant=tenant, display_name="A")

    assert applying(portal, user, compliant="on")[0][2] == "Require device to be marked as compliant (satisfied)"


def test_each_other_policy_stands_with_the_first_condition_that_is_not_met(portal, tenant, user):
    group = GroupFactory(tenant=tenant, members=[user])
    AccessPolicyFactory(tenant=tenant, display_name="users", all_users=False, all_apps=False, state="off")
    excluded = AccessPolicyFactory(tenant=tenant, display_name="excluded")
    PolicyGroupFactory(tenant=tenant, policy=excluded, group=group, intent=Intent.EXCLUDE)
    AccessPolicyFactory(tenant=tenant, display_name="apps", all_apps=False, included_apps=["teams"])
    AccessPolicyFactory(tenant=tenant, display_name="app excluded", excluded_apps=["exchange_online"])
    AccessPolicyFactory(
        tenant=tenant, display_name="platform", platforms="selected", included_platforms=["macos"], state="off"
    )
    AccessPolicyFactory(tenant=tenant, display_name="platform excluded", platforms="any", excluded_platforms=["ios"])
    AccessPolicyFactory(tenant=tenant, display_name="off", state="off")
    AccessPolicyFactory(tenant=tenant, display_name="report-only", state="report_only")

    assert others(portal, user, app="exchange_online", platform="ios") == {
        "users": "Users and groups",
        "excluded": "Users and groups",
        "apps": "Cloud apps",
        "app excluded": "Cloud apps",
        "platform": "Device platform",
        "platform excluded": "Device platform",
        "off": "Policy not enabled",
        "report-only": "Policy not enabled",
    }


def test_policy_that_needs_what_was_not_given_lacks_information(portal, tenant, user):
    AccessPolicyFactory(tenant=tenant, display_name="app", all_apps=False, included_apps=["teams"])
    AccessPolicyFactory(tenant=tenant, display_name="but an app", excluded_apps=["teams"])
    AccessPolicyFactory(tenant=tenant, display_name="platform", platforms="selected", included_platforms=["macos"])
    AccessPolicyFactory(tenant=tenant, display_name="but a platform", platforms="any", excluded_platforms=["ios"])
    AccessPolicyFactory(tenant=tenant, display_name="any platform", platforms="any")

    assert set(others(portal, user).values()) == {"Not enough information"}
    assert [row[0] for row in applying(portal, user)] == ["any platform"]
    assert [row[0] for row in applying(portal, user, app="teams", platform="macos")] == [
        "any platform",
        "app",
        "but a platform",
        "platform",
    ]


def test_no_policy_is_no_promise_where_information_is_lacking(portal, tenant, user):
    before = words(page(ask(portal, user)))
    AccessPolicyFactory(tenant=tenant, all_apps=False, included_apps=["teams"])

    after = words(page(ask(portal, user)))

    assert "No policies will apply. Nothing is asked of this sign-in." in before
    assert "No policies will apply. Not enough is known of the sign-in to tell of every policy." in after


def test_member_of_an_included_group_and_a_user_by_name_are_met(portal, tenant, user):
    group = GroupFactory(tenant=tenant, members=[user])
    by_group = AccessPolicyFactory(tenant=tenant, display_name="by group", all_users=False)
    PolicyGroupFactory(tenant=tenant, policy=by_group, group=group)
    by_name = AccessPolicyFactory(tenant=tenant, display_name="by name", all_users=False)
    PolicyUserFactory(tenant=tenant, policy=by_name, user=user)

    assert [row[0] for row in applying(portal, user)] == ["by group", "by name"]


def test_tool_of_today_evaluates_report_only_policies_as_well(portal, tenant, user):
    AccessPolicyFactory(tenant=tenant, display_name="report-only", state="report_only")
    tenant.vocabulary = Tenant.Vocabulary.TODAY
    tenant.save()

    assert [row[:2] for row in applying(portal, user)] == [["report-only", "Report-only"]]


def test_user_is_required(portal, tenant):
    response = portal.get(URL, {"evaluate": "1"})

    assert response.status_code == 422
    assert words(page(response).find(id="user-error")) == "Select a user."


@pytest.mark.parametrize("foreign", [True, False], ids=["foreign", "nonsense"])
def test_user_of_another_directory_is_nobody(portal, tenant, foreign):
    other = DirectoryUserFactory(tenant=TenantFactory(), display_name="Foreign Person")

    response = portal.get(URL, {"evaluate": "1", "user": other.pk if foreign else "zzz"})

    assert response.status_code == 422
    assert words(page(response).find(id="user-error")) == "The selected user no longer exists. Select another one."
    assert "Foreign Person" not in response.text


@pytest.mark.parametrize(("name", "what"), [("app", "a cloud app"), ("platform", "a device platform")])
def test_unknown_answer_in_the_address_is_refused_beside_its_field(portal, tenant, user, name, what):
    response = ask(portal, user, **{name: "nonsense"})

    assert response.status_code == 422
    assert words(page(response).find(id=f"id_{name}_error")) == f"Select {what} of the list."
    assert not page(response).select(".tabs")


def test_user_is_picked_without_script_and_the_address_stays_fit_to_pass_on(portal, tenant, user):
    DirectoryUserFactory(tenant=tenant, display_name="Bo Berg")

    opened = page(portal.get(URL, {"app": "teams", "pane": "user", "user_q": "ada"}))
    chosen = portal.get(URL, {"app": "teams", "platform": "", "user_q": "ada", "user": user.pk, "user_done": "1"})
    back = page(portal.get(chosen.url))

    assert opened.find(id="pane-user").has_attr("open")
    assert [words(node) for node in opened.select("#pane-user .pick [data-name]")] == ["Ada Lind"]
    assert opened.find(id="id_app").find("option", selected=True)["value"] == "teams"
    assert chosen.url == f"{URL}?user={user.pk}&app=teams"
    assert "Ada Lind (ada@kestrel.example)" in words(back.find(id="user"))
    # What the browser sends with "What If" holds the empty search of the picker, too.
    sent = portal.get(URL, {"user": user.pk, "user_q": "", "app": "teams", "evaluate": "1"})
    assert sent.url == f"{URL}?user={user.pk}&app=teams&evaluate=1"


def test_search_as_one_types_brings_the_pane_alone(portal, tenant):
    response = portal.get(URL, {"user_q": "zzz"}, headers={"HX-Request": "true"})

    assert response.text.lstrip().startswith("<dialog")
    assert "No users match 'zzz'." in response.text


def test_blocked_user_is_pointed_out(portal, tenant):
    blocked = DirectoryUserFactory(tenant=tenant, account_enabled=False)

    assert "Sign in of this user is blocked." in words(page(ask(portal, blocked)))


def test_many_policies_are_paged_with_a_constant_number_of_statements(
    portal, tenant, user, django_assert_max_num_queries
):
    for number in range(120):
        AccessPolicyFactory(tenant=tenant, display_name=f"Policy {number:03}")

    with django_assert_max_num_queries(12):
        first = page(ask(portal, user))
    second = page(portal.get(URL + first.find(id="page-next")["href"]))

    assert "Showing 1 to 50 of 120 policies" in words(first)
    assert words(second.select("tbody tr")[0].td) == "Policy 050"
    assert words(second.select_one(".tabs a")) == "Policies that will apply (120)"


def test_reader_may_ask_and_help_desk_may_not(portal_as, tenant, user):
    assert ask(portal_as(Role.SECURITY_READER), user).status_code == 200
    assert ask(portal_as(Role.HELP_DESK_OPERATOR), user).status_code == 403


def test_list_leads_to_the_tool(portal, tenant):
    document = page(portal.get("/t/kestrel/conditional-access/"))

    commands = {words(node): node["href"] for node in document.select(".cmd[href]")}
    assert commands["What If"] == URL
