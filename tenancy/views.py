from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blades import lists
from blades.http import render_blade
from blades.messages import toast
from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from tenancy import audit_tables, filters, queries, services, targets
from tenancy.forms import AssignRoleForm, PasswordForm, SignInForm
from tenancy.http import OperatorRequest, back, requires
from tenancy.models import JournalEntry, Membership, Operator
from tenancy.roles import DESCRIPTIONS, GRANTS, Permission, Role, grouped, refusal, type_label
from tenancy.tables import DueTable, HappenedTable, HolderTable, ParkedTable, RoleTable

# What a press of a button on the clock moves it by; None: to the next event.
STEPS = {"hour": timedelta(hours=1), "hours": timedelta(hours=8), "day": timedelta(days=1), "next": None}
STEP_LABELS = {"hour": "+1 hour", "hours": "+8 hours", "day": "+1 day"}

# Where a directory opens, by the operator's choice; a role that may not go there starts at home. By name, because these
# views are of higher apps.
START_PAGES: dict[str, tuple[str, Permission | None]] = {
    Operator.StartPage.HOME: ("console:home", None),
    Operator.StartPage.ALL_SERVICES: ("console:all-services", None),
    Operator.StartPage.ALL_DEVICES: ("devices:security-list", Permission.DEVICES_READ),
    Operator.StartPage.DIRECTORY: ("console:azure-ad", None),
}


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """Sign in by e-mail address and password; who is signed in already goes on."""

    template_name = "tenancy/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, on this browser only."""
    logout(request)
    return redirect("tenancy:sign-in")


