from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def azure_ad(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('azure_ad')


def blade(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('blade')


def connectors(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('connectors')


def home(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('home')


def nav_toggle(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('nav_toggle')


def settings_page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('settings_page')


def tenant_status(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('tenant_status')
