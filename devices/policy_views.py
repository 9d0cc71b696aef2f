"""Devices > Compliance policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades import drafts, lists
from blades.drafts import with_draft
from blades.http import render_blade
from blades.messages import toast
from blades.models import SEEN, Draft
from blades.templatetags.blades import portal_date
from devices import compliance, policy_forms, policy_queries, policy_services, policy_tables
from devices.models import CompliancePolicy, OperatingSystem
from devices.policy_forms import ActionsForm, AssignmentsForm, BasicsForm, PlatformForm, SettingsForm
from devices.policy_services import PLATFORMS, POLICY_TYPES
from directory import assignments
from directory.assignments import UNSENT, AssignmentStep
from tenancy.http import OperatorRequest, requires
from tenancy.roles import MissingPermission, Permission, refusal

ADD = "devices.policy-add"
EDIT = "devices.policy-edit"
FORM = "blade-form"
METHODS = ["GET", "POST"]
STEPS = {
    "basics": "Basics",
    "settings": "Compliance settings",
    "actions": "Actions for noncompliance",
    "assignments": "Assignments",
}
CORRECT_FIRST = "Correct the fields before you go to the next step."
VALIDATION_FAILED = "Validation failed. Required information is missing or not valid."
CHANGED_MEANWHILE = "The policy was changed meanwhile. Select Save again to replace what was changed."
NEW_PANE = "new"


@requires(Permission.COMPLIANCE_READ)
@require_safe
def policy_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The tenant's compliance policies. `?pane=new` asks for the platform of a new one."""
    return _list(request, opened=request.GET.get("pane") == NEW_PANE)


def _list(
    request: OperatorRequest, *, opened: bool = False, form: PlatformForm | None = None, status: int = 200
) -> HttpResponse:
    asked = lists.read(request.GET, policy_tables.ORDERS, default="name", per_page=request.user.page_size)
    page = lists.page_of(policy_queries.policies(request.tenant, asked.term), asked)
    refused = _refusal(request)
    context = {
        "table": policy_tables.PolicyTable.for_page(request, page),
        "term": request.GET.get("q", ""),
        "refusal": refused,
        "form": form or PlatformForm(),
        "list_url": reverse("devices:policy-list", args=[request.tenant.slug]),
        "open_new": opened and not refused,
    }
    return render_blade(request, "devices/policy_list.html", context, partial="results", status=status)


# Create policy


