"""Remote actions of the demo tenant: what administrators asked of devices before the trainee came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from console.demo import hardware
from console.demo.draw import Draw
from devices.actions import ENDING, REACHED_AFTER, Kind, refusal
from devices.models import DeviceAction, DeviceState, ManagedDevice, OperatingSystem
from directory.models import DirectoryUser
from tenancy.models import Tenant
from tenancy.scoping import NEVER

Status = DeviceAction.Status

# How often each action is asked for.
KINDS: dict[Kind, float] = {
    Kind.SYNC: 40,
    Kind.REMOTE_LOCK: 12,
    Kind.RESET_PASSCODE: 16,
    Kind.RESTART: 10,
    Kind.RENAME: 3,
    Kind.RETIRE: 5,
    Kind.WIPE: 3,
    Kind.DELETE: 3,
}
LEAVING = {*ENDING, Kind.DELETE}
NO_PASSCODE = "The device has no PIN or password."


class Actions:
    """Makes actions of `tenant`, each of which agrees with what the record of its device says today."""

    def __init__(self, tenant: Tenant, draw: Draw, ids: Draw, devices: Sequence[ManagedDevice]) -> None:
        self.tenant, self.draw, self.ids = tenant, draw, ids
        self.devices = [device for device in devices if not refusal(device, Kind.SYNC)]
        self.made: list[DeviceAction] = []
        self._waiting: set[tuple[Any, str]] = set()

    def make(self, moment: datetime, latest: datetime, actor: DirectoryUser) -> DeviceAction | None:
        """An action asked for at `moment`, or somewhat earlier or later but not after `latest`; sometimes none."""
        device = self.draw.choice(self.devices)
        kind = self.draw.weighted(KINDS)
        if kind in LEAVING:
            return self._of_a_device_that_has_left(kind, device, moment, actor)
        if refusal(device, kind) or (kind is Kind.RENAME and device.last_checkin_at == NEVER):
            kind = Kind.SYNC
        moment = max(moment, device.enrolled_at + timedelta(hours=2))
        if device.online and device.last_checkin_at != NEVER:  # it has checked in since
            moment = min(moment, device.last_checkin_at - REACHED_AFTER[kind])
        if not device.enrolled_at < moment <= latest:
            return None
        done = moment + REACHED_AFTER[kind] <= device.last_checkin_at
        if not done and (kind is Kind.RENAME or (device.pk, kind) in self._waiting):
            return None
        if not done:
            self._waiting.add((device.pk, kind))
        action = self._action(kind, device, moment, actor)
        if kind is Kind.RENAME:
            action.device_name, action.options = self._earlier_name(device), {"new_name": device.device_name}
        if done:
            action.status, action.completed_at = Status.COMPLETED, moment + REACHED_AFTER[kind]
        return action

    def unfinished(self, morning: datetime, actor: DirectoryUser) -> list[DeviceAction]:
        """A lost device that is to be wiped, one of somebody who left that is to be retired, a lock that failed."""
        found = []
        for kind, state in ENDING.items():
            device = next((row for row in self.devices if self._is_away(row) and not refusal(row, kind)), None)
            if device is not None:
                device.state = state
                found.append(self._action(kind, device, self._since(device, morning), actor))
        lockable = (row for row in self.devices if row.online and not refusal(row, Kind.REMOTE_LOCK))
        device = next((row for row in lockable if row.os != OperatingSystem.MACOS and self._was_there(row)), None)
        if device is not None:
            failed = self._action(Kind.REMOTE_LOCK, device, device.last_checkin_at - timedelta(minutes=20), actor)
            failed.status, failed.detail = Status.FAILED, NO_PASSCODE
            failed.completed_at = failed.requested_at + REACHED_AFTER[Kind.REMOTE_LOCK]
            found.append(failed)
        return found

    @property
    def leaving(self) -> list[ManagedDevice]:
        """The devices whose state is not the usual one."""
        return [device for device in self.devices if device.state != DeviceState.MANAGED]

    def _is_away(self, device: ManagedDevice) -> bool:
        return not device.online and device.last_checkin_at != NEVER and device.state == DeviceState.MANAGED

    def _was_there(self, device: ManagedDevice) -> bool:
        return device.enrolled_at < device.last_checkin_at - timedelta(days=1)

    def _since(self, device: ManagedDevice, morning: datetime) -> datetime:
        """A working hour after the device was last seen."""
        return self.draw.working_moment(max(device.last_checkin_at, morning - timedelta(days=9)), morning)

    def _of_a_device_that_has_left(
        self, kind: Kind, like: ManagedDevice, moment: datetime, actor: DirectoryUser
    ) -> DeviceAction:
        """What stands in the list today is another device, so this one has a name and an id alone."""
        action = self._action(kind, like, moment, actor)
        series = like.device_name.rpartition("-")[0] or "DESKTOP"
        action.device, action.intune_device_id = None, self.ids.uuid()
        action.device_name, action.user_upn = f"{series}-{self.draw.digits(4)}", ""
        action.status = Status.COMPLETED
        action.completed_at = moment if kind is Kind.DELETE else moment + REACHED_AFTER[kind]
        return action

    def _earlier_name(self, device: ManagedDevice) -> str:
        if device.os == OperatingSystem.IOS:
            return "iPad" if device.model.startswith("iPad") else "iPhone"
        return f"DESKTOP-{self.draw.text(hardware.LETTERS_DIGITS, 7)}"

    def _action(self, kind: Kind, device: ManagedDevice, moment: datetime, actor: DirectoryUser) -> DeviceAction:
        action = DeviceAction(
            id=self.ids.uuid(),
            tenant=self.tenant,
            kind=kind,
            device=device,
            intune_device_id=device.pk,
            device_name=device.device_name,
            user_upn=device.user_upn,
            requested_at=moment,
            requested_by_name=actor.upn,
        )
        self.made.append(action)
        return action
