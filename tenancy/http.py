"""Types and helpers for views that serve a signed-in operator inside a tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from blades.columns import Columns
from tenancy import services
from tenancy.models import Membership, Operator, Tenant
from tenancy.roles import MissingPermission, Permission

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


class OperatorRequest(HttpRequest):
    """A request whose operator is signed in and a member of the tenant in the path."""

    user: Operator
    tenant: Tenant
    membership: Membership
    htmx: HtmxDetails


def requires(permission: Permission) -> Callable[[V], V]:
    """The view answers 403, naming the permission, when the operator's role lacks it."""

    def decorate(view: V) -> V:
        @wraps(view)
        def guarded(request: OperatorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.membership.may(permission):
                raise MissingPermission(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast("V", guarded)

    return decorate


def permission_of(view: Any) -> Permission | None:
    """The permission that `requires` asks for on this view, if any."""
    return getattr(view, "permission", None)


def back(request: OperatorRequest, otherwise: str = "console:home") -> HttpResponseRedirect:
    """To the page that the form named as `next`, as long as it is ours; else to the view `otherwise`."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if ours else reverse(otherwise, args=[request.tenant.slug]))


def answer_columns(request: OperatorRequest, columns: Columns, otherwise: str) -> HttpResponseRedirect:
    """Store what the column picker was posted with, and lead back to the list as it stood; else to `otherwise`.

    A GET comes from somebody who typed the address, or whose session ended under the picker.
    """
    if request.method == "POST":
        names = None if "reset" in request.POST else columns.in_order(request.POST.getlist("column"))
        services.choose_columns(request.user, columns.key, names, known=columns.labels)
    return back(request, otherwise)
