from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe

from blades.http import render_blade
from blades.messages import toast
from directory.picker import GroupPicker
from mobility import gallery, queries, services
from mobility.forms import AddForm, ConfigureForm
from mobility.gallery import GalleryApplication
from mobility.models import MobilityApplication
from mobility.tables import ApplicationTable
from tenancy.http import OperatorRequest, requires
from tenancy.roles import MissingPermission, Permission, refusal

FORM = "blade-form"


@requires(Permission.MOBILITY_READ)
@require_safe
def application_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The applications of the tenant, by name."""
    context = {"table": ApplicationTable.for_request(request), "refusal": _refusal(request)}
    return render_blade(request, "mobility/application_list.html", context, partial="results")


# Add an application


@requires(Permission.MOBILITY_READ)
@require_http_methods(["GET", "POST"])
def application_add(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The gallery. `?app=` opens the pane of a tile, `?q=` searches; a POST adds."""
    if request.method != "POST":
        return _gallery(request, AddForm(), opened=request.GET.get("app", ""))
    _require_modify(request)
    form = AddForm(request.POST)
    if form.is_valid():
        try:
            application = services.add_application(tenant=request.tenant, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            form.fields["display_name"].widget.attrs["autofocus"] = True  # the pane opens where the answer is due
        else:
            toast(
                request,
                "Application added",
                f"Successfully added '{application.display_name}'.",
                link_url=reverse("mobility:application-configure", args=[tenant, application.pk]),
            )
            return redirect("mobility:application-list", tenant)
    return _gallery(request, form, opened=request.POST.get("gallery_key", ""), status=422)


def _gallery(request: OperatorRequest, form: AddForm, *, opened: str, status: int = 200) -> HttpResponse:
    term = request.GET.get("q", "")
    added = queries.added_keys(request.tenant)
    tiles = [
        {**_tile(entry, term), "name": entry.label, "publisher": entry.publisher} for entry in gallery.to_add(term)
    ]
    panes = []
    for entry in gallery.to_add():
        is_open = entry.key == opened
        taken = not entry.repeatable and entry.key in added
        panes.append(
            {
                **_tile(entry, term),
                "entry": entry,
                "open": is_open,
                # The answer to a refused POST shows what was typed; every other pane starts from the default.
                "form": form if is_open and form.is_bound else AddForm(initial={"display_name": entry.name}),
                "notice": services.already_added(entry).messages[0] if taken else "",
                "reason": _refusal(request) or (services.already_added(entry).messages[0] if taken else ""),
            }
        )
    add_url = reverse("mobility:application-add", args=[request.tenant.slug])
    context = {
        "tiles": tiles,
        "panes": panes,
        "term": term,
        "add_url": add_url,
        "close_url": add_url + (f"?{urlencode({'q': term})}" if term else ""),
        "refused": [] if any(pane["open"] for pane in panes) else form.errors.get("gallery_key", []),
    }
    return render_blade(request, "mobility/add.html", context, partial="results", status=status)


def _tile(entry: GalleryApplication, term: str) -> dict[str, str]:
    query = {"q": term, "app": entry.key} if term else {"app": entry.key}
    return {"url": f"?{urlencode(query)}", "pane": f"pane-app-{entry.key}"}


# Configure


@requires(Permission.MOBILITY_READ)
@require_http_methods(["GET", "POST"])
def application_configure(request: OperatorRequest, tenant: str, application_id: UUID) -> HttpResponse:
    """User scopes, groups and URLs of one application.

    Buttons of a picker and "Restore default … URLs" post the form too: the page is drawn again with what was
    posted, and nothing is saved.
    """
    application = _application(request, application_id)
    saved = queries.scope_groups(application)
    if request.method != "POST":
        form = ConfigureForm(application=application, groups=saved)
        return _configure(request, form, _pickers(request, form, saved))
    _require_modify(request)
    form = ConfigureForm(request.POST, application=application, groups=saved)
    pickers = _pickers(request, form, saved)
    if "restore" in request.POST or any(picker.handled for picker in pickers.values()):
        return _configure(request, _redrawn(request, form, saved, pickers), pickers)
    if form.is_valid():
        try:
            services.configure_application(
                application=application,
                actor=request.user,
                version=form.cleaned_data["version"],
                **{scope: form.settings(scope) for scope in form.scopes()},
            )
        except ValidationError as error:
            if getattr(error, "code", "") == "changed":
                return _configure(request, form, pickers, changed=error.messages[0], status=422)
            if not hasattr(error, "error_dict"):
                raise Http404(error.message) from None  # deleted between the two statements
            form.add_error(None, error)
        else:
            toast(
                request,
                "Configuration saved",
                f"Successfully saved the configuration of '{application.display_name}'.",
            )
            return redirect("mobility:application-configure", tenant, application.pk)
    toast(
        request,
        "Saving configuration failed",
        f"Unable to save the configuration of '{application.display_name}'. Correct the marked fields, then try again.",
        level="error",
    )
    return _configure(request, form, pickers, status=422)


def _pickers(request: OperatorRequest, form: ConfigureForm, saved: dict[str, Any]) -> dict[str, GroupPicker]:
    return {
        scope: GroupPicker.load(
            request.tenant,
            request.POST if form.is_bound else None,
            key=f"{scope}-groups",
            name=f"{scope}_groups",
            form=FORM,
            initial=[group.pk for group in saved[scope]],
            asked=request.GET,
        )
        for scope in form.scopes()
    }


def _redrawn(
    request: OperatorRequest, form: ConfigureForm, saved: dict[str, Any], pickers: dict[str, GroupPicker]
) -> ConfigureForm:
    """The posted form after what its button asked for, not yet judged."""
    data = request.POST.copy()
    for picker in pickers.values():
        data.setlist(picker.name, [str(group.pk) for group in picker.selected])
    for name, url in form.entry.default_urls(request.POST.get("restore", "")).items():
        data[name] = url
    return ConfigureForm(data, application=form.application, groups=saved)


def _configure(
    request: OperatorRequest,
    form: ConfigureForm,
    pickers: dict[str, GroupPicker],
    *,
    changed: str = "",
    status: int = 200,
) -> HttpResponse:
    """changed: what to say where somebody else has saved meanwhile; who has read it and saves again means it."""
    application = form.application
    refused = _refusal(request)
    if refused:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "application": application,
        "subtitle": application.display_name,
        "form": form,
        "blocks": [_block(form, scope, picker) for scope, picker in pickers.items()],
        "open_picker": next((picker.key for picker in pickers.values() if picker.open), ""),
        "warnings": _warnings(form),
        "changed": changed,
        "version": form.initial["version"] if changed else form["version"].value(),
        "refusal": refused,
        "delete_refusal": services.delete_refusal(application) or refused,
        "delete_url": reverse("mobility:application-delete", args=[request.tenant.slug, application.pk]),
    }
    if form.entry.key == gallery.ON_PREMISES:
        context["registration_url"] = reverse("console:blade", args=[request.tenant.slug, "app-registrations"])
    searched = next((scope for scope, picker in pickers.items() if f"{picker.name}_q" in request.GET), "")
    partial = f"{searched}-picker" if searched else ""
    return render_blade(request, "mobility/configure.html", context, partial=partial, status=status)


