"""Sign-ins: the log, one of them, and trying one as somebody of the directory."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from access import cloud_apps, error_codes, services, sign_in_queries, sign_in_tables
from access.models import SignIn
from access.pickers import user_of_form
from access.services import PLATFORMS
from access.sign_in_forms import SignInForm, client_of
from blades import lists
from blades.http import render_blade
from blades.templatetags.blades import portal_date
from devices.models import ManagedDevice
from directory import queries as directory
from directory.models import DirectoryDevice
from directory.picker import UserPicker
from tenancy.audit_tables import date_pill
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission, refusal

TABS = {
    "basic-info": "Basic info",
    "location": "Location",
    "device-info": "Device info",
    "authentication-details": "Authentication Details",
    "conditional-access": "Conditional Access",
    "report-only": "Report-only",
}
FIRST_TAB = "basic-info"


# The log


@requires(Permission.ACCESS_READ)
@require_safe
def sign_in_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Every sign-in of this directory, the latest first."""
    asked = lists.read(
        request.GET, sign_in_tables.ORDERS, default=sign_in_tables.NEWEST, per_page=request.user.page_size
    )
    wanted = sign_in_queries.read(request.GET, asked.term)
    rows, more_users = sign_in_queries.found(request.tenant, wanted)
    page = lists.page_of(rows, asked)
    made = sign_in_queries.summaries(request.tenant, page.rows)
    user = directory.users_by_id(request.tenant, [wanted.user])[:1] if wanted.user else []
    new_url = reverse("access:sign-in-new", args=[tenant])
    context = {
        "table": sign_in_tables.SignInTable.for_page(request, page, wanted, made),
        "term": asked.term,
        "pills": sign_in_tables.pills(request.GET),
        "dates": date_pill(request.GET, wanted.period),
        "about": {
            "value": str(wanted.user),
            "name": user[0].display_name if user else str(wanted.user),
            "remove_url": lists.address(request.GET, "user"),
        }
        if wanted.user
        else None,
        "more_users": f"The sign-ins of the first {sign_in_queries.MOST_USERS} users whose name starts so are shown. "
        "Type more of the name."
        if more_users
        else "",
        "join_url": reverse("access:join", args=[tenant]),
        "new_url": f"{new_url}?{urlencode({'user': wanted.user})}" if wanted.user else new_url,
    }
    return render_blade(request, "access/sign_in_list.html", context, partial="results")


@requires(Permission.ACCESS_READ)
@require_safe
def sign_in(request: OperatorRequest, tenant: str, sign_in_id: UUID) -> HttpResponse:
    """One sign-in, a tab at a time. `?pane=policy&policy=` says why a policy came to its result."""
    made = _sign_in(request, sign_in_id)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else FIRST_TAB
    context: dict[str, Any] = {
        "heading": cloud_apps.label(made.app),
        "subtitle": f"{made.user_name}, {portal_date(made.occurred_at)}",
        "tabs": [{"label": label, "url": f"?tab={key}", "current": key == tab} for key, label in TABS.items()],
        "tab": TABS[tab],
        "outcome_url": reverse("access:sign-in-outcome", args=[tenant, made.pk]),
        "again_url": f"{reverse('access:sign-in-new', args=[tenant])}?{urlencode({'again': made.pk})}",
        "of_user_url": f"{reverse('access:sign-in-list', args=[tenant])}?{urlencode({'user': made.user_id})}"
        if made.user_id
        else "",
        **_tab(request, made, tab),
    }
    return render_blade(request, "access/sign_in.html", context)


