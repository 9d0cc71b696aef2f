from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from blades.forms import BladeForm
from blades.vocabulary import say
from directory import group_forms
from partners.catalogue import CataloguePartner
from partners.models import Platform
from uem import device_import
from uem.models import Console, Enrolment


class SettingsForm(BladeForm):
    """The connection to Azure AD."""

    compliance_enabled = forms.BooleanField(required=False)
    directory_id = forms.CharField(
        label="Tenant ID",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"size": 40, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, console: Console, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["compliance_enabled"].label = say(console.vendor.switch)


class KeyField(forms.UUIDField):
    """What a form is drawn with, so that it does its thing once however often it is sent.

    A form that comes without one, or with something else, does it each time.
    """

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)

    def clean(self, value: Any) -> uuid.UUID | None:
        """The key, or None."""
        try:
            key: uuid.UUID | None = super().clean(value)
        except ValidationError:
            return None
        return key


class EnrolForm(BladeForm):
    """What the user brings."""

    key = KeyField()
    platform = forms.ChoiceField()
    device_name = forms.CharField(label="Device name", max_length=120)
    manufacturer = forms.CharField(required=False, max_length=60)
    model = forms.CharField(required=False, max_length=80)
    os_version = forms.CharField(label="OS version", required=False, max_length=40)
    serial_number = forms.CharField(label="Serial number", required=False, max_length=40)

    def __init__(self, *args: Any, partner: CataloguePartner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        platforms = [(value, label) for value, label in Platform.choices if value in partner.platforms]
        platform = self.fields["platform"]
        assert isinstance(platform, forms.ChoiceField)  # noqa: S101 - it stands above
        platform.choices = [("", "Select a platform"), *platforms]
        platform.error_messages["invalid_choice"] = "Select a platform."


class ImportForm(group_forms.ImportForm):
    """Where the devices to enroll stand: in a file, or in the text box."""

    empty_file = device_import.EMPTY_FILE

    def read(self, text: str) -> Sequence[Any]:
        """The lines of `text`, each with its cells."""
        return device_import.read(text)


class VerdictForm(BladeForm):
    """What the partner's policies come to."""

    verdict = forms.ChoiceField(
        label="Compliance", choices=Enrolment.Verdict.choices, error_messages={"invalid_choice": "Select a state."}
    )
    reason = forms.CharField(label="Reason", required=False, max_length=200)


class TokenForm(BladeForm):
    """A new token of the partner API."""

    key = KeyField()
    name = forms.CharField(max_length=60)
