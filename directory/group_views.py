"""Azure Active Directory > Groups: the list, and one group's properties, members, owners and rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades import drafts, lists
from blades.drafts import with_draft
from blades.http import render_blade
from blades.messages import toast
from blades.models import Draft
from blades.tables import status
from blades.templatetags.blades import portal_date
from directory import dynamic, group_tables, member_import, queries, rules, services
from directory.group_forms import KINDS, GroupForm, ImportForm
from directory.models import DirectoryUser, Group
from directory.picker import UserPicker
from directory.rule_builder import RuleBuilder
from directory.user_views import require_update, update_refusal
from tenancy.http import OperatorRequest, requires
from tenancy.roles import Permission

SEARCH = "Search groups"
IMPORT = "directory.import"
FORM = "blade-form"
ORDERS = {"name": ("name_key",)}
PEOPLE_ORDERS = {"name": ("name_key", "id"), "upn": ("upn_key",)}
FOLLOWS_RULE = "The members follow from the membership rule."
SCHEDULED = " Its members follow the rule within minutes."


@requires(Permission.DIRECTORY_READ)
@require_safe
def group_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Groups > All groups."""
    asked = lists.read(request.GET, ORDERS, default="name", per_page=request.user.page_size)
    groups = queries.groups_starting_with(request.tenant, asked.term)
    kinds = lists.chosen(request.GET, "membership", Group.Kind.values)
    if kinds:
        groups = groups.filter(kind__in=kinds)
    page = lists.page_of(groups, asked)
    context = {
        "table": group_tables.GroupTable.for_page(request, page, filtered=bool(kinds or asked.term)),
        "search": SEARCH,
        "term": asked.term,
        "per_page": request.GET.get("per_page", ""),
        "refusal": update_refusal(request),
        "pills": [lists.pill(request.GET, "membership", "Membership type", dict(Group.Kind.choices))],
    }
    return render_blade(request, "directory/group_list.html", context, partial="results")


@requires(Permission.DIRECTORY_UPDATE)
@require_http_methods(["GET", "POST"])
def create(request: OperatorRequest, tenant: str) -> HttpResponse:
    """New Group. Buttons of the pickers and of the rule builder post the form too: it is drawn again, nothing saved."""
    data = request.POST if request.method == "POST" else None
    pickers = {
        key: UserPicker.load(request.tenant, data, key=key, form=FORM, title=f"Add {key}", asked=request.GET)
        for key in ("owners", "members")
    }
    builder = RuleBuilder.load(data, request.GET.get("rule", ""))
    asking = builder.handled or "redraw" in (data or ()) or any(picker.handled for picker in pickers.values())
    form = GroupForm(data, initial={"kind": request.GET.get("kind", Group.Kind.ASSIGNED), "rule": builder.text})
    if data is not None and asking:
        form = GroupForm(initial={**data.dict(), "rule": builder.text})
    elif data is not None and form.is_valid():
        values = form.cleaned_data
        assigned = values["kind"] == Group.Kind.ASSIGNED
        made = _save(
            form,
            partial(
                services.create_group,
                owners=pickers["owners"].selected,
                members=pickers["members"].selected if assigned else (),
            ),
            request,
        )
        if made is not None:
            text = f"Successfully created group '{made.display_name}'."
            later = "" if assigned or request.tenant.is_instant else SCHEDULED
            url = reverse("directory:group-overview", args=[tenant, made.pk])
            toast(request, "Group created", text + later, link_url=url)
            return redirect("directory:group-list", tenant)
    context = {
        "form": form,
        "verb": "Create",
        "cancel_url": reverse("directory:group-list", args=[tenant]),
        "pickers": list(pickers.values()),
        "owners": pickers["owners"],
        "members": pickers["members"],
        "open_picker": next((picker.key for picker in pickers.values() if picker.open), ""),
        **_membership(form, builder),
    }
    return _group_form(request, form, context)


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def properties(request: OperatorRequest, tenant: str, group_id: UUID) -> HttpResponse:
    """Name, description and membership type, as a form for those who may change them."""
    group = _group(request, group_id)
    data = request.POST if request.method == "POST" else None
    if data is not None:
        require_update(request)
    present = {
        "display_name": group.display_name,
        "description": group.description,
        "kind": request.GET.get("kind", group.kind),
        "rule": request.GET.get("rule", group.rule),
    }
    builder = RuleBuilder.load(data, present["rule"])
    form = GroupForm(data, initial=present)
    if data is not None and (builder.handled or "redraw" in data):
        form = GroupForm(initial={**data.dict(), "rule": builder.text})
    elif data is not None and form.is_valid():
        saved = _save(form, partial(services.update_group, group=group), request)
        if saved is not None:
            toast(request, "Group updated", f"Successfully updated '{saved.display_name}'.")
            return redirect("directory:group-properties", tenant, group.pk)
    if update_refusal(request):
        for field in form.fields.values():
            field.disabled = True
    context = {
        **_context(request, group),
        "form": form,
        "verb": "Save",
        "cancel_url": reverse("directory:group-overview", args=[tenant, group.pk]),
        "saved_kind": group.kind,
        **_membership(form, builder),
    }
    return _group_form(request, form, context)


