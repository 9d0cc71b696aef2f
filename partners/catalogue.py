"""The compliance partners that the Basics drop-down offers: a data file, not rows.

docs/sources.md says where each label comes from, and which are ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class CataloguePartner:
    """A vendor's product as the portal lists it."""

    key: str
    label: str  # as the drop-down shows it
    vendor: str
    product: str
    platforms: tuple[str, ...]  # values of partners.models.Platform
    gallery_key: str  # its application under Mobility (MDM and MAM), or empty where none is known


@cache
def partners() -> dict[str, CataloguePartner]:
    """Every partner by key, in label order."""
    rows = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    found = [CataloguePartner(**{**row, "platforms": tuple(row["platforms"])}) for row in rows]
    return {partner.key: partner for partner in sorted(found, key=lambda partner: partner.label.casefold())}


def label(key: str) -> str:
    """The label of the partner `key`; a key that left the catalogue is shown as it is."""
    partner = partners().get(key)
    return partner.label if partner else key
