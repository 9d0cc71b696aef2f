"""Azure Active Directory > Devices: the list, one device, and the three commands on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from blades import lists
from blades.http import render_blade
from blades.messages import toast
from blades.tables import item_urls
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from directory import device_filters, device_queries, device_services, device_tables
from directory.device_queries import INTUNE
from directory.models import DirectoryDevice
from tenancy.http import OperatorRequest, requires
from tenancy.roles import MissingPermission, Permission, refusal

SEARCH = "Search by name or device ID or object ID"
SEARCH_LABEL = "Search by the beginning of the name, or by device ID or object ID"
COMMANDS = {"enable": "Enable", "disable": "Disable", "delete": "Delete"}
NOT_INTUNE = "Manage is available only for devices whose MDM is Microsoft Intune."
_NAMED = 10


@requires(Permission.DIRECTORY_DEVICES_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def device_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Azure AD's devices. A POST asks about the ticked ones (`ask`), or does what was asked (`do`)."""
    if request.method != "POST":
        return _list(request)
    ids = _ids(request)
    command = request.POST.get("do", "")
    if command in COMMANDS:
        error = _do(request, command, ids)
        return _list(request, ids, error=error) if error else redirect(request.get_full_path())
    records = device_queries.devices_by_id(request.tenant, ids)
    asked = request.POST.get("ask", "")
    error = _unaskable(asked, ids, records)
    if error:
        return _list(request, ids, error=error)
    if asked == "manage":
        return redirect("devices:manage", tenant, records[0].pk)
    _require_modify(request)
    return _list(request, ids, question=_question(asked, records))


def _unaskable(asked: str, ids: Sequence[UUID], records: Sequence[DirectoryDevice]) -> str:
    """Why the command `asked` makes no sense for what is ticked, or nothing."""
    if not ids:
        return "Select at least one device."
    if not records:
        return device_services.GONE
    if asked == "manage":
        if len(records) > 1:
            return "Select one device to manage."
        return "" if records[0].mdm == INTUNE else NOT_INTUNE
    return "" if asked in COMMANDS else "Select a command."


def _list(
    request: OperatorRequest, ticked: Sequence[UUID] = (), *, error: str = "", question: dict[str, Any] | None = None
) -> HttpResponse:
    asked = lists.read(request.GET, device_filters.ORDERS, default="name", per_page=request.user.page_size)
    filters = device_filters.read(request.GET, asked.term)
    page = device_queries.device_page(request.tenant, asked, filters, request.tenant.now())
    context = {
        "table": device_tables.DirectoryDeviceTable.for_page(request, page, filters, set(ticked)),
        "search": SEARCH,
        "search_label": SEARCH_LABEL,
        "term": asked.term,
        "per_page": request.GET.get("per_page", ""),
        "refusal": _refusal(request),
        "manage_refusal": _manage_refusal(request),
        "error": error,
        "question": question,
        "list_url": request.get_full_path(),
        # Called by the whole page alone; a fragment has no pills.
        "pills": partial(_pills, request),
        "pills_to_add": partial(device_tables.pills_to_add, request.GET),
    }
    return render_blade(request, "directory/device_list.html", context, partial="results", status=422 if error else 200)


def _pills(request: OperatorRequest) -> list[dict[str, Any]]:
    shown = any(name in request.GET for name in ("os", "mdm"))
    in_use = device_queries.values_in_use(request.tenant) if shown else {"os": [], "mdm": []}
    return device_tables.pills(request.GET, in_use)


@requires(Permission.DIRECTORY_DEVICES_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: OperatorRequest, tenant: str, record_id: UUID) -> HttpResponse:
    """One record: its properties, and what they mean. `?pane=` asks; a POST does."""
    record = device_queries.device(request.tenant, record_id)
    if record is None:
        raise Http404("No such device.")
    command = request.POST.get("do", "")
    if request.method == "POST" and command in COMMANDS:
        error = _do(request, command, [record.pk])
        if not error and command != "delete":
            return redirect(request.path)
        return redirect("directory:device-list", tenant)
    same = device_queries.namesakes(request.tenant, record)
    context = {
        "record": record,
        "heading": record.display_name,
        "properties": _properties(request, record),
        **_groups(request, record),
        "same": same,
        "same_text": _same_text(same),
        "same_url": f"{reverse('directory:device-list', args=[tenant])}?{urlencode({'q': record.display_name})}",
        "questions": [
            {**_question(name, [record]), "open": request.GET.get("pane") == name} for name in _available(record)
        ],
        "reasons": {name: _refusal(request) or _pointless(name, record) for name in COMMANDS},
        "manage_url": reverse("devices:manage", args=[tenant, record.pk]),
        "manage_reason": _manage_refusal(request) or ("" if record.mdm == INTUNE else NOT_INTUNE),
        "refusal": _refusal(request),
    }
    return render_blade(request, "directory/device_overview.html", context)


def _properties(request: OperatorRequest, record: DirectoryDevice) -> list[dict[str, Any]]:
    owner = record.owner
    return [
        {"label": "Name", "value": record.display_name},
        {"label": "Device ID", "value": str(record.device_id)},
        {"label": "Object ID", "value": str(record.pk)},
        {"label": "Enabled", "value": device_tables.enabled_cell(record)},
        {"label": "OS", "value": record.os},
        {"label": "Version", "value": record.os_version},
        {"label": "Join type", "value": device_tables.join_type(record)},
        {"label": "Owner", "value": device_tables.owner_cells(request)(record)},
        {"label": "User name", "value": owner.upn if owner is not None else ""},
        {"label": "MDM", "value": record.mdm or "None"},
        {"label": "Compliant", "value": device_tables.compliant_cell(record)},
        {"label": "Registered", "value": portal_date(record.registered_at, "Pending")},
        {"label": "Activity", "value": device_tables.activity(record.activity_at)},
    ]


