"""Whom something is for: all users or some groups, and groups that stay outside.

Partners and compliance policies are assigned alike: `check` has the rules, AssignmentsForm reads the step of a wizard,
and AssignmentStep has its pickers and buttons, for templates/directory/_assignments.html.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from blades.forms import BladeForm
from blades.models import Draft
from directory import queries
from directory.models import Group
from directory.picker import GroupPicker, GroupsField
from tenancy.models import Tenant

GROUP_GONE = "A selected group no longer exists. Select the groups again."
UNSENT = "unsent assignments"  # chosen in a picker, not yet sent by Next: kept while the operator looks at other steps


def check(
    tenant: Tenant,
    groups: Iterable[Group],
    excluded_groups: Iterable[Group],
    *,
    all_users: bool,
    required: bool = True,
) -> tuple[list[Group], list[Group]]:
    """The included and excluded groups, each once and by name; none are included beside all users.

    Raises ValidationError for a group that is gone, for contradictions and, where one is `required`, for no assignment.
    """
    included = _once(groups)
    excluded = _once(excluded_groups)
    wanted = {group.pk for group in (*included, *excluded)}
    present = set(Group.objects.in_tenant(tenant).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - present:
        raise ValidationError({"groups": GROUP_GONE}, code="gone")
    if all_users:
        included = []
    elif required and not included:
        raise ValidationError({"groups": "Select at least one group, or add all users."}, code="required")
    elif excluded and not included:
        raise ValidationError({"groups": "Select the groups to include, or add all users, before you exclude some."})
    both = {group.pk for group in included} & {group.pk for group in excluded}
    if both:
        names = ", ".join(f"'{group.display_name}'" for group in included if group.pk in both)
        raise ValidationError({"excluded_groups": f"A group cannot be both included and excluded: {names}."})
    return included, excluded


def _once(groups: Iterable[Group]) -> list[Group]:
    return sorted({group.pk: group for group in groups}.values(), key=lambda group: (group.name_key, group.pk))


def of(rows: models.Manager[Any]) -> tuple[list[Group], list[Group]]:
    """The included and excluded groups, each by name. rows: links to groups, with an intent."""
    included: list[Group] = []
    excluded: list[Group] = []
    for row in rows.select_related("group").order_by("group__name_key", "group_id"):
        (included if row.intent == "include" else excluded).append(row.group)
    return included, excluded


def values(included: list[Group], excluded: list[Group], *, all_users: bool) -> dict[str, Any]:
    """What the journal says of an assignment."""
    return {
        "Included groups": "All users" if all_users else [group.display_name for group in included],
        "Excluded groups": [group.display_name for group in excluded],
    }


def answer(included: Iterable[Group], excluded: Iterable[Group], *, all_users: bool) -> dict[str, Any]:
    """An assignment as a draft keeps it."""
    return {
        "all_users": all_users,
        "groups": [str(group.pk) for group in included],
        "excluded_groups": [str(group.pk) for group in excluded],
    }


class AssignmentsForm(BladeForm):
    """Step Assignments. required: whether there must be one."""

    required = True

    all_users = forms.BooleanField(required=False)
    groups = GroupsField(required=False)
    excluded_groups = GroupsField(required=False)

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant

    def clean(self) -> dict[str, Any]:
        """Ids become the tenant's groups; what the service would refuse is refused here in the same words."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("groups", "excluded_groups"):
            ids = set(cleaned.get(name, []))
            found = queries.groups_by_id(self.tenant, ids)
            if len(found) < len(ids):
                raise ValidationError({name: GROUP_GONE}, code="gone")
            cleaned[name] = found
        check(
            self.tenant,
            cleaned["groups"],
            cleaned["excluded_groups"],
            all_users=cleaned["all_users"],
            required=self.required,
        )
        return cleaned

    @property
    def answer(self) -> dict[str, Any]:
        """What a valid form says, for a draft."""
        said = self.cleaned_data
        return answer(said["groups"], said["excluded_groups"], all_users=said["all_users"])

    def items(self) -> list[dict[str, Any]]:
        """Label and lines of each list, for summary.html; what is wrong stands beside it."""
        self.is_valid()
        said = self.cleaned_data
        groups, excluded = ([group for group in said.get(name, []) if not isinstance(group, str)]
                            for name in ("groups", "excluded_groups"))  # fmt: skip
        found = items(groups, excluded, all_users=bool(said.get("all_users")))
        found[0]["errors"] = self.errors.get("groups")
        found[1]["errors"] = self.errors.get("excluded_groups")
        return found


def items(included: Iterable[Group], excluded: Iterable[Group], *, all_users: bool) -> list[dict[str, Any]]:
    """Label and lines of each list, for summary.html."""
    return [
        {
            "label": "Included groups",
            "lines": ["All users"] if all_users else [group.display_name for group in included],
        },
        {"label": "Excluded groups", "lines": [group.display_name for group in excluded]},
    ]


@dataclass
class AssignmentStep:
    """The step in which groups are chosen. asking: the POST was from a picker or a button of the lists; what was chosen
    is kept in the draft as unsent, and nothing else is to be stored."""

    included: GroupPicker
    excluded: GroupPicker
    all_users: bool
    asking: bool

    @classmethod
    def load(cls, request: HttpRequest, tenant: Tenant, draft: Draft, *, form: str) -> Self:
        """The step after `request`, or as the draft has it. form: id of the form that the pickers belong to."""
        data = request.POST if request.method == "POST" else None
        known = draft.answer(UNSENT) or draft.answer("assignments") or {}
        included, excluded = (
            GroupPicker.load(
                tenant,
                data,
                key=key,
                form=form,
                title=f"Select groups to {verb}",
                initial=known.get(key, ()),
                asked=request.GET,
            )
            for key, verb in (("groups", "include"), ("excluded_groups", "exclude"))
        )
        all_users = bool((data if data is not None else known).get("all_users"))
        change = data.get("change") if data is not None else None
        if change in ("add-all-users", "remove-all-users"):
            all_users = change == "add-all-users"
        step = cls(included, excluded, all_users, included.handled or excluded.handled or change is not None)
        if step.asking:
            draft.store(UNSENT, answer(included.selected, excluded.selected, all_users=all_users))
        return step

    @property
    def open_picker(self) -> str:
        """Key of the picker whose pane is open."""
        return next((picker.key for picker in (self.included, self.excluded) if picker.open), "")

    @property
    def context(self) -> dict[str, Any]:
        """What the template of the step needs."""
        return {
            "included": self.included,
            "excluded": self.excluded,
            "all_users": self.all_users,
            "open_picker": self.open_picker,
        }
