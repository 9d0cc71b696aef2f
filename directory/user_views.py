"""Azure Active Directory > Users: the list, and one user's profile, groups, licenses and devices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades import lists
from blades.http import render_blade
from blades.messages import toast
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from directory import countries, queries, services, user_filters, user_services, user_tables
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership
from directory.picker import GroupPicker
from directory.user_forms import LicencesForm, UserForm
from tenancy.http import OperatorRequest, requires
from tenancy.roles import MissingPermission, Permission, refusal

SEARCH = "Search by name or user name"
NONE_SELECTED = "Select at least one user."
DEVICES_SHOWN = 50
GROUP_ORDER = {"name": ("name_key", "id")}
_NAMED = 10


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def user_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Users > All users. A POST asks before the ticked ones are deleted (`ask`), or deletes them (`do`)."""
    if request.method != "POST":
        return _list(request)
    require_update(request)
    users = queries.users_by_id(request.tenant, request.POST.getlist("id"))
    if not request.POST.getlist("id"):
        return _list(request, error=NONE_SELECTED)
    if request.POST.get("do") == "delete":
        return _delete(request, users, request.get_full_path())
    if not users:
        return _list(request, error=user_services.DELETED_MEANWHILE)
    return _list(request, users, question=_question(users))


def _list(
    request: OperatorRequest,
    ticked: Sequence[DirectoryUser] = (),
    *,
    error: str = "",
    question: dict[str, Any] | None = None,
) -> HttpResponse:
    asked = lists.read(request.GET, user_filters.ORDERS, default="name", per_page=request.user.page_size)
    filters = user_filters.read(request.GET)
    page = user_filters.user_page(request.tenant, asked, filters)
    context = {
        "table": user_tables.UserTable.for_page(
            request,
            page,
            queries.licences_of(request.tenant, page.rows),
            filtered=bool(filters or asked.term),
            ticked={user.pk for user in ticked},
        ),
        "search": SEARCH,
        "term": asked.term,
        "per_page": request.GET.get("per_page", ""),
        "refusal": update_refusal(request),
        "error": error,
        "question": question,
        "list_url": request.get_full_path(),
        # Called by the whole page alone; a fragment has no pills.
        "pills": partial(user_filters.pills, request.GET, request.tenant),
        "pills_to_add": partial(user_filters.pills_to_add, request.GET),
    }
    return render_blade(request, "directory/user_list.html", context, partial="results", status=422 if error else 200)


def _question(users: Sequence[DirectoryUser]) -> dict[str, Any]:
    """What is asked before users are deleted, with what goes with them."""
    one = len(users) == 1
    what = f"the user '{users[0].display_name}'" if one else f"{len(users)} users"
    their, they = ("The user's", "it") if one else ("Their", "them")
    return {
        "lines": [
            f"This action will permanently delete {what}.",
            f"{their} group memberships, group ownerships and licenses go with {they}.",
            "Devices stay, without an owner and a primary user.",
        ],
        "names": [] if one else [user.display_name for user in users[:_NAMED]],
        "more": max(len(users) - _NAMED, 0),
        "ids": [user.pk for user in users],
    }


def _delete(request: OperatorRequest, users: Sequence[DirectoryUser], then: str) -> HttpResponse:
    n = user_services.delete_users(tenant=request.tenant, actor=request.user, users=users)
    if n == 1:
        toast(request, "User deleted", f"Successfully deleted '{users[0].display_name}'.")
    elif n:
        toast(request, "Users deleted", f"Successfully deleted {n} users.")
    else:
        toast(request, "No user deleted", "They had been deleted already.", level="info")
    return redirect(then)


@requires(Permission.DIRECTORY_UPDATE)
@require_http_methods(["GET", "POST"])
def create(request: OperatorRequest, tenant: str) -> HttpResponse:
    """New user."""
    form = UserForm(request.POST or None, tenant=request.tenant)
    if request.method == "POST" and form.is_valid():
        try:
            user = user_services.create_user(tenant=request.tenant, actor=request.user, **form.values())
        except ValidationError as error:
            _refuse(form, error)
        else:
            url = reverse("directory:user-overview", args=[tenant, user.pk])
            toast(request, "User created", f"Successfully created user '{user.display_name}'.", link_url=url)
            return redirect("directory:user-list", tenant)
    context = {"form": form, "verb": "Create", "cancel_url": reverse("directory:user-list", args=[tenant])}
    return _form(request, form, context)


