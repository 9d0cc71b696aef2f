"""How many devices have each value of a facet: kept in the transaction of every write that changes it."""

from __future__ import annotations

from collections.abc import Mapping

from devices.models import DeviceCount
from tenancy.models import Tenant

# (facet, value) to a number of devices
Counts = Mapping[tuple[str, int], int]


def change_counts(tenant: Tenant, changes: Counts) -> None:
    """Add `changes`, (facet, value) to a difference, to the tenant's counts. The caller holds the tenant's lock."""
    changes = {key: difference for key, difference in changes.items() if difference}
    known = {
        (count.facet, count.value): count
        for count in DeviceCount.objects.in_tenant(tenant).filter(facet__in={facet for facet, _ in changes})
    }
    changed = []
    for key in changes.keys() & known.keys():
        known[key].n += changes[key]
        changed.append(known[key])
    DeviceCount.unscoped.bulk_update(changed, ["n"])
    insert(tenant, {key: changes[key] for key in changes.keys() - known.keys()})


def insert(tenant: Tenant, counts: Counts) -> None:
    """Store `counts`, none of which is there yet."""
    DeviceCount.objects.bulk_create(
        [DeviceCount(tenant=tenant, facet=facet, value=value, n=n) for (facet, value), n in counts.items()]
    )
