from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from blades.forms import BladeFormMixin


class SignInForm(BladeFormMixin, AuthenticationForm):
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

    def clean_username(self) -> str:
        """The address as it is stored, so that its case neither matters nor splits the count of failures."""
        return str(self.cleaned_data["username"]).strip().lower()


class PasswordForm(BladeFormMixin, PasswordChangeForm):
    """A new password, after the old one."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "The current password is not correct.",
        "password_mismatch": "The two new passwords are not the same.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": "Current password",
            "new_password1": "New password",
            "new_password2": "New password again",
        }
        for name, label in labels.items():
            field = self.fields[name]
            field.label = label
            field.help_text = ""  # the rules stand above the form, once
            field.error_messages["required"] = f"Enter the {label[0].lower()}{label[1:]}."