def _tab(request: OperatorRequest, made: SignIn, tab: str) -> dict[str, Any]:
    """What one tab shows: facts, or a table with a sentence where it is empty."""
    slug, may = request.tenant.slug, request.membership.may
    if tab == "location":
        return {"items": sign_in_tables.location(made)}
    if tab == "device-info":
        record = sign_in_queries.record_of(made)
        url = ""
        if record is not None and may(Permission.DIRECTORY_DEVICES_READ):
            url = reverse("directory:device-overview", args=[slug, record.pk])
        return {"items": sign_in_tables.device(made, url), "notice": _about_device(made, known=record is not None)}
    if tab == "authentication-details":
        summary = sign_in_queries.summaries(request.tenant, [made])[made.pk]
        return {"table": sign_in_tables.AuthenticationTable.of(made, summary)}
    if tab == FIRST_TAB:
        url = ""
        if made.user_id and may(Permission.DIRECTORY_READ):
            url = reverse("directory:user-overview", args=[slug, made.user_id])
        return {"items": sign_in_tables.basics(made, url)}
    reported = tab == "report-only"
    results = [
        row
        for row in sign_in_queries.results_of(made)
        if (row.result in sign_in_tables.REPORTED) == reported
    ]  # fmt: skip
    asked = request.GET.get("policy", "") if request.GET.get("pane") == "policy" else ""
    opened = next((row for row in results if str(row.pk) == asked), None)
    return {
        "table": sign_in_tables.PolicyTable.of(results, tab) if results else None,
        "nothing": _no_policies(made, reported=reported),
        "policy": opened and {"name": opened.policy_name, "items": sign_in_tables.why(opened)},
        "close_url": f"?tab={tab}" if opened else "",
    }


def _about_device(made: SignIn, *, known: bool) -> str:
    if made.device_id is None:
        return "The sign-in presented no device ID, so no device could be found compliant."
    return "" if known else "The device's record was deleted after the sign-in."


def _no_policies(made: SignIn, *, reported: bool) -> str:
    if made.error_code == error_codes.ACCOUNT_DISABLED:
        return "The sign-in failed before any policy was asked."
    return "No policy was in report-only mode." if reported else "The directory had no policy that was on or off."


def _sign_in(request: OperatorRequest, sign_in_id: UUID) -> SignIn:
    made: SignIn = get_object_or_404(SignIn.objects.in_tenant(request.tenant), pk=sign_in_id)
    made.tenant = request.tenant
    return made


