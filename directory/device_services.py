"""Writes on Azure AD's device records. Intune's own record of a device is another one, and stays as it is."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from directory.models import DirectoryDevice
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission

DEVICE_UPDATED = "Update device"
DEVICE_DELETED = "Delete device"
# As many as one page of the list can hold.
MOST_AT_ONCE = 100
GONE = "The selected devices no longer exist. Refresh the list, then try again."


@transaction.atomic
def set_enabled(*, tenant: Tenant, actor: Operator | None, ids: Collection[UUID], enabled: bool) -> list[str]:
    """The devices among `ids` can authenticate with Azure AD, or can not; return the names of those that changed.

    Raises ValidationError for none or too many ids, and when none of them exists.
    Source: Azure AD docs, "Manage device identities", Enable or disable a device.
    """
    records = _lock(tenant, actor, ids)
    changed = [record for record in records if record.enabled != enabled]
    for record in changed:
        record.enabled = enabled
    DirectoryDevice.objects.among(tenant, [record.pk for record in changed]).update(enabled=enabled)
    for record in changed:
        journal.record(
            tenant=tenant,
            actor=actor,
            category="Device",
            activity=DEVICE_UPDATED,
            target=record,
            old={"Enabled": _yes_no(not enabled)},
            new={"Enabled": _yes_no(enabled)},
        )
    return [record.display_name for record in changed]


@transaction.atomic
def delete_devices(*, tenant: Tenant, actor: Operator | None, ids: Collection[UUID]) -> list[str]:
    """The records among `ids` are gone for good; return their names. Raises as `set_enabled`.

    Source: Azure AD docs, "Manage device identities", Delete a device.
    """
    records = _lock(tenant, actor, ids)
    DirectoryDevice.objects.among(tenant, [record.pk for record in records]).delete()
    for record in records:
        journal.record(
            tenant=tenant,
            actor=actor,
            category="Device",
            activity=DEVICE_DELETED,
            target=record,
            old={
                "Name": record.display_name,
                "Join type": record.get_join_type_display(),
                "Enabled": _yes_no(record.enabled),
            },
        )
    return [record.display_name for record in records]


def _lock(tenant: Tenant, actor: Operator | None, ids: Collection[UUID]) -> list[DirectoryDevice]:
    writes.begin(tenant, actor, Permission.DIRECTORY_DEVICES_MODIFY)
    if not ids:
        raise ValidationError("Select at least one device.")
    if len(ids) > MOST_AT_ONCE:
        raise ValidationError(f"Select at most {MOST_AT_ONCE} devices.")
    records = list(DirectoryDevice.objects.among(tenant, ids))
    if not records:
        raise ValidationError(GONE)
    return records


def _yes_no(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "Yes" if value else "No"