def _membership(form: GroupForm, builder: RuleBuilder) -> dict[str, Any]:
    """The part of the form that the membership type decides."""
    return {"is_dynamic": form["kind"].value() == Group.Kind.DYNAMIC, "builder": builder.context()}


def _group_form(request: OperatorRequest, form: GroupForm, context: dict[str, Any]) -> HttpResponse:
    searched = next((key for key in ("owners", "members") if f"{key}_q" in request.GET), "")
    return render_blade(
        request,
        "directory/group_form.html",
        context,
        partial=f"{searched}-picker" if searched else "",
        status=422 if form.errors else 200,
    )


def _save(form: GroupForm, service: Callable[..., Group], request: OperatorRequest) -> Group | None:
    """Call `service` with what the form says; its refusals stand beside the fields they are about."""
    names = ("display_name", "description", "kind", "rule")
    try:
        return service(tenant=request.tenant, actor=request.user, **{name: form.cleaned_data[name] for name in names})
    except ValidationError as error:
        found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        for name, messages in found.items():
            for message in messages:
                taken = "already has this name" in message
                form.add_error("display_name" if taken else name if name in form.fields else None, message)
    return None


# One group


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: OperatorRequest, tenant: str, group_id: UUID) -> HttpResponse:
    """What the group is and what uses it. `?pane=delete` asks; a POST deletes, unless something uses the group."""
    group = _group(request, group_id)
    refused = ""
    if request.method == "POST":
        require_update(request)
        try:
            services.delete_group(tenant=request.tenant, actor=request.user, group=group)
        except ValidationError as error:
            refused = f"{error.messages[0]} Remove the group there first."
        else:
            toast(request, "Group deleted", f"Successfully deleted '{group.display_name}'.")
            return redirect("directory:group-list", tenant)
    slug = request.tenant.slug
    counts = {role: queries.count_people(group, role) for role in ("members", "owners")}
    essentials = [
        {"label": "Membership type", "value": dict(KINDS)[Group.Kind(group.kind)]},
        {"label": "Source", "value": "Cloud"},
        {"label": "Type", "value": "Security"},
        {"label": "Object Id", "value": str(group.pk)},
        {
            "label": "Direct members",
            "value": _counted(counts["members"], "user"),
            "url": reverse("directory:group-members", args=[slug, group.pk]),
        },
        {
            "label": "Owners",
            "value": _counted(counts["owners"], "owner"),
            "url": reverse("directory:group-owners", args=[slug, group.pk]),
        },
        {"label": "Creation date", "value": portal_date(group.created_at)},
        {"label": "Description", "value": group.description},
    ]
    if group.kind == Group.Kind.DYNAMIC:
        waiting = dynamic.is_waiting(group)
        shown = status("info", "Evaluating") if waiting else status("ok", "Update complete")
        essentials.append({"label": "Membership processing status", "value": shown})
    context = {
        **_context(request, group),
        "essentials": essentials,
        "uses": queries.uses_of_group(group),
        "refused": refused,
        "open_delete": request.GET.get("pane") == "delete",
    }
    return render_blade(request, "directory/group_overview.html", context, status=422 if refused else 200)


