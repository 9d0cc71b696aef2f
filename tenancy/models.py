from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from blades.vocabulary import say_lazy
from tenancy.roles import GRANTS, Permission, Role
from tenancy.scoping import Derived, TenantManager, TenantScoped

__all__ = [
    "Derived",
    "DueEvent",
    "JournalEntry",
    "Membership",
    "Operator",
    "Tenant",
    "TenantManager",
    "TenantScoped",
]


class OperatorManager(BaseUserManager["Operator"]):
    """Operators sign in with their e-mail address, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> Operator:
        """Create an operator; without a password nobody can sign in as it."""
        operator = self.model(email=email.strip().lower(), **values)
        operator.set_password(password)
        operator.save(using=self._db)
        return operator

    def create_superuser(self, *args: Any, **values: Any) -> NoReturn:
        """Refused in a sentence, for the command createsuperuser that Django brings along."""
        raise ValidationError("Nobody stands above the roles of a tenant. Use `manage.py operator`.")

    def get_by_natural_key(self, username: str | None) -> Operator:
        return self.get(email=(username or "").strip().lower())


class Operator(AbstractBaseUser):
    """The real person who signs in: a trainee, an instructor, or a run."""

    class Theme(models.TextChoices):
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class PageSize(models.IntegerChoices):
        TWENTY_FIVE = 25, "25"
        FIFTY = 50, "50"
        HUNDRED = 100, "100"

    class Language(models.TextChoices):
        """What screen readers speak; the labels are those of the English product either way."""

        EN_US = "en-US", "English (United States)"
        EN_GB = "en-GB", "English (United Kingdom)"

    class RegionalFormat(models.TextChoices):
        """How dates and times are written."""

        EN_US = "en-US", "English (United States)"
        EN_GB = "en-GB", "English (United Kingdom)"
        DE = "de-DE", "German (Germany)"
        ISO = "iso", "ISO 8601"

    class StartPage(models.TextChoices):
        """The blade that a directory opens on."""

        HOME = "home", "Home"
        ALL_SERVICES = "all_services", "All services"
        ALL_DEVICES = "all_devices", "Endpoint security > All devices"
        DIRECTORY = "directory", say_lazy("Azure Active Directory")

    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.LIGHT)
    high_contrast = models.BooleanField(default=False, help_text="The theme in its high-contrast form.")
    nav_collapsed = models.BooleanField(default=False)
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    page_size = models.PositiveSmallIntegerField(choices=PageSize, default=PageSize.FIFTY, help_text="Rows of a list.")
    language = models.CharField(max_length=5, choices=Language, default=Language.EN_US)
    regional_format = models.CharField(max_length=5, choices=RegionalFormat, default=RegionalFormat.EN_US)
    start_page = models.CharField(max_length=20, choices=StartPage, default=StartPage.HOME)
    columns = models.JSONField(
        default=dict, blank=True, help_text="Key of a list to the names of its columns, where they were chosen."
    )

    objects = OperatorManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    def __str__(self) -> str:
        return self.email

    @property
    def initials(self) -> str:
        """Two letters for the round picture in the header."""
        words = self.display_name.split() or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])).upper()


class Tenant(models.Model):
    """One directory to practise in. Its key is an integer, so that composite indexes stay small."""

    class Kind(models.TextChoices):
        DEMO = "demo", "Demo"
        SANDBOX = "sandbox", "Sandbox"
        TEMPLATE = "template", "Template"

    class DocumentMode(models.TextChoices):
        AS_WRITTEN = "as_written", "As written (2020)"
        AS_IT_WORKS = "as_it_works", "As it works"

    class Propagation(models.TextChoices):
        REAL = "real", "With the delays of the real product"
        INSTANT = "instant", "At once"

    class Vocabulary(models.TextChoices):
        Y2020 = "2020", "2020: Azure AD and Endpoint Manager"
        TODAY = "today", "Today: Entra ID and Intune admin center"

    slug = models.SlugField(max_length=40, unique=True)
    display_name = models.CharField(max_length=120)
    default_domain = models.CharField(
        max_length=120, validators=[RegexValidator(r"^[a-z0-9.-]+\.example$", "Enter a domain that ends in .example.")]
    )
    directory_id = models.UUIDField(default=uuid.uuid4, editable=False, help_text="Azure AD's tenant ID.")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SANDBOX)
    document_mode = models.CharField(max_length=12, choices=DocumentMode, default=DocumentMode.AS_WRITTEN)
    propagation = models.CharField(max_length=8, choices=Propagation, default=Propagation.REAL)
    vocabulary = models.CharField(max_length=5, choices=Vocabulary, default=Vocabulary.Y2020)
    created_at = models.DateTimeField(default=timezone.now)
    clock_start = models.DateTimeField(default=timezone.now, help_text="What the tenant's clock said at its creation.")
    clock_skipped = models.DurationField(default=timedelta(0))
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    pulsed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until when everything that moves by itself has moved."
    )
    template = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="What it is a copy of."
    )
    demo_devices = models.PositiveIntegerField(
        default=0, help_text="How many devices a demo was made with, and is made with again."
    )

    # While due events are settled, the clock of this instance stands at the event's own time.
    settling_at: datetime | None = None

    def __str__(self) -> str:
        return self.display_name

    def now(self) -> datetime:
        """The tenant's time: start, plus real time since creation, plus what was skipped.

        A template's clock stands still, so that every clone starts at the same moment.
        """
        if self.settling_at is not None:
            return self.settling_at
        lived = timedelta(0) if self.kind == self.Kind.TEMPLATE else timezone.now() - self.created_at
        return (self.clock_start + lived + self.clock_skipped).astimezone(UTC)

    @property
    def is_instant(self) -> bool:
        """Whether changes take effect at once."""
        return self.propagation == self.Propagation.INSTANT

    @property
    def follows_document(self) -> bool:
        """Whether the tenant behaves as the 2020 document is written."""
        return self.document_mode == self.DocumentMode.AS_WRITTEN


class Membership(models.Model):
    """An operator's simulated admin role in a tenant."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=40, choices=Role, default=Role.INTUNE_ADMINISTRATOR)
    own_role = models.CharField(
        max_length=40, choices=Role, blank=True, help_text="The role to return to while viewing as another one."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operator", "tenant"], name="one_role_per_operator_and_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.role_label} in {self.tenant}"

    @property
    def role_label(self) -> str:
        """The role's name on screen."""
        return Role(self.role).label

    @property
    def held_role(self) -> Role:
        """The operator's own role, whatever is being viewed as at the moment."""
        return Role(self.own_role or self.role)

    def may(self, permission: Permission) -> bool:
        """Whether the role grants `permission`."""
        return permission in GRANTS[Role(self.role)]


