from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

# Among the answers of a draft: what the row that it edits said when the operator last saw it.
SEEN = "seen"


class Draft(models.Model):
    """An unfinished wizard of one operator: what was answered so far, step by step.

    A finished draft keeps the address of what it made, so that Back and a second click lead there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    wizard = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True, blank=True, help_text="The row that the wizard edits, if any.")
    answers = models.JSONField(default=dict, help_text="Step name to the values that its form was posted with.")
    made_url = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["changed_at"], name="draft_by_age")]

    def __str__(self) -> str:
        return f"{self.wizard} {self.pk}"

    def answer(self, step: str) -> dict[str, Any] | None:
        """What was stored for `step`, or None while it has not been answered."""
        answer: dict[str, Any] | None = self.answers.get(step)
        return answer

    def store(self, step: str, values: dict[str, Any]) -> None:
        """Keep `values`, JSON-ready, as the answer of `step`."""
        self.answers = {**self.answers, step: values}
        self.save(update_fields=["answers", "changed_at"])

    def drop(self, step: str) -> None:
        """Forget the answer of `step`, if there is one."""
        if step in self.answers:
            self.answers = {name: values for name, values in self.answers.items() if name != step}
            self.save(update_fields=["answers", "changed_at"])

    def is_overtaken(self, now: dict[str, Any]) -> bool:
        """Whether what the wizard edits says something else than when its operator last saw it (SEEN).

        now: what it says now, JSON-ready. A draft that has seen nothing is never overtaken.
        """
        return self.answer(SEEN) not in (None, now)

    def finish(self, made_url: str) -> None:
        """The wizard is done; its address now leads to what it made."""
        self.made_url = made_url
        self.save(update_fields=["made_url", "changed_at"])


class Notification(models.Model):
    """What the bell tells one operator of a directory: each write leaves one; a long command moves its own along."""

    class Level(models.TextChoices):
        SUCCESS = "success"
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"
        PROGRESS = "progress"

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.CASCADE, related_name="+", db_index=False)
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=8, choices=Level, default=Level.SUCCESS)
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=500)
    link_url = models.CharField(max_length=300, blank=True)
    link_label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, help_text="Real time.")
    read = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "operator", "created_at"], name="notifications_by_time"),
            models.Index(fields=["tenant", "operator"], name="notifications_unread", condition=models.Q(read=False)),
        ]

    def __str__(self) -> str:
        return self.title
