"""Writes on a whole tenant."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from console.demo import tenant as demo
from console.queries import device_total
from tenancy import cloning, journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission

TENANT_RESET = "Reset directory"
LARGEST = 5_000  # devices that are made anew while somebody waits for the page


def reset_obstacle(tenant: Tenant) -> str:
    """Why `tenant` cannot be reset at all; empty: it can."""
    if tenant.template is not None or tenant.kind == Tenant.Kind.DEMO:
        return ""
    return (
        "This directory is neither a demo nor a copy of another one, so nothing says what it was like at first. "
        f"Whoever runs the console can name a template: manage.py reset_tenant {tenant.slug} --template …"
    )


def reset_size(tenant: Tenant) -> int:
    """How many devices a reset deletes or makes, whichever is more."""
    enrolled = device_total(tenant)
    if tenant.template is not None:
        return max(enrolled, device_total(tenant.template))
    return max(enrolled, demo.devices_of(tenant, enrolled))


def reset_tenant(*, tenant: Tenant, actor: Operator | None) -> Tenant:
    """Forget everything that was done in `tenant`, and return it as it was at first, with one entry that says so.

    A copy gets what its template has now, a demo is made anew. Memberships and training settings stay.
    Raises ValidationError when there is nothing to go back to; MissingPermission.
    """
    with demo.room_to_write(), transaction.atomic():
        writes.begin(tenant, actor, Permission.TENANT_SETTINGS)
        obstacle = reset_obstacle(tenant)
        if obstacle:
            raise ValidationError(obstacle)
        if tenant.template is not None:
            cloning.reset_tenant(tenant, tenant.template)
            fresh = tenant
        else:
            fresh = demo.remake(tenant, devices=demo.devices_of(tenant, device_total(tenant)))
        journal.record(tenant=fresh, actor=actor, category="Training", activity=TENANT_RESET, target=fresh)
    return fresh
