"""Types and helpers for views that serve a signed-in operator inside a tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from tenancy.models import Membership, Operator, Tenant
from tenancy.roles import MissingPermission, Permission

P = ParamSpec("P")


class OperatorRequest(HttpRequest):
    """A request whose operator is signed in and a member of the tenant in the path."""

    user: Operator  # type: ignore[assignment]
    tenant: Tenant
    membership: Membership
    htmx: HtmxDetails


View = Callable[Concatenate[OperatorRequest, P], HttpResponseBase]


def requires(permission: Permission) -> Callable[[View[P]], View[P]]:
    """The view answers 403, naming the permission, when the operator's role lacks it."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: OperatorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.membership.may(permission):
                raise MissingPermission(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def permission_of(view: Any) -> Permission | None:
    """The permission that `requires` asks for on this view, if any."""
    return getattr(view, "permission", None)
