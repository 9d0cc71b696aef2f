"""The picker of cloud apps: the catalogue instead of rows."""

from __future__ import annotations

from collections.abc import Iterable

from access.cloud_apps import CloudApp, cloud_apps
from directory.picker import Picker


class AppPicker(Picker):
    """Chooses cloud apps, the partners' registration apps among them."""

    things = "apps"
    subtitle = "Cloud apps"
    placeholder = "Search applications"

    def by_id(self, ids: Iterable[str]) -> list[CloudApp]:
        wanted = set(ids)
        return [app for app in cloud_apps().values() if app.key in wanted]

    def to_pick(self) -> list[CloudApp]:
        term = self.query.strip().casefold()
        return [app for app in cloud_apps().values() if term in app.label.casefold()]

    def detail(self, item: CloudApp) -> str:
        if item.registration:
            return "Registers devices of a compliance partner"
        return "Cloud app with an approved client app" if item.approved else "Cloud app"
