"""Intune stops listening to a partner of whose messages it could read nothing, several times in a row.

How the real service comes to reject a partner is not published (docs/sources.md).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from devices.models import RefusedItem, Upload
from partners import catalogue, connections
from partners.models import PartnerConnection
from tenancy import clock
from tenancy.models import Tenant

MESSAGE_READ = "devices.message-read"
UNREADABLE_IN_A_ROW = 3
BECAUSE = "Nothing of the last {n} messages could be read; of the last one because of {detail}"
LONGEST_REASON = 200


@clock.handler(MESSAGE_READ, label="Compliance partners whose messages cannot be read are rejected")
def reject_unreadable(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """The partner that has sent this upload is rejected, where this was one message too many."""
    upload = Upload.objects.in_tenant(tenant).filter(pk=subject_id, accepted=0, refused__gt=0).first()
    if upload is None:
        return
    connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=upload.partner).first()
    if connection is None or connection.provisioned_at is None:
        return
    sent = Upload.objects.in_tenant(tenant).filter(partner=upload.partner, received_at__gt=connection.provisioned_at)
    last = list(sent.order_by("-received_at", "-pk")[:UNREADABLE_IN_A_ROW])
    items = RefusedItem.objects.in_tenant(tenant).filter(upload__in=last)
    if len(last) < UNREADABLE_IN_A_ROW or any(one.accepted or not one.refused for one in last):
        return
    if items.exclude(reason=RefusedItem.Reason.INVALID).exists():
        return
    detail = items.filter(upload=upload).order_by("position").values_list("detail", flat=True)[0]
    because = BECAUSE.format(n=UNREADABLE_IN_A_ROW, detail=detail)[:LONGEST_REASON]
    connections.reject(tenant=tenant, partner=catalogue.partners()[upload.partner], because=because)
