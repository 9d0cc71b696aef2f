from __future__ import annotations

import re
from typing import ClassVar, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from devices import managed_by
from directory.models import DirectoryUser, Group
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
    """What manages a device when no partner does; the values are those of Managed by.

    None: a device that a partner enrolled. Intune never did, and does not take it over when the partner lets it go.
    """

    CONFIGMGR = managed_by.CONFIGMGR, "ConfigMgr"
    MDM = managed_by.MDM, "MDM"
    CO_MANAGED = managed_by.CO_MANAGED, "MDM/ConfigMgr Agent"
    NONE = managed_by.NONE, "None"


class DeviceState(models.IntegerChoices):
    """Where a device stands with Intune, numbered in label order."""

    MANAGED = 10, "Managed"
    RETIRE_PENDING = 20, "Retire pending"
    WIPE_PENDING = 30, "Wipe pending"


# A device checks in about every 8 hours, each at an hour of its own.
# Source: Intune docs, "Common issues and resolutions with device profiles".
CHECKIN_SLOTS = 8
# The slot of a device whose management has fallen asleep: it checks in when it is asked to, and then by itself again.
ASLEEP = 255

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
    failing_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Tenant time of the check-in that told first that the device fails a policy; null: it fails none.",
    )
    error_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Tenant time since when a setting has reported an error; null: none does.",
    )
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
    checkin_slot = models.PositiveSmallIntegerField(
        editable=False, help_text="Which of the hours between two check-ins is this device's."
    )
    encrypted = models.BooleanField(default=False)
    passcode_set = models.BooleanField(default=True)
    jailbroken = models.BooleanField("jailbroken or rooted", default=False)
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
        if cast("int | None", self.checkin_slot) is None:
            self.checkin_slot = self.pk.int % CHECKIN_SLOTS
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


class ComplianceSettings(TenantScoped):
    """The tenant's compliance policy settings; a tenant without the row has the defaults of the fields."""

    without_policy = models.PositiveSmallIntegerField(
        "mark devices with no compliance policy assigned as",
        choices=[(Compliance.COMPLIANT, "Compliant"), (Compliance.NOT_COMPLIANT, "Not compliant")],
        default=Compliance.COMPLIANT,
    )
    enhanced_jailbreak_detection = models.BooleanField(default=False)
    validity_days = models.PositiveSmallIntegerField(
        "compliance status validity period (days)",
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )

    class Meta(TenantScoped.Meta):
        verbose_name = "compliance policy settings"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="one_compliance_settings_per_tenant"),
        ]

    def __str__(self) -> str:
        return "Compliance policy settings"


class CompliancePolicy(TenantScoped):
    """A compliance policy of Intune: what devices of a platform must be like, and whose devices."""

    derived = ("name_key",)

    display_name = models.CharField("name", max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    description = models.CharField(max_length=500, blank=True)
    os = models.PositiveSmallIntegerField("platform", choices=OperatingSystem)
    minimum_os_version = models.CharField("minimum OS version", max_length=40, blank=True)
    require_encryption = models.BooleanField("require encryption of data storage on device", default=False)
    require_passcode = models.BooleanField("require a password to unlock devices", default=False)
    block_jailbroken = models.BooleanField("block jailbroken or rooted devices", default=False)
    grace_days = models.PositiveSmallIntegerField(
        "mark device noncompliant (days after noncompliance)",
        default=0,
        validators=[MaxValueValidator(365)],
        help_text="0: immediately.",
    )
    all_users = models.BooleanField(default=True, help_text="Every user's devices, whatever the included groups.")
    groups = models.ManyToManyField(Group, through="CompliancePolicyAssignment", related_name="compliance_policies")
    created_at = models.DateTimeField(help_text="Tenant time.")
    changed_at = models.DateTimeField("last modified", help_text="Tenant time.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "compliance policy"
        verbose_name_plural = "compliance policies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "os", "name_key"],
                name="one_compliance_policy_per_platform_and_name",
                violation_error_message="Another compliance policy of this platform already has this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def set_derived(self) -> None:
        self.name_key = fold(self.display_name)


class CompliancePolicyAssignment(TenantScoped):
    """A group whose members' devices a compliance policy is for, or is not for."""

    class Intent(models.TextChoices):
        INCLUDE = "include", "Included"
        EXCLUDE = "exclude", "Excluded"

    policy = models.ForeignKey(CompliancePolicy, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="compliance_policy_assignments")
    intent = models.CharField(max_length=7, choices=Intent, default=Intent.INCLUDE)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["policy", "group"],
                name="one_assignment_per_policy_and_group",
                violation_error_message="A group cannot be both included and excluded.",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "policy"], name="policy_assignments_by_policy")]

    def __str__(self) -> str:
        return str(self.policy)

    def get_absolute_url(self) -> str:
        """Where the assignments are shown and edited."""
        return reverse("devices:policy-properties", args=[self.tenant.slug, self.policy_id])


# What partners report


