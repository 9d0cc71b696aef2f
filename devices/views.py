from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def device_list(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("device_list")


def endpoint_security(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("endpoint_security")


def hardware(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("hardware")


def overview(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("overview")


def security_list(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("security_list")
