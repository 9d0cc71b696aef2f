"""What the operator sees when a page cannot be shown."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from blades.http import Gone
from tenancy.roles import MissingPermission


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the page names the missing permission."""
    permission = exception.permission if isinstance(exception, MissingPermission) else None
    return _page(request, "403.html", 403, {"permission": permission})


def missing(request: HttpRequest, tenant: str, path: str) -> HttpResponse:
    """An address in a directory that no blade has: 404 in the directory's own frame and words."""
    raise Http404("No such blade.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the page does not exist, or is somebody else's, which the answer does not tell, or it is what was there."""
    # The menu of what is not there would lead to more pages of nothing.
    request.missing = True  # type: ignore[attr-defined]
    response = _page(request, "404.html", 404, {"gone": exception if isinstance(exception, Gone) else None})
    if request.method == "POST":
        # What the form was about is gone. htmx shows no error by itself; the page that it loads again says so.
        response["HX-Refresh"] = "true"
    return response


def _page(request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    """The page with its status, but for Back: htmx shows what it fetches then only where it is a success."""
    restores = request.headers.get("HX-History-Restore-Request") == "true"
    return render(request, template, context, status=200 if restores else status)


def server_error(request: Any) -> HttpResponse:
    """500: a plain page with the id under which the log has the error; it asks nothing of the database."""
    return HttpResponse(render_to_string("500.html", {"request_id": getattr(request, "id", "")}), status=500)
