from __future__ import annotations

from typing import Any

from django import forms

from blades.forms import BladeForm
from partners import catalogue, services
from partners.models import Platform
from tenancy.models import Tenant


def partner_choices() -> list[tuple[str, str]]:
    """The drop-down Compliance partner."""
    return [
        ("", "Select a compliance partner"),
        *((key, entry.label) for key, entry in catalogue.partners().items()),
    ]


class BasicsForm(BladeForm):
    """Step Basics: which partner, on which platform."""

    partner = forms.ChoiceField(
        label="Compliance partner",
        choices=partner_choices,
        help_text="The mobile device management service that sends compliance state for the devices of the "
        "assigned groups.",
        error_messages={
            "required": "Select a compliance partner.",
            "invalid_choice": "Select a compliance partner.",
        },
    )
    platform = forms.ChoiceField(
        choices=[("", "Select a platform"), *Platform.choices],
        help_text="The operating system that this partner reports for. Only one partner can be added for each "
        "platform.",
        error_messages={"required": "Select a platform.", "invalid_choice": "Select a platform."},
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant
        chosen = catalogue.partners().get(str(self["partner"].value() or ""))
        if chosen is not None:
            # Only what is offered narrows; what was posted is still judged in words by the service's rule.
            self.fields["platform"].widget.choices = [
                ("", "Select a platform"),
                *((value, label) for value, label in Platform.choices if value in chosen.platforms),
            ]

    def clean(self) -> dict[str, Any]:
        """The rules of the service, said while there is still time to choose differently."""
        values = super().clean() or self.cleaned_data
        partner, platform = values.get("partner"), values.get("platform")
        if partner and platform:
            services.check_platform(self.tenant, catalogue.partners()[partner], platform)
        return values
