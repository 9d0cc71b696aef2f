from __future__ import annotations

import textwrap
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.management.commands._errors import sentence, tenant_of
from labs import catalogue, services
from labs.models import Injection
from tenancy import clock


class Command(BaseCommand):
    help = "Put an incident into a tenant, to be found and healed there; print its ticket and where to look."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", nargs="?", help="slug of the tenant")
        parser.add_argument("incident", nargs="?", help="key or number of the incident, as --list shows them")
        parser.add_argument("--list", action="store_true", help="list the incidents")
        parser.add_argument("--status", action="store_true", help="say which incidents of the tenant are healed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            incidents = catalogue.incidents().values()
            lines = [f"{incident.number:>2}  {incident.key:<26}  {incident.title}" for incident in incidents]
            self.stdout.write("\n".join(lines))
            return
        if not options["tenant"]:
            raise CommandError("Name a tenant and an incident, or use --list.")
        tenant = tenant_of(options["tenant"])
        if options["status"]:
            clock.settle(tenant)
            found = services.injections(tenant)
            for injection in found:
                self.stdout.write(_line(injection))
            if not found:
                self.stdout.write(f"No incident was ever put into '{tenant.slug}'.")
            return
        if not options["incident"]:
            raise CommandError("Name an incident, or use --list to see them, or --status to see those of the tenant.")
        try:
            injection = services.inject(tenant=tenant, actor=None, key=catalogue.key_of(options["incident"]))
        except ValidationError as error:
            raise sentence(error) from None
        self._tell(injection)

    def _tell(self, injection: Injection) -> None:
        incident = catalogue.incidents()[injection.incident]
        self.stdout.write(f"{injection} is in '{injection.tenant.slug}'. The ticket:\n\n")
        self.stdout.write(textwrap.indent(textwrap.fill(injection.ticket, 76), "    "))
        self.stdout.write(f"\nIts effect shows: {incident.shows}\nWhere to look:\n")
        for symptom in incident.symptoms:
            self.stdout.write(f"  - {symptom.screen}\n")


def _line(injection: Injection) -> str:
    words = injection.get_status_display().lower()
    when = f" since {injection.ended_at:%Y-%m-%d %H:%M} UTC" if injection.ended_at else ""
    return f"{catalogue.incidents()[injection.incident].number:>2}  {injection.incident:<26}  {words}{when}"
