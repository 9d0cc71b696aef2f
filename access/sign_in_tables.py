"""Sign-ins as a list, as filters, and as the tabs of one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.safestring import SafeString

from access import cloud_apps, error_codes
from access.engine import CONDITION_LABELS, CONTROL_LABELS, Condition, Control
from access.models import Policy, SignIn, SignInPolicy
from access.services import PLATFORMS
from access.sign_in_queries import STATUSES, Summary, Wanted, app_labels
from blades import lists
from blades.tables import BladeTable, Column, Empty, item_urls, link, status
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from directory.models import DirectoryDevice
from tenancy.http import OperatorRequest

Result = SignInPolicy.Result

ORDERS = {"date": ("occurred_at", "id")}
NEWEST = "-date"

STATUS_KINDS = {SignIn.Status.SUCCESS: "ok", SignIn.Status.FAILURE: "bad", SignIn.Status.INTERRUPTED: "warn"}
RESULT_KINDS = {
    Result.SUCCESS: "ok",
    Result.FAILURE: "bad",
    Result.REPORT_SUCCESS: "ok",
    Result.REPORT_FAILURE: "bad",
    Result.REPORT_ACTION: "warn",
}
REPORTED = frozenset({Result.REPORT_SUCCESS, Result.REPORT_FAILURE, Result.REPORT_ACTION, Result.REPORT_NOT_APPLIED})
SUMMARY_KINDS = {"Success": "ok", "Failure": "bad", "Not applied": "none"}
BLOCK = "Block access"
COMPLETED = "MFA completed in Azure AD"
DENIED = "MFA denied; user did not respond to mobile app notification"


def status_cell(sign_in: SignIn) -> SafeString:
    """Icon and word of how it ended."""
    return status(STATUS_KINDS[SignIn.Status(sign_in.status)], sign_in.get_status_display())


def pills(query: QueryDict) -> list[dict[str, Any]]:
    """The filters of the list but those of user and date."""
    return [lists.pill(query, "status", "Status", STATUSES), lists.pill(query, "app", "Application", app_labels())]


class SignInTable(BladeTable):
    """A page of the sign-ins, sorted and cut by `lists.page_of`."""

    date = Column(attrs={"th": {"class": "w-160"}})
    user = Column(orderable=False, attrs={"th": {"class": "p-15"}})
    application = Column(orderable=False, attrs={"th": {"class": "p-20"}})
    status = Column(orderable=False, attrs={"th": {"class": "w-110"}})
    conditional_access = Column(verbose_name="Conditional access", orderable=False, attrs={"th": {"class": "w-160"}})
    mfa = Column(verbose_name="MFA required", orderable=False, attrs={"th": {"class": "w-110"}})

    label = "Sign-ins"
    noun = "sign-ins"
    filter_form = "filters"

    @classmethod
    def for_page(
        cls, request: OperatorRequest, page: lists.ListPage[SignIn], wanted: Wanted, made: dict[UUID, Summary]
    ) -> SignInTable:
        """The table of `page`. made: what conditional access made of its rows."""
        address = item_urls("access:sign-in", request.tenant.slug)
        rows = []
        for row in page.rows:
            summary = made.get(row.pk) or Summary()
            cells = [
                link(address(row.pk), portal_date(row.occurred_at)),
                row.user_name,
                cloud_apps.label(row.app),
                status_cell(row),
                status(SUMMARY_KINDS[summary.label], summary.label),
                "Yes" if summary.mfa_required else "No",
            ]
            rows.append({"id": row.pk, "label": f"{row.user_name}, {cloud_apps.label(row.app)}", "cells": cells})
        empty = Empty("No sign-ins to display", "Sign-ins appear here as time passes, or when you sign in as somebody.")
        if not wanted.is_everything:
            empty = Empty(
                "No sign-ins match the filters.", art="search", link_label="Clear filters", link_url=request.path
            )
        return cls(
            rows=rows,
            order_by=page.asked.sort_parameter,
            order_by_field="sort",
            records=page.record_line("sign-ins"),
            pager=page.pager(request.GET),
            empty=empty,
        )


# One sign-in


def basics(sign_in: SignIn, user_url: str) -> list[dict[str, Any]]:
    """The tab Basic info."""
    code = error_codes.of(sign_in.error_code)
    return [
        {"label": "Date", "value": portal_date(sign_in.occurred_at)},
        {"label": "Request ID", "value": str(sign_in.pk)},
        {"label": "Correlation ID", "value": str(sign_in.correlation_id)},
        {"label": "Status", "value": status_cell(sign_in)},
        *(
            [
                {"label": "Sign-in error code", "value": str(sign_in.error_code)},
                {"label": "Failure reason", "value": code.reason},
            ]
            if sign_in.error_code
            else []
        ),
        {"label": "User", "value": link(user_url, sign_in.user_name) if user_url else sign_in.user_name},
        {"label": "Username", "value": sign_in.user_upn},
        {"label": "User ID", "value": str(sign_in.user_id) if sign_in.user_id else "The user was deleted."},
        {"label": "Application", "value": cloud_apps.label(sign_in.app)},
        {"label": "Client app", "value": sign_in.client_app},
        *([{"label": "Simulated", "value": "Yes, with Sign in as"}] if sign_in.simulated_by_id else []),
    ]


def location(sign_in: SignIn) -> list[dict[str, Any]]:
    """The tab Location."""
    return [
        {"label": "IP address", "value": sign_in.ip_address},
        {"label": "Location", "value": sign_in.location},
    ]


def device(sign_in: SignIn, record_url: str) -> list[dict[str, Any]]:
    """The tab Device info; empty values where the sign-in presented no device."""
    id_ = str(sign_in.device_id) if sign_in.device_id else ""
    join = say(str(DirectoryDevice.JoinType(sign_in.join_type).label)) if sign_in.join_type else ""
    return [
        {"label": "Device ID", "value": link(record_url, id_) if record_url else id_},
        {"label": "Device name", "value": sign_in.device_name},
        {"label": "Browser", "value": sign_in.browser},
        {"label": "Operating System", "value": PLATFORMS.get(sign_in.platform, "")},
        {"label": "Compliant", "value": _yes_no(sign_in.device_compliant)},
        {"label": "Managed", "value": _yes_no(sign_in.device_managed)},
        {"label": "Join Type", "value": join},
    ]


def _yes_no(value: bool | None) -> str:  # noqa: FBT001 - a value of the log
    return "" if value is None else "Yes" if value else "No"


class AuthenticationTable(BladeTable):
    """The tab Authentication Details: what the user gave, step by step."""

    date = Column(attrs={"th": {"class": "w-180"}})
    method = Column(verbose_name="Authentication method", attrs={"th": {"class": "p-20"}})
    succeeded = Column(attrs={"th": {"class": "p-13"}})
    detail = Column(verbose_name="Result detail")
    requirement = Column(attrs={"th": {"class": "p-20"}})

    label = "Authentication Details"
    plain = True

    @classmethod
    def of(cls, sign_in: SignIn, summary: Summary) -> AuthenticationTable:
        """The steps of `sign_in`. A second factor is asked for only where a policy that is on wants one."""
        moment = portal_date(sign_in.occurred_at)
        locked = sign_in.error_code == error_codes.ACCOUNT_DISABLED
        first = error_codes.of(sign_in.error_code).reason if locked else "Correct password"
        rows = [[moment, "Password", "false" if locked else "true", first, "Primary authentication"]]
        if summary.mfa_required:
            given = sign_in.mfa_satisfied
            said = COMPLETED if given else DENIED
            rows.append([
                moment, "Mobile app notification", "true" if given else "false", say(said), "Conditional Access"
            ])  # fmt: skip
        return cls(rows=[{"id": n, "label": row[1], "cells": row} for n, row in enumerate(rows)])


class PolicyTable(BladeTable):
    """The tabs Conditional Access and Report-only: what each policy made of the sign-in."""

    name = Column(verbose_name="Policy Name", attrs={"th": {"class": "p-30"}})
    controls = Column(verbose_name="Grant Controls", attrs={"th": {"class": "p-40"}})
    result = Column()

    label = "Policies"
    plain = True

    @classmethod
    def of(cls, results: list[SignInPolicy], tab: str) -> PolicyTable:
        """The table of `results`; each name opens why. tab: the one of the page."""
        return cls(
            rows=[
                {
                    "id": row.pk,
                    "label": row.policy_name,
                    "cells": [
                        link(f"?tab={tab}&pane=policy&policy={row.pk}", row.policy_name),
                        ", ".join(controls(row)),
                        result_cell(row),
                    ],
                }
                for row in results
            ],
        )


def result_cell(row: SignInPolicy) -> SafeString:
    """Icon and word of what a policy made of the sign-in."""
    return status(RESULT_KINDS.get(Result(row.result), "none"), row.get_result_display())


def controls(row: SignInPolicy) -> list[str]:
    """What the policy demanded, in the words of its blade; nothing where it did not apply."""
    if row.condition:
        return []
    return [say(CONTROL_LABELS[Control(key)]) for key in row.controls] or [BLOCK]


def why(row: SignInPolicy) -> list[dict[str, Any]]:
    """The parts of a policy, each with whether the sign-in matched it, up to the first that it did not."""
    items: list[dict[str, Any]] = [
        {"label": "Result", "value": result_cell(row)},
        {"label": "Policy state", "value": _state(row)},
    ]
    missed = row.condition
    for condition in (Condition.USERS, Condition.APPS, Condition.PLATFORM):
        if missed == condition:
            items.append({"label": CONDITION_LABELS[condition], "value": status("bad", "Not matched")})
            return items
        if missed != Condition.DISABLED:
            items.append({"label": CONDITION_LABELS[condition], "value": status("ok", "Matched")})
    if missed:
        return items
    unmet = [say(CONTROL_LABELS[Control(key)]) for key in row.unmet]
    blocked = controls(row) == [BLOCK]
    word = status("bad", "Not satisfied") if unmet or blocked else status("ok", "Satisfied")
    items.append({"label": "Grant controls", "value": ", ".join(controls(row))})
    items.append({"label": "Access controls", "value": word})
    if unmet:
        items.append({"label": "Not met", "value": ", ".join(unmet)})
    return items


def _state(row: SignInPolicy) -> str:
    if row.result == Result.DISABLED:
        return str(Policy.State.OFF.label)
    return str((Policy.State.REPORT_ONLY if row.result in REPORTED else Policy.State.ON).label)
