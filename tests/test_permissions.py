"""Who may do what: every role by every command, through the pages.

The table is written out from sections 7 and 9a of the domain document ("Roles", "Where sources and drawings differ"),
not derived from the code that it judges. A line that is not about writing stands for opening the blade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.apps import apps
from django.test import Client
from django.urls import resolve, reverse

from blades.models import Draft
from bladeworks_testing.clients import signed_in
from bladeworks_testing.factories import (
    AccessPolicyFactory,
    CompliancePolicyFactory,
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    GroupOwnershipFactory,
    JournalEntryFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    MobilityApplicationFactory,
    SignInFactory,
    TenantFactory,
)
from devices.bulk_views import BULK
from devices.models import OperatingSystem, Ownership
from devices.policy_views import ADD as POLICY_ADD
from devices.policy_views import EDIT as POLICY_EDIT
from directory.group_views import IMPORT
from directory.models import Group, Licence
from partners.views import ADD, EDIT
from tenancy.models import JournalEntry, Operator, Tenant
from tenancy.roles import Role
from tests.docs import addresses
from uem.models import Console

COLUMNS = {
    "GA": Role.GLOBAL_ADMINISTRATOR,
    "IA": Role.INTUNE_ADMINISTRATOR,
    "HD": Role.HELP_DESK_OPERATOR,
    "RO": Role.READ_ONLY_OPERATOR,
    "ES": Role.ENDPOINT_SECURITY_MANAGER,
    "PP": Role.POLICY_AND_PROFILE_MANAGER,
    "IR": Role.INTUNE_ROLE_ADMINISTRATOR,
    "CA": Role.CONDITIONAL_ACCESS_ADMINISTRATOR,
    "SA": Role.SECURITY_ADMINISTRATOR,
    "SR": Role.SECURITY_READER,
    "GR": Role.GLOBAL_READER,
    "CD": Role.CLOUD_DEVICE_ADMINISTRATOR,
}

# x: may. A dot: may not, and is told which permission is missing.
# fmt: off
MATRIX = """
                                    GA IA HD RO ES PP IR CA SA SR GR CD
Partner compliance management        x  x  x  x  x  x  .  .  x  x  x  .
  Add compliance partner             x  x  .  .  .  .  .  .  .  .  .  .
  Edit assignments                   x  x  .  .  .  .  .  .  .  .  .  .
  Delete compliance partner          x  x  .  .  .  .  .  .  .  .  .  .
Mobility (MDM and MAM)               x  x  .  .  .  .  .  .  x  x  x  .
  Add application                    x  x  .  .  .  .  .  .  .  .  .  .
  Save configuration                 x  x  .  .  .  .  .  .  .  .  .  .
  Delete application                 x  x  .  .  .  .  .  .  .  .  .  .
Conditional Access                   x  x  .  .  .  .  .  x  x  x  x  .
  What If                            x  x  .  .  .  .  .  x  x  x  x  .
  New policy                         x  x  .  .  .  .  .  x  x  .  .  .
  Save policy                        x  x  .  .  .  .  .  x  x  .  .  .
  Delete policy                      x  x  .  .  .  .  .  x  x  .  .  .
Users                                x  x  x  x  .  .  .  .  x  x  x  .
  New user                           x  x  .  .  .  .  .  .  .  .  .  .
  Edit user                          x  x  .  .  .  .  .  .  .  .  .  .
  Delete ticked users                x  x  .  .  .  .  .  .  .  .  .  .
  Delete user                        x  x  .  .  .  .  .  .  .  .  .  .
  Assign license                     x  x  .  .  .  .  .  .  .  .  .  .
  Add memberships                    x  x  .  .  .  .  .  .  .  .  .  .
  Remove memberships                 x  x  .  .  .  .  .  .  .  .  .  .
Groups                               x  x  x  x  .  .  .  .  x  x  x  .
  New group                          x  x  .  .  .  .  .  .  .  .  .  .
  Save properties                    x  x  .  .  .  .  .  .  .  .  .  .
  Save rule                          x  x  .  .  .  .  .  .  .  .  .  .
  Delete group                       x  x  .  .  .  .  .  .  .  .  .  .
  Add members                        x  x  .  .  .  .  .  .  .  .  .  .
  Remove members                     x  x  .  .  .  .  .  .  .  .  .  .
  Import members                     x  x  .  .  .  .  .  .  .  .  .  .
  Add owners                         x  x  .  .  .  .  .  .  .  .  .  .
  Remove owners                      x  x  .  .  .  .  .  .  .  .  .  .
