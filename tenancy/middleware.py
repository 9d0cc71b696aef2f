from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db.models import BooleanField, IntegerField
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from blades import presentation
from tenancy import clock
from tenancy.context import origin
from tenancy.models import JournalEntry, Membership

Next = Callable[[HttpRequest], HttpResponseBase]
# In the address of the page of sign-in: something was posted without a session.
UNSAVED = "unsaved"


class RequestIdMiddleware:
    """Gives each request an id that the journal, the log, the answer and an error page share."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        with origin(JournalEntry.Source.PORTAL, request.id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page needs a signed-in operator unless its view says otherwise.

    A fragment request cannot follow a redirect to another page, so htmx is told to leave. Whoever has posted something
    comes back to the page with the form, and is told that it was not saved.
    """

    def handle_no_permission(self, request: Any, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        if request.htmx:
            # A boosted click wants another page; a fragment, or a form that is posted, belongs to the page it is on.
            wants_page = request.htmx.boosted and request.method == "GET"
            back = request.get_full_path() if wants_page else request.htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(_sign_in_url(request, back))
        if request.method == "POST":
            return HttpResponseRedirect(_sign_in_url(request, _page_before(request)))
        return super().handle_no_permission(request, view_func)


def _page_before(request: HttpRequest) -> str:
    """The page of this console that the request was sent from, else its own address."""
    sent_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(sent_from, allowed_hosts={request.get_host()}):
        return request.get_full_path()
    return urlsplit(sent_from)._replace(scheme="", netloc="", fragment="").geturl()


def _sign_in_url(request: HttpRequest, back: str) -> str:
    url = redirect_to_login(back).url
    return f"{url}&{UNSAVED}=1" if request.method == "POST" else url


# The operator's membership with its tenant and, for the bell of every page, how many notifications are unread and
# whether one of them is of a command that goes on. Written as SQL, because building the same from expressions would
# cost each request as much as all other statements together.
_MEMBERSHIPS = (
    Membership.objects.select_related("tenant")
    .annotate(
        unread=RawSQL(
            "SELECT COUNT(*) FROM blades_notification bell WHERE bell.tenant_id = tenancy_membership.tenant_id"
            " AND bell.operator_id = tenancy_membership.operator_id AND NOT bell.read",
            (),
            output_field=IntegerField(),
        ),
        going_on=RawSQL(
            "EXISTS (SELECT 1 FROM blades_notification bell WHERE bell.tenant_id = tenancy_membership.tenant_id"
            " AND bell.operator_id = tenancy_membership.operator_id AND NOT bell.read AND bell.level = 'progress')",
            (),
            output_field=BooleanField(),
        ),
    )
    .order_by("pk")
)


class TenantMiddleware:
    """Resolves the tenant in the path for its members; for everybody else it does not exist."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = presentation.present(presentation.DEFAULT)
        try:
            response = self.get_response(request)
        finally:
            presentation.restore(token)
        if hasattr(request, "tenant"):
            # Class-room machines are shared: after signing out, Back must not show what was there.
            add_never_cache_headers(response)
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Set request.tenant and request.membership, and let happen what is due."""
        if "tenant" not in kwargs:
            return
        membership = _MEMBERSHIPS.filter(operator_id=request.user.pk, tenant__slug=kwargs["tenant"]).first()
        if membership is None:
            raise Http404("No such directory.")
        request.membership = membership
        request.tenant = membership.tenant
        presentation.present(presentation.Presentation(request.tenant.vocabulary, request.user.regional_format))
        if clock.is_due(request.tenant):
            clock.settle(request.tenant)
