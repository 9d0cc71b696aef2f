"""Devices > All devices > Bulk device actions."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from blades.models import Draft, Notification
from devices.bulk_forms import possible_on
from devices.bulk_views import BULK, UNSENT
from devices.models import Agent, DeviceAction, ManagedDevice, OperatingSystem, Ownership
from tenancy.models import JournalEntry
from tenancy.roles import Role
from tests.factories import DeviceActionFactory, DirectoryUserFactory, ManagedDeviceFactory

IOS, WINDOWS, MACOS = OperatingSystem.IOS, OperatingSystem.WINDOWS, OperatingSystem.MACOS


@pytest.fixture
def devices(tenant):
    return [ManagedDeviceFactory(tenant=tenant, device_name=f"KL-{n}", os=IOS, supervised=True) for n in (1, 2, 3)]


@pytest.fixture
def draft(tenant, operator):
    """A draft with the given answers."""

    def make(**answers):
        return Draft.objects.create(tenant=tenant, operator=operator, wizard=BULK, answers=answers)

    return make


def at(draft, step):
    return reverse(f"devices:bulk-{step}", args=[draft.tenant.slug, draft.pk])


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def chosen(*devices):
    return {"devices": [str(device.pk) for device in devices]}


SYNC = {"os": IOS.value, "kind": "sync"}


def test_it_starts_with_the_ticked_devices_of_the_list(portal, tenant, devices):
    response = portal.post(reverse("devices:list", args=[tenant.slug]), {"ask": "bulk", "id": [devices[1].pk]})

    draft = Draft.objects.get()
    assert response.url == at(draft, "basics")
    assert draft.answer(UNSENT) == chosen(devices[1])


def test_it_starts_without_devices_too(portal, tenant):
    response = portal.get(reverse("devices:bulk", args=[tenant.slug]))

    assert response.url == at(Draft.objects.get(), "basics")


def test_basics_lead_to_the_devices(portal, draft):
    draft = draft()

    response = portal.post(at(draft, "basics"), {"os": IOS.value, "kind": "restart"})

    draft.refresh_from_db()
    assert response.url == at(draft, "devices")
    assert draft.answer("basics") == {"os": IOS.value, "kind": "restart"}


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Select an OS."),
        ({"os": IOS.value}, "Select a device action."),
        ({"os": "99", "kind": "sync"}, "Select an OS."),
        ({"os": IOS.value, "kind": "rename"}, "Select a device action."),
        ({"os": WINDOWS.value, "kind": "remote_lock"}, "Remote lock is not available for Windows devices."),
        ({"os": MACOS.value, "kind": "restart"}, "Restart is not available for macOS devices."),
    ],
)
def test_basics_are_refused_in_words(portal, draft, posted, sentence):
    draft = draft()

    response = portal.post(at(draft, "basics"), posted)

    assert response.status_code == 422
    assert sentence in text(response)
    assert "Correct the fields before you go to the next step." in text(response)


def test_actions_follow_the_os(portal, draft):
    shown = text(portal.get(f"{at(draft(), 'basics')}?os={IOS.value}"))

    assert ">Remove passcode</option>" in shown
    assert ">Rename device</option>" not in shown


@pytest.mark.parametrize("system", OperatingSystem)
def test_every_os_takes_sync_retire_and_delete(system):
    assert {"sync", "retire", "delete"} <= set(possible_on(system))


def test_actions_are_those_of_the_role(portal_as, tenant):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    page = text(client.get(client.get(reverse("devices:bulk", args=[tenant.slug])).url))

    assert ">Wipe</option>" in page
    assert ">Delete</option>" not in page


def test_role_that_may_do_nothing_is_told_so(portal_as, tenant):
    client = portal_as(Role.READ_ONLY_OPERATOR)

    shown = text(client.get(reverse("devices:list", args=[tenant.slug])))

    assert client.get(reverse("devices:bulk", args=[tenant.slug])).status_code == 403
    assert re.search(
        r'aria-disabled="true" title="You do not have access[^>]*>(<svg.*?</svg>)?Bulk device actions', shown
    )


def test_steps_lead_to_the_first_that_is_not_answered(portal, draft, devices):
    empty, half = draft(), draft(basics=SYNC)

    assert portal.get(at(empty, "devices")).url == at(empty, "basics")
    assert portal.get(at(empty, "review")).url == at(empty, "basics")
    assert portal.get(at(half, "review")).url == at(half, "devices")


def test_picker_offers_devices_of_the_os_and_searches_them(portal, tenant, draft, devices):
    ManagedDeviceFactory(tenant=tenant, device_name="KL-windows", os=WINDOWS)
    ManagedDeviceFactory(tenant=tenant, device_name="Mara's iPad", os=IOS, serial_number="DMPX42")
    draft = draft(basics=SYNC)

    everything = text(portal.get(f"{at(draft, 'devices')}?pane=devices"))
    found = text(portal.get(f"{at(draft, 'devices')}?pane=devices&devices_q=dmpx"))

    assert "Mara&#x27;s iPad" in everything
    assert "KL-1" in everything
    assert "KL-windows" not in everything
    assert "Mara&#x27;s iPad" in found
    assert "KL-1" not in found


def test_devices_are_picked_and_removed_without_script(portal, draft, devices):
    draft = draft(basics=SYNC)
    ids = [str(device.pk) for device in devices]

    portal.post(at(draft, "devices"), {"devices": ids[:2], "devices_done": "1"})
    page = text(portal.get(at(draft, "devices")))
    portal.post(at(draft, "devices"), {"devices": ids[:2], "devices_remove": ids[0]})

    assert 'aria-label="Remove KL-1"' in page
    draft.refresh_from_db()
    assert draft.answer(UNSENT) == chosen(devices[1])
    assert draft.answer("devices") is None


def test_ticked_devices_of_another_os_are_left_out_and_counted(portal, tenant, draft, devices):
    other = ManagedDeviceFactory(tenant=tenant, os=WINDOWS, device_name="KL-windows")
    draft = draft(basics=SYNC, **{UNSENT: chosen(devices[0], other)})

    page = text(portal.get(at(draft, "devices")))

    assert "1 ticked device is left out, because the OS is another one." in page
    assert "Remove KL-1" in page
    assert "Remove KL-windows" not in page


def test_next_needs_a_device(portal, draft):
    draft = draft(basics=SYNC)

    response = portal.post(at(draft, "devices"), {})

    assert response.status_code == 422
    assert "Select at least one device." in text(response)


def test_next_takes_a_hundred_devices_at_most(portal, tenant, draft):
    ids = [str(ManagedDeviceFactory(tenant=tenant).pk) for _ in range(101)]
    draft = draft(basics=SYNC)

    refused = portal.post(at(draft, "devices"), {"devices": ids})
    accepted = portal.post(at(draft, "devices"), {"devices": ids[:100]})

    assert refused.status_code == 422
    assert "Select at most 100 devices. You have selected 101." in text(refused)
    assert accepted.url == at(draft, "review")


def test_review_says_what_happens_to_which_devices(portal, tenant, draft, devices):
    ManagedDevice.objects.in_tenant(tenant).filter(pk=devices[1].pk).update(agent=Agent.CONFIGMGR, managed_by=10)
    draft = draft(basics={"os": IOS.value, "kind": "retire"}, devices=chosen(*devices))

    page = text(portal.get(at(draft, "review")))

    assert "<dd>iOS</dd>" in page
    assert "<dd>Retire</dd>" in page
    assert "KL-1<br>KL-3" in page
    assert "KL-2: " in page
    assert "Retire removes the apps, settings and data of the company from these 2 devices" in page


def test_devices_that_the_action_waits_for_already_are_left_out_of_the_steps(portal, tenant, draft, devices):
    DeviceActionFactory(tenant=tenant, device=devices[1], kind="sync")
    draft = draft(basics=SYNC, devices=chosen(*devices))

    for step in ("devices", "review"):
        assert "Sync is already pending for this device." in text(portal.get(at(draft, step)))
    assert "Devices (2)" in text(portal.get(at(draft, "review")))


def test_devices_of_one_name_are_told_apart_by_their_users(portal, tenant, draft):
    users = [DirectoryUserFactory(tenant=tenant, upn=f"{name}@kestrel.example") for name in ("ada", "bo")]
    same = [ManagedDeviceFactory(tenant=tenant, device_name="iPhone", primary_user=user) for user in users]
    draft = draft(basics=SYNC, devices=chosen(*same))

    page = text(portal.get(at(draft, "review")))

    assert "iPhone (ada@kestrel.example)" in page
    assert "iPhone (bo@kestrel.example)" in page


def test_create_asks_for_the_action_on_every_device(portal, tenant, draft, devices):
    draft = draft(basics=SYNC, devices=chosen(*devices))

    response = portal.post(at(draft, "review"))

    assert response.status_code == 302
    made = DeviceAction.objects.in_tenant(tenant)
    assert {action.device_name for action in made} == {"KL-1", "KL-2", "KL-3"}
    assert JournalEntry.objects.in_tenant(tenant).filter(activity="syncDevice ManagedDevice").count() == 3
    said = Notification.objects.get()
    assert (said.title, said.text) == ("Sync completed", "3 devices have completed the action.")


def test_devices_that_are_switched_off_are_said_to_wait(portal, tenant, draft, devices):
    ManagedDevice.objects.in_tenant(tenant).filter(device_name="KL-3").update(online=False)
    draft = draft(basics=SYNC, devices=chosen(*devices))

    portal.post(at(draft, "review"))

    said = Notification.objects.get()
    assert said.title == "Sync initiated"
    assert said.text == ("2 devices have completed the action. The action waits for the next check-in of 'KL-3'.")


def test_a_second_click_makes_no_second_batch(portal, tenant, draft, devices):
    draft = draft(basics=SYNC, devices=chosen(*devices))

    first, second = portal.post(at(draft, "review")), portal.post(at(draft, "review"))

    assert second.url == first.url
    assert DeviceAction.objects.in_tenant(tenant).count() == 3
    assert Notification.objects.count() == 1
    assert portal.get(at(draft, "basics")).url == first.url


def test_refused_devices_are_named_and_the_others_go_through(portal, tenant, draft, devices):
    ManagedDevice.objects.in_tenant(tenant).filter(pk=devices[1].pk).update(supervised=False)
    draft = draft(basics={"os": IOS.value, "kind": "restart"}, devices=chosen(*devices))

    portal.post(at(draft, "review"))

    assert DeviceAction.objects.in_tenant(tenant).count() == 2
    told = Notification.objects.get()
    assert told.level == "warning"
    assert "'KL-2': Restart requires a supervised iOS/iPadOS device." in told.text


def test_review_is_blocked_where_no_device_takes_the_action(portal, tenant, draft, devices):
    ManagedDevice.objects.in_tenant(tenant).update(supervised=False)
    draft = draft(basics={"os": IOS.value, "kind": "restart"}, devices=chosen(*devices))

    page = text(portal.get(at(draft, "review")))
    response = portal.post(at(draft, "review"))

    assert "The action is not possible on any of the selected devices." in page
    assert re.search(r'<button class="btn btn--primary" type="submit" disabled>Create', page)
    assert response.url == at(draft, "review")
    assert not DeviceAction.objects.in_tenant(tenant).exists()


def test_devices_that_are_gone_meanwhile_send_back_to_the_step(portal, tenant, draft, devices):
    draft = draft(basics=SYNC, devices=chosen(*devices))
    ManagedDevice.objects.in_tenant(tenant).all().delete()

    page = text(portal.get(at(draft, "review")))
    response = portal.post(at(draft, "review"))

    assert "Validation failed." in page
    assert "Select at least one device." in page
    assert response.url == at(draft, "devices")


def test_devices_of_another_directory_are_never_touched(portal, tenant, draft):
    foreign = ManagedDeviceFactory(os=IOS)
    draft = draft(basics={"os": IOS.value, "kind": "delete"}, devices=chosen(foreign))

    portal.post(at(draft, "review"))

    assert ManagedDevice.unscoped.filter(pk=foreign.pk).exists()


def test_role_that_lost_its_right_is_refused_at_the_end(portal, portal_as, tenant, devices):
    client = portal_as(Role.HELP_DESK_OPERATOR)
    client.get(reverse("devices:bulk", args=[tenant.slug]))
    draft = Draft.objects.get()
    draft.answers = {"basics": {"os": IOS.value, "kind": "delete"}, "devices": chosen(*devices)}
    draft.save()

    response = client.post(at(draft, "review"))

    assert response.url == at(draft, "basics")
    assert ManagedDevice.objects.in_tenant(tenant).count() == 3


def test_ownership_decides_where_the_rules_say_so(portal, tenant, draft):
    personal = ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.ANDROID, ownership=Ownership.PERSONAL)
    draft = draft(basics={"os": OperatingSystem.ANDROID.value, "kind": "wipe"}, devices=chosen(personal))

    assert "Use Retire." in text(portal.get(at(draft, "review")))


@pytest.mark.parametrize("step", ["devices", "review"])
def test_statements_do_not_grow_with_the_devices(portal, tenant, draft, step, django_assert_max_num_queries):
    found = [ManagedDeviceFactory(tenant=tenant) for _ in range(30)]
    draft = draft(basics=SYNC, devices=chosen(*found))

    with django_assert_max_num_queries(14):
        portal.get(at(draft, step))
