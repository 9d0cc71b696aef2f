"""The applications that "Add an application" offers, and Microsoft Intune: a data file, not rows.

docs/sources.md says where each tile and URL comes from, and which are ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

MICROSOFT_INTUNE = "microsoft_intune"
ON_PREMISES = "on_premises"


@dataclass(frozen=True)
class GalleryApplication:
    """A vendor's application as the gallery describes it."""

    key: str
    name: str  # what the added application is called
    publisher: str
    defaults: Mapping[str, str]  # the URL fields that it has, by model field, with what "Restore default" puts there
    tile: str = field(default="")  # what the tile says, when that is not the name
    built_in: bool = False  # part of every directory: neither added nor deleted
    repeatable: bool = False  # may be added several times, each under a name of its own

    @property
    def label(self) -> str:
        """The words on the tile."""
        return self.tile or self.name

    @property
    def has_mam(self) -> bool:
        """Whether Configure shows the MAM block."""
        return any(name.startswith("mam_") for name in self.defaults)

    def default_urls(self, scope: str) -> dict[str, str]:
        """What "Restore default MDM URLs" ("mdm") or "… MAM URLs" ("mam") puts into the fields."""
        return {name: url for name, url in self.defaults.items() if name.startswith(f"{scope}_")}

    def matches(self, term: str) -> bool:
        """Whether tile, name or publisher contain `term`, whatever its case."""
        return term.strip().casefold() in f"{self.label} {self.name} {self.publisher}".casefold()


@cache
def applications() -> dict[str, GalleryApplication]:
    """Every application by key, in the order of the tiles."""
    rows = json.loads(Path(__file__).with_name("gallery.json").read_text(encoding="utf-8"))
    found = [GalleryApplication(**row) for row in rows]
    return {entry.key: entry for entry in sorted(found, key=lambda entry: entry.label.casefold())}


def find(key: str) -> GalleryApplication | None:
    """The application `key`, if the gallery knows it."""
    return applications().get(key)


def to_add(term: str = "") -> list[GalleryApplication]:
    """The tiles of "Add an application" that match `term`."""
    return [entry for entry in applications().values() if not entry.built_in and entry.matches(term)]
