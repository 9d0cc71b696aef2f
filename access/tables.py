from __future__ import annotations

from access.models import Policy
from blades.lists import ListPage
from blades.tables import BladeTable, Column, Empty, item_urls, link, status
from tenancy.http import OperatorRequest

ICONS = {Policy.State.ON: "ok", Policy.State.OFF: "none", Policy.State.REPORT_ONLY: "info"}


class PolicyTable(BladeTable):
    """The columns of Conditional Access > Policies."""

    name = Column(verbose_name="Policy Name")
    state = Column(orderable=False, attrs={"th": {"class": "w-300"}})

    label = "Policies"
    noun = "policies"
    empty = Empty("No policies", "A policy says who may sign in to which app, and what must be true of the device.")

    @classmethod
    def for_page(cls, request: OperatorRequest, page: ListPage[Policy]) -> PolicyTable:
        """The table of `page`."""
        address = item_urls("access:policy", request.tenant.slug)
        return cls(
            rows=[
                {
                    "id": policy.pk,
                    "label": policy.display_name,
                    "cells": [
                        link(address(policy.pk), policy.display_name),
                        status(ICONS[Policy.State(policy.state)], policy.get_state_display()),
                    ],
                }
                for policy in page.rows
            ],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line("policies"),
            pager=page.pager(request.GET),
        )


class AppliesTable(BladeTable):
    """What If: the policies that will apply."""

    name = Column(verbose_name="Policy Name", orderable=False, attrs={"th": {"class": "p-40"}})
    state = Column(orderable=False, attrs={"th": {"class": "w-140"}})
    controls = Column(verbose_name="Grant controls", orderable=False)

    label = "Policies that will apply"
    noun = "policies"
    empty = Empty("No policies will apply", "Nothing is asked of this sign-in.", art="search")


class AppliesNotTable(BladeTable):
    """What If: the policies that will not apply."""

    name = Column(verbose_name="Policy Name", orderable=False, attrs={"th": {"class": "p-40"}})
    state = Column(orderable=False, attrs={"th": {"class": "w-140"}})
    reason = Column(verbose_name="Reasons why this policy will not apply", orderable=False)

    label = "Policies that will not apply"
    noun = "policies"
    empty = Empty("No policies", "Every policy will apply.", art="search")
