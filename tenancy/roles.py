"""The simulated admin roles and what each may do.

Source: Intune RBAC reference and Azure AD device roles, as docs/sources.md lists them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import models

if TYPE_CHECKING:
    from tenancy.models import Operator, Tenant


class Role(models.TextChoices):
    """The roles that an operator can hold in a tenant, with their names on screen."""

    GLOBAL_ADMINISTRATOR = "global_administrator", "Global administrator"
    INTUNE_ADMINISTRATOR = "intune_administrator", "Intune administrator"
    HELP_DESK_OPERATOR = "help_desk_operator", "Help Desk Operator"
    READ_ONLY_OPERATOR = "read_only_operator", "Read Only Operator"
    ENDPOINT_SECURITY_MANAGER = "endpoint_security_manager", "Endpoint Security Manager"
    POLICY_AND_PROFILE_MANAGER = "policy_and_profile_manager", "Policy and Profile Manager"
    INTUNE_ROLE_ADMINISTRATOR = "intune_role_administrator", "Intune Role Administrator"
    CONDITIONAL_ACCESS_ADMINISTRATOR = "conditional_access_administrator", "Conditional Access Administrator"
    SECURITY_ADMINISTRATOR = "security_administrator", "Security Administrator"
    SECURITY_READER = "security_reader", "Security Reader"
    GLOBAL_READER = "global_reader", "Global Reader"
    CLOUD_DEVICE_ADMINISTRATOR = "cloud_device_administrator", "Cloud Device Administrator"


class Permission(StrEnum):
    """A right, worded as the page that refuses it shows it."""

    PARTNERS_READ = "Partner Device Management: Read"
    PARTNERS_MODIFY = "Partner Device Management: Modify"
    DEVICES_READ = "Managed devices: Read"
    DEVICES_UPDATE = "Managed devices: Update"
    MOBILITY_READ = "Mobility (MDM and MAM): Read"
    MOBILITY_MODIFY = "Mobility (MDM and MAM): Modify"
    DIRECTORY_READ = "Users and groups: Read"
    DIRECTORY_UPDATE = "Users and groups: Update"
    AUDIT_READ = "Audit data: Read"
    TENANT_SETTINGS = "Training settings: Modify"


_READ = frozenset({Permission.PARTNERS_READ, Permission.DEVICES_READ, Permission.AUDIT_READ})
_DIRECTORY = frozenset({Permission.DIRECTORY_READ})
_SECURITY = _READ | _DIRECTORY | {Permission.MOBILITY_READ}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.GLOBAL_ADMINISTRATOR: frozenset(Permission),
    Role.INTUNE_ADMINISTRATOR: frozenset(Permission),
    Role.HELP_DESK_OPERATOR: _READ | _DIRECTORY | {Permission.DEVICES_UPDATE},
    Role.READ_ONLY_OPERATOR: _READ | _DIRECTORY,
    Role.ENDPOINT_SECURITY_MANAGER: _READ | {Permission.DEVICES_UPDATE},
    Role.POLICY_AND_PROFILE_MANAGER: _READ,
    Role.INTUNE_ROLE_ADMINISTRATOR: frozenset(),
    Role.CONDITIONAL_ACCESS_ADMINISTRATOR: frozenset(),
    Role.SECURITY_ADMINISTRATOR: _SECURITY,
    Role.SECURITY_READER: _SECURITY,
    Role.GLOBAL_READER: _SECURITY,
    Role.CLOUD_DEVICE_ADMINISTRATOR: frozenset(),
}


class MissingPermission(PermissionDenied):
    """The operator's role lacks `permission`; the page that answers 403 names it."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(refusal(permission))
        self.permission = permission


def refusal(permission: Permission) -> str:
    """The sentence that a disabled command and a refused request show."""
    return f"You do not have access. This requires the permission '{permission}'."


def require(tenant: Tenant, actor: Operator | None, permission: Permission) -> None:
    """Raise MissingPermission unless `actor` may do this in `tenant`.

    None stands for the product itself (seeding, the clock), which may do everything.
    """
    if actor is None:
        return
    role = actor.memberships.filter(tenant=tenant).values_list("role", flat=True).first()
    if role is None or permission not in GRANTS[Role(role)]:
        raise MissingPermission(permission)
