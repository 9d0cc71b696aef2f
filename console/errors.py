"""What the operator sees when a page cannot be shown."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from tenancy.roles import MissingPermission


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the page names the missing permission."""
    permission = exception.permission if isinstance(exception, MissingPermission) else None
    return render(request, "403.html", {"permission": permission}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the page does not exist, or is somebody else's; the answer does not tell which."""
    return render(request, "404.html", status=404)


def server_error(request: Any) -> HttpResponse:
    """500: a plain page with the id under which the log has the error; it asks nothing of the database."""
    return HttpResponse(render_to_string("500.html", {"request_id": getattr(request, "id", "")}), status=500)
