from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.management.commands._errors import tenant_of
from tenancy import cloning


class Command(BaseCommand):
    help = "Forget what was done in a tenant: it gets the rows and the clock of its template. Memberships stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="slug of the tenant")
        parser.add_argument("--template", required=True, help="slug of the tenant that it becomes a copy of")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant, template = tenant_of(options["slug"]), tenant_of(options["template"])
        if tenant.pk == template.pk:
            raise CommandError("A tenant cannot be its own template. Use another one, or `seed --reset`.")
        cloning.reset_tenant(tenant, template)
        self.stdout.write(f"'{tenant.slug}' is a fresh copy of '{template.slug}'.")
