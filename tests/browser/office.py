"""A small office to work in: what a browser test needs of a tenant, and nothing more."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from devices.models import Compliance, ManagedDevice, OperatingSystem
from directory.models import Group
from mobility.models import MobilityApplication
from partners.models import PartnerConfiguration
from tenancy.models import Tenant
from tests.factories import (
    ConfigurationFactory,
    DirectoryUserFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MobilityApplicationFactory,
)

WORKSPACE_ONE = "VMware Workspace ONE mobile compliance"

expect.set_options(timeout=15_000)  # patience of one expectation; a fast machine never needs it


def at(name: str, tenant: Tenant, *args: object) -> str:
    """The address of the view `name` in `tenant`."""
    return reverse(name, args=[tenant.slug, *args])


def groups(tenant: Tenant) -> dict[str, Group]:
    """Three groups by name: Contractors, Field engineers and Front desk, each with a member."""
    return {
        name: GroupFactory(tenant=tenant, display_name=name, members=[DirectoryUserFactory(tenant=tenant)])
        for name in ("Contractors", "Field engineers", "Front desk")
    }


def devices(tenant: Tenant, n: int) -> list[ManagedDevice]:
    """`n` devices KL-001, KL-002, …, turn and turn about of iOS/iPadOS and Windows, each fourth not compliant."""
    return [
        ManagedDeviceFactory(
            tenant=tenant,
            device_name=f"KL-{number:03}",
            os=OperatingSystem.WINDOWS if number % 2 == 0 else OperatingSystem.IOS,
            compliance=Compliance.NOT_COMPLIANT if number % 4 == 0 else Compliance.COMPLIANT,
        )
        for number in range(1, n + 1)
    ]


def partner(tenant: Tenant, **values: Any) -> PartnerConfiguration:
    """Workspace ONE for iOS/iPadOS."""
    configuration: PartnerConfiguration = ConfigurationFactory(tenant=tenant, **values)
    return configuration


def application(tenant: Tenant, **values: Any) -> MobilityApplication:
    """An on-premises MDM application; pass gallery_key="microsoft_intune" for the one that cannot be deleted."""
    made: MobilityApplication = MobilityApplicationFactory(tenant=tenant, **values)
    return made


def link(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def title(page: Page) -> Locator:
    """The blade's title."""
    return page.locator("#blade-title")


def expect_blade(page: Page, words: str) -> None:
    """Wait for the blade `words`, in its title and in the title of the document."""
    expect(title(page)).to_have_text(words, use_inner_text=True)
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def open_blade(page: Page, url: str) -> None:
    """Go to `url` and wait until the page's behaviours are there."""
    page.goto(url)
    expect(page.locator("html[data-js]")).to_have_count(1)
