from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from blades import sheets
from blades.forms import BladeForm
from directory import member_import, rules
from directory.models import Group

KINDS = ((Group.Kind.ASSIGNED, "Assigned"), (Group.Kind.DYNAMIC, "Dynamic User"))


# The row above the rule was filled in and left there.
NOT_ADDED = "Select Add expression, so that the rule has what you chose."


class GroupForm(BladeForm):
    """Name, description and membership of a group."""

    display_name = forms.CharField(label="Group name", max_length=120)
    description = forms.CharField(
        label="Group description", max_length=254, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    kind = forms.ChoiceField(
        label="Membership type",
        choices=KINDS,
        help_text="Assigned: members are added one by one. Dynamic User: a rule on the properties of users decides.",
    )
    rule = forms.CharField(
        label="Rule syntax",
        required=False,
        max_length=rules.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """A dynamic group needs a rule that is understood."""
        values = super().clean() or self.cleaned_data
        if values.get("kind") == Group.Kind.DYNAMIC and "rule" in values:
            if not values["rule"].strip() and self.data.get("rule_property"):
                self.add_error("rule", NOT_ADDED)
                return values
            try:
                rules.parse(values["rule"])
            except rules.RuleError as error:
                self.add_error("rule", str(error))
        return values


class ImportForm(BladeForm):
    """Where the members to import stand: in a file, or in the text box."""

    file = forms.FileField(
        label="File",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text="One user a line: user principal name or object ID, in the first column or under the heading "
        f"'{member_import.HEADING}'.",
    )
    text = forms.CharField(
        label="Or paste lines", required=False, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
    )

    empty_file = member_import.EMPTY_FILE

    def read(self, text: str) -> Sequence[Any]:
        """The lines of `text`. Raises ValidationError, with the code "empty" for none."""
        return member_import.read(text)

    def clean(self) -> dict[str, Any]:
        """`lines`: what the list says."""
        values = super().clean() or self.cleaned_data
        upload = values.get("file")
        field = "file" if upload else "text"
        try:
            if upload and upload.size > sheets.MOST_BYTES:
                raise forms.ValidationError(sheets.TOO_LARGE)
            text = sheets.decode(upload.read()) if upload else values.get("text", "")
            values["lines"] = self.read(text)
        except forms.ValidationError as error:
            empty = upload and error.code == "empty"
            self.add_error(field, self.empty_file if empty else error)
        return values
