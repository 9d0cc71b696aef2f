from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.management.commands._errors import tenant_of
from tenancy import clock


class Command(BaseCommand):
    help = "Move a tenant's clock forward and let happen what falls due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("--hours", type=float, default=8.0, help="how far (default: 8)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["hours"] <= 24 * 366:
            raise CommandError("The clock moves forward by more than 0 hours and by a year at most.")
        tenant = tenant_of(options["tenant"])
        clock.advance(tenant, timedelta(hours=options["hours"]))
        ran = clock.settle(tenant)
        events = "event" if ran == 1 else "events"
        self.stdout.write(f"In '{tenant.slug}' it is {tenant.now():%Y-%m-%d %H:%M} UTC; {ran} due {events} happened.")
