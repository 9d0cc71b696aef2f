from __future__ import annotations

from django import forms

from blades.forms import BladeForm
from tenancy.models import Operator, Tenant


class ThemeForm(BladeForm):
    """How the portal looks to this operator, in every directory."""

    theme = forms.ChoiceField(choices=Operator.Theme, widget=forms.RadioSelect)


class TrainingForm(BladeForm):
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

    def lock(self) -> None:
        """Show the choices to somebody who may not change them."""
        for field in self.fields.values():
            field.disabled = True
