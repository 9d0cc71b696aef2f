"""Every page and state, in both themes: no accessibility violation, no CSP report, no console error, no side scroll."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.browser import tour

pytestmark = pytest.mark.django_db(transaction=True)


def walk(page, sign_in, base_url, world, check):
    """Take `page` to every stop and `check` it there; all failures are told together."""
    failures = []
    for stop in tour.stops(world):
        page.context.clear_cookies()
        if stop.signed_in:
            sign_in(page, world.help_desk if stop.role == "help_desk" else world.operator)
        try:
            tour.arrive(page, base_url, stop)
            check(page, stop)
        except (AssertionError, pytest.fail.Exception, PlaywrightError) as failure:
            failures.append(f"{stop.name}: {failure}")
    assert not failures, "\n\n".join(failures)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page, sign_in, axe, base_url, theme):
    world = tour.build()
    for operator in (world.operator, world.help_desk):
        operator.theme = theme
        operator.save()

    walk(page, sign_in, base_url, world, lambda page, stop: axe(page))


@pytest.mark.parametrize("width", [320, 1024, 1366])
def test_pages_never_scroll_sideways_and_have_one_title(new_context, sign_in, base_url, width):
    world = tour.build()
    page = new_context().new_page()
    page.set_viewport_size({"width": width, "height": 768})

    def check(page, stop):
        assert page.locator("h1").count() == 1
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{overflow} px too wide at {width}"

    walk(page, sign_in, base_url, world, check)
