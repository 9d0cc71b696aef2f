"""Writes on operators and tenants."""

from __future__ import annotations

from django.db import transaction

from tenancy import journal, writes
from tenancy.models import Membership, Operator, Tenant
from tenancy.roles import Permission, Role


def set_theme(operator: Operator, theme: str) -> None:
    """The operator sees every page in `theme` from now on. Raises ValueError for an unknown one."""
    operator.theme = Operator.Theme(theme)
    operator.save(update_fields=["theme"])


def set_nav_collapsed(operator: Operator, *, collapsed: bool) -> None:
    """The operator's left navigation stays narrow, or wide, from now on."""
    operator.nav_collapsed = collapsed
    operator.save(update_fields=["nav_collapsed"])


@transaction.atomic
def admit(*, tenant: Tenant, operator: Operator, role: Role) -> Membership:
    """`operator` may enter `tenant` with `role`; a role held before is replaced."""
    membership, _ = Membership.objects.update_or_create(tenant=tenant, operator=operator, defaults={"role": role})
    return membership


@transaction.atomic
def change_training_settings(*, tenant: Tenant, actor: Operator | None, document_mode: str, propagation: str) -> None:
    """Decide how the tenant behaves; journalled with what changed. Raises ValidationError, MissingPermission."""
    writes.begin(tenant, actor, Permission.TENANT_SETTINGS)
    before = {"Document mode": tenant.get_document_mode_display(), "Changes take effect": _propagation(tenant)}
    tenant.document_mode = document_mode
    tenant.propagation = propagation
    tenant.full_clean()
    after = {"Document mode": tenant.get_document_mode_display(), "Changes take effect": _propagation(tenant)}
    changed = {label for label in before if before[label] != after[label]}
    if not changed:
        return
    tenant.save(update_fields=["document_mode", "propagation"])
    journal.record(
        tenant=tenant,
        actor=actor,
        category="Training",
        activity="Update training settings",
        target=tenant,
        old={label: before[label] for label in before if label in changed},
        new={label: after[label] for label in after if label in changed},
    )


def _propagation(tenant: Tenant) -> str:
    return tenant.get_propagation_display()