# Sign in as …


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_new(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Try a sign-in as somebody. `?user=`, `?device=` (of either record) or `?again=` (a sign-in) fills the form."""
    if request.method != "POST":
        user, initial = _asked(request)
        picker = user_of_form(request, user)
        return _form(request, SignInForm(initial=initial, records=_records(request, picker)), picker)
    picker = user_of_form(request, None)
    form = SignInForm(request.POST, records=_records(request, picker))
    if picker.handled:
        # Somebody else's devices: what was typed stays, but nothing is refused yet.
        form = SignInForm(initial=request.POST.dict(), records=_records(request, picker))
        return _form(request, form, picker)
    refused = "" if picker.selected else "Select a user."
    if form.is_valid() and not refused:
        user = picker.selected[0]
        user.tenant = request.tenant
        values = form.visit
        kept = form.cleaned_data["session"] == "kept"
        client = {name: values[name] for name in ("client_app", "browser")}
        token = sign_in_queries.token_of(user, values["app"], values["device"], **client) if kept else None
        if token is not None:
            return redirect(f"{reverse('access:sign-in-outcome', args=[tenant, token.pk])}?token=1")
        try:
            made = services.sign_in(user=user, actor=request.user, **values)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("access:sign-in-outcome", tenant, made.pk)
    return _form(request, form, picker, refused=refused, status=422)


def _asked(request: OperatorRequest) -> tuple[UUID | None, dict[str, Any]]:
    """The user, and what the form begins with."""
    ids = {name: next(directory.uuids([request.GET.get(name, "")]), None) for name in ("user", "device", "again")}
    tenant = request.tenant
    if ids["again"]:
        made = SignIn.objects.in_tenant(tenant).filter(pk=ids["again"]).first()
        if made is not None:
            made.tenant = tenant
            record = sign_in_queries.record_of(made)
            return made.user_id, {
                "app": made.app,
                "device": str(record.pk) if record else "",
                "platform": made.platform if record is None else "",
                "client": client_of(made),
                "mfa": "yes" if made.mfa_satisfied else "no",
            }
    record = managed = None
    if ids["device"]:
        record = DirectoryDevice.objects.in_tenant(tenant).filter(pk=ids["device"]).first()
        managed = None if record else ManagedDevice.objects.in_tenant(tenant).filter(pk=ids["device"]).first()
    if managed is not None:
        managed.tenant = tenant
        record = sign_in_queries.presented_by(managed)
        platform = sign_in_queries.platform_of(managed.get_os_display())
        owner = managed.primary_user_id or (record.owner_id if record else None)
        return owner, {"device": str(record.pk) if record else "", "platform": "" if record else platform}
    if record is not None:
        return record.owner_id, {"device": str(record.pk)}
    return ids["user"], {}


def _records(request: OperatorRequest, picker: UserPicker) -> list[DirectoryDevice]:
    if not picker.selected:
        return []
    picker.selected[0].tenant = request.tenant
    return sign_in_queries.records_of(picker.selected[0])


def _form(
    request: OperatorRequest, form: SignInForm, picker: UserPicker, *, refused: str = "", status: int = 200
) -> HttpResponse:
    user = picker.selected[0] if picker.selected else None
    context = {
        "form": form,
        "picker": picker,
        "open_picker": picker.key if picker.open else "",
        "user_text": f"{user.display_name} ({user.upn})" if user else "None selected",
        "user_errors": [refused] if refused else [],
        "log_url": reverse("access:sign-in-list", args=[request.tenant.slug]),
        "no_devices": user is not None and not form.records,
    }
    partial = "user-picker" if "user_q" in request.GET else ""
    return render_blade(request, "access/sign_in_new.html", context, partial=partial, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_outcome(request: OperatorRequest, tenant: str, sign_in_id: UUID) -> HttpResponse:
    """What the user sees. `?token=1`: the app has not asked for a new token yet. A POST: the user approves.

    Approving is a sign-in of its own, as in the real log, with the second factor that was missing; only a sign-in that
    waits for it can be approved, and once.
    """
    made = _sign_in(request, sign_in_id)
    refused = ""
    if request.method == "POST" and made.status != SignIn.Status.INTERRUPTED:
        return redirect("access:sign-in-outcome", tenant, made.pk)
    if request.method == "POST":
        try:
            return redirect("access:sign-in-outcome", tenant, _approve(request, made).pk)
        except ValidationError as error:
            refused = " ".join(error.messages)
    code = error_codes.of(made.error_code)
    names = {"organization": request.tenant.display_name, "app": cloud_apps.label(made.app)}
    may_read = request.membership.may(Permission.ACCESS_READ)
    context = {
        "made": made,
        "organization": request.tenant.display_name,
        "title": code.heading,
        "text": code.text.format(**names),
        "point": code.point.format(**names),
        "refused": refused,
        "details": _details(made) if made.error_code else [],
        "may_approve": made.status == SignIn.Status.INTERRUPTED,
        "token_until": portal_date(made.occurred_at + sign_in_queries.TOKEN_LIFE) if "token" in request.GET else "",
        "log_url": reverse("access:sign-in", args=[tenant, made.pk]) if may_read else "",
        "log_refusal": "" if may_read else refusal(Permission.ACCESS_READ),
        "again_url": f"{reverse('access:sign-in-new', args=[tenant])}?{urlencode({'again': made.pk})}",
        "home_url": reverse("console:home", args=[tenant]),
    }
    return render(request, "access/outcome.html", context, status=422 if refused else 200)


def _approve(request: OperatorRequest, made: SignIn) -> SignIn:
    if made.user is None:
        raise ValidationError("The user was deleted meanwhile.")
    made.user.tenant = request.tenant
    return services.sign_in(
        user=made.user,
        actor=request.user,
        app=made.app,
        platform=made.platform,
        device=sign_in_queries.record_of(made),
        mfa=True,
        browser=made.browser,
        client_app=made.client_app,
        ip_address=made.ip_address,
        goes_on_from=made,
    )


def _details(made: SignIn) -> list[dict[str, Any]]:
    """What "More details" shows, for whoever the user asks for help."""
    return [
        {"label": "Error Code", "value": str(made.error_code)},
        {"label": "Request Id", "value": str(made.pk)},
        {"label": "Correlation Id", "value": str(made.correlation_id)},
        {"label": "Timestamp", "value": portal_date(made.occurred_at)},
        {"label": "App name", "value": cloud_apps.label(made.app)},
        {"label": "IP address", "value": made.ip_address},
        {"label": "Device identifier", "value": str(made.device_id) if made.device_id else "Not available"},
        {"label": "Device platform", "value": PLATFORMS.get(made.platform, "Unknown")},
        {"label": "Device state", "value": _device_state(made)},
    ]


def _device_state(made: SignIn) -> str:
    if made.device_id is None:
        return "Unregistered"
    if made.device_compliant:
        return "Compliant"
    return "Managed" if made.device_managed else "Registered"
