"""What `make screenshots` runs; not collected with the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tqdm import tqdm

from tests.browser import tour

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path("screenshots")
SIZES = {1366: 768, 1920: 1080}


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shoot(new_context, sign_in, base_url, theme, width):
    FOLDER.mkdir(exist_ok=True)
    wanted = [name for name in os.environ.get("SHOTS", "").split(",") if name]
    world = tour.build()
    for operator in (world.operator, world.help_desk):
        operator.theme = theme
        operator.save()
    stops = [stop for stop in tour.stops(world) if not wanted or any(stop.name.startswith(name) for name in wanted)]
    page = new_context(reduced_motion="reduce").new_page()
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    for stop in tqdm(stops, desc=f"{theme} {width}", unit="shot", file=sys.stderr):
        page.context.clear_cookies()
        if stop.signed_in:
            sign_in(page, world.help_desk if stop.role == "help_desk" else world.operator)
        tour.arrive(page, base_url, stop)
        page.screenshot(path=FOLDER / f"{stop.name}-{theme}-{width}.png", caret="initial")