@requires(Permission.DIRECTORY_UPDATE)
@require_http_methods(["GET", "POST"])
def edit(request: OperatorRequest, tenant: str, user_id: UUID) -> HttpResponse:
    """The profile as a form."""
    user = _user(request, user_id)
    form = UserForm(request.POST if request.method == "POST" else None, tenant=request.tenant, user=user)
    profile_url = reverse("directory:user-overview", args=[tenant, user.pk])
    if request.method == "POST" and form.is_valid():
        try:
            user_services.update_user(tenant=request.tenant, actor=request.user, user=user, **form.values())
        except ValidationError as error:
            _refuse(form, error)
        else:
            toast(request, "User updated", f"Successfully updated '{form.cleaned_data['display_name']}'.")
            return redirect(profile_url)
    context = {"verb": "Save", "cancel_url": profile_url, "subtitle": user.display_name}
    return _form(request, form, context)


def _form(request: OperatorRequest, form: UserForm, context: dict[str, Any]) -> HttpResponse:
    context = {**context, "form": form, "sections": form.sections(), "domain": request.tenant.default_domain}
    return render_blade(request, "directory/user_form.html", context, status=422 if form.errors else 200)


def _refuse(form: UserForm, error: ValidationError) -> None:
    """Put the service's sentences beside the fields they are about."""
    for name, messages in (error.message_dict if hasattr(error, "error_dict") else {None: error.messages}).items():
        key = {"account_enabled": "blocked"}.get(name or "", name)
        for message in messages:
            known = "The user name is taken. Enter another one." if "principal name" in message else message
            form.add_error("upn" if known is not message else key if key in form.fields else None, known)


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: OperatorRequest, tenant: str, user_id: UUID) -> HttpResponse:
    """The profile. `?pane=delete` asks; a POST deletes."""
    user = _user(request, user_id)
    if request.method == "POST":
        require_update(request)
        return _delete(request, [user], reverse("directory:user-list", args=[tenant]))
    sections = {
        "Identity": {
            "Name": user.display_name,
            "First name": user.given_name,
            "Last name": user.surname,
            "User name": user.upn,
            "User type": "Member",
            "Object ID": str(user.pk),
            "Source": say("Azure Active Directory"),
            "Created": portal_date(user.created_at),
        },
        "Job info": {"Job title": user.job_title, "Department": user.department},
        "Settings": {
            "Block sign in": "No" if user.account_enabled else "Yes",
            "Usage location": countries.name_of(user.usage_location),
        },
        "Contact info": {"City": user.city, "Country or region": user.country},
    }
    context = {
        **_context(request, user),
        "sections": [
            {"title": title, "items": [{"label": label, "value": value} for label, value in values.items()]}
            for title, values in sections.items()
        ],
        "question": _question([user]),
        "open_delete": request.GET.get("pane") == "delete",
    }
    return render_blade(request, "directory/user_overview.html", context)


@requires(Permission.DIRECTORY_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: OperatorRequest, tenant: str, user_id: UUID) -> HttpResponse:
    """The groups that the user is a member of; a POST is about the picker, or adds and removes memberships."""
    user = _user(request, user_id)
    posted = request.method == "POST"
    if posted:
        require_update(request)
    picker = GroupPicker.load(
        request.tenant, request.POST if posted else None, key="groups", form="adding", asked=request.GET
    )
    error = ""
    if posted and (not picker.handled or "groups_done" in request.POST):
        adding = picker.handled
        chosen = picker.selected if adding else queries.groups_by_id(request.tenant, request.POST.getlist("id"))
        error = _change_memberships(request, user, chosen, adding=adding)
        if not error:
            return redirect(request.get_full_path())
    asked = lists.read(request.GET, GROUP_ORDER, default="name", per_page=request.user.page_size)
    memberships = GroupMembership.objects.in_tenant(request.tenant).filter(user=user)
    found = Group.objects.in_tenant(request.tenant).filter(pk__in=memberships.values("group"))
    context = {
        **_context(request, user),
        "table": user_tables.MembershipTable.for_page(request, lists.page_of(found, asked)),
        "picker": picker,
        "error": error,
    }
    partial_name = "picker" if "groups_q" in request.GET else "results"
    status = 422 if error else 200
    return render_blade(request, "directory/user_groups.html", context, partial=partial_name, status=status)


