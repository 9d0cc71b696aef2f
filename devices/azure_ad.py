"""What Intune writes to Azure AD's records: whether a device is managed, by what, and whether it is compliant.

Only Intune writes it, for its own devices and for those of partners, and a while after it has come to know it. A device
that is not registered has no record to write to. Source: docs/sources.md, "Two records".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import OuterRef, Q, Subquery

from devices import bulk
from devices.models import Agent, AzureADWrite, Compliance
from directory.models import DirectoryDevice
from tenancy import clock
from tenancy.models import Tenant
from tenancy.scoping import AnyOf

WRITE = "devices.write-to-azure-ad"
# No source names it; "minutes" for a relayed verdict stands for it (docs/sources.md).
DELAY = timedelta(minutes=5)
INTUNE = "Microsoft Intune"
# What Azure AD's column MDM says of a device that no partner manages.
MDM: dict[int, str] = {
    Agent.MDM: INTUNE,
    Agent.CO_MANAGED: "System Center Configuration Manager",
    Agent.CONFIGMGR: "",
    Agent.NONE: "",
}

# What Azure AD's Compliant says for a state of Intune's record. A state that is not here leaves it as it is.
# Source: docs/sources.md, "Compliance values", column "Azure AD effect".
MARKS: dict[int, bool] = {
    Compliance.COMPLIANT: True,
    Compliance.IN_GRACE_PERIOD: True,
    Compliance.NOT_COMPLIANT: False,
    Compliance.CONFLICT: False,
}


class Mark(NamedTuple):
    """What Azure AD's record of a device is to say. is_compliant: None for N/A. mdm: empty for None.

    device_id: the Azure AD device ID, or that as the database keeps it, in one call to `write` either all or none.
    """

    device_id: Any
    is_compliant: bool | None
    is_managed: bool
    mdm: str


def write(tenant: Tenant, marks: Iterable[Mark]) -> None:
    """Azure AD's records say what `marks` say: at once in an instant tenant, else after DELAY.

    The last mark of a device before its time wins. The caller holds the tenant's lock.
    """
    latest = {mark.device_id: mark for mark in marks}
    if not latest:
        return
    if tenant.is_instant:
        _apply(tenant, latest.values())
        return
    due_at = tenant.now() + DELAY
    bulk.upsert(
        AzureADWrite,
        bulk.fields_of(AzureADWrite, _FIELDS),
        ((uuid4(), tenant.pk, due_at, *mark) for mark in latest.values()),
        unique=("tenant", "device_id"),
    )
    n = len(latest)
    clock.schedule(tenant, WRITE, delay=DELAY, about=f"{n} device{'' if n == 1 else 's'}")


def let_go(tenant: Tenant, device_ids: Iterable[UUID]) -> None:
    """Nothing manages these devices any more, and what was about to be written of them is not written."""
    named = AnyOf("device_id", device_ids)
    AzureADWrite.objects.in_tenant(tenant).filter(named).delete()
    DirectoryDevice.objects.in_tenant(tenant).filter(named).update(mdm="", is_managed=False, is_compliant=None)


_FIELDS = ("id", "tenant", "due_at", "device_id", "is_compliant", "is_managed", "mdm")


@clock.handler(WRITE, label="Azure AD learns whether devices are compliant")
def write_due(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """Azure AD's records say what was waiting for its time until now."""
    due = AzureADWrite.objects.in_tenant(tenant).filter(due_at__lte=tenant.now())
    records = DirectoryDevice.objects.in_tenant(tenant)
    mine = due.filter(device_id=OuterRef("device_id"))
    records.filter(_REGISTERED, device_id__in=due.values("device_id")).update(
        **{name: Subquery(mine.values(name)[:1]) for name in ("is_compliant", "is_managed", "mdm")}
    )
    due.delete()


# Nothing can be marked before the device is registered.
_REGISTERED = Q(registered_at__isnull=False)


def _apply(tenant: Tenant, marks: Iterable[Mark]) -> None:
    ids: dict[tuple[bool | None, bool, str], list[UUID]] = defaultdict(list)
    for mark in marks:
        ids[mark.is_compliant, mark.is_managed, mark.mdm].append(mark.device_id)
    for (is_compliant, is_managed, mdm), device_ids in ids.items():
        records = DirectoryDevice.objects.in_tenant(tenant).filter(_REGISTERED, AnyOf("device_id", device_ids))
        records.update(is_compliant=is_compliant, is_managed=is_managed, mdm=mdm)
