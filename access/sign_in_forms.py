"""The form "Sign in as …"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from access.models import SignIn
from access.services import BROWSER, NATIVE, PLATFORMS
from access.sign_in_queries import app_labels, platform_of
from blades.forms import BladeForm
from blades.presentation import day
from blades.vocabulary import say
from directory.models import DirectoryDevice

NO_DEVICE = "No device ID: private browsing, or an app or browser that does not send one"


class ClientChoice(NamedTuple):
    """With what somebody signs in."""

    label: str
    client_app: str
    browser: str = ""


CLIENTS = {
    "app": ClientChoice("The application's own app", NATIVE),
    "edge": ClientChoice("Microsoft Edge", BROWSER, "Edge 84.0.522"),
    "chrome": ClientChoice("Google Chrome", BROWSER, "Chrome 84.0.4147"),
    "safari": ClientChoice("Safari", BROWSER, "Safari 13.1"),
}


def client_of(made: SignIn) -> str:
    """The key of the client with which somebody has signed in."""
    used = (made.client_app, made.browser)
    return next((key for key, choice in CLIENTS.items() if (choice.client_app, choice.browser) == used), "app")


class SignInForm(BladeForm):
    """What the user chosen beside the form tries. records: Azure AD's records of that user's devices."""

    app = forms.ChoiceField(label="Cloud app")
    device = forms.ChoiceField(
        label="Device",
        required=False,
        help_text="The record in Azure AD whose device ID the sign-in presents. A device registered twice has two.",
        error_messages={"invalid_choice": "The device is no longer one of the user's. Select another one."},
    )
    platform = forms.ChoiceField(
        label="Device platform",
        required=False,
        choices=[("", "That of the device"), *PLATFORMS.items()],
        help_text="Needed without a device: conditional access knows the platform from what the browser or app says.",
    )
    client = forms.ChoiceField(
        label="Client app", choices=[(key, choice.label) for key, choice in CLIENTS.items()], initial="app"
    )
    mfa = forms.ChoiceField(
        label="Second factor",
        choices=[("yes", "The user approves"), ("no", "The user does not respond")],
        initial="no",
        widget=forms.RadioSelect,
        help_text="Counts where a policy asks for multi-factor authentication.",
    )
    session = forms.ChoiceField(
        label="Session",
        choices=[("new", "A new sign-in"), ("kept", "An app that is still open")],
        initial="new",
        required=False,
        widget=forms.RadioSelect,
        help_text="An open app goes on with its access token for an hour, whatever policies and devices have become "
        "meanwhile.",
    )

    def __init__(self, *args: Any, records: Sequence[DirectoryDevice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.records = {str(record.pk): record for record in records}
        self.fields["app"].choices = [("", "Select a cloud app"), *app_labels().items()]  # type: ignore[attr-defined]
        self.fields["device"].choices = [  # type: ignore[attr-defined]
            ("", NO_DEVICE),
            *((key, _label(record)) for key, record in self.records.items()),
        ]
        self.fields["device"].help_text = say(str(self.fields["device"].help_text))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        device = self.records.get(values.get("device", ""))
        platform = values.get("platform") or (platform_of(device.os) if device else "")
        if device is None and not platform and not self.has_error("device"):
            self.add_error("platform", ValidationError("Select a device platform.", code="required"))
        return values | {"device": device, "platform": platform}

    @property
    def visit(self) -> dict[str, Any]:
        """What a valid form says, for the service."""
        values = self.cleaned_data
        client = CLIENTS[values["client"]]
        return {
            "app": values["app"],
            "device": values["device"],
            "platform": values["platform"],
            "mfa": values["mfa"] == "yes",
            "client_app": client.client_app,
            "browser": client.browser,
        }


def _label(record: DirectoryDevice) -> str:
    since = f"registered {day(record.registered_at)}" if record.registered_at else "registration pending"
    state = "" if record.enabled else ", disabled"
    return f"{record.display_name} ({str(record.device_id)[:8]}…, {record.os}, {since}{state})"