class Upload(TenantScoped):
    """One batch that a partner has sent, with what became of it. The same key is never worked through twice."""

    class Kind(models.TextChoices):
        INVENTORY = "inventory", "Device inventory"
        COMPLIANCE = "compliance", "Compliance states"

    partner = models.CharField("compliance partner", max_length=40, help_text="Key in the catalogue, a data file.")
    key = models.CharField(max_length=64, help_text="The partner's own name for the batch.")
    kind = models.CharField(max_length=10, choices=Kind)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent, to refuse another batch of the key.")
    received_at = models.DateTimeField(help_text="Tenant time.")
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["-received_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "partner", "key"], name="one_upload_per_key"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "received_at", "id"], name="uploads_by_time")]

    def __str__(self) -> str:
        return self.key


class RefusedItem(TenantScoped):
    """An item of an upload that was not taken, and why."""

    class Reason(models.TextChoices):
        """The words of the partner API, and the sentences that the portal shows."""

        UNKNOWN_DEVICE = "unknownDevice", "No device with this ID is known."
        NOT_REGISTERED = "notRegistered", "The device is not registered."
        UNKNOWN_USER = "unknownUser", "No user with this ID is known, or the device is not the user's."
        USER_NOT_ASSIGNED = "userNotAssigned", "The user is not assigned to this partner."
        NO_INTUNE_LICENSE = "noIntuneLicense", "The user has no Intune license."
        OLDER_THAN_KNOWN = "olderThanKnown", "A newer report of the device is known."
        FROM_THE_FUTURE = "fromTheFuture", "The report's time has not come yet."
        WRONG_PLATFORM = "wrongPlatform", "The partner is not set up for the device's platform."
        INVALID = "invalid", "The item is not complete, or one of its values is not valid."

    rekeyed = ("device_id",)

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="refused_items", db_index=False)
    position = models.PositiveIntegerField(help_text="In the batch, from 0.")
    device_id = models.UUIDField(null=True, blank=True, help_text="The Azure AD device ID, where it is one.")
    reason = models.CharField(max_length=16, choices=Reason)
    detail = models.CharField(max_length=200, blank=True)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["upload", "position"]
        indexes: ClassVar = [models.Index(fields=["tenant", "upload", "position"], name="refused_items_by_upload")]

    def __str__(self) -> str:
        return f"{self.position}: {self.get_reason_display()}"


class PartnerVerdict(TenantScoped):
    """The latest verdict on a device that a partner has reported; narrow, because it is written most often."""

    rekeyed = ("device_id",)

    device_id = models.UUIDField(help_text="The Azure AD device ID.")
    partner = models.CharField("compliance partner", max_length=40, help_text="Key in the catalogue, a data file.")
    compliant = models.BooleanField()
    reported_at = models.DateTimeField(help_text="When the partner came to it, in tenant time.")
    received_at = models.DateTimeField(help_text="Tenant time.")

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "device_id"], name="one_verdict_per_device"),
        ]

    def __str__(self) -> str:
        return "Compliant" if self.compliant else "Not compliant"


class AzureADWrite(TenantScoped):
    """What Intune is about to write to Azure AD's record of a device; the last one before its time wins."""

    rekeyed = ("device_id",)

    device_id = models.UUIDField(help_text="The Azure AD device ID.")
    due_at = models.DateTimeField(help_text="Tenant time.")
    is_compliant = models.BooleanField(null=True, blank=True, help_text="Null: N/A.")
    is_managed = models.BooleanField()
    mdm = models.CharField("MDM", max_length=80, blank=True)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "device_id"], name="one_write_per_device"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "due_at"], name="azure_ad_writes_by_time")]

    def __str__(self) -> str:
        return f"{self.device_id} at {self.due_at:%Y-%m-%d %H:%M}"


class EnrolmentFailure(TenantScoped):
    """A device that was to be enrolled automatically and was not, as Troubleshoot lists it. Outlives its user."""

    class Reason(models.TextChoices):
        NOT_IN_SCOPE = "not_in_scope", "The user is not in the MDM user scope of an application."
        TERMS_OF_USE = "terms_of_use", "The MDM terms of use endpoint is not correctly configured."
        NO_LICENCE = "no_licence", "The user has no license for the MDM application."
        SCOPES_OVERLAP = "scopes_overlap", "The user is in the MDM user scope of more than one application."
        DEVICE_CAP = "device_cap", "The user has reached the limit of devices."

    user = models.ForeignKey(
        DirectoryUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="enrolment_failures"
    )
    user_upn = models.CharField("user", max_length=113, help_text="As it was at that moment.")
    device_name = models.CharField(max_length=120)
    os = models.PositiveSmallIntegerField("OS", choices=OperatingSystem, default=OperatingSystem.WINDOWS)
    occurred_at = models.DateTimeField("date", help_text="Tenant time.")
    event_id = models.PositiveSmallIntegerField(
        "event ID", null=True, blank=True, help_text="In the device's own event log; null: nothing stands there."
    )
    code = models.CharField("error code", max_length=12, blank=True, help_text="As Windows shows it: 0x8018002b.")
    reason = models.CharField(max_length=16, choices=Reason)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["-occurred_at", "-pk"]
        verbose_name = "enrollment failure"
        indexes: ClassVar = [
            models.Index(fields=["tenant", "user", "occurred_at", "id"], name="enrolment_failures_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.device_name}: {self.get_reason_display()}"
