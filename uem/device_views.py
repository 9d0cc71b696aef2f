"""The partner's console: its devices."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from blades import lists
from blades.messages import say_once
from blades.templatetags.blades import portal_date
from directory import queries as directory
from partners.models import Platform
from tenancy.http import OperatorRequest
from uem import queries, services
from uem import samples as sample_devices
from uem.forms import EnrolForm, VerdictForm
from uem.http import address, attempt, in_console, of_device, render
from uem.models import Console, Enrolment

ORDERS = {"name": ("name_key", "id")}
POSTED = ["GET", "HEAD", "POST"]  # a GET comes from somebody who typed the address, or whose session ended


@in_console
@require_safe
def device_list(request: OperatorRequest, console: Console) -> HttpResponse:
    """Every device that is enrolled with the partner."""
    asked = lists.read(request.GET, ORDERS, default="name", per_page=request.user.page_size)
    page = lists.page_of(queries.devices(console, asked.term), asked)
    rows = [
        {
            "url": address("device", console, row.pk),
            "name": row.device_name,
            "user": row.user,
            "platform": row.get_platform_display(),
            "model": row.model,
            "verdict": row.get_verdict_display(),
            "kind": queries.VERDICT_KINDS[Enrolment.Verdict(row.verdict)],
            "retired": row.retired_at is not None,
            "registered": registration(row),
            "reported": portal_date(row.reported_at, "Never"),
        }
        for row in page.rows
    ]
    context = {
        "rows": rows,
        "term": asked.term,
        "records": page.record_line("devices"),
        "pager": page.pager(request.GET),
        "key": uuid4(),
    }
    return render(request, console, "uem/device_list.html", "device-list", context)


def registration(enrolment: Enrolment) -> str:
    """Whether Azure AD knows the device, as far as the partner has heard."""
    if enrolment.registration_error:
        return enrolment.registration_error
    return "Registered" if enrolment.azure_ad_device_id else "Not registered"


@in_console
@require_http_methods(POSTED)
def enrol(request: OperatorRequest, console: Console) -> HttpResponse:
    """First whose device it is, then the device itself."""
    chosen = directory.users_by_id(request.tenant, [request.GET.get("user", "")])
    if not chosen:
        term = request.GET.get("q", "").replace("\x00", "").strip()[: lists.LONGEST_TERM]
        users = directory.users_to_pick(request.tenant, term)
        context = {"term": term, "users": users, "more": len(users) == directory.PICKER_LIMIT}
        return render(request, console, "uem/enrol_user.html", "device-enrol", context)
    user = chosen[0]
    form = EnrolForm(request.POST if request.method == "POST" else None, partner=console.vendor)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = services.enrol(
                console=console,
                actor=request.user,
                user=user,
                **values | {"platform": Platform(values["platform"])},
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            say_once(request, "Device enrolled", f"'{made}' of {user.display_name} is managed here now.")
            return redirect(address("device", console, made.pk))
    context = {"form": form, "user": user}
    return render(request, console, "uem/enrol.html", "device-enrol", context, status=422 if form.errors else 200)


@in_console
@require_http_methods(POSTED)
def samples(request: OperatorRequest, console: Console) -> HttpResponse:
    """Enrolls devices to practise with; a form that is sent twice enrolls them once."""
    if request.method == "POST":
        key = next(directory.uuids([request.POST.get("key", "")]), None) or uuid4()
        try:
            made = sample_devices.enrol(console=console, actor=request.user, key=key)
        except ValidationError as error:
            say_once(request, "Nothing was changed", " ".join(error.messages), level="error")
        else:
            text, level = _told(made)
            say_once(request, "Sample devices", text, level=level)
    return redirect(address("device-list", console))


def _told(made: sample_devices.Made) -> tuple[str, str]:
    """What is said of sample devices, and how."""
    if not made.enrolled:
        return "These sample devices are enrolled already.", "info"
    text = f"{made.enrolled} devices are enrolled, {made.registered} of them registered with Azure AD."
    if made.forbidden:
        n = made.forbidden
        text += f" Conditional access refused {n} registration{'' if n == 1 else 's'}: the devices say why."
    return text, "warning" if made.forbidden else "success"


# One device


@of_device
@require_safe
def device(request: OperatorRequest, enrolment: Enrolment) -> HttpResponse:
    """What the partner knows of the device, what it has told Intune, and why there is a gap."""
    return _device(request, enrolment)


def _device(
    request: OperatorRequest, enrolment: Enrolment, form: VerdictForm | None = None, door_error: str = ""
) -> HttpResponse:
    record = queries.record_of(enrolment)
    console = enrolment.console
    initial = {"verdict": enrolment.verdict, "reason": enrolment.verdict_reason}
    context: dict[str, Any] = {
        "device": enrolment,
        "finding": queries.explain(enrolment, record),
        "kind": queries.VERDICT_KINDS[Enrolment.Verdict(enrolment.verdict)],
        "statuses": azure_statuses(enrolment),
        "record": record,
        "doors": doors(console),
        "door": next((door["label"] for door in doors(console) if door["value"] == enrolment.registered_through), ""),
        "door_error": door_error,
        "form": form or VerdictForm(initial=initial),
        "urls": {
            name: address(f"device-{name}", console, enrolment.pk)
            for name in ("register", "verdict", "online", "retire", "delete")
        },
    }
    status = 422 if form is not None or door_error else 200
    return render(request, console, "uem/device.html", "device-list", context, status=status)


def azure_statuses(enrolment: Enrolment) -> list[dict[str, str]]:
    """The three fields by which the partner tells how the device stands with Azure AD."""
    if enrolment.report_error or enrolment.registration_error:
        status = "Failed"
    elif enrolment.reported_at is None or enrolment.unreported:
        status = "In-progress" if enrolment.azure_ad_device_id else ""
    else:
        status = "Successful"
    code = "Success" if enrolment.azure_ad_device_id else "Workplace_Join_Required"
    return [
        {"label": "Azure Device Identifier", "value": str(enrolment.azure_ad_device_id or "")},
        {"label": "Azure Device Compliance Status", "value": status},
        {"label": "Azure Client Status Code", "value": enrolment.registration_error or code},
    ]


def doors(console: Console) -> list[dict[str, str]]:
    """The apps through which the user may try to register the device, each with what it is."""
    app = console.vendor.self_service
    return [
        {
            "value": services.Door.AUTHENTICATOR,
            "label": services.Door.AUTHENTICATOR.label,
            "text": "Microsoft's app for sign-ins. Its settings have Device registration.",
        },
        {
            "value": services.Door.COMPANY_PORTAL,
            "label": services.Door.COMPANY_PORTAL.label,
            "text": "Microsoft's app of Intune, opened by the user without being sent there.",
        },
        {
            "value": services.Door.SELF_SERVICE,
            "label": app,
            "text": f"The app of {console.vendor.product} on the device. It starts the registration itself.",
        },
    ]


@of_device
@require_http_methods(POSTED)
def register(request: OperatorRequest, enrolment: Enrolment) -> HttpResponse:
    """The user registers the device with Azure AD through one of the apps."""
    door = request.POST.get("door", "")
    back = redirect(address("device", enrolment.console, enrolment.pk))
    if request.method != "POST":
        return back
    if door not in Enrolment.Door:
        return _device(request, enrolment, door_error="Select the app through which the user registers.")
    try:
        done = services.register(enrolment=enrolment, actor=request.user, door=door)
    except ValidationError as error:
        return _device(request, enrolment, door_error=" ".join(error.messages))
    if done.registration_error:
        say_once(request, "Registration failed", f"The user's device says: {done.registration_error}.", level="error")
    else:
        say_once(request, "Device registered", f"Azure AD knows '{done}' now.")
    return back


@of_device
@require_http_methods(POSTED)
def verdict(request: OperatorRequest, enrolment: Enrolment) -> HttpResponse:
    """The partner's policies come to a verdict."""
    back = redirect(address("device", enrolment.console, enrolment.pk))
    if request.method != "POST":
        return back
    form = VerdictForm(request.POST)
    if form.is_valid():
        try:
            done = services.set_verdict(enrolment=enrolment, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            say_once(request, "Compliance changed", f"'{done}' is {done.get_verdict_display().lower()}.")
            return back
    return _device(request, enrolment, form)


@of_device
@require_http_methods(POSTED)
def online(request: OperatorRequest, enrolment: Enrolment) -> HttpResponse:
    """The device comes within reach, or leaves it."""
    if request.method == "POST":
        wanted = request.POST.get("online") == "1"
        attempt(
            request,
            "Device changed",
            f"'{enrolment}' is {'online' if wanted else 'offline'}.",
            lambda: services.set_online(enrolment=enrolment, actor=request.user, online=wanted),
        )
    return redirect(address("device", enrolment.console, enrolment.pk))


@of_device
@require_http_methods(POSTED)
def retire(request: OperatorRequest, enrolment: Enrolment) -> HttpResponse:
    """Asks before the partner lets the device go; a POST does it, and Intune is told."""
    back = address("device", enrolment.console, enrolment.pk)
    if request.method == "POST":
        attempt(
            request,
            "Device retired",
            f"'{enrolment}' is managed here no longer. What Microsoft Intune knows of it is said below.",
            lambda: services.retire(enrolment=enrolment, actor=request.user),
        )
        return redirect(back)
    context = {
        "heading": "Retire device",
        "question": f"'{enrolment}' is no longer managed by {enrolment.console.vendor.product}. Microsoft Intune is "
        "told so; the registration in Azure AD stays.",
        "label": "Retire",
        "back": back,
    }
    return render(request, enrolment.console, "uem/confirm.html", "device-list", context)


@of_device
@require_http_methods(POSTED)
def delete(request: OperatorRequest, enrolment: Enrolment) -> HttpResponse:
    """Asks before the record is deleted; a POST does it, and Intune is told nothing."""
    if request.method == "POST":
        attempt(
            request,
            "Device deleted",
            f"This console has no record of '{enrolment}' any more.",
            lambda: services.delete(enrolment=enrolment, actor=request.user),
        )
        return redirect(address("device-list", enrolment.console))
    context = {
        "heading": "Delete device",
        "question": f"The record of '{enrolment}' is removed from this console. Microsoft Intune is told nothing: "
        "retire the device first, if its record there is to go as well.",
        "label": "Delete",
        "danger": True,
        "back": address("device", enrolment.console, enrolment.pk),
    }
    return render(request, enrolment.console, "uem/confirm.html", "device-list", context)
