"""Troubleshooting + support > Troubleshoot."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from access import troubleshooting
from access.pickers import user_of_address
from access.troubleshooting import Assigned, Failure, Pair, Subject
from blades.http import render_blade
from blades.tables import BladeTable, Column, Empty, link, status
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from devices.columns import compliance_cell
from directory.device_tables import compliant_cell, join_type
from directory.models import DirectoryUser
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission, refusal
from tenancy.scoping import NEVER

ASSIGNMENTS = {
    "compliance": "Compliance policies",
    "partners": "Compliance partners",
    "access": "Conditional access policies",
}


@requires(Permission.DEVICES_READ)
@require_safe
def troubleshoot(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Everything about one user on one screen. `?user=`: who; `?show=`: which assignments."""
    asked = request.GET
    picker, has_chosen = user_of_address(request, title="Select users")
    shown = asked.get("show", "") if asked.get("show", "") in ASSIGNMENTS else "compliance"
    if has_chosen:
        chosen = [("user", str(user.pk)) for user in picker.selected]
        return redirect(f"{request.path}?{urlencode([*chosen, ('show', shown)])}")
    user = picker.selected[0] if picker.selected else None
    context: dict[str, Any] = {
        "picker": picker,
        "open_picker": picker.key if picker.open else "",
        "gone": bool(asked.get("user")) and user is None,
        "shown": shown,
        "choices": ASSIGNMENTS,
    }
    if user is not None:
        user.tenant = request.tenant
        context |= _about(request, user, shown)
    partial = "user-picker" if "user_q" in asked and not picker.handled else ""
    return render_blade(request, "access/troubleshoot.html", context, partial=partial)


def _about(request: OperatorRequest, user: DirectoryUser, shown: str) -> dict[str, Any]:
    subject, may = Subject.of(user), request.membership.may
    slug = request.tenant.slug
    reads_users = may(Permission.DIRECTORY_READ)
    compliant = {True: ("ok", "Yes"), False: ("bad", "No"), None: ("none", "No devices")}[subject.devices_compliant]
    no_access = "" if may(Permission.ACCESS_READ) else refusal(Permission.ACCESS_READ)
    refused = no_access if shown == "access" else ""
    find = {
        "compliance": troubleshooting.compliance_policies,
        "partners": troubleshooting.partners,
        "access": troubleshooting.access_policies,
    }[shown]
    return {
        "person": user,
        "person_url": reverse("directory:user-overview", args=[slug, user.pk]) if reads_users else "",
        "sign_ins_url": f"{reverse('access:sign-in-list', args=[slug])}?{urlencode({'user': user.pk})}",
        "sign_ins_refusal": no_access,
        "essentials": [
            {"label": "Account status", "value": status("ok", "Enabled")
             if user.account_enabled else status("bad", "Sign in blocked")},
            {"label": "Principal name", "value": user.upn},
            {"label": "Intune license", "value": status("ok", "Yes") if subject.licensed else status("bad", "No"),
             "url": reverse("directory:user-licences", args=[slug, user.pk]) if reads_users else ""},
            {"label": "Devices compliant", "value": status(*compliant)},
        ],
        "groups": GroupTable.of(slug, subject, linked=reads_users),
        "more_groups": len(subject.group_ids) - len(subject.groups),
        "assignments": None if refused else AssignmentTable.of(find(subject), shown),
        "refused": refused,
        "devices": DeviceTable.of(slug, subject.pairs, linked=may(Permission.DIRECTORY_DEVICES_READ)),
        "failures": FailureTable.of(troubleshooting.failures_of(user)),
    }  # fmt: skip


class GroupTable(BladeTable):
    """GROUP MEMBERSHIP."""

    name = Column(orderable=False)
    kind = Column(verbose_name="Membership type", orderable=False, attrs={"th": {"class": "w-180"}})

    label = "Group membership"
    plain = True

    @classmethod
    def of(cls, slug: str, subject: Subject, *, linked: bool) -> GroupTable:
        rows = [
            {
                "id": group.pk,
                "label": group.display_name,
                "cells": [
                    link(reverse("directory:group-overview", args=[slug, group.pk]), group.display_name)
                    if linked
                    else group.display_name,
                    group.get_kind_display(),
                ],
            }
            for group in subject.groups
        ]
        return cls(rows=rows)


