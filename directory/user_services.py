"""Writes on the people of the simulated Azure AD."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from directory import activities
from directory.models import DirectoryDevice, DirectoryUser, Licence
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission
from tenancy.scoping import fold

# What can be edited, and what the journal calls it.
LABELS = {
    "display_name": "Name",
    "upn": "User name",
    "given_name": "First name",
    "surname": "Last name",
    "job_title": "Job title",
    "department": "Department",
    "city": "City",
    "country": "Country or region",
    "usage_location": "Usage location",
    "account_enabled": "Account enabled",
}

DELETED_MEANWHILE = "The user has been deleted meanwhile."
NO_USAGE_LOCATION = "License cannot be assigned to a user without a usage location specified."
LONGEST_LOCAL_PART = 64

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#^~_'-]+(\.[A-Za-z0-9!#^~_'-]+)*")


def check_upn(tenant: Tenant, upn: str) -> str:
    """`upn`, stripped. Raises ValidationError unless it is a user principal name in the tenant's domain."""
    upn = upn.strip()
    local, at, domain = upn.rpartition("@")
    if not at or fold(domain) != fold(tenant.default_domain):
        raise ValidationError({"upn": f"Enter a user name in the domain {tenant.default_domain}."})
    if len(local) > LONGEST_LOCAL_PART:
        raise ValidationError({"upn": f"Enter at most {LONGEST_LOCAL_PART} characters before the @."})
    if not _LOCAL_PART.fullmatch(local):
        raise ValidationError({
            "upn": "Enter a user name of letters, digits and . - _ ! # ^ ~ ' alone; it cannot begin or end with a dot."
        })  # fmt: skip
    return upn


@transaction.atomic
def create_user(*, tenant: Tenant, actor: Operator | None, display_name: str, upn: str, **values: Any) -> DirectoryUser:
    """Add a user. values: further fields of LABELS.

    Raises ValidationError for a user name that is taken or not in the tenant's domain.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    user = DirectoryUser(tenant=tenant, created_at=tenant.now())
    _fill(user, {"display_name": display_name, "upn": check_upn(tenant, upn), **values})
    user.save(force_insert=True)
    journal.record(
        tenant=tenant,
        actor=actor,
        category=activities.USER_MANAGEMENT,
        activity=activities.USER_ADDED,
        target=user,
        new={label: value for label, value in _values(user).items() if value != ""},
    )
    return user


@transaction.atomic
def update_user(*, tenant: Tenant, actor: Operator | None, user: DirectoryUser, **values: Any) -> DirectoryUser:
    """The fields in `values` are changed, and what repeats the user's names follows.

    Raises ValidationError as `create_user`, and for a user who is gone.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    current: DirectoryUser | None = DirectoryUser.objects.in_tenant(tenant).filter(pk=user.pk).first()
    if current is None:
        raise ValidationError(DELETED_MEANWHILE)
    old = _values(current)
    if "upn" in values and values["upn"].strip() != current.upn:
        values["upn"] = check_upn(tenant, values["upn"])
    _fill(current, values)
    new = _values(current)
    changed = [label for label in old if new[label] != old[label]]
    if not changed:
        return current
    if new["Usage location"] == "" and "Usage location" in changed and current.licences.exists():
        raise ValidationError({"usage_location": "Remove the user's licenses before the usage location."})
    current.save()
    if LABELS["display_name"] in changed:
        owned = DirectoryDevice.objects.in_tenant(tenant).filter(owner=current)
        owned.update(owner_key=fold(current.display_name))
    journal.record(
        tenant=tenant,
        actor=actor,
        category=activities.USER_MANAGEMENT,
        activity=activities.USER_UPDATED,
        target=current,
        old={label: old[label] for label in changed},
        new={label: new[label] for label in changed},
    )
    return current


@transaction.atomic
def delete_users(*, tenant: Tenant, actor: Operator | None, users: Collection[DirectoryUser]) -> int:
    """`users` are gone, with their memberships, ownerships and licences; return how many were still there.

    Devices lose their owner here, and their primary user because they follow the journal.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    there = list(DirectoryUser.objects.among(tenant, [user.pk for user in users]))
    DirectoryDevice.objects.among(tenant, there, "owner").update(owner=None, owner_key="")
    DirectoryUser.objects.among(tenant, [user.pk for user in there]).delete()
    for user in there:
        journal.record(
            tenant=tenant,
            actor=actor,
            category=activities.USER_MANAGEMENT,
            activity=activities.USER_DELETED,
            target=user,
            old={label: value for label, value in _values(user).items() if value != ""},
            payload={"upn": user.upn},
        )
    return len(there)


@transaction.atomic
def set_licences(*, tenant: Tenant, actor: Operator | None, user: DirectoryUser, skus: Collection[str]) -> bool:
    """`user` has the products `skus` and no others; return whether that changed anything.

    Raises ValidationError for a user without usage location, as the real product does, and for one who is gone.
    """
    writes.begin(tenant, actor, Permission.DIRECTORY_UPDATE)
    current: DirectoryUser | None = DirectoryUser.objects.in_tenant(tenant).filter(pk=user.pk).first()
    if current is None:
        raise ValidationError(DELETED_MEANWHILE)
    had = set(current.licences.values_list("sku", flat=True))
    wanted = {Licence.Sku(sku).value for sku in skus}
    if wanted == had:
        return False
    if wanted - had and not current.usage_location:
        raise ValidationError(NO_USAGE_LOCATION)
    Licence.objects.in_tenant(tenant).filter(user=current, sku__in=had - wanted).delete()
    Licence.objects.bulk_create(Licence(tenant=tenant, user=current, sku=sku) for sku in sorted(wanted - had))
    journal.record(
        tenant=tenant,
        actor=actor,
        category=activities.USER_MANAGEMENT,
        activity=activities.LICENSE_CHANGED,
        target=current,
        old={"Licenses": _products(had)},
        new={"Licenses": _products(wanted)},
    )
    return True


def _fill(user: DirectoryUser, values: dict[str, Any]) -> None:
    unknown = values.keys() - LABELS.keys()
    if unknown:
        raise TypeError(f"A user has no {', '.join(sorted(unknown))}.")
    for name, value in values.items():
        setattr(user, name, value.strip() if isinstance(value, str) else value)
    user.usage_location = user.usage_location.upper()
    user.set_derived()
    user.full_clean()


def _values(user: DirectoryUser) -> dict[str, Any]:
    found = {label: getattr(user, name) for name, label in LABELS.items()}
    found["Account enabled"] = "Yes" if user.account_enabled else "No"
    return found


def _products(skus: Collection[str]) -> list[str]:
    return [str(sku.label) for sku in Licence.Sku if sku.value in skus]
