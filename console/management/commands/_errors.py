"""How a command refuses: one sentence on standard error, and an exit status that is not zero."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from tenancy.models import Tenant


def tenant_of(slug: str) -> Tenant:
    """The tenant `slug`. Raises CommandError where there is none."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant '{slug}'.")
    return tenant


def sentence(error: ValidationError) -> CommandError:
    """What the validation says, as a command's refusal."""
    return CommandError(" ".join(error.messages))


def check_demo_password() -> None:
    """Raise CommandError in production while nobody has chosen the demo operators' password."""
    if settings.PRODUCTION and not os.environ.get("CONSOLE_DEMO_PASSWORD"):
        raise CommandError("In production CONSOLE_DEMO_PASSWORD must be set: the demo operators sign in with it.")
