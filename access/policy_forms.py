from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from access import queries, services
from access.cloud_apps import cloud_apps
from access.engine import CONTROL_LABELS, Control
from access.models import Intent, Policy
from access.services import People
from blades.forms import BladeForm
from blades.vocabulary import say_lazy
from directory import queries as directory
from directory.models import DirectoryUser
from directory.picker import GroupsField as IdsField
from tenancy.models import Tenant

ALL, SELECTED, NONE = "all", "selected", "none"
EXCLUDE, PROCEED = "exclude", "proceed"
APP_GONE = "A selected cloud app is not known. Select the apps again."
LOCKED_OUT = "Don't lock yourself out! Make sure that your device is compliant."
# Ours: of a policy that blocks, no device is compliant enough.
BLOCKED_OUT = "Don't lock yourself out! The policy blocks everybody, and you as well."
# Where the sentences of the service stand, and what else may be wrong there.
PLACES = {
    "all_users": ("users_mode", "users", "groups", "excluded_users", "excluded_groups"),
    "all_apps": ("apps_mode", "apps"),
    "included_apps": ("apps", "excluded_apps"),
    "platforms": ("included_platforms", "platforms", "excluded_platforms"),
    "grant": ("controls", "grant"),
}
PLATFORMS = [(key, "Windows" if key == "windows" else label) for key, label in services.PLATFORMS.items()]
FLAGS = {
    Control.MFA: "require_mfa",
    Control.COMPLIANT_DEVICE: "require_compliant_device",
    Control.HYBRID_JOINED: "require_hybrid_joined_device",
    Control.APPROVED_APP: "require_approved_app",
}


def _choice(label: Any, choices: Iterable[tuple[str, Any]], sentence: str, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        widget=forms.RadioSelect,
        help_text=help_text,
        required=False,
        error_messages={"invalid_choice": sentence},
    )


def _choices(label: Any, choices: Iterable[tuple[str, Any]], sentence: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": sentence},
    )


