"""Properties of a device: what can be edited, by whom, and what follows from it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import reverse

from devices import services
from devices.models import DeviceCount, DeviceSearch, ManagedDevice, OperatingSystem, Ownership
from directory.models import DirectoryDevice
from tenancy import clock
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ida Berg", upn="ida.berg@kestrel.example")


@pytest.fixture
def other(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Otto Weiss", upn="otto.weiss@kestrel.example")


@pytest.fixture
def device(tenant, user):
    return ManagedDeviceFactory(tenant=tenant, device_name="KL-IPH-1", primary_user=user)


@pytest.fixture
def address(tenant, device):
    return reverse("devices:properties", args=[tenant.slug, device.pk])


def change(device, actor=None, **values):
    saved = {"ownership": device.ownership, "notes": device.notes, "primary_user": device.primary_user}
    return services.change_properties(tenant=device.tenant, actor=actor, device=device, **{**saved, **values})


def soup(response):
    return BeautifulSoup(response.content, "html.parser")


def shown_user(response) -> str:
    return soup(response).select_one("#primary-user-value").get_text(" ", strip=True)


# The service


def test_ownership_moves_the_counts_and_stands_in_the_journal(tenant, device, operator):
    change(device, operator, ownership=Ownership.PERSONAL)

    device.refresh_from_db()
    counts = DeviceCount.objects.in_tenant(tenant).filter(facet="ownership").values_list("value", "n")
    assert device.ownership == Ownership.PERSONAL
    assert +Counter(dict(counts)) == {Ownership.PERSONAL: 1}
    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Patch ManagedDevice")
    assert (entry.old_values, entry.new_values) == (
        {"Device ownership": "Corporate"},
        {"Device ownership": "Personal"},
    )
    assert entry.actor_name == operator.email


def test_new_primary_user_is_shown_and_found_and_the_owner_in_azure_ad_stays(tenant, device, user, other):
    record = DirectoryDeviceFactory(tenant=tenant, owner=user)
    ManagedDevice.objects.in_tenant(tenant).update(azure_ad_device_id=record.device_id)

    change(device, primary_user=other)

    device.refresh_from_db()
    assert (device.primary_user, device.user_upn, device.user_upn_key) == (other, other.upn, other.upn)
    assert "otto.weiss" in DeviceSearch.objects.in_tenant(tenant).get(device=device).text
    assert DirectoryDevice.objects.in_tenant(tenant).get().owner == user


def test_device_without_a_primary_user_names_nobody(tenant, device):
    change(device, primary_user=None)

    device.refresh_from_db()
    assert (device.primary_user, device.user_upn) == (None, "")
    assert "ida.berg" not in DeviceSearch.objects.in_tenant(tenant).get(device=device).text


@pytest.mark.parametrize(("propagation", "at_once"), [("instant", True), ("real", False)])
def test_device_follows_its_new_user_to_the_partner(propagation, at_once):
    tenant = TenantFactory(propagation=propagation)
    member = DirectoryUserFactory(tenant=tenant)
    partner = ConfigurationFactory(tenant=tenant, groups=[GroupFactory(tenant=tenant, members=[member])])
    device = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.IOS)

    change(device, primary_user=member)

    device.refresh_from_db()
    assert (device.authority == partner) is at_once
    clock.advance(tenant, timedelta(hours=8, minutes=1))
    clock.settle(tenant)
    device.refresh_from_db()
    assert device.authority == partner


def test_nothing_changed_is_no_write(tenant, device):
    assert change(device, notes="  ") is False
    assert not JournalEntry.objects.in_tenant(tenant).filter(activity="Patch ManagedDevice").exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ownership": Ownership.UNKNOWN}, "Select Corporate or Personal"),
        ({"ownership": 99}, "Select Corporate or Personal"),
        ({"notes": "x" * 1001}, "at most 1,000 characters"),
    ],
)
def test_value_that_a_device_cannot_have_is_refused(device, values, sentence):
    with pytest.raises(ValidationError, match=sentence):
        change(device, **values)


def test_user_of_another_directory_is_refused(device):
    with pytest.raises(ValidationError, match="same directory"):
        change(device, primary_user=DirectoryUserFactory(tenant=TenantFactory()))


def test_device_that_has_gone_is_refused(tenant, device):
    services.remove_devices(tenant, [device])

    with pytest.raises(ValidationError, match="no longer in Intune"):
        change(device, notes="Lost")


@pytest.mark.parametrize(
    ("role", "may_edit", "may_set_user"),
    [
        (Role.INTUNE_ADMINISTRATOR, True, True),
        (Role.HELP_DESK_OPERATOR, True, True),
        (Role.ENDPOINT_SECURITY_MANAGER, True, False),
        (Role.READ_ONLY_OPERATOR, False, False),
        (Role.GLOBAL_READER, False, False),
    ],
)
def test_roles_edit_what_they_may(tenant, device, other, role, may_edit, may_set_user):
    actor = MembershipFactory(tenant=tenant, role=role).operator

    for allowed, values in ((may_edit, {"notes": "Lost"}), (may_set_user, {"primary_user": other})):
        if allowed:
            assert change(device, actor, **values)
            device.refresh_from_db()
        else:
            with pytest.raises(MissingPermission):
                change(device, actor, **values)


# The blade


def test_saving_says_so_and_shows_what_was_saved(portal, address, device, other):
    response = portal.post(
        address,
        {"ownership": Ownership.PERSONAL.value, "notes": "Line one\r\nLine two", "primary_user": str(other.pk)},
        follow=True,
    )

    device.refresh_from_db()
    assert "Successfully saved the properties of &#x27;KL-IPH-1&#x27;." in response.content.decode()
    assert shown_user(response) == "Change primary user Otto Weiss (otto.weiss@kestrel.example)"
    assert soup(response).select_one("textarea").get_text(strip=True) == "Line one\nLine two"
    assert (device.ownership, device.primary_user) == (Ownership.PERSONAL, other)


def test_refused_form_keeps_what_was_typed(portal, address, device, other):
    response = portal.post(address, {"ownership": 10, "notes": "x" * 1001, "primary_user": str(other.pk)})

    device.refresh_from_db()
    assert response.status_code == 422
    assert "Enter notes of at most 1,000 characters." in response.content.decode()
    assert "Otto Weiss" in shown_user(response)
    assert device.primary_user != other


def test_picker_is_opened_searched_and_answered_without_script(portal, address, device, user, other):
    opened = portal.post(
        address, {"ownership": 10, "notes": "Kept", "primary_user": str(user.pk), "pane": "primary-user"}
    )
    searched = portal.post(
        address,
        {
            "ownership": 10,
            "notes": "Kept",
            "primary_user": str(user.pk),
            "pane": "primary-user",
            "primary_user_q": "ot",
        },
    )
    chosen = portal.post(
        address,
        {"ownership": 10, "notes": "Kept", "primary_user": [str(other.pk), str(user.pk)], "primary_user_done": 1},
    )

    assert soup(opened).select_one("dialog#pane-primary-user").has_attr("open")
    assert [name.get_text() for name in soup(searched).select(".picklist [data-name]")] == ["Otto Weiss"]
    assert "Otto Weiss" in shown_user(chosen)
    assert soup(chosen).select_one("textarea").get_text(strip=True) == "Kept"
    device.refresh_from_db()
    assert device.primary_user == user


def test_primary_user_is_removed_with_save(portal, address, device, user):
    drawn = portal.post(
        address, {"ownership": 10, "notes": "", "primary_user": str(user.pk), "primary_user_remove": str(user.pk)}
    )
    assert "None" in shown_user(drawn)
    device.refresh_from_db()
    assert device.primary_user == user

    portal.post(address, {"ownership": 10, "notes": ""})

    device.refresh_from_db()
    assert device.primary_user is None


def test_who_may_not_set_the_user_keeps_it_when_saving(portal_as, address, device, user):
    portal_as(Role.ENDPOINT_SECURITY_MANAGER).post(address, {"ownership": 10, "notes": "Checked"})

    device.refresh_from_db()
    assert (device.notes, device.primary_user) == ("Checked", user)


def test_who_may_not_set_the_user_is_refused_another_one(portal_as, address, device, user, other):
    response = portal_as(Role.ENDPOINT_SECURITY_MANAGER).post(
        address, {"ownership": 10, "notes": "Checked", "primary_user": str(other.pk)}
    )

    assert response.status_code == 403
    assert "Managed devices: Set primary user" in response.text
    device.refresh_from_db()
    assert (device.notes, device.primary_user) == ("", user)


def test_who_may_not_edit_reads_why(portal_as, address):
    reader = portal_as(Role.READ_ONLY_OPERATOR)

    page = soup(reader.get(address))

    (save,) = [button for button in page.select("button.cmd") if button.get_text(strip=True) == "Save"]
    assert "Managed devices: Update" in save["title"]
    assert page.select_one("select[name=ownership]").has_attr("disabled")
    assert page.select_one("#pane-primary-user") is None
    assert reader.post(address, {"ownership": 20, "notes": ""}).status_code == 403


def test_search_in_the_picker_answers_with_the_pane_alone(portal, address, other):
    response = portal.get(address, {"primary_user_q": "otto"}, headers={"HX-Request": "true"})

    page = soup(response)
    assert page.h1 is None
    assert [name.get_text() for name in page.select(".picklist [data-name]")] == ["Otto Weiss"]
