"""Conditional Access > Policies: the list, and one policy as a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from access import queries, services
from access.models import Policy
from access.pickers import AppPicker
from access.policy_forms import PolicyForm, initial_of, warning_of
from access.tables import PolicyTable
from blades import lists
from blades.http import render_blade
from blades.messages import toast
from directory.models import DirectoryUser
from directory.picker import GroupPicker, Picker, UserPicker
from tenancy.http import OperatorRequest, requires
from tenancy.roles import MissingPermission, Permission, refusal
from tenancy.scoping import fold

FORM = "blade-form"
ORDERS = {"name": ("name_key", "id")}
PICKERS: dict[str, tuple[type[Picker], str]] = {
    "users": (UserPicker, "Select users to include"),
    "groups": (GroupPicker, "Select groups to include"),
    "excluded_users": (UserPicker, "Select users to exclude"),
    "excluded_groups": (GroupPicker, "Select groups to exclude"),
    "apps": (AppPicker, "Select apps to include"),
    "excluded_apps": (AppPicker, "Select apps to exclude"),
}
NOT_SAVED = "The policy is not saved yet. Correct the marked fields, then try again."
NAMED = 3  # so many of the chosen ones are named beside their number
ENABLED_LATER = " Policy will be enabled in a few minutes."


@requires(Permission.ACCESS_READ)
@require_safe
def policy_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The policies of the tenant, by name."""
    asked = lists.read(request.GET, ORDERS, default="name", per_page=request.user.page_size)
    page = lists.page_of(queries.policies(request.tenant), asked)
    context = {"table": PolicyTable.for_page(request, page), "refusal": _refusal(request)}
    return render_blade(request, "access/policy_list.html", context, partial="results")


@requires(Permission.ACCESS_MODIFY)
@require_http_methods(["GET", "POST"])
def policy_new(request: OperatorRequest, tenant: str) -> HttpResponse:
    """New policy."""
    initial = {"request": uuid4().hex, **initial_of(Policy(tenant=request.tenant, changed_at=request.tenant.now()))}
    form, pickers = _posted(request, initial)
    if form.is_bound and form.is_valid():
        try:
            made = services.create_policy(
                tenant=request.tenant,
                actor=request.user,
                people=form.people,
                request=form.cleaned_data["request"],
                **form.values(),
            )
        except ValidationError as error:
            form.refuse(error.message_dict)
        else:
            toast(
                request,
                "Policy created",
                f"Successfully created '{made.display_name}'.{_later(made)}",
                link_url=reverse("access:policy", args=[tenant, made.pk]),
            )
            return redirect("access:policy-list", tenant)
    return _draw(request, form, pickers, {"verb": "Create"})


@requires(Permission.ACCESS_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: OperatorRequest, tenant: str, policy_id: UUID) -> HttpResponse:
    """One policy, as a form for those who may change it."""
    if request.method == "POST":
        _require_modify(request)
        if not queries.policies(request.tenant).filter(pk=policy_id).exists():
            return _deleted_meanwhile(request)
    saved = _policy(request, policy_id)
    form, pickers = _posted(request, initial_of(saved))
    changed = ""
    if form.is_bound and form.is_valid():
        try:
            kept = services.update_policy(
                policy=saved,
                actor=request.user,
                people=form.people,
                version=form.cleaned_data["version"],
                **form.values(),
            )
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                form.refuse(error.message_dict)
            elif error.code == "gone":
                return _deleted_meanwhile(request)
            else:
                changed = error.messages[0]
        else:
            later = _later(kept) if kept.state != saved.state else ""
            toast(request, "Policy updated", f"Successfully updated '{kept.display_name}'.{later}")
            return redirect("access:policy", tenant, saved.pk)
    context = {
        "verb": "Save",
        "policy": saved,
        "heading": saved.display_name,
        "subtitle": "Conditional access policy",
        "delete_url": reverse("access:policy-delete", args=[tenant, saved.pk]),
        "changed": changed,
        # Who has read the sentence and saves again means it.
        "version": saved.version if changed else "",
        "open_delete": request.GET.get("pane") == "delete",
    }
    return _draw(request, form, pickers, context, status=422 if changed else 200)


