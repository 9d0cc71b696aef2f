"""The compliance partners that the Basics drop-down offers: a data file, not rows.

docs/sources.md says where each label comes from, and which are ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CataloguePartner:
    """A vendor's product as the portal lists it."""

    key: str
    label: str  # as the drop-down shows it
    vendor: str
    product: str
    platforms: tuple[str, ...]  # values of partners.models.Platform
    gallery_key: str  # its application under Mobility (MDM and MAM), or empty where none is known
    manual_sync: bool  # whether it hears of changed assignments only when somebody presses SYNC in its console
    named_group_only: bool  # whether "Add all users" breaks the connection
    consents: tuple[str, ...]  # the enterprise applications that its administrator consents to
    doors: tuple[str, ...]  # through which a device is registered; values of uem.models.Enrolment.Door
    registration_app: str  # the cloud app that users sign in to while they register
    alert_is_compliant: bool  # whether a broken policy that only alerts is reported as compliant
    settings_path: tuple[str, ...]  # where its console has the connection to Azure AD
    switch: str  # what its console calls the switch of the connection
    sync_command: str  # what its console calls reading the assignments of Intune
    self_service: str  # its own app, through which users register


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


@cache
def partners() -> dict[str, CataloguePartner]:
    """Every partner by key, in label order."""
    rows = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    found = [CataloguePartner(**_frozen(row)) for row in rows]
    return {partner.key: partner for partner in sorted(found, key=lambda partner: partner.label.casefold())}


def label(key: str) -> str:
    """The label of the partner `key`; a key that left the catalogue is shown as it is."""
    partner = partners().get(key)
    return partner.label if partner else key
