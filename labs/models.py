from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from directory.models import DirectoryUser
from labs import catalogue
from tenancy.models import Operator
from tenancy.scoping import TenantScoped


class Injection(TenantScoped):
    """An incident that was put into a tenant, with what it is about.

    Its cause stands in the tenant's own rows, and so does whether it is healed: here is only when that was recognised.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        HEALED = "healed", "Healed"
        LOST = "lost", "Lost"  # what it is about is gone, so nobody can heal it any more

    rekeyed = ("device_id", "intune_device_id")

    incident = models.CharField(max_length=40, help_text="Key in the catalogue of incidents, a data file.")
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    injected_at = models.DateTimeField(help_text="Tenant time.")
    injected_by = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    injected_by_name = models.CharField(max_length=254)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was recognised as healed or lost, in tenant time."
    )
    user = models.ForeignKey(
        DirectoryUser,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="incidents",
        help_text="Who has the trouble; null: nobody in particular, or gone.",
    )
    device_id = models.UUIDField("Azure AD device ID", null=True, blank=True)
    intune_device_id = models.UUIDField(null=True, blank=True)
    facts = models.JSONField(
        default=dict, blank=True, help_text="Plain values: what the ticket names, and keys of catalogues."
    )

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["-injected_at", "-pk"]
        verbose_name = "incident"
        indexes: ClassVar = [models.Index(fields=["tenant", "injected_at", "id"], name="injections_by_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "incident"], condition=Q(status="open"), name="one_open_injection_per_incident"
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None) | ~Q(status="open") & Q(ended_at__isnull=False),
                name="injections_end_with_a_time",
            ),
        ]

    def __str__(self) -> str:
        known = catalogue.incidents().get(self.incident)
        return f"Incident {known.number}" if known else self.incident

    @property
    def ticket(self) -> str:
        """What the person who calls says."""
        return catalogue.incidents()[self.incident].ticket.format(**self.facts)
