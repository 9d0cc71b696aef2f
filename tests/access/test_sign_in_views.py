"""The log of sign-ins, one of them, and "Sign in as …", as an operator sees them."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import services
from access.models import Policy, SignIn
from directory.models import DirectoryDevice
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.factories import (
    CLOCK_START,
    AccessPolicyFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    ManagedDeviceFactory,
    SignInFactory,
    SignInPolicyFactory,
    TenantFactory,
)


def at(name: str, tenant: Tenant, *args: object) -> str:
    return reverse(f"access:{name}", args=[tenant.slug, *args])


def shown(response) -> str:
    return " ".join(unescape(response.content.decode()).split())


def text_of(response, selector: str = "main") -> str:
    [found] = BeautifulSoup(response.content, "html.parser").select(selector)
    return " ".join(found.get_text(" ", strip=True).split())


def cells(response) -> list[list[str]]:
    soup = BeautifulSoup(response.content, "html.parser")
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in soup.select("#results tbody tr")]


@pytest.fixture
def ana(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ana Costa", upn="ana.costa@kestrel.example")


@pytest.fixture
def phone(tenant, ana):
    return DirectoryDeviceFactory(
        tenant=tenant, display_name="Ana's iPhone", os="IPhone", owner=ana, registered_at=CLOCK_START, mdm="AirWatch"
    )


@pytest.fixture
def url(tenant):
    return at("sign-in-list", tenant)


# The log


def test_list_shows_the_latest_first_with_what_conditional_access_made_of_it(portal, tenant, url, ana, phone):
    AccessPolicyFactory(tenant=tenant, display_name="Phones")
    AccessPolicyFactory(tenant=tenant, display_name="MFA", require_compliant_device=False, require_mfa=True)
    SignInFactory(tenant=tenant, user=ana, occurred_at=CLOCK_START - timedelta(hours=1))
    services.sign_in(user=ana, app="teams", platform="ios", device=phone, mfa=True)

    response = portal.get(url)

    assert [head["label"] for head in response.context["table"].heads] == [
        "Date",
        "User",
        "Application",
        "Status",
        "Conditional access",
        "MFA required",
    ]
    assert [row[1:] for row in cells(response)] == [
        ["Ana Costa", "Microsoft Teams", "Failure", "Failure", "Yes"],
        ["Ana Costa", "Office 365 Exchange Online", "Success", "Not applied", "No"],
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failure", ["Ben"]),
        ("status=failure&status=interrupted", ["Cy", "Ben"]),
        ("app=teams", ["Cy"]),
        ("app=teams&status=failure", []),
        ("q=be", ["Ben"]),
        ("q=ben.b", ["Ben"]),
        ("q=nobody", []),
        ("range=24h", ["Cy"]),
        ("from=2020-07-18&to=2020-07-18", ["Ben"]),
        ("status=all&app=x&user=nonsense&range=year", ["Cy", "Ben", "Ana"]),
    ],
)
def test_filters_narrow_the_list(portal, tenant, url, query, found):
    Tenant.objects.filter(pk=tenant.pk).update(clock_start=CLOCK_START)
    for days, name, status, app in ((5, "Ana", "success", "yammer"), (2, "Ben", "failure", "yammer"),
                                    (0, "Cy", "interrupted", "teams")):  # fmt: skip
        user = DirectoryUserFactory(tenant=tenant, display_name=name, upn=f"{name.lower()}.b@kestrel.example")
        when = CLOCK_START - timedelta(days=days)
        SignInFactory(tenant=tenant, user=user, status=status, app=app, occurred_at=when)

    response = portal.get(f"{url}?{query}")

    assert [row[1] for row in cells(response)] == found
    assert ("No sign-ins match the filters." in shown(response)) == (not found)


def test_sign_ins_of_one_user_are_a_filter_that_can_be_removed(portal, tenant, url, ana):
    SignInFactory(tenant=tenant)
    SignInFactory(tenant=tenant, user=ana)

    response = portal.get(f"{url}?user={ana.pk}&status=success")

    assert [row[1] for row in cells(response)] == ["Ana Costa"]
    assert "User : <b>Ana Costa</b>" in shown(response)
    remove = BeautifulSoup(response.content, "html.parser").select_one('[aria-label="Remove filter User"]')
    assert remove["href"] == "?status=success"


@pytest.mark.parametrize("view", ["user-overview", "user-devices"])
def test_menu_of_a_user_leads_to_the_sign_ins_of_that_user(portal, tenant, ana, view):
    SignInFactory(tenant=tenant)
    SignInFactory(tenant=tenant, user=ana)
    user = portal.get(reverse(f"directory:{view}", args=[tenant.slug, ana.pk]))
    menu = BeautifulSoup(user.content, "html.parser").select_one("nav.menu")

    response = portal.get(next(a for a in menu.select("a") if "Sign-ins" in a.text)["href"])

    assert [row[1] for row in cells(response)] == ["Ana Costa"]
    assert f"{at('sign-in-new', tenant)}?user={ana.pk}" in shown(response)


def test_empty_log_says_what_fills_it(portal, url):
    assert "No sign-ins to display" in shown(portal.get(url))


def test_search_that_too_many_users_match_says_so(portal, tenant, url):
    for _ in range(21):
        SignInFactory(tenant=tenant)

    response = portal.get(f"{url}?q=user")

    assert len(cells(response)) == 20
    assert "The sign-ins of the first 20 users" in shown(response)


@pytest.mark.parametrize("n", [1, 30])
def test_the_number_of_statements_does_not_grow_with_sign_ins(portal, tenant, url, django_assert_max_num_queries, n):
    for _ in range(n):
        SignInPolicyFactory(tenant=tenant)
    portal.get(url)

    with django_assert_max_num_queries(12):
        portal.get(url)


def test_pages_continue_behind_the_last_row_whatever_was_added(portal, tenant, url, ana):
    for hour in range(25):
        SignInFactory(tenant=tenant, user=ana, occurred_at=CLOCK_START + timedelta(hours=hour))
    first = portal.get(f"{url}?per_page=10")
    SignInFactory(tenant=tenant, user=ana, occurred_at=CLOCK_START + timedelta(hours=99))

    second = portal.get(url + first.context["table"].pager.next_url)

    assert len(cells(second)) == 10
    assert not {row[0] for row in cells(first)} & {row[0] for row in cells(second)}


@pytest.mark.parametrize("query", ["", "status=failure", "app=teams", "user=1"])
def test_a_page_of_a_large_log_is_a_range_of_an_index(portal, tenant, url, ana, query):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by statistics, which a small table does not have.")
    SignInFactory(tenant=tenant, user=ana, app="teams", status="failure")

    with CaptureQueriesContext(connection) as captured:
        portal.get(f"{url}?{query}".replace("user=1", f"user={ana.pk}"))

    pages = [q["sql"] for q in captured if 'FROM "access_signin" ' in q["sql"] and "ORDER BY" in q["sql"]]
    assert pages
    for statement in pages:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "USING INDEX sign_ins_by" in plan
        assert "TEMP B-TREE" not in plan


def test_fragment_has_the_list_alone(portal, tenant, url):
    SignInFactory(tenant=tenant)

    response = portal.get(url, headers={"HX-Request": "true"})

    assert b"<html" not in response.content
    assert len(cells(response)) == 1


# One sign-in


@pytest.fixture
def blocked(tenant, ana, phone):
    AccessPolicyFactory(tenant=tenant, display_name="Phones must be compliant")
    AccessPolicyFactory(tenant=tenant, display_name="Pilot", state=Policy.State.REPORT_ONLY, require_mfa=True)
    AccessPolicyFactory(tenant=tenant, display_name="Legal", all_users=False)
    AccessPolicyFactory(tenant=tenant, display_name="Asleep", state=Policy.State.OFF)
    return services.sign_in(user=ana, app="teams", platform="ios", device=phone, browser="Safari 13.1")


def tab(portal, tenant, made, name: str, **more: object):
    return portal.get(at("sign-in", tenant, made.pk), {"tab": name, **more})


def test_basic_info_has_the_code_and_the_sentence_of_the_real_log(portal, tenant, blocked):
    said = text_of(tab(portal, tenant, blocked, "basic-info"))

    assert "Sign-in error code 53000" in said
    assert "Device is not in required device state: compliant." in said
    assert str(blocked.correlation_id) in said


def test_device_info_has_what_was_presented_and_leads_to_its_record(portal, tenant, blocked, phone):
    response = tab(portal, tenant, blocked, "device-info")

    said = text_of(response, ".summary")
    assert f"Device ID {phone.device_id}" in said
    assert "Operating System iOS" in said
    assert "Managed No" in said
    assert "Join Type Azure AD registered" in said
    assert reverse("directory:device-overview", args=[tenant.slug, phone.pk]) in shown(response)


def test_device_info_says_when_none_was_presented_or_the_record_is_gone(portal, tenant, ana, blocked, phone):
    nothing = services.sign_in(user=ana, app="teams", platform="ios")
    phone.delete()

    assert "presented no device ID" in shown(tab(portal, tenant, nothing, "device-info"))
    assert "record was deleted after the sign-in" in shown(tab(portal, tenant, blocked, "device-info"))


def test_conditional_access_and_report_only_have_each_policy_with_its_result(portal, tenant, blocked):
    def policies(name: str) -> list[str]:
        soup = BeautifulSoup(tab(portal, tenant, blocked, name).content, "html.parser")
        return [" | ".join(td.get_text(" ", strip=True) for td in tr.select("td")) for tr in soup.select("tbody tr")]

    assert policies("conditional-access") == [
        "Asleep |  | Disabled",
        "Legal |  | Not applied",
        "Phones must be compliant | Require device to be marked as compliant | Failure",
    ]
    assert policies("report-only") == [
        "Pilot | Require multi-factor authentication, Require device to be marked as compliant | Report-only: Failure"
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Phones must be compliant", "Users and groups Matched Cloud apps Matched Device platform Matched"),
        ("Phones must be compliant", "Not met Require device to be marked as compliant"),
        ("Legal", "Users and groups Not matched"),
        ("Asleep", "Policy state Off"),
    ],
)
def test_a_click_on_a_policy_says_why(portal, tenant, blocked, name, expected):
    row = blocked.policy_results.get(policy_name=name)

    response = tab(portal, tenant, blocked, "conditional-access", pane="policy", policy=row.pk)

    assert expected in text_of(response, "#pane-policy")


def test_authentication_details_has_a_second_factor_only_where_one_was_asked_for(portal, tenant, ana, blocked):
    AccessPolicyFactory(tenant=tenant, require_mfa=True, require_compliant_device=False)
    asked = services.sign_in(user=ana, app="yammer")

    assert "Mobile app notification" not in shown(tab(portal, tenant, blocked, "authentication-details"))
    assert "MFA denied" in shown(tab(portal, tenant, asked, "authentication-details"))


@pytest.mark.parametrize("mfa", [True, False])
def test_compliant_device_that_is_enough_leaves_the_second_factor_out(portal, tenant, url, ana, phone, mfa):
    AccessPolicyFactory(tenant=tenant, require_mfa=True, operator="one")
    phone.is_compliant = True

    made = services.sign_in(user=ana, app="teams", platform="ios", device=phone, mfa=mfa)

    assert "Mobile app notification" not in shown(tab(portal, tenant, made, "authentication-details"))
    assert cells(portal.get(url))[0][3:] == ["Success", "Success", "No"]


def test_location_and_an_unknown_tab(portal, tenant, blocked):
    assert "IP address 203.0.113.7" in text_of(tab(portal, tenant, blocked, "location"))
    assert "Request ID" in shown(tab(portal, tenant, blocked, "nonsense"))


def test_sign_in_of_a_deleted_user_still_tells_who_it_was(portal, tenant, ana, blocked):
    ana.delete()

    said = text_of(tab(portal, tenant, blocked, "basic-info"))

    assert "ana.costa@kestrel.example" in said
    assert "The user was deleted." in said


# Sign in as …


ANSWERS = {"app": "teams", "device": "", "platform": "ios", "client": "app", "mfa": "no", "session": "new"}


def attempt(portal, tenant, who, **answers: object):
    values = ANSWERS | {"user": who.pk} | answers
    return portal.post(at("sign-in-new", tenant), {key: value for key, value in values.items() if value is not None})


def test_form_of_a_user_offers_the_devices_of_that_user_and_none(portal, tenant, ana, phone):
    DirectoryDeviceFactory(tenant=tenant, display_name="SOMEBODY-ELSE")

    said = shown(portal.get(at("sign-in-new", tenant), {"user": ana.pk}))

    assert "Ana Costa (ana.costa@kestrel.example)" in said
    assert f"Ana's iPhone ({str(phone.device_id)[:8]}…, IPhone, registered 7/20/2020)" in said
    assert "No device ID: private browsing" in said
    assert "SOMEBODY-ELSE" not in said


def test_form_opens_from_either_record_of_a_device(portal, tenant, ana, phone):
    managed = ManagedDeviceFactory(tenant=tenant, primary_user=ana, azure_ad_device_id=phone.device_id)

    for device in (phone, managed):
        response = portal.get(at("sign-in-new", tenant), {"device": device.pk})
        assert response.context["form"].initial["device"] == str(phone.pk)
        assert "Ana Costa (ana" in shown(response)


def test_device_that_registered_twice_presents_the_older_id_until_that_record_is_deleted(portal, tenant, ana, phone):
    newer = DirectoryDeviceFactory(
        tenant=tenant, display_name=phone.display_name, owner=ana, registered_at=CLOCK_START + timedelta(days=1)
    )
    managed = ManagedDeviceFactory(
        tenant=tenant, primary_user=ana, device_name=phone.display_name, azure_ad_device_id=newer.device_id
    )

    def presented() -> str:
        return portal.get(at("sign-in-new", tenant), {"device": managed.pk}).context["form"].initial["device"]

    assert presented() == str(phone.pk)
    phone.delete()
    assert presented() == str(newer.pk)
    newer.delete()
    assert presented() == ""


@pytest.mark.parametrize("query", ["user=x", "device=00000000-0000-0000-0000-000000000000", "again=1", "pane=user"])
def test_form_opens_whatever_the_address_says(portal, tenant, query):
    assert portal.get(f"{at('sign-in-new', tenant)}?{query}").status_code == 200


def test_blocked_phone_leads_to_what_the_user_sees_and_back_to_the_log(portal, tenant, operator, ana, phone):
    AccessPolicyFactory(tenant=tenant)

    response = attempt(portal, tenant, ana, device=phone.pk, platform="")

    made = SignIn.objects.in_tenant(tenant).get()
    assert (made.error_code, made.platform, made.simulated_by) == (53000, "ios", operator)
    assert response.url == at("sign-in-outcome", tenant, made.pk)
    page = portal.get(response.url)
    said = text_of(page)
    assert "You can't get there from here" in said
    assert "Devices or client applications that meet Kestrel Logistics management compliance policy." in said
    assert f"Correlation Id {made.correlation_id}" in said
    assert f"Device identifier {phone.device_id}" in said
    assert "Device state Registered" in said
    assert at("sign-in", tenant, made.pk) in shown(page)


@pytest.mark.parametrize(
    ("policy", "heading"),
    [
        ({"require_hybrid_joined_device": True}, "You can't get there from here"),
        ({"require_approved_app": True}, "You can't get there from here"),
        ({"grant": Policy.Grant.BLOCK}, "You cannot access this right now"),
        ({"require_mfa": True}, "Approve sign in request"),
        ({"state": Policy.State.OFF}, "You are signed in"),
    ],
    ids=str,
)
def test_each_outcome_has_its_page(portal, tenant, ana, policy, heading):
    AccessPolicyFactory(tenant=tenant, **({"require_compliant_device": False} | policy))

    response = portal.get(attempt(portal, tenant, ana, client="chrome").url)

    assert BeautifulSoup(response.content, "html.parser").h1.get_text(strip=True) == heading


def test_user_who_approves_is_signed_in_and_the_log_has_both(portal, tenant, ana):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_mfa=True)
    waiting = attempt(portal, tenant, ana).url

    response = portal.post(waiting, follow=True)

    assert "You are signed in" in text_of(response)
    assert list(
        SignIn.objects.in_tenant(tenant).order_by("pk").values_list("status", flat=True).order_by("status")
    ) == [
        "interrupted",
        "success",
    ]


def test_approving_twice_signs_in_once_and_what_waits_for_nothing_is_not_approved(portal, tenant, ana):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_mfa=True)
    waiting = attempt(portal, tenant, ana).url

    answers = [portal.post(waiting).url, portal.post(waiting).url]
    portal.post(answers[0])

    assert answers[0] == answers[1]
    rows = SignIn.objects.in_tenant(tenant)
    assert rows.count() == 2
    assert rows.values("correlation_id").distinct().count() == 1


def test_user_who_was_deleted_meanwhile_cannot_approve(portal, tenant, ana):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_mfa=True)
    waiting = attempt(portal, tenant, ana).url
    ana.delete()

    response = portal.post(waiting)

    assert response.status_code == 422
    assert "The user was deleted meanwhile." in shown(response)


def test_blocked_account_is_told_to_ask_somebody(portal, tenant, ana):
    ana.account_enabled = False
    ana.save()

    assert "Your account has been locked." in text_of(portal.get(attempt(portal, tenant, ana).url))


def test_registration_app_of_a_partner_can_be_tried(portal, tenant, ana):
    AccessPolicyFactory(tenant=tenant)

    attempt(portal, tenant, ana, app="workspace_one_intelligent_hub")

    assert SignIn.objects.in_tenant(tenant).get().error_code == 53000


def test_disabled_record_does_not_help_although_it_is_compliant(portal, tenant, ana, phone):
    AccessPolicyFactory(tenant=tenant)
    DirectoryDevice.objects.in_tenant(tenant).update(enabled=False, is_compliant=True)

    attempt(portal, tenant, ana, device=phone.pk)

    assert SignIn.objects.in_tenant(tenant).get().error_code == 53000


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"user": ""}, "Select a user."),
        ({"user": "00000000-0000-0000-0000-000000000000"}, "Select a user."),
        ({"app": ""}, "Select a cloud app."),
        ({"app": "nonsense"}, "Select a valid choice"),
        ({"platform": ""}, "Select a device platform."),
        ({"device": "00000000-0000-0000-0000-000000000000"}, "The device is no longer one of the user's."),
        ({"client": "telnet"}, "Select a valid choice"),
        ({"mfa": None}, "second factor"),
    ],
    ids=str,
)
def test_incomplete_form_is_refused_where_it_is_wrong_and_nothing_is_logged(portal, tenant, ana, answers, sentence):
    response = attempt(portal, tenant, ana, **answers)

    assert response.status_code == 422
    assert sentence in shown(response)
    assert not SignIn.objects.in_tenant(tenant).exists()


def test_device_of_somebody_else_is_refused(portal, tenant, ana):
    other = DirectoryDeviceFactory(tenant=tenant, owner=DirectoryUserFactory(tenant=tenant))

    assert attempt(portal, tenant, ana, device=other.pk).status_code == 422


def test_choosing_another_user_keeps_what_was_answered_and_refuses_nothing(portal, tenant, ana, phone):
    response = attempt(portal, tenant, ana, app="salesforce", platform="", user_done="1")

    assert response.status_code == 200
    assert response.context["form"]["app"].value() == "salesforce"
    assert "Ana's iPhone" in shown(response)
    assert not SignIn.objects.in_tenant(tenant).exists()


def test_user_of_another_tenant_is_nobody_here(portal, tenant):
    stranger = DirectoryUserFactory(tenant=TenantFactory())

    assert attempt(portal, tenant, stranger).status_code == 422


def test_disabled_device_has_no_token_left(portal, tenant, ana, phone):
    AccessPolicyFactory(tenant=tenant)
    DirectoryDevice.objects.in_tenant(tenant).update(is_compliant=True)
    attempt(portal, tenant, ana, device=phone.pk)
    DirectoryDevice.objects.in_tenant(tenant).update(enabled=False)

    attempt(portal, tenant, ana, device=phone.pk, session="kept")

    assert set(SignIn.objects.in_tenant(tenant).values_list("error_code", flat=True)) == {0, 53000}


def test_another_client_has_no_token_of_the_app(portal, tenant, ana, phone):
    attempt(portal, tenant, ana, device=phone.pk)

    attempt(portal, tenant, ana, device=phone.pk, client="safari", session="kept")

    assert SignIn.objects.in_tenant(tenant).count() == 2


def test_open_app_goes_on_with_its_token_for_an_hour(portal, tenant, ana, phone):
    attempt(portal, tenant, ana, device=phone.pk)
    AccessPolicyFactory(tenant=tenant)

    kept = attempt(portal, tenant, ana, device=phone.pk, session="kept")

    assert "token" in parse_qs(urlsplit(kept.url).query)
    assert "The app goes on with its access token until" in text_of(portal.get(kept.url))
    assert SignIn.objects.in_tenant(tenant).count() == 1
    assert attempt(portal, tenant, ana, session="kept").status_code == 302  # another device: no token of its own
    Tenant.objects.filter(pk=tenant.pk).update(clock_skipped=timedelta(minutes=61))
    attempt(portal, tenant, ana, device=phone.pk, session="kept")
    assert list(SignIn.objects.in_tenant(tenant).order_by("occurred_at").values_list("error_code", flat=True)) == [
        0,
        53000,
        53000,
    ]


def test_help_desk_may_try_but_not_read_the_log(portal_as, tenant, ana):
    helper = portal_as(Role.HELP_DESK_OPERATOR)

    page = helper.get(attempt(helper, tenant, ana).url)

    assert "You are signed in" in text_of(page)
    assert "This requires the permission 'Conditional access: Read'." in shown(page)
    assert helper.get(at("sign-in-list", tenant)).status_code == 403


@pytest.mark.parametrize(
    "answers",
    [{"client": "app"}, {"client": "edge", "mfa": "yes"}, {"client": "safari", "device": "", "platform": "macos"}],
    ids=str,
)
def test_form_filled_from_a_sign_in_repeats_it(portal, tenant, ana, phone, answers):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_mfa=True)
    given = ANSWERS | {"app": "salesforce", "device": str(phone.pk), "platform": ""} | answers
    attempt(portal, tenant, ana, **given)

    form = portal.get(at("sign-in-new", tenant), {"again": SignIn.objects.in_tenant(tenant).get().pk}).context["form"]

    assert {name: form[name].value() for name in given} == given
