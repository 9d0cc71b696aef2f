from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from access import cloud_apps
from directory.models import DirectoryUser, Group
from tenancy.models import Operator
from tenancy.scoping import SortKeyField, TenantScoped, fold


class Intent(models.TextChoices):
    INCLUDE = "include", "Include"
    EXCLUDE = "exclude", "Exclude"


class Policy(TenantScoped):
    """A conditional access policy: whom and what it is for, and what it demands."""

    derived = ("name_key",)

    class State(models.TextChoices):
        OFF = "off", "Off"
        ON = "on", "On"
        REPORT_ONLY = "report_only", "Report-only"

    class Platforms(models.TextChoices):
        NOT_CONFIGURED = "", "Not configured"
        ANY = "any", "Any device"
        SELECTED = "selected", "Select device platforms"

    class Grant(models.TextChoices):
        BLOCK = "block", "Block access"
        GRANT = "grant", "Grant access"

    class Operator(models.TextChoices):
        ALL = "all", "Require all the selected controls"
        ONE = "one", "Require one of the selected controls"

    display_name = models.CharField("name", max_length=256)
    name_key = SortKeyField(max_length=300, editable=False)
    state = models.CharField("enable policy", max_length=11, choices=State, default=State.REPORT_ONLY)
    former_state = models.CharField(
        max_length=11, choices=State, blank=True, help_text="What sign-ins still meet; empty: what `state` says."
    )
    all_users = models.BooleanField(default=False)
    all_apps = models.BooleanField("all cloud apps", default=False)
    included_apps = models.JSONField(default=list, blank=True, help_text="Keys in the catalogue of cloud apps.")
    excluded_apps = models.JSONField(default=list, blank=True, help_text="Keys in the catalogue of cloud apps.")
    platforms = models.CharField("device platforms", max_length=8, choices=Platforms, blank=True)
    included_platforms = models.JSONField(default=list, blank=True)
    excluded_platforms = models.JSONField(default=list, blank=True)
    grant = models.CharField(max_length=5, choices=Grant, default=Grant.GRANT)
    require_mfa = models.BooleanField("require multi-factor authentication", default=False)
    require_compliant_device = models.BooleanField("require device to be marked as compliant", default=False)
    require_hybrid_joined_device = models.BooleanField("require hybrid Azure AD joined device", default=False)
    require_approved_app = models.BooleanField("require approved client app", default=False)
    operator = models.CharField("for multiple controls", max_length=3, choices=Operator, default=Operator.ALL)
    users = models.ManyToManyField(DirectoryUser, through="PolicyUser", related_name="access_policies")
    groups = models.ManyToManyField(Group, through="PolicyGroup", related_name="access_policies")
    created_at = models.DateTimeField(help_text="Tenant time.")
    changed_at = models.DateTimeField("last modified", help_text="Tenant time.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "conditional access policy"
        verbose_name_plural = "conditional access policies"
        indexes: ClassVar = [
            models.Index(fields=["tenant", "name_key", "id"], name="access_policies_by_name"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        """The policy's blade."""
        return reverse("access:policy", args=[self.tenant.slug, self.pk])

    @property
    def state_in_force(self) -> str:
        """The state that a sign-in meets: a policy is enabled some minutes after somebody has asked for it."""
        return self.former_state or self.state

    @property
    def version(self) -> str:
        """Another one after each change."""
        return uuid.uuid5(self.pk, self.changed_at.isoformat()).hex

    def set_derived(self) -> None:
        self.name_key = fold(self.display_name)


class PolicyUser(TenantScoped):
    """A user whom a policy is for, or is not for."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="user_links", db_index=False)
    user = models.ForeignKey(DirectoryUser, on_delete=models.CASCADE, related_name="access_policy_links")
    intent = models.CharField(max_length=7, choices=Intent)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "user", "intent"], name="one_link_per_policy_and_user"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "policy"], name="policy_users_by_policy")]

    def __str__(self) -> str:
        return f"{self.policy}: {self.get_intent_display()} {self.user}"


class PolicyGroup(TenantScoped):
    """A group whose members a policy is for, or is not for."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="group_links", db_index=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="access_policy_links")
    intent = models.CharField(max_length=7, choices=Intent)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "group", "intent"], name="one_link_per_policy_and_group"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "policy"], name="policy_groups_by_policy")]

    def __str__(self) -> str:
        return f"Conditional access policy '{self.policy}'"

    def get_absolute_url(self) -> str:
        """The blade of the policy, where the group is taken out."""
        return reverse("access:policy", args=[self.tenant.slug, self.policy_id])


