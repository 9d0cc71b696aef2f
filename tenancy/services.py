"""Writes on operators and tenants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from tenancy import clock, journal, writes
from tenancy.models import Membership, Operator, Tenant
from tenancy.roles import ADMINISTRATORS, Permission, Role, assignable

ROLE_ASSIGNED = "Assign role"
VIEW_STARTED = "View as another role"
VIEW_ENDED = "Return to own role"
CLOCK_ADVANCED = "Move clock forward"

# What an operator decides for every directory.
PORTAL_SETTINGS = (
    "theme",
    "high_contrast",
    "single_keys",
    "page_size",
    "language",
    "regional_format",
    "start_page",
)


def change_portal_settings(operator: Operator, **settings: Any) -> None:
    """How every page looks and behaves for the operator from now on. Raises ValidationError for an unknown value.

    settings: names of PORTAL_SETTINGS to values.
    """
    for name, value in settings.items():
        if name not in PORTAL_SETTINGS:
            raise TypeError(f"{name} is no portal setting.")
        setattr(operator, name, value)
    operator.clean_fields(exclude={field.name for field in Operator._meta.fields} - set(PORTAL_SETTINGS))
    operator.save(update_fields=list(settings))


def set_nav_collapsed(operator: Operator, *, collapsed: bool) -> None:
    """The operator's left navigation stays narrow, or wide, from now on."""
    operator.nav_collapsed = collapsed
    operator.save(update_fields=["nav_collapsed"])


@transaction.atomic
def choose_columns(operator: Operator, key: str, names: Iterable[str] | None, *, known: Collection[str] = ()) -> None:
    """The operator sees the columns `names` in the list `key` from now on; None: those that everybody starts with.

    known: names of the columns that the list has. Raises ValidationError for any other.
    """
    chosen = None if names is None else list(dict.fromkeys(names))
    for name in chosen or ():
        if name not in known:
            raise ValidationError(f"This list has no column '{name}'.")
    # Two tabs may choose for two lists at once.
    columns = dict(Operator.objects.select_for_update().values_list("columns", flat=True).get(pk=operator.pk))
    columns.pop(key, None)
    if chosen is not None:
        columns[key] = chosen
    Operator.objects.filter(pk=operator.pk).update(columns=columns)
    operator.columns = columns


@transaction.atomic
def admit(*, tenant: Tenant, operator: Operator, role: Role) -> Membership:
    """`operator` may enter `tenant` with `role`; a role held or viewed as before is replaced."""
    membership, _ = Membership.objects.update_or_create(
        tenant=tenant, operator=operator, defaults={"role": role, "own_role": ""}
    )
    return membership


@transaction.atomic
def assign_role(*, tenant: Tenant, actor: Operator | None, operator: Operator, role: Role) -> None:
    """`operator`, a member of `tenant`, holds `role` from now on; a role viewed as ends with that.

    Raises ValidationError when the operator is no member or holds the role already, when the actor's own role does
    not reach so far, and when nobody would be left who may do everything; MissingPermission.
    """
    writes.begin(tenant, actor, Permission.ROLES_ASSIGN)
    membership = _membership(tenant, operator)
    if membership is None:
        raise ValidationError({"operator": f"'{operator}' is not a member of this directory any more."})
    held = membership.held_role
    _check_reach(tenant, actor, role, held)
    if role == membership.role == held:
        raise ValidationError({"operator": f"'{operator}' already has the role {role.label}."})
    if held in ADMINISTRATORS and role not in ADMINISTRATORS and not _has_administrator(tenant, besides=membership):
        raise ValidationError(
            {
                "operator": f"'{operator}' is the only administrator of this directory. Make another operator Global "
                "administrator or Intune administrator first."
            }
        )
    membership.role, membership.own_role = role, ""
    membership.save(update_fields=["role", "own_role"])
    _record_role(tenant, actor, ROLE_ASSIGNED, operator, (held, role))


@transaction.atomic
def view_as(*, tenant: Tenant, actor: Operator, role: Role) -> None:
    """`actor` may do in `tenant` what `role` may, until `end_view_as`. Raises ValidationError, MissingPermission."""
    writes.begin(tenant, actor, Permission.ROLES_ASSIGN)
    membership = actor.memberships.get(tenant=tenant)
    held, before = membership.held_role, Role(membership.role)
    if role == before:
        raise ValidationError(f"You view this directory as {role.label} already.")
    _check_reach(tenant, actor, role, held)
    membership.role = role
    membership.own_role = "" if role == held else held
    membership.save(update_fields=["role", "own_role"])
    _record_role(tenant, actor, VIEW_STARTED if membership.own_role else VIEW_ENDED, actor, (before, role))


