from __future__ import annotations

import re
from typing import ClassVar, cast

from django.db import models

from devices import managed_by
from directory.models import DirectoryUser
from partners.models import PartnerConfiguration, Platform
from tenancy.models import Operator
from tenancy.scoping import NEVER, Derived, SortKeyField, TenantScoped, fold


class OperatingSystem(models.IntegerChoices):
    """Numbered in label order, so that sorting by the number is sorting by the label."""

    ANDROID = 10, "Android"
    IOS = 20, "iOS"
    MACOS = 30, "macOS"
    WINDOWS = 40, "Windows"


class Ownership(models.IntegerChoices):
    """Numbered in label order."""

    CORPORATE = 10, "Corporate"
    PERSONAL = 20, "Personal"
    UNKNOWN = 30, "Unknown"


class Compliance(models.IntegerChoices):
    """Intune's own verdict, numbered in label order."""

    COMPLIANT = 10, "Compliant"
    CONFLICT = 20, "Conflict"
    ERROR = 30, "Error"
    IN_GRACE_PERIOD = 40, "In grace period"
    NOT_COMPLIANT = 50, "Not compliant"
    NOT_EVALUATED = 60, "Not evaluated"
    SEE_CONFIGMGR = 70, "See ConfigMgr"
    UNKNOWN = 80, "Unknown"


class Agent(models.IntegerChoices):
    """What manages a device when no partner does; the values are those of Managed by."""

    CONFIGMGR = managed_by.CONFIGMGR, "ConfigMgr"
    MDM = managed_by.MDM, "MDM"
    CO_MANAGED = managed_by.CO_MANAGED, "MDM/ConfigMgr Agent"


class DeviceState(models.IntegerChoices):
    """Where a device stands with Intune, numbered in label order."""

    MANAGED = 10, "Managed"
    RETIRE_PENDING = 20, "Retire pending"
    WIPE_PENDING = 30, "Wipe pending"


OS_OF_PLATFORM = {
    Platform.ANDROID: OperatingSystem.ANDROID,
    Platform.IOS: OperatingSystem.IOS,
    Platform.MACOS: OperatingSystem.MACOS,
}


def version_key(version: str) -> str:
    """`version` so that text order is version order: 9.0 before 10.0, each number padded to 8 digits."""
    return re.sub(r"\d+", lambda number: number[0].zfill(8), fold(version))[:120]


