from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def application_add(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('application_add')


def application_configure(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('application_configure')


def application_delete(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('application_delete')


def application_list(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('application_list')
