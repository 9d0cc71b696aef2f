"""Every page and state in every dress: no accessibility violation, no CSP report, no console error, no side scroll.

Each stop is loaded once, in light, and then dressed by the attributes that the server would send; that it sends them is
for tests/console/test_settings_page.py. The tour is walked in turns: none is long, and they share the processors.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.browser import tour

pytestmark = pytest.mark.django_db(transaction=True)

TURNS = 16
WIDTHS = [1366, 1024, 320]
DRESSES = [("light", "high"), ("dark", "high"), ("dark", "")]

# What a dress and what a narrow window may change. The other rules read the document, which stays as it is.
COLOURS = ["color-contrast", "link-in-text-block"]
PLACES = ["scrollable-region-focusable", "target-size"]

DRESS = """
  ([theme, contrast]) => {
    const root = document.documentElement
    root.dataset.theme = theme
    if (contrast) root.dataset.contrast = contrast
    else delete root.dataset.contrast
    for (const moving of document.getAnimations())
      if (moving.effect.getComputedTiming().endTime !== Infinity) moving.finish()
  }
"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("turn", range(TURNS))
def test_axe_finds_nothing_in_any_dress_and_nothing_scrolls_sideways(new_context, sign_in, axe, base_url, turn):
    world = tour.build()
    page = new_context(reduced_motion="reduce").new_page()
    failures: list[str] = []

    def note(stop, dress, check, *arguments):
        try:
            check(*arguments)
        except (AssertionError, pytest.fail.Exception, PlaywrightError) as failure:
            failures.append(f"{stop.name}, {dress}: {failure}")

    def fits(width):
        if page.viewport_size["width"] != width:
            page.set_viewport_size({"width": width, "height": 768})
        overflow = page.evaluate(TOO_WIDE)
        assert overflow <= 0, f"{overflow} px too wide"

    def arrive(stop):
        tour.arrive(page, base_url, stop)
        assert page.locator("h1").count() == 1
        axe(page)

    for stop in tour.stops(world)[turn::TURNS]:
        page.goto("about:blank")  # what a page fetches by itself must not meet an expired session
        page.set_viewport_size({"width": 1366, "height": 768})
        page.context.clear_cookies()
        if stop.signed_in:
            sign_in(page, world.help_desk if stop.role == "help_desk" else world.operator)
        note(stop, "as it arrives", arrive, stop)
        for dress in DRESSES:
            page.evaluate(DRESS, dress)
            note(stop, " ".join(dress), axe, page, COLOURS)
        for width in WIDTHS:
            note(stop, f"{width} px", fits, width)
        note(stop, "320 px", axe, page, PLACES)
    assert not failures, "\n\n".join(failures)
