"""Answering with a blade: a whole page, or the named part of it that htmx asked for."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import push_url

from blades.messages import take_toasts


class Gone(Http404):
    """What the address leads to was there: the page says what became of it, instead of knowing nothing."""

    def __init__(self, title: str, text: str, *, link_label: str, link_url: str) -> None:
        super().__init__(title)
        self.title, self.text = title, text
        self.link_label, self.link_url = link_label, link_url


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. Boosted and history-restore requests replace the whole blade."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def is_drawn_again(request: HttpRequest) -> bool:
    """Whether htmx shows this page already: a form that was refused, or saved. Back has to leave it at once."""
    htmx = getattr(request, "htmx", None)
    here = htmx.current_url_abs_path if htmx and htmx.boosted else None
    return here is not None and here.partition("#")[0] == request.get_full_path()


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
    if is_drawn_again(request):
        push_url(response, False)
    if partial:
        patch_vary_headers(response, ["HX-Request", "HX-Boosted"])
    return response
