from __future__ import annotations

from typing import Any

from django import forms

from blades.forms import BladeForm
from blades.vocabulary import say_lazy
from directory import user_services
from directory.countries import countries
from directory.models import DirectoryUser, Licence
from tenancy.models import Tenant

YES_NO = (("yes", "Yes"), ("no", "No"))

SECTIONS = {
    "Identity": ("upn", "display_name", "given_name", "surname"),
    "Job info": ("job_title", "department"),
    "Settings": ("blocked", "usage_location"),
    "Contact info": ("city", "country"),
}


def usage_locations() -> list[tuple[str, str]]:
    """The drop-down Usage location."""
    return [("", ""), *countries().items()]


class UserForm(BladeForm):
    """What is known of a person. New users are asked for the part of the user name before the @ alone, or for both."""

    upn = forms.CharField(
        label="User name",
        max_length=113,
        error_messages={"required": "Enter a user name."},
        help_text="The name that the user signs in with. Without @ and a domain it is completed by the domain of the "
        "directory.",
    )
    display_name = forms.CharField(label="Name", max_length=120)
    given_name = forms.CharField(label="First name", max_length=64, required=False)
    surname = forms.CharField(label="Last name", max_length=64, required=False)
    job_title = forms.CharField(max_length=80, required=False)
    department = forms.CharField(max_length=80, required=False)
    blocked = forms.ChoiceField(
        label="Block sign in", choices=YES_NO, widget=forms.RadioSelect, required=False, initial="no"
    )
    usage_location = forms.ChoiceField(
        choices=usage_locations,
        required=False,
        help_text="Where the user uses Microsoft services. A license can be assigned only where it is known.",
    )
    city = forms.CharField(max_length=60, required=False)
    country = forms.CharField(label="Country or region", max_length=60, required=False)

    def __init__(self, *args: Any, tenant: Tenant, user: DirectoryUser | None = None, **kwargs: Any) -> None:
        if user is not None:
            kwargs["initial"] = {name: getattr(user, name) for name in user_services.LABELS}
            kwargs["initial"]["blocked"] = "no" if user.account_enabled else "yes"
        super().__init__(*args, **kwargs)
        self.tenant, self.user = tenant, user

    def clean_upn(self) -> str:
        """With the domain where it was left out; judged by the service's rule, but for a name that is not changed."""
        upn: str = self.cleaned_data["upn"].strip()
        if "@" not in upn:
            upn = f"{upn}@{self.tenant.default_domain}"
        if self.user is not None and upn == self.user.upn:
            return upn
        try:
            return user_services.check_upn(self.tenant, upn)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.message_dict["upn"]) from None

    def values(self) -> dict[str, Any]:
        """The fields for the service."""
        found = {name: self.cleaned_data[name] for name in user_services.LABELS if name != "account_enabled"}
        return {**found, "account_enabled": self.cleaned_data["blocked"] != "yes"}

    def sections(self) -> list[dict[str, Any]]:
        """The fields under their headings."""
        return [{"title": title, "fields": [self[name] for name in names]} for title, names in SECTIONS.items()]


class LicencesForm(BladeForm):
    """Which products a user has."""

    skus = forms.MultipleChoiceField(
        label="Select licenses",
        choices=[(sku.value, say_lazy(str(sku.label))) for sku in Licence.Sku],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