class AssignmentTable(BladeTable):
    """ASSIGNMENTS."""

    name = Column(orderable=False)
    detail = Column(verbose_name="Platform", orderable=False, attrs={"th": {"class": "w-180"}})
    through = Column(verbose_name="Assigned through", orderable=False, attrs={"th": {"class": "p-30"}})

    plain = True

    @classmethod
    def of(cls, found: list[Assigned], shown: str) -> AssignmentTable:
        rows = [
            {"id": row.url, "label": row.name, "cells": [link(row.url, row.name), row.detail, row.through]}
            for row in found
        ]
        made = cls(rows=rows, label=ASSIGNMENTS[shown])
        made.columns["detail"].column.verbose_name = "State" if shown == "access" else "Platform"
        return made


class DeviceTable(BladeTable):
    """DEVICES: what Intune and what Azure AD say of each, side by side."""

    # Both records' compliance is in sight in a window of 1366 px.
    name = Column(verbose_name="Device name", orderable=False, attrs={"th": {"class": "w-120"}})
    managed_by = Column(verbose_name="Managed by", orderable=False, attrs={"th": {"class": "w-160"}})
    join_type = Column(verbose_name="Azure AD join type", orderable=False, attrs={"th": {"class": "w-160"}})
    ownership = Column(orderable=False, attrs={"th": {"class": "w-90"}})
    intune = Column(verbose_name="Intune compliant", orderable=False, attrs={"th": {"class": "w-140"}})
    azure = Column(verbose_name="Azure AD compliant", orderable=False, attrs={"th": {"class": "w-160"}})
    apps = Column(verbose_name="App install", orderable=False, attrs={"th": {"class": "w-100"}})
    os = Column(verbose_name="OS", orderable=False, attrs={"th": {"class": "w-90"}})
    os_version = Column(verbose_name="OS version", orderable=False, attrs={"th": {"class": "w-100"}})
    last_checkin = Column(verbose_name="Last check in", orderable=False, attrs={"th": {"class": "w-180"}})

    label = "Devices"
    plain = True
    wide = True

    @classmethod
    def of(cls, slug: str, pairs: list[Pair], *, linked: bool) -> DeviceTable:
        """linked: the operator may open Azure AD's records."""
        made = cls(rows=[_device_row(slug, pair, linked=linked) for pair in pairs])
        for name in ("join_type", "azure"):
            column = made.columns[name].column
            column.verbose_name = say(column.verbose_name)
        return made


def _device_row(slug: str, pair: Pair, *, linked: bool) -> dict[str, Any]:
    device, record = pair
    name: Any = pair.name
    if device is not None:
        name = link(reverse("devices:overview", args=[slug, device.pk]), name)
    elif record is not None and linked:
        name = link(reverse("directory:device-overview", args=[slug, record.pk]), name)
    azure: Any = status("none", "Not registered")
    if record is not None:
        azure = compliant_cell(record) if record.enabled else status("bad", "Disabled")
        if device is not None and linked:
            azure = link(reverse("directory:device-overview", args=[slug, record.pk]), azure)
    checked_in = device.last_checkin_at if device is not None and device.last_checkin_at > NEVER else None
    return {
        "id": device.pk if device is not None else record.pk if record else "",
        "label": pair.name,
        "cells": [
            name,
            device.managed_by_label if device is not None else (record.mdm if record else "") or "None",
            join_type(record) if record is not None else "--",
            device.get_ownership_display() if device is not None else "--",
            compliance_cell(device.compliance) if device is not None else status("none", "Not enrolled"),
            azure,
            "--",
            device.get_os_display() if device is not None else record.os if record else "",
            device.os_version if device is not None else record.os_version if record else "",
            portal_date(checked_in, "Never" if device is not None else "--"),
        ],
    }


class FailureTable(BladeTable):
    """ENROLLMENT FAILURES."""

    date = Column(orderable=False, attrs={"th": {"class": "w-180"}})
    device = Column(verbose_name="Device name", orderable=False, attrs={"th": {"class": "p-17"}})
    os = Column(verbose_name="OS", orderable=False, attrs={"th": {"class": "w-100"}})
    failure = Column(orderable=False)
    remedy = Column(verbose_name="What to do", orderable=False)

    label = "Enrollment failures"
    plain = True

    @classmethod
    def of(cls, failures: list[Failure]) -> FailureTable:
        rows = [
            {
                "id": n,
                "label": failure.device,
                "cells": [portal_date(failure.at), failure.device, failure.os, failure.failure, say(failure.remedy)],
            }
            for n, failure in enumerate(failures)
        ]
        return cls(rows=rows, empty=Empty("No failures"))
