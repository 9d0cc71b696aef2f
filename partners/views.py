from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades import drafts
from blades.drafts import with_draft
from blades.http import render_blade
from blades.messages import toast
from blades.models import SEEN, Draft
from blades.tables import status
from blades.templatetags.blades import portal_date
from directory import assignments
from directory.assignments import UNSENT, AssignmentsForm, AssignmentStep
from mobility import gallery
from partners import catalogue, queries, services
from partners.forms import BasicsForm
from partners.models import PartnerConfiguration, Platform
from partners.tables import ConfigurationTable, assigned, status_kind
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission, refusal

ADD = "partners.add"
EDIT = "partners.edit"
FORM = "blade-form"
STEPS = {"basics": "Basics", "assignments": "Assignments", "review": "Review + create"}
EDIT_STEPS = {"assignments": "Assignments", "review": "Review + save"}
CORRECT_FIRST = "Correct the fields before you go to the next step."
VALIDATION_FAILED = "Validation failed. Required information is missing or not valid."
CHANGED_MEANWHILE = "The assignments were changed meanwhile. Select Save again to replace what was changed."


@requires(Permission.PARTNERS_READ)
@require_safe
def configuration_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The tenant's compliance partners by platform, and who comes first where."""
    configurations = queries.configurations(request.tenant)
    table = ConfigurationTable.for_request(request, configurations)
    context = {
        "table": table,
        "configurations": configurations,
        "order": queries.authority_order(configurations),
        "refusal": _refusal(request),
    }
    return render_blade(request, "partners/configuration_list.html", context, partial="results")


