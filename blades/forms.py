"""Forms that look and speak like the portal's.

    class BasicsForm(BladeForm):
        platform = forms.ChoiceField(choices=…, help_text="Shown in the balloon beside the label.")

    class ConfigureForm(BladeModelForm): …

Widgets get the classes of the style sheets; `required`, `aria-invalid` and `aria-describedby` are set by Django and
point at the ids that components/field.html draws. Missing values are refused in the portal's words: "Select a
platform."
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import pretty_name
from django.forms.widgets import Input

WIDGET_CLASSES: list[tuple[type[forms.Widget], str]] = [  # the first that fits; subclasses before their parents
    (forms.CheckboxSelectMultiple, "check"),
    (forms.RadioSelect, "radio"),
    (forms.CheckboxInput, "check"),
    (forms.Select, "select"),
    (forms.Textarea, "area"),
    (forms.HiddenInput, ""),
    (Input, "input"),
]
CHOICE_WIDGETS = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple)


class BladeFormMixin(forms.BaseForm):
    """For Form and ModelForm alike; put it first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            dress(field)
            if field.required and field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _required(field, str(field.label or pretty_name(name)))
            if isinstance(field, forms.CharField):
                field.error_messages.setdefault("max_length", "Enter at most %(limit_value)s characters.")


class BladeForm(BladeFormMixin, forms.Form):
    """A form of a blade."""


class BladeModelForm(BladeFormMixin, forms.ModelForm):
    """A form of a blade that edits a model."""


def dress(field: forms.Field) -> None:
    """Give the widget of `field` its class, beside the classes that it has."""
    widget = field.widget
    css = next((css for kind, css in WIDGET_CLASSES if isinstance(widget, kind)), "")
    classes = widget.attrs.get("class", "").split()
    if css and css not in classes:
        widget.attrs["class"] = " ".join([css, *classes])
    if isinstance(widget, forms.TextInput | forms.Textarea):
        widget.attrs.setdefault("autocomplete", "off")


def _required(field: forms.Field, label: str) -> str:
    verb = "Select" if isinstance(field.widget, CHOICE_WIDGETS) else "Enter"
    first, _, rest = label.partition(" ")
    acronym = len(first) > 1 and first.isupper()
    word = label if acronym else f"{first[:1].lower()}{first[1:]}{f' {rest}' if rest else ''}"
    vowel = word[0] in "aeiou" or (acronym and word[0] in "AEFHILMNORSX")
    return f"{verb} {'an' if vowel else 'a'} {word}."
