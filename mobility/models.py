from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import reverse

from directory.models import Group
from tenancy.scoping import SortKeyField, TenantScoped, fold


class UserScope(models.TextChoices):
    """Whose devices an application enrols; the values are Microsoft Graph's."""

    NONE = "none", "None"
    SELECTED = "selected", "Some"
    ALL = "all", "All"


def validate_https_url(value: str) -> None:
    """Raise ValidationError unless `value` is an absolute https address without a user name in it."""
    if not value.lower().startswith("https://"):
        raise ValidationError("Enter a URL that starts with https://.")
    try:
        URLValidator(schemes=["https"])(value)
        named = urlsplit(value).username is not None
    except (ValueError, ValidationError):
        named = True
    if named:
        raise ValidationError("Enter a valid URL, for example https://mdm.kestrel.example/terms.")


class MobilityApplication(TenantScoped):
    """An MDM or MAM application that was added to the tenant's Azure AD."""

    gallery_key = models.CharField(max_length=40, help_text="Key in the gallery, a data file.")
    display_name = models.CharField("name", max_length=120)
    name_key = SortKeyField(max_length=160, editable=False)
    mdm_user_scope = models.CharField("MDM user scope", max_length=8, choices=UserScope, default=UserScope.NONE)
    mdm_terms_of_use_url = models.CharField(
        "MDM terms of use URL", max_length=400, blank=True, validators=[validate_https_url]
    )
    mdm_discovery_url = models.CharField(
        "MDM discovery URL", max_length=400, blank=True, validators=[validate_https_url]
    )
    mdm_compliance_url = models.CharField(
        "MDM compliance URL", max_length=400, blank=True, validators=[validate_https_url]
    )
    mam_user_scope = models.CharField("MAM User scope", max_length=8, choices=UserScope, default=UserScope.NONE)
    mam_terms_of_use_url = models.CharField(
        "MAM Terms of use URL", max_length=400, blank=True, validators=[validate_https_url]
    )
    mam_discovery_url = models.CharField(
        "MAM Discovery URL", max_length=400, blank=True, validators=[validate_https_url]
    )
    mam_compliance_url = models.CharField(
        "MAM Compliance URL", max_length=400, blank=True, validators=[validate_https_url]
    )
    added_at = models.DateTimeField(help_text="Tenant time.")

    derived = ("name_key",)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["name_key", "pk"]
        verbose_name = "mobility application"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "name_key"],
                name="one_mobility_application_per_name",
                violation_error_message="An application with this name has already been added.",
            ),
            models.CheckConstraint(
                condition=models.Q(mdm_user_scope__in=UserScope.values, mam_user_scope__in=UserScope.values),
                name="mobility_scopes_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def set_derived(self) -> None:
        self.name_key = fold(self.display_name)


class MobilityScopeGroup(TenantScoped):
    """A group whose members one of an application's two user scopes covers."""

    class Scope(models.TextChoices):
        MDM = "mdm", "MDM user scope"
        MAM = "mam", "MAM User scope"

    application = models.ForeignKey(
        MobilityApplication, on_delete=models.CASCADE, related_name="scope_groups", db_index=False
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="mobility_scopes")
    scope = models.CharField(max_length=3, choices=Scope)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "scope", "group"], name="one_group_per_application_and_scope"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "application"], name="scope_groups_by_application")]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} of {self.application}"

    def get_absolute_url(self) -> str:
        """Where the scope is edited."""
        return reverse("mobility:application-configure", args=[self.tenant.slug, self.application_id])
