"""Which devices stand in Intune's own lists.

As the document of July 2020 is written, a device that a compliance partner manages stands in Endpoint security > All
devices. As it works, it never did: Intune's lists have what Intune and Configuration Manager manage, and a partner's
devices stand in Azure AD > Devices alone. The blades of such a device still open by their addresses, to which its
record in Azure AD and Troubleshoot lead. Source: docs/sources.md, "All devices".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from django.db.models import Count, Q

from devices import managed_by
from devices.filters import Facet, Wanted
from devices.models import DeviceCount, ManagedDevice
from tenancy.models import Tenant

# The values of Managed by whose devices Intune's lists always have.
ALWAYS = (managed_by.CONFIGMGR, managed_by.MDM, managed_by.CO_MANAGED)
SOMETIMES = tuple(number for number in managed_by.LABELS if number not in ALWAYS)
NOTHING = (0,)  # a value that no device has

# facet to value to a number of devices
Counts = Mapping[str, Mapping[int, int]]


def is_hidden(device: ManagedDevice) -> bool:
    """Whether the lists leave this device out."""
    return not device.tenant.follows_document and device.managed_by not in ALWAYS


def in_lists(tenant: Tenant) -> Q:
    """The condition on a device's row that the lists have it; empty where they have all."""
    return Q() if tenant.follows_document else Q(managed_by__in=ALWAYS)


def narrowed(tenant: Tenant, wanted: Wanted) -> Wanted:
    """`wanted` without what the lists leave out: another filter of Managed by, and none where nothing is left out."""
    if tenant.follows_document or not _hidden_total(tenant):
        return wanted
    facets = wanted.filters.facets
    chosen = tuple(number for number in facets.get(Facet.MANAGED_BY, ALWAYS) if number in ALWAYS) or NOTHING
    return replace(wanted, filters=replace(wanted.filters, facets={**facets, Facet.MANAGED_BY: chosen}))


def _hidden_total(tenant: Tenant) -> bool:
    kept = DeviceCount.objects.in_tenant(tenant).filter(facet=Facet.MANAGED_BY, value__in=SOMETIMES, n__gt=0)
    found: bool = kept.exists()
    return found


def counts(tenant: Tenant) -> Counts:
    """How many devices of the lists have each value of each facet."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for facet, value, n in DeviceCount.objects.in_tenant(tenant).values_list("facet", "value", "n"):
        found[facet][value] = n
    return visible(tenant, found)


def visible(tenant: Tenant, kept: Counts) -> Counts:
    """`kept`, the counts of all devices, without those that the lists leave out.

    They are counted along the index of facets, where there are any.
    """
    managers = kept.get(Facet.MANAGED_BY, {})
    if tenant.follows_document or not any(managers.get(number) for number in SOMETIMES):
        return kept
    found = {facet: Counter(values) for facet, values in kept.items()}
    hidden = ManagedDevice.objects.in_tenant(tenant).filter(managed_by__in=SOMETIMES).order_by()
    facets = (Facet.MANAGED_BY, Facet.COMPLIANCE, Facet.OS, Facet.OWNERSHIP)
    for *values, n in hidden.values_list(*facets).annotate(n=Count("*")):
        found[Facet.TOTAL][0] -= n
        for facet, value in zip(facets, values, strict=True):
            found[facet][value] -= n
    return found