class ChangePassword(PasswordChangeView):
    """The operator chooses a new password; other browsers are signed out by it."""

    template_name = "tenancy/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("tenancy:choose")

    def form_valid(self, form: PasswordForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_valid(form)
        toast(self.request, "Password changed", "Other browsers that were signed in as you are signed out.")
        return response

    def form_invalid(self, form: PasswordForm) -> HttpResponse:  # type: ignore[override]
        return self.render_to_response(self.get_context_data(form=form), status=422)


def choose(request: HttpRequest) -> HttpResponse:
    """The operator's only directory, else a list to choose from."""
    operator = cast("Operator", request.user)  # signed in, by the middleware
    memberships = list(operator.memberships.select_related("tenant").order_by("tenant__display_name", "tenant_id"))
    if len(memberships) == 1:
        return redirect(start_url(operator, memberships[0]))
    choices = [{"membership": membership, "url": start_url(operator, membership)} for membership in memberships]
    return render(request, "tenancy/choose.html", {"choices": choices})


def start_url(operator: Operator, membership: Membership) -> str:
    """The page that the directory of `membership` opens on for `operator`."""
    view, permission = START_PAGES[operator.start_page]
    if permission is not None and not membership.may(permission):
        view, _ = START_PAGES[Operator.StartPage.HOME]
    return reverse(view, args=[membership.tenant.slug])


# Tenant administration > Audit logs, and the same list in Azure AD


@requires(Permission.AUDIT_READ)
@require_safe
def audit_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Everything that was changed in this directory, the latest first."""
    return _audit_list(request, "tenancy:audit", directory=False)


@requires(Permission.AUDIT_READ)
@require_safe
def directory_audit_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Azure Active Directory > Audit logs: of it, what belongs to Azure AD."""
    return _audit_list(request, "tenancy:directory-audit", directory=True)


@requires(Permission.AUDIT_READ)
@require_safe
def audit_export(request: OperatorRequest, tenant: str) -> StreamingHttpResponse:
    """The filtered list as a file."""
    return _audit_export(request, directory=False)


@requires(Permission.AUDIT_READ)
@require_safe
def directory_audit_export(request: OperatorRequest, tenant: str) -> StreamingHttpResponse:
    """The filtered list of Azure AD as a file."""
    return _audit_export(request, directory=True)


@requires(Permission.AUDIT_READ)
@require_safe
def audit_entry(request: OperatorRequest, tenant: str, entry_id: UUID) -> HttpResponse:
    """One activity: who, when, on what, and what was changed."""
    return _audit_entry(request, entry_id, "tenancy:audit", directory=False)


@requires(Permission.AUDIT_READ)
@require_safe
def directory_audit_entry(request: OperatorRequest, tenant: str, entry_id: UUID) -> HttpResponse:
    """One activity of Azure AD."""
    return _audit_entry(request, entry_id, "tenancy:directory-audit", directory=True)


def _audit_list(request: OperatorRequest, views: str, *, directory: bool) -> HttpResponse:
    """views: what the URL names of this place begin with."""
    slug = request.tenant.slug
    asked = lists.read(request.GET, audit_tables.ORDERS, default="-date", per_page=request.user.page_size)
    wanted = filters.read(request.GET, asked.term)
    entries = wanted.apply(queries.journal(request.tenant, directory=directory), request.tenant)
    page = lists.page_of(entries, asked)

    def pills() -> list[dict[str, Any]]:
        found = queries.activities(request.tenant, directory=directory)
        return audit_tables.pills(request.GET, wanted, found, queries.actors(request.tenant))

    context = {
        "table": audit_tables.AuditTable.for_page(request, page, f"{views}-entry"),
        "term": asked.term,
        "pills": pills,  # called by the whole page alone; a fragment has none
        "dates": audit_tables.date_pill(request.GET, wanted),
        "about": _about(request, wanted, page.rows),
        "export_url": f"{reverse(f'{views}-export', args=[slug])}?{request.GET.urlencode()}",
    }
    return render_blade(request, "tenancy/audit_list.html", context, partial="results")


def _about(request: OperatorRequest, wanted: filters.AuditFilters, rows: list[JournalEntry]) -> dict[str, str] | None:
    """The pill of a list of everything about one target, reached from an entry."""
    if wanted.target_id is None:
        return None
    name = rows[0].target_name if rows else str(wanted.target_id)
    return {"value": str(wanted.target_id), "name": name, "remove_url": lists.address(request.GET, "target")}


def _audit_export(request: OperatorRequest, *, directory: bool) -> StreamingHttpResponse:
    asked = lists.read(request.GET, audit_tables.ORDERS, default="-date")
    entries = filters.read(request.GET, asked.term).apply(
        queries.journal(request.tenant, directory=directory), request.tenant
    )
    name = f"{request.tenant.slug}-audit-logs-{request.tenant.now():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        audit_tables.file_lines(entries.order_by(*asked.order.names())),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _audit_entry(request: OperatorRequest, entry_id: UUID, views: str, *, directory: bool) -> HttpResponse:
    entry = get_object_or_404(queries.journal(request.tenant, directory=directory), pk=entry_id)
    request.membership.tenant = request.tenant
    listed = reverse(f"{views}-list", args=[request.tenant.slug])
    sections = [
        {
            "title": "Activity",
            "items": [
                {"label": "Date", "value": portal_date(entry.occurred_at)},
                {"label": "Real time", "value": portal_date(entry.recorded_at)},
                {"label": "Activity", "value": entry.activity},
                {"label": "Category", "value": entry.category},
                {"label": "Source", "value": entry.get_source_display()},
                {"label": "Request ID", "value": entry.request_id},
            ],
        },
        {
            "title": "Initiated by (actor)",
            "items": [
                {"label": "Name", "value": entry.actor_name},
                {"label": "Application", "value": audit_tables.application(entry)},
            ],
        },
    ]
    context = {
        "entry": entry,
        "heading": entry.activity,
        "subtitle": "Audit log entry",
        "sections": sections,
        "type": say(entry.target_type[:1].upper() + entry.target_type[1:]),
        "target_url": targets.address(entry, request.membership),
        "about_url": f"{listed}?target={entry.target_id}" if entry.target_id else "",
        "modified": audit_tables.modified(entry),
    }
    return render_blade(request, "tenancy/audit_entry.html", context)


# Tenant administration > Roles


@requires(Permission.ROLES_READ)
@require_safe
def role_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Every role there is; nobody adds one."""
    table = RoleTable.for_request(request, queries.holder_counts(request.tenant))
    return render_blade(request, "tenancy/role_list.html", {"table": table}, partial="results")


@requires(Permission.ROLES_READ)
@require_safe
def role_properties(request: OperatorRequest, tenant: str, role: str) -> HttpResponse:
    """What a role is for and what it permits."""
    found = _role(role)
    permissions = [
        {"label": say(resource), "lines": [say(action) for action in actions]}
        for resource, actions in grouped(found).items()
    ]
    context = {
        **_role_context(request, found),
        "basics": [
            {"label": "Name", "value": found.label},
            {"label": "Description", "value": say(DESCRIPTIONS[found])},
            {"label": "Type", "value": say(type_label(found))},
        ],
        "permissions": permissions,
    }
    return render_blade(request, "tenancy/role_properties.html", context)


@requires(Permission.ROLES_READ)
@require_safe
def role_assignments(request: OperatorRequest, tenant: str, role: str) -> HttpResponse:
    """Who has the role in this directory."""
    found = _role(role)
    context = {
        **_role_context(request, found),
        "table": HolderTable.for_request(request, queries.holders(request.tenant, found)),
    }
    return render_blade(request, "tenancy/role_assignments.html", context, partial="results")


@requires(Permission.ROLES_ASSIGN)
@require_http_methods(["GET", "POST"])
def role_assign(request: OperatorRequest, tenant: str, role: str) -> HttpResponse:
    """Give the role to an operator of this directory."""
    found = _role(role)
    posted = request.method == "POST"
    form = AssignRoleForm(request.POST if posted else None, tenant=request.tenant, role=found)
    if form.is_valid():
        operator = form.cleaned_data["operator"]
        try:
            services.assign_role(tenant=request.tenant, actor=request.user, operator=operator, role=found)
        except ValidationError as error:
            form.add_error("operator", error.messages)
        else:
            toast(request, "Role assigned", f"Successfully assigned the role '{found.label}' to '{operator}'.")
            if operator == request.user and Permission.ROLES_READ not in GRANTS[found]:
                return redirect("console:home", tenant)
            return redirect("tenancy:role-assignments", tenant, found.value)
    context = {
        **_role_context(request, found),
        "form": form,
        "page": "",
        "heading": "Assign role",
        "subtitle": found.label,
        "close_url": reverse("tenancy:role-assignments", args=[tenant, found.value]),
    }
    return render_blade(request, "tenancy/role_assign.html", context, status=422 if form.errors else 200)


@requires(Permission.ROLES_ASSIGN)
@require_POST
def role_view_as(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The operator takes the posted role for practice, and lands where every role may be."""
    found = _role(request.POST.get("role", ""))
    try:
        services.view_as(tenant=request.tenant, actor=request.user, role=found)
    except ValidationError as error:
        toast(request, "Changing the view failed", " ".join(error.messages), level="error")
        return redirect("tenancy:role-properties", tenant, found.value)
    toast(
        request,
        f"You view this directory as {found.label}",
        "What you may see and do is what this role may. The bar above every blade returns you to your own role.",
        level="info",
    )
    return redirect("console:home", tenant)


@require_POST
def role_return(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Back to the operator's own role, on the page where they are. Always possible, whatever the role viewed as."""
    held = services.end_view_as(tenant=request.tenant, actor=request.user)
    toast(request, f"You are {held.label} again", "What you may see and do is what your own role may.")
    return back(request)


def _role(value: str) -> Role:
    if value not in Role.values:
        raise Http404("No such role.")
    return Role(value)


def _role_context(request: OperatorRequest, role: Role) -> dict[str, Any]:
    """What the pages of one role share, with the reasons for the commands that are greyed out."""
    may, own = request.membership.may(Permission.ROLES_ASSIGN), Role(request.membership.role)
    without = "" if may else refusal(Permission.ROLES_ASSIGN)
    viewing = "This is your role." if role == own else services.beyond_reach(own, role, request.membership.held_role)
    return {
        "role": role,
        "heading": role.label,
        "subtitle": say(type_label(role)),
        "assign_reason": without or services.beyond_reach(own, role, role),
        "view_reason": without or viewing,
    }


# The clock, a training control


@require_http_methods(["GET", "POST"])
def clock_page(request: OperatorRequest, tenant: str) -> HttpResponse:
    """What time it is in this directory, what is due and what has happened; each POST is one step forward."""
    refused = ""
    if request.method == "POST":
        step = request.POST.get("by", "")
        if step in STEPS:
            try:
                ran = services.advance_clock(tenant=request.tenant, actor=request.user, by=STEPS[step])
            except ValidationError as error:
                refused = " ".join(error.messages)
            else:
                events = "1 event ran" if ran == 1 else f"{ran} events ran"
                text = f"It is {portal_date(request.tenant.now())} in this directory. {events}."
                toast(request, "Clock moved forward", text)
                return redirect("tenancy:clock", tenant)
        else:
            refused = "Select how far the clock moves forward."
    may_read = request.membership.may(Permission.AUDIT_READ)
    asked = lists.read(request.GET, {"due": ("due_at", "id")}, default="due", per_page=request.user.page_size)
    page = lists.page_of(queries.due_events(request.tenant), asked)
    parked = queries.parked_events(request.tenant) if request.membership.may(Permission.TENANT_SETTINGS) else []
    context = {
        "refused": refused,
        "times": [
            {"label": "Time in this directory", "value": portal_date(request.tenant.now())},
            {"label": "Real time", "value": portal_date(timezone.now())},
            {"label": "Changes take effect", "value": request.tenant.get_propagation_display()},
        ],
        "steps": [{"value": value, "label": label} for value, label in STEP_LABELS.items()],
        "next_reason": "" if request.tenant.next_due_at else "Nothing is due in this directory.",
        "table": DueTable.for_page(request, page, named=may_read),
        "happened": HappenedTable.of(queries.just_happened(request.tenant)) if may_read else None,
        "refusal": refusal(Permission.AUDIT_READ),
        "parked": ParkedTable.for_request(request, parked) if parked else None,
    }
    return render_blade(request, "tenancy/clock.html", context, partial="results", status=422 if refused else 200)
