from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from blades.vocabulary import say_lazy
from tenancy.scoping import NEVER, SortKeyField, TenantManager, TenantQuerySet, TenantScoped, fold

# A user's field to the field with its case-folded key.
KEYED = {
    "display_name": "name_key",
    "surname": "surname_key",
    "upn": "upn_key",
    "job_title": "job_title_key",
    "department": "department_key",
    "city": "city_key",
    "country": "country_key",
}


class DirectoryUser(TenantScoped):
    """A simulated person in the tenant's Azure AD."""

    display_name = models.CharField(max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    given_name = models.CharField(max_length=64, blank=True)
    surname = models.CharField(max_length=64, blank=True)
    surname_key = SortKeyField(max_length=80, editable=False, blank=True)
    upn = models.CharField("user principal name", max_length=113)
    upn_key = SortKeyField(max_length=160, editable=False)
    job_title = models.CharField(max_length=80, blank=True)
    job_title_key = SortKeyField(max_length=100, editable=False, blank=True)
    department = models.CharField(max_length=80, blank=True)
    department_key = SortKeyField(max_length=100, editable=False, blank=True)
    city = models.CharField(max_length=60, blank=True)
    city_key = SortKeyField(max_length=80, editable=False, blank=True)
    country = models.CharField(max_length=60, blank=True)
    country_key = SortKeyField(max_length=80, editable=False, blank=True)
    usage_location = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    account_enabled = models.BooleanField(default=True, help_text="Off: sign-in is blocked.")
    created_at = models.DateTimeField(help_text="Tenant time.")

    derived = tuple(KEYED.values())

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "user"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "upn_key"],
                name="one_user_per_upn",
                violation_error_message="Another user already has this user principal name.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "name_key", "id"], name="users_by_name"),
            models.Index(fields=["tenant", "surname_key", "id"], name="users_by_surname"),
            # Filters of the list and the properties of dynamic groups.
            models.Index(fields=["tenant", "department_key", "name_key", "id"], name="users_by_department"),
            models.Index(fields=["tenant", "job_title_key", "name_key", "id"], name="users_by_job_title"),
            models.Index(fields=["tenant", "country_key", "name_key", "id"], name="users_by_country"),
            models.Index(fields=["tenant", "account_enabled", "name_key", "id"], name="users_by_enabled"),
            # Some of them, drawn by their keys.
            models.Index(fields=["tenant", "id"], name="users_by_key"),
        ]

    def __str__(self) -> str:
        return self.upn

    def set_derived(self) -> None:
        """Derive the case-folded keys under which the user is sorted, found and matched by rules."""
        for name, key in KEYED.items():
            setattr(self, key, fold(getattr(self, name)))


