"""The list of groups, and the lists on the blades of one group."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.http import QueryDict

from blades import lists
from blades.lists import ListPage
from blades.tables import BladeTable, Column, Empty, item_urls, link
from directory.member_import import Problem
from directory.models import DirectoryUser, Group
from directory.user_tables import HOW_SEARCHED as HOW_PEOPLE_ARE_SEARCHED
from tenancy.http import OperatorRequest

PROBLEMS_ON_A_PAGE = 100
HOW_SEARCHED = "The search finds names by their beginning."


class GroupTable(BladeTable):
    """The columns of Groups > All groups."""

    name = Column()
    object_id = Column(verbose_name="Object Id", orderable=False, attrs={"th": {"class": "w-300"}})
    group_type = Column(verbose_name="Group Type", orderable=False, attrs={"th": {"class": "w-110"}})
    membership_type = Column(verbose_name="Membership Type", orderable=False, attrs={"th": {"class": "w-140"}})
    source = Column(orderable=False, attrs={"th": {"class": "w-90"}})

    label = "Groups"
    noun = "groups"
    filter_form = "filters"

    @classmethod
    def for_page(cls, request: OperatorRequest, page: ListPage[Group], *, filtered: bool) -> GroupTable:
        """The table of `page`."""
        address = item_urls("directory:group-overview", request.tenant.slug)
        empty = Empty("No groups to display", "Create a group to begin.")
        if filtered:
            empty = Empty(
                "No groups match the filters.",
                HOW_SEARCHED if page.asked.term else "",
                art="search",
                link_label="Clear filters",
                link_url=request.path,
            )
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
                        "Cloud",
                    ],
                }
                for group in page.rows
            ],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line(),
            pager=page.pager(request.GET),
            empty=empty,
        )


class PeopleTable(BladeTable):
    """The members or the owners of a group."""

    name = Column(attrs={"th": {"class": "p-40"}})
    kind = Column(verbose_name="Type", orderable=False, attrs={"th": {"class": "w-120"}})
    upn = Column(verbose_name="User name")

    filter_form = "filters"
    selectable = True

    @classmethod
    def for_page(
        cls, request: OperatorRequest, page: ListPage[DirectoryUser], role: str, ticked: Collection[UUID] = ()
    ) -> PeopleTable:
        """The table of `page`. role: members or owners."""
        address = item_urls("directory:user-overview", request.tenant.slug)
        empty = Empty(f"No {role} to display")
        if page.asked.term:
            empty = Empty(
                f"No {role} match the search.",
                HOW_PEOPLE_ARE_SEARCHED,
                art="search",
                link_label="Clear search",
                link_url=request.path,
            )
        return cls(
            rows=[
                {
                    "id": user.pk,
                    "label": user.display_name,
                    "checked": user.pk in ticked,
                    "cells": [link(address(user.pk), user.display_name), "User", user.upn],
                }
                for user in page.rows
            ],
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line(role),
            pager=page.pager(request.GET),
            label=role.capitalize(),
            noun=role,
            empty=empty,
        )


class ProblemTable(BladeTable):
    """The lines of an import that are left out."""

    number = Column(verbose_name="Line", orderable=False, attrs={"th": {"class": "w-90"}})
    value = Column(orderable=False, attrs={"th": {"class": "p-40"}})
    reason = Column(orderable=False)

    label = "Lines that are left out"
    noun = "lines"

    @classmethod
    def for_page(cls, query: QueryDict, problems: Sequence[Problem]) -> ProblemTable:
        """A page of `problems`, as `?page=` asks for it."""
        shown, line, pager = lists.part_of(problems, query, per_page=PROBLEMS_ON_A_PAGE, noun="lines")
        return cls(
            rows=[
                {"id": row.number, "label": row.value, "cells": [f"{row.number:,}", row.value, row.reason]}
                for row in shown
            ],
            records=line,
            pager=pager,
        )
