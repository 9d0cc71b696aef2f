"""Two months of journal: what administrators did before the trainee came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from console.demo.actions import Actions
from console.demo.data import load
from console.demo.draw import Draw
from console.demo.people import ADMINISTRATORS
from devices.actions import ACTIVITIES, Kind
from devices.models import DeviceAction
from directory.activities import GROUP_MEMBERS_ADDED, GROUP_MEMBERS_REMOVED
from directory.models import DirectoryUser, Group
from tenancy.models import JournalEntry, Tenant

PERIOD = timedelta(days=61)
ENTRIES = 420

SIGN_IN = ("SignInLogs", "Sign-in activity")
APPLICATIONS = ("Microsoft Endpoint Manager admin center", "Azure Active Directory admin center")


class Target(NamedTuple):
    kind: str
    name: str
    id: UUID | None = None


@dataclass
class Journal:
    """Makes the entries of `tenant`, oldest first."""

    tenant: Tenant
    draw: Draw
    ids: Draw
    groups: Sequence[Group]
    members: dict[str, list[DirectoryUser]]
    users: Sequence[DirectoryUser]
    actions: Actions
    entries: list[JournalEntry] = field(default_factory=list)

    def make(self) -> Iterator[JournalEntry]:
        end = self.tenant.clock_start - timedelta(minutes=14)
        start = end - PERIOD
        administrators = self.users[: len(ADMINISTRATORS)]
        assigned = [group for group in self.groups if group.kind == Group.Kind.ASSIGNED]
        changes = load("policy_changes")
        self._first_and_last(start, end, administrators, changes[0])
        kinds = {"sign-in": 30, "device": 30, "policy": 22, "member": 18 if assigned else 0}
        for kind in self.draw.shares(ENTRIES, kinds):
            moment = self.draw.working_moment(start, end)
            actor = self.draw.choice(administrators)
            if kind == "sign-in":
                self._sign_in(moment, actor)
            elif kind == "policy":
                self._policy(moment, actor, self.draw.choice(changes))
            elif kind == "device" and self.actions.devices:
                self._device_action(self.actions.make(moment, end, actor))
            elif kind == "member":
                self._members(moment, actor, self.draw.choice(assigned))
        for action in self.actions.unfinished(end, administrators[-1]):
            self._device_action(action)
        for user in self.users[:2000]:
            if start <= user.created_at <= end:
                self._add(
                    user.created_at,
                    administrators[-1],
                    ("UserManagement", "Add user"),
                    Target("user", user.upn, user.pk),
                    new={"Display name": user.display_name, "Department": user.department},
                )
        yield from sorted(self.entries, key=lambda entry: entry.occurred_at)

    def _first_and_last(
        self, start: datetime, end: datetime, administrators: Sequence[DirectoryUser], change: dict[str, Any]
    ) -> None:
        """The period begins and ends with something, so that its length does not hang on luck."""
        self._sign_in(start, administrators[0])
        self._policy(start + timedelta(minutes=11), administrators[0], change)
        self._sign_in(end, administrators[0])

    def _sign_in(self, moment: datetime, actor: DirectoryUser) -> None:
        application = self.draw.choice(APPLICATIONS)
        self._add(
            moment,
            actor,
            SIGN_IN,
            Target("user", actor.upn, actor.pk),
            new={"Application": application, "Status": "Success"},
        )

    def _policy(self, moment: datetime, actor: DirectoryUser, change: dict[str, Any]) -> None:
        self._add(
            moment,
            actor,
            (change["category"], change["activity"]),
            Target(change["target_type"], change["target"]),
            old=change.get("old"),
            new=change.get("new"),
        )

    def _device_action(self, action: DeviceAction | None) -> None:
        if action is None:
            return
        kind = Kind(action.kind)
        new: dict[str, Any] = {} if kind is Kind.DELETE else {"Status": DeviceAction.Status.PENDING.label}
        old = {"Device name": action.device_name} if kind in {Kind.RENAME, Kind.DELETE} else {}
        if kind is Kind.RENAME:
            new["Device name"] = action.options["new_name"]
        self._add(
            action.requested_at,
            next(user for user in self.users if user.upn == action.requested_by_name),
            ("Device", ACTIVITIES[kind]),
            Target("device", action.device_name, action.device_id),
            old=old,
            new=new,
        )

    def _members(self, moment: datetime, actor: DirectoryUser, group: Group) -> None:
        people = self.members[group.display_name]
        target = Target("group", group.display_name, group.pk)
        if people and self.draw.random() < 0.7:
            added = {"Members": [self.draw.choice(people).upn]}
            self._add(moment, actor, ("GroupManagement", GROUP_MEMBERS_ADDED), target, new=added)
        else:
            removed = {"Members": [self.draw.choice(self.users).upn]}
            self._add(moment, actor, ("GroupManagement", GROUP_MEMBERS_REMOVED), target, old=removed)

    def _add(
        self,
        moment: datetime,
        actor: DirectoryUser,
        what: tuple[str, str],
        target: Target,
        *,
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
    ) -> None:
        """what: category and activity."""
        category, activity = what
        self.entries.append(
            JournalEntry(
                id=self.ids.uuid(),
                tenant=self.tenant,
                recorded_at=self.tenant.created_at,
                occurred_at=moment,
                actor_name=actor.upn,
                source=JournalEntry.Source.SEED,
                category=category,
                activity=activity,
                target_type=target.kind,
                target_id=target.id,
                target_name=target.name,
                old_values=old or {},
                new_values=new or {},
            )
        )
