"""Stops of the tour: audit logs, roles, the clock and Tenant status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page

from tenancy import clock
from tenancy.models import DueEvent, JournalEntry, Membership, Tenant
from tenancy.roles import Role
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    fresh, busy = world.fresh, world.busy
    audit, directory = at("tenancy:audit-list", busy), at("tenancy:directory-audit-list", busy)
    entries = JournalEntry.objects.in_tenant(busy)
    changed = entries.exclude(old_values={}).exclude(new_values={}).first()
    created = entries.filter(category="Device compliance partner").first()
    member = entries.filter(category="GroupManagement").first()
    _let_wait(world)
    help_desk = Role.HELP_DESK_OPERATOR.value
    return [
        Stop("tenant-connectors", at("console:connector-status", busy)),
        Stop("tenant-connectors-sorted", at("console:connector-status", busy) + "?sort=connector"),
        Stop("audit-list", audit),
        Stop("audit-dates", audit, lambda page: page.click("#pill-range")),
        Stop("audit-filtered", f"{audit}?category=Device&range=30d&from=2020-07-01&q=kl"),
        Stop("audit-none", f"{audit}?q=zzzzzz"),
        Stop("audit-entry", at("tenancy:audit-entry", busy, changed.pk)),
        Stop("audit-entry-created", at("tenancy:audit-entry", busy, created.pk)),
        Stop("audit-directory", directory),
        Stop("audit-directory-entry", at("tenancy:directory-audit-entry", busy, member.pk)),
        Stop("roles", at("tenancy:role-list", busy)),
        Stop("role-properties", at("tenancy:role-properties", busy, help_desk)),
        Stop("role-properties-nothing", at("tenancy:role-properties", busy, "conditional_access_administrator")),
        Stop("role-assignments", at("tenancy:role-assignments", busy, help_desk)),
        Stop("role-assignments-none", at("tenancy:role-assignments", busy, "security_reader")),
        Stop("role-assign", at("tenancy:role-assign", busy, "read_only_operator")),
        Stop("role-assign-error", at("tenancy:role-assign", busy, "read_only_operator"), press("Assign")),
        Stop("role-help-desk", at("tenancy:role-properties", busy, help_desk), role="help_desk"),
        Stop("clock", at("tenancy:clock", busy)),
        Stop("clock-nothing-due", at("tenancy:clock", fresh)),
        Stop("reset", at("console:reset", busy)),
        Stop("reset-error", at("console:reset", busy), lambda page: page.click(".foot .btn--danger")),
        Stop("reset-demo", at("console:reset", fresh)),
        Stop("viewing-as", at("tenancy:role-list", fresh), _view_as_help_desk(fresh)),
        Stop("viewing-as-refused", at("mobility:application-list", fresh), _view_as_help_desk(fresh)),
    ]


def _let_wait(world: World) -> None:
    """Something is due in the busy directory, something has happened, and something has failed."""
    busy = world.busy
    if DueEvent.objects.in_tenant(busy).exists():
        return
    configuration = world.configurations[0]
    for hours in (2, 8, 30):
        clock.schedule(busy, "devices.authority-change", delay=timedelta(hours=hours), subject_id=configuration.pk)
    JournalEntry.objects.create(
        tenant=busy,
        occurred_at=busy.now() - timedelta(hours=1),
        actor_name="System",
        source=JournalEntry.Source.CLOCK,
        category="Device",
        activity="Change MDM authority",
        target_type="compliance partner",
        target_id=configuration.pk,
        target_name=str(configuration),
        new_values={"Devices": 12},
    )
    DueEvent.objects.create(
        tenant=busy,
        kind="devices.authority-change",
        due_at=busy.now() - timedelta(hours=3),
        parked_at=busy.now(),
        subject_id=configuration.pk,
        error="OperationalError: the partner did not answer",
    )


def _view_as_help_desk(tenant: Tenant) -> Callable[[Page], None]:
    """The operator views the directory as Help Desk Operator while this stop lasts."""

    def act(page: Page) -> None:
        mine = Membership.objects.filter(tenant=tenant, operator__email="mara.lindqvist@kestrel.example")
        mine.update(role=Role.HELP_DESK_OPERATOR, own_role=Role.GLOBAL_ADMINISTRATOR)
        page.reload()
        mine.update(role=Role.GLOBAL_ADMINISTRATOR, own_role="")

    return act
