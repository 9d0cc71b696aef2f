"""Two months of journal: what administrators did before the trainee came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from console.demo.draw import Draw
from console.demo.people import ADMINISTRATORS
from devices.models import ManagedDevice, OperatingSystem
from directory.models import DirectoryUser, Group
from directory.services import GROUP_MEMBERS_ADDED, GROUP_MEMBERS_REMOVED
from tenancy.models import JournalEntry, Tenant

PERIOD = timedelta(days=61)
ENTRIES = 420

# Category, then what is changed: activity, target type, target, and old and new values.
Change = tuple[str, str, str, dict[str, Any], dict[str, Any]]

POLICY_CHANGES: dict[str, tuple[Change, ...]] = {
    "Compliance": (
        ("Create DeviceCompliancePolicy", "compliance policy", "iOS – baseline", {}, {"Minimum OS version": "12.4.7", "Jailbroken devices": "Block"}),
        ("Patch DeviceCompliancePolicy", "compliance policy", "iOS – baseline", {"Minimum OS version": "12.4.7"}, {"Minimum OS version": "13.5.1"}),
        ("Patch DeviceCompliancePolicy", "compliance policy", "Android – work profile", {"Minimum OS version": "8.0"}, {"Minimum OS version": "8.1"}),
        ("Patch DeviceCompliancePolicy", "compliance policy", "Android – work profile", {"Minimum password length": 4}, {"Minimum password length": 6}),
        ("Assign DeviceCompliancePolicy", "compliance policy", "Android – work profile", {}, {"Included groups": ["Android pilot"]}),
        ("Patch DeviceCompliancePolicy", "compliance policy", "Windows 10 – baseline", {"Require BitLocker": "Not configured"}, {"Require BitLocker": "Require"}),
        ("Patch DeviceCompliancePolicy", "compliance policy", "Windows 10 – baseline", {"Minimum OS version": "10.0.17763.1"}, {"Minimum OS version": "10.0.18362.1"}),
        ("Assign DeviceCompliancePolicy", "compliance policy", "macOS – baseline", {}, {"Included groups": ["Mac users"]}),
        ("Patch DeviceCompliancePolicy", "compliance policy", "macOS – baseline", {"Require FileVault": "Not configured"}, {"Require FileVault": "Require"}),
    ),
    "DeviceConfiguration": (
        ("Create DeviceConfiguration", "configuration profile", "iOS – Wi-Fi depots", {}, {"Network name": "depot-mobile", "Security type": "WPA2-Enterprise"}),
        ("Patch DeviceConfiguration", "configuration profile", "Windows 10 – BitLocker", {"Recovery key escrow": "Not configured"}, {"Recovery key escrow": "Azure AD"}),
        ("Assign DeviceConfiguration", "configuration profile", "Android – kiosk scanners", {}, {"Included groups": ["Warehouse leads"]}),
        ("Patch DeviceConfiguration", "configuration profile", "macOS – restrictions", {"AirDrop": "Not configured"}, {"AirDrop": "Block"}),
        ("Patch DeviceConfiguration", "configuration profile", "Windows 10 – update ring pilot", {"Quality update deferral (days)": 7}, {"Quality update deferral (days)": 3}),
        ("Delete DeviceConfiguration", "configuration profile", "iOS – old VPN", {"Name": "iOS – old VPN"}, {}),
    ),
    "Application": (
        ("Assign MobileApp", "app", "Microsoft Authenticator", {}, {"Required for": ["Field engineers – iOS"]}),
        ("Create MobileApp", "app", "Route Companion", {}, {"Type": "Managed Google Play app"}),
        ("Assign MobileApp", "app", "Route Companion", {}, {"Required for": ["Android pilot"]}),
        ("Patch ManagedAppProtection", "app protection policy", "Outlook and Office", {"Offline grace period (minutes)": 720}, {"Offline grace period (minutes)": 1440}),
    ),
    "Enrollment": (
        ("Patch DeviceEnrollmentConfiguration", "enrollment restriction", "All users", {"Android personally owned": "Block"}, {"Android personally owned": "Allow"}),
        ("Patch DeviceEnrollmentConfiguration", "enrollment restriction", "Device limit", {"Device limit": 5}, {"Device limit": 8}),
        ("Patch ApplePushNotificationCertificate", "certificate", "Apple MDM push certificate", {"Expires": "6/19/2020"}, {"Expires": "6/12/2021"}),
    ),
    "Role": (
        ("Assign RoleDefinition", "role", "Help Desk Operator", {}, {"Members": ["Helpdesk trainees"]}),
    ),
}  # fmt: skip

# Activity, what it needs, how often.
DEVICE_ACTIONS: dict[str, float] = {
    "syncDevice ManagedDevice": 40,
    "remoteLock ManagedDevice": 12,
    "resetPasscode ManagedDevice": 16,
    "rebootNow ManagedDevice": 10,
    "retire ManagedDevice": 5,
    "wipe ManagedDevice": 3,
    "Delete ManagedDevice": 3,
}

SIGN_IN_CATEGORY = "SignInLogs"
SIGN_IN_ACTIVITY = "Sign-in activity"
APPLICATIONS = ("Microsoft Endpoint Manager admin center", "Azure Active Directory admin center")


@dataclass
class Journal:
    """Makes the entries of `tenant`, oldest first."""

    tenant: Tenant
    draw: Draw
    ids: Draw
    groups: Sequence[Group]
    members: dict[str, list[DirectoryUser]]
    users: Sequence[DirectoryUser]
    devices: Sequence[ManagedDevice]
    entries: list[JournalEntry] = field(default_factory=list)

    def make(self) -> Iterator[JournalEntry]:
        end = self.tenant.clock_start - timedelta(minutes=14)
        start = end - PERIOD
        administrators = self.users[: len(ADMINISTRATORS)]
        assigned = [group for group in self.groups if group.kind == Group.Kind.ASSIGNED]
        policies = [(category, change) for category, changes in POLICY_CHANGES.items() for change in changes]
        self._first_and_last(start, end, administrators)
        kinds = {"sign-in": 30, "device": 30, "policy": 22, "member": 18 if assigned else 0}
        for kind in self.draw.shares(ENTRIES, kinds):
            moment = self.draw.working_moment(start, end)
            actor = self.draw.choice(administrators)
            if kind == "sign-in":
                self._sign_in(moment, actor)
            elif kind == "policy":
                self._policy(moment, actor, *self.draw.choice(policies))
            elif kind == "device" and self.devices:
                self._device_action(moment, actor)
            elif kind == "member":
                self._members(moment, actor, self.draw.choice(assigned))
        for user in self.users[:2000]:
            if start <= user.created_at:
                self._add(
                    user.created_at, administrators[1], "UserManagement", "Add user", "user", user.upn, user.pk,
                    new={"Display name": user.display_name, "Department": user.department},
                )  # fmt: skip
        yield from sorted(self.entries, key=lambda entry: entry.occurred_at)

    def _first_and_last(self, start: datetime, end: datetime, administrators: Sequence[DirectoryUser]) -> None:
        """The period begins and ends with something, so that its length does not hang on luck."""
        self._sign_in(start, administrators[0])
        self._policy(start + timedelta(minutes=11), administrators[0], "Compliance", POLICY_CHANGES["Compliance"][0])
        self._sign_in(end, administrators[0])

    def _sign_in(self, moment: datetime, actor: DirectoryUser) -> None:
        application = self.draw.choice(APPLICATIONS)
        self._add(
            moment, actor, SIGN_IN_CATEGORY, SIGN_IN_ACTIVITY, "user", actor.upn, actor.pk,
            new={"Application": application, "Status": "Success"},
        )  # fmt: skip

    def _policy(self, moment: datetime, actor: DirectoryUser, category: str, change: Change) -> None:
        activity, target_type, target, old, new = change
        self._add(moment, actor, category, activity, target_type, target, None, old=old, new=new)

    def _device_action(self, moment: datetime, actor: DirectoryUser) -> None:
        device = self.draw.choice(self.devices)
        activity = self.draw.weighted(DEVICE_ACTIONS)
        if activity.startswith("rebootNow") and device.os != OperatingSystem.WINDOWS:
            activity = "syncDevice ManagedDevice"
        gone = activity.startswith(("Delete", "wipe", "retire"))  # the device that stands here today is another one
        name = f"{device.device_name.rpartition('-')[0] or 'DESKTOP'}-{self.draw.digits(4)}" if gone else str(device)
        self._add(
            moment, actor, "Device", activity, "device", name, None if gone else device.pk,
            new={} if activity.startswith("Delete") else {"Status": "Completed"},
        )  # fmt: skip

    def _members(self, moment: datetime, actor: DirectoryUser, group: Group) -> None:
        people = self.members[group.display_name]
        removed = self.draw.random() < 0.3 or not people
        member = self.draw.choice(self.users if removed else people)
        values = {"Members": [member.upn]}
        self._add(
            moment, actor, "GroupManagement", GROUP_MEMBERS_REMOVED if removed else GROUP_MEMBERS_ADDED, "group",
            group.display_name, group.pk, old=values if removed else None, new=None if removed else values,
        )  # fmt: skip

    def _add(
        self,
        moment: datetime,
        actor: DirectoryUser,
        category: str,
        activity: str,
        target_type: str,
        target_name: str,
        target_id: UUID | None,
        *,
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
    ) -> None:
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
                target_type=target_type,
                target_id=target_id,
                target_name=target_name[:254],
                old_values=old or {},
                new_values=new or {},
            )
        )
