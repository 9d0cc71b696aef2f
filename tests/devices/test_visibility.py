"""Document mode: where the devices of partners stand."""

from __future__ import annotations

import random

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict
from django.urls import reverse

from devices import filters, queries, services, visibility
from devices.managed_by import number_of_partner
from devices.models import Compliance, DeviceCount, ManagedDevice
from directory.models import DirectoryUser
from partners.models import Platform
from tenancy.models import Tenant
from tests.devices.listing import fill
from tests.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    ManagedDeviceFactory,
)

LISTS = ("devices:security-list", "devices:list")
WORKS, WRITTEN = Tenant.DocumentMode.AS_IT_WORKS, Tenant.DocumentMode.AS_WRITTEN


@pytest.fixture
def mixed(tenant):
    """Two devices of Intune and one of a partner, whose record Azure AD has."""
    user = DirectoryUserFactory(tenant=tenant)
    record = DirectoryDeviceFactory(tenant=tenant, display_name="Partner's phone", owner=user, mdm="The partner")
    ManagedDeviceFactory(
        tenant=tenant, device_name="Partner's phone", primary_user=user, azure_ad_device_id=record.device_id
    )
    for name in ("Our phone", "Our tablet"):
        ManagedDeviceFactory(tenant=tenant, device_name=name, compliance=Compliance.NOT_COMPLIANT)
    ConfigurationFactory(tenant=tenant, all_users=True)
    services.reevaluate_authority(tenant, [Platform.IOS])
    return tenant


def choose(tenant: Tenant, mode: str) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(document_mode=mode)
    tenant.document_mode = mode


def listed(client, tenant, name, query="") -> tuple[list[str], str]:
    page = BeautifulSoup(client.get(reverse(name, args=[tenant.slug]) + query).content, "html.parser")
    rows = [row.select("td")[1].get_text() for row in page.select("#results tbody tr")]
    return rows, page.get_text(" ", strip=True)


@pytest.mark.parametrize("name", LISTS)
def test_as_written_the_partners_devices_stand_in_intunes_lists_and_as_it_works_they_do_not(portal, mixed, name):
    assert listed(portal, mixed, name)[0] == ["Our phone", "Our tablet", "Partner's phone"]

    choose(mixed, WORKS)
    rows, text = listed(portal, mixed, name)

    assert rows == ["Our phone", "Our tablet"]
    assert "of 2 records" in text
    assert "VMware" not in text
    assert listed(portal, mixed, name, "?q=phone")[0] == ["Our phone"]
    assert listed(portal, mixed, name, "?managed_by=workspace_one")[0] == []
    assert listed(portal, mixed, name, "?managed_by=workspace_one&managed_by=mdm")[0] == ["Our phone", "Our tablet"]
    assert listed(portal, mixed, name, "?compliance=not_evaluated")[0] == []


def test_switching_the_mode_in_settings_changes_everything_at_once(portal, mixed):
    owner = DirectoryUser.objects.in_tenant(mixed).get(managed_devices__device_name="Partner's phone")

    def seen() -> dict[str, bool]:
        pages = {
            "list": reverse("devices:list", args=[mixed.slug]),
            "export": reverse("devices:export", args=[mixed.slug]),
            "search": reverse("console:search", args=[mixed.slug]) + "?q=Partner%27s+phone",
            "home": reverse("console:home", args=[mixed.slug]),
            "user": reverse("directory:user-devices", args=[mixed.slug, owner.pk]),
        }
        return {name: _shows(portal.get(url), name) for name, url in pages.items()}

    def change(mode: str) -> None:
        portal.post(
            reverse("console:settings", args=[mixed.slug]),
            {"document_mode": mode, "propagation": "instant", "vocabulary": "2020"},
        )

    change("as_it_works")
    assert not any(seen().values()), seen()

    change("as_written")
    assert all(seen().values()), seen()


def _shows(response, name: str) -> bool:
    """Whether the partner's device counts or stands on the page."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode()
    if name == "search":
        return "Devices (Intune)" in text
    if name == "user":
        return "Not evaluated" in text
    if name == "home":
        return "managed_by=110" in text
    return "Partner's phone" in text or "Partner&#x27;s phone" in text


def test_azure_ad_has_the_device_in_both_modes_and_its_blades_open_by_their_address(portal, mixed):
    device = ManagedDevice.objects.in_tenant(mixed).get(device_name="Partner's phone")
    overview = reverse("devices:overview", args=[mixed.slug, device.pk])
    records = reverse("directory:device-list", args=[mixed.slug])

    for mode, said in ((WRITTEN, False), (WORKS, True)):
        choose(mixed, mode)
        assert "Partner&#x27;s phone" in portal.get(records).content.decode()
        page = portal.get(overview)
        assert page.status_code == 200
        assert ("leave this device out" in page.content.decode()) == said


def test_counts_of_the_lists_are_those_of_their_rows(tenant):
    fill(tenant, 60)
    draw = random.Random(3)
    for device in ManagedDevice.objects.in_tenant(tenant):
        number = draw.choice([device.agent, device.agent, number_of_partner("workspace_one"), 95])
        ManagedDevice.objects.in_tenant(tenant).filter(pk=device.pk).update(managed_by=number)
    services.rebuild_derived(tenant)
    choose(tenant, WORKS)
    rows = ManagedDevice.objects.in_tenant(tenant).filter(visibility.in_lists(tenant))

    counts = visibility.counts(tenant)

    assert counts["total"][0] == len(rows) < 60
    for facet in ("managed_by", "compliance", "os", "ownership"):
        for value, n in counts[facet].items():
            assert n == sum(getattr(row, facet) == value for row in rows), (facet, value)
    for query in ("", "compliance=compliant", "os=ios&os=android", "q=kl", "q=kl&os=ios", "sort=-last_checkin"):
        page = queries.device_page(tenant, filters.read(QueryDict(f"{query}&per_page=100")), ("id", "managed_by"))
        assert {row[1] for row in page.rows} <= set(visibility.ALWAYS)
        assert page.matching == len(page.rows)


def test_without_devices_of_partners_nothing_is_filtered(tenant, django_assert_num_queries):
    fill(tenant, 10)
    choose(tenant, WORKS)
    wanted = filters.read(QueryDict(""))

    assert visibility.narrowed(tenant, wanted) == wanted
    with django_assert_num_queries(3):
        assert len(queries.device_page(tenant, wanted).rows) == 10
    assert DeviceCount.objects.in_tenant(tenant).get(facet="total").n == 10