# Add compliance partner


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
def add(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Start a draft, each in its own address, so that two tabs never share answers."""
    return redirect("partners:add-basics", tenant, drafts.start(request, ADD).pk)


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
@with_draft(ADD)
def add_basics(request: OperatorRequest, draft: Draft) -> HttpResponse:
    """Step 1: partner and platform. `?partner=` previews a choice, so that the platforms follow it."""
    answer = draft.answer("basics")
    posted = request.method == "POST"
    if posted:
        form = BasicsForm(request.POST, initial=answer, tenant=request.tenant)
    elif "partner" in request.GET:
        form = BasicsForm(initial=request.GET.dict(), tenant=request.tenant)
    elif answer is not None:
        form = BasicsForm(answer, initial=answer, tenant=request.tenant)
    else:
        form = BasicsForm(tenant=request.tenant)
    if posted and form.is_valid():
        draft.store("basics", form.cleaned_data)
        return redirect("partners:add-assignments", request.tenant.slug, draft.pk)
    partner = catalogue.partners().get(str(form["partner"].value() or ""))
    return _render_step(request, draft, "basics", {}, form=form, partner=partner, posted=posted)


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
@with_draft(ADD)
def add_assignments(request: OperatorRequest, draft: Draft) -> HttpResponse:
    """Step 2: whose devices. Opened before step 1 is answered, it leads there."""
    basics = draft.answer("basics")
    if basics is None:
        return redirect("partners:add-basics", request.tenant.slug, draft.pk)
    partner = catalogue.partners()[basics["partner"]]
    context = {"platform_label": Platform(basics["platform"]).label}
    return _assignments(request, draft, partner, context, then="partners:add-review")


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
@with_draft(ADD)
def add_review(request: OperatorRequest, draft: Draft) -> HttpResponse:
    """Step 3: everything is validated again, because the world may have changed since."""
    unanswered = next((step for step in ("basics", "assignments") if draft.answer(step) is None), None)
    if unanswered:
        return redirect(f"partners:add-{unanswered}", request.tenant.slug, draft.pk)
    forms = _rebuild(request, draft)
    guilty = next((step for step, form in forms.items() if not form.is_valid()), None)
    if request.method == "POST":
        if guilty is None:
            guilty = _create(request, draft, forms)
        if guilty is None:
            return redirect("partners:configuration-list", request.tenant.slug)
        return redirect(f"partners:add-{guilty}", request.tenant.slug, draft.pk)
    partner = catalogue.partners()[draft.answers["basics"]["partner"]]
    context = {
        "form": forms["assignments"],
        "steps": _steps(request, draft, "review"),
        "sections": [
            _basics_summary(draft, forms["basics"]),
            {"title": "Assignments", "items": forms["assignments"].items()},
        ],
        "bar": VALIDATION_FAILED if guilty else "",
        "blocked": bool(guilty),
        "previous_url": reverse("partners:add-assignments", args=[request.tenant.slug, draft.pk]),
        "verb": "Create",
        **_mobility_notice(request, partner),
    }
    return render_blade(request, "partners/review.html", context)


def _create(request: OperatorRequest, draft: Draft, forms: dict[str, Any]) -> str | None:
    """Create what the draft describes; return the guilty step when the service refuses."""
    basics, assignments = forms["basics"].cleaned_data, forms["assignments"].cleaned_data
    try:
        configuration = services.create_configuration(
            tenant=request.tenant,
            actor=request.user,
            partner=catalogue.partners()[basics["partner"]],
            platform=Platform(basics["platform"]),
            groups=assignments["groups"],
            excluded_groups=assignments["excluded_groups"],
            all_users=assignments["all_users"],
        )
    except ValidationError as error:
        return "basics" if "platform" in error.message_dict else "assignments"
    draft.finish(reverse("partners:overview", args=[request.tenant.slug, configuration.pk]))
    toast(
        request,
        "Compliance partner created",
        f"Successfully created '{catalogue.label(configuration.partner)}' "
        f"for platform '{configuration.get_platform_display()}'.",
    )
    return None


# One configuration


@requires(Permission.PARTNERS_READ)
@require_safe
def overview(request: OperatorRequest, tenant: str, configuration_id: UUID) -> HttpResponse:
    """Where the partner stands, and how its devices do."""
    configuration = _configuration(request, configuration_id)
    slug = request.tenant.slug
    properties_url = reverse("partners:properties", args=[slug, configuration.pk])
    context = {
        **_object_context(request, configuration),
        "essentials": [
            {
                "label": "Partner status",
                "value": status(status_kind(configuration.status), configuration.get_status_display()),
            },
            {"label": "Platform", "value": configuration.get_platform_display()},
            {"label": "Last successful sync", "value": portal_date(configuration.last_sync_at, "Never")},
            {"label": "Included groups", "value": assigned(configuration), "url": properties_url},
            {"label": "Created", "value": portal_date(configuration.created_at)},
            {"label": "Created by", "value": configuration.created_by},
        ],
        "pending": configuration.status == PartnerConfiguration.Status.PENDING,
        "open_delete": request.GET.get("pane") == "delete",
        "delete_action": reverse("partners:delete", args=[slug, configuration.pk]),
    }
    return render_blade(request, "partners/overview.html", context)


@requires(Permission.PARTNERS_READ)
@require_safe
def properties(request: OperatorRequest, tenant: str, configuration_id: UUID) -> HttpResponse:
    """Basics and assignments, with Edit beside what can be edited."""
    configuration = _configuration(request, configuration_id)
    context = _object_context(request, configuration)
    context["page"] = "Properties"
    included, excluded = services.assigned_groups(configuration)
    context["basics"] = [
        {"label": "Compliance partner", "value": catalogue.label(configuration.partner)},
        {"label": "Platform", "value": configuration.get_platform_display()},
        {
            "label": "Partner status",
            "value": status(status_kind(configuration.status), configuration.get_status_display()),
        },
        {"label": "Last successful sync", "value": portal_date(configuration.last_sync_at, "Never")},
    ]
    context["assignments"] = assignments.items(included, excluded, all_users=configuration.all_users)
    return render_blade(request, "partners/properties.html", context)


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
def edit(request: OperatorRequest, tenant: str, configuration_id: UUID) -> HttpResponse:
    """Start a draft that holds the present assignments."""
    configuration = _configuration(request, configuration_id)
    now = _answer(configuration)
    draft = drafts.start(request, EDIT, subject_id=configuration.pk, answers={"assignments": now, SEEN: now})
    return redirect("partners:edit-assignments", tenant, configuration.pk, draft.pk)


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
@with_draft(EDIT)
def edit_assignments(request: OperatorRequest, draft: Draft, configuration_id: UUID) -> HttpResponse:
    """The Assignments view of an existing configuration."""
    configuration = _configurations(request).filter(pk=configuration_id).first()
    if configuration is None:
        return _deleted_meanwhile(request)
    context = {**_edit_context(request, configuration), "platform_label": configuration.get_platform_display()}
    partner = catalogue.partners()[configuration.partner]
    return _assignments(request, draft, partner, context, then="partners:edit-review")


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
@with_draft(EDIT)
def edit_review(request: OperatorRequest, draft: Draft, configuration_id: UUID) -> HttpResponse:
    """Review + save."""
    configuration = _configurations(request).filter(pk=configuration_id).first()
    if configuration is None:
        return _deleted_meanwhile(request)
    back = reverse("partners:edit-assignments", args=[request.tenant.slug, configuration.pk, draft.pk])
    if draft.answer("assignments") is None:
        return redirect(back)
    form = AssignmentsForm(draft.answer("assignments"), tenant=request.tenant)
    valid = form.is_valid()
    bar = "" if valid else VALIDATION_FAILED
    if request.method == "POST":
        now = _answer(configuration)
        if valid and draft.is_overtaken(now):
            draft.store(SEEN, now)
            bar = CHANGED_MEANWHILE
        elif valid and _update(request, draft, configuration, form):
            return redirect("partners:properties", request.tenant.slug, configuration.pk)
        else:
            return redirect(back)
    context = {
        **_edit_context(request, configuration),
        "form": form,
        "steps": _steps(request, draft, "review"),
        "sections": [{"title": "Assignments", "items": form.items()}],
        "bar": bar,
        "blocked": not valid,
        "previous_url": back,
        "verb": "Save",
    }
    return render_blade(request, "partners/review.html", context, status=422 if request.method == "POST" else 200)


def _answer(configuration: PartnerConfiguration) -> dict[str, Any]:
    """The present assignments as the step's form would post them."""
    included, excluded = services.assigned_groups(configuration)
    return assignments.answer(included, excluded, all_users=configuration.all_users)


def _update(request: OperatorRequest, draft: Draft, configuration: PartnerConfiguration, form: AssignmentsForm) -> bool:
    values = form.cleaned_data
    try:
        services.update_assignments(
            configuration=configuration,
            actor=request.user,
            groups=values["groups"],
            excluded_groups=values["excluded_groups"],
            all_users=values["all_users"],
        )
    except ValidationError:
        return False
    draft.finish(reverse("partners:properties", args=[request.tenant.slug, configuration.pk]))
    toast(
        request,
        "Assignments saved",
        f"Successfully saved the assignments of '{catalogue.label(configuration.partner)}' "
        f"for platform '{configuration.get_platform_display()}'.",
    )
    return True


@requires(Permission.PARTNERS_MODIFY)
@require_http_methods(["GET", "POST"])
def delete(request: OperatorRequest, tenant: str, configuration_id: UUID) -> HttpResponse:
    """Ask, then delete. The question also opens as a dialog on the Overview."""
    configuration = _configuration(request, configuration_id)
    if request.method == "POST":
        services.delete_configuration(configuration=configuration, actor=request.user)
        toast(
            request,
            "Compliance partner deleted",
            f"Successfully deleted '{catalogue.label(configuration.partner)}' "
            f"for platform '{configuration.get_platform_display()}'.",
        )
        return redirect("partners:configuration-list", tenant)
    return redirect(f"{reverse('partners:overview', args=[tenant, configuration.pk])}?pane=delete")


# Shared by the steps


def _assignments(
    request: OperatorRequest, draft: Draft, partner: catalogue.CataloguePartner, context: dict[str, Any], *, then: str
) -> HttpResponse:
    """The step in which groups are chosen; a post from its pickers draws it again and stores nothing."""
    step = AssignmentStep.load(request, request.tenant, draft, form=FORM)
    posted = request.method == "POST" and not step.asking
    form = None
    if posted:
        form = AssignmentsForm(request.POST, tenant=request.tenant)
        if form.is_valid():
            draft.store("assignments", form.answer)
            draft.drop(UNSENT)
            kwargs = {"tenant": request.tenant.slug, "draft_id": draft.pk}
            if draft.subject_id:
                kwargs["configuration_id"] = draft.subject_id
            return redirect(reverse(then, kwargs=kwargs))
    elif request.method != "POST" and draft.answer(UNSENT) is None and draft.answer("assignments") is not None:
        form = AssignmentsForm(draft.answer("assignments"), tenant=request.tenant)
    context = {**context, **step.context}
    return _render_step(request, draft, "assignments", context, form=form, partner=partner, posted=posted)


def _render_step(
    request: OperatorRequest,
    draft: Draft,
    step: str,
    context: dict[str, Any],
    *,
    form: Any,
    partner: catalogue.CataloguePartner | None,
    posted: bool,
) -> HttpResponse:
    errors = bool(form is not None and form.is_bound and form.errors)
    steps = _steps(request, draft, step)
    if errors:
        next(entry for entry in steps if entry["state"] == "current")["state"] = "current-bad"
    context = {
        **context,
        "form": form,
        "steps": steps,
        "bar": CORRECT_FIRST if errors else "",
        "previous_url": reverse("partners:add-basics", args=[request.tenant.slug, draft.pk])
        if step == "assignments" and draft.wizard == ADD
        else "",
        "next_label": "Review + save" if draft.wizard == EDIT else "Next",
        **(_mobility_notice(request, partner) if partner and draft.wizard == ADD else {}),
    }
    return render_blade(request, f"partners/{step}.html", context, status=422 if posted and errors else 200)


def _steps(request: OperatorRequest, draft: Draft, here: str) -> list[dict[str, str]]:
    """The tabs: answered steps are open, ticked or crossed; the others wait."""
    labels = STEPS if draft.wizard == ADD else EDIT_STEPS
    forms = {} if draft.wizard == EDIT and here == "assignments" else _rebuild(request, draft)
    prefix = "add" if draft.wizard == ADD else "edit"
    steps = []
    reachable = True
    for step, label in labels.items():
        kwargs: dict[str, Any] = {"tenant": request.tenant.slug, "draft_id": draft.pk}
        if draft.subject_id:
            kwargs["configuration_id"] = draft.subject_id
        form = forms.get(step)
        if step == here:
            state = "current"
        elif not reachable or (step == "review" and here != "review"):
            state = "ahead"
        elif form is not None:
            state = "done" if form.is_valid() else "bad"
        else:
            state = "ahead"
        steps.append({"label": label, "url": reverse(f"partners:{prefix}-{step}", kwargs=kwargs), "state": state})
        reachable = reachable and draft.answer(step) is not None
    return steps


def _rebuild(request: OperatorRequest, draft: Draft) -> dict[str, Any]:
    """The forms of the answered steps, bound to their answers and to the world as it is now."""
    classes: dict[str, Any] = {"basics": BasicsForm, "assignments": AssignmentsForm}
    return {
        step: form_class(draft.answer(step), tenant=request.tenant)
        for step, form_class in classes.items()
        if draft.answer(step) is not None
    }


def _basics_summary(draft: Draft, form: BasicsForm) -> dict[str, Any]:
    answer = draft.answers["basics"]
    return {
        "title": "Basics",
        "items": [
            {
                "label": "Compliance partner",
                "value": catalogue.label(answer["partner"]),
                "errors": form.errors.get("partner"),
            },
            {
                "label": "Platform",
                "value": Platform(answer["platform"]).label,
                "errors": form.errors.get("platform"),
            },
        ],
    }


# Shared by the pages of one configuration


def _configurations(request: OperatorRequest) -> Any:
    """The tenant's configurations, each with its counts."""
    return PartnerConfiguration.objects.in_tenant(request.tenant).with_group_counts()


def _deleted_meanwhile(request: OperatorRequest) -> HttpResponse:
    """The draft is the operator's own, so what it edits was there: say what happened, and lead on."""
    toast(request, "Saving assignments failed", services.DELETED_MEANWHILE, level="error")
    return redirect("partners:configuration-list", request.tenant.slug)


def _configuration(request: OperatorRequest, configuration_id: UUID) -> PartnerConfiguration:
    """The tenant's configuration with its counts, or 404."""
    found: PartnerConfiguration = get_object_or_404(_configurations(request), pk=configuration_id)
    found.tenant = request.tenant
    return found


def _object_context(request: OperatorRequest, configuration: PartnerConfiguration) -> dict[str, Any]:
    return {
        "configuration": configuration,
        "heading": catalogue.label(configuration.partner),
        "page": "",
        "subtitle": f"{configuration.get_platform_display()} compliance partner",
        "refusal": _refusal(request),
    }


def _edit_context(request: OperatorRequest, configuration: PartnerConfiguration) -> dict[str, Any]:
    return {
        "configuration": configuration,
        "subtitle": f"{catalogue.label(configuration.partner)} for {configuration.get_platform_display()}",
        "close_url": reverse("partners:properties", args=[request.tenant.slug, configuration.pk]),
    }


def _refusal(request: OperatorRequest) -> str:
    """Why the commands that change something are greyed out for this role, or nothing."""
    return "" if request.membership.may(Permission.PARTNERS_MODIFY) else refusal(Permission.PARTNERS_MODIFY)


def _mobility_notice(request: OperatorRequest, partner: catalogue.CataloguePartner) -> dict[str, Any]:
    """The warning of a tenant that follows the document as written; it never blocks."""
    if not queries.is_application_missing(request.tenant, partner):
        return {}
    name = gallery.applications()[partner.gallery_key].name
    return {
        "mobility_notice": f"'{name}' is not under Mobility (MDM and MAM) yet. The document adds it there first.",
        "mobility_url": reverse("mobility:application-add", args=[request.tenant.slug]) + f"?app={partner.gallery_key}",
    }
