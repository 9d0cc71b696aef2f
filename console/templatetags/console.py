"""Parts of the frame that are the same on many pages, drawn once: the settings pane's fields and the Help pane."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from blades import presentation
from console.forms import PortalForm
from console.help import help_on
from tenancy.services import PORTAL_SETTINGS

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_fields(context: Context) -> SafeString:
    """The fields of the settings pane, with what the operator has chosen."""
    user = context["request"].user
    values = tuple(getattr(user, name) for name in PORTAL_SETTINGS)
    return _settings_fields(values, presentation.current().vocabulary)


@lru_cache(maxsize=256)
def _settings_fields(values: tuple[Any, ...], vocabulary: str) -> SafeString:
    form = PortalForm(initial=dict(zip(PORTAL_SETTINGS, values, strict=True)), auto_id="pane_%s")
    return render_to_string("components/settings_fields.html", {"form": form})


@register.simple_tag(takes_context=True)
def help_pane(context: Context) -> SafeString:
    """The pane behind Help: of the blade, then of all. It is the dearest part of the frame."""
    request = context["request"]
    match = request.resolver_match
    view = match.view_name if match else ""
    name = match.kwargs["name"] if view == "console:blade" else ""
    known = (view, name) if help_on(view, name) else ("", "")  # not a cache entry for each address that is tried
    is_open = request.GET.get("pane") == "help"
    return _help_pane(*known, is_open=is_open, vocabulary=presentation.current().vocabulary)


@lru_cache(maxsize=1024)
def _help_pane(view: str, name: str, *, is_open: bool, vocabulary: str) -> SafeString:
    values = {"help": help_on(view, name), "open": is_open, "request": {"path": "?"}}
    return render_to_string("components/help_pane.html", values)
