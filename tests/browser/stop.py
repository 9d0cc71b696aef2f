"""One thing to look at: what the tour is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import reverse
from playwright.sync_api import Page

from partners.models import PartnerConfiguration
from tenancy.models import Operator, Tenant

AT_REST = """
  async () => {
    const later = ms => new Promise(done => setTimeout(done, ms))
    await later(50)
    while (document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")) await later(20)
    await document.fonts.ready
    const moving = document.getAnimations().filter(a => a.effect.getComputedTiming().endTime !== Infinity)
    await Promise.all(moving.map(a => a.finished.catch(() => null)))
  }
"""


def _nothing(page: Page) -> None:
    """The page as it arrives."""


@dataclass
class Stop:
    """One thing to look at: an address, and what to do there."""

    name: str
    url: str
    act: Callable[[Page], None] = _nothing
    signed_in: bool = True
    role: str = ""


@dataclass
class World:
    """A fresh demo tenant, one in which the work is done, and an operator who may enter both."""

    fresh: Tenant
    busy: Tenant
    operator: Operator
    help_desk: Operator
    configurations: list[PartnerConfiguration] = field(default_factory=list)


def at(name: str, tenant: Tenant, *args: object) -> str:
    """The address of the view `name` in `tenant`."""
    return reverse(name, args=[tenant.slug, *args])


def arrive(page: Page, base_url: str, stop: Stop) -> None:
    """Open the stop's page, wait until nothing moves, do what the stop does, and wait again."""
    page.goto(base_url + stop.url)
    stop.act(page)
    page.evaluate(AT_REST)


def press(*names: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for name in names:
            found = page.get_by_role("button", name=name, exact=True)
            found = found.or_(page.get_by_role("link", name=name, exact=True))
            if found.count():
                found.first.click()
                return
        raise AssertionError(f"nothing to press says {' or '.join(names)} on {page.url}")

    return act
