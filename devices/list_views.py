"""Endpoint security > All devices, and Devices > All devices: one list in two places."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades import columns as blade_columns
from blades import lists
from blades.http import render_blade
from devices import export as exporting
from devices import filters, queries, tables
from devices.columns import COLUMNS, PICKER, fields
from tenancy.http import OperatorRequest, answer_columns, requires
from tenancy.roles import Permission

SEARCH = "Search by IMEI, Serial number, Email, UPN, Device name or Management name"
TEMPLATE = "devices/device_list.html"
EXPORT_PANE = "export"
PANES = (blade_columns.PANE, EXPORT_PANE)


@requires(Permission.DEVICES_READ)
@require_safe
def endpoint_security(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The service opens on its list."""
    return redirect("devices:security-list", tenant)


@requires(Permission.DEVICES_READ)
@require_safe
def security_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Endpoint security > All devices."""
    return _device_list(request)


@requires(Permission.DEVICES_READ)
@require_safe
def device_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Devices > All devices: the same list in its other place."""
    return _device_list(request)


def _device_list(request: OperatorRequest) -> HttpResponse:
    shown = PICKER.shown(request.user.columns)
    pane = request.GET.get("pane", "")
    context: dict[str, Any] = _pane(request, pane, shown) if pane in PANES else {}
    if context and request.htmx and not request.htmx.boosted:
        # The list is on the page already.
        return render_blade(request, TEMPLATE, context, partial="pane")
    wanted = filters.read(request.GET, request.user.page_size)
    page = queries.device_page(request.tenant, wanted, fields(shown))
    context |= {
        "table": tables.DeviceTable.for_page(request, page, shown),
        "search": SEARCH,
        "term": request.GET.get("q", ""),
        "per_page": wanted.per_page if wanted.per_page != request.user.page_size else None,
        # Called by the whole page alone; a fragment has none of these.
        "pills": partial(tables.pills, request.GET, wanted, page.counts),
        "pills_to_add": partial(tables.pills_to_add, request.GET),
        "pane_url": partial(_pane_urls, request),
    }
    return render_blade(request, TEMPLATE, context, partial="results")


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
