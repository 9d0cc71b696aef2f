"""What `make guide` shoots for docs/blades.md; not collected with the tests.

The same console makes the same pictures: ids and times are fixed, and a picture is written only where somebody could
see that it became another one, because two shots of one page differ by a trace.
"""

from __future__ import annotations

import base64
import os
import random
import secrets
import sys
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from tqdm import tqdm

from tests.browser import tour
from tests.docs import blades, pages

pytestmark = pytest.mark.django_db(transaction=True)

# As small as the words stay readable.
QUALITY = 40
SIZE = {"width": 1280, "height": 720}
# The real time of the pictures: what they show is as old as it was when they were first shot.
NOW = datetime(2021, 1, 11, 9, 0, tzinfo=UTC)
# How far apart, of 255, a colour is in two pictures that differ to the eye; two shots of one page stay below 80.
VISIBLE = 96
DIFFERENCE = """
  async shots => {
    const [old, now] = await Promise.all(shots.map(async shot => {
      const bytes = Uint8Array.from(atob(shot), character => character.charCodeAt(0))
      const image = await createImageBitmap(new Blob([bytes], {type: "image/webp"}))
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d")
      context.drawImage(image, 0, 0)
      return context.getImageData(0, 0, image.width, image.height)
    }))
    if (old.width !== now.width || old.height !== now.height) return 255
    return old.data.reduce((most, value, n) => Math.max(most, Math.abs(value - now.data[n])), 0)
  }
"""


@pytest.fixture
def world(monkeypatch):
    """A world with the same ids, at the same moment, whenever it is made."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(secrets, "token_hex", lambda size: random.Random(2020).randbytes(size).hex())
    with monkeypatch.context() as patched:
        patched.setattr(os, "urandom", random.Random(2020).randbytes)  # what uuid4 asks
        made = tour.build()
        stops = tour.stops(made)
    return made, stops


def test_shoot(new_context, sign_in, base_url, world):
    made, stops = world
    wanted = blades.pictures(stops)
    page = new_context(reduced_motion="reduce").new_page()
    page.set_viewport_size(SIZE)
    devtools = page.context.new_cdp_session(page)
    sign_in(page, made.operator)
    beside = page.context.new_page()
    folder = pages.DOCS / blades.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for stop in tqdm(wanted, desc=f"docs/{blades.PAGE}", unit="picture", file=sys.stderr):
        tour.arrive(page, base_url, stop)
        page.evaluate("document.activeElement.style.caretColor = 'transparent'")
        shot = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        path = folder / f"{stop.name}.webp"
        if not path.exists() or beside.evaluate(DIFFERENCE, [_text(path.read_bytes()), shot["data"]]) > VISIBLE:
            path.write_bytes(base64.b64decode(shot["data"]))
            changed.append(path.name)
    for path in folder.iterdir():
        if path.stem not in {stop.name for stop in wanted}:
            path.unlink()
            changed.append(path.name)
    told = ", ".join(changed) or "none"
    sys.stderr.write(f"docs/{blades.PAGE}, pictures that changed: {told}\n")


def _text(picture: bytes) -> str:
    return base64.b64encode(picture).decode()
