from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from blades.forms import BladeForm
from blades.presentation import FORMATS
from tenancy.models import Operator, Tenant

# Where the sample of each regional format comes from.
SAMPLE = datetime(2020, 7, 15, 9, 42, 11, tzinfo=UTC)


def _regional_formats() -> list[tuple[str, str]]:
    return [(value, f"{label}: {FORMATS[value](SAMPLE)}") for value, label in Operator.RegionalFormat.choices]


class SettingsForm(BladeForm):
    """What was not posted stays as it is; an empty box is a box that was left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        """The posted values, and those that are saved where none was posted."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        return {name: self.initial[name] if value in ("", None) else value for name, value in data.items()}


class PortalForm(SettingsForm):
    """How the portal looks and behaves for this operator, in every directory."""

    theme = forms.ChoiceField(choices=Operator.Theme, widget=forms.RadioSelect)
    high_contrast = forms.BooleanField(required=False)
    single_keys = forms.BooleanField(
        label="Single-key shortcuts",
        required=False,
        help_text="G, then a second key, goes to a part of the page. Ctrl+/ works either way.",
    )
    page_size = forms.TypedChoiceField(label="Rows per page", choices=Operator.PageSize, coerce=int)
    language = forms.ChoiceField(
        choices=Operator.Language,
        help_text="What screen readers speak. The labels are those of the English product either way.",
    )
    regional_format = forms.ChoiceField(choices=_regional_formats, help_text="How dates and times are written.")
    start_page = forms.ChoiceField(
        choices=Operator.StartPage,
        help_text="What a directory opens on. A role that may not open it starts at Home.",
    )


class TrainingForm(SettingsForm):
    """How the tenant behaves, for everybody in it."""

    document_mode = forms.ChoiceField(
        choices=Tenant.DocumentMode,
        widget=forms.RadioSelect,
        help_text="As written follows the document of July 2020 and warns while a partner's application is missing "
        "under Mobility. As it works leaves that step out, as the product did five weeks later.",
    )
    propagation = forms.ChoiceField(
        label="Changes take effect",
        choices=Tenant.Propagation,
        widget=forms.RadioSelect,
        help_text="Some changes take hours in the real product, such as a new MDM authority. At once leaves the wait "
        "out.",
    )

    vocabulary = forms.ChoiceField(
        choices=Tenant.Vocabulary,
        widget=forms.RadioSelect,
        help_text="What the products are called here: as in the document of July 2020, or as in their portals today. "
        "Where blades stand and what they do stays the same.",
    )

    def lock(self) -> None:
        """Show the choices to somebody who may not change them."""
        for field in self.fields.values():
            field.disabled = True


class ResetForm(BladeForm):
    """The tenant's name in its address, typed again: a reset cannot be undone."""

    slug = forms.CharField(
        label="Directory", max_length=40, help_text="The name of this directory as its address shows it, behind /t/."
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant
        self.fields["slug"].error_messages["required"] = self._sentence()

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip()
        if slug != self.tenant.slug:
            raise forms.ValidationError(self._sentence())
        return slug

    def _sentence(self) -> str:
        return f"Enter '{self.tenant.slug}' to confirm that this directory is reset."
