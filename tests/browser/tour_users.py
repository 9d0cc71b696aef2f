"""Stops of the tour: users and groups."""

from __future__ import annotations

from tests.browser.stop import Stop, World


def stops(world: World) -> list[Stop]:
    return []
