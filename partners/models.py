from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from directory.models import Group
from partners import catalogue
from tenancy.models import Operator
from tenancy.scoping import TenantManager, TenantQuerySet, TenantScoped, Uncloned


class Platform(models.TextChoices):
    """The operating systems that a compliance partner can report for, in the order of the list."""

    ANDROID = "android", "Android"
    IOS = "ios", "iOS/iPadOS"
    MACOS = "macos", "macOS"


class ConfigurationQuerySet(TenantQuerySet["PartnerConfiguration"]):
    def with_group_counts(self) -> ConfigurationQuerySet:
        """Each configuration with `included_count` and `excluded_count` of its groups."""
        return self.annotate(
            included_count=Count("assignments", filter=Q(assignments__intent=PartnerAssignment.Intent.INCLUDE)),
            excluded_count=Count("assignments", filter=Q(assignments__intent=PartnerAssignment.Intent.EXCLUDE)),
        )


class PartnerConfiguration(TenantScoped):
    """One partner reporting compliance for one platform, in one tenant."""

    class Status(models.TextChoices):
        """What the portal shows as Partner status; the values are Microsoft Graph's partner states."""

        PENDING = "unknown", "Pending activation"
        ACTIVE = "enabled", "Active"
        UNRESPONSIVE = "unresponsive", "Unresponsive"
        TERMINATED = "terminated", "Terminated"
        REJECTED = "rejected", "Rejected"

    partner = models.CharField("compliance partner", max_length=40, help_text="Key in the catalogue, a data file.")
    platform = models.CharField(max_length=10, choices=Platform)
    status = models.CharField("partner status", max_length=12, choices=Status, default=Status.PENDING)
    last_sync_at = models.DateTimeField("last successful sync", null=True, blank=True, help_text="Tenant time.")
    all_users = models.BooleanField(default=False, help_text="Every user's devices, whatever the included groups.")
    created_at = models.DateTimeField(help_text="Tenant time.")
    created_by = models.CharField(max_length=254)
    groups = models.ManyToManyField(Group, through="PartnerAssignment", related_name="partner_configurations")

    objects: ClassVar[TenantManager[Any]] = TenantManager.from_queryset(ConfigurationQuerySet)()

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["platform", "pk"]
        verbose_name = "compliance partner"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "platform"], name="one_partner_per_platform"),
            models.CheckConstraint(condition=Q(platform__in=Platform.values), name="partner_platform_is_known"),
        ]

    @property
    def lacks_group(self) -> bool:
        """Whether it is assigned to all users although its partner needs a named group: no connection comes about.

        Source: Jamf docs, "Do not select Add all users" (docs/sources.md).
        """
        partner = catalogue.partners().get(self.partner)
        return self.all_users and partner is not None and partner.named_group_only

    def __str__(self) -> str:
        return f"{catalogue.label(self.partner)} for {self.get_platform_display()}"


class PartnerAssignment(TenantScoped):
    """A group whose members' devices the partner manages, or is kept away from."""

    class Intent(models.TextChoices):
        INCLUDE = "include", "Included"
        EXCLUDE = "exclude", "Excluded"

    configuration = models.ForeignKey(
        PartnerConfiguration, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="partner_assignments")
    intent = models.CharField(max_length=7, choices=Intent, default=Intent.INCLUDE)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["configuration", "group"],
                name="one_assignment_per_configuration_and_group",
                violation_error_message="A group cannot be both included and excluded.",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "configuration"], name="assignments_by_configuration")]

    def __str__(self) -> str:
        return str(self.configuration)

    def get_absolute_url(self) -> str:
        """Where the assignments are shown and edited."""
        return reverse("partners:properties", args=[self.tenant.slug, self.configuration_id])


class PartnerConnection(TenantScoped):
    """How a partner's cloud stands with Intune in one tenant, for all of its platforms.

    It comes into being when the partner provisions the tenant for the first time, or when somebody makes it a token.
    """

    class State(models.TextChoices):
        NEW = "new", "Not provisioned"
        PROVISIONED = "provisioned", "Provisioned"
        DEPROVISIONED = "deprovisioned", "Deprovisioned"
        REJECTED = "rejected", "Rejected"

    partner = models.CharField("compliance partner", max_length=40, help_text="Key in the catalogue, a data file.")
    state = models.CharField(max_length=14, choices=State, default=State.NEW)
    enrollment_url = models.URLField(max_length=300, blank=True, help_text="Where a blocked user enrolls.")
    remediation_url = models.URLField(max_length=300, blank=True, help_text="Where a blocked user sees what to fix.")
    provisioned_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time.")
    last_heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time.")
    rejected_because = models.CharField(max_length=200, blank=True, help_text="A sentence; empty: not rejected.")

    class Meta(TenantScoped.Meta):
        verbose_name = "partner connection"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "partner"], name="one_connection_per_partner"),
        ]

    def __str__(self) -> str:
        return catalogue.label(self.partner)


class PartnerToken(Uncloned):
    """A bearer token of the partner API, kept as a hash only. A clone has none: its partners are other clouds."""

    partner = models.CharField("compliance partner", max_length=40, help_text="Key in the catalogue, a data file.")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, in hexadecimal digits.")
    hint = models.CharField(max_length=8, help_text="The token's last characters, to tell one from another.")
    created_at = models.DateTimeField(help_text="Tenant time.")
    created_by = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by_name = models.CharField(max_length=254)
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time; null: it is good.")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time, to the minute.")
    minute_at = models.DateTimeField(null=True, blank=True, help_text="Real time: the minute of the last request.")
    minute_requests = models.PositiveIntegerField(default=0, help_text="Requests in that minute.")

    class Meta(Uncloned.Meta):
        ordering: ClassVar = ["-created_at", "pk"]
        verbose_name = "partner token"
        indexes: ClassVar = [models.Index(fields=["tenant", "partner"], name="partner_tokens_by_partner")]

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"
