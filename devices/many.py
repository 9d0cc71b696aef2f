"""Commands on several devices: what is asked before, and what is said after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.template.defaultfilters import truncatechars
from django.urls import reverse

from blades.messages import toast
from blades.vocabulary import say
from devices import actions, services
from devices.actions import Kind
from devices.models import DeviceAction, ManagedDevice
from devices.services import ActionResult, Refused
from tenancy.http import OperatorRequest
from tenancy.models import Tenant

MOST = 100
NONE_CHOSEN = "Select at least one device."
ALL_GONE = "The selected devices are no longer in Intune."

# So many names stand in a question or a toast; the rest is counted.
NAMED, NAMED_IN_TOAST, LONGEST_NAME = 10, 2, 40

# {what}: "'KL-001'" or "these 3 devices".
CONSEQUENCES: dict[Kind, str] = {
    Kind.SYNC: "Sync makes {what} check in with Intune now and receive pending actions and policies.",
    Kind.REMOTE_LOCK: "Remote lock locks {what}.",
    Kind.RESET_PASSCODE: "Reset passcode gives {what} a temporary passcode, which the page of the device shows.",
    Kind.RESTART: "Restart restarts {what}. Users are not asked and may lose work that is not saved.",
    Kind.RETIRE: "Retire removes the apps, settings and data of the company from {what} and ends the management. "
    "Personal data stays.",
    Kind.WIPE: "Wipe resets {what} to factory settings. All data, apps and settings are removed and cannot be "
    "recovered.",
    Kind.DELETE: "Delete removes {what} from Intune at once. Company data is removed when a device next checks in. "
    "Azure AD keeps its record.",
}
REMOVE_PASSCODE = "Remove passcode removes the passcode of {what}."
DANGEROUS = frozenset({Kind.RETIRE, Kind.WIPE, Kind.DELETE})


def read_ids(values: Iterable[str]) -> list[UUID]:
    """Ids as a form posts them, each once; what is none is left out."""
    found: dict[UUID, None] = {}
    for value in values:
        try:
            found[UUID(value)] = None
        except ValueError:
            continue
    return list(found)


def problem(number: int) -> str:
    """Why a command cannot be given for so many devices, or nothing."""
    if not number:
        return NONE_CHOSEN
    return f"Select at most {MOST} devices. You have selected {number:,}." if number > MOST else ""


def consequence(kind: Kind, devices: Sequence[ManagedDevice]) -> str:
    """What `kind` does to `devices`, in a sentence or two."""
    what = f"'{devices[0].device_name}'" if len(devices) == 1 else f"these {len(devices)} devices"
    passcode_is_removed = actions.label(kind, devices[0].os) == "Remove passcode"
    return say(REMOVE_PASSCODE if passcode_is_removed else CONSEQUENCES[kind]).format(what=what)


def divide(tenant: Tenant, kind: Kind, devices: Sequence[ManagedDevice]) -> tuple[list[ManagedDevice], list[Refused]]:
    """Those on which `kind` is possible now, and the others."""
    reasons = services.refusals(tenant, kind, devices)
    possible = [device for device in devices if device.pk not in reasons]
    return possible, [Refused(device, reasons[device.pk]) for device in devices if device.pk in reasons]


def named(device: ManagedDevice) -> str:
    """The device and whose it is: names are not unique."""
    return f"{device.device_name} ({device.user_upn})" if device.user_upn else device.device_name


def question(tenant: Tenant, kind: Kind, devices: Sequence[ManagedDevice], key: UUID) -> dict[str, Any]:
    """For devices/_many_question.html. key: the same question answered twice does the thing once."""
    possible, refused = divide(tenant, kind, devices)
    return {
        "id": f"confirm-{kind}",
        "title": "Delete confirmation" if kind is Kind.DELETE else f"{kind.label} devices",
        "command": kind.value,
        "text": consequence(kind, possible) if possible else "",
        "names": [named(device) for device in possible[:NAMED]] if len(possible) > 1 else [],
        "more": max(len(possible) - NAMED, 0),
        "refused": refused[:NAMED],
        "refused_more": max(len(refused) - NAMED, 0),
        "ids": [device.pk for device in devices],
        "key": key,
        "danger": kind in DANGEROUS,
        "possible": bool(possible),
    }


def report(request: OperatorRequest, kind: Kind, result: ActionResult, word: str) -> None:
    """Say what became of a request. word: what the command is called."""
    made = len(result.made)
    if not made:
        toast(request, f"{word} failed", _refusals(result.refused), level="error")
        return
    if kind is Kind.DELETE:
        title = "Device deleted" if made == 1 else "Devices deleted"
        text = f"Successfully deleted {_counted(result.made)}."
    else:
        title, text = said(result.made, word)
    if result.refused:
        text = f"{text} {_refusals(result.refused)}"
    toast(
        request,
        title,
        text,
        level="warning" if result.refused else "success",
        link_url=reverse("devices:action-list", args=[request.tenant.slug]),
        link_label="Device actions",
    )


def said(made: Sequence[DeviceAction], word: str) -> tuple[str, str]:
    """Title and sentence for actions other than Delete. word: what the command is called."""
    completed = [action for action in made if action.status == DeviceAction.Status.COMPLETED]
    waiting = [action for action in made if action.status != DeviceAction.Status.COMPLETED]
    done = f"{_counted(completed)} {'has' if len(completed) == 1 else 'have'} completed the action."
    waits = f"The action waits for the next check-in of {_counted(waiting)}."
    if not waiting:
        return f"{word} completed", done
    return f"{word} initiated", f"{done} {waits}" if completed else waits


def _counted(made: Sequence[DeviceAction]) -> str:
    return f"'{made[0].device_name}'" if len(made) == 1 else f"{len(made)} devices"


def _refusals(refused: Sequence[Refused]) -> str:
    named = [
        f"'{truncatechars(device.device_name, LONGEST_NAME)}': {reason}" for device, reason in refused[:NAMED_IN_TOAST]
    ]
    more = len(refused) - len(named)
    if more:
        named.append(f"It was not possible on {more} more device{'s' if more > 1 else ''}.")
    return " ".join(named)
