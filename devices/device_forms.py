"""Forms of the blades of one device."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from blades.forms import BladeForm
from devices.actions import LONGEST_NAME, LONGEST_WINDOWS_NAME, Kind
from devices.models import ManagedDevice, OperatingSystem, Ownership
from devices.services import LONGEST_NOTES

KEEP_ENROLLMENT = "Wipe device, but keep enrollment state and associated user account"
KEEP_WIPING = "Wipe device, and continue to wipe even if device loses power"


class ActionForm(BladeForm):
    """What one remote action on one device is asked for with; it has the fields that the action has there.

    Whether they make sense is for `services.request_actions` to say. key: the same for every click on one button.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    new_name = forms.CharField(label="New name", required=False)
    keep_enrollment = forms.BooleanField(label=KEEP_ENROLLMENT, required=False)
    keep_wiping = forms.BooleanField(label=KEEP_WIPING, required=False)
    pin = forms.CharField(
        label="Recovery PIN",
        required=False,
        help_text="6 digits. The user enters the PIN to unlock the device. Without one, a PIN is made up.",
    )

    def __init__(self, *args: Any, kind: Kind, device: ManagedDevice, **kwargs: Any) -> None:
        self.kind = kind
        initial = {"key": uuid4(), "new_name": device.device_name}
        super().__init__(*args, initial=initial, auto_id=f"{kind}-%s", **kwargs)
        windows = device.os == OperatingSystem.WINDOWS
        wanted = {
            "key": True,
            "new_name": kind is Kind.RENAME,
            "keep_enrollment": kind is Kind.WIPE and windows,
            "keep_wiping": kind is Kind.WIPE and windows,
            "pin": kind is Kind.REMOTE_LOCK and device.os == OperatingSystem.MACOS,
        }
        for name, here in wanted.items():
            if not here:
                del self.fields[name]
        if kind is Kind.RENAME:
            longest = LONGEST_WINDOWS_NAME if windows else LONGEST_NAME
            self.fields[
                "new_name"
            ].help_text = f"At most {longest} characters: letters, numbers and hyphens, at least one of them no number."
            self.fields["new_name"].widget.attrs["autofocus"] = True

    @property
    def options(self) -> dict[str, Any]:
        """What a valid form says, for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key" and value}


class PropertiesForm(BladeForm):
    """What can be edited of a device; its primary user is chosen in a picker beside the form."""

    ownership = forms.TypedChoiceField(
        label="Device ownership",
        coerce=int,
        help_text="Corporate devices report more of themselves: all apps, for example, and the whole phone number.",
        error_messages={"invalid_choice": "Select Corporate or Personal."},
    )
    notes = forms.CharField(
        label="Notes",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_NOTES}),
    )

    def __init__(self, *args: Any, device: ManagedDevice, **kwargs: Any) -> None:
        super().__init__(*args, initial={"ownership": device.ownership, "notes": device.notes}, **kwargs)
        offered = {Ownership.CORPORATE, Ownership.PERSONAL, Ownership(device.ownership)}
        field = self.fields["ownership"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [(value.value, value.label) for value in Ownership if value in offered]
