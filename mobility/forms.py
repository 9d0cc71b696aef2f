from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from blades.forms import BladeForm
from blades.vocabulary import say_lazy
from directory import queries as directory
from directory.models import Group
from directory.picker import GroupsField
from mobility import services
from mobility.models import MobilityApplication, MobilityScopeGroup, UserScope
from mobility.services import ScopeSettings

Scope = MobilityScopeGroup.Scope


class AddForm(BladeForm):
    """The pane of "Add an application": which tile, and for an on-premises application its name."""

    gallery_key = forms.CharField(required=False, widget=forms.HiddenInput)
    display_name = forms.CharField(
        label="Name",
        required=False,
        max_length=120,
        error_messages={"max_length": services.NAME_TOO_LONG},
        help_text="The name under which the application appears in Mobility (MDM and MAM). "
        "Keep the default, or enter one that tells several applications apart.",
    )


def _scope(label: str, help_text: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=UserScope.choices,
        widget=forms.RadioSelect,
        help_text=help_text,
        required=False,
        error_messages={"invalid_choice": "Select None, Some or All."},
    )


def _groups() -> GroupsField:
    return GroupsField(label="Groups", required=False)


def _url(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=400,
        widget=forms.URLInput,
        help_text=help_text,
        error_messages={"max_length": "Enter a URL of at most 400 characters."},
    )


class ConfigureForm(BladeForm):
    """The Configure blade; it has the fields that the application's gallery entry has.

    The form reads what was posted. Whether it makes sense is for `services.configure_application` to say.
    """

    mdm_user_scope = _scope(
        "MDM user scope",
        say_lazy(
            "Users whose devices are enrolled with this application when they join or register with Azure AD. None "
            "turns that off; Some covers the members of the selected groups; All covers everyone."
        ),
    )
    mdm_groups = _groups()
    mdm_terms_of_use_url = _url(
        "MDM terms of use URL", "The page that shows users the terms of use before their device is enrolled."
    )
    mdm_discovery_url = _url("MDM discovery URL", "The enrollment service that devices contact to enroll.")
    mdm_compliance_url = _url(
        "MDM compliance URL", "The page that tells users why their device is not compliant and what to do about it."
    )
    mam_user_scope = _scope(
        "MAM User scope",
        "Users whose apps are protected without enrolling the device. When both scopes cover a user, MAM applies to "
        "personal devices and MDM to corporate ones.",
    )
    mam_groups = _groups()
    mam_terms_of_use_url = _url(
        "MAM Terms of use URL", "The page that shows users the terms of use before their apps are protected."
    )
    mam_discovery_url = _url("MAM Discovery URL", "The service that devices contact to get app protection.")
    mam_compliance_url = _url(
        "MAM Compliance URL", "The page that tells users why an app is not compliant and what to do about it."
    )

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, application: MobilityApplication, groups: dict[str, list[Group]], **kwargs: Any
    ) -> None:
        """groups: the saved groups of each scope, by "mdm" and "mam"."""
        self.application = application
        self.entry = services.entry_of(application)
        own = set(self.base_fields) - {"version"}
        saved = {name: getattr(application, name) for name in own if not name.endswith("_groups")}
        saved["version"] = services.version_of(application, groups)
        saved |= {f"{scope}_groups": [str(group.pk) for group in chosen] for scope, chosen in groups.items()}
        super().__init__(*args, initial=saved, **kwargs)
        for name in set(self.fields) - self._own_fields():
            del self.fields[name]

    def scopes(self) -> list[str]:
        """The blocks that the application has: "mdm", and "mam" where it has one."""
        return [Scope.MDM, Scope.MAM] if self.entry.has_mam else [Scope.MDM]

    def clean(self) -> dict[str, Any]:
        """Ids become the tenant's groups; an id that is nobody's, or another tenant's, is a group that is gone."""
        values = super().clean() or self.cleaned_data
        for scope in self.scopes():
            name = f"{scope}_groups"
            ids = values.get(name, [])
            values[name] = directory.groups_by_id(self.application.tenant, ids) if ids else []
            if values.get(f"{scope}_user_scope") == UserScope.SELECTED and len(values[name]) < len(ids):
                self.add_error(name, ValidationError(services.GROUP_GONE, code="gone"))
        return values

    def settings(self, scope: str) -> ScopeSettings:
        """What a valid form says of one block."""
        values = {
            name.removeprefix(f"{scope}_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{scope}_")
        }
        return ScopeSettings(**{**values, "user_scope": values["user_scope"] or UserScope.NONE})

    def _own_fields(self) -> set[str]:
        chosen = {f"{scope}_{name}" for scope in self.scopes() for name in ("user_scope", "groups")}
        return chosen | set(self.entry.defaults) | {"version"}
