"""Devices > All devices > Bulk device actions: one action for up to a hundred devices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from blades import drafts
from blades.drafts import with_draft
from blades.http import render_blade
from blades.models import Draft
from devices import actions, many, services
from devices.actions import IN_BULK, Kind
from devices.bulk_forms import BasicsForm, DevicePicker, devices_of
from devices.models import ManagedDevice, OperatingSystem
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission

BULK = "devices.bulk"
FORM = "blade-form"
UNSENT = "unsent devices"  # ticked in the list or in the picker, not yet sent by Next
STEPS = {"basics": "Basics", "devices": "Devices", "review": "Review + create"}
CORRECT_FIRST = "Correct the fields before you go to the next step."
VALIDATION_FAILED = "Validation failed. Required information is missing or not valid."

METHODS = ["GET", "HEAD", "POST"]


def start(request: OperatorRequest, ticked: Iterable[UUID] = ()) -> HttpResponse:
    """Start a draft with the devices that are ticked in the list, if any are."""
    draft = drafts.start(request, BULK, answers={UNSENT: {"devices": [str(pk) for pk in ticked]}})
    return redirect("devices:bulk-basics", request.tenant.slug, draft.pk)


@requires(Permission.REMOTE_SYNC)
@require_http_methods(METHODS)
def bulk(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Start a draft, each in its own address, so that two tabs never share answers."""
    return start(request)


@requires(Permission.REMOTE_SYNC)
@require_http_methods(METHODS)
@with_draft(BULK)
def basics(request: OperatorRequest, draft: Draft) -> HttpResponse:
    """Step 1: OS and action. `?os=` previews a choice, so that the actions follow it."""
    answer = draft.answer("basics")
    posted = request.method == "POST"
    if posted:
        form = _basics_form(request, request.POST, initial=answer)
    elif "os" in request.GET:
        form = _basics_form(request, initial=request.GET.dict())
    else:
        form = _basics_form(request, answer, initial=answer) if answer else _basics_form(request)
    if posted and form.is_valid():
        draft.store("basics", form.cleaned_data)
        return redirect("devices:bulk-devices", request.tenant.slug, draft.pk)
    return _render(request, draft, "basics", {"form": form}, invalid=form.is_bound and not form.is_valid())


@requires(Permission.REMOTE_SYNC)
@require_http_methods(METHODS)
@with_draft(BULK)
def devices(request: OperatorRequest, draft: Draft) -> HttpResponse:
    """Step 2: which devices. A post from the picker draws the step again and stores no answer."""
    chosen = draft.answer("basics")
    if chosen is None:
        return redirect("devices:bulk-basics", request.tenant.slug, draft.pk)
    data = request.POST if request.method == "POST" else None
    kept = draft.answer(UNSENT) or draft.answer("devices") or {}
    picker = DevicePicker.load(
        request.tenant,
        data,
        key="devices",
        form=FORM,
        initial=kept.get("devices", ()),
        asked=request.GET,
        system=chosen["os"],
    )
    ids = [str(device.pk) for device in picker.selected]
    error = ""
    if data is not None and picker.handled:
        draft.store(UNSENT, {"devices": ids})
    elif data is not None:
        error = many.problem(len(ids))
        if not error:
            draft.store("devices", {"devices": ids})
            draft.drop(UNSENT)
            return redirect("devices:bulk-review", request.tenant.slug, draft.pk)
    elif draft.answer(UNSENT) is None and draft.answer("devices") is not None:
        error = many.problem(len(ids))
    kind = Kind(chosen["kind"])
    reasons = services.refusals(request.tenant, kind, picker.selected)
    left_out = len(kept.get("devices", ())) - len(ids) if data is None else 0
    context = {
        "picker": picker,
        "errors": [error] if error else [],
        "system": OperatingSystem(chosen["os"]).label,
        "action": actions.label(kind, chosen["os"]),
        "most": many.MOST,
        "left_out": left_out,
        "rows": [{"device": device, "reason": reasons.get(device.pk, "")} for device in picker.selected],
        "reasons": reasons,
    }
    return _render(request, draft, "devices", context, invalid=bool(error))


