"""Two operators, or one impatient one, at one device at the same moment: real threads on a real database."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import DeviceAction, DeviceCount, ManagedDevice
from tenancy.models import JournalEntry
from tests.factories import ManagedDeviceFactory, MembershipFactory, TenantFactory
from tests.partners.test_races import BACKEND, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant():
    return TenantFactory()


@pytest.fixture
def device(tenant):
    return ManagedDeviceFactory(tenant=tenant, device_name="KL-1", online=False)


def operator_of(tenant, member=None):
    client = Client(raise_request_exception=False)
    client.force_login((member or MembershipFactory(tenant=tenant)).operator, backend=BACKEND)
    return client


def posting(client, device, kind, key):
    address = reverse("devices:act", args=[device.tenant.slug, device.pk, kind])
    return lambda: client.post(address, {"key": str(key)})


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("kind", ["wipe", "sync"])
def test_of_two_operators_who_ask_at_once_one_is_told_that_the_other_has(attempt, tenant, device, kind):
    racers = [operator_of(tenant) for _ in range(2)]

    responses = at_once(*(posting(client, device, kind, uuid4()) for client in racers))

    assert DeviceAction.objects.in_tenant(tenant).get().kind == kind
    assert sorted(response.status_code for response in responses) == [302, 422]
    refused = next(response for response in responses if response.status_code == 422)
    assert "is already pending for this device." in refused.content.decode()


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("kind", ["wipe", "delete"])
def test_double_submit_asks_once_and_ends_on_a_page(attempt, tenant, device, kind):
    member, key = MembershipFactory(tenant=tenant), uuid4()
    clients = [operator_of(tenant, member) for _ in range(2)]

    responses = at_once(*(posting(client, device, kind, key) for client in clients))

    assert [response.status_code for response in responses] == [302, 302]
    assert DeviceAction.objects.in_tenant(tenant).count() == 1
    assert JournalEntry.objects.in_tenant(tenant).filter(activity__endswith="ManagedDevice").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_wipe_and_delete_at_once_leave_no_device_and_no_error(attempt, tenant, device):
    wiper, deleter = operator_of(tenant), operator_of(tenant)

    responses = at_once(posting(wiper, device, "wipe", uuid4()), posting(deleter, device, "delete", uuid4()))

    assert [response.status_code for response in responses] == [302, 302]
    assert not ManagedDevice.objects.in_tenant(tenant).exists()
    assert DeviceCount.objects.in_tenant(tenant).get(facet="total").n == 0
    statuses = dict(DeviceAction.objects.in_tenant(tenant).values_list("kind", "status"))
    assert statuses["delete"] == DeviceAction.Status.COMPLETED
    assert statuses.get("wipe", DeviceAction.Status.CANCELED) == DeviceAction.Status.CANCELED


@pytest.mark.parametrize("attempt", range(3))
def test_selections_that_overlap_delete_each_device_once(attempt, tenant, device):
    others = [ManagedDeviceFactory(tenant=tenant) for _ in range(3)]
    address = reverse("devices:security-list", args=[tenant.slug])

    def deleting(client, *devices):
        return lambda: client.post(address, {"do": "delete", "key": str(uuid4()), "id": [d.pk for d in devices]})

    responses = at_once(
        deleting(operator_of(tenant), device, *others[:2]), deleting(operator_of(tenant), device, *others[1:])
    )

    assert [response.status_code for response in responses] == [302, 302]
    assert DeviceAction.objects.in_tenant(tenant).count() == 4
    assert DeviceCount.objects.in_tenant(tenant).get(facet="total").n == 0


def test_properties_saved_while_the_device_is_deleted_end_on_a_page(tenant, device):
    saver, deleter = operator_of(tenant), operator_of(tenant)
    address = reverse("devices:properties", args=[tenant.slug, device.pk])

    responses = at_once(
        lambda: saver.post(address, {"ownership": "20", "notes": "Mine"}), posting(deleter, device, "delete", uuid4())
    )

    assert {response.status_code for response in responses} <= {302, 422}
    assert not ManagedDevice.objects.in_tenant(tenant).exists()