class SignIn(TenantScoped):
    """One attempt to sign in to a cloud app, with what the device's record said at that moment."""

    class Status(models.TextChoices):
        SUCCESS = "success", "Success"
        FAILURE = "failure", "Failure"
        INTERRUPTED = "interrupted", "Interrupted"

    rekeyed = ("device_id",)

    occurred_at = models.DateTimeField("date", help_text="Tenant time.")
    user = models.ForeignKey(DirectoryUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="sign_ins")
    user_name = models.CharField("user", max_length=120)
    user_upn = models.CharField("username", max_length=113)
    app = models.CharField("application", max_length=40, help_text="Key in the catalogue of cloud apps.")
    status = models.CharField(max_length=11, choices=Status)
    error_code = models.PositiveIntegerField("sign-in error code", default=0)
    platform = models.CharField("operating system", max_length=10, blank=True)
    browser = models.CharField(max_length=40, blank=True)
    client_app = models.CharField(max_length=40, blank=True)
    ip_address = models.GenericIPAddressField("IP address")
    location = models.CharField(max_length=120, blank=True)
    device_id = models.UUIDField(null=True, blank=True, help_text="What the sign-in presented; null: none.")
    device_name = models.CharField(max_length=120, blank=True)
    device_compliant = models.BooleanField(null=True, blank=True, help_text="Null: not known, or no device.")
    device_managed = models.BooleanField(null=True, blank=True)
    join_type = models.CharField(max_length=10, blank=True)
    mfa_satisfied = models.BooleanField("multi-factor authentication", default=False)
    correlation_id = models.UUIDField(default=uuid.uuid4)
    simulated_by = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["-occurred_at", "-pk"]
        verbose_name = "sign-in"
        indexes: ClassVar = [
            models.Index(fields=["tenant", "occurred_at", "id"], name="sign_ins_by_time"),
            models.Index(fields=["tenant", "status", "occurred_at", "id"], name="sign_ins_by_status"),
            models.Index(fields=["tenant", "app", "occurred_at", "id"], name="sign_ins_by_app"),
            models.Index(fields=["tenant", "user", "occurred_at", "id"], name="sign_ins_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_upn} to {cloud_apps.label(self.app)}"


class SignInPolicy(TenantScoped):
    """What one conditional access policy made of one sign-in."""

    class Result(models.TextChoices):
        SUCCESS = "success", "Success"
        FAILURE = "failure", "Failure"
        NOT_APPLIED = "not_applied", "Not applied"
        DISABLED = "disabled", "Disabled"
        REPORT_SUCCESS = "report_success", "Report-only: Success"
        REPORT_FAILURE = "report_failure", "Report-only: Failure"
        REPORT_ACTION = "report_action", "Report-only: User action required"
        REPORT_NOT_APPLIED = "report_not_applied", "Report-only: Not applied"

    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="policy_results", db_index=False)
    policy = models.ForeignKey(Policy, null=True, blank=True, on_delete=models.SET_NULL, related_name="results")
    policy_name = models.CharField(max_length=256, help_text="As it was at that moment.")
    result = models.CharField(max_length=18, choices=Result)
    controls = models.JSONField(default=list, blank=True, help_text="Keys of what it demands.")
    unmet = models.JSONField(default=list, blank=True, help_text="Keys of what of it was not met.")
    condition = models.CharField(max_length=20, blank=True, help_text="The first condition that did not match.")

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["policy_name", "pk"]
        indexes: ClassVar = [models.Index(fields=["tenant", "sign_in"], name="policy_results_by_sign_in")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(policy_name=""), name="policy_results_are_named"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_name}: {self.get_result_display()}"
