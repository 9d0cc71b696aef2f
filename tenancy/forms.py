from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class SignInForm(AuthenticationForm):
    """Sign-in; the sentence for a refusal never tells whether the address exists."""

    error_messages = {
        "invalid_login": "The e-mail address or the password is not correct.",
        "inactive": "The e-mail address or the password is not correct.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"
        self.fields["username"].error_messages["required"] = "Enter an e-mail address."
        self.fields["password"].error_messages["required"] = "Enter a password."
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean_username(self) -> str:
        """The address as it is stored, so that its case neither matters nor splits the count of failures."""
        return str(self.cleaned_data["username"]).strip().lower()


class PasswordForm(PasswordChangeForm):
    """A new password, after the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Current password"
        self.fields["new_password2"].label = "New password again"
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
            field.error_messages["required"] = f"Enter the {field.label.lower()}." if field.label else "Enter a password."
            if isinstance(field, forms.CharField):
                field.help_text = ""
