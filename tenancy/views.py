from __future__ import annotations

from typing import cast

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from blades.messages import toast
from tenancy.forms import PasswordForm, SignInForm
from tenancy.models import Operator


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
        return redirect("console:home", memberships[0].tenant.slug)
    return render(request, "tenancy/choose.html", {"memberships": memberships})