def _groups(request: OperatorRequest, record: DirectoryDevice) -> dict[str, Any]:
    """The owner's groups, with their pages for those who may read them."""
    groups = device_queries.groups_of_owner(request.tenant, record)
    may = request.membership.may(Permission.DIRECTORY_READ)
    slug = request.tenant.slug
    address = item_urls("directory:group-overview", slug)
    return {
        "groups": [
            {"name": group.display_name, "url": address(group.pk) if may else ""}
            for group in groups[: device_queries.GROUPS_SHOWN]
        ],
        "more_groups": len(groups) > device_queries.GROUPS_SHOWN,
        "groups_url": reverse("directory:user-groups", args=[slug, record.owner_id]) if may and record.owner_id else "",
    }


def _same_text(n: int) -> str:
    if not n:
        return ""
    others = "Another record has" if n == 1 else f"{n if n < 10 else '10 or more'} other records have"
    return (
        f"{others} the same name. A device that registers again gets a new device ID; its older record stays, "
        "without activity, until somebody deletes it."
    )


# Commands


def _available(record: DirectoryDevice) -> list[str]:
    return [name for name in COMMANDS if not _pointless(name, record)]


def _pointless(command: str, record: DirectoryDevice) -> str:
    """Why `command` would change nothing, or nothing."""
    if command == "enable" and record.enabled:
        return "The device is enabled."
    if command == "disable" and not record.enabled:
        return "The device is disabled."
    return ""


def _question(command: str, records: Sequence[DirectoryDevice]) -> dict[str, Any]:
    """What is asked before `command`, with its real consequence."""
    one = len(records) == 1
    what = f"'{records[0].display_name}'" if one else f"{len(records)} devices"
    its, it = ("its", "it") if one else ("their", "they")
    directory = say("Azure AD")
    blocked = f"This action blocks device authentication of {what} and revokes {its} tokens."
    gone = f"This action will permanently delete {what} from {directory}, and with {its} record what is kept there."
    lines: dict[str, list[str]] = {
        "enable": [f"{what} can authenticate with {directory} again."],
        "disable": [
            f"{blocked} Until enabled again, {it} cannot access resources of {directory}.",
            "Intune's record is not changed.",
        ],
        "delete": [
            f"{gone} BitLocker keys are lost. This cannot be undone.",
            "It does not unregister the client, which cannot sign in with the registration that it keeps.",
        ],
    }
    if command == "delete" and any(record.mdm for record in records):
        lines["delete"].append(
            "Intune's record is not deleted. Where an MDM manages the device, retire or wipe it there first."
        )
    return {
        "command": command,
        "id": f"confirm-{command}",
        "title": "Delete confirmation" if command == "delete" else f"{COMMANDS[command]} {'device' if one else what}",
        "lines": lines[command],
        "names": [] if one else [record.display_name for record in records[:_NAMED]],
        "more": max(len(records) - _NAMED, 0),
        "ids": [record.pk for record in records],
        "label": COMMANDS[command],
        "danger": command == "delete",
    }


def _do(request: OperatorRequest, command: str, ids: Sequence[UUID]) -> str:
    """Do `command` and say so; return the sentence with which it was refused, or nothing."""
    _require_modify(request)
    try:
        names = _SERVICES[command](tenant=request.tenant, actor=request.user, ids=ids)
    except ValidationError as error:
        toast(request, f"{COMMANDS[command]} failed", error.messages[0], level="error")
        return error.messages[0]
    done = f"{command}d"
    if not names:
        what = "The device was" if len(ids) == 1 else "The devices were"
        toast(request, f"No device {done}", f"{what} {done} already.", level="info")
    elif len(names) == 1:
        toast(request, f"Device {done}", f"Successfully {done} '{names[0]}'.")
    else:
        toast(request, f"Devices {done}", f"Successfully {done} {len(names)} devices.")
    return ""


_SERVICES: dict[str, Callable[..., list[str]]] = {
    "enable": partial(device_services.set_enabled, enabled=True),
    "disable": partial(device_services.set_enabled, enabled=False),
    "delete": device_services.delete_devices,
}


def _ids(request: OperatorRequest) -> list[UUID]:
    found = []
    for value in request.POST.getlist("id"):
        wanted = device_filters.as_id(value)
        if wanted is not None:
            found.append(wanted)
    return list(dict.fromkeys(found))


def _refusal(request: OperatorRequest) -> str:
    """Why the operator may change no device here, or nothing."""
    may = request.membership.may(Permission.DIRECTORY_DEVICES_MODIFY)
    return "" if may else refusal(Permission.DIRECTORY_DEVICES_MODIFY)


def _manage_refusal(request: OperatorRequest) -> str:
    return "" if request.membership.may(Permission.DEVICES_READ) else refusal(Permission.DEVICES_READ)


def _require_modify(request: OperatorRequest) -> None:
    if not request.membership.may(Permission.DIRECTORY_DEVICES_MODIFY):
        raise MissingPermission(Permission.DIRECTORY_DEVICES_MODIFY)
