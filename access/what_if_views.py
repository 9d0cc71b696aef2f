"""Conditional Access > What If: which policies would meet a sign-in, and why the others would not.

The address says everything, so that a result can be passed on.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from access import engine, services
from access.cloud_apps import cloud_apps
from access.engine import CONDITION_LABELS, CONTROL_LABELS, Attempt, Condition, Control, Scope
from access.models import Policy
from access.pickers import user_of_address
from access.policy_forms import PLATFORMS
from access.tables import AppliesNotTable, AppliesTable
from blades import lists
from blades.forms import BladeForm
from blades.http import render_blade
from blades.tables import Empty, item_urls, link
from blades.vocabulary import say
from directory.models import DirectoryUser
from directory.picker import UserPicker
from tenancy.http import OperatorRequest, requires
from tenancy.models import Tenant
from tenancy.roles import Permission

SELECT_USER = "Select a user."
USER_GONE = "The selected user no longer exists. Select another one."
SATISFIED = "satisfied"
UNTOLD = Empty("No policies will apply", "Not enough is known of the sign-in to tell of every policy.", art="search")
APPLY, APPLY_NOT = "apply", "not"


class WhatIfForm(BladeForm):
    """What is known of the sign-in beside the user."""

    app = forms.ChoiceField(
        label="Cloud apps or actions",
        required=False,
        help_text="Without an app, policies for certain apps cannot be foreseen.",
        error_messages={"invalid_choice": "Select a cloud app of the list."},
    )
    platform = forms.ChoiceField(
        label="Device platform",
        required=False,
        choices=[("", "Not selected"), *PLATFORMS],
        error_messages={"invalid_choice": "Select a device platform of the list."},
    )
    compliant = forms.BooleanField(
        label="Device marked as compliant",
        required=False,
        help_text="Says which of the controls the device satisfies. It does not decide which policies apply.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        apps = [(app.key, app.label) for app in cloud_apps().values()]
        self.fields["app"].choices = [("", "Not selected"), *apps]  # type: ignore[attr-defined]
        self.fields["app"].label = say("Cloud apps or actions")


@requires(Permission.ACCESS_READ)
@require_safe
def what_if(request: OperatorRequest, tenant: str) -> HttpResponse:
    """What If: the sign-in of a user, and what the policies would make of it."""
    asked = request.GET
    picker, has_chosen = user_of_address(request, title="Select user")
    if has_chosen:
        return redirect(f"{request.path}?{urlencode(_kept(request, picker))}")
    form = WhatIfForm(asked, initial=asked.dict())  # nothing here is an edit of something saved
    user = picker.selected[0] if picker.selected else None
    refused = ""
    if "evaluate" in asked and user is None:
        refused = USER_GONE if asked.get("user") else SELECT_USER
    evaluates = "evaluate" in asked and user is not None and form.is_valid()
    context = {
        "form": form,
        "picker": picker,
        "open_picker": picker.key if picker.open else "",
        "summary": f"{user.display_name} ({user.upn})" if user else "None selected",
        "refused": [refused] if refused else [],
        "blocked": user is not None and not user.account_enabled,
        "result": _result(request, user, form) if evaluates and user else None,
    }
    return render_blade(
        request,
        "access/what_if.html",
        context,
        partial="user-picker" if "user_q" in asked and not picker.handled else "",
        status=422 if refused or form.errors else 200,
    )


def _kept(request: OperatorRequest, picker: UserPicker) -> list[tuple[str, str]]:
    """The address without what the picker has added to it, and without what says nothing."""
    names = ("app", "platform", "compliant", "evaluate", "show")
    kept = [(name, request.GET[name]) for name in names if request.GET.get(name)]
    chosen = [str(user.pk) for user in picker.selected] or request.GET.getlist("user")[:1]
    return [*[("user", user) for user in chosen], *kept]


def _result(request: OperatorRequest, user: DirectoryUser, form: WhatIfForm) -> dict[str, Any]:
    """Both lists counted, and the page of the one that is shown."""
    user.tenant = request.tenant
    answers = form.cleaned_data
    attempt = Attempt(user=user.pk, groups=services.groups_of(user), app=answers["app"], platform=answers["platform"])
    states = _enabled(request.tenant)
    foreseen = [(scope, engine.foresee(attempt, scope, states=states)) for scope in services.scopes_of(request.tenant)]
    applying = [(scope, None) for scope, condition in foreseen if condition is None]
    others = [(scope, condition) for scope, condition in foreseen if condition is not None]
    others_untold = any(condition is Condition.INFORMATION for _, condition in others)
    shows_others = request.GET.get("show") == APPLY_NOT
    rows: list[tuple[Scope, Condition | None]] = [*others] if shows_others else [*applying]
    shown, records, pager = lists.part_of(rows, request.GET, per_page=request.user.page_size, noun="policies")
    address = item_urls("access:policy", request.tenant.slug)
    table = AppliesNotTable if shows_others else AppliesTable
    return {
        "tabs": [
            {
                "label": f"{label} ({len(found)})",
                "url": lists.address(request.GET, "show", show=show),
                "current": shows_others == (show == APPLY_NOT),
            }
            for show, label, found in (
                (APPLY, AppliesTable.label, applying),
                (APPLY_NOT, AppliesNotTable.label, others),
            )
        ],
        "table": table(
            rows=[
                {
                    "id": scope.policy.pk,
                    "label": scope.policy.display_name,
                    "cells": [
                        link(address(scope.policy.pk), scope.policy.display_name),
                        scope.policy.get_state_display(),
                        say(CONDITION_LABELS[condition])
                        if condition
                        else _controls(scope.policy, compliant=answers["compliant"]),
                    ],
                }
                for scope, condition in shown
            ],
            records=records,
            pager=pager,
            empty=UNTOLD if others_untold and not shows_others else table.empty,
        ),
    }


def _enabled(tenant: Tenant) -> set[str]:
    """In which states a policy is evaluated: the tool of 2020 leaves report-only out, today's does not."""
    if tenant.vocabulary == Tenant.Vocabulary.TODAY:
        return {Policy.State.ON, Policy.State.REPORT_ONLY}
    return {Policy.State.ON}


def _controls(policy: Policy, *, compliant: bool) -> str:
    """What the policy demands, in one line."""
    if policy.grant == Policy.Grant.BLOCK:
        return str(Policy.Grant.BLOCK.label)
    labels = [
        f"{say(CONTROL_LABELS[control])} ({SATISFIED})"
        if compliant and control is Control.COMPLIANT_DEVICE
        else say(CONTROL_LABELS[control])
        for control in engine.controls_of(policy)
    ]
    joined = " or " if policy.operator == Policy.Operator.ONE else " and "
    return joined.join(labels)
