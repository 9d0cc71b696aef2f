from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from console import services
from console.management.commands._errors import sentence, tenant_of
from tenancy import cloning


class Command(BaseCommand):
    help = "Forget what was done in a tenant: it becomes a copy of its template, or is the demo anew. Memberships stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="slug of the tenant")
        parser.add_argument("--template", help="slug of the tenant that it becomes a copy of, now and at later resets")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options["slug"])
        if options["template"]:
            template = tenant_of(options["template"])
            if tenant.pk == template.pk:
                raise CommandError("A tenant cannot be its own template. Use another one, or leave --template out.")
            with transaction.atomic():
                tenant.template = template
                tenant.save(update_fields=["template"])
                cloning.reset_tenant(tenant, template)
        else:
            try:
                services.reset_tenant(tenant=tenant, actor=None)
            except ValidationError as error:
                raise sentence(error) from None
        made = f"is a fresh copy of '{tenant.template.slug}'" if tenant.template else "is made anew"
        self.stdout.write(f"'{tenant.slug}' {made}.")
