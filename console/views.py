from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from blades.http import render_blade, wants_fragment
from blades.messages import toast
from blades.models import Notification
from blades.vocabulary import say
from console import queries
from console import services as console_services
from console.connectors import ConnectorTable
from console.forms import PortalForm, ResetForm, TrainingForm
from console.menus import MENUS, Menu
from console.navigation import find_blade, item_url
from devices import queries as device_queries
from partners import catalogue
from partners.tables import status_kind
from tenancy import services
from tenancy.http import OperatorRequest, back, requires
from tenancy.roles import Permission, refusal, require
from tenancy.services import PORTAL_SETTINGS

# How the portal names the scale unit that holds a European tenant.
LOCATION = "Europe 0202"

# How many notifications the pane shows; the page shows all that are kept.
IN_PANE = 30


@require_GET
def home(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The tenant at a glance; a part that the role may not see says so."""
    may = request.membership.may
    context: dict[str, Any] = {"steps": _first_steps(request), "subtitle": request.tenant.display_name}
    if may(Permission.DEVICES_READ):
        context["devices_url"] = reverse("devices:security-list", args=[tenant])
        context["devices"] = queries.device_counts(request.tenant, context["devices_url"])
    if may(Permission.PARTNERS_READ):
        context["partners_url"] = reverse("partners:configuration-list", args=[tenant])
        context["partners"] = [
            {
                "label": catalogue.label(row.partner),
                "platform": row.get_platform_display(),
                "kind": status_kind(row.status),
                "status": row.get_status_display(),
                "url": reverse("partners:overview", args=[tenant, row.pk]),
            }
            for row in queries.partner_configurations(request.tenant)
        ]
    if may(Permission.AUDIT_READ):
        context["entries"] = queries.latest_entries(request.tenant)
    context["refusals"] = {
        "devices": refusal(Permission.DEVICES_READ),
        "partners": refusal(Permission.PARTNERS_READ),
        "entries": refusal(Permission.AUDIT_READ),
    }
    return render_blade(request, "console/home.html", context)


@require_GET
def tenant_status(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Tenant administration > Tenant status: the details of the tenant."""
    licensed, intune = queries.licence_counts(request.tenant)
    details = [
        {"label": "Tenant name", "value": request.tenant.default_domain},
        {"label": "Tenant location", "value": LOCATION},
        {"label": "MDM authority", "value": "Microsoft Intune"},
        {"label": "Account status", "value": "Active"},
        {"label": "Total licensed users", "value": str(licensed)},
        {"label": "Total Intune licenses", "value": str(intune)},
        {"label": "Total enrolled devices", "value": str(queries.listed_total(request.tenant))},
    ]
    context = {"details": details, "tabs": _status_tabs(tenant, "console:tenant-status")}
    return render_blade(request, "console/tenant_status.html", context)


@require_GET
def connector_status(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Tenant administration > Tenant status: how each connector is, as far as the role may read it."""
    may_read = request.membership.may(Permission.PARTNERS_READ)
    context = {
        "table": ConnectorTable.for_request(request),
        "tabs": _status_tabs(tenant, "console:connector-status"),
        "refusal": "" if may_read else f"Compliance partners are left out. {refusal(Permission.PARTNERS_READ)}",
    }
    return render_blade(request, "console/connector_status.html", context, partial="results")


def _status_tabs(tenant: str, here: str) -> list[dict[str, Any]]:
    tabs = {"console:tenant-status": "Tenant details", "console:connector-status": "Connector status"}
    return [
        *(
            {"label": label, "url": reverse(view, args=[tenant]), "current": view == here}
            for view, label in tabs.items()
        ),
        {
            "label": "Service health and message center",
            "reason": "Not in this training console. The real tab shows incidents of the Intune service and "
            "news on it.",
        },
    ]


@require_GET
def connectors(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Tenant administration > Connectors and tokens: what each entry of the menu is for."""
    context = {
        "lede": "Connectors and tokens link Intune with stores, certificates and services of others.",
        "groups": _entries(MENUS["connectors"], tenant),
    }
    return render_blade(request, "console/index.html", context)


@require_GET
def security(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Azure Active Directory > Security: what each entry of the menu is for."""
    context = {
        "lede": "Security decides how people sign in, and finds sign-ins that are not theirs.",
        "groups": _entries(MENUS["security"], tenant),
    }
    return render_blade(request, "console/index.html", context)


@requires(Permission.DEVICES_READ)
@require_GET
def device_monitor(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Devices > Monitor: what each entry of the menu is for."""
    context = {
        "lede": "Lists of what devices, policies and administrators did lately.",
        "groups": _entries(MENUS["device-monitor"], tenant),
    }
    return render_blade(request, "console/index.html", context)


def _entries(menu: Menu, tenant: str) -> list[dict[str, Any]]:
    return [
        {
            "heading": say(group.heading),
            "entries": [
                {"label": say(item.label), "url": item_url(item, tenant, {}), "purpose": say(item.purpose)}
                for item in group.items
            ],
        }
        for group in menu.groups
    ]


@require_GET
def azure_ad(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Azure Active Directory > Overview."""
    information = [
        {"label": "Tenant name", "value": request.tenant.display_name},
        {"label": "Your role", "value": request.membership.role_label},
        {"label": "Tenant ID", "value": str(request.tenant.directory_id)},
        {"label": "License", "value": say("Azure AD Premium P1")},
        {"label": "Primary domain", "value": request.tenant.default_domain},
    ]
    context: dict[str, Any] = {"information": information, "refusal": refusal(Permission.DIRECTORY_READ)}
    views = {
        "Users": ("directory:user-list", Permission.DIRECTORY_READ),
        "Groups": ("directory:group-list", Permission.DIRECTORY_READ),
        "Devices": ("directory:device-list", Permission.DIRECTORY_DEVICES_READ),
    }
    addresses = {
        label: reverse(view, args=[tenant])
        for label, (view, permission) in views.items()
        if request.membership.may(permission)
    }
    if addresses:
        context["objects"] = [
            {"label": label, "count": count, "url": addresses[label]}
            for label, count in queries.directory_counts(request.tenant).items()
            if label in addresses
        ]
    return render_blade(request, "console/azure_ad.html", context)


@require_GET
def blade(request: OperatorRequest, tenant: str, name: str) -> HttpResponse:
    """The honest page of a blade that the real product has and this console does not."""
    found = find_blade(name)
    if found is None:
        raise Http404("No such blade.")
    return render_blade(request, "console/blade.html", {"blade": found})


@requires(Permission.DEVICES_READ)
@require_GET
def device_blade(request: OperatorRequest, tenant: str, device_id: UUID, name: str) -> HttpResponse:
    """The same for a blade of one device; its menu stays."""
    found = find_blade(name, "console:device-blade")
    device = device_queries.device(request.tenant, device_id)
    if found is None or device is None:
        raise Http404("No such blade.")
    return render_blade(request, "console/blade.html", {"blade": found, "heading": device.device_name})


@require_http_methods(["GET", "POST"])
def settings_page(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Portal settings: how the portal looks to the operator, and how the tenant behaves."""
    user, directory = request.user, request.tenant
    posts_portal = request.method == "POST" and "theme" in request.POST
    posts_training = request.method == "POST" and not posts_portal
    portal = PortalForm(
        request.POST if posts_portal else None, initial={name: getattr(user, name) for name in PORTAL_SETTINGS}
    )
    training = TrainingForm(
        request.POST if posts_training else None,
        initial={name: getattr(directory, name) for name in ("document_mode", "propagation", "vocabulary")},
    )
    if portal.is_valid():
        services.change_portal_settings(user, **portal.cleaned_data)
        toast(request, "Settings saved", "Successfully saved how the portal looks and behaves for you.")
        return back(request, "console:settings")
    if posts_training:
        require(directory, user, Permission.TENANT_SETTINGS)
    if training.is_valid():
        services.change_training_settings(tenant=directory, actor=user, **training.cleaned_data)
        toast(request, "Training settings saved", f"Successfully saved the settings of '{directory}'.")
        return redirect("console:settings", tenant)
    reason = "" if request.membership.may(Permission.TENANT_SETTINGS) else refusal(Permission.TENANT_SETTINGS)
    if reason:
        training.lock()
    return render_blade(
        request,
        "console/settings.html",
        {"portal_form": portal, "training": training, "reason": reason},
        status=422 if portal.errors or training.errors else 200,
    )


@require_GET
def notifications(request: OperatorRequest, tenant: str) -> HttpResponse:
    """What the bell has to tell. Looking at it makes it read; asking again what a command does (?poll) does not."""
    return _notifications(request, look="poll" not in request.GET)


@require_POST
def dismiss(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Take one notification of the operator away, or all."""
    own = _own_notifications(request)
    wanted = request.POST.get("id", "")
    if "all" in request.POST:
        own.delete()
    elif wanted.isdecimal() and len(wanted) < 19:
        own.filter(pk=wanted).delete()
    if wants_fragment(request):
        return _notifications(request, look=True, focus=True)
    return redirect("console:notifications", tenant)


def _own_notifications(request: OperatorRequest) -> QuerySet[Notification]:
    return Notification.objects.filter(tenant=request.tenant, operator=request.user)


def _notifications(request: OperatorRequest, *, look: bool, focus: bool = False) -> HttpResponse:
    slug = request.tenant.slug
    entries = list(_own_notifications(request))
    news = [entry for entry in entries if not entry.read and (not look or entry.level == Notification.Level.PROGRESS)]
    if look and len(news) < sum(not entry.read for entry in entries):
        # Of a command that goes on there is more to tell.
        _own_notifications(request).filter(read=False).exclude(level=Notification.Level.PROGRESS).update(read=True)
    request.membership.unread = len(news)  # type: ignore[attr-defined]
    shown = IN_PANE if wants_fragment(request) else len(entries)
    audit_url = reverse("tenancy:audit-list", args=[slug])
    context = {
        "entries": entries[:shown],
        "older": len(entries[shown:]),
        "going_on": any(entry.level == Notification.Level.PROGRESS for entry in entries),
        "unread": len(news),
        "url": reverse("console:notifications", args=[slug]),
        "dismiss_url": reverse("console:dismiss", args=[slug]),
        "audit_url": audit_url if request.membership.may(Permission.AUDIT_READ) else "",
        "bell": wants_fragment(request),
        "focus": focus,
    }
    return render_blade(request, "console/notifications.html", context, partial="list")


@requires(Permission.TENANT_SETTINGS)
@require_http_methods(["GET", "POST"])
def reset(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Forget everything that was done in this directory, after its name was typed again."""
    obstacle = console_services.reset_obstacle(request.tenant)
    size = 0 if obstacle else console_services.reset_size(request.tenant)
    if size > console_services.LARGEST:
        obstacle = (
            f"With {size:,} devices a reset takes longer than a page may. Whoever runs the console does it with the "
            f"command: manage.py reset_tenant {tenant}"
        )
    form = ResetForm(request.POST if request.method == "POST" else None, tenant=request.tenant)
    if not obstacle and form.is_valid():
        try:
            fresh = console_services.reset_tenant(tenant=request.tenant, actor=request.user)
        except ValidationError as error:  # its template was deleted meanwhile
            obstacle = " ".join(error.messages)
        else:
            toast(request, "Directory reset", f"'{fresh.display_name}' is as it was at first.")
            return redirect("console:home", tenant)
    template = request.tenant.template
    context = {
        "form": form,
        "obstacle": obstacle,
        "hint": f"Enter '{tenant}', the name in the address of this directory.",
        "becomes": f"a fresh copy of '{template.display_name}'" if template else "the demo as it was made at first",
        "cancel_url": reverse("console:tenant-status", args=[tenant]),
    }
    posted = request.method == "POST"
    return render_blade(request, "console/reset.html", context, status=422 if posted else 200)


@require_POST
def nav_toggle(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The left navigation becomes narrow, or wide again."""
    services.set_nav_collapsed(request.user, collapsed=not request.user.nav_collapsed)
    return back(request)


def _first_steps(request: OperatorRequest) -> list[dict[str, Any]]:
    """The document's way through the console, each step with the reason when the role may not take it."""
    steps: list[tuple[str, str, str, Permission | None]] = [
        (
            "Add the partner's application",
            "Azure Active Directory > Mobility (MDM and MAM)",
            "mobility:application-list",
            Permission.MOBILITY_READ,
        ),
        (
            "Add the compliance partner",
            "Tenant administration > Connectors and tokens > Partner compliance management",
            "partners:configuration-list",
            Permission.PARTNERS_READ,
        ),
        ("Connect the partner, and enroll devices", "The partner's console", "uem:partner-list", None),
        (
            "See who manages the devices",
            "Endpoint security > All devices, column Managed by",
            "devices:security-list",
            Permission.DEVICES_READ,
        ),
    ]
    return [
        {
            "label": label,
            "where": say(where),
            "url": reverse(view, args=[request.tenant.slug]),
            "reason": "" if permission is None or request.membership.may(permission) else refusal(permission),
            "outside": permission is None,
        }
        for label, where, view, permission in steps
    ]