def _deleted_meanwhile(request: OperatorRequest) -> HttpResponse:
    toast(request, "Saving policy failed", services.GONE, level="error")
    return redirect("access:policy-list", request.tenant.slug)


def _posted(request: OperatorRequest, initial: dict[str, Any]) -> tuple[PolicyForm, dict[str, Picker]]:
    """The form and its pickers, at rest or as posted. A button of a picker posts too: then nothing is judged yet."""
    data = request.POST if request.method == "POST" else None
    pickers = {
        key: kind.load(request.tenant, data, key=key, form=FORM, title=title, initial=initial[key], asked=request.GET)
        for key, (kind, title) in PICKERS.items()
    }
    # Simulated people have the user name of the operator who goes by their name.
    email = fold(request.user.email)
    myself = DirectoryUser.objects.in_tenant(request.tenant).filter(upn_key=email).first()
    options: dict[str, Any] = {"tenant": request.tenant, "myself": myself}
    if data is None:
        return PolicyForm(initial=initial, **options), pickers
    if any(picker.handled for picker in pickers.values()):
        fields = PolicyForm.base_fields
        typed = {name: field.widget.value_from_datadict(data, {}, name) for name, field in fields.items()}
        return PolicyForm(initial=typed, **options), pickers
    return PolicyForm(data, initial=initial, **options), pickers


def _draw(
    request: OperatorRequest,
    form: PolicyForm,
    pickers: dict[str, Picker],
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    refused = _refusal(request)
    if refused:
        for field in form.fields.values():
            field.disabled = True
    saved = context.get("policy")
    context = {
        **context,
        "form": form,
        "pickers": {
            key: {
                "picker": picker,
                "summary": _summary(picker),
                "errors": form.errors.get(key, []) if form.is_bound else [],
            }
            for key, picker in pickers.items()
        },
        "not_saved": NOT_SAVED,
        "redrawn": request.method == "POST",
        "open_picker": next((picker.key for picker in pickers.values() if picker.open), ""),
        "warning": form.warning or (warning_of(saved) if saved is not None and not form.is_bound else ""),
        "refusal": refused,
        "cancel_url": reverse("access:policy-list", args=[request.tenant.slug]),
    }
    searched = next((key for key in PICKERS if f"{key}_q" in request.GET), "")
    return render_blade(
        request,
        "access/policy.html",
        context,
        partial=f"{searched}-picker" if searched else "",
        status=422 if form.is_bound and form.errors else status,
    )


def _summary(picker: Picker) -> str:
    """How many are chosen, and who, where that is short."""
    names = [item.display_name for item in picker.selected]
    return f"{picker.summary}: {', '.join(names)}" if 0 < len(names) <= NAMED else picker.summary


@requires(Permission.ACCESS_MODIFY)
@require_http_methods(["GET", "POST"])
def policy_delete(request: OperatorRequest, tenant: str, policy_id: UUID) -> HttpResponse:
    """Ask, on the policy's own blade; a POST deletes."""
    found = _policy(request, policy_id)
    if request.method != "POST":
        return redirect(f"{reverse('access:policy', args=[tenant, found.pk])}?pane=delete")
    services.delete_policy(policy=found, actor=request.user)
    toast(request, "Policy deleted", f"Successfully deleted '{found.display_name}'.")
    return redirect("access:policy-list", tenant)


def _policy(request: OperatorRequest, policy_id: UUID) -> Policy:
    found: Policy = get_object_or_404(queries.policies(request.tenant), pk=policy_id)
    found.tenant = request.tenant
    return found


def _later(policy: Policy) -> str:
    """What the toast says of a policy that does not act yet."""
    return ENABLED_LATER if policy.former_state else ""


def _refusal(request: OperatorRequest) -> str:
    """Why the operator may change nothing here, or nothing."""
    return "" if request.membership.may(Permission.ACCESS_MODIFY) else refusal(Permission.ACCESS_MODIFY)


def _require_modify(request: OperatorRequest) -> None:
    if not request.membership.may(Permission.ACCESS_MODIFY):
        raise MissingPermission(Permission.ACCESS_MODIFY)
