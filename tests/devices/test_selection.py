"""Commands on the ticked devices of the list: Sync and Delete."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from blades.models import Notification
from devices.models import Agent, DeviceAction, ManagedDevice
from tenancy.roles import Role
from tests.factories import (
    ConfigurationFactory,
    DeviceActionFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
)


@pytest.fixture
def address(tenant):
    return reverse("devices:security-list", args=[tenant.slug])


@pytest.fixture
def devices(tenant):
    return [ManagedDeviceFactory(tenant=tenant, device_name=f"KL-{n}") for n in (1, 2, 3)]


@pytest.fixture
def by_partner(tenant):
    """A device that a compliance partner manages."""
    user = DirectoryUserFactory(tenant=tenant)
    ConfigurationFactory(tenant=tenant, groups=[GroupFactory(tenant=tenant, members=[user])])
    return ManagedDeviceFactory(tenant=tenant, device_name="KL-partner", primary_user=user)


def page(response):
    return re.sub(r"\s+", " ", response.content.decode())


def ticked(response):
    return set(re.findall(r'name="id" value="([^"]+)" form="selection" aria-label="[^"]+" checked', page(response)))


def test_every_row_can_be_ticked_by_its_name(portal, address, devices):
    shown = page(portal.get(address))

    for device in devices:
        assert (
            f'<input class="check" type="checkbox" name="id" value="{device.pk}" form="selection" '
            f'aria-label="Select {device.device_name}">'
        ) in shown
    assert "Devices selected (100 max)" in shown


@pytest.mark.parametrize(("ask", "word"), [("sync", "Sync devices"), ("delete", "Delete confirmation")])
def test_a_command_asks_first_and_keeps_the_ticks_and_the_list(portal, address, devices, ask, word):
    response = portal.post(f"{address}?os=ios&sort=-os", {"ask": ask, "id": [devices[0].pk, devices[2].pk]})

    assert response.status_code == 200
    shown = page(response)
    assert f">{word}</h2>" in shown
    assert ticked(response) == {str(devices[0].pk), str(devices[2].pk)}
    assert f'<form id="confirmed" method="post" action="{address}?os=ios&amp;sort=-os" hidden>' in shown
    assert not DeviceAction.objects.in_tenant(devices[0].tenant).exists()


def test_yes_syncs_the_ticked_devices_and_leads_back_to_the_list(portal, tenant, address, devices):
    wanted = [devices[0], devices[2]]

    response = portal.post(f"{address}?q=kl", {"do": "sync", "key": uuid4(), "id": [d.pk for d in wanted]})

    assert (response.status_code, response.url) == (302, f"{address}?q=kl")
    made = DeviceAction.objects.in_tenant(tenant)
    assert {action.device_name for action in made} == {"KL-1", "KL-3"}
    assert {action.kind for action in made} == {"sync"}
    assert Notification.objects.get().text == "2 devices have completed the action."


def test_yes_deletes_the_ticked_devices(portal, tenant, address, devices):
    portal.post(address, {"do": "delete", "key": uuid4(), "id": [devices[1].pk]})

    assert {device.device_name for device in ManagedDevice.objects.in_tenant(tenant)} == {"KL-1", "KL-3"}
    told = Notification.objects.get()
    assert (told.title, told.text) == ("Device deleted", "Successfully deleted 'KL-2'.")


@pytest.mark.parametrize("do", ["sync", "delete"])
def test_a_second_click_does_nothing_more(portal, tenant, address, devices, do):
    posted = {"do": do, "key": uuid4(), "id": [device.pk for device in devices]}

    first, second = portal.post(address, posted), portal.post(address, posted)

    assert (first.status_code, second.status_code) == (302, 302)
    assert DeviceAction.objects.in_tenant(tenant).count() == 3
    assert not Notification.objects.filter(level="error").exists()


def test_refused_devices_are_named_before_and_after_and_the_others_go_through(
    portal, tenant, address, devices, by_partner
):
    configmgr = ManagedDeviceFactory(tenant=tenant, device_name="KL-cm", agent=Agent.CONFIGMGR)
    ids = [devices[0].pk, by_partner.pk, configmgr.pk]

    asked = page(portal.post(address, {"ask": "sync", "id": ids}))
    portal.post(address, {"do": "sync", "key": uuid4(), "id": ids})

    assert "KL-partner: VMware Workspace ONE mobile compliance manages this device." in asked
    assert "KL-cm: Configuration Manager manages this device." in asked
    assert [action.device_name for action in DeviceAction.objects.in_tenant(tenant)] == ["KL-1"]
    told = Notification.objects.get()
    assert told.level == "warning"
    assert told.text.startswith("'KL-1' has completed the action. 'KL-")
    assert "'KL-cm': Configuration Manager manages this device." in told.text


def test_device_that_a_sync_waits_for_already_is_named_before(portal, tenant, address, devices):
    DeviceActionFactory(tenant=tenant, device=devices[0], kind="sync")

    asked = page(portal.post(address, {"ask": "sync", "id": [devices[0].pk, devices[1].pk]}))

    assert "KL-1: Sync is already pending for this device." in asked


def test_where_nothing_is_possible_there_is_nothing_to_confirm(portal, tenant, address, by_partner):
    asked = page(portal.post(address, {"ask": "delete", "id": [by_partner.pk]}))

    assert "Not possible on:" in asked
    assert ">Yes</button>" not in asked
    portal.post(address, {"do": "delete", "key": uuid4(), "id": [by_partner.pk]})
    assert ManagedDevice.objects.in_tenant(tenant).filter(pk=by_partner.pk).exists()
    assert Notification.objects.get().level == "error"


def test_many_refusals_fit_into_one_sentence_each(portal, tenant, address):
    refused = [
        ManagedDeviceFactory(tenant=tenant, device_name=f"{n:02}" + "x" * 100, agent=Agent.CONFIGMGR) for n in range(15)
    ]
    ids = [device.pk for device in refused]

    asked = page(portal.post(address, {"ask": "sync", "id": ids}))
    portal.post(address, {"do": "sync", "key": uuid4(), "id": ids})

    assert "and 5 more" in asked
    assert Notification.objects.get().text.endswith("more devices.")


@pytest.mark.parametrize("posted", [{}, {"id": "x"}, {"id": ["", "1"]}])
@pytest.mark.parametrize("command", ["ask", "do"])
def test_nothing_ticked_is_said_in_one_sentence(portal, address, devices, posted, command):
    response = portal.post(address, {command: "sync", **posted})

    assert response.status_code == 422
    assert "Select at least one device." in page(response)


def test_more_than_a_hundred_are_refused_in_one_sentence(portal, address, devices):
    response = portal.post(address, {"ask": "sync", "id": [uuid4() for _ in range(101)]})

    assert response.status_code == 422
    assert "Select at most 100 devices. You have selected 101." in page(response)


def test_devices_of_another_directory_are_no_devices(portal, address, devices):
    foreign = ManagedDeviceFactory(device_name="theirs")

    asked = portal.post(address, {"ask": "delete", "id": [foreign.pk]})
    portal.post(address, {"do": "delete", "key": uuid4(), "id": [foreign.pk]})

    assert asked.status_code == 422
    assert "The selected devices are no longer in Intune." in page(asked)
    assert ManagedDevice.unscoped.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize(
    ("role", "command", "permission"),
    [
        (Role.READ_ONLY_OPERATOR, "sync", "Remote tasks: Sync devices"),
        (Role.HELP_DESK_OPERATOR, "delete", "Managed devices: Delete"),
    ],
)
def test_commands_need_their_own_permission(portal_as, address, devices, role, command, permission):
    client = portal_as(role)

    shown = page(client.get(address))
    for verb in ("ask", "do"):
        refused = client.post(address, {verb: command, "id": [devices[0].pk]})
        assert refused.status_code == 403
        assert permission in page(refused)

    assert f"This requires the permission &#x27;{permission}&#x27;" in shown


def test_an_unknown_command_is_refused(portal, address, devices):
    response = portal.post(address, {"ask": "wipe", "id": [devices[0].pk]})

    assert response.status_code == 422
    assert "Select a command." in page(response)


def test_a_hundred_devices_take_no_more_statements_to_ask_about_than_one(
    portal, tenant, address, devices, django_assert_max_num_queries
):
    ids = [ManagedDeviceFactory(tenant=tenant).pk for _ in range(20)]

    with django_assert_max_num_queries(7):
        portal.post(address, {"ask": "sync", "id": ids})
