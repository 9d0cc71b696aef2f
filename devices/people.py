"""What devices repeat of their primary user follows when the user is renamed or deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from devices import bulk, services
from devices.models import ManagedDevice
from devices.subscriptions import AUTHORITY_CHANGE, AUTHORITY_DELAY, USER_GONE, USER_RENAMED
from directory.models import DirectoryUser
from tenancy import clock
from tenancy.models import Tenant
from tenancy.scoping import fold


@clock.handler(USER_RENAMED, label="Devices show the new name of their user")
def user_renamed(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """The devices of the user show the user's present name."""
    user = DirectoryUser.objects.in_tenant(tenant).filter(pk=subject_id).first()
    if user is not None:
        devices = ManagedDevice.objects.in_tenant(tenant).filter(primary_user=user).exclude(user_upn=user.upn)
        _show(tenant, devices, user.upn)


@clock.handler(USER_GONE, label="Devices no longer name a user who is gone")
def user_gone(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """The devices that name a user who is gone name nobody any more, and in time their partner lets go of them."""
    orphans = ManagedDevice.objects.in_tenant(tenant).filter(
        primary_user__isnull=True, user_upn_key=fold(payload["upn"])
    )
    assigned = orphans.exclude(authority=None).exists()
    _show(tenant, orphans, "")
    if assigned:
        clock.schedule(tenant, AUTHORITY_CHANGE, delay=timedelta(0) if tenant.is_instant else AUTHORITY_DELAY)


def _show(tenant: Tenant, devices: QuerySet[ManagedDevice, ManagedDevice], upn: str) -> None:
    """`devices` name `upn` as their primary user, in the list and in its search."""
    keys = list(devices.order_by().values_list("pk", flat=True))
    for some in bulk.chunks(keys):
        ManagedDevice.objects.among(tenant, some).update(user_upn=upn, user_upn_key=fold(upn))
    services.refresh_search_texts(tenant, keys)
