"""What the pages of a partner's console share: whose console it is, its menu, and how they answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from blades.http import render_blade
from blades.messages import say_once
from partners import catalogue
from tenancy.http import OperatorRequest
from uem import services
from uem.models import Console, Enrolment

View = Callable[..., HttpResponseBase]


def in_console(view: View) -> View:
    """The view gets the console of the partner that the address names; a partner that there is not is 404."""

    @wraps(view)
    def opened(request: OperatorRequest, tenant: str = "", *, partner: str, **kwargs: Any) -> HttpResponseBase:
        found = catalogue.partners().get(partner)
        if found is None:
            raise Http404("No such partner.")
        return view(request, services.console_of(request.tenant, found), **kwargs)

    return opened


def of_device(view: View) -> View:
    """The same, with a device of the console, or 404."""

    @wraps(view)
    def opened(request: OperatorRequest, console: Console, enrolment_id: UUID) -> HttpResponseBase:
        rows = Enrolment.objects.in_tenant(request.tenant).filter(console=console).select_related("user")
        enrolment: Enrolment = get_object_or_404(rows, pk=enrolment_id)
        enrolment.tenant, enrolment.console = request.tenant, console
        return view(request, enrolment)

    return in_console(opened)


def address(view: str, console: Console, *args: object) -> str:
    """The address of a page of the console."""
    return reverse(f"uem:{view}", args=[console.tenant.slug, console.partner, *args])


def render(
    request: OperatorRequest,
    console: Console,
    template: str,
    here: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of the console. here: the view whose entry in the menu is current."""
    frame = {"console": console, "partner": console.vendor, "menu": _menu(console, here)}
    return render_blade(request, template, {**frame, **(context or {})}, status=status)


def attempt(request: OperatorRequest, title: str, text: str, act: Callable[[], object]) -> bool:
    """Do it and say so, or say why not; the next page shows it."""
    try:
        act()
    except ValidationError as error:
        say_once(request, "Nothing was changed", " ".join(error.messages), level="error")
        return False
    say_once(request, title, text)
    return True


def _menu(console: Console, here: str) -> list[dict[str, Any]]:
    groups = [
        ("Monitor", [("overview", "Overview")]),
        (
            "Devices",
            [("device-list", "List view"), ("device-enrol", "Enroll device"), ("device-import", "Batch import")],
        ),
        (" > ".join(console.vendor.settings_path[:-1]), [("settings", console.vendor.settings_path[-1])]),
        ("Partner API", [("token-list", "Tokens")]),
    ]
    return [
        {
            "label": label,
            "items": [
                {"label": words, "url": address(view, console), "current": view == here} for view, words in items
            ],
        }
        for label, items in groups
    ]
