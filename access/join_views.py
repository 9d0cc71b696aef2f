"""Joining a Windows device to Azure AD as somebody of the directory, and what comes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from access.pickers import user_of_form
from blades.forms import BladeForm
from blades.http import render_blade
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from devices import joining
from devices.actions import LONGEST_WINDOWS_NAME
from devices.joining import Outcome
from devices.models import ManagedDevice
from directory import queries as directory
from directory.models import DirectoryDevice, DirectoryUser
from directory.picker import UserPicker
from tenancy.http import OperatorRequest
from tenancy.models import JournalEntry
from tenancy.roles import Permission

WRONG = "Something went wrong."
ALL_SET = "You're all set!"
ADDED = "We've added your account successfully. You now have access to your organization's apps and services."
NOT_AUTHORIZED = (
    "This user is not authorized to enroll. You can try to do this again or contact your system administrator with the "
    "error code ({code})."
)


@dataclass(frozen=True)
class Told:
    """heading, text: what the user reads, of {organization}. found: what administrators find, of {application}."""

    heading: str
    text: str
    found: str


TOLD: dict[Outcome, Told] = {
    Outcome.ENROLLED: Told(
        ALL_SET,
        "This device is connected to {organization}.",
        "Azure AD has a record of the device, whose MDM says Microsoft Intune some minutes later, and Intune has its "
        "own.",
    ),
    Outcome.OTHER_MDM: Told(
        ALL_SET,
        "This device is connected to {organization}.",
        "Azure AD has a record of the device, and its MDM says {application}. Intune knows nothing of it.",
    ),
    Outcome.MAM_ONLY: Told(
        ALL_SET,
        ADDED,
        "Azure AD has a record of the device, and its MDM says None. The MAM User scope of {application} covers the "
        "user, and outranks the MDM user scope on the user's own devices: apps are protected, the device is not "
        "managed.",
    ),
    Outcome.UNPROTECTED: Told(
        ALL_SET,
        ADDED,
        "Azure AD has a record of the device, and its MDM says None. The MAM User scope of {application} covers the "
        "user, but nothing protects the apps: the MAM discovery URL is blank or wrong, or the user has no license.",
    ),
    Outcome.REGISTERED: Told(
        ALL_SET,
        ADDED,
        "Azure AD has a record of the device, and its MDM says None. No user scope of Mobility (MDM and MAM) covers "
        "the user.",
    ),
    Outcome.NOT_IN_SCOPE: Told(
        ALL_SET,
        "This device is connected to {organization}.",
        "Azure AD has a record of the device, and its MDM says None: no MDM user scope of Mobility (MDM and MAM) "
        "covers the user.",
    ),
    Outcome.SCOPES_OVERLAP: Told(
        ALL_SET,
        "This device is connected to {organization}.",
        "Azure AD has a record of the device, and its MDM says None: the MDM user scopes of more than one application "
        "cover the user, and only one may.",
    ),
    Outcome.TERMS_OF_USE: Told(
        WRONG,
        "Looks like the MDM Terms of Use endpoint is not correctly configured.",
        "There is no record of the device. The MDM terms of use URL or the MDM discovery URL of {application} is blank "
        "or wrong.",
    ),
    Outcome.NO_LICENCE: Told(
        WRONG,
        "Looks like we can't connect to the URL for your organization's MDM terms of use. Try again, or contact your "
        "system administrator with the problem information from this page.",
        "There is no record of the device. The user has no license for {application}.",
    ),
    Outcome.TOO_MANY_JOINED: Told(
        WRONG,
        NOT_AUTHORIZED,
        f"There is no record of the device. The user owns {joining.MOST_JOINED} devices in Azure AD, which is the "
        "limit.",
    ),
    Outcome.TOO_MANY_ENROLLED: Told(
        WRONG,
        NOT_AUTHORIZED,
        f"There is no record of the device. The user has enrolled {joining.MOST_ENROLLED} devices with Intune, which "
        "is the limit.",
    ),
}


class JoinForm(BladeForm):
    """What the user chosen beside the form does on a Windows device."""

    device_name = forms.CharField(
        label="Device name",
        help_text=f"At most {LONGEST_WINDOWS_NAME} characters: letters, numbers and hyphens.",
    )
    ownership = forms.ChoiceField(
        label="On the device",
        choices=[("corporate", "Join this device to Azure AD"), ("own", "Add a work or school account")],
        initial="corporate",
        widget=forms.RadioSelect,
        help_text="Devices of the company are joined. On an own device the user adds the work account.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ownership"]
        field.choices = [(value, say(label)) for value, label in field.choices]


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Join a Windows device as somebody of the directory. `?user=` says who."""
    picker = user_of_form(request, next(directory.uuids([request.GET.get("user", "")]), None))
    if request.method != "POST":
        name = f"DESKTOP-{secrets.token_hex(4)[:7].upper()}"
        return _form(request, JoinForm(initial={"device_name": name}), picker)
    if picker.handled:
        return _form(request, JoinForm(initial=request.POST.dict()), picker)
    form = JoinForm(request.POST)
    refused = [] if picker.selected else ["Select a user."]
    if form.is_valid() and not refused:
        try:
            entry = joining.join(
                tenant=request.tenant,
                actor=request.user,
                user=picker.selected[0],
                device_name=form.cleaned_data["device_name"],
                own_device=form.cleaned_data["ownership"] == "own",
            )
        except ValidationError as error:
            found = error.message_dict
            refused = found.pop("user", [])
            for name, sentences in found.items():
                form.add_error(name, sentences)
        else:
            return redirect("access:join-outcome", tenant, entry.pk)
    return _form(request, form, picker, refused=refused, status=422)


