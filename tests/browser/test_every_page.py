"""Every page and state, in both themes: no accessibility violation, no CSP report, no console error, no side scroll."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.browser import tour

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = [320, 1024, 1366]  # the last one is what the next stop starts with


def walk(page, sign_in, base_url, world, check, part=slice(None)):
    """Take `page` to every stop and `check` it there; all failures are told together."""
    failures = []
    for stop in tour.stops(world)[part]:
        page.goto("about:blank")  # what a page fetches by itself must not meet an expired session
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
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, sign_in, axe, base_url, theme):
    world = tour.build()
    for operator in (world.operator, world.help_desk):
        operator.theme = theme
        operator.save()

    def check(page, stop):
        assert page.locator("html").get_attribute("data-theme") == (theme if stop.signed_in else "light")
        assert page.locator("h1").count() == 1
        axe(page)
        if theme == "light":  # colours make nothing wider
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 768})
                overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert overflow <= 0, f"{overflow} px too wide at {width}"

    walk(page, sign_in, base_url, world, check)


# Each stop once, turn and turn about: contrast is a matter of the tokens, and each component is at many stops.
@pytest.mark.parametrize(("theme", "part"), [("light", slice(0, None, 2)), ("dark", slice(1, None, 2))])
def test_axe_finds_nothing_in_high_contrast(page, sign_in, axe, base_url, theme, part):
    world = tour.build()
    for operator in (world.operator, world.help_desk):
        operator.theme, operator.high_contrast = theme, True
        operator.save()

    def check(page, stop):
        assert page.locator("html").get_attribute("data-contrast") == ("high" if stop.signed_in else None)
        axe(page)

    walk(page, sign_in, base_url, world, check, part)