Devices                              x  x  x  x  x  x  .  .  x  x  x  .
  Export                             x  x  x  x  x  x  .  .  x  x  x  .
  Sync of the list                   x  x  x  .  x  .  .  .  x  .  .  .
  Delete of the list                 x  x  .  .  x  .  .  .  x  .  .  .
  Bulk device actions                x  x  x  .  x  .  .  .  x  .  .  .
  Retire in bulk                     x  x  x  .  .  .  .  .  .  .  .  .
  Wipe in bulk                       x  x  x  .  .  .  .  .  .  .  .  .
  Delete in bulk                     x  x  .  .  x  .  .  .  x  .  .  .
  Edit properties                    x  x  x  .  x  .  .  .  x  .  .  .
  Change primary user                x  x  x  .  .  .  .  .  .  .  .  .
  Device actions                     x  x  x  x  x  x  .  .  x  x  x  .
  Sync                               x  x  x  .  x  .  .  .  x  .  .  .
  Remote lock                        x  x  x  .  x  .  .  .  x  .  .  .
  Reset passcode                     x  x  x  .  .  .  .  .  .  .  .  .
  Restart                            x  x  x  .  x  .  .  .  x  .  .  .
  Rename device                      x  x  x  .  .  .  .  .  .  .  .  .
  Retire                             x  x  x  .  .  .  .  .  .  .  .  .
  Wipe                               x  x  x  .  .  .  .  .  .  .  .  .
  Delete the device                  x  x  .  .  x  .  .  .  x  .  .  .
Troubleshoot                         x  x  x  x  x  x  .  .  x  x  x  .
Compliance policies                  x  x  x  x  x  x  .  .  x  x  x  .
  Create policy                      x  x  .  .  .  x  .  .  .  .  .  .
  Edit policy                        x  x  .  .  .  x  .  .  .  .  .  .
  Delete compliance policy           x  x  .  .  .  x  .  .  .  .  .  .
Compliance policy settings           x  x  x  x  x  x  .  .  x  x  x  .
  Save compliance policy settings    x  x  .  .  .  x  .  .  .  .  .  .
Azure AD devices                     x  x  x  x  .  .  .  .  x  x  x  x
  Enable                             x  x  .  .  .  .  .  .  .  .  .  x
  Disable                            x  x  .  .  .  .  .  .  .  .  .  x
  Delete from the list               x  x  .  .  .  .  .  .  .  .  .  x
  Delete from the device             x  x  .  .  .  .  .  .  .  .  .  x
  Manage                             x  x  x  x  x  x  .  .  x  x  x  .
Sign-ins                             x  x  .  .  .  .  .  x  x  x  x  .
Sign in as                           x  x  x  x  x  x  x  x  x  x  x  x
  Sign in                            x  x  x  x  x  x  x  x  x  x  x  x
  Join device                        x  x  x  x  x  x  x  x  x  x  x  x
  Approve sign-in                    x  x  x  x  x  x  x  x  x  x  x  x
Audit logs                           x  x  x  x  x  x  .  .  x  x  x  .
  Audit log entry                    x  x  x  x  x  x  .  .  x  x  x  .
  Export audit logs                  x  x  x  x  x  x  .  .  x  x  x  .
Roles                                x  x  x  x  x  x  x  .  x  x  x  .
  Assign role                        x  x  .  .  .  .  x  .  .  .  .  .
  View as this role                  x  x  .  .  .  .  x  .  .  .  .  .
Clock                                x  x  x  x  x  x  x  x  x  x  x  x
  Move clock forward                 x  x  x  x  x  x  x  x  x  x  x  x
  Reset directory                    x  x  .  .  .  .  .  .  .  .  .  .
