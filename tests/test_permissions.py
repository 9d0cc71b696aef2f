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
from django.urls import reverse

from blades.models import Draft
from bladeworks_testing.clients import signed_in
from bladeworks_testing.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    JournalEntryFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    MobilityApplicationFactory,
    TenantFactory,
)
from devices.bulk_views import BULK
from partners.views import ADD, EDIT
from tenancy.models import JournalEntry, Operator, Tenant
from tenancy.roles import Role

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
Devices                              x  x  x  x  x  x  .  .  x  x  x  .
  Export                             x  x  x  x  x  x  .  .  x  x  x  .
  Sync of the list                   x  x  x  .  x  .  .  .  x  .  .  .
  Delete of the list                 x  x  .  .  x  .  .  .  x  .  .  .
  Bulk device actions                x  x  x  .  x  .  .  .  x  .  .  .
Azure AD devices                     x  x  x  x  .  .  .  .  x  x  x  x
  Enable                             x  x  .  .  .  .  .  .  .  .  .  x
  Disable                            x  x  .  .  .  .  .  .  .  .  .  x
  Delete from the list               x  x  .  .  .  .  .  .  .  .  .  x
  Delete from the device             x  x  .  .  .  .  .  .  .  .  .  x
  Manage                             x  x  x  x  x  x  .  .  x  x  x  .
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
    """

    permission: str
    page: Callable[[World], str]
    send: Callable[[World], Request] | None = None
    label: str = ""
    activity: str = ""


def opens(name: str, permission: str) -> Command:
    return Command(permission, lambda world: world.url(name))


PARTNERS = "Partner Device Management: Modify"
MOBILITY = "Mobility (MDM and MAM): Modify"
DIRECTORY_DEVICES = "Azure AD devices: Enable, disable and delete"
ASSIGN = "Roles: Assign"


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


def _bulk_sync(world: World) -> Request:
    device = world.rows["unassigned"]
    draft = world.draft(BULK, basics={"os": device.os, "kind": "sync"}, devices={"devices": [str(device.pk)]})
    return world.url("devices:bulk-review", draft.pk), {}


def _record(world: World) -> str:
    return world.url("directory:device-overview", world.rows["record"].pk)


def _disabled_record(world: World) -> str:
    return world.url("directory:device-overview", world.rows["disabled"].pk)


def _role_page(world: World) -> str:
    return world.url("tenancy:role-assignments", "read_only_operator")


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
        _bulk_sync,
        "Bulk device actions",
        "syncDevice ManagedDevice",
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
CASES = [
    pytest.param(name, role, may, id=f"{name}-{role.value}") for name, row in TABLE.items() for role, may in row.items()
]


@pytest.fixture
def world(db: None) -> Callable[[Role], World]:
    """Make the directory, with somebody of the given role in it."""

    def build(role: Role) -> World:
        template = TenantFactory(kind=Tenant.Kind.TEMPLATE)
        tenant = TenantFactory(slug="kestrel", template=template)
        actor = MembershipFactory(tenant=tenant, role=role).operator
        colleague = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator
        MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR)
        user = DirectoryUserFactory(tenant=tenant)
        group = GroupFactory(tenant=tenant, members=[user])
        device = ManagedDeviceFactory(tenant=tenant, primary_user=user)
        rows = {
            "user": user,
            "group": group,
            "device": device,
            "unassigned": ManagedDeviceFactory(tenant=tenant),
            "partner": ConfigurationFactory(tenant=tenant, groups=[group]),
            "application": MobilityApplicationFactory(tenant=tenant),
            "record": DirectoryDeviceFactory(tenant=tenant, owner=user, mdm="Microsoft Intune"),
            "disabled": DirectoryDeviceFactory(tenant=tenant, enabled=False),
            "entry": JournalEntryFactory(tenant=tenant),
        }
        return World(tenant, actor, signed_in(actor), colleague, rows)

    return build


def everything() -> dict[str, Any]:
    """Every row of the console's own tables, but for what a refusal itself may leave behind."""
    ours = [model for app in ("blades", "tenancy", "directory", "mobility", "partners", "devices")
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
        and label in {" ".join(tag.get_text(" ", strip=True).split()), tag.get("aria-label")}
    ]


def test_the_table_and_the_commands_are_the_same():
    assert set(TABLE) == set(COMMANDS)
    assert set(COLUMNS.values()) == set(Role)


@pytest.mark.parametrize(("name", "role", "may"), CASES)
def test_role_does_what_it_may_and_is_refused_the_rest(world, name, role, may):
    command, blade = COMMANDS[name], BLADE_OF[name]
    made = world(role)
    before = None
    if command.send is None:
        answer = made.client.get(command.page(made))
    else:
        url, data = command.send(made)
        before = everything()
        answer = made.client.post(url, data)

    if not may:
        assert answer.status_code == 403
        # Where not even the blade is open, the answer may name what opening it takes.
        told = {command.permission} if TABLE[blade][role] else {command.permission, COMMANDS[blade].permission}
        page = unescape(answer.content.decode())
        assert any(permission in page for permission in told)
        assert before is None or everything() == before
    elif command.send is None:
        assert answer.status_code in {200, 302}
    else:
        assert answer.status_code == 302
        done = JournalEntry.objects.in_tenant(made.tenant).filter(actor=made.actor)
        assert [entry.activity for entry in done] == [command.activity]


@pytest.mark.parametrize(("name", "role", "may"), [case for case in CASES if COMMANDS[str(case.values[0])].label])
def test_command_is_greyed_out_with_its_reason_where_the_role_may_not(world, name, role, may):
    command = COMMANDS[name]
    made = world(role)

    answer = made.client.get(command.page(made))

    if answer.status_code == 403:
        assert not may  # not even the blade
        return
    buttons = found(BeautifulSoup(answer.content, "html.parser"), command.label)
    assert buttons
    for button in buttons:
        if may:
            assert button.get("aria-disabled") != "true"
        else:
            assert button.get("aria-disabled") == "true"
            assert command.permission in str(button["title"])
