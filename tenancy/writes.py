"""How every write begins."""

from __future__ import annotations

from tenancy import roles
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission


def begin(tenant: Tenant, actor: Operator | None, permission: Permission) -> None:
    """Lock the tenant's row for this transaction and check that `actor` may do this.

    One tenant's writes take turns, so checks hold until the end and counters cannot deadlock.
    The lock leaves room for foreign keys to the tenant (FOR NO KEY UPDATE). Raises MissingPermission.
    """
    lock(tenant)
    roles.require(tenant, actor, permission)


def lock(tenant: Tenant) -> None:
    """Let this transaction be the only one that writes in `tenant` until it ends."""
    Tenant.objects.select_for_update(no_key=True).values_list("pk").get(pk=tenant.pk)
