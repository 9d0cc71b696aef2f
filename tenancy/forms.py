from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from blades.forms import BladeForm, BladeFormMixin
from blades.vocabulary import say
from tenancy.models import Membership, Operator, Tenant
from tenancy.roles import Role


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


class OperatorField(forms.ModelChoiceField):
    """An operator by name, address and role in the directory."""

    roles: dict[Any, str]

    def label_from_instance(self, operator: Any) -> str:
        return f"{operator.display_name} ({operator.email}), {self.roles[operator.pk]}"


class AssignRoleForm(BladeForm):
    """Who is given `role`: a member of the tenant who does not hold it yet."""

    operator = OperatorField(
        queryset=Operator.objects.none(),
        empty_label="",
        help_text="Operators who may enter this directory, with the role that they have now.",
        error_messages={"invalid_choice": "The operator is not a member of this directory any more."},
    )

    def __init__(self, *args: Any, tenant: Tenant, role: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = list(Membership.objects.filter(tenant=tenant).only("operator_id", "role", "own_role"))
        field = cast("OperatorField", self.fields["operator"])
        field.roles = {member.operator_id: say(member.held_role.label) for member in members}
        field.queryset = Operator.objects.filter(memberships__tenant=tenant).order_by("display_name", "pk")
        if not self.is_bound:
            field.queryset = field.queryset.exclude(
                pk__in=[member.operator_id for member in members if member.role == member.held_role == role]
            )
