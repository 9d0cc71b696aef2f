"""Devices > Compliance policies: what a user sees and does."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from blades.models import Draft
from devices import policy_services
from devices.models import Compliance, CompliancePolicy, ComplianceSettings, OperatingSystem
from devices.policy_views import ADD, EDIT
from tenancy.roles import Role
from tests.factories import (
    CLOCK_START,
    CompliancePolicyAssignmentFactory,
    CompliancePolicyFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
)

IOS = OperatingSystem.IOS


@pytest.fixture
def listing(tenant):
    return reverse("devices:policy-list", args=[tenant.slug])


@pytest.fixture
def address(tenant):
    return lambda name, *args: reverse(f"devices:policy-{name}", args=[tenant.slug, *args])


@pytest.fixture
def draft(tenant, operator):
    def make(wizard=ADD, subject=None, **answers):
        if wizard == ADD:
            answers = {"platform": {"os": IOS.value}, **answers}
        return Draft.objects.create(
            tenant=tenant, operator=operator, wizard=wizard, subject_id=subject, answers=answers
        )

    return make


def cells(response):
    return [[BeautifulSoup(str(cell), "html.parser").get_text() for cell in row["cells"]]
            for row in response.context["table"].display_rows]  # fmt: skip


def text(response) -> str:
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)


ANSWERS: dict[str, dict[str, Any]] = {
    "basics": {"display_name": "Phones", "description": ""},
    "settings": {"minimum_os_version": "13.5", "require_passcode": "on", "block_jailbroken": "off"},
    "actions": {"grace_days": "3"},
    "assignments": {"all_users": True, "groups": [], "excluded_groups": []},
}


def test_list_without_policies_invites_to_create_one(portal, listing, address):
    page = portal.get(listing).content.decode()

    assert "No compliance policies to display" in page
    assert address("new") in page


def test_list_says_what_each_policy_is_and_whether_it_is_assigned(portal, tenant, listing):
    CompliancePolicyFactory(tenant=tenant, display_name="Phones", os=IOS)
    CompliancePolicyFactory(tenant=tenant, display_name="Macs", os=OperatingSystem.MACOS, all_users=False)
    pcs = CompliancePolicyFactory(tenant=tenant, display_name="PCs", os=OperatingSystem.WINDOWS, all_users=False)
    CompliancePolicyAssignmentFactory(tenant=tenant, policy=pcs)

    response = portal.get(listing)

    assert [head["label"] for head in response.context["table"].heads] == [
        "Policy name",
        "Platform",
        "Policy type",
        "Assigned",
        "Last modified",
    ]
    assert [row[:4] for row in cells(response)] == [
        ["Macs", "macOS", "Mac compliance policy", "No"],
        ["PCs", "Windows 10 and later", "Windows 10 compliance policy", "Yes"],
        ["Phones", "iOS/iPadOS", "iOS compliance policy", "Yes"],
    ]


def test_list_is_searched_sorted_and_paged_with_a_constant_number_of_statements(
    portal, tenant, listing, django_assert_num_queries
):
    for n in range(12):
        CompliancePolicyFactory(tenant=tenant, display_name=f"Policy {n:02}")
    portal.get(listing)

    with django_assert_num_queries(5):
        first = portal.get(listing, {"per_page": "10"})
    found = portal.get(listing, {"q": "Y 07"})
    backwards = portal.get(listing, {"sort": "-name"})
    second = portal.get(listing + first.context["table"].pager.next_url)
    none = portal.get(listing, {"q": "nothing"})

    assert len(cells(first)) == 10
    assert [row[0] for row in cells(found)] == ["Policy 07"]
    assert cells(backwards)[0][0] == "Policy 11"
    assert [row[0] for row in cells(second)] == ["Policy 10", "Policy 11"]
    assert "No policies match the search." in text(none)


def test_fragment_is_the_list_alone(portal, listing):
    response = portal.get(listing, headers={"HX-Request": "true", "HX-Target": "results"})

    assert b"<html" not in response.content
    assert b'id="results"' in response.content


def test_platform_is_asked_for_in_a_pane_and_missing_it_is_refused_there(portal, address):
    opened = BeautifulSoup(portal.get(address("new"), follow=True).content, "html.parser")
    refused = portal.post(address("new"), {"os": ""})

    assert opened.select_one("#pane-new[open] select[name=os]")
    assert refused.status_code == 422
    assert "Select a platform." in text(refused)
    assert not Draft.objects.exists()


def test_wizard_creates_the_policy_step_by_step(portal, tenant, address):
    group = GroupFactory(tenant=tenant, display_name="Field engineers")
    step = portal.post(address("new"), {"os": IOS.value}).url
    draft = Draft.objects.get()

    for name, posted, following in (
        ("basics", {"display_name": "Phones", "description": "All phones"}, "settings"),
        ("settings", ANSWERS["settings"], "actions"),
        ("actions", {"grace_days": "3"}, "assignments"),
        ("assignments", {"groups": str(group.pk)}, "review"),
    ):
        assert step == address("step", draft.pk, name)
        assert portal.get(step).status_code == 200
        step = portal.post(step, posted).url
        assert step == address("step", draft.pk, following)
    review = text(portal.get(step))
    done = portal.post(step)
    again = portal.post(step)

    for said in ("Phones", "All phones", "iOS/iPadOS", "13.5", "Require", "3 days after noncompliance",
                 "Field engineers"):  # fmt: skip
        assert said in review
    policy = CompliancePolicy.objects.in_tenant(tenant).get()
    assert done.url == again.url == address("overview", policy.pk)
    assert (policy.minimum_os_version, policy.require_passcode, policy.block_jailbroken) == ("13.5", True, False)
    assert (policy.grace_days, policy.all_users) == (3, False)
    assert [row.group for row in policy.assignments.all()] == [group]


def test_step_offers_what_the_platform_has(portal, draft, address, tenant, operator):
    windows = Draft.objects.create(
        tenant=tenant,
        operator=operator,
        wizard=ADD,
        answers={"platform": {"os": OperatingSystem.WINDOWS.value}, "basics": ANSWERS["basics"]},
    )

    phone = text(portal.get(address("step", draft(basics=ANSWERS["basics"]).pk, "settings")))
    pc = text(portal.get(address("step", windows.pk, "settings")))

    assert "Jailbroken devices" in phone
    assert "encryption" not in phone
    assert "Jailbroken devices" not in pc
    assert "Require encryption of data storage on device" in pc


@pytest.mark.parametrize(
    ("step", "posted", "sentence"),
    [
        ("basics", {"display_name": ""}, "Enter a name."),
        ("basics", {"display_name": "x" * 121}, "at most 120 characters"),
        ("basics", {"display_name": "TAKEN"}, "already exists for platform 'iOS/iPadOS'"),
        ("settings", ANSWERS["settings"] | {"minimum_os_version": "ten"}, "Enter a version number"),
        ("settings", {"require_passcode": "maybe", "block_jailbroken": "off"}, "Select Require or Not configured."),
        ("actions", {"grace_days": "366"}, "Enter a number of days from 0 to 365."),
        ("actions", {"grace_days": ""}, "Enter a number of days from 0 to 365."),
        ("assignments", {"groups": "00000000-0000-0000-0000-000000000000"}, "no longer exists"),
    ],
)
def test_invalid_step_is_refused_in_its_place_and_keeps_what_was_typed(
    portal, tenant, draft, address, step, posted, sentence
):
    CompliancePolicyFactory(tenant=tenant, display_name="Taken", os=IOS)
    made = draft(**ANSWERS)

    response = portal.post(address("step", made.pk, step), posted)

    assert response.status_code == 422
    assert sentence in text(response)
    made.refresh_from_db()
    assert made.answer(step) == ANSWERS[step]


def test_step_ahead_of_an_unanswered_one_leads_back_to_it(portal, draft, address):
    made = draft(basics=ANSWERS["basics"])

    for step in ("actions", "assignments", "review"):
        assert portal.get(address("step", made.pk, step)).url == address("step", made.pk, "settings")
    assert portal.get(address("step", made.pk, "nonsense")).status_code == 404


def test_review_leads_to_the_step_that_has_become_wrong(portal, tenant, draft, address):
    made = draft(**ANSWERS)
    CompliancePolicyFactory(tenant=tenant, display_name="phones", os=IOS)

    seen = portal.get(address("step", made.pk, "review"))
    answer = portal.post(address("step", made.pk, "review"))

    assert "Validation failed." in text(seen)
    assert answer.url == address("step", made.pk, "basics")
    assert CompliancePolicy.objects.in_tenant(tenant).count() == 1


@pytest.mark.parametrize(
    ("step", "posted", "field", "value"),
    [
        ("basics", {"display_name": "Renamed"}, "display_name", "Renamed"),
        ("settings", {"minimum_os_version": "14.0", "require_passcode": "off", "block_jailbroken": "on"},
         "block_jailbroken", True),
        ("actions", {"grace_days": "5"}, "grace_days", 5),
        ("assignments", {"all_users": ""}, "all_users", False),
    ],
)  # fmt: skip
def test_section_is_edited_by_itself(portal, tenant, address, step, posted, field, value):
    policy = CompliancePolicyFactory(tenant=tenant, display_name="Phones", require_passcode=True)

    editing = portal.get(address("edit", policy.pk, step)).url
    assert portal.get(editing).status_code == 200
    review = portal.post(editing, posted).url
    assert "Review + save" in text(portal.get(review))
    saved = portal.post(review)

    assert saved.url == address("properties", policy.pk)
    policy.refresh_from_db()
    assert getattr(policy, field) == value


def test_edit_that_another_tab_overtook_is_told_and_saved_the_second_time(portal, tenant, address):
    policy = CompliancePolicyFactory(tenant=tenant, display_name="Phones", grace_days=1)
    first, second, other = (
        portal.post(portal.get(address("edit", policy.pk, step)).url, posted).url
        for step, posted in (
            ("actions", {"grace_days": "5"}),
            ("actions", {"grace_days": "9"}),
            ("basics", {"display_name": "All phones"}),
        )
    )
    portal.post(first)

    told = portal.post(second)
    policy.refresh_from_db()
    between = policy.grace_days
    portal.post(second)

    assert told.status_code == 422
    assert "The policy was changed meanwhile. Select Save again to replace what was changed." in text(told)
    policy.refresh_from_db()
    assert (between, policy.grace_days) == (5, 9)
    assert portal.post(other).status_code == 302, "another section is not in its way"


def test_edit_of_a_policy_that_is_deleted_meanwhile_says_so(portal, tenant, address, draft, listing):
    policy = CompliancePolicyFactory(tenant=tenant)
    made = draft(EDIT, policy.pk, basics={"display_name": "Renamed"})
    policy_services.delete_policy(policy=policy, actor=None)

    answer = portal.post(address("edit-step", policy.pk, made.pk, "review"), follow=True)

    assert answer.redirect_chain[-1][0] == listing
    assert "deleted meanwhile" in text(answer)


def test_delete_asks_first_and_then_deletes_once(portal, tenant, address, listing):
    policy = CompliancePolicyFactory(tenant=tenant, display_name="Phones")

    asked = portal.get(address("delete", policy.pk), follow=True)
    done = portal.post(address("delete", policy.pk))

    assert "permanently delete the compliance policy 'Phones'" in text(asked)
    assert done.url == listing
    assert not CompliancePolicy.objects.in_tenant(tenant).exists()
    assert portal.post(address("delete", policy.pk)).status_code == 404


def test_overview_counts_devices_by_state_and_leads_to_them(portal, tenant, address, django_assert_num_queries):
    user = DirectoryUserFactory(tenant=tenant)
    policy = CompliancePolicyFactory(tenant=tenant, os=IOS, require_passcode=True)
    for n, passcode in enumerate((True, True, False)):
        ManagedDeviceFactory(
            tenant=tenant, device_name=f"Phone {n}", primary_user=user, passcode_set=passcode,
            last_checkin_at=CLOCK_START,
        )  # fmt: skip
    portal.get(address("overview", policy.pk))

    overview = portal.get(address("overview", policy.pk))
    with django_assert_num_queries(7):
        listed = portal.get(address("devices", policy.pk))
    failing = portal.get(address("devices", policy.pk) + "?state=not_compliant")

    assert {part["label"]: part["count"] for part in overview.context["parts"]} == {
        "Compliant": 2,
        "Not compliant": 1,
        "Not evaluated": 0,
    }
    assert [row[0] for row in cells(listed)] == ["Phone 0", "Phone 1", "Phone 2"]
    assert [(row[0], row[2]) for row in cells(failing)] == [("Phone 2", "Not compliant")]


def test_commands_are_greyed_with_their_reason_for_those_who_may_read_alone(portal_as, tenant, address, listing):
    policy = CompliancePolicyFactory(tenant=tenant)
    client = portal_as(Role.HELP_DESK_OPERATOR)

    for url in (listing, address("overview", policy.pk), address("properties", policy.pk), address("settings")):
        page = client.get(url)
        assert page.status_code == 200
        assert "Device compliance policies: Modify" in page.content.decode()
    assert client.post(address("settings"), {"validity_days": "1"}).status_code == 403


def test_settings_are_shown_and_saved(portal, tenant, address):
    before = text(portal.get(address("settings")))
    saved = portal.post(
        address("settings"),
        {"without_policy": "50", "enhanced_jailbreak_detection": "on", "validity_days": "60"},
        follow=True,
    )

    assert "Mark devices with no compliance policy assigned as" in before
    assert "Successfully saved the compliance policy settings." in text(saved)
    settings = ComplianceSettings.objects.in_tenant(tenant).get()
    assert (settings.without_policy, settings.enhanced_jailbreak_detection, settings.validity_days) == (
        Compliance.NOT_COMPLIANT,
        True,
        60,
    )


@pytest.mark.parametrize("days", ["0", "121", "", "many"])
def test_invalid_validity_is_refused_in_its_place(portal, tenant, address, days):
    response = portal.post(
        address("settings"), {"without_policy": "50", "enhanced_jailbreak_detection": "off", "validity_days": days}
    )

    assert response.status_code == 422
    assert "Enter a number of days from 1 to 120." in text(response)
    assert not ComplianceSettings.objects.in_tenant(tenant).exists()
