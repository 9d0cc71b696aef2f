"""The blades of one device, and the list of what was asked of all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from blades import lists
from blades.http import Gone, render_blade
from blades.messages import toast
from blades.tables import Empty, item_urls, link
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from devices import actions, compliance, device_queries, device_tables, many, queries, services, tables, visibility
from devices.actions import Kind
from devices.device_forms import ActionForm, PropertiesForm
from devices.models import (
    Agent,
    Compliance,
    CompliancePolicy,
    DeviceAction,
    DeviceState,
    ManagedDevice,
    OperatingSystem,
)
from directory.picker import UserPicker
from tenancy.http import OperatorRequest, requires
from tenancy.roles import MissingPermission, Permission, refusal
from tenancy.scoping import NEVER

BUILT_IN_POLICY = "Built-in Device Compliance Policy"
PARTNER_DECIDES = "A compliance partner manages this device, and decides whether it is compliant."
PARTNER_SILENT = "A compliance partner manages this device. It is Not evaluated until the partner reports it."

# The order of the command bar, and the icon of each.
COMMANDS: dict[Kind, str] = {
    Kind.RETIRE: "x",
    Kind.WIPE: "undo",
    Kind.DELETE: "delete",
    Kind.REMOTE_LOCK: "lock",
    Kind.SYNC: "sync",
    Kind.RESET_PASSCODE: "key",
    Kind.RESTART: "power",
    Kind.RENAME: "rename",
}
# What each does, in the dialog that asks for Yes or No. {name}: of the device.
CONSEQUENCES: dict[Kind, str] = {
    Kind.RETIRE: "Retire removes the apps, settings and data of the company from '{name}' and ends its management. "
    "Personal data stays. The device leaves Intune when it next checks in; Azure AD keeps its record.",
    Kind.WIPE: "Wipe resets '{name}' to factory settings. All data, apps and settings on it are removed and cannot be "
    "recovered. The device leaves Intune when it next checks in; Azure AD keeps its record.",
    Kind.DELETE: "Delete removes '{name}' from Intune at once, whether it can be reached or not. Company data is "
    "removed when the device next checks in. Azure AD keeps its record.",
    Kind.REMOTE_LOCK: "Remote lock locks '{name}'. It is unlocked with its passcode.",
    Kind.SYNC: "Sync makes '{name}' check in with Intune now and receive pending actions and policies.",
    Kind.RESET_PASSCODE: "Reset passcode gives '{name}' a temporary passcode, which is shown here for seven days.",
    Kind.RESTART: "Restart restarts '{name}'. Its user is not asked and may lose work that is not saved.",
}
REMOVE_PASSCODE = (
    "Remove passcode removes the passcode of '{name}'. Where a policy requires one, the user is asked for a new one."
)
LOCK_MACOS = "Remote lock locks '{name}'. It is unlocked with the recovery PIN, which is shown here for 30 days."
ACTIONS = "Device actions"
DONE: dict[Kind, str] = {Kind.RETIRE: "retired", Kind.WIPE: "wiped", Kind.DELETE: "deleted"}


def _device(request: OperatorRequest, device_id: UUID) -> ManagedDevice:
    device = queries.device(request.tenant, device_id)
    if device is None:
        raise _no_device(request, device_id)
    device.tenant = request.tenant
    return device


def _no_device(request: OperatorRequest, device_id: UUID) -> Http404:
    """The answer where there is no such device, or no longer."""
    end = device_queries.end_of(request.tenant, device_id)
    if end is None:
        return Http404("No such device.")
    asked = f"{end.get_kind_display()} was requested by {end.requested_by_name}"
    return Gone(
        f"'{end.device_name}' is no longer in Intune",
        f"{asked} and completed on {portal_date(end.completed_at)}.",
        link_label=ACTIONS,
        link_url=_actions_url(request, end.device_name),
    )


def _actions_url(request: OperatorRequest, name: str = "") -> str:
    """The list of actions, or of those on devices of this name."""
    url = reverse("devices:action-list", args=[request.tenant.slug])
    return f"{url}?{urlencode({'q': name})}" if name else url


def _survives_the_device(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST about a device that has left meanwhile leads to the list, which says so."""

    @wraps(view)
    def survives(request: OperatorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Gone as gone:
            if request.method != "POST":
                raise
            toast(
                request,
                "Device not found",
                f"{gone.title}.",
                level="error",
                link_url=gone.link_url,
                link_label=gone.link_label,
            )
            return redirect("devices:security-list", request.tenant.slug)

    return survives


# Overview


@requires(Permission.DEVICES_READ)
@require_safe
def overview(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """What a device is, whose it is, how it stands and what was asked of it. `?pane=` opens the dialog of an action."""
    return _overview(request, _device(request, device_id), opened=request.GET.get("pane", ""))


@requires(Permission.DEVICES_READ)
@require_http_methods(["GET", "POST"])
@_survives_the_device
def act(request: OperatorRequest, tenant: str, device_id: UUID, kind: str) -> HttpResponse:
    """A POST asks for one remote action; each needs its own permission. A GET leads to its dialog."""
    if kind not in Kind:
        raise Http404("No such action.")
    asked = Kind(kind)
    if request.method != "POST":
        device = _device(request, device_id)
        return redirect(f"{reverse('devices:overview', args=[tenant, device.pk])}?pane={asked}")
    if not request.membership.may(actions.PERMISSIONS[asked]):
        raise MissingPermission(actions.PERMISSIONS[asked])
    if _is_second_click(request, asked, device_id):
        return redirect("devices:security-list", tenant)
    device = _device(request, device_id)
    form = ActionForm(request.POST, kind=asked, device=device)
    if not form.is_valid():
        return _overview(request, device, opened=kind, form=form, status=422)
    try:
        result = services.request_actions(
            tenant=request.tenant,
            actor=request.user,
            devices=[device],
            kind=asked,
            options=form.options,
            key=form.cleaned_data["key"],
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _overview(request, device, opened=kind, form=form, status=422)
    if result.refused:
        return _overview(request, _device(request, device_id), refused=result.refused[0].reason, status=422)
    return _acted(request, device, result.made[0])


def _is_second_click(request: OperatorRequest, kind: Kind, device_id: UUID) -> bool:
    """Whether the device is gone because the first click has removed it."""
    if queries.device(request.tenant, device_id) is not None:
        return False
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return False
    return device_queries.action_exists(request.tenant, actions.action_id(key, kind, device_id))


def _acted(request: OperatorRequest, device: ManagedDevice, action: DeviceAction) -> HttpResponse:
    """Where the operator finds out what became of it: on the list when the device is gone, else on its page."""
    kind, name = Kind(action.kind), action.device_name
    word = actions.label(kind, device.os)
    if action.device_id is None:
        title, text = f"Device {DONE[kind]}", f"Successfully {DONE[kind]} '{name}'."
    else:
        title, text = many.said([action], word)
    toast(request, title, text, link_url=_actions_url(request), link_label=ACTIONS)
    if action.device_id is None:
        return redirect("devices:security-list", request.tenant.slug)
    return redirect("devices:overview", request.tenant.slug, device.pk)


def _overview(
    request: OperatorRequest,
    device: ManagedDevice,
    *,
    opened: str = "",
    form: ActionForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    found = device_queries.latest_actions(device)
    reasons = _reasons(request, device, found)
    if form is not None and form.errors and not set(form.errors) & set(form.fields):
        refused = str(form.non_field_errors()[0])
    # An answer to a refused POST stands at another address, so the page names its own.
    here = reverse("devices:overview", args=[request.tenant.slug, device.pk])
    context: dict[str, Any] = {
        "device": device,
        "heading": device.device_name,
        "here": here,
        "essentials": _essentials(request, device),
        "more": _more_essentials(request, device),
        "commands": [
            {
                "label": actions.label(kind, device.os),
                "icon": icon,
                "url": f"{here}?pane={kind}",
                "pane": f"pane-{kind}",
                "reason": reasons[kind],
            }
            for kind, icon in COMMANDS.items()
        ],
        "questions": [
            _question(device, kind, form if form is not None and form.kind is kind else None, opened=opened)
            for kind in COMMANDS
            if not reasons[kind]
        ],
        "refused": refused or reasons.get(Kind(opened), "") if opened in Kind else refused,
        "secret": _secret(request, device),
        "state": _state(device),
        "table": device_tables.ActionStatusTable.of(found, device.os),
        "actions_url": _actions_url(request),
    }
    if device.authority is not None:
        context["hidden"] = visibility.is_hidden(device)
        context["partner_url"] = reverse("partners:overview", args=[request.tenant.slug, device.authority.pk])
        context["partner_text"] = PARTNER_DECIDES if device_queries.partners_verdict(device) else PARTNER_SILENT
    return render_blade(request, "devices/overview.html", context, status=status)


def _reasons(request: OperatorRequest, device: ManagedDevice, found: list[DeviceAction]) -> dict[Kind, str]:
    """Why each action is not possible; empty where it is."""
    waiting = {action.kind for action in found if action.status == DeviceAction.Status.PENDING}
    reasons = {}
    for kind, permission in actions.PERMISSIONS.items():
        reason = "" if request.membership.may(permission) else refusal(permission)
        reason = reason or actions.refusal(device, kind)
        if not reason and kind in waiting:
            reason = actions.PENDING.format(action=actions.label(kind, device.os))
        if not reason and kind is Kind.RENAME and services.is_hybrid(device):
            reason = say(actions.HYBRID)
        reasons[kind] = reason
    return reasons


def _question(device: ManagedDevice, kind: Kind, form: ActionForm | None, *, opened: str) -> dict[str, Any]:
    """The dialog of one action."""
    sentence = CONSEQUENCES.get(kind, "")
    if kind is Kind.RESET_PASSCODE and device.os == OperatingSystem.IOS:
        sentence = REMOVE_PASSCODE
    if kind is Kind.REMOTE_LOCK and device.os == OperatingSystem.MACOS:
        sentence = LOCK_MACOS
    form = form or ActionForm(kind=kind, device=device)
    return {
        "id": f"pane-{kind}",
        "form_id": f"action-{kind}",
        "title": actions.label(kind, device.os),
        "label": actions.label(kind, device.os).split()[0],
        "text": say(sentence.format(name=device.device_name)),
        "url": reverse("devices:act", args=[device.tenant.slug, device.pk, kind.value]),
        "danger": kind in {Kind.RETIRE, Kind.WIPE, Kind.DELETE},
        "pane": kind is Kind.RENAME,
        "open": opened == kind,
        "form": form,
        "checks": [form[name] for name in ("keep_enrollment", "keep_wiping") if name in form.fields],
        "fields": [form[name] for name in ("new_name", "pin") if name in form.fields],
    }


def _essentials(request: OperatorRequest, device: ManagedDevice) -> list[dict[str, Any]]:
    user_url = ""
    if device.primary_user_id and request.membership.may(Permission.DIRECTORY_READ):
        user_url = reverse("directory:user-overview", args=[request.tenant.slug, device.primary_user_id])
    return _items({
        "Device name": device.device_name,
        "Primary user": (device.user_upn, user_url),
        "Management name": device.management_name,
        "Managed by": device.managed_by_label,
        "Ownership": device.get_ownership_display(),
        "Compliance": _compliance(device),
        "Serial number": device.serial_number,
        "Operating system": device.get_os_display(),
        "Phone number": device.phone_number,
        "Device model": device.model,
    })  # fmt: skip


def _compliance(device: ManagedDevice) -> Any:
    """The state, and a word where it is the partner's verdict."""
    cell = tables.compliance_cell(device.compliance)
    verdict = device_queries.partners_verdict(device)
    if verdict is None:
        return cell
    return format_html("{} (reported by the partner on {})", cell, portal_date(verdict.reported_at))


def _more_essentials(request: OperatorRequest, device: ManagedDevice) -> list[dict[str, Any]]:
    record_url = ""
    record = device_queries.record_of(device) if request.membership.may(Permission.DIRECTORY_DEVICES_READ) else None
    if record is not None:
        record_url = reverse("directory:device-overview", args=[request.tenant.slug, record])
    return _items({
        "Device manufacturer": device.manufacturer,
        "OS version": device.os_version,
        "Enrolled date": portal_date(device.enrolled_at),
        "Last check-in": _moment(device.last_checkin_at),
        "Device state": device.get_state_display(),
        "Notes": device.notes.partition("\n")[0],
        "Azure AD device ID": (device.azure_ad_device_id, record_url),
        "Intune device ID": device.pk,
    })  # fmt: skip


def _state(device: ManagedDevice) -> str:
    """What a device that is to leave waits for."""
    return {
        DeviceState.RETIRE_PENDING: "Retire pending. The device leaves Intune when it next checks in.",
        DeviceState.WIPE_PENDING: "Wipe pending. The device is wiped when it next checks in.",
    }.get(DeviceState(device.state), "")


def _secret(request: OperatorRequest, device: ManagedDevice) -> str:
    """The passcode or PIN that was set last, for those who may set one."""
    found = device_queries.secret_of(device)
    if found is None or not request.membership.may(actions.PERMISSIONS[found[0].kind]):
        return ""
    secret, value = found
    return f"{secret.label}: {value}. It is shown for {secret.shown.days} days after it was set."


# Properties

FORM, USER = "blade-form", "primary_user"


@requires(Permission.DEVICES_READ)
@require_http_methods(["GET", "POST"])
@_survives_the_device
def properties(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """Ownership, primary user and notes. Buttons of the picker post the form too: then nothing is saved."""
    device = _device(request, device_id)
    if request.method != "POST":
        return _properties(request, device, PropertiesForm(device=device), _user_picker(request, device))
    for needed in (Permission.DEVICES_UPDATE, *([Permission.DEVICES_SET_PRIMARY_USER] if USER in request.POST else [])):
        if not request.membership.may(needed):
            raise MissingPermission(needed)
    form, picker = PropertiesForm(request.POST, device=device), _user_picker(request, device)
    if picker.handled:
        return _properties(request, device, form, picker)
    if form.is_valid():
        try:
            services.change_properties(
                tenant=request.tenant,
                actor=request.user,
                device=device,
                primary_user=picker.selected[0] if picker.selected else None,
                **form.cleaned_data,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            toast(request, "Device saved", f"Successfully saved the properties of '{device.device_name}'.")
            return redirect("devices:properties", tenant, device.pk)
    return _properties(request, device, form, picker, status=422)


def _user_picker(request: OperatorRequest, device: ManagedDevice) -> UserPicker:
    """The picker of the primary user. Who may not set one has none, and the device keeps its own."""
    may = request.membership.may(Permission.DEVICES_SET_PRIMARY_USER)
    return UserPicker.load(
        request.tenant,
        request.POST if request.method == "POST" and may else None,
        key="primary-user",
        name=USER,
        form=FORM,
        initial=[device.primary_user_id] if device.primary_user_id else [],
        asked=request.GET if may else None,
        title="Change primary user",
        single=True,
    )


def _properties(
    request: OperatorRequest,
    device: ManagedDevice,
    form: PropertiesForm,
    picker: UserPicker,
    *,
    status: int = 200,
) -> HttpResponse:
    may = request.membership.may
    refused = "" if may(Permission.DEVICES_UPDATE) else refusal(Permission.DEVICES_UPDATE)
    user = picker.selected[0] if picker.selected else None
    for field in form.fields.values():
        field.disabled = bool(refused)
    context = {
        "device": device,
        "heading": device.device_name,
        "form": form,
        "facts": _items({
            "Device name": device.device_name,
            "Management name": device.management_name,
            "Serial number": device.serial_number,
        }),
        "refusal": refused,
        "may_set_user": not refused and may(Permission.DEVICES_SET_PRIMARY_USER),
        "user": user,
        "user_text": f"{user.display_name} ({user.upn})" if user else "None",
        "user_edited": (user.pk if user else None) != device.primary_user_id,
        "picker": picker,
        "open_picker": picker.key if picker.open else "",
    }  # fmt: skip
    partial = "user-picker" if f"{USER}_q" in request.GET else ""
    return render_blade(request, "devices/properties.html", context, partial=partial, status=status)


# Hardware


@requires(Permission.DEVICES_READ)
@require_safe
def hardware(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """What the device last said of itself."""
    device = _device(request, device_id)
    sections = [
        {
            "title": "System",
            "items": _items({
                "Name": device.device_name,
                "Management name": device.management_name,
                "UDID": device.udid,
                "Intune Device ID": device.pk,
                "Serial number": device.serial_number,
                "OS": device.get_os_display(),
                "OS version": device.os_version,
                "IMEI": device.imei,
                "MEID": device.meid,
                "Manufacturer": device.manufacturer,
                "Model": device.model,
                "Phone number": device.phone_number,
                "Wi-Fi MAC": device.wifi_mac,
                "Supervised": _yes_no(device.supervised),
                "Encrypted": _yes_no(device.encrypted),
            }),
        },
        {
            "title": "Storage",
            "items": _items({
                "Total storage space": _gigabytes(device.storage_total_mb),
                "Free storage space": _gigabytes(device.storage_free_mb),
            }),
        },
        {
            "title": "Enrollment",
            "items": _items({
                "Enrolled date": portal_date(device.enrolled_at),
                "Last contact": _moment(device.last_checkin_at),
                "Primary user": device.user_upn,
            }),
        },
        {
            "title": "Conditional access",
            "items": _items({
                "Azure AD registered": _yes_no(device.azure_ad_device_id is not None),
                "Azure AD device ID": device.azure_ad_device_id,
                "Intune registered": _yes_no(device.agent != Agent.CONFIGMGR),
                "Compliance": tables.compliance_cell(device.compliance),
                "EAS activated": _yes_no(device.eas_activated),
            }),
        },
    ]  # fmt: skip
    context = {"device": device, "heading": device.device_name, "sections": sections}
    return render_blade(request, "devices/hardware.html", context)


# Device compliance


@requires(Permission.DEVICES_READ)
@require_safe
def device_compliance(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """The policies that judge the device, each with what it says; or who does in Intune's place."""
    device = _device(request, device_id)
    found = device_queries.Judgement.of(device)
    url = reverse("devices:built-in-policy", args=[tenant, device.pk])
    rows: list[tuple[str, Any, Any]] = [
        (BUILT_IN_POLICY, link(url, BUILT_IN_POLICY), device_tables.all_met_cell(found.built_in()))
    ]
    name, notice = _judge(device)
    if name:
        state = Compliance.SEE_CONFIGMGR if device.agent == Agent.CONFIGMGR else Compliance(device.compliance)
        rows.append((name, name, tables.compliance_cell(state)))
    elif compliance.is_judged(device):
        address = item_urls("devices:policy-of-device", tenant, device.pk)
        rows += [
            (str(policy), link(address(policy.pk), str(policy)), tables.compliance_cell(found.state(policy)))
            for policy in sorted((demand.policy for demand in found.demands), key=lambda policy: policy.name_key)
        ]
    term = request.GET.get("q", "").strip()[:100]
    shown = [
        {"id": n, "label": label, "cells": [cell, device.user_upn or "--", state]}
        for n, (label, cell, state) in enumerate(rows)
        if term.casefold() in label.casefold()
    ]
    context = {
        "device": device,
        "heading": device.device_name,
        "notice": notice,
        "term": term,
        "table": device_tables.ComplianceTable(
            rows=shown,
            records=f"Showing 1 to {len(shown)} of {len(shown)} records" if shown else "0 records",
            empty=Empty(
                "No policies match the filter.", art="search", link_label="Clear filter", link_url=request.path
            ),
        ),
    }
    return render_blade(request, "devices/compliance.html", context, partial="results")


def _judge(device: ManagedDevice) -> tuple[str, str]:
    """Who says in Intune's place whether the device is compliant, and a sentence on it; empty where it is Intune."""
    if device.authority is not None:
        name = device.managed_by_label
        decides = f"{name} decides whether this device is compliant. Policies of Intune are not evaluated on it."
        verdict = device_queries.partners_verdict(device)
        if verdict is None:
            return name, f"{decides} It has not reported on this device yet."
        return name, f"{decides} It reported '{verdict}' on {portal_date(verdict.reported_at)}."
    if device.agent == Agent.CONFIGMGR:
        return "Configuration Manager", "Configuration Manager decides whether this device is compliant."
    if device.agent == Agent.NONE:
        return (
            "",
            "Nobody decides whether this device is compliant: neither Intune nor a partner manages it.",
        )
    return "", ""


@requires(Permission.DEVICES_READ)
@require_safe
def built_in_policy(request: OperatorRequest, tenant: str, device_id: UUID) -> HttpResponse:
    """What the built-in policy asks of the device, setting by setting."""
    device = _device(request, device_id)
    return _settings_of_policy(request, device, BUILT_IN_POLICY, device_queries.Judgement.of(device).built_in())


@requires(Permission.DEVICES_READ)
@require_safe
def policy_of_device(request: OperatorRequest, tenant: str, device_id: UUID, policy_id: UUID) -> HttpResponse:
    """What a policy asks of the device, setting by setting."""
    device = _device(request, device_id)
    policy = device_queries.policy(request.tenant, policy_id)
    if policy is None:
        raise Http404("No such policy.")
    found = device_queries.Judgement.of(device)
    if not found.is_for(policy):
        return _settings_of_policy(request, device, str(policy), [], "The policy does not apply to this device.")
    return _settings_of_policy(request, device, str(policy), found.settings_by(policy), _since(device, policy, found))


def _since(device: ManagedDevice, policy: CompliancePolicy, found: device_queries.Judgement) -> str:
    """What else there is to know of a state."""
    state = found.state(policy)
    if state is Compliance.NOT_EVALUATED:
        return "The device has not checked in since the policy was changed."
    if state is Compliance.ERROR and device.error_since:
        lapses_at = device.error_since + compliance.ERROR_LASTS
        kept = device.compliance == Compliance.ERROR
        is_marked = "What was said of the device before holds until it is marked" if kept else "The device was marked"
        return (
            f"A setting has reported an error since {portal_date(device.error_since)}. "
            f"{is_marked} as not compliant on {portal_date(lapses_at)}."
        )
    if state is Compliance.IN_GRACE_PERIOD:
        ends_at = compliance.grace_end(found.facts, policy)
        return f"The policy marks the device as not compliant on {portal_date(ends_at)}."
    return ""


def _settings_of_policy(
    request: OperatorRequest, device: ManagedDevice, name: str, settings: list[device_queries.Setting], notice: str = ""
) -> HttpResponse:
    context = {
        "device": device,
        "heading": device.device_name,
        "policy": name,
        "notice": notice,
        "compliance_url": reverse("devices:compliance", args=[request.tenant.slug, device.pk]),
        "table": device_tables.SettingTable.of(settings),
    }
    return render_blade(request, "devices/built_in_policy.html", context)


# Monitor > Device actions


@requires(Permission.DEVICES_READ)
@require_safe
def action_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Every remote action of the tenant, newest first."""
    asked = lists.read(request.GET, device_tables.ORDERS, default=device_tables.NEWEST, per_page=request.user.page_size)
    age = device_tables.chosen_age(request.GET)
    found = device_queries.actions(
        request.tenant,
        kinds=device_tables.chosen_kinds(request.GET),
        statuses=device_tables.chosen_statuses(request.GET),
        since=request.tenant.now() - age if age else None,
        name=asked.term,
    )
    context = {
        "table": device_tables.ActionTable.for_page(request, lists.page_of(found, asked)),
        "term": request.GET.get("q", ""),
        "pills": device_tables.pills(request.GET),
    }
    return render_blade(request, "devices/action_list.html", context, partial="results")


def _items(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Labels and values for a component; a value may be a pair with where it leads to, if anywhere."""
    pairs = {label: value if isinstance(value, tuple) else (value, "") for label, value in values.items()}
    return [{"label": say(label), "value": value, "url": url} for label, (value, url) in pairs.items()]


def _moment(moment: datetime) -> str:
    return portal_date(moment) if moment > NEVER else "--"


def _yes_no(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "Yes" if value else "No"


def _gigabytes(megabytes: int) -> str:
    return f"{megabytes / 1024:.2f} GB" if megabytes else "--"
