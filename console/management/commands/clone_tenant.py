from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from console.management.commands._errors import sentence, tenant_of
from tenancy import cloning, services
from tenancy.models import Tenant


class Command(BaseCommand):
    help = "Make a new tenant with copies of everything in another one. Who may enter the other may enter it, too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("template", help="slug of the tenant to copy")
        parser.add_argument("slug", help="slug of the new tenant")
        parser.add_argument("--name", default="", help="display name of the new tenant (default: the template's)")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        template = tenant_of(options["template"])
        if Tenant.objects.filter(slug=options["slug"]).exists():
            raise CommandError(f"The tenant '{options['slug']}' exists. Choose another slug.")
        try:
            tenant = cloning.clone_tenant(template, slug=options["slug"], display_name=options["name"] or None)
        except ValidationError as error:
            raise sentence(error) from None
        for membership in template.memberships.select_related("operator"):
            services.admit(tenant=tenant, operator=membership.operator, role=membership.held_role)
        kind = Tenant.Kind(tenant.kind).label.lower()
        self.stdout.write(f"{tenant.display_name} is ready: {kind} '{tenant.slug}', a copy of '{template.slug}'.")