def _block(form: ConfigureForm, scope: str, picker: GroupPicker) -> dict[str, Any]:
    n = len(picker.selected)
    return {
        "key": scope,
        "label": scope.upper(),
        "scope": form[f"{scope}_user_scope"],
        "groups": form[picker.name],
        "group_names": [group.display_name for group in picker.selected],
        "groups_edited": form.is_bound and picker.name in form.changed_data,
        "summary": "None Selected" if not n else f"{n} group{'' if n == 1 else 's'} selected",
        "picker": picker,
        "urls": [form[name] for name in form.entry.default_urls(scope)],
    }


def _warnings(form: ConfigureForm) -> list[str]:
    """What is to be known of the saved scopes: whom another application covers as well."""
    warnings = []
    for scope in form.scopes():
        others = queries.overlapping_applications(form.application, scope)
        if others:
            names = get_text_list([f"'{other.display_name}'" for other in others], "and")
            label = form.fields[f"{scope}_user_scope"].label
            warnings.append(f"The {label} overlaps with that of {names}. Only one vendor is effective per user.")
    return warnings


# Delete


@requires(Permission.MOBILITY_MODIFY)
@require_http_methods(["GET", "POST"])
def application_delete(request: OperatorRequest, tenant: str, application_id: UUID) -> HttpResponse:
    """The question as a page of its own; a POST deletes."""
    application = _application(request, application_id)
    refused = services.delete_refusal(application)
    if request.method == "POST" and not refused:
        services.delete_application(application=application, actor=request.user)
        toast(request, "Application deleted", f"Successfully deleted '{application.display_name}'.")
        return redirect("mobility:application-list", tenant)
    context = {
        "application": application,
        "subtitle": application.display_name,
        "refused": refused,
        "configure_url": reverse("mobility:application-configure", args=[tenant, application.pk]),
    }
    status = 422 if request.method == "POST" else 200
    return render_blade(request, "mobility/delete.html", context, status=status)


def _application(request: OperatorRequest, application_id: UUID) -> MobilityApplication:
    found: MobilityApplication = get_object_or_404(
        queries.applications(request.tenant).select_related("tenant"), pk=application_id
    )
    return found


def _refusal(request: OperatorRequest) -> str:
    """Why the operator may change nothing here, or nothing."""
    may = request.membership.may(Permission.MOBILITY_MODIFY)
    return "" if may else refusal(Permission.MOBILITY_MODIFY)


def _require_modify(request: OperatorRequest) -> None:
    if not request.membership.may(Permission.MOBILITY_MODIFY):
        raise MissingPermission(Permission.MOBILITY_MODIFY)