Training settings                    x  x  .  .  .  .  .  .  .  .  .  .
"""
# fmt: on


@dataclass
class World:
    """A directory with something to do each command on, and somebody who tries."""

    tenant: Tenant
    actor: Operator
    client: Client
    colleague: Operator
    rows: dict[str, Any] = field(default_factory=dict)

    def url(self, name: str, *args: Any) -> str:
        return reverse(name, args=[self.tenant.slug, *args])

    def draft(self, wizard: str, subject: Any = None, **answers: Any) -> Draft:
        return Draft.objects.create(
            tenant=self.tenant, operator=self.actor, wizard=wizard, subject_id=subject, answers=answers
        )


Request = tuple[str, dict[str, Any]]


@dataclass
class Command:
    """permission: what a refusal names. send: address and fields of the POST; without, the page is opened.

    page and label: where the command is, and what it says there; without, it is no command of a page.
    activity: what the journal calls it when it is done.
    first: what the page of the command asks for before it, where that is something else.
    back: where somebody who may no more than `first` is led, when that is no 403.
    """

    permission: str
    page: Callable[[World], str]
    send: Callable[[World], Request] | None = None
    label: str = ""
    activity: str = ""
    first: str = ""
    back: str = ""


BLOCKS_TEAMS = {
    "display_name": "Nobody in Teams",
    "users_mode": "all",
    "apps_mode": "selected",
    "apps": "teams",
    "grant": "block",
    "state": "off",
}


def opens(name: str, permission: str) -> Command:
    return Command(permission, lambda world: world.url(name))


PARTNERS = "Partner Device Management: Modify"
MOBILITY = "Mobility (MDM and MAM): Modify"
ACCESS = "Conditional access: Modify"
DIRECTORY = "Users and groups: Update"
DIRECTORY_DEVICES = "Azure AD devices: Enable, disable and delete"
ASSIGN = "Roles: Assign"
COMPLIANCE = "Device compliance policies: Modify"


def _add_partner(world: World) -> Request:
    draft = world.draft(
        ADD,
        basics={"partner": "jamf_pro", "platform": "macos"},
        assignments={"all_users": True, "groups": [], "excluded_groups": []},
    )
    return world.url("partners:add-review", draft.pk), {}


def _edit_partner(world: World) -> Request:
    partner = world.rows["partner"]
    answer = {"all_users": True, "groups": [], "excluded_groups": []}
    draft = world.draft(EDIT, partner.pk, assignments=answer)
    return world.url("partners:edit-review", partner.pk, draft.pk), {}


def _add_policy(world: World) -> Request:
    draft = world.draft(
        POLICY_ADD,
        platform={"os": OperatingSystem.MACOS.value},
        basics={"display_name": "Macs"},
        settings={"require_passcode": "on", "require_encryption": "off"},
        actions={"grace_days": "1"},
        assignments={"all_users": True, "groups": [], "excluded_groups": []},
    )
    return world.url("devices:policy-step", draft.pk, "review"), {}


def _edit_policy(world: World) -> Request:
    policy = world.rows["compliance_policy"]
    draft = world.draft(POLICY_EDIT, policy.pk, basics={"display_name": "Another name"})
    return world.url("devices:policy-edit-step", policy.pk, draft.pk, "review"), {}


def _bulk(kind: str) -> Callable[[World], Request]:
    """The last step of a wizard in which somebody has answered that they want this."""

    def send(world: World) -> Request:
        device = world.rows["pc"]
        draft = world.draft(BULK, basics={"os": device.os, "kind": kind}, devices={"devices": [str(device.pk)]})
        return world.url("devices:bulk-review", draft.pk), {}

    return send


def _import(world: World) -> Request:
    group, user = world.rows["spare"], world.rows["user"]
    draft = world.draft(IMPORT, group.pk, **{"import": {"lines": [[1, user.upn]]}})
    return world.url("directory:group-import-review", group.pk, draft.pk), {}


def _record(world: World) -> str:
    return world.url("directory:device-overview", world.rows["record"].pk)


def _disabled_record(world: World) -> str:
    return world.url("directory:device-overview", world.rows["disabled"].pk)


def _role_page(world: World) -> str:
    return world.url("tenancy:role-assignments", "read_only_operator")


def act(kind: str, label: str, permission: str, activity: str, on: str = "pc", **fields: str) -> Command:
    """A remote action on the row `on`: a Windows PC, or a phone where Windows does not have it."""
    return Command(
        permission,
        lambda world: world.url("devices:overview", world.rows[on].pk),
        lambda world: (world.url("devices:act", world.rows[on].pk, kind), fields),
        label,
        activity,
    )


def in_bulk(kind: str, permission: str, activity: str) -> Command:
    """An action that the wizard offers to those alone who may: it leads others back to the choice of one."""
    return Command(
        permission,
        lambda world: world.url("devices:list"),
        _bulk(kind),
        activity=activity,
        first="Remote tasks: Sync devices",
        back="devices:bulk-basics",
    )


def on(
    name: str,
    row: str,
    permission: str,
    fields: Callable[[dict[str, Any]], dict[str, Any]],
    label: str,
    activity: str,
    page: str = "",
    first: str = "",
) -> Command:
    """A command that the address `name` of one object takes, and that stands on `page` of the object, or there too."""
    return Command(
        permission,
        lambda world: world.url(page or name, world.rows[row].pk),
        lambda world: (world.url(name, world.rows[row].pk), fields(world.rows)),
        label,
        activity,
        first,
    )


def _nothing(rows: dict[str, Any]) -> dict[str, Any]:
    """A POST without fields."""
    return {}


COMMANDS: dict[str, Command] = {
    "Partner compliance management": opens("partners:configuration-list", "Partner Device Management: Read"),
    "Add compliance partner": Command(
        PARTNERS,
        lambda world: world.url("partners:configuration-list"),
        _add_partner,
        "Add compliance partner",
        "Create compliance partner",
    ),
    "Edit assignments": Command(
        PARTNERS,
        lambda world: world.url("partners:properties", world.rows["partner"].pk),
        _edit_partner,
        "Edit assignments",
        "Update compliance partner assignments",
    ),
    "Delete compliance partner": Command(
        PARTNERS,
        lambda world: world.url("partners:overview", world.rows["partner"].pk),
        lambda world: (world.url("partners:delete", world.rows["partner"].pk), {}),
        "Delete",
        "Delete compliance partner",
    ),
    "Mobility (MDM and MAM)": opens("mobility:application-list", "Mobility (MDM and MAM): Read"),
    "Add application": Command(
        MOBILITY,
        lambda world: world.url("mobility:application-list"),
        lambda world: (world.url("mobility:application-add"), {"gallery_key": "airwatch_by_vmware"}),
        "Add application",
        "Add application",
    ),
    "Save configuration": Command(
        MOBILITY,
        lambda world: world.url("mobility:application-configure", world.rows["application"].pk),
        lambda world: (
            world.url("mobility:application-configure", world.rows["application"].pk),
            {"mdm_user_scope": "all"},
        ),
        "Save",
        "Update application",
    ),
    "Delete application": Command(
        MOBILITY,
        lambda world: world.url("mobility:application-configure", world.rows["application"].pk),
        lambda world: (world.url("mobility:application-delete", world.rows["application"].pk), {}),
        "Delete",
        "Delete application",
    ),
    "Conditional Access": opens("access:policy-list", "Conditional access: Read"),
    "What If": opens("access:what-if", "Conditional access: Read"),
    "New policy": Command(
        ACCESS,
        lambda world: world.url("access:policy-list"),
        lambda world: (world.url("access:policy-new"), BLOCKS_TEAMS),
        "New policy",
        "Add conditional access policy",
    ),
    "Save policy": on(
        "access:policy",
        "policy",
        ACCESS,
        lambda rows: BLOCKS_TEAMS,
        "Save",
        "Update conditional access policy",
    ),
    "Delete policy": on(
        "access:policy-delete",
        "policy",
        ACCESS,
        _nothing,
        "Delete",
        "Delete conditional access policy",
        page="access:policy",
    ),
    "Users": opens("directory:user-list", "Users and groups: Read"),
    "New user": Command(
        DIRECTORY,
        lambda world: world.url("directory:user-list"),
        lambda world: (world.url("directory:user-create"), {"upn": "new.colleague", "display_name": "New Colleague"}),
        "New user",
        "Add user",
    ),
    "Edit user": on(
        "directory:user-edit",
        "user",
        DIRECTORY,
        lambda rows: {"upn": rows["user"].upn, "display_name": "Another Name"},
        "Edit",
        "Update user",
        page="directory:user-overview",
    ),
    "Delete ticked users": Command(
        DIRECTORY,
        lambda world: world.url("directory:user-list"),
        lambda world: (world.url("directory:user-list"), {"do": "delete", "id": world.rows["user"].pk}),
        "Delete user",
        "Delete user",
    ),
    "Delete user": on("directory:user-overview", "user", DIRECTORY, _nothing, "Delete", "Delete user"),
    "Assign license": on(
        "directory:user-licence-assignments",
        "user",
        DIRECTORY,
        lambda rows: {"skus": Licence.Sku.INTUNE.value},
        "Assignments",
        "Change user license",
        page="directory:user-licences",
    ),
    "Add memberships": on(
        "directory:user-groups",
        "user",
        DIRECTORY,
        lambda rows: {"groups": rows["spare"].pk, "groups_done": "1"},
        "Add memberships",
        "Add members to group",
    ),
    "Remove memberships": on(
        "directory:user-groups",
        "user",
        DIRECTORY,
        lambda rows: {"id": rows["group"].pk},
        "Remove memberships",
        "Remove members from group",
    ),
    "Groups": opens("directory:group-list", "Users and groups: Read"),
    "New group": Command(
        DIRECTORY,
        lambda world: world.url("directory:group-list"),
        lambda world: (world.url("directory:group-create"), {"display_name": "New group", "kind": "assigned"}),
        "New group",
        "Add group",
    ),
    "Save properties": on(
        "directory:group-properties",
        "spare",
        DIRECTORY,
        lambda rows: {"display_name": "Another name", "kind": "assigned"},
        "Save",
        "Update group",
    ),
    "Save rule": on(
        "directory:group-rule",
        "dynamic",
        DIRECTORY,
        lambda rows: {"rule": 'user.department -eq "Finance"', "save": "1"},
        "Save",
        "Update group",
    ),
    "Delete group": on("directory:group-overview", "spare", DIRECTORY, _nothing, "Delete", "Delete group"),
    "Add members": on(
        "directory:group-members",
        "spare",
        DIRECTORY,
        lambda rows: {"members": rows["user"].pk, "members_done": "1"},
        "Add members",
        "Add members to group",
    ),
    "Remove members": on(
        "directory:group-members",
        "group",
        DIRECTORY,
        lambda rows: {"id": rows["user"].pk},
        "Remove",
        "Remove members from group",
    ),
    "Import members": Command(
        DIRECTORY,
        lambda world: world.url("directory:group-members", world.rows["spare"].pk),
        _import,
        "Import members",
        "Add members to group",
    ),
    "Add owners": on(
        "directory:group-owners",
        "spare",
        DIRECTORY,
        lambda rows: {"owners": rows["user"].pk, "owners_done": "1"},
        "Add owners",
        "Add owner to group",
    ),
    "Remove owners": on(
        "directory:group-owners",
        "group",
        DIRECTORY,
        lambda rows: {"id": rows["user"].pk},
        "Remove",
        "Remove owner from group",
    ),
    "Devices": opens("devices:security-list", "Managed devices: Read"),
    "Export": opens("devices:export", "Managed devices: Read"),
    "Sync of the list": Command(
        "Remote tasks: Sync devices",
        lambda world: world.url("devices:list"),
        lambda world: (world.url("devices:list"), {"do": "sync", "id": str(world.rows["unassigned"].pk)}),
        "Sync",
        "syncDevice ManagedDevice",
    ),
    "Delete of the list": Command(
        "Managed devices: Delete",
        lambda world: world.url("devices:security-list"),
        lambda world: (world.url("devices:security-list"), {"do": "delete", "id": str(world.rows["unassigned"].pk)}),
        "Delete",
        "Delete ManagedDevice",
    ),
    "Bulk device actions": Command(
        "Remote tasks: Sync devices",
        lambda world: world.url("devices:list"),
        _bulk("sync"),
        "Bulk device actions",
        "syncDevice ManagedDevice",
    ),
    "Retire in bulk": in_bulk("retire", "Remote tasks: Retire", "retire ManagedDevice"),
    "Wipe in bulk": in_bulk("wipe", "Remote tasks: Wipe", "wipe ManagedDevice"),
    "Delete in bulk": in_bulk("delete", "Managed devices: Delete", "Delete ManagedDevice"),
    "Edit properties": on(
        "devices:properties",
        "pc",
        "Managed devices: Update",
        lambda rows: {"ownership": Ownership.PERSONAL.value, "notes": "Lent to a colleague."},
        "Save",
        "Patch ManagedDevice",
    ),
    "Change primary user": on(
        "devices:properties",
        "pc",
        "Managed devices: Set primary user",
        lambda rows: {"ownership": rows["pc"].ownership, "primary_user": rows["user"].pk},
        "",
        "Patch ManagedDevice",
        first="Managed devices: Update",
    ),
    "Device actions": opens("devices:action-list", "Managed devices: Read"),
    "Sync": act("sync", "Sync", "Remote tasks: Sync devices", "syncDevice ManagedDevice"),
    "Remote lock": act("remote_lock", "Remote lock", "Remote tasks: Remote lock", "remoteLock ManagedDevice", "device"),
    "Reset passcode": act(
        "reset_passcode", "Remove passcode", "Remote tasks: Reset passcode", "resetPasscode ManagedDevice", "device"
    ),
    "Restart": act("restart", "Restart", "Remote tasks: Reboot now", "rebootNow ManagedDevice"),
    "Rename device": act(
        "rename", "Rename device", "Remote tasks: Set device name", "setDeviceName ManagedDevice", new_name="KL-NEW"
    ),
    "Retire": act("retire", "Retire", "Remote tasks: Retire", "retire ManagedDevice"),
    "Wipe": act("wipe", "Wipe", "Remote tasks: Wipe", "wipe ManagedDevice"),
    "Delete the device": act("delete", "Delete", "Managed devices: Delete", "Delete ManagedDevice"),
    "Troubleshoot": opens("access:troubleshoot", "Managed devices: Read"),
    "Compliance policies": opens("devices:policy-list", "Device compliance policies: Read"),
    "Create policy": Command(
        COMPLIANCE,
        lambda world: world.url("devices:policy-list"),
        _add_policy,
        "Create policy",
        "Create DeviceCompliancePolicy",
    ),
    "Edit policy": Command(
        COMPLIANCE,
        lambda world: world.url("devices:policy-properties", world.rows["compliance_policy"].pk),
        _edit_policy,
        "Edit basics",
        "Patch DeviceCompliancePolicy",
    ),
    "Delete compliance policy": Command(
        COMPLIANCE,
        lambda world: world.url("devices:policy-overview", world.rows["compliance_policy"].pk),
        lambda world: (world.url("devices:policy-delete", world.rows["compliance_policy"].pk), {}),
        "Delete",
        "Delete DeviceCompliancePolicy",
    ),
    "Compliance policy settings": opens("devices:policy-settings", "Device compliance policies: Read"),
    "Save compliance policy settings": Command(
        COMPLIANCE,
        lambda world: world.url("devices:policy-settings"),
        lambda world: (
            world.url("devices:policy-settings"),
            {"without_policy": "50", "enhanced_jailbreak_detection": "off", "validity_days": "30"},
        ),
        "Save",
        "Patch DeviceManagement",
    ),
    "Azure AD devices": opens("directory:device-list", "Azure AD devices: Read"),
    "Enable": Command(
        DIRECTORY_DEVICES,
        _disabled_record,
        lambda world: (_disabled_record(world), {"do": "enable"}),
        "Enable",
        "Update device",
    ),
    "Disable": Command(
        DIRECTORY_DEVICES,
        _record,
        lambda world: (_record(world), {"do": "disable"}),
        "Disable",
        "Update device",
    ),
    "Delete from the list": Command(
        DIRECTORY_DEVICES,
        lambda world: world.url("directory:device-list"),
        lambda world: (world.url("directory:device-list"), {"do": "delete", "id": str(world.rows["record"].pk)}),
        "Delete",
        "Delete device",
    ),
    "Delete from the device": Command(
        DIRECTORY_DEVICES,
        _record,
        lambda world: (_record(world), {"do": "delete"}),
        "Delete",
        "Delete device",
    ),
    "Manage": Command("Managed devices: Read", lambda world: world.url("devices:manage", world.rows["record"].pk)),
    "Sign-ins": opens("access:sign-in-list", "Conditional access: Read"),
    "Sign in as": opens("access:sign-in-new", ""),
    "Sign in": Command(
        "",
        lambda world: world.url("access:sign-in-new"),
        lambda world: (
            world.url("access:sign-in-new"),
            {"user": world.rows["user"].pk, "app": "teams", "platform": "ios", "client": "app", "mfa": "no"},
        ),
        "Sign in",
        "Simulate sign-in",
    ),
    "Join device": Command(
        "",
        lambda world: world.url("access:join"),
        lambda world: (
            world.url("access:join"),
            {"user": world.rows["user"].pk, "device_name": "LAPTOP-9", "ownership": "corporate"},
        ),
        "Join",
        "Join device",
    ),
    "Approve sign-in": Command(
        "",
        lambda world: world.url("access:sign-in-outcome", world.rows["sign_in"].pk),
        lambda world: (world.url("access:sign-in-outcome", world.rows["sign_in"].pk), {}),
        "Approve",
        "Simulate sign-in",
    ),
    "Audit logs": opens("tenancy:audit-list", "Audit data: Read"),
    "Audit log entry": Command(
        "Audit data: Read", lambda world: world.url("tenancy:audit-entry", world.rows["entry"].pk)
    ),
    "Export audit logs": opens("tenancy:audit-export", "Audit data: Read"),
    "Roles": opens("tenancy:role-list", "Roles: Read"),
    "Assign role": Command(
        ASSIGN,
        _role_page,
        lambda world: (
            world.url("tenancy:role-assign", "read_only_operator"),
            {"operator": world.colleague.pk},
        ),
        "Assign",
        "Assign role",
    ),
    "View as this role": Command(
        ASSIGN,
        lambda world: world.url("tenancy:role-properties", "endpoint_security_manager"),
        lambda world: (world.url("tenancy:role-view-as"), {"role": "endpoint_security_manager"}),
        "View as this role",
        "View as another role",
    ),
    "Clock": opens("tenancy:clock", ""),
    "Move clock forward": Command(
        "",
        lambda world: world.url("tenancy:clock"),
        lambda world: (world.url("tenancy:clock"), {"by": "day"}),
        "+1 day",
        "Move clock forward",
    ),
    "Reset directory": Command(
        "Training settings: Modify",
        lambda world: world.url("console:reset"),
        lambda world: (world.url("console:reset"), {"slug": world.tenant.slug}),
        "Reset directory",
        "Reset directory",
    ),
    "Training settings": Command(
        "Training settings: Modify",
        lambda world: world.url("console:settings"),
        lambda world: (world.url("console:settings"), {"document_mode": "as_it_works", "propagation": "instant"}),
        "Save",
        "Update training settings",
    ),
}


def lines() -> Iterator[tuple[str, dict[Role, bool]]]:
    """The lines of the table; BLADE_OF gets the line above each indented one: the blade that has the command."""
    head, *rows = MATRIX.strip("\n").splitlines()
    roles = [COLUMNS[short] for short in head.split()]
    blade = ""
    for row in rows:
        name, marks = row[:36].strip(), row[36:].split()
        blade = blade if row.startswith(" ") else name
        BLADE_OF[name] = blade
        yield name, {role: mark == "x" for role, mark in zip(roles, marks, strict=True)}


BLADE_OF: dict[str, str] = {}
TABLE = dict(lines())
CASES = [(role, name, may) for name, row in TABLE.items() for role, may in row.items()]


@pytest.fixture
def world(db: None) -> Callable[[Role], World]:
    """Make the directory, with somebody of the given role in it."""

    def build(role: Role) -> World:
        template = TenantFactory(kind=Tenant.Kind.TEMPLATE)
        tenant = TenantFactory(slug="kestrel", template=template)
        actor = MembershipFactory(tenant=tenant, role=role).operator
        colleague = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator
        MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR)
        user = DirectoryUserFactory(tenant=tenant, usage_location="US")
        group = GroupFactory(tenant=tenant, members=[user])
        GroupOwnershipFactory(tenant=tenant, group=group, user=user)
        device = ManagedDeviceFactory(tenant=tenant, primary_user=user)
        rows = {
            "user": user,
            "group": group,
            "spare": GroupFactory(tenant=tenant),
            "dynamic": GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule='user.department -eq "Sales"'),
            "device": device,
            "unassigned": ManagedDeviceFactory(tenant=tenant),
            "pc": ManagedDeviceFactory(tenant=tenant, os=OperatingSystem.WINDOWS),
            "partner": ConfigurationFactory(tenant=tenant, groups=[group]),
            "policy": AccessPolicyFactory(tenant=tenant),
            "application": MobilityApplicationFactory(tenant=tenant),
            "record": DirectoryDeviceFactory(tenant=tenant, owner=user, mdm="Microsoft Intune"),
            "disabled": DirectoryDeviceFactory(tenant=tenant, enabled=False),
            "entry": JournalEntryFactory(tenant=tenant),
            "sign_in": SignInFactory(tenant=tenant, user=user, status="interrupted", error_code=50074),
            "compliance_policy": CompliancePolicyFactory(tenant=tenant),
        }
        return World(tenant, actor, signed_in(actor), colleague, rows)

    return build


def everything() -> dict[str, Any]:
    """Every row of the console's own tables, but for what a refusal itself may leave behind."""
    ours = [model for app in ("blades", "tenancy", "directory", "mobility", "partners", "devices", "access")
            for model in apps.get_app_config(app).get_models()]  # fmt: skip
    return {
        model.__name__: sorted(map(repr, model._base_manager.values_list()))
        for model in ours
        if model.__name__ not in {"Draft", "Notification", "Operator"}
    }


