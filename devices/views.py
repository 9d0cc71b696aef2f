from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from blades.http import render_blade
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from devices import queries, tables
from devices.models import Agent, ManagedDevice
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission
from tenancy.scoping import NEVER


@requires(Permission.DEVICES_READ)
@require_safe
def overview(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """What a device is, whose it is and how it stands."""
    device = _device(request, device_id)
    essentials = [
        {"label": "Device name", "value": device.device_name},
        {"label": "Primary user", "value": device.user_upn},
        {"label": "Management name", "value": device.management_name},
        {"label": "Managed by", "value": device.managed_by_label},
        {"label": "Ownership", "value": device.get_ownership_display()},
        {"label": "Compliance", "value": tables.compliance_cell(device.compliance)},
        {"label": "Serial number", "value": device.serial_number},
        {"label": "Operating system", "value": device.get_os_display()},
        {"label": "Phone number", "value": device.phone_number},
        {"label": "OS version", "value": device.os_version},
        {"label": "Device manufacturer", "value": device.manufacturer},
        {"label": "Device model", "value": device.model},
        {"label": "Enrolled date", "value": portal_date(device.enrolled_at)},
        {"label": "Last check-in", "value": _moment(device.last_checkin_at)},
        {"label": say("Azure AD device ID"), "value": device.azure_ad_device_id},
        {"label": "Intune device ID", "value": device.pk},
    ]
    context: dict[str, Any] = {"device": device, "heading": device.device_name, "essentials": essentials}
    if device.authority is not None:
        context["partner_url"] = reverse("partners:overview", args=[tenant, device.authority.pk])
    return render_blade(request, "devices/overview.html", context)


@requires(Permission.DEVICES_READ)
@require_safe
def hardware(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """What the device last said of itself."""
    device = _device(request, device_id)
    sections = [
        {
            "title": "System",
            "items": _items({
                "Name": device.device_name,
                "Management name": device.management_name,
                "UDID": device.udid,
                "Intune Device ID": device.pk,
                "Serial number": device.serial_number,
                "OS": device.get_os_display(),
                "OS version": device.os_version,
                "IMEI": device.imei,
                "MEID": device.meid,
                "Manufacturer": device.manufacturer,
                "Model": device.model,
                "Phone number": device.phone_number,
                "Wi-Fi MAC": device.wifi_mac,
                "Supervised": _yes_no(device.supervised),
                "Encrypted": _yes_no(device.encrypted),
            }),
        },
        {
            "title": "Storage",
            "items": _items({
                "Total storage space": _gigabytes(device.storage_total_mb),
                "Free storage space": _gigabytes(device.storage_free_mb),
            }),
        },
        {
            "title": "Enrollment",
            "items": _items({
                "Enrolled date": portal_date(device.enrolled_at),
                "Last contact": _moment(device.last_checkin_at),
                "Primary user": device.user_upn,
            }),
        },
        {
            "title": "Conditional access",
            "items": _items({
                say("Azure AD registered"): _yes_no(device.azure_ad_device_id is not None),
                say("Azure AD device ID"): device.azure_ad_device_id,
                "Intune registered": _yes_no(device.agent != Agent.CONFIGMGR),
                "Compliance": tables.compliance_cell(device.compliance),
                "EAS activated": _yes_no(device.eas_activated),
            }),
        },
    ]  # fmt: skip
    context = {"device": device, "heading": device.device_name, "sections": sections}
    return render_blade(request, "devices/hardware.html", context)


def _device(request: OperatorRequest, device_id: UUID) -> ManagedDevice:
    device = queries.device(request.tenant, device_id)
    if device is None:
        raise Http404("No such device.")
    return device


def _items(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"label": label, "value": value} for label, value in values.items()]


def _moment(moment: datetime) -> str:
    return portal_date(moment) if moment > NEVER else "--"


def _yes_no(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "Yes" if value else "No"


def _gigabytes(megabytes: int) -> str:
    return f"{megabytes / 1024:.2f} GB" if megabytes else "--"