class GroupQuerySet(TenantQuerySet["Group"]):
    def with_member_count(self) -> GroupQuerySet:
        """Each group with `member_count`, counted for the rows that are fetched only."""
        members = (
            GroupMembership.unscoped.filter(group=OuterRef("pk"))
            .order_by()
            .values("group")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(member_count=Coalesce(Subquery(members), 0))

    def matching(self, term: str) -> GroupQuerySet:
        """Groups whose name or mail nickname contains `term`, whatever its case."""
        key = fold(term)
        if not key:
            return self
        return self.filter(models.Q(name_key__contains=key) | models.Q(mail_nickname__contains=key))


class Group(TenantScoped):
    """A security group of simulated people."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", "Assigned"
        DYNAMIC = "dynamic", "Dynamic"

    display_name = models.CharField(max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    mail_nickname = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ASSIGNED)
    rule = models.TextField(blank=True, help_text="Membership rule of a dynamic group.")
    created_at = models.DateTimeField(help_text="Tenant time.")

    objects: ClassVar[TenantManager[Any]] = TenantManager.from_queryset(GroupQuerySet)()

    derived = ("name_key",)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "name_key"],
                name="one_group_per_name",
                violation_error_message="Another group already has this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def set_derived(self) -> None:
        self.name_key = fold(self.display_name)


class GroupMembership(TenantScoped):
    """A user is a member of a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(DirectoryUser, on_delete=models.CASCADE, related_name="memberships")

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_group_and_user"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "group"], name="memberships_by_group")]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"


class GroupOwnership(TenantScoped):
    """A user is an owner of a group: named on its blade; simulated people do not sign in to this console."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="ownerships", db_index=False)
    user = models.ForeignKey(DirectoryUser, on_delete=models.CASCADE, related_name="ownerships")

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "user"], name="one_ownership_per_group_and_user"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "group"], name="ownerships_by_group")]

    def __str__(self) -> str:
        return f"{self.user} owns {self.group}"


class Licence(TenantScoped):
    """A product that is assigned to a user."""

    class Sku(models.TextChoices):
        INTUNE = "intune", "Microsoft Intune"
        AAD_PREMIUM_P1 = "aad_premium_p1", say_lazy("Azure Active Directory Premium P1")

    user = models.ForeignKey(DirectoryUser, on_delete=models.CASCADE, related_name="licences", db_index=False)
    sku = models.CharField(max_length=20, choices=Sku)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "sku"], name="one_licence_per_user_and_product"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "sku"], name="licences_by_product")]

    def __str__(self) -> str:
        return f"{self.get_sku_display()} for {self.user}"


class DirectoryDevice(TenantScoped):
    """Azure AD's own record of a device. Its compliance may disagree with Intune's: never merge the two."""

    class JoinType(models.TextChoices):
        REGISTERED = "registered", say_lazy("Azure AD registered")
        JOINED = "joined", say_lazy("Azure AD joined")
        HYBRID = "hybrid", say_lazy("Hybrid Azure AD joined")

    rekeyed = ("device_id",)
    derived = ("name_key", "owner_key")

    device_id = models.UUIDField(help_text="The Azure AD device ID that sign-ins and reports carry.")
    display_name = models.CharField(max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    os = models.CharField("OS", max_length=20)
    os_version = models.CharField("version", max_length=40, blank=True)
    join_type = models.CharField(max_length=10, choices=JoinType)
    owner_key = SortKeyField(max_length=160, editable=False, blank=True, help_text="The owner's name; empty: none.")
    enabled = models.BooleanField(default=True)
    owner = models.ForeignKey(
        DirectoryUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="directory_devices"
    )
    mdm = models.CharField("MDM", max_length=80, blank=True, help_text="Empty: None.")
    is_managed = models.BooleanField(default=False)
    is_compliant = models.BooleanField("compliant", null=True, help_text="Null: N/A, nothing was ever reported.")
    registered_at = models.DateTimeField(null=True, blank=True, help_text="Tenant time; null: Pending.")
    activity_at = models.DateTimeField(default=NEVER, help_text="Tenant time; year 1: never.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "Azure AD device"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "device_id"], name="one_directory_device_per_device_id"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "name_key", "id"], name="directory_devices_by_name"),
            # A column of few values sorts its ties by name, so that one index answers the sort and the filter.
            models.Index(fields=["tenant", "enabled", "name_key", "id"], name="directory_devices_by_enabled"),
            models.Index(fields=["tenant", "os", "name_key", "id"], name="directory_devices_by_os"),
            models.Index(fields=["tenant", "join_type", "name_key", "id"], name="directory_devices_by_join"),
            models.Index(fields=["tenant", "mdm", "name_key", "id"], name="directory_devices_by_mdm"),
            models.Index(fields=["tenant", "is_compliant", "name_key", "id"], name="directory_devices_by_verdict"),
            models.Index(fields=["tenant", "owner_key", "id"], name="directory_devices_by_owner"),
            models.Index(fields=["tenant", "activity_at", "id"], name="directory_devices_by_activity"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def set_derived(self) -> None:
        """Fill the sort keys of the name and of the owner."""
        self.name_key = fold(self.display_name)
        self.owner_key = fold(self.owner.display_name) if self.owner is not None else ""
