"""The steps of Bulk device actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from blades import lists
from blades.forms import BladeForm
from devices import actions, filters, many, queries
from devices.actions import IN_BULK, Kind
from devices.models import Agent, ManagedDevice, OperatingSystem, Ownership
from directory.picker import Picker
from tenancy.models import Tenant
from tenancy.scoping import fold


def possible_on(system: int) -> list[Kind]:
    """The actions that some device of the system takes."""
    samples = [
        ManagedDevice(os=system, ownership=ownership, agent=Agent.MDM, managed_by=Agent.MDM, supervised=True)
        for ownership in (Ownership.CORPORATE, Ownership.PERSONAL)
    ]
    return [kind for kind in IN_BULK if any(not actions.refusal(sample, kind) for sample in samples)]


class BasicsForm(BladeForm):
    """Step Basics: which action, on devices of which system."""

    os = forms.TypedChoiceField(
        label="OS",
        coerce=int,
        choices=[("", "Select an OS"), *OperatingSystem.choices],
        error_messages={"required": "Select an OS.", "invalid_choice": "Select an OS."},
    )
    kind = forms.ChoiceField(
        label="Device action",
        help_text="The actions that are possible on devices with the OS, and that your role allows.",
        error_messages={"required": "Select a device action.", "invalid_choice": "Select a device action."},
    )

    def __init__(self, *args: Any, may: Iterable[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = set(may)
        chosen = str(self["os"].value() or "")
        system = int(chosen) if chosen in map(str, OperatingSystem.values) else None
        offered = IN_BULK if system is None else possible_on(system)
        # Only what is offered narrows; what was posted is still judged in words.
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in IN_BULK if kind in allowed]  # type: ignore[attr-defined]
        self.fields["kind"].widget.choices = [
            ("", "Select a device action"),
            *((kind.value, actions.label(kind, system)) for kind in offered if kind in allowed),
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "os" in values and "kind" in values:
            system, kind = OperatingSystem(values["os"]), Kind(values["kind"])
            if kind not in possible_on(system):
                raise ValidationError({"kind": f"{kind.label} is not available for {system.label} devices."})
        return values


@dataclass
class DevicePicker(Picker):
    """Chooses devices of one system."""

    things = "devices"
    subtitle = "All devices"
    placeholder = "Search by name, user or serial number"
    system: int = 0

    def by_id(self, ids: Iterable[str]) -> list[Any]:
        return [_named(device) for device in devices_of(self.tenant, ids, self.system)]

    def to_pick(self) -> list[Any]:
        wanted = filters.Wanted(
            term=fold(self.query.strip()[: lists.LONGEST_TERM]),
            filters=filters.Filters({filters.Facet.OS: (self.system,)}),
        )
        page = queries.device_page(self.tenant, wanted)
        return [_named(device) for device in queries.devices_by_id(self.tenant, [row[0] for row in page.rows])]

    def detail(self, item: Any) -> str:
        return " · ".join(filter(None, (item.managed_by_label, item.serial_number, item.user_upn)))


def _named(device: Any) -> Any:
    """The device, with what the picker reads of everything that it offers."""
    device.display_name = device.device_name
    return device


def devices_of(tenant: Tenant, ids: Iterable[Any], system: int) -> list[ManagedDevice]:
    """The tenant's devices of the system among `ids`, by name. Texts may stand in `ids` as they were posted."""
    found = queries.devices_by_id(tenant, many.read_ids(map(str, ids)))
    return [device for device in found if device.os == system]
