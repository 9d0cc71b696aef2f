"""Opening the draft that a wizard's address names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from blades.models import Draft

ABANDONED_AFTER = timedelta(days=7)


def start(request: Any, wizard: str, *, subject_id: UUID | None = None, answers: dict[str, Any] | None = None) -> Draft:
    """A new draft of the operator in the tenant; drafts that nobody touched for a week are swept away."""
    mine = Draft.objects.filter(tenant=request.tenant, operator=request.user)
    mine.filter(changed_at__lt=timezone.now() - ABANDONED_AFTER).delete()
    return Draft.objects.create(
        tenant=request.tenant, operator=request.user, wizard=wizard, subject_id=subject_id, answers=answers or {}
    )


def with_draft(
    wizard: str, *, subject: str = "configuration_id"
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The view gets the operator's own draft instead of `draft_id`; an unknown one is 404.

    subject: what the address calls the row that the wizard edits; the draft of another one is unknown.
    A finished draft leads to what it made. A POST holds the draft until it is answered, so that of
    two clicks on the same button the second one finds a finished draft.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def opened(request: Any, tenant: str, draft_id: UUID, **kwargs: Any) -> HttpResponseBase:
            drafts = Draft.objects.filter(tenant=request.tenant, operator=request.user, wizard=wizard)
            if subject in kwargs:
                drafts = drafts.filter(subject_id=kwargs[subject])
            if request.method != "POST":
                return _answer(get_object_or_404(drafts, pk=draft_id), request, **kwargs)
            with transaction.atomic():
                return _answer(get_object_or_404(drafts.select_for_update(), pk=draft_id), request, **kwargs)

        def _answer(draft: Draft, request: Any, **kwargs: Any) -> HttpResponseBase:
            if draft.made_url:
                return redirect(draft.made_url)
            return view(request, draft=draft, **kwargs)

        return opened

    return decorate
