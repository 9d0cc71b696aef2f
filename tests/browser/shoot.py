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


def test_shoot(new_context, sign_in, base_url, complaints):
    FOLDER.mkdir(exist_ok=True)
    wanted = [name for name in os.environ.get("SHOTS", "").split(",") if name]
    world = tour.build()
    stops = [stop for stop in tour.stops(world) if not wanted or any(stop.name.startswith(name) for name in wanted)]
    with tqdm(total=len(stops) * len(SIZES) * 2, unit="shot", file=sys.stderr) as bar:
        for theme in ("light", "dark"):
            for operator in (world.operator, world.help_desk):
                operator.theme = theme
                operator.save()
            for width, height in SIZES.items():
                page = new_context(viewport={"width": width, "height": height}, reduced_motion="reduce").new_page()
                for stop in stops:
                    page.context.clear_cookies()
                    if stop.signed_in:
                        sign_in(page, world.help_desk if stop.role == "help_desk" else world.operator)
                    tour.arrive(page, base_url, stop)
                    page.screenshot(path=FOLDER / f"{stop.name}-{theme}-{width}.png")
                    bar.update()
