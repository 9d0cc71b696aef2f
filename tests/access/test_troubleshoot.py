"""Troubleshooting + support > Troubleshoot: one user on one screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from devices import services
from devices.models import Compliance
from directory.models import DirectoryDevice, DirectoryUser, Licence
from partners.models import Platform
from tenancy import journal
from tenancy.roles import Role
from tests.factories import (
    CLOCK_START,
    AccessPolicyFactory,
    CompliancePolicyAssignmentFactory,
    CompliancePolicyFactory,
    ConfigurationFactory,
    ConsoleFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    EnrolmentFactory,
    EnrolmentFailureFactory,
    GroupFactory,
    LicenceFactory,
    ManagedDeviceFactory,
    SignInFactory,
)
from tests.uem.test_services import Shop
from uem.services import NOT_ONBOARDED, REGISTRATION_FAILED


@pytest.fixture
def ana(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ana Castillo", upn="ana@kestrel.example")


@pytest.fixture
def look(portal, tenant, ana):
    def at(client=portal, **asked) -> BeautifulSoup:
        response = client.get(reverse("access:troubleshoot", args=[tenant.slug]), {"user": ana.pk} | asked)
        assert response.status_code == 200
        return BeautifulSoup(response.content, "html.parser")

    return at


def section(page: BeautifulSoup, title: str) -> Any:
    """The rows of a section, or its sentence."""
    found: Any = next(part for part in page.select("section.section") if part.get_text(strip=True).startswith(title))
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in found.select("tbody tr")]
    return rows or found.select("p")[-1].get_text()


def command(page: BeautifulSoup, label: str) -> Any:
    """The command `label` of the bar."""
    return next(found for found in page.select(".cmd") if found.get_text(strip=True) == label)


def tick(page: BeautifulSoup, label: str) -> str:
    """What the essentials say of `label`."""
    items: Any = page.select(".essentials dl > div")
    return {item.dt.get_text(): item.dd.get_text(strip=True) for item in items}[label]


def test_without_a_user_it_asks_for_one_and_the_picker_works_without_script(portal, tenant, ana):
    url = reverse("access:troubleshoot", args=[tenant.slug])

    empty = portal.get(url).content.decode()
    searched = portal.get(url, {"pane": "user", "user_q": "ana c"}).content.decode()
    chosen = portal.get(url, {"user": ana.pk, "user_done": "1"})

    assert "Select a user to see" in empty
    assert "Ana Castillo" in searched
    assert chosen.url == f"{url}?user={ana.pk}&show=compliance"
    assert "Ana Castillo" in portal.get(chosen.url).content.decode()


@pytest.mark.parametrize("user", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_user_that_is_not_there_is_said_to_be_gone(portal, tenant, user):
    page = portal.get(reverse("access:troubleshoot", args=[tenant.slug]), {"user": user})

    assert page.status_code == 200
    assert "not in this directory any more" in page.content.decode()


def test_user_with_nothing_has_a_sentence_in_every_section(look):
    page = look()

    assert tick(page, "Intune license") == "No"
    assert tick(page, "Devices compliant") == "No devices"
    assert section(page, "ASSIGNMENTS") == "No assignments"
    assert section(page, "GROUP MEMBERSHIP") == "No group memberships"
    assert section(page, "DEVICES") == "No devices"
    assert section(page, "APP PROTECTION STATUS") == "No managed apps"
    assert section(page, "ENROLLMENT FAILURES") == "No failures"


def test_both_records_of_a_device_stand_side_by_side(look, tenant, ana):
    LicenceFactory(tenant=tenant, user=ana, sku=Licence.Sku.INTUNE)
    record = DirectoryDeviceFactory(tenant=tenant, owner=ana, display_name="Ana's phone", is_compliant=False)
    ManagedDeviceFactory(
        tenant=tenant,
        device_name="Ana's phone",
        primary_user=ana,
        azure_ad_device_id=record.device_id,
        compliance=Compliance.COMPLIANT,
    )

    page = look()

    assert tick(page, "Intune license") == "Yes"
    assert tick(page, "Devices compliant") == "No"
    [row] = section(page, "DEVICES")
    assert row[:7] == ["Ana's phone", "MDM", "Azure AD registered", "Corporate", "Compliant", "No", "--"]
    heads = {head.get_text() for head in page.select("th")}
    assert {"Intune compliant", "Azure AD compliant", "Last check in"} <= heads


# The incidents that it must let one find


def test_colleague_who_is_not_in_the_partners_group_has_no_partner(look, tenant, ana):
    colleague = DirectoryUserFactory(tenant=tenant)
    group = GroupFactory(tenant=tenant, display_name="Partner phones", members=[colleague])
    GroupFactory(tenant=tenant, display_name="Field engineers", members=[ana])
    ConfigurationFactory(tenant=tenant, platform="ios", groups=[group])

    page, other = look(show="partners"), look(show="partners", user=colleague.pk)

    assert [row[0] for row in section(page, "GROUP MEMBERSHIP")] == ["Field engineers"]
    assert "No compliance partner is assigned" in section(page, "ASSIGNMENTS")
    assert section(other, "ASSIGNMENTS") == [
        ["VMware Workspace ONE mobile compliance", "iOS/iPadOS", "Partner phones"],
    ]


def test_missing_license_is_a_cross_beside_a_device_that_azure_ad_never_heard_of(look, tenant, ana):
    ConfigurationFactory(tenant=tenant, platform="ios", all_users=True)
    record = DirectoryDeviceFactory(tenant=tenant, owner=ana, is_compliant=None)
    ManagedDeviceFactory(tenant=tenant, primary_user=ana, azure_ad_device_id=record.device_id)
    services.reevaluate_authority(tenant, [Platform.IOS])

    page = look()

    assert tick(page, "Intune license") == "No"
    [row] = section(page, "DEVICES")
    assert row[1] == "VMware Workspace ONE mobile compliance"
    assert row[5] == "N/A"


def test_duplicate_record_is_a_second_row_that_only_azure_ad_knows(look, tenant, ana):
    good = DirectoryDeviceFactory(tenant=tenant, owner=ana, display_name="Ana's phone", is_compliant=True)
    DirectoryDeviceFactory(tenant=tenant, owner=ana, display_name="Ana's phone", is_compliant=False)
    ManagedDeviceFactory(tenant=tenant, device_name="Ana's phone", primary_user=ana, azure_ad_device_id=good.device_id)

    rows = section(look(), "DEVICES")

    assert [(row[0], row[4], row[5]) for row in rows] == [
        ("Ana's phone", "Compliant", "Yes"),
        ("Ana's phone", "Not enrolled", "No"),
    ]


def test_silent_device_shows_when_it_checked_in_last(look, tenant, ana):
    ManagedDeviceFactory(
        tenant=tenant,
        primary_user=ana,
        compliance=Compliance.NOT_COMPLIANT,
        last_checkin_at=tenant.now() - timedelta(days=40),
    )

    [row] = section(look(), "DEVICES")

    assert row[4:6] == ["Not compliant", "Not registered"]
    assert row[-1].startswith("6/10/2020")


def test_device_of_which_the_two_sides_name_different_people_is_there_for_both(look, tenant, ana):
    other = DirectoryUserFactory(tenant=tenant)
    record = DirectoryDeviceFactory(tenant=tenant, owner=other, display_name="Shared", is_compliant=True)
    ManagedDeviceFactory(tenant=tenant, device_name="Shared", primary_user=ana, azure_ad_device_id=record.device_id)

    assert [row[0] for row in section(look(), "DEVICES")] == ["Shared"]
    assert [(row[4], row[5]) for row in section(look(user=other.pk), "DEVICES")] == [("Compliant", "Yes")]


def fail_to_register(enrolment) -> None:
    journal.record(
        tenant=enrolment.tenant, actor=None, category="Partner console", activity=REGISTRATION_FAILED, target=enrolment
    )


def test_failures_say_when_and_what_to_do_the_latest_first(look, tenant, ana):
    wrong_door = {"console": ConsoleFactory(tenant=tenant), "registration_error": NOT_ONBOARDED}
    fail_to_register(EnrolmentFactory(tenant=tenant, user=ana, device_name="Ana's phone", **wrong_door))
    EnrolmentFailureFactory(
        tenant=tenant, user=ana, device_name="Ana's PC", code="0x8018002b", occurred_at=CLOCK_START - timedelta(days=1)
    )
    EnrolmentFactory(tenant=tenant, user=ana, device_name="Old phone", **wrong_door)

    rows = section(look(), "ENROLLMENT FAILURES")

    assert [(row[0].split(",")[0], row[1], row[3]) for row in rows] == [
        ("7/20/2020", "Ana's phone", "AccountNotOnboarded"),
        ("7/19/2020", "Ana's PC", "The user is not in the MDM user scope of an application. Event 76, 0x8018002b"),
        ("--", "Old phone", "AccountNotOnboarded"),
    ]
    assert rows[0][4].startswith("Delete the record of the device in Azure AD")
    assert rows[1][4].startswith("Add the user to a group of the MDM user scope")


@pytest.mark.parametrize(
    ("policy", "blocked", "remedy"),
    [
        ({}, False, "Exclude the registration app of the partner from the policy"),
        ({"state": "off"}, True, "Unblock sign in of the user"),
    ],
    ids=["policy", "account"],
)
def test_registration_that_azure_ad_refused_is_healed_where_it_was_refused(look, tenant, policy, blocked, remedy):
    shop = Shop(tenant)
    AccessPolicyFactory(tenant=tenant, **policy)
    DirectoryUser.objects.in_tenant(tenant).filter(pk=shop.user.pk).update(account_enabled=not blocked)

    shop.phone()

    [row] = section(look(user=shop.user.pk), "ENROLLMENT FAILURES")
    assert row[4].startswith(remedy)


# Assignments


def test_assignments_are_those_that_are_for_the_user_with_the_group_that_says_so(look, tenant, ana):
    mine = GroupFactory(tenant=tenant, display_name="Field engineers", members=[ana])
    CompliancePolicyFactory(tenant=tenant, display_name="For all")
    theirs = CompliancePolicyFactory(tenant=tenant, display_name="For mine", all_users=False)
    CompliancePolicyAssignmentFactory(tenant=tenant, policy=theirs, group=mine)
    CompliancePolicyFactory(tenant=tenant, display_name="For nobody", all_users=False)
    apart = CompliancePolicyFactory(tenant=tenant, display_name="Not for mine")
    CompliancePolicyAssignmentFactory(tenant=tenant, policy=apart, group=mine, intent="exclude")
    AccessPolicyFactory(tenant=tenant, display_name="Phones must be compliant", all_users=True)
    AccessPolicyFactory(tenant=tenant, display_name="Of others", all_users=False)

    assert section(look(), "ASSIGNMENTS") == [
        ["For all", "iOS/iPadOS", "All users"],
        ["For mine", "iOS/iPadOS", "Field engineers"],
    ]
    assert [row[0] for row in section(look(show="access"), "ASSIGNMENTS")] == ["Phones must be compliant"]


def test_help_desk_operator_can_use_it_but_for_conditional_access(look, portal_as, tenant, ana):
    AccessPolicyFactory(tenant=tenant, all_users=True)
    client = portal_as(Role.HELP_DESK_OPERATOR)

    assert look(client, show="partners")
    assert "Conditional access: Read" in section(look(client, show="access"), "ASSIGNMENTS")


def test_sign_ins_of_the_user_are_one_command_away(look, portal, portal_as, ana):
    SignInFactory(tenant=ana.tenant, user=DirectoryUserFactory(tenant=ana.tenant))
    SignInFactory(tenant=ana.tenant, user=ana)

    opened = portal.get(command(look(), "Sign-ins")["href"])

    rows = BeautifulSoup(opened.content, "html.parser").select(".grid tbody tr")
    assert [row.select("td")[1].get_text(strip=True) for row in rows] == ["Ana Castillo"]
    greyed = command(look(portal_as(Role.HELP_DESK_OPERATOR)), "Sign-ins")
    assert "Conditional access: Read" in greyed["title"]


def test_statements_do_not_grow_with_what_there_is(portal, tenant, ana, django_assert_max_num_queries):
    console = ConsoleFactory(tenant=tenant)
    for n in range(12):
        group = GroupFactory(tenant=tenant, members=[ana])
        record = DirectoryDeviceFactory(tenant=tenant, owner=ana)
        ManagedDeviceFactory(tenant=tenant, primary_user=ana, azure_ad_device_id=record.device_id)
        CompliancePolicyAssignmentFactory(tenant=tenant, group=group)
        EnrolmentFailureFactory(tenant=tenant, user=ana)
        EnrolmentFactory(
            tenant=tenant, console=console, user=ana, registration_error=NOT_ONBOARDED, device_name=f"P{n}"
        )
    assert DirectoryDevice.objects.in_tenant(tenant).count() == 12
    url = reverse("access:troubleshoot", args=[tenant.slug]) + f"?user={ana.pk}"
    portal.get(url)

    with django_assert_max_num_queries(22):
        portal.get(url)
    for show in ("partners", "access"):
        with django_assert_max_num_queries(24):
            portal.get(f"{url}&show={show}")