def _counted(n: int, noun: str) -> str:
    if n > lists.COUNTED:
        return f"{lists.COUNTED:,}+ {noun}s"
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: OperatorRequest, tenant: str, group_id: UUID) -> HttpResponse:
    """The members of the group."""
    group = _group(request, group_id)
    reason = FOLLOWS_RULE if group.kind == Group.Kind.DYNAMIC else ""
    return _people(request, group, "members", reason)


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def owners(request: OperatorRequest, tenant: str, group_id: UUID) -> HttpResponse:
    """The owners of the group."""
    return _people(request, _group(request, group_id), "owners", "")


_ADD = {"members": services.add_members, "owners": services.add_owners}
_REMOVE = {"members": services.remove_members, "owners": services.remove_owners}


def _people(request: OperatorRequest, group: Group, role: str, reason: str) -> HttpResponse:
    """A list of members or owners; a POST is about the picker, or adds (Select) or removes (the ticked ones).

    reason: why neither can be done, whoever asks.
    """
    posted = request.method == "POST"
    if posted:
        require_update(request)
    picker = UserPicker.load(
        request.tenant,
        request.POST if posted else None,
        key=role,
        form="adding",
        title=f"Add {role}",
        asked=request.GET,
    )
    error = ""
    if posted and (not picker.handled or f"{role}_done" in request.POST):
        users = picker.selected if picker.handled else queries.users_by_id(request.tenant, request.POST.getlist("id"))
        error = _change(request, group, role, users, adding=picker.handled)
        if not error:
            return redirect(request.get_full_path())
    asked = lists.read(request.GET, PEOPLE_ORDERS, default="name", per_page=request.user.page_size)
    matching = None if asked.term else queries.count_people(group, role)
    page = lists.page_of(queries.people_of(group, role, asked.term), asked, matching=matching)
    context = {
        **_context(request, group),
        "table": group_tables.PeopleTable.for_page(request, page, role),
        "role": role,
        "picker": picker,
        "error": error,
        "reason": update_refusal(request) or reason,
        "term": asked.term,
        "list_url": request.get_full_path(),
        "per_page": request.GET.get("per_page", ""),
    }
    part = "picker" if f"{role}_q" in request.GET else "results"
    return render_blade(request, "directory/group_people.html", context, partial=part, status=422 if error else 200)


def _change(request: OperatorRequest, group: Group, role: str, users: Sequence[DirectoryUser], *, adding: bool) -> str:
    """Add or remove `users` and say so; return why not, or nothing."""
    if not users:
        return "Select at least one user."
    try:
        n = (_ADD if adding else _REMOVE)[role](tenant=request.tenant, actor=request.user, group=group, users=users)
    except ValidationError as error:
        return error.messages[0]
    one, done = role.removesuffix("s"), "added" if adding else "removed"
    rest = len(users) - n
    already = ""
    if rest:
        was = "was" if rest == 1 else "were"
        already = f"{_counted(rest, one)} {was} {'there' if adding else 'removed'} already."
    if n:
        where = f"{'to' if adding else 'from'} '{group.display_name}'"
        toast(request, f"{role.capitalize()} {done}", f"{_counted(n, one)} {done} {where}. {already}".strip())
    else:
        toast(request, f"No {one} {done}", already, level="info")
    return ""


# Import members


@requires(Permission.DIRECTORY_UPDATE)
@require_http_methods(["GET", "POST"])
def import_members(request: OperatorRequest, tenant: str, group_id: UUID) -> HttpResponse:
    """Which file, or which lines. What it says is kept as a draft, so that the preview has an address of its own."""
    group = _group(request, group_id)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    reason = FOLLOWS_RULE if group.kind == Group.Kind.DYNAMIC else ""
    if request.method == "POST" and not reason and form.is_valid():
        answers = {"import": {"lines": form.cleaned_data["lines"]}}
        draft = drafts.start(request, IMPORT, subject_id=group.pk, answers=answers)
        return redirect("directory:group-import-review", tenant, group.pk, draft.pk)
    context = {
        "form": form,
        "subtitle": group.display_name,
        "cancel_url": reverse("directory:group-members", args=[tenant, group.pk]),
        "reason": reason,
        "most": f"{member_import.MOST_LINES:,}",
    }
    failed = request.method == "POST"
    return render_blade(request, "directory/group_import.html", context, status=422 if failed else 200)


