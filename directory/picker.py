"""The server's half of the picker (templates/components/picker.html), for groups and for users.

The pane belongs to a form of the page: its checkboxes are that form's field. A button inside it posts
the whole form, and the view draws the page again with everything that was typed and the pane open or
closed; so the picker needs no script. With script the same pane opens at once and posts only on Select.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from uuid import UUID

from django import forms
from django.http import QueryDict

from directory import queries
from tenancy.models import Tenant


class GroupsField(forms.Field):
    """Ids of groups, as the picker posts them: the same id may come twice. The form judges them against its tenant."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(str(item) for item in value or ()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {str(item) for item in initial or ()} != {str(item) for item in data or ()}


@dataclass
class Picker:
    """What one picker of a page knows: the chosen items, and whether its pane is open.

    key: the pane's name in the address and in `pane`; name: the field's name, by default the key.
    single: exactly one may be chosen.
    """

    tenant: Tenant
    key: str
    form: str
    name: str = ""
    title: str = ""
    single: bool = False
    open: bool = False
    query: str = ""
    selected: list[Any] = field(default_factory=list)
    was: str = ""
    handled: bool = False  # the POST was about the picker; nothing is to be saved

    # What the kinds of pickers differ in.
    things: ClassVar[str]
    subtitle: ClassVar[str]
    placeholder: ClassVar[str] = "Search"

    def __post_init__(self) -> None:
        self.name = self.name or self.key
        self.title = self.title or f"Select {self.things}"

    @classmethod
    def load(
        cls,
        tenant: Tenant,
        data: QueryDict | None,
        *,
        key: str,
        form: str,
        initial: Iterable[UUID | str] = (),
        asked: QueryDict | None = None,
        **options: Any,
    ) -> Self:
        """The picker after a POST with `data`, or at rest with `initial` ids when data is None.

        asked: the GET parameters; `?pane=<key>` opens the pane, `?<name>_q=` searches in it.
        Ids that are unknown in `tenant` are left out.
        """
        picker = cls(tenant=tenant, key=key, form=form, **options)
        ids = [str(value) for value in initial]
        if data is None:
            asked = asked if asked is not None else QueryDict()
            picker.open = asked.get("pane") == key
            picker.query = asked.get(f"{picker.name}_q", "")
        else:
            ids = picker._post(data)
        picker.selected = picker.by_id(ids)
        if picker.open and not picker.was:
            picker.was = ",".join(str(item.pk) for item in picker.selected) or "-"
        return picker

    def _post(self, data: QueryDict) -> list[str]:
        ids = data.getlist(self.name)
        if self.single:
            # The radio button stands before what was chosen earlier and is not on the list.
            ids = ids[:1]
        self.was = data.get(f"{self.name}_was", "")
        removed = data.get(f"{self.name}_remove")
        pane = data.get("pane")
        self.handled = pane is not None or removed is not None or f"{self.name}_done" in data
        if removed is not None:
            self.open = bool(self.was)
            ids = [value for value in ids if value != removed]
        elif pane == self.key:
            self.open = True
            self.query = data.get(f"{self.name}_q", "")
        elif pane == "" and self.was and f"{self.name}_done" not in data:
            ids = self.was.split(",")  # Cancel: what was chosen before the pane opened
        return ids

    def context(self) -> dict[str, Any]:
        """The parameters of components/picker.html."""
        found = self.to_pick()
        listed = {item.pk for item in found}
        chosen = {item.pk for item in self.selected}
        more = ""
        if len(found) == queries.PICKER_LIMIT:
            more = f"Showing the first {queries.PICKER_LIMIT} {self.things}. Search for a name to find others."
        return {
            "key": self.key,
            "name": self.name,
            "form": self.form,
            "title": self.title,
            "subtitle": self.subtitle,
            "things": self.things,
            "placeholder": self.placeholder,
            "single": self.single,
            "open": self.open,
            "query": self.query,
            "was": self.was if self.open else "",
            "choices": [
                {
                    "id": str(item.pk),
                    "name": item.display_name,
                    "detail": self.detail(item),
                    "checked": item.pk in chosen,
                }
                for item in found
            ],
            "selected": [
                {"id": str(item.pk), "name": item.display_name, "listed": item.pk in listed} for item in self.selected
            ],
            "more": more,
        }

    @property
    def summary(self) -> str:
        """How many are chosen, for selector.html."""
        n = len(self.selected)
        if not n:
            return f"No {self.things} selected"
        return f"{n} {self.things.removesuffix('s') if n == 1 else self.things} selected"

    def by_id(self, ids: Iterable[str]) -> list[Any]:
        """The tenant's items among `ids`."""
        raise NotImplementedError

    def to_pick(self) -> list[Any]:
        """The page of items that is offered, by `query`."""
        raise NotImplementedError

    def detail(self, item: Any) -> str:
        """The line below an item's name."""
        raise NotImplementedError


class GroupPicker(Picker):
    """Chooses groups; each is shown with its number of members."""

    things = "groups"
    subtitle = "Directory groups"

    def by_id(self, ids: Iterable[str]) -> list[Any]:
        return queries.groups_by_id(self.tenant, ids)

    def to_pick(self) -> list[Any]:
        return queries.groups_to_pick(self.tenant, self.query)

    def detail(self, item: Any) -> str:
        return f"{item.get_kind_display()} · {members(item)}"


class UserPicker(Picker):
    """Chooses users; each is shown with the user name."""

    things = "users"
    subtitle = "Directory users"
    placeholder = "Search by name or user name"

    def by_id(self, ids: Iterable[str]) -> list[Any]:
        return queries.users_by_id(self.tenant, ids)

    def to_pick(self) -> list[Any]:
        return queries.users_to_pick(self.tenant, self.query)

    def detail(self, item: Any) -> str:
        return str(item.upn)


def members(group: Any) -> str:
    """How many members a group with `member_count` has, in words."""
    return f"{group.member_count} member" if group.member_count == 1 else f"{group.member_count:,} members"
