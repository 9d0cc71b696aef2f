"""Conditional Access > Policies as administrators meet it: the list, the form, what it refuses, and two tabs."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from bs4 import BeautifulSoup, Tag
from django.urls import reverse

from access import policy_forms, services
from access.models import Intent, Policy, PolicyGroup, PolicyUser
from blades.models import Notification
from directory.services import delete_group
from directory.user_services import delete_users
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tenancy.roles import Role
from tests.factories import (
    AccessPolicyFactory,
    DirectoryUserFactory,
    GroupFactory,
    PolicyGroupFactory,
    PolicyUserFactory,
    TenantFactory,
)

LIST = "/t/kestrel/conditional-access/"
NEW = f"{LIST}new/"
COMPLETE = {
    "request": "0123456789abcdef",
    "display_name": "Phones must be compliant",
    "users_mode": "all",
    "apps_mode": "selected",
    "apps": ["exchange_online"],
    "configure_platforms": "yes",
    "platforms": "selected",
    "included_platforms": ["android", "ios"],
    "grant": "grant",
    "controls": ["compliant_device"],
    "multiple": "all",
    "state": "on",
}


def url(policy) -> str:
    return f"{LIST}{policy.pk}/"


def page(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def words(node) -> str:
    return " ".join(node.get_text(" ").split())


def posted(response) -> dict[str, list[str]]:
    """What the browser would send of the form."""
    found: dict[str, list[str]] = {}
    document = page(response)
    (form,) = document.select("#blade-form")
    inputs = [*form.find_all("input"), *document.find_all("input", attrs={"form": "blade-form"})]
    for field in {id(field): field for field in inputs}.values():
        kind, name = field.get("type", "text"), str(field.get("name", ""))
        if name and (kind not in {"radio", "checkbox"} or field.has_attr("checked")):
            found.setdefault(name, []).append(str(field.get("value", "")))
    return found


def errors(response) -> list[str]:
    return [words(node) for node in page(response).select(".err")]


def pane(response, key) -> Tag:
    (found,) = page(response).select(f"#pane-{key}")
    return found


# The list


def test_empty_list_says_so_and_offers_a_new_policy(portal, tenant):
    document = page(portal.get(LIST))

    assert words(document.h1) == "Conditional Access | Policies"
    assert words(document.select_one(".empty h2")) == "No policies"
    assert document.select_one(".commands a")["href"] == NEW
    assert words(document.select_one(".commands a")) == "New policy"


def test_list_shows_name_and_state_and_sorts_both_ways(portal, tenant):
    AccessPolicyFactory(tenant=tenant, display_name="b", state="on")
    AccessPolicyFactory(tenant=tenant, display_name="A", state="off")
    AccessPolicyFactory(tenant=tenant, display_name="c", state="report_only")
    AccessPolicyFactory(tenant=TenantFactory(), display_name="foreign")

    document = page(portal.get(LIST))
    turned = page(portal.get(LIST, {"sort": "-name"}))

    assert [words(head) for head in document.select("th")] == ["Policy Name", "State"]
    assert [words(row) for row in document.select("tbody tr")] == ["A Off", "b On", "c Report-only"]
    assert [words(row.td) for row in turned.select("tbody tr")] == ["c", "b", "A"]


def test_long_list_is_paged_by_keys_with_a_constant_number_of_statements(portal, tenant, django_assert_max_num_queries):
    for number in range(130):
        AccessPolicyFactory(tenant=tenant, display_name=f"Policy {number:03}")

    with django_assert_max_num_queries(6):
        first = page(portal.get(LIST))
    second = page(portal.get(LIST + first.find(id="page-next")["href"]))

    assert words(first.select("tbody tr")[-1].td) == "Policy 049"
    assert words(second.select("tbody tr")[0].td) == "Policy 050"


def test_fragment_holds_the_results_alone(portal, tenant):
    response = portal.get(LIST, headers={"HX-Request": "true"})

    assert response.text.lstrip().startswith('<section id="results"')


# New policy


def test_new_policy_is_created_with_everything_that_was_chosen(portal, tenant, operator):
    user, group = DirectoryUserFactory(tenant=tenant), GroupFactory(tenant=tenant)
    spared, apart = DirectoryUserFactory(tenant=tenant), GroupFactory(tenant=tenant)

    response = portal.post(
        NEW,
        COMPLETE
        | {
            "users_mode": "selected",
            "users": [user.pk],
            "groups": [group.pk],
            "excluded_users": [spared.pk],
            "excluded_groups": [apart.pk],
            "excluded_apps": ["workspace_one_intelligent_hub"],
            "excluded_platforms": ["android"],
            "controls": ["mfa", "compliant_device"],
            "multiple": "one",
        },
    )

    policy = Policy.objects.in_tenant(tenant).get()
    assert (response.status_code, response.url) == (302, LIST)
    assert (policy.display_name, policy.state, policy.all_users, policy.all_apps) == (
        "Phones must be compliant",
        "on",
        False,
        False,
    )
    assert (policy.included_apps, policy.excluded_apps) == (["exchange_online"], ["workspace_one_intelligent_hub"])
    assert (policy.platforms, policy.included_platforms, policy.excluded_platforms) == (
        "selected",
        ["android", "ios"],
        ["android"],
    )
    assert (policy.require_mfa, policy.require_compliant_device, policy.require_approved_app) == (True, True, False)
    assert policy.operator == "one"
    assert set(PolicyUser.objects.in_tenant(tenant).values_list("user", "intent")) == {
        (user.pk, Intent.INCLUDE),
        (spared.pk, Intent.EXCLUDE),
    }
    assert set(PolicyGroup.objects.in_tenant(tenant).values_list("group", "intent")) == {
        (group.pk, Intent.INCLUDE),
        (apart.pk, Intent.EXCLUDE),
    }
    notification = Notification.objects.get()
    assert notification.text == "Successfully created 'Phones must be compliant'."
    assert JournalEntry.objects.in_tenant(tenant).filter(activity=services.POLICY_ADDED, actor=operator).exists()


def test_untouched_form_is_refused_with_a_sentence_at_each_place(portal, tenant):
    fresh = portal.get(NEW)

    response = portal.post(NEW, posted(fresh))

    assert response.status_code == 422
    document = page(response)
    assert words(document.find(id="id_display_name_error")) == "Enter a name."
    assert errors(response) == [
        "Enter a name.",
        "Select all users, or at least one user or group.",
        "Select all cloud apps, or at least one app.",
        "Select at least one control, or block access.",
    ]
    assert not Policy.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"display_name": "   "}, "Enter a name."),
        ({"display_name": "x" * 257}, "Enter at most 256 characters."),
        ({"users_mode": "none"}, "Select all users, or at least one user or group."),
        ({"users_mode": ""}, "Select all users, or at least one user or group."),
        ({"users_mode": "selected"}, "Select all users, or at least one user or group."),
        ({"users_mode": "nonsense"}, "Select None, All users, or Select users and groups."),
        ({"apps_mode": "none"}, "Select all cloud apps, or at least one app."),
        ({"apps": []}, "Select all cloud apps, or at least one app."),
        ({"apps": ["no_such_app"]}, policy_forms.APP_GONE),
        ({"excluded_apps": ["no_such_app"]}, policy_forms.APP_GONE),
        ({"included_platforms": []}, "Select at least one device platform."),
        ({"included_platforms": ["symbian"]}, "Select a platform of the list."),
        ({"controls": []}, "Select at least one control, or block access."),
        ({"controls": ["nonsense"]}, "Select a control of the list."),
        ({"grant": "nonsense"}, "Select Block access or Grant access."),
        ({"state": "nonsense"}, "Select Report-only, On or Off."),
    ],
    ids=str,
)
def test_what_makes_no_policy_is_refused_in_one_sentence_and_nothing_is_lost(portal, tenant, changes, sentence):
    group = GroupFactory(tenant=tenant)
    sent = COMPLETE | {"excluded_groups": [str(group.pk)]} | changes

    response = portal.post(NEW, sent)

    assert response.status_code == 422
    assert sentence in errors(response)
    assert posted(response)["excluded_groups"] == [str(group.pk)]
    assert not Policy.objects.in_tenant(tenant).exists()


def test_what_a_choice_hides_is_not_saved(portal, tenant):
    user = DirectoryUserFactory(tenant=tenant)
    hidden = {
        "users": [user.pk],
        "apps_mode": "all",
        "configure_platforms": "no",
        "excluded_platforms": ["android"],
        "grant": "block",
        "state": "report_only",
    }

    portal.post(NEW, COMPLETE | hidden)

    policy = Policy.objects.in_tenant(tenant).get()
    assert (policy.included_apps, policy.platforms, policy.included_platforms) == ([], "", [])
    assert policy.excluded_platforms == []
    assert not PolicyUser.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize("name", ["users", "groups", "excluded_users", "excluded_groups"])
@pytest.mark.parametrize("foreign", [True, False], ids=["foreign", "deleted"])
def test_somebody_of_another_tenant_is_refused_as_somebody_gone(portal, tenant, name, foreign):
    make = GroupFactory if "groups" in name else DirectoryUserFactory
    other = make(tenant=TenantFactory() if foreign else tenant)
    if not foreign:
        other.delete()

    response = portal.post(NEW, COMPLETE | {"users_mode": "selected", name: [other.pk]})

    assert response.status_code == 422
    assert services.PEOPLE_GONE in errors(response)
    assert other.display_name not in response.text


def test_second_click_on_create_makes_no_second_policy(portal, tenant):
    for _ in range(2):
        assert portal.post(NEW, COMPLETE).status_code == 302

    assert Policy.objects.in_tenant(tenant).count() == 1
    assert JournalEntry.objects.in_tenant(tenant).filter(activity=services.POLICY_ADDED).count() == 1


def test_going_back_to_the_form_and_writing_another_name_makes_another_policy(portal, tenant):
    portal.post(NEW, COMPLETE)

    portal.post(NEW, COMPLETE | {"display_name": "Another one"})

    assert Policy.objects.in_tenant(tenant).count() == 2


def test_request_of_one_directory_means_nothing_in_another(portal, tenant):
    services.create_policy(
        tenant=TenantFactory(),
        actor=None,
        people=services.People(),
        request=COMPLETE["request"],
        display_name="Theirs",
        all_users=True,
        all_apps=True,
        grant="block",
    )

    assert portal.post(NEW, COMPLETE).status_code == 302
    assert Policy.objects.in_tenant(tenant).get().display_name == COMPLETE["display_name"]


# Pickers, without script


def test_picker_opens_searches_and_selects_without_losing_what_was_typed(portal, tenant):
    ada, bo = (DirectoryUserFactory(tenant=tenant, display_name=name) for name in ("Ada Lind", "Bo Berg"))
    typed = COMPLETE | {"users_mode": "selected", "display_name": "Half written"}

    opened = portal.post(NEW, typed | {"pane": "users"})
    assert pane(opened, "users").has_attr("open")
    found = portal.post(NEW, posted(opened) | {"users": [ada.pk], "users_q": "bo", "pane": "users"})
    assert [words(node) for node in pane(found, "users").select(".pick [data-name]")] == ["Bo Berg"]
    chosen = posted(found)
    chosen["users"].append(str(bo.pk))
    done = portal.post(NEW, chosen | {"users_done": "1"})

    assert opened.status_code == found.status_code == done.status_code == 200
    assert errors(done) == []
    assert not pane(done, "users").has_attr("open")
    assert "2 users selected" in words(page(done).find(id="users"))
    kept = posted(done)
    assert set(kept["users"]) == {str(ada.pk), str(bo.pk)}
    assert {name: kept[name] for name in ("display_name", "apps", "included_platforms", "controls", "state")} == {
        "display_name": ["Half written"],
        "apps": ["exchange_online"],
        "included_platforms": ["android", "ios"],
        "controls": ["compliant_device"],
        "state": ["on"],
    }
    assert not Policy.objects.in_tenant(tenant).exists()


def test_app_picker_offers_the_apps_with_which_partners_register_devices(portal, tenant):
    response = portal.post(NEW, COMPLETE | {"excluded_apps_q": "intelligent", "pane": "excluded_apps"})

    (found,) = pane(response, "excluded_apps").select(".pick")
    assert words(found.select_one("[data-name]")) == "Workspace ONE Intelligent Hub"
    assert words(found.small) == "Registers devices of a compliance partner"


@pytest.mark.parametrize("key", ["users", "groups", "excluded_users", "excluded_groups", "apps", "excluded_apps"])
def test_search_as_one_types_brings_the_pane_alone(portal, tenant, key):
    response = portal.get(NEW, {f"{key}_q": "zzz"}, headers={"HX-Request": "true"})

    assert response.text.lstrip().startswith("<dialog")
    assert "match 'zzz'." in response.text


def test_picker_never_offers_people_of_another_directory(portal, tenant):
    DirectoryUserFactory(tenant=TenantFactory(), display_name="Foreign Person")

    assert "Foreign Person" not in portal.post(NEW, COMPLETE | {"pane": "users"}).text


# Editing


def test_blade_of_a_policy_shows_what_it_says_and_saves_what_is_changed(portal, tenant):
    user, group = DirectoryUserFactory(tenant=tenant), GroupFactory(tenant=tenant)
    policy = AccessPolicyFactory(tenant=tenant, all_users=False, state="report_only", platforms="any")
    PolicyUserFactory(policy=policy, user=user, tenant=tenant)
    PolicyGroupFactory(policy=policy, group=group, tenant=tenant, intent=Intent.EXCLUDE)

    shown = posted(portal.get(url(policy)))
    response = portal.post(url(policy), shown | {"state": "on", "users_mode": "all"})

    assert shown["users_mode"] == ["selected"]
    assert (shown["users"], shown["excluded_groups"]) == ([str(user.pk)], [str(group.pk)])
    assert (shown["configure_platforms"], shown["platforms"]) == (["yes"], ["any"])
    assert (shown["controls"], shown["state"]) == (["compliant_device"], ["report_only"])
    assert response.status_code == 422  # everybody, everything, and a compliant device: a question is due
    saved = portal.post(url(policy), shown | {"state": "on", "users_mode": "all", "lockout": "proceed"})
    policy.refresh_from_db()
    assert (saved.status_code, policy.state, policy.all_users) == (302, "on", True)
    entry = JournalEntry.objects.in_tenant(tenant).get(activity=services.POLICY_UPDATED)
    assert entry.new_values == {"Enable policy": "On", "Include": "All users"}


def test_save_in_a_second_tab_says_that_the_policy_was_changed_and_loses_nothing(portal, tenant):
    policy = AccessPolicyFactory(tenant=tenant, display_name="Old", all_apps=False, included_apps=["teams"])
    first, second = posted(portal.get(url(policy))), posted(portal.get(url(policy)))
    portal.post(url(policy), first | {"display_name": "First tab"})

    refused = portal.post(url(policy), second | {"display_name": "Second tab"})

    assert refused.status_code == 422
    assert words(page(refused).find(role="alert")).startswith(services.CHANGED)
    assert posted(refused)["display_name"] == ["Second tab"]
    assert Policy.objects.in_tenant(tenant).get().display_name == "First tab"
    # Who has read it and saves again means it.
    assert portal.post(url(policy), posted(refused)).status_code == 302
    assert Policy.objects.in_tenant(tenant).get().display_name == "Second tab"


def test_picker_in_a_stale_tab_does_not_make_it_fresh(portal, tenant):
    policy = AccessPolicyFactory(tenant=tenant, all_apps=False, included_apps=["teams"])
    stale = posted(portal.get(url(policy)))
    portal.post(url(policy), stale | {"display_name": "First tab"})

    redrawn = portal.post(url(policy), stale | {"pane": "groups"})

    assert portal.post(url(policy), posted(redrawn)).status_code == 422


def test_save_of_a_policy_that_was_deleted_meanwhile_says_so_in_the_list(portal, tenant):
    policy = AccessPolicyFactory(tenant=tenant, all_apps=False, included_apps=["teams"])
    address = url(policy)
    form = posted(portal.get(address))
    policy.delete()

    response = portal.post(address, form, follow=True)

    assert response.redirect_chain[-1][0] == LIST
    assert services.GONE in unescape(response.text)


def test_policy_of_another_directory_is_nothing(portal, tenant):
    foreign = AccessPolicyFactory(tenant=TenantFactory())

    assert portal.get(url(foreign)).status_code == 404
    assert portal.post(f"{url(foreign)}delete/").status_code == 404
    assert portal.post(url(foreign), COMPLETE).status_code == 302
    foreign.refresh_from_db()
    assert foreign.display_name != COMPLETE["display_name"]


def test_number_of_statements_does_not_grow_with_the_people_of_a_policy(portal, tenant, django_assert_max_num_queries):
    policy = AccessPolicyFactory(tenant=tenant, all_users=False)
    for _ in range(30):
        PolicyUserFactory(policy=policy, tenant=tenant)
        PolicyGroupFactory(policy=policy, tenant=tenant)

    with django_assert_max_num_queries(17):
        response = portal.get(url(policy))

    assert "30 users selected" in words(page(response).find(id="users"))


# Locking oneself out


def test_policy_that_shuts_everybody_out_asks_what_becomes_of_the_own_account(portal, tenant, operator):
    me = DirectoryUserFactory(tenant=tenant, upn=operator.email.upper())
    risky = COMPLETE | {"apps_mode": "all"}

    asked = portal.post(NEW, risky)
    made = portal.post(NEW, risky | {"lockout": "exclude"})

    assert asked.status_code == 422
    assert policy_forms.LOCKED_OUT in words(page(asked).find(id="blade-form"))
    assert "Select what is to become of your own account, then save again." in errors(asked)
    assert f"Exclude current user, {me.upn}, from this policy." in unescape(asked.text)
    assert made.status_code == 302
    assert PolicyUser.objects.in_tenant(tenant).get().user == me
    policy = Policy.objects.in_tenant(tenant).get()
    assert portal.post(url(policy), posted(portal.get(url(policy)))).status_code == 302  # the account is excluded


def test_who_has_no_account_in_the_directory_can_only_proceed(portal, tenant):
    risky = COMPLETE | {"apps_mode": "all", "grant": "block", "configure_platforms": "no"}

    asked = portal.post(NEW, risky)

    assert policy_forms.BLOCKED_OUT in words(page(asked).find(id="blade-form"))
    assert [field["value"] for field in page(asked).find_all("input", attrs={"name": "lockout"})] == ["proceed"]
    assert portal.post(NEW, risky | {"lockout": "exclude"}).status_code == 422
    assert portal.post(NEW, risky | {"lockout": "proceed"}).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "report_only"},
        {"state": "off"},
        {"controls": ["mfa"]},
        {"grant": "block", "configure_platforms": "yes", "platforms": "selected", "included_platforms": ["android"]},
        {"grant": "block", "configure_platforms": "yes", "platforms": "any", "excluded_platforms": ["windows"]},
    ],
    ids=str,
)
def test_policy_that_keeps_nobody_out_asks_nothing(portal, tenant, changes):
    assert portal.post(NEW, COMPLETE | {"apps_mode": "all"} | changes).status_code == 302


# Enabled in a few minutes


@pytest.fixture
def slow(tenant):
    tenant.propagation = Tenant.Propagation.REAL
    tenant.save()
    return tenant


def decided(tenant) -> str:
    """What a sign-in of somebody meets."""
    return services.sign_in(user=DirectoryUserFactory(tenant=tenant), app="exchange_online", platform="ios").status


def test_new_policy_acts_some_minutes_after_the_toast_says_so(portal, slow):
    portal.post(NEW, COMPLETE)

    assert Notification.objects.get().text.endswith("Policy will be enabled in a few minutes.")
    assert decided(slow) == "success"
    slow.refresh_from_db()
    clock.advance(slow, services.ENABLED_AFTER)
    clock.settle(slow)
    assert decided(slow) == "failure"


def test_policy_that_is_turned_off_and_on_again_waits_its_minutes_anew(portal, slow):
    policy = AccessPolicyFactory(tenant=slow, state="off", all_apps=False, included_apps=["exchange_online"])
    for state, later in (("on", 1), ("off", 1), ("on", 1)):
        portal.post(url(policy), posted(portal.get(url(policy))) | {"state": state})
        slow.refresh_from_db()
        clock.advance(slow, timedelta(minutes=later))
    clock.settle(slow)

    before = decided(slow)
    clock.advance(slow, timedelta(minutes=2))
    clock.settle(slow)

    assert (before, decided(slow)) == ("success", "failure")


def test_policy_that_is_turned_off_lets_people_in_at_once(portal, slow):
    policy = AccessPolicyFactory(tenant=slow, all_apps=False, included_apps=["exchange_online"])
    form = posted(portal.get(url(policy)))

    portal.post(url(policy), form | {"state": "off"})

    assert "enabled" not in Notification.objects.get().text
    assert decided(slow) == "success"


def test_policy_goes_on_as_it_was_until_report_only_takes_effect(portal, slow):
    policy = AccessPolicyFactory(tenant=slow, all_apps=False, included_apps=["exchange_online"])

    portal.post(url(policy), posted(portal.get(url(policy))) | {"state": "report_only"})

    assert decided(slow) == "failure"
    slow.refresh_from_db()
    clock.advance(slow, services.ENABLED_AFTER + timedelta(seconds=1))
    clock.settle(slow)
    assert decided(slow) == "success"


# Delete, and who is left


def test_policy_is_deleted_after_a_question(portal, tenant):
    policy = AccessPolicyFactory(tenant=tenant, display_name="Old one")

    asked = portal.get(f"{url(policy)}delete/", follow=True)
    response = portal.post(f"{url(policy)}delete/")

    assert page(asked).find(id="confirm-delete").has_attr("open")
    assert "permanently delete the policy 'Old one'" in words(page(asked).find(id="confirm-delete"))
    assert (response.status_code, response.url) == (302, LIST)
    assert not Policy.objects.in_tenant(tenant).exists()


def test_group_of_a_policy_is_not_deleted_and_its_blade_leads_to_the_policy(portal, tenant):
    link = PolicyGroupFactory(tenant=tenant, policy__display_name="Phones")
    overview = reverse("directory:group-overview", args=[tenant.slug, link.group_id])

    refused = portal.post(overview)

    assert refused.status_code == 422
    assert f"The group '{link.group.display_name}' is still used by: Conditional access policy 'Phones'." in words(
        page(refused).find(role="alert")
    )
    assert page(refused).find("a", string="Conditional access policy 'Phones'")["href"] == url(link.policy)
    link.delete()
    delete_group(tenant=tenant, actor=None, group=link.group)


def test_user_who_is_deleted_leaves_the_policies(tenant):
    link = PolicyUserFactory(tenant=tenant)

    delete_users(tenant=tenant, actor=None, users=[link.user])

    assert not PolicyUser.objects.in_tenant(tenant).exists()
    assert Policy.objects.in_tenant(tenant).exists()


# Roles


def test_reader_sees_the_policy_and_the_reason_why_nothing_can_be_changed(portal_as, tenant):
    group = GroupFactory(tenant=tenant, display_name="Break glass")
    policy = AccessPolicyFactory(tenant=tenant)
    PolicyGroupFactory(tenant=tenant, policy=policy, group=group, intent=Intent.EXCLUDE)
    reader = portal_as(Role.SECURITY_READER)

    document = page(reader.get(url(policy)))

    (form,) = document.select("#blade-form")
    assert all(field.has_attr("disabled") for field in form.select("[type=radio], [type=checkbox], [type=text]"))
    assert "Break glass" in words(form)
    assert not document.select(".selector, dialog.pane[data-picker]")
    assert {"Save", "Delete"} <= {words(node) for node in document.select("[aria-disabled=true]")}
    assert reader.post(url(policy), {}).status_code == 403
    assert reader.get(NEW).status_code == 403


def test_help_desk_operator_is_told_which_permission_is_missing(portal_as, tenant):
    response = portal_as(Role.HELP_DESK_OPERATOR).get(LIST)

    assert response.status_code == 403
    assert "Conditional access: Read" in response.text


# Where it stands


@pytest.mark.parametrize(
    ("start", "label"),
    [
        ("/t/kestrel/azure-ad/security/", "Conditional Access"),
        ("/t/kestrel/endpoint-security/devices/", "Conditional access"),
        ("/t/kestrel/devices/", "Conditional access"),
    ],
)
def test_policies_are_reached_where_the_real_product_has_them(portal, tenant, start, label):
    document = page(portal.get(start))

    found = [node for node in document.select(".menu a") if words(node) == label]
    assert [node["href"] for node in found] == [LIST]


def test_words_of_today(portal, tenant):
    tenant.vocabulary = Tenant.Vocabulary.TODAY
    tenant.save()

    legends = [words(legend.span) for legend in page(portal.get(NEW)).select(".row legend")]

    assert "Target resources" in legends
    assert "Users" in legends
    assert "Require Microsoft Entra hybrid joined device" in unescape(portal.get(NEW).text)
