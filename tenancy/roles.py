"""The simulated admin roles and what each may do.

Source: Intune RBAC reference and Azure AD device roles, as docs/sources.md lists them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import models

from blades.vocabulary import say

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
    DEVICES_DELETE = "Managed devices: Delete"
    DEVICES_SET_PRIMARY_USER = "Managed devices: Set primary user"
    REMOTE_SYNC = "Remote tasks: Sync devices"
    REMOTE_LOCK = "Remote tasks: Remote lock"
    REMOTE_RESET_PASSCODE = "Remote tasks: Reset passcode"
    REMOTE_RESTART = "Remote tasks: Reboot now"
    REMOTE_RENAME = "Remote tasks: Set device name"
    REMOTE_RETIRE = "Remote tasks: Retire"
    REMOTE_WIPE = "Remote tasks: Wipe"
    COMPLIANCE_READ = "Device compliance policies: Read"
    COMPLIANCE_MODIFY = "Device compliance policies: Modify"
    ACCESS_READ = "Conditional access: Read"
    ACCESS_MODIFY = "Conditional access: Modify"
    MOBILITY_READ = "Mobility (MDM and MAM): Read"
    MOBILITY_MODIFY = "Mobility (MDM and MAM): Modify"
    DIRECTORY_READ = "Users and groups: Read"
    DIRECTORY_UPDATE = "Users and groups: Update"
    DIRECTORY_DEVICES_READ = "Azure AD devices: Read"
    DIRECTORY_DEVICES_MODIFY = "Azure AD devices: Enable, disable and delete"
    AUDIT_READ = "Audit data: Read"
    ROLES_READ = "Roles: Read"
    ROLES_ASSIGN = "Roles: Assign"
    TENANT_SETTINGS = "Training settings: Modify"


# What every role of Intune that works with devices sees.
_READ = frozenset({
    Permission.PARTNERS_READ,
    Permission.DEVICES_READ,
    Permission.COMPLIANCE_READ,
    Permission.AUDIT_READ,
    Permission.ROLES_READ,
})  # fmt: skip
_DIRECTORY = frozenset({Permission.DIRECTORY_READ, Permission.DIRECTORY_DEVICES_READ})
_SECURITY = _READ | _DIRECTORY | {Permission.MOBILITY_READ, Permission.ACCESS_READ}
# "read, update, Delete; lock, sync, reboot; no wipe/retire"
_ENDPOINT_SECURITY = frozenset({
    Permission.DEVICES_UPDATE,
    Permission.DEVICES_DELETE,
    Permission.REMOTE_LOCK,
    Permission.REMOTE_SYNC,
    Permission.REMOTE_RESTART,
})  # fmt: skip
# "read, update, set primary user; Sync, Lock, Reset passcode, Retire, Wipe, Reboot, Rename…; not Delete"
_HELP_DESK = frozenset({
    Permission.DEVICES_UPDATE,
    Permission.DEVICES_SET_PRIMARY_USER,
    Permission.REMOTE_SYNC,
    Permission.REMOTE_LOCK,
    Permission.REMOTE_RESET_PASSCODE,
    Permission.REMOTE_RESTART,
    Permission.REMOTE_RENAME,
    Permission.REMOTE_RETIRE,
    Permission.REMOTE_WIPE,
})  # fmt: skip

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.GLOBAL_ADMINISTRATOR: frozenset(Permission),
    Role.INTUNE_ADMINISTRATOR: frozenset(Permission),
    Role.HELP_DESK_OPERATOR: _READ | _DIRECTORY | _HELP_DESK,
    Role.READ_ONLY_OPERATOR: _READ | _DIRECTORY,
    Role.ENDPOINT_SECURITY_MANAGER: _READ | _ENDPOINT_SECURITY,
    Role.POLICY_AND_PROFILE_MANAGER: _READ | {Permission.COMPLIANCE_MODIFY},
    Role.INTUNE_ROLE_ADMINISTRATOR: frozenset({Permission.ROLES_READ, Permission.ROLES_ASSIGN}),
    Role.CONDITIONAL_ACCESS_ADMINISTRATOR: frozenset({Permission.ACCESS_READ, Permission.ACCESS_MODIFY}),
    # That a Security Administrator edits conditional access is inferred; so is that readers see it.
    Role.SECURITY_ADMINISTRATOR: _SECURITY | _ENDPOINT_SECURITY | {Permission.ACCESS_MODIFY},
    Role.SECURITY_READER: _SECURITY,
    Role.GLOBAL_READER: _SECURITY,
    Role.CLOUD_DEVICE_ADMINISTRATOR: frozenset({
        Permission.DIRECTORY_DEVICES_READ,
        Permission.DIRECTORY_DEVICES_MODIFY,
    }),
}  # fmt: skip

# Roles of Azure AD that hold every right here; each directory keeps at least one operator with one of them.
ADMINISTRATORS = frozenset({Role.GLOBAL_ADMINISTRATOR, Role.INTUNE_ADMINISTRATOR})

# The built-in roles of Intune: an Intune Role Administrator assigns these and no others.
INTUNE_ROLES = frozenset({
    Role.HELP_DESK_OPERATOR,
    Role.READ_ONLY_OPERATOR,
    Role.ENDPOINT_SECURITY_MANAGER,
    Role.POLICY_AND_PROFILE_MANAGER,
    Role.INTUNE_ROLE_ADMINISTRATOR,
})  # fmt: skip

# What the portal says of each role. Intune's own are listed as "Built-in role".
DESCRIPTIONS: dict[Role, str] = {
    Role.GLOBAL_ADMINISTRATOR: "Can manage all aspects of Azure AD and Microsoft services that use Azure AD "
    "identities.",
    Role.INTUNE_ADMINISTRATOR: "Can manage all aspects of the Intune product.",
    Role.HELP_DESK_OPERATOR: "Performs remote tasks on users and devices, and can assign applications or policies to "
    "users or devices.",
    Role.READ_ONLY_OPERATOR: "Views user, device, enrollment, configuration, and application information. Can't make "
    "changes to Intune.",
    Role.ENDPOINT_SECURITY_MANAGER: "Manages security and compliance features, such as security baselines, device "
    "compliance, conditional access, and Microsoft Defender ATP.",
    Role.POLICY_AND_PROFILE_MANAGER: "Manages compliance policy, configuration profiles, Apple enrollment, corporate "
    "device identifiers, and security baselines.",
    Role.INTUNE_ROLE_ADMINISTRATOR: "Manages custom Intune roles and adds assignments for built-in Intune roles.",
    Role.CONDITIONAL_ACCESS_ADMINISTRATOR: "Can manage Conditional Access capabilities.",
    Role.SECURITY_ADMINISTRATOR: "Can read security information and reports, and manage configuration in Azure AD and "
    "Office 365.",
    Role.SECURITY_READER: "Can read security information and reports in Azure AD and Office 365.",
    Role.GLOBAL_READER: "Can read everything that a Global administrator can, but not update anything.",
    Role.CLOUD_DEVICE_ADMINISTRATOR: "Can enable, disable and delete devices in Azure AD.",
}


def type_label(role: Role) -> str:
    """Whose role it is: one of Intune, or one of Azure AD."""
    return "Built-in role" if role in INTUNE_ROLES else "Azure AD role"


def assignable(role: Role) -> frozenset[Role]:
    """The roles that somebody with `role` may give and take."""
    if role in ADMINISTRATORS:
        return frozenset(Role)
    return INTUNE_ROLES if Permission.ROLES_ASSIGN in GRANTS[role] else frozenset()


def grouped(role: Role) -> dict[str, list[str]]:
    """What the role grants: resource to actions, as "Remote tasks" to "Wipe" and others."""
    found: dict[str, list[str]] = {}
    for permission in Permission:
        if permission in GRANTS[role]:
            resource, _, action = permission.value.partition(": ")
            found.setdefault(resource, []).append(action)
    return found


class MissingPermission(PermissionDenied):
    """The operator's role lacks `permission`; the page that answers 403 names it."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(refusal(permission))
        self.permission = permission


def refusal(permission: Permission) -> str:
    """The sentence that a disabled command and a refused request show."""
    return f"You do not have access. This requires the permission '{say(permission)}'."


def require(tenant: Tenant, actor: Operator | None, permission: Permission) -> None:
    """Raise MissingPermission unless `actor` may do this in `tenant`.

    None stands for the product itself (seeding, the clock), which may do everything.
    """
    if actor is None:
        return
    role = actor.memberships.filter(tenant=tenant).values_list("role", flat=True).first()
    if role is None or permission not in GRANTS[Role(role)]:
        raise MissingPermission(permission)
