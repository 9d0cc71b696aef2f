from __future__ import annotations

from typing import ClassVar, cast

from django.db import models

from devices.models import CHECKIN_SLOTS
from directory.models import DirectoryUser, Group
from partners import catalogue
from partners.models import Platform
from tenancy.scoping import SortKeyField, TenantScoped, fold


class Console(TenantScoped):
    """A partner's own console in one tenant: what its administrator has set up there, and what it knows of Azure AD.

    Intune's view of the same connection is partners.PartnerConnection. The two agree only after they have spoken.
    """

    own_directory = ("directory_id",)

    partner = models.CharField("compliance partner", max_length=40, help_text="Key in the catalogue, a data file.")
    compliance_enabled = models.BooleanField(
        "use compliance data in Azure AD conditional access policies", default=False
    )
    directory_id = models.CharField("tenant ID", max_length=36, blank=True, help_text="As it was typed.")
    consented_at = models.DateTimeField("admin consent", null=True, blank=True, help_text="Tenant time; null: not yet.")
    consented_by = models.CharField(max_length=254, blank=True)
    second_consented_at = models.DateTimeField(
        "consent for the user registration app", null=True, blank=True, help_text="Where the partner asks for two."
    )
    credentials_lost = models.BooleanField(default=False, help_text="The partner's cloud cannot sign in to Azure AD.")
    synced_at = models.DateTimeField("last sync", null=True, blank=True, help_text="Tenant time; null: never.")
    all_users_platforms = models.JSONField(
        default=list, blank=True, help_text="Platforms whose assignment was for all users at the last sync."
    )
    known_groups = models.ManyToManyField(Group, through="KnownGroup", related_name="+")

    class Meta(TenantScoped.Meta):
        verbose_name = "partner console"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "partner"], name="one_console_per_partner"),
        ]

    def __str__(self) -> str:
        return catalogue.label(self.partner)

    @property
    def vendor(self) -> catalogue.CataloguePartner:
        """What the catalogue says of the product."""
        return catalogue.partners()[self.partner]


class KnownGroup(TenantScoped):
    """A group of an assignment that the partner has heard of with its last sync."""

    console = models.ForeignKey(Console, on_delete=models.CASCADE, related_name="group_links", db_index=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=10, choices=Platform)
    excluded = models.BooleanField(default=False)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["console", "group", "platform"], name="one_known_group_per_console_and_platform"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "console"], name="known_groups_by_console")]

    def __str__(self) -> str:
        return str(self.group)


class Enrolment(TenantScoped):
    """A device in the partner's own system. It may be unknown to Intune and to Azure AD."""

    class Verdict(models.TextChoices):
        COMPLIANT = "compliant", "Compliant"
        NOT_COMPLIANT = "not_compliant", "Not compliant"
        ALERT = "alert", "Alert only"  # a policy is broken whose action is no more than an alert

    class Door(models.TextChoices):
        """Through which app a user registers a device with Azure AD."""

        AUTHENTICATOR = "authenticator", "Microsoft Authenticator"
        COMPANY_PORTAL = "company_portal", "Company Portal"
        SELF_SERVICE = "self_service", "The partner's self-service app"

    rekeyed = ("azure_ad_device_id", "stray_device_id")
    derived = ("name_key",)

    console = models.ForeignKey(Console, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    user = models.ForeignKey(
        DirectoryUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="enrolments", db_index=True
    )
    device_name = models.CharField(max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    platform = models.CharField(max_length=10, choices=Platform)
    model = models.CharField(max_length=80, blank=True)
    manufacturer = models.CharField(max_length=60, blank=True)
    os_version = models.CharField("OS version", max_length=40, blank=True)
    serial_number = models.CharField(max_length=40, blank=True)
    imei = models.CharField("IMEI", max_length=20, blank=True)
    enrolled_at = models.DateTimeField(help_text="Tenant time.")
    last_seen_at = models.DateTimeField(help_text="Tenant time.")
    online = models.BooleanField(default=True)
    checkin_slot = models.PositiveSmallIntegerField(
        editable=False, help_text="Which of the hours between two check-ins is this device's."
    )
    verdict = models.CharField(max_length=13, choices=Verdict, default=Verdict.COMPLIANT)
    verdict_reason = models.CharField(max_length=200, blank=True)
    verdict_at = models.DateTimeField(help_text="Tenant time.")
    azure_ad_device_id = models.UUIDField("Azure device identifier", null=True, blank=True)
    registered_through = models.CharField(max_length=14, choices=Door, blank=True)
    stray_device_id = models.UUIDField(
        null=True, blank=True, help_text="Device ID of the record that a registration through the wrong door has left."
    )
    registration_error = models.CharField(max_length=200, blank=True, help_text="Such as AccountNotOnboarded.")
    reported_at = models.DateTimeField(
        null=True, blank=True, help_text="When the verdict was last taken by Intune, in tenant time; null: never."
    )
    report_error = models.CharField(max_length=200, blank=True, help_text="Why Intune refused it; empty: it did not.")
    unreported = models.BooleanField(default=True, help_text="There is something that Intune has not been told yet.")
    retired_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time; null: enrolled.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "enrolled device"
        indexes: ClassVar = [
            models.Index(fields=["tenant", "console", "name_key", "id"], name="enrolments_by_name"),
            models.Index(
                fields=["tenant", "console"], name="enrolments_unreported", condition=models.Q(unreported=True)
            ),
            models.Index(fields=["tenant", "azure_ad_device_id"], name="enrolments_by_azure_ad_device"),
        ]

    def __str__(self) -> str:
        return self.device_name

    def set_derived(self) -> None:
        self.name_key = fold(self.device_name)[:160]  # some letters fold to three
        if cast("int | None", self.checkin_slot) is None:
            self.checkin_slot = self.pk.int % CHECKIN_SLOTS
