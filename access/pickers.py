"""Pickers of conditional access: of cloud apps, the catalogue instead of rows, and of the user of a page that reads."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from access.cloud_apps import CloudApp, cloud_apps
from blades.http import wants_fragment
from directory.picker import Picker, UserPicker
from tenancy.http import OperatorRequest

FORM = "blade-form"


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


def user_of_form(request: OperatorRequest, user: UUID | None) -> UserPicker:
    """The picker of the one user whom a form that is posted is about. user: who is chosen before anybody has posted."""
    return UserPicker.load(
        request.tenant,
        request.POST if request.method == "POST" else None,
        key="user",
        form=FORM,
        initial=[user] if user else [],
        asked=request.GET,
        title="Select user",
        single=True,
    )


def user_of_address(request: OperatorRequest, *, title: str) -> tuple[UserPicker, bool]:
    """The picker of the one user whom `?user=` names, on a page that only reads, and whether a choice has just ended.

    Then the address still says how it came about: redirect to one that can be shared.
    """
    asked = request.GET
    posted = asked if {"pane", "user_done", "user_remove"} & set(asked) else None
    picker = UserPicker.load(
        request.tenant,
        posted,
        key="user",
        form=FORM,
        title=title,
        single=True,
        initial=asked.getlist("user")[:1],
        asked=asked,
    )
    return picker, (picker.handled or "user_q" in asked) and not (picker.open or wants_fragment(request))