@requires(Permission.COMPLIANCE_MODIFY)
@require_http_methods(METHODS)
def policy_new(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The platform first: a POST starts a draft, each in its own address, so that two tabs never share answers."""
    if request.method != "POST":
        return redirect(f"{reverse('devices:policy-list', args=[tenant])}?pane={NEW_PANE}")
    form = PlatformForm(request.POST)
    if not form.is_valid():
        return _list(request, opened=True, form=form, status=422)
    draft = drafts.start(request, ADD, answers={"platform": {"os": form.cleaned_data["os"]}})
    return redirect("devices:policy-step", tenant, draft.pk, "basics")


@requires(Permission.COMPLIANCE_MODIFY)
@require_http_methods(METHODS)
@with_draft(ADD)
def policy_step(request: OperatorRequest, draft: Draft, step: str) -> HttpResponse:
    """One step of Create policy."""
    platform = draft.answer("platform")
    if platform is None:
        return redirect("devices:policy-new", request.tenant.slug)
    return _Wizard(request, draft, OperatingSystem(platform["os"])).answer(step)


# Edit


@requires(Permission.COMPLIANCE_MODIFY)
@require_safe
def policy_edit(request: OperatorRequest, tenant: str, policy_id: UUID, step: str) -> HttpResponse:
    """Start a draft that says what the policy says, to change one section of it."""
    policy = _policy(request, policy_id)
    if step not in STEPS:
        raise Http404("No such step.")
    now = {step: _answers(policy)[step]}
    draft = drafts.start(request, EDIT, subject_id=policy.pk, answers={**now, SEEN: now})
    return redirect("devices:policy-edit-step", tenant, policy.pk, draft.pk, step)


def _answers(policy: CompliancePolicy) -> dict[str, Any]:
    """What the policy says now, as the form of each step would post it."""
    included, excluded = assignments.of(policy.assignments)
    posted = assignments.answer(included, excluded, all_users=policy.all_users)
    return {**policy_forms.initial_of(policy), "assignments": posted}


@requires(Permission.COMPLIANCE_MODIFY)
@require_http_methods(METHODS)
@with_draft(EDIT, subject="policy_id")
def policy_edit_step(request: OperatorRequest, draft: Draft, policy_id: UUID, step: str) -> HttpResponse:
    """The section, or Review + save."""
    policy = policy_queries.policies(request.tenant).filter(pk=policy_id).first()
    if policy is None:
        return _deleted_meanwhile(request)
    policy.tenant = request.tenant
    return _Wizard(request, draft, OperatingSystem(policy.os), policy).answer(step)


def _deleted_meanwhile(request: OperatorRequest) -> HttpResponse:
    """The draft is the operator's own, so what it edits was there: say what happened, and lead on."""
    toast(request, "Saving policy failed", policy_services.DELETED_MEANWHILE, level="error")
    return redirect("devices:policy-list", request.tenant.slug)


@dataclass
class _Wizard:
    """Create policy with all steps, or one section of a policy with Review + save. Answers are kept as posted."""

    request: OperatorRequest
    draft: Draft
    os: OperatingSystem
    policy: CompliancePolicy | None = None

    def answer(self, step: str) -> HttpResponse:
        """The page of `step`, or the way on."""
        if step not in {*self.steps, "review"}:
            raise Http404("No such step.")
        earlier = [name for name in self.steps if name != step] if step == "review" else self._before(step)
        unanswered = next((name for name in earlier if self.draft.answer(name) is None), None)
        if unanswered:
            return redirect(self.url(unanswered))
        if step == "review":
            return self._review()
        return self._assignments() if step == "assignments" else self._fields(step)

    @property
    def steps(self) -> dict[str, str]:
        """The sections, without the last step."""
        if self.policy is None:
            return STEPS
        return {step: label for step, label in STEPS.items() if step in self.draft.answers}

    def url(self, step: str) -> str:
        slug = self.request.tenant.slug
        if self.policy is None:
            return reverse("devices:policy-step", args=[slug, self.draft.pk, step])
        return reverse("devices:policy-edit-step", args=[slug, self.policy.pk, self.draft.pk, step])

    def _before(self, step: str) -> list[str]:
        names = list(self.steps)
        return names[: names.index(step)]

    def _form(self, step: str, data: Any, *, initial: dict[str, Any] | None = None) -> forms.Form:
        tenant = self.request.tenant
        if step == "basics":
            return BasicsForm(data, initial=initial, tenant=tenant, os=self.os, policy=self.policy)
        if step == "settings":
            return SettingsForm(data, initial=initial, os=self.os)
        if step == "actions":
            return ActionsForm(data, initial=initial)
        return AssignmentsForm(data, tenant=tenant)

    def _fields(self, step: str) -> HttpResponse:
        request, kept = self.request, self.draft.answer(step)
        posted = request.method == "POST"
        form = self._form(step, request.POST if posted else kept, initial=kept)
        if posted and form.is_valid():
            self.draft.store(step, {name: request.POST.get(name, "") for name in form.fields})
            return redirect(self._next(step))
        return self._render(step, form, {}, posted=posted)

    def _assignments(self) -> HttpResponse:
        request = self.request
        step = AssignmentStep.load(request, request.tenant, self.draft, form=FORM)
        posted = request.method == "POST" and not step.asking
        form: Any = None
        if posted:
            form = AssignmentsForm(request.POST, tenant=request.tenant)
            if form.is_valid():
                self.draft.store("assignments", form.answer)
                self.draft.drop(UNSENT)
                return redirect(self._next("assignments"))
        return self._render("assignments", form, step.context, posted=posted)

    def _next(self, step: str) -> str:
        names = [*self.steps, "review"]
        return self.url(names[names.index(step) + 1])

    def _render(self, step: str, form: Any, context: dict[str, Any], *, posted: bool) -> HttpResponse:
        wrong = bool(form is not None and form.is_bound and form.errors)
        before = self._before(step)
        context = {
            **context,
            **self._frame(step, {step} if wrong else set()),
            "form": form,
            "bar": CORRECT_FIRST if wrong else "",
            "previous_url": self.url(before[-1]) if before else "",
            "next_label": "Review + save" if self.policy else "Next",
        }
        return render_blade(
            self.request, f"devices/policy_{step}.html", context, status=422 if posted and wrong else 200
        )

    def _frame(self, here: str, wrong: set[str]) -> dict[str, Any]:
        """Tabs and titles. wrong: the steps that are known to have errors."""
        tabs, reachable = [], True
        for step, label in [*self.steps.items(), ("review", "Review + save" if self.policy else "Review + create")]:
            known = self.draft.answer(step) is not None
            state = "done" if known else "ahead"
            if step == here:
                state = "current-bad" if step in wrong else "current"
            elif not reachable or step == "review":
                state = "ahead"
            elif step in wrong or (known and not self._form(step, self.draft.answer(step)).is_valid()):
                state = "bad"
            tabs.append({"label": label, "url": self.url(step), "state": state})
            reachable = reachable and known
        frame: dict[str, Any] = {"steps": tabs, "platform": PLATFORMS[self.os], "subtitle": POLICY_TYPES[self.os]}
        if self.policy is not None:
            frame["subtitle"] = self.policy.display_name
            frame["close_url"] = reverse("devices:policy-properties", args=[self.request.tenant.slug, self.policy.pk])
        return frame

    def _review(self) -> HttpResponse:
        """Everything is validated again, because the world may have changed since."""
        bound = {step: self._form(step, self.draft.answer(step)) for step in self.steps}
        wrong = {step for step, form in bound.items() if not form.is_valid()}
        bar = VALIDATION_FAILED if wrong else ""
        if self.request.method == "POST":
            now = self._saved()
            if not wrong and self.draft.is_overtaken(now):
                self.draft.store(SEEN, now)
                bar = CHANGED_MEANWHILE
            else:
                guilty = next(iter(wrong), None) or self._finish(bound)
                return redirect(self.url(guilty) if guilty else self.draft.made_url)
        context = {
            **self._frame("review", wrong),
            "sections": [self._section(step, form) for step, form in bound.items()],
            "bar": bar,
            "blocked": bool(wrong),
            "previous_url": self.url(list(self.steps)[-1]),
            "verb": "Save" if self.policy else "Create",
        }
        status = 422 if self.request.method == "POST" else 200
        return render_blade(self.request, "devices/policy_review.html", context, status=status)

    def _saved(self) -> dict[str, Any]:
        """What the policy says now of the section; nothing while it is made."""
        if self.policy is None:
            return {}
        now = _answers(self.policy)
        return {step: now[step] for step in self.steps}

    def _section(self, step: str, form: Any) -> dict[str, Any]:
        """What a step says, for summary.html."""
        if step == "assignments":
            return {"title": STEPS[step], "items": form.items()}
        items = [] if step != "basics" or self.policy else [{"label": "Platform", "value": PLATFORMS[self.os]}]
        for field in form:
            value = form.cleaned_data.get(field.name)
            label = field.label
            if step == "settings" and field.name != "minimum_os_version":
                value = policy_services.word(field.name) if value else ""
            if step == "actions":
                label = "Mark device noncompliant"
                value = policy_services.schedule(value) if value is not None else ""
            if value or field.errors or step != "settings":
                items.append({"label": label, "value": value, "errors": field.errors})
        return {"title": STEPS[step], "items": items or [{"label": "Settings", "value": "Not configured"}]}

    def _finish(self, bound: dict[str, Any]) -> str | None:
        """Make what the draft describes; return the guilty step when the service refuses."""
        said = {name: value for form in bound.values() for name, value in form.cleaned_data.items()}
        request, slug = self.request, self.request.tenant.slug
        try:
            if self.policy is None:
                made = policy_services.create_policy(tenant=request.tenant, actor=request.user, os=self.os, **said)
            elif "assignments" in bound:
                policy_services.assign_policy(policy=self.policy, actor=request.user, **said)
            else:
                policy_services.update_policy(policy=self.policy, actor=request.user, **said)
        except ValidationError as error:
            fields = getattr(error, "error_dict", {})
            return next((step for step, form in bound.items() if fields.keys() & form.fields.keys()), next(iter(bound)))
        if self.policy is None:
            self.draft.finish(reverse("devices:policy-overview", args=[slug, made.pk]))
            toast(request, "Policy created", f"Successfully created '{made.display_name}'.")
        else:
            self.draft.finish(reverse("devices:policy-properties", args=[slug, self.policy.pk]))
            name = said.get("display_name", self.policy.display_name)
            toast(request, "Policy saved", f"Successfully saved '{name}'.")
        return None


# One policy


def _policy(request: OperatorRequest, policy_id: UUID) -> CompliancePolicy:
    """The tenant's policy, or 404."""
    found: CompliancePolicy = get_object_or_404(policy_queries.policies(request.tenant), pk=policy_id)
    found.tenant = request.tenant
    return found


def _object_context(request: OperatorRequest, policy: CompliancePolicy) -> dict[str, Any]:
    return {
        "policy": policy,
        "heading": policy.display_name,
        "subtitle": POLICY_TYPES[OperatingSystem(policy.os)],
        "refusal": _refusal(request),
    }


@requires(Permission.COMPLIANCE_READ)
@require_safe
def policy_overview(request: OperatorRequest, tenant: str, policy_id: UUID) -> HttpResponse:
    """How the devices of a policy do by it. `?pane=delete` asks whether to delete it."""
    policy = _policy(request, policy_id)
    properties_url = reverse("devices:policy-properties", args=[tenant, policy.pk])
    context = {
        **_object_context(request, policy),
        "essentials": [
            {"label": "Platform", "value": PLATFORMS[OperatingSystem(policy.os)]},
            {"label": "Policy type", "value": POLICY_TYPES[OperatingSystem(policy.os)]},
            {"label": "Assigned", "value": policy_tables.assigned(policy), "url": properties_url},
            {"label": "Mark device noncompliant", "value": policy_services.schedule(policy.grace_days)},
            {"label": "Created", "value": portal_date(policy.created_at)},
            {"label": "Last modified", "value": portal_date(policy.changed_at)},
        ],
        "parts": policy_tables.state_parts(
            policy_queries.states_of(policy), reverse("devices:policy-devices", args=[tenant, policy.pk])
        ),
        "open_delete": request.GET.get("pane") == "delete",
        "delete_action": reverse("devices:policy-delete", args=[tenant, policy.pk]),
    }
    return render_blade(request, "devices/policy_overview.html", context)


@requires(Permission.COMPLIANCE_READ)
@require_safe
def policy_devices(request: OperatorRequest, tenant: str, policy_id: UUID) -> HttpResponse:
    """Monitor > Device status: the policy's devices, each with its state by this policy."""
    policy = _policy(request, policy_id)
    asked = lists.read(request.GET, policy_tables.DEVICE_ORDERS, default="name", per_page=request.user.page_size)
    devices = policy_queries.devices_of(policy, policy_tables.chosen_states(request.GET))
    context = {
        **_object_context(request, policy),
        "table": policy_tables.PolicyDeviceTable.for_page(request, lists.page_of(devices, asked)),
        "pills": [lists.pill(request.GET, "state", "Compliance status", policy_tables.STATE_WORDS)],
    }
    return render_blade(request, "devices/policy_devices.html", context, partial="results")


@requires(Permission.COMPLIANCE_READ)
@require_safe
def policy_properties(request: OperatorRequest, tenant: str, policy_id: UUID) -> HttpResponse:
    """What the policy asks and of whom, with Edit beside each section."""
    policy = _policy(request, policy_id)
    included, excluded = assignments.of(policy.assignments)
    settings = policy_services.asked_of(policy)
    items: dict[str, list[dict[str, Any]]] = {
        "basics": [
            {"label": "Name", "value": policy.display_name},
            {"label": "Description", "value": policy.description},
            {"label": "Platform", "value": PLATFORMS[OperatingSystem(policy.os)]},
        ],
        "settings": [{"label": label, "value": value} for label, value in settings.items()]
        or [{"label": "Settings", "value": "Not configured"}],
        "actions": [{"label": "Mark device noncompliant", "value": policy_services.schedule(policy.grace_days)}],
        "assignments": assignments.items(included, excluded, all_users=policy.all_users),
    }
    context = _object_context(request, policy)
    context["sections"] = [
        {
            "title": label,
            "edit": f"Edit {label.lower()}",
            "items": items[step],
            "url": reverse("devices:policy-edit", args=[tenant, policy.pk, step]),
        }
        for step, label in STEPS.items()
    ]
    return render_blade(request, "devices/policy_properties.html", context)


@requires(Permission.COMPLIANCE_MODIFY)
@require_http_methods(METHODS)
def policy_delete(request: OperatorRequest, tenant: str, policy_id: UUID) -> HttpResponse:
    """Ask, then delete. The question also opens as a dialog on the Overview."""
    policy = _policy(request, policy_id)
    if request.method != "POST":
        return redirect(f"{reverse('devices:policy-overview', args=[tenant, policy.pk])}?pane=delete")
    policy_services.delete_policy(policy=policy, actor=request.user)
    toast(request, "Policy deleted", f"Successfully deleted '{policy.display_name}'.")
    return redirect("devices:policy-list", tenant)


# Compliance policy settings


@requires(Permission.COMPLIANCE_READ)
@require_http_methods(METHODS)
def policy_settings(request: OperatorRequest, tenant: str) -> HttpResponse:
    """What holds for every device of the tenant."""
    settings, refused = compliance.settings_of(request.tenant), _refusal(request)
    initial = {
        "without_policy": settings.without_policy,
        "enhanced_jailbreak_detection": policy_forms.ON if settings.enhanced_jailbreak_detection else policy_forms.OFF,
        "validity_days": settings.validity_days,
    }
    posted = request.method == "POST"
    if posted:
        _require_modify(request)
    form = policy_forms.TenantSettingsForm(request.POST if posted else None, initial=initial)
    if posted and form.is_valid():
        policy_services.change_settings(tenant=request.tenant, actor=request.user, **form.cleaned_data)
        toast(request, "Compliance policy settings saved", "Successfully saved the compliance policy settings.")
        return redirect("devices:policy-settings", tenant)
    for field in form.fields.values():
        field.disabled = bool(refused)
    context = {"form": form, "refusal": refused}
    return render_blade(request, "devices/policy_settings_tenant.html", context, status=422 if posted else 200)


def _require_modify(request: OperatorRequest) -> None:
    if not request.membership.may(Permission.COMPLIANCE_MODIFY):
        raise MissingPermission(Permission.COMPLIANCE_MODIFY)


def _refusal(request: OperatorRequest) -> str:
    """Why the commands that change something are greyed out for this role, or nothing."""
    return "" if request.membership.may(Permission.COMPLIANCE_MODIFY) else refusal(Permission.COMPLIANCE_MODIFY)