class PolicyForm(BladeForm):
    """A conditional access policy as its blade shows it.

    The form reads what was posted. Whether it makes a policy is for access.services to say. A selection counts only
    where the choice above it asks for one: what "All users" or "No" hides is not saved.
    """

    request = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    display_name = forms.CharField(
        label="Name",
        max_length=256,
        error_messages={"required": "Enter a name."},
        widget=forms.TextInput(attrs={"placeholder": "Example: 'Device compliance app policy'"}),
    )
    users_mode = _choice(
        say_lazy("Users and groups"),
        [(NONE, "None"), (ALL, "All users"), (SELECTED, "Select users and groups")],
        "Select None, All users, or Select users and groups.",
        "Whom the policy is for. Excluded users and groups are left out, however they are included.",
    )
    users = IdsField(required=False)
    groups = IdsField(required=False)
    excluded_users = IdsField(required=False)
    excluded_groups = IdsField(required=False)
    apps_mode = _choice(
        say_lazy("Cloud apps or actions"),
        [(NONE, "None"), (ALL, "All cloud apps"), (SELECTED, "Select apps")],
        "Select None, All cloud apps, or Select apps.",
        "The apps that users sign in to. User actions are not imitated.",
    )
    apps = IdsField(required=False)
    excluded_apps = IdsField(required=False)
    configure_platforms = _choice("Device platforms", [("yes", "Yes"), ("no", "No")], "Select Yes or No.")
    platforms = _choice(
        "Include platforms",
        [(Policy.Platforms.ANY, "Any device"), (Policy.Platforms.SELECTED, "Select device platforms")],
        "Select Any device, or Select device platforms.",
    )
    included_platforms = _choices("Platforms", PLATFORMS, "Select a platform of the list.")
    excluded_platforms = _choices("Exclude platforms", PLATFORMS, "Select a platform of the list.")
    grant = _choice("Grant", Policy.Grant.choices, "Select Block access or Grant access.")
    controls = _choices(
        "Controls",
        [(control.value, say_lazy(label)) for control, label in CONTROL_LABELS.items()],
        "Select a control of the list.",
    )
    multiple = _choice(
        "For multiple controls",
        Policy.Operator.choices,
        "Select whether all controls are required, or one of them.",
    )
    state = _choice(
        "Enable policy",
        [(state.value, state.label) for state in (Policy.State.REPORT_ONLY, Policy.State.ON, Policy.State.OFF)],
        "Select Report-only, On or Off.",
        "Report-only: the policy is evaluated and written to the sign-in logs, and keeps nobody out.",
    )
    lockout = _choice(
        "Your own account", [(PROCEED, "")], "Select what is to become of your own account, then save again."
    )

    def __init__(self, *args: Any, tenant: Tenant, myself: DirectoryUser | None, **kwargs: Any) -> None:
        """myself: the operator's own account in the directory, where there is one."""
        super().__init__(*args, **kwargs)
        self.tenant, self.myself = tenant, myself
        exclude = [(EXCLUDE, f"Exclude current user, {myself.upn}, from this policy.")] if myself else []
        proceed = "I understand that my account will be impacted by this policy. Proceed anyway."
        self.fields["lockout"].choices = [*exclude, (PROCEED, proceed)]  # type: ignore[attr-defined]
        self.people = People()
        self.warning = ""

    def clean(self) -> dict[str, Any]:
        """Ids become rows of the tenant, in `people`; an id of nobody's, or another tenant's, is somebody gone."""
        values = super().clean() or self.cleaned_data
        selected = values.get("users_mode") == SELECTED
        found: dict[str, Any] = {}
        for name, by_id in (
            ("users", directory.users_by_id),
            ("groups", directory.groups_by_id),
            ("excluded_users", directory.users_by_id),
            ("excluded_groups", directory.groups_by_id),
        ):
            ids = values.get(name, []) if selected or name.startswith("excluded") else []
            found[name] = by_id(self.tenant, ids) if ids else []
            if len(found[name]) < len(ids):
                self.add_error(name, services.PEOPLE_GONE)
        for name in ("apps", "excluded_apps"):
            asked = values.get("apps_mode") == SELECTED or name == "excluded_apps"
            if asked and set(values.get(name, [])) - cloud_apps().keys():
                self.add_error(name, APP_GONE)
        self.people = People(**found)
        policy = Policy(tenant=self.tenant, **self.values())
        self.refuse(services.problems(policy, self.people))
        self._ask_about_lockout(policy, values)
        # The form is longer than the window: it opens where the first answer is due.
        first = next((name for name in self.fields if name in self.errors), "")
        if first:
            self.fields[first].widget.attrs["autofocus"] = True
        return values

    def refuse(self, problems: Mapping[str, str | list[str]]) -> None:
        """Put sentences of the service beside the fields they are about, unless something is wrong there already."""
        for name, sentences in problems.items():
            places = PLACES.get(name, (name,))
            if not any(place in self.errors for place in places):
                self.add_error(places[0] if places[0] in self.fields else None, sentences)

    def _ask_about_lockout(self, policy: Policy, values: dict[str, Any]) -> None:
        """Who shuts everybody out says what is to become of the own account."""
        self.warning = warning_of(policy)
        if not self.warning or (self.myself and self.myself in self.people.excluded_users):
            return
        if values.get("lockout") == EXCLUDE and self.myself:
            self.people.excluded_users.append(self.myself)
        elif not values.get("lockout") and "lockout" not in self.errors:
            self.add_error("lockout", self.fields["lockout"].error_messages["invalid_choice"])

    @property
    def asks(self) -> bool:
        """Whether the warning stands with its question, because an answer is due or was given."""
        return self.is_bound and bool(self.warning) and (bool(self["lockout"].value()) or "lockout" in self.errors)

    def values(self) -> dict[str, Any]:
        """What a valid form says, as services.FIELDS names it."""
        values = self.cleaned_data
        configured = values.get("configure_platforms") == "yes"
        platforms = (values.get("platforms") or Policy.Platforms.ANY) if configured else ""
        apps = values.get("apps_mode")
        return {
            "display_name": values.get("display_name", ""),
            "state": values.get("state") or Policy.State.REPORT_ONLY,
            "all_users": values.get("users_mode") == ALL,
            "all_apps": apps == ALL,
            "included_apps": values.get("apps", []) if apps == SELECTED else [],
            "excluded_apps": values.get("excluded_apps", []),
            "platforms": platforms,
            "included_platforms": values.get("included_platforms", [])
            if platforms == Policy.Platforms.SELECTED
            else [],
            "excluded_platforms": values.get("excluded_platforms", []) if configured else [],
            "grant": values.get("grant") or Policy.Grant.GRANT,
            **{flag: control.value in values.get("controls", []) for control, flag in FLAGS.items()},
            "operator": values.get("multiple") or Policy.Operator.ALL,
        }


def warning_of(policy: Policy) -> str:
    """What is to be known before everybody is shut out of everything, or nothing."""
    if not (policy.state == Policy.State.ON and policy.all_users and policy.all_apps):
        return ""
    if policy.grant == Policy.Grant.BLOCK:
        return "" if policy.included_platforms or policy.excluded_platforms else BLOCKED_OUT
    return LOCKED_OUT if policy.require_compliant_device else ""


def initial_of(policy: Policy) -> dict[str, Any]:
    """The fields of the form for a saved policy."""
    users, groups = queries.people_ids(policy)
    included = bool(users[Intent.INCLUDE] or groups[Intent.INCLUDE])
    return {
        "version": policy.version,
        "display_name": policy.display_name,
        "users_mode": ALL if policy.all_users else SELECTED if included else NONE,
        "users": [str(pk) for pk in users[Intent.INCLUDE]],
        "groups": [str(pk) for pk in groups[Intent.INCLUDE]],
        "excluded_users": [str(pk) for pk in users[Intent.EXCLUDE]],
        "excluded_groups": [str(pk) for pk in groups[Intent.EXCLUDE]],
        "apps_mode": ALL if policy.all_apps else SELECTED if policy.included_apps else NONE,
        "apps": policy.included_apps,
        "excluded_apps": policy.excluded_apps,
        "configure_platforms": "yes" if policy.platforms else "no",
        "platforms": policy.platforms or Policy.Platforms.ANY,
        "included_platforms": policy.included_platforms,
        "excluded_platforms": policy.excluded_platforms,
        "grant": policy.grant,
        "controls": [control.value for control, flag in FLAGS.items() if getattr(policy, flag)],
        "multiple": policy.operator,
        "state": policy.state,
    }
