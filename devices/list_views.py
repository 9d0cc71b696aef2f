"""Endpoint security > All devices, and Devices > All devices: one list in two places."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades import columns as blade_columns
from blades import lists
from blades.http import render_blade
from blades.messages import toast
from devices import actions, bulk_views, filters, many, queries, services, tables, visibility
from devices import export as exporting
from devices.actions import Kind
from devices.columns import COLUMNS, PICKER, fields
from devices.models import ManagedDevice
from tenancy.http import OperatorRequest, answer_columns, requires
from tenancy.roles import MissingPermission, Permission, refusal

SEARCH = "Search by IMEI, Serial number, Email, UPN, Device name or Management name"
TEMPLATE = "devices/device_list.html"
EXPORT_PANE = "export"
# Commands on the ticked rows.
SELECTION = (Kind.SYNC, Kind.DELETE)
PANES = (blade_columns.PANE, EXPORT_PANE)


@requires(Permission.DEVICES_READ)
@require_safe
def endpoint_security(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The service opens on its list."""
    return redirect("devices:security-list", tenant)


@requires(Permission.DEVICES_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def security_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Endpoint security > All devices."""
    return _command(request) if request.method == "POST" else _list(request)


@requires(Permission.DEVICES_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def device_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Devices > All devices: the same list in its other place."""
    return _command(request) if request.method == "POST" else _list(request)


def _list(
    request: OperatorRequest, ticked: Sequence[UUID] = (), *, error: str = "", question: dict[str, Any] | None = None
) -> HttpResponse:
    shown = PICKER.shown(request.user.columns)
    pane = request.GET.get("pane", "")
    context: dict[str, Any] = _pane(request, pane, shown) if pane in PANES else {}
    if context and request.htmx and not request.htmx.boosted:
        # The list is on the page already.
        return render_blade(request, TEMPLATE, context, partial="pane")
    wanted = filters.read(request.GET, request.user.page_size)
    page = queries.device_page(request.tenant, wanted, fields(shown))
    context |= {
        "table": tables.DeviceTable.for_page(request, page, shown, [str(pk) for pk in ticked]),
        "list_url": request.get_full_path(),
        "error": error,
        "question": question,
        "reasons": {kind.value: _refusal(request, kind) for kind in SELECTION},
        "search": SEARCH,
        "term": request.GET.get("q", ""),
        "per_page": wanted.per_page if wanted.per_page != request.user.page_size else None,
        # Called by the whole page alone; a fragment has none of these.
        "pills": lambda: tables.pills(request.GET, wanted, visibility.visible(request.tenant, page.counts)),
        "pills_to_add": partial(tables.pills_to_add, request.GET),
        "pane_url": partial(_pane_urls, request),
    }
    return render_blade(request, TEMPLATE, context, partial="results", status=422 if error else 200)


# Commands on the ticked devices


def _command(request: OperatorRequest) -> HttpResponse:
    """A POST asks about the ticked devices (`ask`), or does what was asked (`do`)."""
    ids = many.read_ids(request.POST.getlist("id"))
    if request.POST.get("ask") == "bulk":
        return bulk_views.start(request, ids)
    does = "do" in request.POST
    wanted = request.POST.get("do" if does else "ask", "")
    kind = next((kind for kind in SELECTION if kind.value == wanted), None)
    if kind is None:
        return _list(request, ids, error="Select a command.")
    if not request.membership.may(actions.PERMISSIONS[kind]):
        raise MissingPermission(actions.PERMISSIONS[kind])
    error = many.problem(len(ids))
    if error:
        return _list(request, ids, error=error)
    devices = queries.devices_by_id(request.tenant, ids)
    if does:
        return _do(request, kind, devices)
    if not devices:
        return _list(request, error=many.ALL_GONE)
    return _list(request, ids, question=many.question(request.tenant, kind, devices, uuid4()))


def _do(request: OperatorRequest, kind: Kind, devices: list[ManagedDevice]) -> HttpResponse:
    if not devices:  # by a second click, or by a colleague
        gone = "The selected devices were deleted already." if kind is Kind.DELETE else many.ALL_GONE
        toast(request, f"{kind.label}: nothing to do", gone, level="info")
        return redirect(request.get_full_path())
    key = next(iter(many.read_ids(request.POST.getlist("key"))), None)
    result = services.request_actions(tenant=request.tenant, actor=request.user, devices=devices, kind=kind, key=key)
    many.report(request, kind, result, kind.label)
    return redirect(request.get_full_path())


def _refusal(request: OperatorRequest, kind: Kind) -> str:
    """Why the operator may not give the command, or nothing."""
    permission = actions.PERMISSIONS[kind]
    return "" if request.membership.may(permission) else refusal(permission)


# Columns and export


def _pane_urls(request: OperatorRequest) -> dict[str, str]:
    return {pane: lists.address(request.GET, pane=pane) for pane in PANES}


def _pane(request: OperatorRequest, pane: str, shown: tuple[str, ...]) -> dict[str, Any]:
    """What a pane over the list needs."""
    query = blade_columns.list_query(request)
    back = f"{request.path}?{query.urlencode()}" if query else request.path
    slug = request.tenant.slug
    if pane == blade_columns.PANE:
        return {"columns": PICKER.picker(shown, action=reverse("devices:columns", args=[slug]), back=back)}
    kept = [(name, value) for name, value in lists.kept(query, "per_page", "columns")]
    return {"export": {"action": reverse("devices:export", args=[slug]), "back": back, "query": kept}}


@requires(Permission.DEVICES_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The answer of the column picker."""
    return answer_columns(request, PICKER, "devices:security-list")


@requires(Permission.DEVICES_READ)
@require_safe
def export(request: OperatorRequest, tenant: str) -> HttpResponseBase:
    """The list of the address as a file. `columns=all` takes every column, else those that are shown."""
    names = tuple(COLUMNS) if request.GET.get("columns") == "all" else PICKER.shown(request.user.columns)
    return StreamingHttpResponse(
        exporting.pieces(request, filters.read(request.GET), names),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{exporting.file_name(request)}"',
            "Cache-Control": "no-store",
        },
    )
