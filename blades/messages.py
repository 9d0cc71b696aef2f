"""Toasts: one after every write, shown by the next page that is rendered and kept as a notification."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from blades.models import Notification

# What the bell keeps for one operator of a directory. Old ones are swept on each SWEEP-th write, so there may be a few
# more than KEEP.
KEEP = 200
KEEP_FOR = timedelta(days=7)
SWEEP = 20


def toast(
    request: HttpRequest, title: str, text: str, *, level: str = "success", link_url: str = "", link_label: str = ""
) -> None:
    """Show a toast with `title` and one sentence, and keep it behind the bell. level: a value of Notification.Level."""
    if hasattr(request, "tenant"):
        _notify(request, level=level, title=title, text=text, link_url=link_url, link_label=link_label)
    say_once(request, title, text, level=level, link_url=link_url, link_label=link_label)


def say_once(
    request: HttpRequest, title: str, text: str, *, level: str = "success", link_url: str = "", link_label: str = ""
) -> None:
    """The same without the bell, for pages that are not the portal's."""
    payload = {"level": level, "title": title, "text": text, "link_url": link_url, "link_label": link_label}
    messages.add_message(request, messages.INFO, json.dumps(payload))


def start_progress(request: HttpRequest, title: str, text: str) -> Notification:
    """Put a command that goes on behind the bell: "Exporting devices", "0 of 1,200 rows". No toast."""
    return _notify(request, level=Notification.Level.PROGRESS, title=title, text=text)


def _notify(request: Any, *, title: str, text: str, **values: str) -> Notification:
    notification = Notification.objects.create(
        tenant=request.tenant, operator=request.user, title=title[:120], text=text[:500], **values
    )
    if notification.pk % SWEEP == 0:
        sweep(notification)
    return notification


def sweep(newest: Notification) -> None:
    """Forget what is too old, or too far behind, of whom `newest` belongs to."""
    own = Notification.objects.filter(tenant=newest.tenant_id, operator=newest.operator_id)
    kept = own.filter(created_at__gt=timezone.now() - KEEP_FOR).values_list("pk", flat=True)[:KEEP]
    own.exclude(pk__in=list(kept)).delete()


def move(notification: Notification, text: str) -> None:
    """Say how far a command is. One that was finished or dismissed in the meantime stays so."""
    going = Notification.objects.filter(pk=notification.pk, level=Notification.Level.PROGRESS)
    going.update(text=text[:500])


def finish(
    notification: Notification, level: str, title: str, text: str, *, link_url: str = "", link_label: str = ""
) -> None:
    """The command has ended; what it says is news again. level: a value of Notification.Level but progress."""
    Notification.objects.filter(pk=notification.pk).update(
        level=level, title=title[:120], text=text[:500], link_url=link_url, link_label=link_label, read=False
    )


def take_toasts(request: HttpRequest) -> list[dict[str, Any]]:
    """The toasts that wait for this operator; they are shown once."""
    return [json.loads(str(message)) for message in messages.get_messages(request)]