class JournalEntry(TenantScoped):
    """One write: who did what to what, and when. Append-only."""

    class Source(models.TextChoices):
        PORTAL = "portal", "Portal"
        CLOCK = "clock", "Clock"
        COMMAND = "command", "Command"
        SEED = "seed", "Seed"
        PARTNER = "partner", "Partner"

    rekeyed = ("target_id",)

    recorded_at = models.DateTimeField(default=timezone.now, help_text="Real time.")
    occurred_at = models.DateTimeField(help_text="Tenant time.")
    actor = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=254)
    source = models.CharField(max_length=8, choices=Source)
    request_id = models.CharField(max_length=32, blank=True)
    category = models.CharField(max_length=40)
    activity = models.CharField(max_length=80)
    target_type = models.CharField(max_length=40)
    target_id = models.UUIDField(null=True, blank=True)
    target_name = models.CharField(max_length=254)
    old_values = models.JSONField(default=dict, blank=True)
    new_values = models.JSONField(default=dict, blank=True)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["-occurred_at", "-recorded_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "occurred_at", "recorded_at", "id"], name="journal_by_time"),
            models.Index(fields=["tenant", "target_id", "occurred_at"], name="journal_by_target"),
            models.Index(
                fields=["tenant", "category", "activity", "occurred_at", "recorded_at", "id"],
                name="journal_by_activity",
            ),
            models.Index(fields=["tenant", "actor_name", "occurred_at", "recorded_at", "id"], name="journal_by_actor"),
        ]
        verbose_name_plural = "journal entries"

    def __str__(self) -> str:
        return f"{self.activity}: {self.target_name}"


class DueEvent(TenantScoped):
    """Something that will happen at a moment of the tenant's clock.

    `payload` holds plain values and no ids; the row it is about stands in `subject_id`.
    """

    rekeyed = ("subject_id",)

    kind = models.CharField(max_length=60)
    due_at = models.DateTimeField(help_text="Tenant time.")
    subject_id = models.UUIDField(null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True, help_text="When it failed; it is not tried again.")
    error = models.TextField(blank=True)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["due_at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "due_at", "id"], name="due_events", condition=models.Q(parked_at__isnull=True)
            ),
            models.Index(fields=["tenant", "parked_at"], name="parked_events"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.due_at:%Y-%m-%d %H:%M}"
