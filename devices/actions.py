"""Remote actions: what each is called, who may ask for it, and on which device it is possible.

Source: Intune docs, one page for each action ("Supported platforms"), as docs/sources.md lists them. The records do not
say how a device was enrolled, so ownership stands for it: a personal Android device has a work profile, a corporate one
is fully managed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError

from devices.models import Agent, DeviceAction, DeviceState, ManagedDevice, OperatingSystem, Ownership
from tenancy.roles import Permission

Kind = DeviceAction.Kind

PERMISSIONS: dict[Kind, Permission] = {
    Kind.SYNC: Permission.REMOTE_SYNC,
    Kind.REMOTE_LOCK: Permission.REMOTE_LOCK,
    Kind.RESET_PASSCODE: Permission.REMOTE_RESET_PASSCODE,
    Kind.RESTART: Permission.REMOTE_RESTART,
    Kind.RENAME: Permission.REMOTE_RENAME,
    Kind.RETIRE: Permission.REMOTE_RETIRE,
    Kind.WIPE: Permission.REMOTE_WIPE,
    Kind.DELETE: Permission.DEVICES_DELETE,
}

# In the words of Intune's audit log.
ACTIVITIES: dict[Kind, str] = {
    Kind.SYNC: "syncDevice ManagedDevice",
    Kind.REMOTE_LOCK: "remoteLock ManagedDevice",
    Kind.RESET_PASSCODE: "resetPasscode ManagedDevice",
    Kind.RESTART: "rebootNow ManagedDevice",
    Kind.RENAME: "setDeviceName ManagedDevice",
    Kind.RETIRE: "retire ManagedDevice",
    Kind.WIPE: "wipe ManagedDevice",
    Kind.DELETE: "Delete ManagedDevice",
}

# Each of these ends the management of a device; while one is pending, there is no second one.
ENDING = {Kind.RETIRE: DeviceState.RETIRE_PENDING, Kind.WIPE: DeviceState.WIPE_PENDING}

# A rename names one device.
IN_BULK = tuple(kind for kind in Kind if kind is not Kind.RENAME)

# How long it takes until a device that is switched on has been reached: Sync is an immediate attempt, everything else
# "propagates in less than 15 minutes".
REACHED_AFTER = dict.fromkeys(Kind, timedelta(minutes=5)) | {Kind.SYNC: timedelta(minutes=1)}


class Secret(NamedTuple):
    """What an action leaves for the administrator to tell the user, and how long the portal shows it."""

    kind: Kind
    option: str
    label: str
    shown: timedelta


SECRETS = {
    OperatingSystem.ANDROID: Secret(Kind.RESET_PASSCODE, "passcode", "Temporary passcode", timedelta(days=7)),
    OperatingSystem.MACOS: Secret(Kind.REMOTE_LOCK, "pin", "Recovery PIN", timedelta(days=30)),
}


def action_id(key: UUID, kind: Kind, device_id: UUID) -> UUID:
    """The id of the action that the form with `key` asks of a device: the same however often it is sent."""
    return uuid5(key, f"{kind}:{device_id}")


def label(kind: Kind, os: int | None = None) -> str:
    """What the command is called: passcodes of iOS are removed instead of being reset."""
    if kind is Kind.RESET_PASSCODE and os == OperatingSystem.IOS:
        return "Remove passcode"
    return kind.label


# Where an action is possible


@dataclass(frozen=True)
class Rule:
    """`kinds` are refused with `sentence` where `applies`."""

    kinds: frozenset[Kind]
    applies: Callable[[ManagedDevice], bool]
    sentence: str


def _rule(*kinds: Kind, sentence: str, when: Callable[[ManagedDevice], bool]) -> Rule:
    return Rule(frozenset(kinds), when, sentence)


def _runs(*systems: OperatingSystem) -> Callable[[ManagedDevice], bool]:
    return lambda device: device.os in systems


def _personal(system: OperatingSystem) -> Callable[[ManagedDevice], bool]:
    return lambda device: device.os == system and device.ownership == Ownership.PERSONAL


def _corporate(system: OperatingSystem) -> Callable[[ManagedDevice], bool]:
    return lambda device: device.os == system and device.ownership != Ownership.PERSONAL


def _unsupervised(device: ManagedDevice) -> bool:
    return device.os == OperatingSystem.IOS and not device.supervised


def _by_partner(device: ManagedDevice) -> bool:
    return device.authority_id is not None or device.managed_by != device.agent


Android, IOS, MacOS, Windows = (
    OperatingSystem.ANDROID,
    OperatingSystem.IOS,
    OperatingSystem.MACOS,
    OperatingSystem.WINDOWS,
)

# The first rule that applies is the one that is read.
RULES: tuple[Rule, ...] = (
    _rule(*Kind, when=_by_partner, sentence="{manager} manages this device. Use the partner's console."),
    _rule(
        *Kind,
        when=lambda device: device.agent == Agent.CONFIGMGR,
        sentence="Configuration Manager manages this device. Use the Configuration Manager console.",
    ),
    _rule(Kind.REMOTE_LOCK, when=_runs(Windows), sentence="Remote lock is not available for Windows desktops."),
    _rule(
        Kind.RESET_PASSCODE,
        when=_runs(MacOS, Windows),
        sentence="Reset passcode is available for Android and iOS/iPadOS only.",
    ),
    _rule(Kind.RESTART, when=_runs(MacOS), sentence="Restart is not available for macOS."),
    _rule(
        Kind.RESTART,
        when=_personal(Android),
        sentence="Restart is not available for personally owned devices with a work profile.",
    ),
    _rule(Kind.RESTART, when=_unsupervised, sentence="Restart requires a supervised iOS/iPadOS device."),
    _rule(Kind.RENAME, when=_runs(Android), sentence="Rename device is not available for Android."),
    _rule(Kind.RENAME, when=_unsupervised, sentence="Rename device requires a supervised iOS/iPadOS device."),
    _rule(
        Kind.RENAME,
        when=lambda device: device.os in {Windows, MacOS} and device.ownership == Ownership.PERSONAL,
        sentence="Rename device requires a corporate-owned device.",
    ),
    _rule(
        Kind.WIPE,
        when=_personal(Android),
        sentence="Wipe is not available for personally owned devices with a work profile. Use Retire.",
    ),
    _rule(
        Kind.RETIRE,
        when=_corporate(Android),
        sentence="Retire is not available for fully managed Android devices. Use Wipe.",
    ),
    _rule(
        *ENDING,
        when=lambda device: device.state == DeviceState.RETIRE_PENDING,
        sentence="A retire is already pending for this device.",
    ),
    _rule(
        *ENDING,
        when=lambda device: device.state == DeviceState.WIPE_PENDING,
        sentence="A wipe is already pending for this device.",
    ),
)
HYBRID = "Rename device is not available for hybrid Azure AD joined devices."
PENDING = "{action} is already pending for this device."
GONE = "The device is no longer in Intune."


def refusal(device: ManagedDevice, kind: Kind) -> str:
    """Why `kind` is not possible on `device`, as a sentence; empty where it is. Costs no query."""
    for rule in RULES:
        if kind in rule.kinds and rule.applies(device):
            return rule.sentence.format(manager=device.managed_by_label)
    return ""


# What an action is asked for with

LONGEST_NAME, LONGEST_WINDOWS_NAME = 63, 15
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PIN = re.compile(r"\d{6}")


SAME_NAME = "Enter another name than the present one."


def name_problem(name: str, os: int) -> str:
    """Why a device cannot be called `name`; empty where it can."""
    longest = LONGEST_WINDOWS_NAME if os == OperatingSystem.WINDOWS else LONGEST_NAME
    if not name:
        return "Enter a name."
    if len(name) > longest:
        return f"Enter a name of at most {longest} characters."
    if not _NAME.fullmatch(name):
        return "Use letters, numbers and hyphens only."
    if name.isdecimal():
        return "Use at least one letter or hyphen."
    return ""


@dataclass
class Options:
    """What an action is asked for with, checked. Empty values mean that nothing was said.

    keep_enrollment, keep_wiping: of a wipe, on Windows. pin: of a remote lock, on macOS. new_name: of a rename.
    """

    new_name: str = ""
    keep_enrollment: bool = False
    keep_wiping: bool = False
    pin: str = ""
    unknown: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, options: Mapping[str, Any] | None) -> Options:
        """The options of that mapping; names of no option end in `unknown`."""
        given = dict(options or {})
        read = cls(
            new_name=str(given.pop("new_name", "") or "").strip(),
            keep_enrollment=bool(given.pop("keep_enrollment", False)),
            keep_wiping=bool(given.pop("keep_wiping", False)),
            pin=str(given.pop("pin", "") or "").strip(),
        )
        read.unknown = sorted(given)
        return read

    def check(self, kind: Kind, devices: list[ManagedDevice]) -> None:
        """Raise ValidationError, keyed by option where one is wrong, unless they fit `kind` on all `devices`."""
        if self.unknown:
            raise ValidationError(f"{kind.label} has no option '{self.unknown[0]}'.")
        self._check_name(kind, devices)
        if self.keep_enrollment or self.keep_wiping:
            option = "keep_enrollment" if self.keep_enrollment else "keep_wiping"
            if kind is not Kind.WIPE or any(device.os != OperatingSystem.WINDOWS for device in devices):
                raise ValidationError({option: "This option is available when Windows devices are wiped."})
        if self.pin:
            if kind is not Kind.REMOTE_LOCK or any(device.os != OperatingSystem.MACOS for device in devices):
                raise ValidationError({"pin": "A recovery PIN is set when macOS devices are locked."})
            if not _PIN.fullmatch(self.pin):
                raise ValidationError({"pin": "Enter a PIN of 6 digits."})

    def _check_name(self, kind: Kind, devices: list[ManagedDevice]) -> None:
        if kind is not Kind.RENAME:
            if self.new_name:
                raise ValidationError({"new_name": "Only Rename device takes a name."})
            return
        if len(devices) > 1:
            raise ValidationError("Rename one device at a time.")
        problem = name_problem(self.new_name, devices[0].os) if devices else ""
        if not problem and devices and self.new_name == devices[0].device_name:
            problem = SAME_NAME
        if problem:
            raise ValidationError({"new_name": problem})

    def values(self) -> dict[str, Any]:
        """What was said, as plain values for the action's row."""
        found = {name: getattr(self, name) for name in ("new_name", "keep_enrollment", "keep_wiping", "pin")}
        return {name: value for name, value in found.items() if value}
