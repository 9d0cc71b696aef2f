from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Count
from django.template.context import Context
from django.urls import reverse

from blades.templatetags.blades import portal_date
from devices import azure_ad, managed_by, visibility
from devices.models import Compliance, ManagedDevice
from devices.tables import COMPLIANCE_KINDS, COMPLIANCE_ORDER, compliance_cell
from directory.models import DirectoryUser
from partners import catalogue
from partners.models import PartnerConfiguration
from tenancy.scoping import NEVER

register = template.Library()

# Devices of a user that are shown on the user's blade.
SHOWN = 50


@register.inclusion_tag("devices/by_compliance.html", takes_context=True)
def devices_by_compliance(context: Context, configuration: PartnerConfiguration) -> dict[str, Any]:
    """How the devices of one partner configuration stand, each state leading to the list filtered by it.

    The partner's pages are below this app and cannot ask it; their template can.
    """
    counted = dict(
        ManagedDevice.objects.in_tenant(configuration.tenant)
        .filter(authority=configuration)
        .order_by()
        .values_list("compliance")
        .annotate(n=Count("pk"))
    )
    tenant = configuration.tenant
    if tenant.follows_document:
        number = managed_by.number_of_partner(configuration.partner)
        address = f"{reverse('devices:security-list', args=[tenant.slug])}?managed_by={number}&compliance="
    else:  # where the devices stand then
        mdm = urlencode({"mdm": catalogue.label(configuration.partner)})
        address = f"{reverse('directory:device-list', args=[tenant.slug])}?{mdm}&compliant="
    states = [
        {
            "kind": COMPLIANCE_KINDS[state],
            "label": state.label,
            "n": counted.get(state, 0),
            "url": f"{address}{state.value if tenant.follows_document else _COMPLIANT.get(azure_ad.MARKS.get(state))}",
        }
        for state in COMPLIANCE_ORDER
        if counted.get(state) or state in (Compliance.COMPLIANT, Compliance.NOT_COMPLIANT, Compliance.NOT_EVALUATED)
    ]
    return {"states": states}


# What stands in the address of Azure AD's device list for a verdict.
_COMPLIANT = {True: "yes", False: "no", None: "na"}


@register.inclusion_tag("devices/of_user.html")
def devices_of_user(user: DirectoryUser) -> dict[str, Any]:
    """The devices whose primary user is `user`, the first of them: the directory's pages cannot ask for them."""
    slug = user.tenant.slug
    owned = ManagedDevice.objects.in_tenant(user.tenant).filter(visibility.in_lists(user.tenant), primary_user=user)
    found = list(owned[: SHOWN + 1])
    devices = [
        {
            "name": device.device_name,
            "url": reverse("devices:overview", args=[slug, device.pk]),
            "managed_by": device.managed_by_label,
            "compliance": compliance_cell(device.compliance),
            "os": device.get_os_display(),
            "last_checkin": portal_date(device.last_checkin_at) if device.last_checkin_at > NEVER else "",
        }
        for device in found[:SHOWN]
    ]
    all_url = f"{reverse('devices:security-list', args=[slug])}?{urlencode({'q': user.upn})}"
    return {"devices": devices, "more": len(found) > SHOWN, "all_url": all_url}
