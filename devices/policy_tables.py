"""The list of compliance policies, and the list of one policy's devices."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse

from blades import lists
from blades.tables import BladeTable, Column, Empty, item_urls, link
from blades.templatetags.blades import portal_date
from devices.columns import COMPLIANCE_KINDS, compliance_cell
from devices.models import Compliance, CompliancePolicy, ManagedDevice, OperatingSystem
from devices.policy_services import PLATFORMS, POLICY_TYPES
from tenancy.http import OperatorRequest
from tenancy.roles import Permission
from tenancy.scoping import NEVER

ORDERS = {
    "name": ("name_key", "id"),
    "platform": ("os", "name_key", "id"),
    "modified": ("changed_at", "id"),
}
DEVICE_ORDERS = {"name": ("name_key", "id"), "last_checkin": ("last_checkin_at", "id"), "upn": ("user_upn_key", "id")}
# The states that a device can have by one policy, in the order in which they are shown.
STATES = (
    Compliance.COMPLIANT,
    Compliance.IN_GRACE_PERIOD,
    Compliance.NOT_COMPLIANT,
    Compliance.CONFLICT,
    Compliance.ERROR,
    Compliance.NOT_EVALUATED,
    Compliance.SEE_CONFIGMGR,
)
STATE_WORDS = {state.name.lower(): state.label for state in STATES}


def assigned(policy: Any) -> str:
    """The column Assigned. Needs `has_groups`."""
    return "Yes" if policy.all_users or policy.has_groups else "No"


class PolicyTable(BladeTable):
    """Devices > Compliance policies > Policies."""

    name = Column(verbose_name="Policy name")
    platform = Column(attrs={"th": {"class": "p-17"}})
    policy_type = Column(verbose_name="Policy type", orderable=False, attrs={"th": {"class": "p-20"}})
    assigned = Column(orderable=False, attrs={"th": {"class": "w-90"}})
    modified = Column(verbose_name="Last modified", attrs={"th": {"class": "w-180"}})

    label = "Compliance policies"

    @classmethod
    def for_page(cls, request: OperatorRequest, page: lists.ListPage[CompliancePolicy]) -> PolicyTable:
        """The table of `page`, whose policies have `has_groups`."""
        address = item_urls("devices:policy-overview", request.tenant.slug)
        empty = Empty(
            "No compliance policies to display",
            "Create a policy to say what devices must be like to be compliant.",
        )
        if request.membership.may(Permission.COMPLIANCE_MODIFY):
            empty = Empty(
                empty.title,
                empty.text,
                action_label="Create policy",
                action_url=reverse("devices:policy-new", args=[request.tenant.slug]),
            )
        if page.asked.term:
            empty = Empty("No policies match the search.", art="search", link_label="Clear search",
                          link_url=request.path)  # fmt: skip
        return cls(
            rows=[
                {
                    "id": policy.pk,
                    "label": policy.display_name,
                    "cells": [
                        link(address(policy.pk), policy.display_name),
                        PLATFORMS[OperatingSystem(policy.os)],
                        POLICY_TYPES[OperatingSystem(policy.os)],
                        assigned(policy),
                        portal_date(policy.changed_at),
                    ],
                }
                for policy in page.rows
            ],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line() if page.rows else "",
            pager=page.pager(request.GET),
            empty=empty,
        )


def chosen_states(query: QueryDict) -> list[int]:
    """The states that the address filters by."""
    words = lists.chosen(query, "state", STATE_WORDS)
    return [state.value for state in STATES if state.name.lower() in words]


class PolicyDeviceTable(BladeTable):
    """Device status: the devices of one policy."""

    name = Column(verbose_name="Device", attrs={"th": {"class": "p-20"}})
    upn = Column(verbose_name="User Principal Name", attrs={"th": {"class": "p-25"}})
    state = Column(verbose_name="Compliance status", orderable=False, attrs={"th": {"class": "p-20"}})
    last_checkin = Column(verbose_name="Last status update", attrs={"th": {"class": "p-20"}})

    label = "Device status"
    filter_form = "filters"

    @classmethod
    def for_page(cls, request: OperatorRequest, page: lists.ListPage[ManagedDevice]) -> PolicyDeviceTable:
        """The table of `page`, whose devices have `policy_state`."""
        address = item_urls("devices:compliance", request.tenant.slug)
        return cls(
            rows=[
                {
                    "id": device.pk,
                    "label": device.device_name,
                    "cells": [
                        link(address(device.pk), device.device_name),
                        device.user_upn,
                        compliance_cell(getattr(device, "policy_state")),  # noqa: B009 - annotated by the query
                        portal_date(device.last_checkin_at) if device.last_checkin_at > NEVER else "--",
                    ],
                }
                for device in page.rows
            ],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line() if page.rows else "",
            pager=page.pager(request.GET),
            empty=Empty("No devices match the filters.", art="search", link_label="Clear filters",
                        link_url=request.path)
            if request.GET.getlist("state")
            else Empty("No devices to display", "Devices of the policy's users appear here."),
        )  # fmt: skip


def state_parts(counted: dict[Compliance, int], url: str) -> list[dict[str, Any]]:
    """The parts of the bar "Devices by state", each leading to its devices; url: of the list."""
    always = {Compliance.COMPLIANT, Compliance.NOT_COMPLIANT, Compliance.NOT_EVALUATED}
    return [
        {
            "kind": COMPLIANCE_KINDS[state],
            "label": state.label,
            "count": counted.get(state, 0),
            "url": f"{url}?state={state.name.lower()}",
        }
        for state in STATES
        if counted.get(state) or state in always
    ]