def _form(
    request: OperatorRequest, form: JoinForm, picker: UserPicker, *, refused: list[str] | None = None, status: int = 200
) -> HttpResponse:
    user = picker.selected[0] if picker.selected else None
    context = {
        "form": form,
        "picker": picker,
        "open_picker": picker.key if picker.open else "",
        "user_text": f"{user.display_name} ({user.upn})" if user else "None selected",
        "user_errors": refused or [],
    }
    partial = "user-picker" if "user_q" in request.GET else ""
    return render_blade(request, "access/join.html", context, partial=partial, status=status)


@require_safe
def join_outcome(request: OperatorRequest, tenant: str, join_id: UUID) -> HttpResponse:
    """What the user sees of a join, what the device's event log says of it, and what administrators find."""
    entry: JournalEntry = get_object_or_404(
        JournalEntry.objects.in_tenant(request.tenant).filter(activity=joining.JOINED), pk=join_id
    )
    outcome = joining.outcome_of(entry)
    if outcome is None:
        raise Http404("No such join.")
    told, failure = TOLD[outcome], joining.FAILURES.get(outcome)
    values = entry.new_values
    names = {
        "organization": request.tenant.display_name,
        "application": values.get("Application", ""),
        "code": failure.code if failure else "",
    }
    user = DirectoryUser.objects.in_tenant(request.tenant).filter(upn=values["User"]).first()
    again = f"?{urlencode({'user': user.pk})}" if user else ""
    context = {
        "heading": values["Device"],
        "subtitle": f"{values['User']}, {portal_date(entry.occurred_at)}",
        "seen": [
            {"label": "On the screen", "lines": [told.heading, told.text.format(**names)]},
        ],
        "event": _event(failure.event_id, failure.code) if failure and failure.event_id else [],
        "found": say(told.found).format(**names),
        "links": _links(request, entry, user),
        "again_url": reverse("access:join", args=[tenant]) + again,
    }
    return render_blade(request, "access/join_outcome.html", context)


def _event(event_id: int, code: str) -> list[dict[str, str]]:
    provider = "DeviceManagement-Enterprise-Diagnostics-Provider"
    return [
        {"label": "Log Name", "value": f"Microsoft-Windows-{provider}/Admin"},
        {"label": "Source", "value": provider},
        {"label": "Event ID", "value": str(event_id)},
        {"label": "Level", "value": "Error"},
        {"label": "Description", "value": f"Auto MDM Enroll: Failed (Unknown Win32 Error code: {code})"},
    ]


def _links(request: OperatorRequest, entry: JournalEntry, user: DirectoryUser | None) -> list[tuple[str, str]]:
    """Where to look next, as far as the operator may."""
    slug, may = request.tenant.slug, request.membership.may
    record = DirectoryDevice.objects.in_tenant(request.tenant).filter(pk=entry.target_id).first()
    found = []
    if record is not None and may(Permission.DIRECTORY_DEVICES_READ):
        url = reverse("directory:device-overview", args=[slug, record.pk])
        found.append((say("The device in Azure AD"), url))
    if record is not None and may(Permission.DEVICES_READ):
        devices = ManagedDevice.objects.in_tenant(request.tenant).filter(azure_ad_device_id=record.device_id)
        found += [
            ("The device in Intune", reverse("devices:overview", args=[slug, pk]))
            for pk in devices.values_list("pk", flat=True)
        ]
    if user is not None and may(Permission.DIRECTORY_READ):
        found.append(("The user", reverse("directory:user-overview", args=[slug, user.pk])))
    if may(Permission.MOBILITY_READ):
        found.append(("Mobility (MDM and MAM)", reverse("mobility:application-list", args=[slug])))
    return found
