from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from console.management.commands._errors import tenant_of
from partners import catalogue, connections


class Command(BaseCommand):
    help = "Make a token of the partner API, and print it: it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("partner", choices=list(catalogue.partners()))
        parser.add_argument("--name", default="Command line", help="what it is called (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options["tenant"])
        partner = catalogue.partners()[options["partner"]]
        try:
            made = connections.create_token(tenant=tenant, actor=None, partner=partner, name=options["name"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(made.text)
