from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tenancy import clock
from tenancy.models import DueEvent, Tenant


class Command(BaseCommand):
    help = "Let happen what is due in every tenant; for tenants that nobody opens."

    def handle(self, *args: Any, **options: Any) -> None:
        ran = tenants = 0
        for tenant in Tenant.objects.exclude(kind=Tenant.Kind.TEMPLATE).order_by("pk"):
            if clock.is_due(tenant):
                tenants += 1
                ran += clock.settle(tenant)
        self.stdout.write(f"{ran} due {'event' if ran == 1 else 'events'} in {tenants} "
                          f"{'tenant' if tenants == 1 else 'tenants'}.")  # fmt: skip
        parked = DueEvent.unscoped.filter(parked_at__isnull=False).count()  # of all tenants, on purpose
        if parked:
            self.stderr.write(f"{parked} due {'event' if parked == 1 else 'events'} failed earlier and stay parked.")
