"""Forms of compliance policies and of the tenant's compliance policy settings."""

from __future__ import annotations

from typing import Any

from django import forms

from blades.forms import BladeForm
from devices import policy_services
from devices.models import Compliance, CompliancePolicy, OperatingSystem
from devices.policy_services import PLATFORMS, SETTINGS
from directory import assignments
from tenancy.models import Tenant

LONGEST_NAME = 120
MOST_DAYS = 365
ON, OFF = "on", "off"


class PlatformForm(BladeForm):
    """The pane Create a policy: the platform decides what a policy can ask."""

    os = forms.TypedChoiceField(
        label="Platform",
        coerce=int,
        choices=[("", "Select platform"), *((os.value, label) for os, label in PLATFORMS.items())],
        error_messages={"required": "Select a platform.", "invalid_choice": "Select a platform."},
    )


class BasicsForm(BladeForm):
    """Step Basics."""

    display_name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="A name by which you recognize the policy later. It is unique among the policies of the platform.",
        error_messages={"max_length": f"Enter a name of at most {LONGEST_NAME} characters."},
    )
    description = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Enter a description of at most 500 characters."},
    )

    def __init__(self, *args: Any, tenant: Tenant, os: int, policy: CompliancePolicy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = CompliancePolicy(pk=policy.pk if policy else None, tenant=tenant, os=os)

    def clean(self) -> dict[str, Any]:
        """The rule of the service, said while there is still time to choose differently."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("display_name"):
            self.about.display_name = cleaned["display_name"]
            policy_services.check_name(self.about)
        return cleaned


def _toggle(name: str, label: str, help_text: str) -> forms.ChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[(ON, policy_services.word(name)), (OFF, "Not configured")],
        coerce=lambda value: value == ON,
        required=False,
        widget=forms.RadioSelect,
        help_text=help_text,
        error_messages={"invalid_choice": f"Select {policy_services.word(name)} or Not configured."},
    )


HELP = {
    "block_jailbroken": "A device that was jailbroken or rooted is not compliant.",
    "minimum_os_version": "A device with an older version is not compliant. Leave it empty to allow every version.",
    "require_passcode": "A device that can be unlocked without a password is not compliant.",
    "require_encryption": "A device whose storage is not encrypted is not compliant.",
}
# The headings of the step, with what stands below each.
SECTIONS = {
    "Device Health": ("block_jailbroken",),
    "Device Properties": ("minimum_os_version",),
    "System Security": ("require_passcode", "require_encryption"),
}


class SettingsForm(BladeForm):
    """Step Compliance settings: those that the platform `os` has."""

    def __init__(self, *args: Any, os: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in SETTINGS[OperatingSystem(os)].items():
            field: forms.Field = _toggle(name, label, HELP[name])
            if name == "minimum_os_version":
                field = forms.RegexField(
                    policy_services.VERSION.pattern + r"\Z",
                    label=label,
                    required=False,
                    max_length=40,
                    help_text=HELP[name],
                    error_messages={"invalid": policy_services.VERSION_WRONG},
                )
            else:
                self.initial[name] = ON if self.initial.get(name) in (True, ON) else OFF
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """A toggle that was not sent is not configured."""
        cleaned = super().clean() or self.cleaned_data
        return {name: value if name == "minimum_os_version" else bool(value) for name, value in cleaned.items()}

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The fields below their headings."""
        found = [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]}
            for title, names in SECTIONS.items()
        ]
        return [section for section in found if section["fields"]]


class ActionsForm(BladeForm):
    """Step Actions for noncompliance: when a device that fails is marked."""

    grace_days = forms.IntegerField(
        label="Schedule (days after noncompliance)",
        min_value=0,
        max_value=MOST_DAYS,
        initial=0,
        help_text="0 marks the device immediately. Until the days are over it is in its grace period and keeps access.",
        error_messages={
            "required": f"Enter a number of days from 0 to {MOST_DAYS}.",
            "invalid": f"Enter a number of days from 0 to {MOST_DAYS}.",
            "min_value": f"Enter a number of days from 0 to {MOST_DAYS}.",
            "max_value": f"Enter a number of days from 0 to {MOST_DAYS}.",
        },
    )


class AssignmentsForm(assignments.AssignmentsForm):
    """Step Assignments. A policy without one is for nobody yet."""

    required = False


class TenantSettingsForm(BladeForm):
    """Compliance policy settings."""

    without_policy = forms.TypedChoiceField(
        label="Mark devices with no compliance policy assigned as",
        coerce=int,
        choices=[(Compliance.COMPLIANT.value, "Compliant"), (Compliance.NOT_COMPLIANT.value, "Not compliant")],
        widget=forms.RadioSelect,
        help_text="Not compliant makes sure that only devices which a policy has found compliant can reach resources.",
        error_messages={
            "required": "Select Compliant or Not compliant.",
            "invalid_choice": "Select Compliant or Not compliant.",
        },
    )
    enhanced_jailbreak_detection = forms.TypedChoiceField(
        label="Enhanced jailbreak detection",
        coerce=lambda value: value == ON,
        choices=[(ON, "Enabled"), (OFF, "Disabled")],
        widget=forms.RadioSelect,
        help_text="An iOS/iPadOS device with a policy that blocks jailbroken devices has to be checked more often: one "
        "that was not heard of for 72 hours counts as jailbroken.",
        error_messages={"required": "Select Enabled or Disabled.", "invalid_choice": "Select Enabled or Disabled."},
    )
    validity_days = forms.IntegerField(
        label="Compliance status validity period (days)",
        min_value=1,
        max_value=120,
        help_text="A device that has not checked in for so many days is not compliant.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Enter a number of days from 1 to 120."
        ),
    )


def initial_of(policy: CompliancePolicy) -> dict[str, dict[str, Any]]:
    """What `policy` says, as the answers of the steps before Assignments."""
    settings = {}
    for name in SETTINGS[OperatingSystem(policy.os)]:
        value = getattr(policy, name)
        settings[name] = value if name == "minimum_os_version" else ON if value else OFF
    return {
        "basics": {"display_name": policy.display_name, "description": policy.description},
        "settings": settings,
        "actions": {"grace_days": policy.grace_days},
    }
