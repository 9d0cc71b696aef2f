"""The way from Azure AD's record of a device to Intune's."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from blades.http import render_blade
from devices import queries
from directory import device_queries
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission


@requires(Permission.DEVICES_READ)
@require_safe
def manage(request: OperatorRequest, tenant: str, record_id: UUID) -> HttpResponse:
    """Azure AD's command Manage: Intune's record with the same Azure AD device ID, or why there is none."""
    record = device_queries.device(request.tenant, record_id)
    if record is None:
        raise Http404("No such device.")
    found = queries.device_of_record(request.tenant, record)
    if found is not None:
        return redirect("devices:overview", tenant, found)
    search = urlencode({"q": record.display_name})
    context = {
        "record": record,
        "intune": record.mdm == device_queries.INTUNE,
        "heading": record.display_name,
        "record_url": reverse("directory:device-overview", args=[tenant, record.pk]),
        "same_url": f"{reverse('directory:device-list', args=[tenant])}?{search}",
        "search_url": f"{reverse('devices:security-list', args=[tenant])}?{search}",
        "may_read": request.membership.may(Permission.DIRECTORY_DEVICES_READ),
    }
    return render_blade(request, "devices/manage.html", context)
