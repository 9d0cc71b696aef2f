"""Registering a device is a sign-in as well: to the partner's registration app."""

from __future__ import annotations

from access import services
from access.cloud_apps import key_of
from access.error_codes import ACCOUNT_DISABLED
from access.models import SignIn
from directory.models import DirectoryUser
from tenancy.models import Tenant
from uem import services as uem


@uem.gate
def may_register(tenant: Tenant, user: DirectoryUser, app: str, platform: str) -> str:
    """What keeps the user from registering, or nothing. The device has no id yet, so it cannot be compliant.

    Source: Jamf docs, "exclude the registration app from policies that require a compliant device". A second factor is
    asked for on the spot, and does not keep anybody out.
    """
    user.tenant = tenant
    tried = services.sign_in(user=user, app=key_of(app), platform=platform, mfa=True, client_app=services.NATIVE)
    if tried.status == SignIn.Status.SUCCESS:
        return ""
    why = ", because the user account is disabled" if tried.error_code == ACCOUNT_DISABLED else ""
    return f"{tried.error_code}: the sign-in to {app} was refused{why}"
