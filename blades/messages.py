"""Toasts: one after every write, shown by the next page that is rendered and kept as a notification."""

from __future__ import annotations

import json
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest

from blades.models import Notification


def toast(
    request: HttpRequest, title: str, text: str, *, level: str = "success", link_url: str = "", link_label: str = ""
) -> None:
    """Show a toast with `title` and one sentence, and keep it behind the bell. level: a value of Notification.Level."""
    if hasattr(request, "tenant"):
        Notification.objects.create(
            tenant=request.tenant,
            operator=cast("Any", request.user),
            level=level,
            title=title[:120],
            text=text[:500],
            link_url=link_url,
            link_label=link_label,
        )
    payload = {"level": level, "title": title, "text": text, "link_url": link_url, "link_label": link_label}
    messages.add_message(request, messages.INFO, json.dumps(payload))


def start_progress(request: HttpRequest, title: str, text: str) -> Notification:
    """Put a command that goes on behind the bell: "Exporting devices", "0 of 1,200 rows". No toast."""
    return Notification.objects.create(
        tenant=cast("Any", request).tenant,
        operator=cast("Any", request.user),
        level=Notification.Level.PROGRESS,
        title=title[:120],
        text=text[:500],
    )


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
