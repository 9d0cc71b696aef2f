from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def add(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('add')


def add_assignments(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('add_assignments')


def add_basics(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('add_basics')


def add_review(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('add_review')


def configuration_list(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('configuration_list')


def delete(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('delete')


def edit(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('edit')


def edit_assignments(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('edit_assignments')


def edit_review(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('edit_review')


def overview(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('overview')


def properties(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse('properties')