def found(page: BeautifulSoup, label: str) -> list[Tag]:
    """What says `label` among the commands and buttons that the page shows outside its dialogs."""
    return [
        tag
        for tag in page.select("a, button")
        if tag.find_parent("dialog") is None
        and tag.get("aria-hidden") != "true"
        and label in {" ".join(tag.get_text(" ", strip=True).split()), tag.get("aria-label")}
    ]


def test_the_table_and_the_commands_are_the_same():
    assert set(TABLE) == set(COMMANDS)
    assert set(COLUMNS.values()) == set(Role)


# Steps of wizards, which keep answers in the operator's own draft: what they lead to is in the table.
STEPS = {
    "partners:add",
    "partners:add-basics",
    "partners:add-assignments",
    "partners:edit",
    "partners:edit-assignments",
    "directory:group-import",
    "devices:policy-new",
    "devices:bulk",
    "devices:bulk-basics",
    "devices:bulk-devices",
}
# What operators do to nobody but themselves.
PERSONAL = {"console:dismiss", "console:nav-toggle", "devices:columns", "tenancy:role-return"}
# Another vendor's system, in which the portal's roles mean nothing: a training control for every member.
PARTNERS_OWN = "uem:"


def test_every_address_that_takes_a_post_is_in_the_table(world):
    made = world(Role.GLOBAL_ADMINISTRATOR)
    sent = {resolve(command.send(made)[0]).view_name for command in COMMANDS.values() if command.send}

    taking = {
        name for route, name, view in addresses.routes() if "<tenant>" in route and "POST" in addresses.methods(view)
    }
    assert {name for name in taking - STEPS - PERSONAL if not name.startswith(PARTNERS_OWN)} == sent


