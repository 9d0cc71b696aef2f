"""Answering with a blade: a whole page, or the named part of it that htmx asked for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from blades.messages import take_toasts


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. Boosted and history-restore requests replace the whole blade."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_blade(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render `template` as a page; an htmx request that is not a navigation gets only `partial`.

    partial: name of a partialdef in the template, or empty when the blade has no fragment.
    """
    name = f"{template}#{partial}" if partial and wants_fragment(request) else template
    values = {**(context or {})}
    if name == template:
        values["toasts"] = take_toasts(request)
    response = render(request, name, values, status=status)
    if partial:
        patch_vary_headers(response, ["HX-Request", "HX-Boosted"])
    return response