@transaction.atomic
def end_view_as(*, tenant: Tenant, actor: Operator) -> Role:
    """`actor` has their own role again, and nothing happens where they have it already; return that role."""
    writes.lock(tenant)
    membership = actor.memberships.get(tenant=tenant)
    held, before = membership.held_role, Role(membership.role)
    if membership.own_role:
        membership.role, membership.own_role = held, ""
        membership.save(update_fields=["role", "own_role"])
        _record_role(tenant, actor, VIEW_ENDED, actor, (before, held))
    return held


def beyond_reach(own: Role, role: Role, held: Role) -> str:
    """Why somebody whose role is `own` does not give `role` to somebody who holds `held`; empty: nothing is wrong."""
    if not {role, held} - assignable(own):
        return ""
    return f"Your role {own.label} assigns the built-in roles of Intune alone, to operators who hold one of them."


def _check_reach(tenant: Tenant, actor: Operator | None, role: Role, held: Role) -> None:
    if actor is None:
        return
    own = Role(actor.memberships.values_list("role", flat=True).get(tenant=tenant))
    sentence = beyond_reach(own, role, held)
    if sentence:
        raise ValidationError(sentence, code="reach")


def _membership(tenant: Tenant, operator: Operator) -> Membership | None:
    return Membership.objects.filter(tenant=tenant, operator=operator).first()


def _has_administrator(tenant: Tenant, *, besides: Membership) -> bool:
    others = Membership.objects.filter(tenant=tenant, operator__is_active=True).exclude(pk=besides.pk)
    return others.filter(
        Q(own_role__in=ADMINISTRATORS) | Q(own_role="", role__in=ADMINISTRATORS),
    ).exists()


def _record_role(
    tenant: Tenant, actor: Operator | None, activity: str, operator: Operator, roles: tuple[Role, Role]
) -> None:
    """roles: the one before and the one after."""
    before, after = roles
    journal.record(
        tenant=tenant,
        actor=actor,
        category="Role",
        activity=activity,
        target=operator,
        old={"Role": before.label},
        new={"Role": after.label},
    )


@transaction.atomic
def change_training_settings(
    *, tenant: Tenant, actor: Operator | None, document_mode: str, propagation: str, vocabulary: str = ""
) -> None:
    """Decide how the tenant behaves; journalled with what changed. Raises ValidationError, MissingPermission."""
    writes.begin(tenant, actor, Permission.TENANT_SETTINGS)
    before = _behaviour(tenant)
    tenant.document_mode = document_mode
    tenant.propagation = propagation
    tenant.vocabulary = vocabulary or tenant.vocabulary
    tenant.full_clean()
    after = _behaviour(tenant)
    changed = {label for label in before if before[label] != after[label]}
    if not changed:
        return
    tenant.save(update_fields=["document_mode", "propagation", "vocabulary"])
    if tenant.is_instant:
        clock.bring_forward(tenant)  # what waits happens at the next request, or by `settle`
    journal.record(
        tenant=tenant,
        actor=actor,
        category="Training",
        activity="Update training settings",
        target=tenant,
        old={label: before[label] for label in before if label in changed},
        new={label: after[label] for label in after if label in changed},
    )


def advance_clock(*, tenant: Tenant, actor: Operator | None, by: timedelta | None) -> int:
    """Move the tenant's time forward, let happen what falls due, and return how many events ran.

    by: how far; None: to the next due event. A training control: every member of the tenant may use it.
    Raises ValidationError where there is no next event.
    """
    with transaction.atomic():
        writes.lock(tenant)
        before = tenant.now()
        if by is not None:
            clock.advance(tenant, by)
        elif not clock.advance_to_next(tenant):
            raise ValidationError("Nothing is due in this directory, so there is no next event to go to.")
        journal.record(
            tenant=tenant,
            actor=actor,
            category="Training",
            activity=CLOCK_ADVANCED,
            target=tenant,
            old={"Time in this directory": _moment(before)},
            new={"Time in this directory": _moment(tenant.now())},
        )
    return clock.settle(tenant)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _behaviour(tenant: Tenant) -> dict[str, str]:
    return {
        "Document mode": tenant.get_document_mode_display(),
        "Changes take effect": tenant.get_propagation_display(),
        "Vocabulary": tenant.get_vocabulary_display(),
    }