@pytest.mark.parametrize("role", Role)
def test_every_role_may_set_up_the_partners_console(portal_as, tenant, role):
    settings = reverse("uem:settings", args=[tenant.slug, "workspace_one"])

    response = portal_as(role).post(settings, {"directory_id": str(tenant.directory_id)})

    assert response.status_code == 302
    assert Console.objects.in_tenant(tenant).get().directory_id == str(tenant.directory_id)


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, name, may in CASES if may])
def test_role_does_what_it_may(world, role, name):
    command, made = COMMANDS[name], world(role)

    if command.send is None:
        assert made.client.get(command.page(made)).status_code in {200, 302}
        return
    url, data = command.send(made)
    answer = made.client.post(url, data)

    assert answer.status_code == 302
    done = JournalEntry.objects.in_tenant(made.tenant).filter(actor=made.actor)
    assert [entry.activity for entry in done] == [command.activity]


@pytest.mark.parametrize("role", Role)
def test_role_is_refused_the_rest_by_name_and_nothing_changes(world, role):
    made = world(role)
    before = everything()

    for name in (name for other, name, may in CASES if other == role and not may):
        command, blade = COMMANDS[name], BLADE_OF[name]
        answer = made.client.get(command.page(made)) if command.send is None else made.client.post(*command.send(made))
        if answer.status_code == 302 and command.back:
            assert resolve(answer.url).view_name == command.back, name
        else:
            assert answer.status_code == 403, name
            # Where not even the blade is open, the answer may name what opening it takes.
            told = {command.permission, command.first or command.permission}
            told |= set() if TABLE[blade][role] else {COMMANDS[blade].permission}
            assert any(permission in unescape(answer.text) for permission in told), name
        assert everything() == before, name


@pytest.mark.parametrize("role", Role)
def test_commands_are_greyed_out_with_their_reason_where_the_role_may_not(world, role):
    made = world(role)

    for name, may in ((name, may) for other, name, may in CASES if other == role and COMMANDS[name].label):
        command = COMMANDS[name]
        answer = made.client.get(command.page(made))
        if answer.status_code == 403:
            assert not may, name  # not even the blade
            continue
        buttons = found(BeautifulSoup(answer.content, "html.parser"), command.label)
        assert buttons, name
        for button in buttons:
            assert (button.get("aria-disabled") != "true") == may, name
            assert may or command.permission in str(button["title"]), name