@requires(Permission.REMOTE_SYNC)
@require_http_methods(METHODS)
@with_draft(BULK)
def review(request: OperatorRequest, draft: Draft) -> HttpResponse:
    """Step 3: everything is validated again, because the world may have changed since."""
    unanswered = next((step for step in ("basics", "devices") if draft.answer(step) is None), None)
    if unanswered:
        return redirect(f"devices:bulk-{unanswered}", request.tenant.slug, draft.pk)
    form = _basics_form(request, draft.answer("basics"))
    found = _chosen(request, draft)
    error = many.problem(len(found))
    guilty = "" if form.is_valid() else "basics"
    if not guilty and error:
        guilty = "devices"
    if request.method == "POST":
        if not guilty:
            return _create(request, draft, found)
        return redirect(f"devices:bulk-{guilty}", request.tenant.slug, draft.pk)
    kind, system = Kind(draft.answers["basics"]["kind"]), draft.answers["basics"]["os"]
    possible, refused = many.divide(request.tenant, kind, found)
    context = {
        "sections": [
            {
                "title": "Basics",
                "items": [
                    {"label": "OS", "value": OperatingSystem(system).label, "errors": form.errors.get("os")},
                    {
                        "label": "Device action",
                        "value": actions.label(kind, system),
                        "errors": form.errors.get("kind"),
                    },
                ],
            },
            {
                "title": "Devices",
                "items": [
                    {
                        "label": f"Devices ({len(possible)})",
                        "lines": [many.named(device) for device in possible],
                        "errors": [error] if error else [],
                    },
                    *(
                        [
                            {
                                "label": f"Left out ({len(refused)})",
                                "lines": [f"{device.device_name}: {reason}" for device, reason in refused],
                            }
                        ]
                        if refused
                        else []
                    ),
                ],
            },
        ],
        "bar": VALIDATION_FAILED if guilty else "",
        "notice": _notice(kind, possible, refused, error),
        "blocked": bool(guilty) or not possible,
        "previous_url": reverse("devices:bulk-devices", args=[request.tenant.slug, draft.pk]),
    }
    return _render(request, draft, "review", context)


def _notice(
    kind: Kind, possible: list[ManagedDevice], refused: list[services.Refused], error: str
) -> dict[str, str] | None:
    if error:
        return None
    if not possible:
        return {"kind": "error", "text": "The action is not possible on any of the selected devices."}
    if kind in many.DANGEROUS or refused:
        return {"kind": "warn", "text": many.consequence(kind, possible)}
    return {"kind": "info", "text": many.consequence(kind, possible)}


def _create(request: OperatorRequest, draft: Draft, found: list[ManagedDevice]) -> HttpResponse:
    """Ask for the action. The draft's own id is the key: it asks once, however often it is sent."""
    kind, system = Kind(draft.answers["basics"]["kind"]), draft.answers["basics"]["os"]
    after = reverse("devices:list", args=[request.tenant.slug])
    try:
        result = services.request_actions(
            tenant=request.tenant, actor=request.user, devices=found, kind=kind, key=draft.pk
        )
    except ValidationError:
        return redirect("devices:bulk-basics", request.tenant.slug, draft.pk)
    many.report(request, kind, result, actions.label(kind, system))
    if not result.made:
        return redirect("devices:bulk-review", request.tenant.slug, draft.pk)
    draft.finish(after)
    return redirect(after)


# Shared by the steps


def _basics_form(request: OperatorRequest, data: Any = None, *, initial: Any = None) -> BasicsForm:
    may = [kind for kind in IN_BULK if request.membership.may(actions.PERMISSIONS[kind])]
    return BasicsForm(data, initial=initial, may=may)


def _chosen(request: OperatorRequest, draft: Draft) -> list[ManagedDevice]:
    """The devices of the answered step that are still there, and still of the answered system."""
    return devices_of(request.tenant, draft.answers["devices"]["devices"], draft.answers["basics"]["os"])


def _render(
    request: OperatorRequest, draft: Draft, step: str, context: dict[str, Any], *, invalid: bool = False
) -> HttpResponse:
    steps = _steps(request, draft, step)
    if invalid:
        next(entry for entry in steps if entry["state"] == "current")["state"] = "current-bad"
    args = [request.tenant.slug, draft.pk]
    context = {
        "bar": CORRECT_FIRST if invalid else "",
        "previous_url": reverse("devices:bulk-basics", args=args) if step == "devices" else "",
        **context,
        "steps": steps,
    }
    status = 422 if invalid and request.method == "POST" else 200
    return render_blade(request, f"devices/bulk_{step}.html", context, status=status)


def _steps(request: OperatorRequest, draft: Draft, here: str) -> list[dict[str, str]]:
    """The tabs: answered steps are open, ticked or crossed; the others wait."""
    valid = {}
    if draft.answer("basics") is not None:
        valid["basics"] = _basics_form(request, draft.answer("basics")).is_valid()
        if draft.answer("devices") is not None:
            valid["devices"] = not many.problem(len(_chosen(request, draft)))
    steps = []
    for step, label in STEPS.items():
        if step == here:
            state = "current"
        elif step in valid:
            state = "done" if valid[step] else "bad"
        else:
            state = "ahead"
        url = reverse(f"devices:bulk-{step}", args=[request.tenant.slug, draft.pk])
        steps.append({"label": label, "url": url, "state": state})
    return steps
