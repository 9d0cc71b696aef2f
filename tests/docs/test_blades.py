"""docs/blades.md has every blade, with a picture that is there, that shows it and that is small."""

from __future__ import annotations

from tests.browser import tour
from tests.docs import blades, pages


def test_every_picture_on_the_page_is_there_and_no_other():
    text = (pages.DOCS / blades.PAGE).read_text(encoding="utf-8")
    there = {path.name for path in (pages.DOCS / blades.FOLDER).iterdir()}

    shown = {f"{name}.webp" for chapter in blades.CHAPTERS.values() for blade in chapter for name in blade.pictures}
    assert there == shown
    assert {name for name in shown if f"({blades.FOLDER}/{name})" in text} == shown


def test_every_picture_is_a_stop_of_the_tour_at_its_blade(db):
    assert blades.pictures(tour.stops(tour.build()))


def test_the_pictures_are_light_enough_to_clone():
    sizes = [path.stat().st_size for path in (pages.DOCS / blades.FOLDER).iterdir()]

    assert sum(sizes) < 35_000 * len(sizes)
    assert min(sizes) > 2_000