@requires(Permission.DIRECTORY_UPDATE)
@require_http_methods(["GET", "POST"])
@with_draft(IMPORT)
def import_review(request: OperatorRequest, draft: Draft, group_id: UUID) -> HttpResponse:
    """What the lines come to as things stand; a POST adds those whom they name."""
    group = _group(request, group_id)
    if draft.subject_id != group.pk:
        raise Http404("No such import.")
    lines = [member_import.Line(*line) for line in (draft.answer("import") or {}).get("lines", [])]
    judged = member_import.judge(group, lines)
    members_url = reverse("directory:group-members", args=[request.tenant.slug, group.pk])
    error = ""
    if request.method == "POST":
        error = _change(request, group, "members", judged.users, adding=True)
        if not error:
            draft.drop("import")
            draft.finish(members_url)
            return redirect(members_url)
    n, bad = len(judged.users), len(judged.problems)
    context = {
        "subtitle": group.display_name,
        "good": f"{n:,} user{'' if n == 1 else 's'} will be added to '{group.display_name}'.",
        "bad": f"{bad:,} line{' is' if bad == 1 else 's are'} left out." if bad else "",
        "nobody": not n,
        "error": error,
        "table": group_tables.ProblemTable.for_page(request.GET, judged.problems),
        "previous_url": reverse("directory:group-import", args=[request.tenant.slug, group.pk]),
        "cancel_url": members_url,
    }
    return render_blade(request, "directory/group_import_review.html", context, status=422 if error else 200)


# Dynamic membership rules


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: OperatorRequest, tenant: str, group_id: UUID) -> HttpResponse:
    """The rule, its builder, and whether it holds for the users that one picks. Save alone saves."""
    group = _group(request, group_id)
    if group.kind != Group.Kind.DYNAMIC:
        return render_blade(request, "directory/group_rule_none.html", _context(request, group))
    data = request.POST if request.method == "POST" else None
    saving = data is not None and data.get("save") == "1"
    if saving:
        require_update(request)
    builder = RuleBuilder.load(data, group.rule)
    picker = UserPicker.load(request.tenant, data, key="checked", form=FORM, title="Add users", asked=request.GET)
    error = ""
    if saving and data is not None:
        try:
            services.update_group(
                tenant=request.tenant,
                actor=request.user,
                group=group,
                display_name=group.display_name,
                description=group.description,
                kind=group.kind,
                rule=builder.text,
            )
        except ValidationError as refused:
            error = refused.messages[0]
        else:
            later = "" if request.tenant.is_instant else SCHEDULED
            toast(request, "Rule updated", f"Successfully updated the rule of '{group.display_name}'.{later}")
            return redirect("directory:group-rule", tenant, group.pk)
    try:
        condition = rules.condition(rules.parse(builder.text), request.tenant)
    except rules.RuleError as refused:
        error = error or (str(refused) if data is not None else "")
        condition = None
    checked = []
    if condition is not None and picker.selected:
        users = DirectoryUser.objects.in_tenant(request.tenant)
        ids = [user.pk for user in picker.selected][: queries.PICKER_LIMIT]
        inside = set(users.filter(condition, pk__in=ids).values_list("pk", flat=True))
        checked = [
            {
                "user": user,
                "status": status("ok", "In group") if user.pk in inside else status("none", "Not in group"),
            }
            for user in picker.selected[: queries.PICKER_LIMIT]
        ]
    context = {
        **_context(request, group),
        "builder": builder.context(),
        "error_list": [error] if error else [],
        "edited": builder.text.strip() != group.rule,
        "picker": picker,
        "checked": checked,
        "open_picker": picker.key if picker.open else "",
        "waiting": dynamic.is_waiting(group),
    }
    part = "picker" if "checked_q" in request.GET else ""
    return render_blade(request, "directory/group_rule.html", context, partial=part, status=422 if error else 200)


# Shared


def _group(request: OperatorRequest, group_id: UUID) -> Group:
    """The tenant's group, or 404."""
    found: Group = get_object_or_404(Group.objects.in_tenant(request.tenant), pk=group_id)
    found.tenant = request.tenant
    return found


def _context(request: OperatorRequest, group: Group) -> dict[str, Any]:
    return {"group": group, "heading": group.display_name, "refusal": update_refusal(request)}