def _change_memberships(request: OperatorRequest, user: DirectoryUser, chosen: Sequence[Group], *, adding: bool) -> str:
    """Add the user to the `chosen` groups, or take the user out; return why not, or nothing."""
    if not chosen:
        return "Select at least one group."
    dynamic = [group.display_name for group in chosen if group.kind == Group.Kind.DYNAMIC]
    if dynamic:
        names = ", ".join(f"'{name}'" for name in dynamic)
        return f"Membership of {names} follows from a rule. Select assigned groups only."
    change = services.join_groups if adding else services.leave_groups
    try:
        n = change(tenant=request.tenant, actor=request.user, user=user, groups=chosen)
    except ValidationError as error:
        return error.messages[0]
    if not n:
        what = "a member already" if adding else "no member any more"
        toast(request, "No membership changed", f"'{user.display_name}' was {what}.", level="info")
        return ""
    word, title = ("added to", "Memberships added") if adding else ("removed from", "Memberships removed")
    toast(request, title, f"'{user.display_name}' was {word} {n} group{'' if n == 1 else 's'}.")
    return ""


@requires(Permission.DIRECTORY_READ)
@require_safe
def licences(request: OperatorRequest, tenant: str, user_id: UUID) -> HttpResponse:
    """The products of the user."""
    user = _user(request, user_id)
    context = {**_context(request, user), "table": user_tables.LicenceTable.of(list(user.licences.order_by("sku")))}
    return render_blade(request, "directory/user_licences.html", context)


@requires(Permission.DIRECTORY_UPDATE)
@require_http_methods(["GET", "POST"])
def licence_assignments(request: OperatorRequest, tenant: str, user_id: UUID) -> HttpResponse:
    """Update license assignments: what is ticked is assigned, what is not is removed."""
    user = _user(request, user_id)
    back = reverse("directory:user-licences", args=[tenant, user.pk])
    has = list(user.licences.values_list("sku", flat=True))
    form = LicencesForm(request.POST if request.method == "POST" else None, initial={"skus": has})
    if request.method == "POST" and form.is_valid():
        try:
            user_services.set_licences(
                tenant=request.tenant, actor=request.user, user=user, skus=form.cleaned_data["skus"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            toast(request, "License assignments updated", f"Successfully updated the licenses of '{user}'.")
            return redirect(back)
    context = {
        "form": form,
        "subtitle": user.display_name,
        "cancel_url": back,
        "edit_url": reverse("directory:user-edit", args=[tenant, user.pk]),
    }
    return render_blade(request, "directory/user_licence_assignments.html", context, status=422 if form.errors else 200)


@requires(Permission.DIRECTORY_READ)
@require_safe
def devices(request: OperatorRequest, tenant: str, user_id: UUID) -> HttpResponse:
    """Azure AD's records that the user owns, and Intune's devices, which the template asks for."""
    user = _user(request, user_id)
    may = request.membership.may
    owned: list[DirectoryDevice] = []
    if may(Permission.DIRECTORY_DEVICES_READ):
        owned = list(DirectoryDevice.objects.in_tenant(request.tenant).filter(owner=user)[: DEVICES_SHOWN + 1])
    context = {
        **_context(request, user),
        "owned": user_tables.OwnedDeviceTable.of(request.tenant, owned[:DEVICES_SHOWN], linked=True),
        "more_owned": len(owned) > DEVICES_SHOWN,
        "shown": DEVICES_SHOWN,
        "owned_refusal": _without(request, Permission.DIRECTORY_DEVICES_READ),
        "intune_refusal": _without(request, Permission.DEVICES_READ),
        "subject": user,
    }
    return render_blade(request, "directory/user_devices.html", context)


# Shared


def _user(request: OperatorRequest, user_id: UUID) -> DirectoryUser:
    """The tenant's user, or 404."""
    found: DirectoryUser = get_object_or_404(DirectoryUser.objects.in_tenant(request.tenant), pk=user_id)
    found.tenant = request.tenant
    return found


def _context(request: OperatorRequest, user: DirectoryUser) -> dict[str, Any]:
    return {"person": user, "heading": user.display_name, "refusal": update_refusal(request)}


def _without(request: OperatorRequest, permission: Permission) -> str:
    return "" if request.membership.may(permission) else refusal(permission)


def update_refusal(request: OperatorRequest) -> str:
    """Why the operator may change no user and no group, or nothing."""
    return _without(request, Permission.DIRECTORY_UPDATE)


def require_update(request: OperatorRequest) -> None:
    """Raise MissingPermission unless the operator may change users and groups."""
    if not request.membership.may(Permission.DIRECTORY_UPDATE):
        raise MissingPermission(Permission.DIRECTORY_UPDATE)
