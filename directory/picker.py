"""The server's half of the group picker (templates/components/group_picker.html).

The pane belongs to a form of the page: its checkboxes are that form's field. A button inside it posts
the whole form, and the view draws the page again with everything that was typed and the pane open or
closed; so the picker needs no script. With script the same pane opens at once and posts only on Select.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from directory import queries
from directory.models import Group
from tenancy.models import Tenant


class GroupsField(forms.Field):
    """Ids of groups, as the picker posts them: the same id may come twice. The form judges them against its tenant."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(str(item) for item in value or ()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {str(item) for item in initial or ()} != {str(item) for item in data or ()}


@dataclass
class GroupPicker:
    """What one picker of a page knows: the chosen groups, and whether its pane is open.

    key: the pane's name in the address and in `pane`; name: the field's name, by default the key.
    """

    tenant: Tenant
    key: str
    form: str
    name: str = ""
    title: str = "Select groups"
    open: bool = False
    query: str = ""
    selected: list[Group] = field(default_factory=list)
    was: str = ""
    handled: bool = False  # the POST was about the picker; nothing is to be saved

    def __post_init__(self) -> None:
        self.name = self.name or self.key

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
    ) -> GroupPicker:
        """The picker after a POST with `data`, or at rest with `initial` group ids when data is None.

        asked: the GET parameters; `?pane=<key>` opens the pane, `?<name>_q=` searches in it.
        Ids that are not groups of `tenant` are left out.
        """
        picker = cls(tenant=tenant, key=key, form=form, **options)
        ids = [str(value) for value in initial]
        if data is None:
            asked = asked if asked is not None else QueryDict()
            picker.open = asked.get("pane") == key
            picker.query = asked.get(f"{picker.name}_q", "")
        else:
            ids = picker._post(data)
        picker.selected = queries.groups_by_id(tenant, ids)
        if picker.open and not picker.was:
            picker.was = ",".join(str(group.pk) for group in picker.selected) or "-"
        return picker

    def _post(self, data: QueryDict) -> list[str]:
        ids = data.getlist(self.name)
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
        """The parameters of components/group_picker.html."""
        groups = queries.groups_to_pick(self.tenant, self.query)
        listed = {group.pk for group in groups}
        chosen = {group.pk for group in self.selected}
        more = ""
        if len(groups) == queries.PICKER_LIMIT:
            more = f"Showing the first {queries.PICKER_LIMIT} groups. Search for a name to find others."
        return {
            "key": self.key,
            "name": self.name,
            "form": self.form,
            "title": self.title,
            "open": self.open,
            "query": self.query,
            "was": self.was if self.open else "",
            "groups": [
                {
                    "id": str(group.pk),
                    "name": group.display_name,
                    "detail": f"{group.get_kind_display()} · {members(group)}",
                    "checked": group.pk in chosen,
                }
                for group in groups
            ],
            "selected": [
                {"id": str(group.pk), "name": group.display_name, "listed": group.pk in listed}
                for group in self.selected
            ],
            "more": more,
        }


def members(group: Any) -> str:
    """How many members a group with `member_count` has, in words."""
    return f"{group.member_count} member" if group.member_count == 1 else f"{group.member_count:,} members"
