from typing import Any

from django import template
from django.db.models import Count
from django.template.context import Context
from django.urls import reverse

from devices import managed_by
from devices.models import Compliance, ManagedDevice
from devices.tables import COMPLIANCE_KINDS, COMPLIANCE_ORDER
from partners.models import PartnerConfiguration

register = template.Library()


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
    address = reverse("devices:security-list", args=[configuration.tenant.slug])
    number = managed_by.number_of_partner(configuration.partner)
    states = [
        {
            "kind": COMPLIANCE_KINDS[state],
            "label": state.label,
            "n": counted.get(state, 0),
            "url": f"{address}?managed_by={number}&compliance={state.value}",
        }
        for state in COMPLIANCE_ORDER
        if counted.get(state) or state in (Compliance.COMPLIANT, Compliance.NOT_COMPLIANT, Compliance.NOT_EVALUATED)
    ]
    return {"states": states}