class ManagedDevice(TenantScoped):
    """Intune's record of a device. Azure AD has its own, DirectoryDevice: never merge the two.

    Columns that the list sorts by are never null and stand here, even where they come from another
    row; each has an index (tenant, column, id), or (tenant, column, name, id) where its values are few.
    """

    rekeyed = ("azure_ad_device_id",)
    derived = ("name_key", "os_version_key", "user_upn", "user_upn_key")

    device_name = models.CharField(max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    management_name = models.CharField(max_length=160, blank=True)
    os = models.PositiveSmallIntegerField("OS", choices=OperatingSystem)
    os_version = models.CharField("OS version", max_length=40, blank=True)
    os_version_key = SortKeyField(max_length=120, editable=False)
    ownership = models.PositiveSmallIntegerField(choices=Ownership, default=Ownership.UNKNOWN)
    compliance = models.PositiveSmallIntegerField(choices=Compliance, default=Compliance.NOT_EVALUATED)
    compliance_grace_ends_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time.")
    agent = models.PositiveSmallIntegerField(choices=Agent, default=Agent.MDM)
    authority = models.ForeignKey(
        PartnerConfiguration,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="devices",
        help_text="The partner configuration responsible for the device; null: Intune.",
    )
    managed_by = models.PositiveSmallIntegerField(
        help_text="What the column shows; outlives a deleted configuration until the change has taken effect."
    )
    state = models.PositiveSmallIntegerField("device state", choices=DeviceState, default=DeviceState.MANAGED)
    online = models.BooleanField(default=True, help_text="Off: switched off or out of reach; it does not check in.")
    last_checkin_at = models.DateTimeField("last check-in", default=NEVER, help_text="Tenant time; year 1: never.")
    enrolled_at = models.DateTimeField("enrolled date", help_text="Tenant time.")
    primary_user = models.ForeignKey(
        DirectoryUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="managed_devices"
    )
    user_upn = models.CharField("primary user UPN", max_length=113, blank=True)
    user_upn_key = SortKeyField(max_length=160, editable=False, blank=True)
    azure_ad_device_id = models.UUIDField("Azure AD device ID", null=True, blank=True)

    serial_number = models.CharField(max_length=40, blank=True)
    imei = models.CharField("IMEI", max_length=20, blank=True)
    meid = models.CharField("MEID", max_length=20, blank=True)
    udid = models.CharField("UDID", max_length=64, blank=True)
    phone_number = models.CharField(max_length=30, blank=True)
    manufacturer = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=80, blank=True)
    wifi_mac = models.CharField("Wi-Fi MAC", max_length=17, blank=True)
    storage_total_mb = models.PositiveIntegerField(default=0, help_text="Megabytes.")
    storage_free_mb = models.PositiveIntegerField(default=0, help_text="Megabytes.")
    encrypted = models.BooleanField(default=False)
    supervised = models.BooleanField(default=False)
    eas_activated = models.BooleanField("EAS activated", default=False)
    notes = models.TextField(blank=True, max_length=1000)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "device"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(os__in=OperatingSystem.values)
                & models.Q(ownership__in=Ownership.values)
                & models.Q(compliance__in=Compliance.values)
                & models.Q(agent__in=Agent.values),
                name="device_states_are_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "name_key", "id"], name="devices_by_name"),
            # A column of few values sorts its ties by name, so that one index answers the sort and the filter.
            models.Index(fields=["tenant", "managed_by", "name_key", "id"], name="devices_by_managed_by"),
            models.Index(fields=["tenant", "ownership", "name_key", "id"], name="devices_by_ownership"),
            models.Index(fields=["tenant", "compliance", "name_key", "id"], name="devices_by_compliance"),
            models.Index(fields=["tenant", "os", "name_key", "id"], name="devices_by_os"),
            models.Index(fields=["tenant", "os_version_key", "id"], name="devices_by_os_version"),
            models.Index(fields=["tenant", "last_checkin_at", "id"], name="devices_by_checkin"),
            models.Index(fields=["tenant", "user_upn_key", "id"], name="devices_by_upn"),
            # Versions of one OS: the two columns say nearly the same, so neither index alone finds its rows.
            models.Index(fields=["tenant", "os", "os_version_key", "id"], name="devices_os_os_version"),
            # The way from Azure AD's record of a device.
            models.Index(fields=["tenant", "azure_ad_device_id", "id"], name="devices_by_aad_device_id"),
            # Every combination of filters, as seeks: a column without a filter is asked for all of its values.
            models.Index(
                fields=["tenant", "managed_by", "compliance", "os", "ownership", "last_checkin_at"],
                name="devices_by_facets",
            ),
        ]

    def __str__(self) -> str:
        return self.device_name

    def set_derived(self) -> None:
        """Fill the sort keys and what the row repeats from its user and its authority."""
        self.name_key = fold(self.device_name)
        self.os_version_key = version_key(self.os_version)
        if self.primary_user is not None:
            self.user_upn = self.primary_user.upn
        self.user_upn_key = fold(self.user_upn)
        if cast("int | None", self.managed_by) is None:
            self.managed_by = (
                managed_by.number_of_partner(self.authority.partner) if self.authority is not None else self.agent
            )

    @property
    def managed_by_label(self) -> str:
        """What the column Managed by shows."""
        return managed_by.LABELS[self.managed_by]

    def search_text(self) -> str:
        """What the search box of the device lists looks through."""
        return search_text(*(getattr(self, name) for name in SEARCHED))


# What the placeholder of the search box promises.
SEARCHED = ("device_name", "user_upn", "serial_number", "imei", "management_name")


