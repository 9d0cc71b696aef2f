"""The cloud apps that users sign in to: a data file, not rows. Partners add the app that registers their devices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from partners import catalogue


@dataclass(frozen=True)
class CloudApp:
    """approved: whether its app for phones is on the list of approved client apps."""

    key: str
    label: str
    approved: bool = False
    registration: bool = False  # a partner's app, with which devices are registered

    @property
    def pk(self) -> str:
        return self.key

    @property
    def display_name(self) -> str:
        return self.label


@cache
def cloud_apps() -> dict[str, CloudApp]:
    """Every app by key, in label order."""
    rows = json.loads(Path(__file__).with_name("cloud_apps.json").read_text(encoding="utf-8"))
    apps = [CloudApp(**row) for row in rows]
    names = {partner.registration_app for partner in catalogue.partners().values()}
    apps += [CloudApp(key=key_of(name), label=name, registration=True) for name in names]
    return {app.key: app for app in sorted(apps, key=lambda app: app.label.casefold())}


def key_of(name: str) -> str:
    """The key of a partner's registration app."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.casefold())[:40]


def label(key: str) -> str:
    """The label of the app `key`; a key that left the catalogue is shown as it is."""
    app = cloud_apps().get(key)
    return app.label if app else key
