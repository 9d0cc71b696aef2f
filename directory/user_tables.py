"""The list of users, and the short lists on the blades of one user."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.utils.safestring import SafeString

from blades.lists import ListPage
from blades.tables import BladeTable, Column, Empty, item_urls, link, status
from blades.vocabulary import say
from directory import device_tables
from directory.models import DirectoryDevice, DirectoryUser, Group, Licence
from tenancy.http import OperatorRequest
from tenancy.models import Tenant

NO_MATCH = "No users match the filters."
HOW_SEARCHED = "The search finds names, last names and user names by their beginning."


def enabled_cell(user: DirectoryUser) -> SafeString:
    """Whether the user may sign in."""
    return status("ok", "Yes") if user.account_enabled else status("bad", "No")


class UserTable(BladeTable):
    """The columns of Users > All users; a column is sorted where an index stands behind it."""

    name = Column(attrs={"th": {"class": "w-180"}})
    upn = Column(verbose_name="User name", attrs={"th": {"class": "w-200"}})
    user_type = Column(verbose_name="User type", orderable=False, attrs={"th": {"class": "w-90"}})
    job_title = Column(verbose_name="Job title", attrs={"th": {"class": "w-160"}})
    department = Column(attrs={"th": {"class": "w-160"}})
    country = Column(verbose_name="Country or region", attrs={"th": {"class": "w-140"}})
    enabled = Column(verbose_name="Account enabled", attrs={"th": {"class": "w-140"}})
    licences = Column(verbose_name="Licenses", orderable=False)

    label = "Users"
    noun = "users"
    filter_form = "filters"
    wide = True
    selectable = True

    @classmethod
    def for_page(
        cls,
        request: OperatorRequest,
        page: ListPage[DirectoryUser],
        licences: dict[UUID, list[str]],
        *,
        filtered: bool,
        ticked: Collection[UUID] = (),
    ) -> UserTable:
        """The table of `page`. licences: of its users; ticked: ids of rows that are selected."""
        address = item_urls("directory:user-overview", request.tenant.slug)
        rows = [
            {
                "id": user.pk,
                "label": user.display_name,
                "checked": user.pk in ticked,
                "cells": [
                    link(address(user.pk), user.display_name),
                    user.upn,
                    "Member",
                    user.job_title,
                    user.department,
                    user.country,
                    enabled_cell(user),
                    ", ".join(say(product) for product in licences[user.pk]),
                ],
            }
            for user in page.rows
        ]
        empty = Empty("No users to display", "Create a user to begin.")
        if filtered:
            how = HOW_SEARCHED if page.asked.term else ""
            empty = Empty(NO_MATCH, how, art="search", link_label="Clear filters", link_url=request.path)
        return cls(
            rows=rows,
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line(),
            pager=page.pager(request.GET),
            empty=empty,
        )


class MembershipTable(BladeTable):
    """The groups of one user."""

    name = Column(orderable=False)
    object_id = Column(verbose_name="Object Id", orderable=False, attrs={"th": {"class": "w-300"}})
    group_type = Column(verbose_name="Group Type", orderable=False, attrs={"th": {"class": "w-110"}})
    membership_type = Column(verbose_name="Membership Type", orderable=False, attrs={"th": {"class": "w-140"}})

    label = "Groups"
    noun = "groups"
    selectable = True

    @classmethod
    def for_page(cls, request: OperatorRequest, page: ListPage[Group]) -> MembershipTable:
        """The table of `page`; a dynamic group can be ticked, but is not left."""
        address = item_urls("directory:group-overview", request.tenant.slug)
        return cls(
            rows=[
                {
                    "id": group.pk,
                    "label": group.display_name,
                    "cells": [
                        link(address(group.pk), group.display_name),
                        str(group.pk),
                        "Security",
                        group.get_kind_display(),
                    ],
                }
                for group in page.rows
            ],
            records=page.record_line("groups"),
            pager=page.pager(request.GET),
            empty=Empty("No groups to display", "The user is a member of no group."),
        )


class LicenceTable(BladeTable):
    """The products of one user."""

    product = Column(verbose_name="Products", orderable=False)
    state = Column(orderable=False, attrs={"th": {"class": "w-120"}})
    path = Column(verbose_name="Assignment paths", orderable=False, attrs={"th": {"class": "w-180"}})

    label = "Licenses"
    noun = "licenses"

    @classmethod
    def of(cls, licences: Sequence[Licence]) -> LicenceTable:
        rows = [
            {
                "id": licence.pk,
                "label": licence.get_sku_display(),
                "cells": [say(licence.get_sku_display()), status("ok", "Active"), "Direct"],
            }
            for licence in licences
        ]
        empty = Empty("No license assignments found.", "Select Assignments to assign a license.")
        return cls(rows=rows, empty=empty)


class OwnedDeviceTable(BladeTable):
    """Azure AD's records of the devices of one user."""

    name = Column(orderable=False)
    enabled = Column(orderable=False, attrs={"th": {"class": "w-90"}})
    os = Column(verbose_name="OS", orderable=False, attrs={"th": {"class": "w-120"}})
    join_type = Column(verbose_name="Join Type", orderable=False, attrs={"th": {"class": "w-180"}})
    mdm = Column(verbose_name="MDM", orderable=False, attrs={"th": {"class": "w-160"}})
    compliant = Column(orderable=False, attrs={"th": {"class": "w-110"}})

    label = "Azure AD devices"
    plain = True

    @classmethod
    def of(cls, tenant: Tenant, records: Sequence[DirectoryDevice], *, linked: bool) -> OwnedDeviceTable:
        """linked: the operator may open the records."""
        address = item_urls("directory:device-overview", tenant.slug)
        rows = [
            {
                "id": record.pk,
                "label": record.display_name,
                "cells": [
                    link(address(record.pk), record.display_name) if linked else record.display_name,
                    device_tables.enabled_cell(record),
                    record.os,
                    device_tables.join_type(record),
                    record.mdm or "None",
                    device_tables.compliant_cell(record),
                ],
            }
            for record in records
        ]
        return cls(rows=rows, label=say(cls.label))
