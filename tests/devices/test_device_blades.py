"""The blades of one device: commands and their dialogs, compliance, and the list of every action."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devices import services
from devices.managed_by import number_of_partner
from devices.models import (
    Agent,
    Compliance,
    DeviceAction,
    DeviceState,
    ManagedDevice,
    OperatingSystem,
    Ownership,
)
from tenancy.roles import Role
from tenancy.scoping import NEVER
from tests.factories import (
    CLOCK_START,
    CompliancePolicyFactory,
    ComplianceSettingsFactory,
    ConfigurationFactory,
    DeviceActionFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    ManagedDeviceFactory,
    PartnerVerdictFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db

Kind, Status = DeviceAction.Kind, DeviceAction.Status
DAY = timedelta(days=1)


@pytest.fixture
def device(tenant):
    return ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-1", supervised=True)


def overview(device: ManagedDevice) -> str:
    return reverse("devices:overview", args=[device.tenant.slug, device.pk])


def act(device: ManagedDevice, kind: str) -> str:
    return reverse("devices:act", args=[device.tenant.slug, device.pk, kind])


def soup(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def commands(page: BeautifulSoup) -> dict[str, Tag]:
    return {tag.get_text(strip=True): tag for tag in page.select(".commands .cmd") if tag.get_text(strip=True)}


def rows(page: BeautifulSoup) -> list[list[str]]:
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in page.select(".grid tbody tr")]


def form_of(portal, device: ManagedDevice, kind: str) -> dict[str, str]:
    """The hidden values of the dialog, as the browser would send them."""
    page = soup(portal.get(overview(device)))
    field = page.select_one(f"#action-{kind} input[type=hidden][name=key]")
    return {"key": str(field["value"])} if field else {}


# The command bar


def test_command_bar_has_the_portals_order(portal, device):
    page = soup(portal.get(overview(device)))

    assert list(commands(page)) == [
        "Retire", "Wipe", "Delete", "Remote lock", "Sync", "Remove passcode", "Restart", "Rename device",
        "Refresh", "Sign in as",
    ]  # fmt: skip


def test_passcode_command_is_worded_by_platform(portal, tenant):
    android = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.ANDROID)

    assert "Reset passcode" in commands(soup(portal.get(overview(android))))


def test_command_of_another_platform_is_greyed_out_and_says_why(portal, tenant):
    windows = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.WINDOWS)

    lock = commands(soup(portal.get(overview(windows))))["Remote lock"]

    assert lock["aria-disabled"] == "true"
    assert lock["title"] == "Remote lock is not available for Windows desktops."


def test_command_that_the_role_may_not_is_greyed_out_and_names_the_permission(portal_as, device):
    page = soup(portal_as(Role.HELP_DESK_OPERATOR).get(overview(device)))

    greyed = {label for label, tag in commands(page).items() if tag.get("aria-disabled")}
    assert greyed == {"Delete"}
    assert "Managed devices: Delete" in commands(page)["Delete"]["title"]


def test_command_that_waits_is_greyed_out(portal, device):
    DeviceActionFactory(tenant=device.tenant, device=device, kind=Kind.SYNC)

    assert commands(soup(portal.get(overview(device))))["Sync"]["title"] == "Sync is already pending for this device."


def test_greyed_out_command_has_no_dialog_and_its_address_says_why(portal, tenant):
    windows = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.WINDOWS)

    page = soup(portal.get(overview(windows), {"pane": "remote_lock"}))

    assert page.select_one("#pane-remote_lock") is None
    assert page.select_one(".msg--error").get_text(strip=True) == "Remote lock is not available for Windows desktops."


# The dialogs


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.RENAME])
def test_dialog_asks_yes_or_no_without_script_too(portal, device, kind):
    page = soup(portal.get(overview(device), {"pane": kind.value}))

    (dialog,) = page.select("dialog.confirm[open]")
    assert [tag.get_text(strip=True) for tag in dialog.select(".btn")] == ["Yes", "No"]
    assert "'KL-IPH-1'" in dialog.get_text()


def test_wipe_has_its_options_on_windows_alone(portal, device, tenant):
    windows = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.WINDOWS)

    texts = [soup(portal.get(overview(row))).select_one("#pane-wipe").get_text() for row in (windows, device)]

    assert ["keep enrollment state" in text for text in texts] == [True, False]
    assert ["even if device loses power" in text for text in texts] == [True, False]


def test_address_of_an_action_leads_to_its_dialog(portal, device):
    response = portal.get(act(device, "wipe"))

    assert response.status_code == 302
    assert response.url == f"{overview(device)}?pane=wipe"


@pytest.mark.parametrize("method", ["get", "post"])
def test_action_that_does_not_exist_is_not_found(portal, device, method):
    assert getattr(portal, method)(act(device, "explode")).status_code == 404


# Essentials


def test_essentials_lead_to_the_user_and_to_the_record_in_azure_ad(portal, tenant):
    user = DirectoryUserFactory(tenant=tenant, upn="ida@kestrel.example")
    record = DirectoryDeviceFactory(tenant=tenant)
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user, azure_ad_device_id=record.device_id)

    page = soup(portal.get(overview(device)))

    links = {link.get_text(strip=True): link["href"] for link in page.select(".essentials a")}
    assert links == {
        "ida@kestrel.example": reverse("directory:user-overview", args=[tenant.slug, user.pk]),
        str(record.device_id): reverse("directory:device-overview", args=[tenant.slug, record.pk]),
    }


def test_device_without_a_user_and_a_record_leads_nowhere(portal, device):
    assert not soup(portal.get(overview(device))).select(".essentials a")


def test_toast_of_an_action_leads_to_the_list_of_actions(portal, tenant, device):
    response = portal.post(act(device, "sync"), form_of(portal, device, "sync"), follow=True)

    link = soup(response).select_one(".toast a")
    assert (link.get_text(), link["href"]) == ("Device actions", reverse("devices:action-list", args=[tenant.slug]))


# Asking


def test_sync_is_asked_for_and_shown(portal, device):
    response = portal.post(act(device, "sync"), form_of(portal, device, "sync"), follow=True)

    assert response.redirect_chain[-1][0] == overview(device)
    assert "Sync completed" in response.content.decode()
    assert rows(soup(response))[0][:2] == ["Sync", "Completed"]


def test_action_on_a_device_that_is_switched_off_waits(portal, tenant):
    device = ManagedDeviceFactory(tenant=tenant, supervised=True, online=False)

    response = portal.post(act(device, "wipe"), form_of(portal, device, "wipe"), follow=True)

    page = soup(response)
    assert "Wipe initiated" in response.content.decode()
    assert rows(page)[0][:2] == ["Wipe", "Pending"]
    assert "Wipe pending." in page.select_one(".msg--warn").get_text()
    assert commands(page)["Retire"]["title"] == "A wipe is already pending for this device."


@pytest.mark.parametrize(("kind", "word"), [("delete", "deleted"), ("retire", "retired"), ("wipe", "wiped")])
def test_device_that_is_gone_leads_back_to_the_list(portal, device, kind, word):
    response = portal.post(act(device, kind), form_of(portal, device, kind), follow=True)

    assert response.redirect_chain[-1][0] == reverse("devices:security-list", args=[device.tenant.slug])
    assert f"Successfully {word} &#x27;KL-IPH-1&#x27;." in response.content.decode()


@pytest.mark.parametrize("kind", ["sync", "delete", "wipe"])
def test_second_click_asks_for_nothing_and_ends_on_a_page(portal, device, kind):
    data = form_of(portal, device, kind)
    portal.post(act(device, kind), data)

    second = portal.post(act(device, kind), data, follow=True)

    assert second.status_code == 200
    assert DeviceAction.objects.in_tenant(device.tenant).count() == 1


def test_form_without_a_key_of_ours_is_refused_or_asks_once(portal, device):
    assert portal.post(act(device, "sync"), {"key": "nonsense"}).status_code == 422
    assert portal.post(act(device, "sync")).status_code == 302
    assert portal.post(act(device, "delete")).status_code == 302
    assert portal.post(act(device, "delete"), {"key": "nonsense"}).status_code == 302
    assert DeviceAction.objects.in_tenant(device.tenant).count() == 2


@pytest.mark.parametrize("kind", ["wipe", "rename", "delete"])
def test_command_on_a_device_that_a_colleague_has_removed_leads_to_the_list_and_says_so(portal, tenant, device, kind):
    data = form_of(portal, device, kind) | {"new_name": "KL-IPH-2"}
    services.request_actions(tenant=tenant, actor=None, devices=[device], kind=Kind.DELETE)

    response = portal.post(act(device, kind), data, follow=True)

    assert response.redirect_chain[-1][0] == reverse("devices:security-list", args=[tenant.slug])
    toast = soup(response).select_one(".toast")
    assert toast.p.get_text(" ", strip=True) == "'KL-IPH-1' is no longer in Intune. Device actions"
    assert DeviceAction.objects.in_tenant(tenant).count() == 1


def test_properties_of_a_device_that_a_colleague_has_removed_lead_to_the_list_too(portal, tenant, device):
    services.request_actions(tenant=tenant, actor=None, devices=[device], kind=Kind.DELETE)

    response = portal.post(
        reverse("devices:properties", args=[tenant.slug, device.pk]), {"ownership": "10"}, follow=True
    )

    assert response.redirect_chain[-1][0] == reverse("devices:security-list", args=[tenant.slug])
    assert "is no longer in Intune." in response.content.decode()


@pytest.mark.parametrize("page", ["overview", "properties", "hardware", "compliance", "built-in-policy"])
def test_address_of_a_device_that_has_left_says_what_became_of_it(portal, tenant, operator, device, page):
    services.request_actions(tenant=tenant, actor=operator, devices=[device], kind=Kind.WIPE)

    response = portal.get(reverse(f"devices:{page}", args=[tenant.slug, device.pk]))

    shown = soup(response)
    empty = shown.select_one(".empty").get_text(" ", strip=True)
    assert response.status_code == 404
    assert "'KL-IPH-1' is no longer in Intune" in empty
    assert f"Wipe was requested by {operator.email} and completed on 7/20/2020, 8:00:0" in empty
    assert shown.select_one(".menu") is None  # it would lead to more pages of nothing
    link = shown.select_one(".empty a")
    assert "KL-IPH-1" in portal.get(link["href"]).content.decode()


def test_what_became_of_a_device_is_told_in_its_own_directory_alone(portal, tenant):
    theirs = ManagedDeviceFactory(tenant=TenantFactory(), device_name="KL-THEIRS")
    services.request_actions(tenant=theirs.tenant, actor=None, devices=[theirs], kind=Kind.DELETE)

    response = portal.get(reverse("devices:overview", args=[tenant.slug, theirs.pk]))

    assert response.status_code == 404
    assert "KL-THEIRS" not in response.content.decode()


def test_name_that_is_refused_stays_in_the_pane_with_its_reason(portal, device):
    response = portal.post(act(device, "rename"), {"new_name": "Mara's iPhone"})

    page = soup(response)
    pane = page.select_one("dialog#pane-rename[open]")
    assert response.status_code == 422
    assert pane.select_one("input[name=new_name]")["value"] == "Mara's iPhone"
    assert "Use letters, numbers and hyphens only." in pane.get_text()
    assert pane.select_one("a[data-close]")["href"] == overview(device)
    assert page.select_one('.menu [aria-current="page"]').get_text(strip=True) == "Overview"


def test_rename_to_the_name_that_the_device_has_is_refused(portal, device):
    response = portal.post(act(device, "rename"), {"new_name": "KL-IPH-1"})

    assert response.status_code == 422
    assert "Enter another name than the present one." in soup(response).select_one("dialog#pane-rename").get_text()
    assert not DeviceAction.objects.in_tenant(device.tenant).exists()


def test_rename_may_change_capitals_alone(portal, device):
    portal.post(act(device, "rename"), {"new_name": "kl-iph-1"})

    device.refresh_from_db()
    assert device.device_name == "kl-iph-1"


def test_rename_changes_the_heading(portal, device):
    response = portal.post(act(device, "rename"), {"new_name": "KL-IPH-2"}, follow=True)

    assert soup(response).h1.get_text(" ", strip=True) == "KL-IPH-2 | Overview"


def test_action_that_became_impossible_meanwhile_is_refused_with_its_reason(portal, device):
    data = form_of(portal, device, "wipe")
    ManagedDevice.objects.in_tenant(device.tenant).update(state=DeviceState.RETIRE_PENDING)

    response = portal.post(act(device, "wipe"), data)

    assert response.status_code == 422
    bar = soup(response).select_one(".msg--error")
    assert bar.get_text(strip=True) == "A retire is already pending for this device."


@pytest.mark.parametrize(
    ("role", "kind"), [(Role.HELP_DESK_OPERATOR, "delete"), (Role.ENDPOINT_SECURITY_MANAGER, "wipe")]
)
def test_action_beyond_the_role_is_refused_by_name(portal_as, device, role, kind):
    response = portal_as(role).post(act(device, kind))

    assert response.status_code == 403
    assert not DeviceAction.objects.in_tenant(device.tenant).exists()


def test_device_of_another_directory_does_not_exist(portal, tenant):
    theirs = ManagedDeviceFactory(tenant=TenantFactory())

    response = portal.post(reverse("devices:act", args=[tenant.slug, theirs.pk, "delete"]), {"key": str(uuid4())})

    assert response.status_code == 404
    assert ManagedDevice.objects.in_tenant(theirs.tenant).exists()


# Passcodes


def test_temporary_passcode_is_shown_for_seven_days_to_those_who_may_set_one(portal, portal_as, tenant):
    android = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.ANDROID)
    action = services.request_actions(tenant=tenant, actor=None, devices=[android], kind=Kind.RESET_PASSCODE).made[0]
    sentence = f"Temporary passcode: {action.options['passcode']}."

    assert sentence in portal.get(overview(android)).content.decode()
    assert sentence not in portal_as(Role.READ_ONLY_OPERATOR).get(overview(android)).content.decode()
    DeviceAction.objects.in_tenant(tenant).update(requested_at=tenant.now() - timedelta(days=7, minutes=1))
    assert sentence not in portal.get(overview(android)).content.decode()


def test_recovery_pin_that_the_administrator_chooses_is_shown(portal, tenant):
    macos = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.MACOS)

    refused = portal.post(act(macos, "remote_lock"), {"pin": "12"})
    response = portal.post(act(macos, "remote_lock"), {"pin": "246810"}, follow=True)

    assert "Enter a PIN of 6 digits." in refused.content.decode()
    assert "Recovery PIN: 246810." in response.content.decode()


# Device compliance


def policies_of(portal, device: ManagedDevice, **query: Any) -> list[list[str]]:
    return rows(soup(portal.get(reverse("devices:compliance", args=[device.tenant.slug, device.pk]), query)))


def test_policies_that_are_for_the_device_stand_with_its_state_by_each(portal, tenant):
    user = DirectoryUserFactory(tenant=tenant, upn="ida@kestrel.example")
    device = ManagedDeviceFactory(
        tenant=tenant, primary_user=user, compliance=Compliance.IN_GRACE_PERIOD, passcode_set=False
    )
    CompliancePolicyFactory(tenant=tenant, display_name="iOS passcode", require_passcode=True)
    CompliancePolicyFactory(tenant=tenant, display_name="iOS minimum", minimum_os_version="13.0")
    CompliancePolicyFactory(tenant=tenant, display_name="iOS of others", all_users=False)
    CompliancePolicyFactory(tenant=tenant, display_name="iOS of today", changed_at=tenant.now())
    CompliancePolicyFactory(tenant=tenant, display_name="Windows BitLocker", os=OperatingSystem.WINDOWS)

    assert policies_of(portal, device) == [
        ["Built-in Device Compliance Policy", "ida@kestrel.example", "Compliant"],
        ["iOS minimum", "ida@kestrel.example", "Compliant"],
        ["iOS of today", "ida@kestrel.example", "Not evaluated"],
        ["iOS passcode", "ida@kestrel.example", "In grace period"],
    ]
    assert [row[0] for row in policies_of(portal, device, q="PASS")] == ["iOS passcode"]
    assert policies_of(portal, device, q="zzz") == []


def test_policy_of_a_device_says_which_setting_is_not_met(portal, tenant):
    user = DirectoryUserFactory(tenant=tenant)
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user, passcode_set=False, os_version="13.5.1")
    policy = CompliancePolicyFactory(tenant=tenant, require_passcode=True, minimum_os_version="13.0")
    other = CompliancePolicyFactory(tenant=tenant, all_users=False)
    url = partial(reverse, "devices:policy-of-device")

    page = soup(portal.get(url(args=[tenant.slug, device.pk, policy.pk])))
    apart = portal.get(url(args=[tenant.slug, device.pk, other.pk])).content.decode()

    assert rows(page) == [
        ["Minimum OS version", "Compliant", "13.0 or later"],
        ["Password to unlock the device", "Not Compliant", "Require"],
    ]
    assert "The policy does not apply to this device." in apart


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"last_checkin_at": CLOCK_START - 2 * DAY}, "The device has not checked in since the policy was changed."),
        (
            {
                "compliance": Compliance.IN_GRACE_PERIOD,
                "failing_since": CLOCK_START,
                "passcode_set": False,
            },
            "The policy marks the device as not compliant on 7/23/2020, 8:00:00 AM.",
        ),
        (
            {"compliance": Compliance.ERROR, "error_since": CLOCK_START - DAY},
            "What was said of the device before holds until it is marked as not compliant on 7/26/2020, 8:00:00 AM.",
        ),
        (
            {"compliance": Compliance.NOT_COMPLIANT, "error_since": CLOCK_START - 9 * DAY},
            "an error since 7/11/2020, 8:00:00 AM. The device was marked as not compliant on 7/18/2020, 8:00:00 AM.",
        ),
    ],
    ids=["not evaluated", "in grace period", "error", "error that has lasted"],
)
def test_policy_of_a_device_says_since_when_and_until_when(portal, tenant, values, said):
    user = DirectoryUserFactory(tenant=tenant)
    device = ManagedDeviceFactory(**{"tenant": tenant, "primary_user": user, "last_checkin_at": CLOCK_START} | values)
    policy = CompliancePolicyFactory(
        tenant=tenant, require_passcode=True, grace_days=3, created_at=CLOCK_START - DAY, changed_at=CLOCK_START - DAY
    )

    page = soup(portal.get(reverse("devices:policy-of-device", args=[tenant.slug, device.pk, policy.pk])))

    assert said in page.get_text(" ", strip=True)


def test_partners_device_shows_the_partners_verdict_and_when_it_came(portal, tenant):
    record = DirectoryDeviceFactory(tenant=tenant, is_compliant=False)
    device = ManagedDeviceFactory(tenant=tenant, azure_ad_device_id=record.device_id)
    partner = ConfigurationFactory(tenant=tenant)
    ManagedDevice.objects.in_tenant(tenant).update(
        authority=partner, managed_by=number_of_partner(partner.partner), compliance=Compliance.COMPLIANT
    )
    CompliancePolicyFactory(tenant=tenant)
    url = reverse("devices:compliance", args=[tenant.slug, device.pk])

    silent = portal.get(url).content.decode()
    PartnerVerdictFactory(
        tenant=tenant, device_id=record.device_id, partner=partner.partner, compliant=True,
        reported_at=datetime(2020, 7, 19, 9, 30, tzinfo=UTC),
    )  # fmt: skip
    response = portal.get(url)
    overview = portal.get(reverse("devices:overview", args=[tenant.slug, device.pk])).content.decode()

    assert "It has not reported on this device yet." in silent
    assert rows(soup(response)) == [
        ["Built-in Device Compliance Policy", "--", "Not evaluated"],
        ["VMware Workspace ONE mobile compliance", "--", "Compliant"],
    ]
    assert "VMware Workspace ONE mobile compliance decides whether" in response.content.decode()
    assert "It reported &#x27;Compliant&#x27; on 7/19/2020, 9:30:00 AM." in response.content.decode()
    assert "(reported by the partner on 7/19/2020, 9:30:00 AM)" in overview
    assert "A compliance partner manages this device, and decides whether it is compliant." in overview


def test_partners_device_that_was_not_reported_says_why_it_is_not_evaluated(portal, tenant):
    device = ManagedDeviceFactory(tenant=tenant)
    partner = ConfigurationFactory(tenant=tenant)
    ManagedDevice.objects.in_tenant(tenant).update(
        authority=partner, managed_by=number_of_partner(partner.partner), compliance=Compliance.NOT_EVALUATED
    )

    page = soup(portal.get(overview(device))).get_text(" ", strip=True)

    assert "It is Not evaluated until the partner reports it." in page


def test_configmgrs_device_is_judged_there(portal, tenant):
    device = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.WINDOWS, agent=Agent.CONFIGMGR)

    assert policies_of(portal, device)[1] == ["Configuration Manager", "--", "See ConfigMgr"]


@pytest.mark.parametrize(
    ("age", "user", "policy", "states"),
    [
        (timedelta(days=29), True, True, ["Compliant", "Compliant", "Compliant"]),
        (timedelta(days=31), False, False, ["Not Compliant", "Not Compliant", "Compliant"]),
        (None, True, True, ["Not evaluated", "Compliant", "Compliant"]),
    ],
)
def test_built_in_policy_says_which_setting_is_not_met(portal, tenant, age, user, policy, states):
    device = ManagedDeviceFactory(
        tenant=tenant,
        last_checkin_at=tenant.now() - age if age else NEVER,
        primary_user=DirectoryUserFactory(tenant=tenant) if user else None,
    )
    if policy:
        CompliancePolicyFactory(tenant=tenant)

    page = soup(portal.get(reverse("devices:built-in-policy", args=[tenant.slug, device.pk])))

    assert [row[:2] for row in rows(page)] == [
        [label, state]
        for label, state in zip(
            ["Is active", "Enrolled user exists", "Has a compliance policy assigned"], states, strict=True
        )
    ]


def test_built_in_policy_follows_the_tenants_settings(portal, tenant):
    user = DirectoryUserFactory(tenant=tenant)
    device = ManagedDeviceFactory(tenant=tenant, primary_user=user, last_checkin_at=tenant.now() - timedelta(days=40))
    ComplianceSettingsFactory(tenant=tenant, validity_days=60, without_policy=Compliance.NOT_COMPLIANT)

    page = soup(portal.get(reverse("devices:built-in-policy", args=[tenant.slug, device.pk])))

    assert [row[1] for row in rows(page)] == ["Compliant", "Compliant", "Not Compliant"]
    assert "within 60 days" in page.get_text()


# Monitor > Device actions


@pytest.fixture
def actions_url(tenant) -> str:
    return reverse("devices:action-list", args=[tenant.slug])


def test_every_action_is_listed_newest_first_in_the_words_of_the_monitor(portal, tenant, operator, actions_url):
    user = DirectoryUserFactory(tenant=tenant, upn="ida@kestrel.example")
    lost = ManagedDeviceFactory(tenant=tenant, device_name="KL-LOST", primary_user=user, supervised=True, online=False)
    gone = ManagedDeviceFactory(tenant=tenant, device_name="KL-GONE")
    DeviceActionFactory(tenant=tenant, device=gone, kind=Kind.RESTART, status=Status.FAILED)
    for kind, device in ((Kind.WIPE, lost), (Kind.DELETE, gone)):
        services.request_actions(tenant=tenant, actor=operator, devices=[device], kind=kind)

    page = soup(portal.get(actions_url))

    assert [row[:5] for row in rows(page)] == [
        ["KL-GONE", "", "Delete", "Completed", operator.email],
        ["KL-LOST", "ida@kestrel.example", "Wipe", "Attempting to reach device", operator.email],
        ["KL-GONE", "", "Restart", "Failed", "System"],
    ]
    assert [link.get_text() for link in page.select(".grid tbody a")] == ["KL-LOST"]


def test_actions_are_filtered_by_action_status_date_and_device(portal, tenant, actions_url):
    now = tenant.now()
    for name, kind, status, age in (
        ("KL-1", Kind.SYNC, Status.COMPLETED, timedelta(hours=1)),
        ("KL-2", Kind.WIPE, Status.PENDING, timedelta(days=3)),
        ("XX-1", Kind.SYNC, Status.FAILED, timedelta(days=40)),
    ):
        device = ManagedDeviceFactory(tenant=tenant, device_name=name)
        DeviceActionFactory(tenant=tenant, device=device, kind=kind, status=status, requested_at=now - age)

    def names(**query: Any) -> list[str]:
        return [row[0] for row in rows(soup(portal.get(actions_url, query)))]

    assert names() == ["KL-1", "KL-2", "XX-1"]
    assert names(action="sync") == ["KL-1", "XX-1"]
    assert names(status=["pending", "failed"]) == ["KL-2", "XX-1"]
    assert names(date="7") == ["KL-1", "KL-2"]
    assert names(q="kl-") == ["KL-1", "KL-2"]
    assert names(q="kl-", action="wipe", date="30", status="pending") == ["KL-2"]
    assert names(sort="action") == ["XX-1", "KL-1", "KL-2"]
    assert names(q="zzz") == []
    assert names(date="-1", sort="nonsense", action="nonsense", status="nonsense") == ["KL-1", "KL-2", "XX-1"]


def test_actions_are_found_by_the_name_of_a_device_that_has_left(portal, tenant, actions_url):
    lost, other = (ManagedDeviceFactory(tenant=tenant, device_name=name) for name in ("KL-Lost", "KL-Other"))
    for device in (lost, other):
        services.request_actions(tenant=tenant, actor=None, devices=[device], kind=Kind.DELETE)

    page = soup(portal.get(actions_url, {"q": "kl-lo"}))

    assert [row[0] for row in rows(page)] == ["KL-Lost"]


def test_list_of_actions_costs_the_same_for_few_and_for_many(portal, tenant, actions_url):
    device = ManagedDeviceFactory(tenant=tenant)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            portal.get(actions_url)
        return len(queries)

    DeviceActionFactory(tenant=tenant, device=device)
    few = statements()
    DeviceActionFactory.create_batch(60, tenant=tenant, device=device)

    assert statements() == few


def test_fragment_of_the_list_is_the_list_alone(portal, tenant, actions_url):
    page = soup(portal.get(actions_url, headers={"HX-Request": "true"}))

    assert page.h1 is None
    assert "No device actions to display" in page.get_text()


def test_actions_of_another_directory_are_not_listed(portal, actions_url):
    DeviceActionFactory(tenant=TenantFactory(), requested_at=CLOCK_START)

    assert rows(soup(portal.get(actions_url))) == []


# Honest pages


def test_honest_page_keeps_the_menu_of_the_device(portal, device):
    page = soup(portal.get(reverse("console:device-blade", args=[device.tenant.slug, device.pk, "recovery-keys"])))

    assert page.select_one('.menu [aria-current="page"]').get_text(strip=True) == "Recovery keys"
    assert overview(device) in {link["href"] for link in page.select(".menu a")}
    assert "This training console does not have 'Recovery keys'" in page.get_text()


def test_personal_windows_device_keeps_its_greyed_rename(portal, tenant):
    personal = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.WINDOWS, ownership=Ownership.PERSONAL)

    title = commands(soup(portal.get(overview(personal))))["Rename device"]["title"]
    assert title == "Rename device requires a corporate-owned device."
