"""The partner's console: its connection to Azure AD and Intune, and the tokens of its API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blades.http import render_blade
from blades.messages import say_once
from partners import connections
from partners.models import PartnerToken
from tenancy.http import OperatorRequest
from uem import queries, services
from uem.forms import SettingsForm, TokenForm
from uem.http import address, attempt, in_console, render
from uem.models import Console


@require_safe
def partner_list(request: OperatorRequest, tenant: str) -> HttpResponse:
    """The consoles of all partners, those that the directory has added first."""
    return render_blade(request, "uem/partner_list.html", {"entries": queries.entries(request.tenant)})


@in_console
@require_safe
def overview(request: OperatorRequest, console: Console) -> HttpResponse:
    """How the connection is, on both of its sides, and how many devices there are."""
    context = {"health": queries.health(console), "counts": queries.counts(console)}
    return render(request, console, "uem/overview.html", "overview", context)


# The connection


@in_console
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: OperatorRequest, console: Console) -> HttpResponse:
    """The switch, the tenant ID, what was consented to, and the groups that are known."""
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        console=console,
        initial={"compliance_enabled": console.compliance_enabled, "directory_id": console.directory_id},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_settings(console=console, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            say_once(
                request, "Settings saved", queries.health(services.console_of(request.tenant, console.vendor)).text
            )
            return redirect(address("settings", console))
    context = {
        "form": form,
        "health": queries.health(console),
        "consents": _consents(console),
        "known": queries.known_assignments(console),
        "facts": queries.what_to_know(console.vendor),
        "tenant_id_url": reverse("console:azure-ad", args=[request.tenant.slug]),
    }
    return render(request, console, "uem/settings.html", "settings", context, status=422 if form.errors else 200)


def _consents(console: Console) -> list[dict[str, Any]]:
    """The applications that are consented to, with what is greyed out and why."""
    moments = [console.consented_at, console.second_consented_at]
    lost = console.credentials_lost
    return [
        {
            "application": application,
            "granted_at": moment,
            "lost": lost and not n,
            "url": address("second-consent" if n else "consent", console),
        }
        for n, (application, moment) in enumerate(zip(console.vendor.consents, moments, strict=False))
    ]


# What an administrator accepts for the organization.
PERMISSIONS = (
    ("Sign in and read user profile", "Allows the app to know who grants consent."),
    ("Read directory data", "Allows the app to read users, groups and devices of your organization."),
    (
        "Send device attributes to Microsoft Intune",
        "Allows the app to send inventory and compliance of the devices that it manages.",
    ),
)


@in_console
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: OperatorRequest, console: Console, *, second: bool = False) -> HttpResponse:
    """The question of Azure AD whether the partner's application may do what it asks for."""
    partner = console.vendor
    back = redirect(address("settings", console))
    if second and len(partner.consents) < 2:
        return back
    error = "" if console.directory_id else "Enter the tenant ID and save it before you grant consent."
    if request.method == "POST":
        try:
            services.consent(console=console, actor=request.user, second=second)
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            say_once(
                request,
                "Admin consent granted",
                f"'{partner.consents[int(second)]}' may act in {request.tenant.display_name}.",
            )
            return back
    context = {
        "application": partner.consents[int(second)],
        "partner": partner,
        "permissions": PERMISSIONS,
        "error": error,
        "cancel_url": address("settings", console),
    }
    return render_blade(request, "uem/consent.html", context, status=422 if request.method == "POST" else 200)


@in_console
@require_http_methods(["GET", "HEAD", "POST"])
def sync(request: OperatorRequest, console: Console) -> HttpResponse:
    """Asks before the assignments are read from Intune; a POST reads them."""
    error = ""
    if request.method == "POST":
        before = {(link.group_id, link.platform, link.excluded) for link in queries.links(console)}
        try:
            console = services.sync(console=console, actor=request.user)
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            after = queries.links(console)
            new = [str(link.group) for link in after if (link.group_id, link.platform, link.excluded) not in before]
            health = queries.health(console)
            said = f"{_learned(new, len(after))} {SENT if health.reports else health.text}"
            say_once(request, "Azure services synchronized", said, level="success" if health.reports else "warning")
            return redirect(address("settings", console))
    context = {"error": error, "known": queries.known_assignments(console)}
    return render(request, console, "uem/sync.html", "settings", context, status=422 if error else 200)


SENT = "What was waiting has been reported."


def _learned(new: list[str], known: int) -> str:
    if not new:
        return f"Nothing is new: {known:,} {'group is' if known == 1 else 'groups are'} known."
    named = ", ".join(new[:3]) + (f" and {len(new) - 3:,} more" if len(new) > 3 else "")
    return f"New: {named}."


# Tokens


@in_console
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: OperatorRequest, console: Console) -> HttpResponse:
    """The tokens with which programs call the partner API; a POST makes one and shows it this once."""
    made, form = None, TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = connections.create_token(
                tenant=request.tenant, actor=request.user, partner=console.vendor, **form.cleaned_data
            )
            form = TokenForm()
        except ValidationError as error:
            form.add_error(None, error)
    tokens = PartnerToken.objects.in_tenant(request.tenant).filter(partner=console.partner)
    context = {"tokens": tokens[:MOST_TOKENS], "form": form, "made": made, "most": MOST_TOKENS}
    return render(request, console, "uem/token_list.html", "token-list", context, status=422 if form.errors else 200)


MOST_TOKENS = 100


@in_console
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: OperatorRequest, console: Console, token_id: UUID) -> HttpResponse:
    """Asks before a token is revoked for good; a POST does it."""
    tokens = PartnerToken.objects.in_tenant(request.tenant).filter(partner=console.partner)
    token: PartnerToken = get_object_or_404(tokens, pk=token_id)
    token.tenant = request.tenant
    back = address("token-list", console)
    if request.method == "POST":
        attempt(
            request,
            "Token revoked",
            f"Requests with '{token}' are refused from now on.",
            lambda: connections.revoke_token(token=token, actor=request.user),
        )
        return redirect(back)
    context = {
        "heading": "Revoke token",
        "question": f"Programs that use '{token}' are refused from then on. A token cannot be made good again.",
        "label": "Revoke",
        "danger": True,
        "back": back,
    }
    return render(request, console, "uem/confirm.html", "token-list", context)