def search_text(name: str, *values: str) -> str:
    """The values of the fields in SEARCHED as one text, case-folded, a line each; the first line is the name's key."""
    return "\n".join(fold(value).replace("\n", " ") for value in (name, *filter(None, values)))


class DeviceSearch(Derived):
    """The lower-cased search text of a device, under the integer key that the full-text index needs."""

    device = models.OneToOneField(ManagedDevice, on_delete=models.CASCADE, related_name="search")
    text = models.TextField()

    class Meta(Derived.Meta):
        indexes: ClassVar = [models.Index(fields=["tenant", "device"], name="device_search_by_tenant")]

    def __str__(self) -> str:
        return self.text.partition("\n")[0]


class DeviceCount(Derived):
    """How many devices of a tenant have a value; kept in the transaction of every write that changes it."""

    class Facet(models.TextChoices):
        TOTAL = "total"
        MANAGED_BY = "managed_by"
        COMPLIANCE = "compliance"
        OS = "os"
        OWNERSHIP = "ownership"

    facet = models.CharField(max_length=10, choices=Facet)
    value = models.PositiveSmallIntegerField(default=0)
    n = models.PositiveIntegerField(default=0)

    class Meta(Derived.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "facet", "value"], name="one_count_per_facet_and_value"),
        ]

    def __str__(self) -> str:
        return f"{self.facet} {self.value}: {self.n}"


class DeviceAction(TenantScoped):
    """A remote action that somebody asked for: it reaches the device at its next check-in. Outlives the device."""

    class Kind(models.TextChoices):
        SYNC = "sync", "Sync"
        REMOTE_LOCK = "remote_lock", "Remote lock"
        RESET_PASSCODE = "reset_passcode", "Reset passcode"
        RESTART = "restart", "Restart"
        RENAME = "rename", "Rename device"
        RETIRE = "retire", "Retire"
        WIPE = "wipe", "Wipe"
        DELETE = "delete", "Delete"

    class Status(models.IntegerChoices):
        """Numbered in label order."""

        CANCELED = 10, "Canceled"
        COMPLETED = 20, "Completed"
        FAILED = 30, "Failed"
        PENDING = 40, "Pending"

    rekeyed = ("intune_device_id",)

    kind = models.CharField(max_length=16, choices=Kind)
    status = models.PositiveSmallIntegerField(choices=Status, default=Status.PENDING)
    device = models.ForeignKey(
        ManagedDevice, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions", db_index=True
    )
    intune_device_id = models.UUIDField(help_text="The device's id, also when the device is gone.")
    device_name = models.CharField(max_length=120, help_text="As it was when the action was asked for.")
    user_upn = models.CharField(max_length=113, blank=True)
    options = models.JSONField(default=dict, blank=True, help_text="Plain values, such as new_name or keep_enrollment.")
    requested_at = models.DateTimeField(help_text="Tenant time.")
    requested_by = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    requested_by_name = models.CharField(max_length=254)
    completed_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time; null: not yet.")
    detail = models.CharField(max_length=200, blank=True, help_text="Why it failed or was canceled.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["-requested_at", "-pk"]
        verbose_name = "device action"
        indexes: ClassVar = [
            models.Index(fields=["tenant", "requested_at", "id"], name="device_actions_by_time"),
            models.Index(fields=["tenant", "status", "requested_at", "id"], name="device_actions_by_status"),
            models.Index(fields=["tenant", "kind", "requested_at", "id"], name="device_actions_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.device_name}"


class CompliancePolicy(TenantScoped):
    """A compliance policy of Intune, assigned to everybody with a device of its platform."""

    display_name = models.CharField(max_length=120)
    os = models.PositiveSmallIntegerField("platform", choices=OperatingSystem)
    created_at = models.DateTimeField(help_text="Tenant time.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["display_name", "pk"]
        verbose_name = "compliance policy"
        verbose_name_plural = "compliance policies"
        indexes: ClassVar = [models.Index(fields=["tenant", "os"], name="compliance_policies_by_os")]

    def __str__(self) -> str:
        return self.display_name
