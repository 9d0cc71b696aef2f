"""Where the things that the journal names can be looked at. The apps above say so, because this one lies below them."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import resolve, reverse

from tenancy.http import permission_of
from tenancy.models import JournalEntry, Membership
from tenancy.scoping import TenantScoped


class Place(NamedTuple):
    """view: URL name of the blade of one row; its key is the argument after the tenant."""

    model: type[TenantScoped]
    view: str


_places: dict[str, Place] = {}


def register(model: type[TenantScoped], view: str) -> None:
    """Entries about rows of `model` lead to `view`."""
    _places[str(model._meta.verbose_name)] = Place(model, view)


def registered() -> dict[str, Place]:
    """Every place by the target type of the journal."""
    return dict(_places)


def address(entry: JournalEntry, membership: Membership) -> str:
    """The blade of what `entry` is about; empty: it is gone, has none, or is closed to the operator's role."""
    place = _places.get(entry.target_type)
    if place is None or entry.target_id is None:
        return ""
    url = reverse(place.view, args=[membership.tenant.slug, entry.target_id])
    permission = permission_of(resolve(url).func)
    if permission is not None and not membership.may(permission):
        return ""
    there = place.model.objects.in_tenant(membership.tenant).filter(pk=entry.target_id).exists()
    return url if there else ""
