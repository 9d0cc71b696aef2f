"""The devices of the demo tenant: Intune's record and Azure AD's, which mostly agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.demo import hardware
from console.demo.draw import Draw
from console.demo.hardware import HEX, Model
from console.demo.people import INFORMATION_TECHNOLOGY, dialling_code, joined_since, plain
from devices import azure_ad
from devices.models import Agent, Compliance, ManagedDevice, OperatingSystem, Ownership
from directory.models import DirectoryDevice, DirectoryUser
from tenancy.models import Tenant
from tenancy.scoping import NEVER

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# A device that has been silent for so long is switched off or out of reach.
OFFLINE_AFTER = 3 * DAY
# Of every compliance policy.
GRACE_LASTS = 3 * DAY


@dataclass(frozen=True)
class Story:
    """What happened to a device lately. checked_in: the earliest and the latest last check-in, as ages."""

    compliance: Compliance
    checked_in: tuple[timedelta, timedelta] | None
    owned: bool = True  # has a primary user
    fresh: bool = False  # enrolled within the last two days


HEALTHY = Story(Compliance.COMPLIANT, (9 * HOUR, timedelta(minutes=4)))
AWAY = Story(Compliance.COMPLIANT, (26 * DAY, 3 * DAY))
GRACE = Story(Compliance.IN_GRACE_PERIOD, (2 * DAY, HOUR))
FAILING = Story(Compliance.NOT_COMPLIANT, (4 * DAY, HOUR))
LAPSED = Story(Compliance.NOT_COMPLIANT, (118 * DAY, 31 * DAY))
SILENT = Story(Compliance.UNKNOWN, (74 * DAY, 31 * DAY))
NEW = Story(Compliance.NOT_EVALUATED, (DAY, timedelta(minutes=10)), fresh=True)
NEVER_SEEN = Story(Compliance.NOT_EVALUATED, None, fresh=True)
SHARED = Story(Compliance.NOT_EVALUATED, (2 * DAY, HOUR), owned=False)
FAULTY = Story(Compliance.ERROR, (6 * DAY, 2 * HOUR))
CLASHING = Story(Compliance.CONFLICT, (5 * DAY, 2 * HOUR))

STORIES = {
    HEALTHY: 62, AWAY: 6, GRACE: 6, FAILING: 8, LAPSED: 5, SILENT: 2, NEW: 4, NEVER_SEEN: 1.5, SHARED: 2.5,
    FAULTY: 1.5, CLASHING: 1.5,
}  # fmt: skip

SYSTEMS = {
    OperatingSystem.WINDOWS: 36,
    OperatingSystem.IOS: 30,
    OperatingSystem.ANDROID: 25,
    OperatingSystem.MACOS: 9,
}

# How often a department's people carry a device of each system.
CARRIED: dict[OperatingSystem, dict[str, int]] = {
    OperatingSystem.IOS: {"Field Service": 6, "Sales": 5, "Executive": 4, "Customer Service": 2},
    OperatingSystem.ANDROID: {"Transport": 6, "Warehouse Operations": 6, "Field Service": 2, "Front Desk": 2},
    OperatingSystem.WINDOWS: {"Transport": 0, "Warehouse Operations": 1, INFORMATION_TECHNOLOGY: 4},
    OperatingSystem.MACOS: {"Marketing": 8, "Executive": 6, INFORMATION_TECHNOLOGY: 2, "Transport": 0,
                            "Warehouse Operations": 0, "Field Service": 0, "Front Desk": 0},
}  # fmt: skip
USUAL = 2

# What Azure AD calls the systems of devices that a management service has enrolled.
DIRECTORY_OS = {OperatingSystem.WINDOWS: "Windows", OperatingSystem.MACOS: "MacMDM"}


@dataclass
class Made:
    """A device as both directories know it; `records` is empty where Azure AD has none, and long for duplicates."""

    device: ManagedDevice
    records: list[DirectoryDevice]


class Devices:
    """Makes the devices of `tenant`, a stream of them, so that a million need no memory."""

    def __init__(self, tenant: Tenant, draw: Draw, ids: Draw, users: Sequence[DirectoryUser]) -> None:
        self.tenant, self.draw, self.ids = tenant, draw, ids
        self.now = tenant.clock_start
        self.prefix = "".join(word[0] for word in tenant.display_name.split()[:2]).upper()
        self.names: set[str] = set()
        self.carriers = {
            os: [user for user in users for _ in range(carried.get(user.department, USUAL))] or list(users)
            for os, carried in CARRIED.items()
        }

    def make(self, n: int) -> Iterator[Made]:
        """`n` devices, not saved, with Azure AD's records of them."""
        systems = self.draw.shares(n, SYSTEMS)
        stories = self.draw.shares(n, STORIES)
        for os, story in zip(systems, stories, strict=True):
            yield self._device(os, story, n)

    def strays(self, n: int) -> Iterator[DirectoryDevice]:
        """Records that Azure AD has of things Intune does not manage, in proportion to `n` devices."""
        for number in range(round(n * 0.05)):
            user = self.draw.choice(self.carriers[OperatingSystem.ANDROID])
            model = hardware.pick(self.draw, OperatingSystem.ANDROID if number % 2 else OperatingSystem.IOS)
            registered = self._since(user, 500, 4)
            yield self._record(
                name=model.name, os="Android" if number % 2 else "iOS", version=self.draw.weighted(model.versions),
                join_type=DirectoryDevice.JoinType.REGISTERED, owner=user, registered_at=registered,
                activity_at=self.draw.moment(registered, self.now),
            )  # fmt: skip
        for _ in range(max(1, round(n * 0.01))):
            name = self._name("LT", n, digits=4)
            yield self._record(
                name=name, os="Windows", version="10.0.18363.959", join_type=DirectoryDevice.JoinType.HYBRID,
                owner=None, registered_at=None, activity_at=None,
            )  # fmt: skip

    def _device(self, os: OperatingSystem, story: Story, n: int) -> Made:
        draw, tenant = self.draw, self.tenant
        model = hardware.pick(draw, os)
        windows = os is OperatingSystem.WINDOWS
        user = draw.choice(self.carriers[os]) if story.owned and self.carriers[os] else None
        agent = draw.weighted({Agent.MDM: 62, Agent.CO_MANAGED: 24, Agent.CONFIGMGR: 14}) if windows else Agent.MDM
        compliance = story.compliance
        if agent is Agent.CONFIGMGR or (agent is Agent.CO_MANAGED and draw.random() < 0.25):
            compliance = Compliance.SEE_CONFIGMGR
        own = {OperatingSystem.IOS: 0.34, OperatingSystem.ANDROID: 0.36, OperatingSystem.MACOS: 0.1}.get(os, 0.06)
        personal = user is not None and agent is Agent.MDM and draw.random() < own
        ownership = Ownership.PERSONAL if personal else Ownership.CORPORATE
        if not personal and agent is Agent.CONFIGMGR and draw.random() < 0.3:
            ownership = Ownership.UNKNOWN
        checked_in = NEVER if story.checked_in is None else draw.moment(*(self.now - age for age in story.checked_in))
        if story.fresh:
            enrolled = (self.now if checked_in == NEVER else checked_in) - timedelta(minutes=draw.randint(3, 40))
        else:
            enrolled = joined_since(user, self._since(None, 700, 130)) if user else self._since(None, 700, 130)
            enrolled = min(enrolled, checked_in - timedelta(hours=1))
        name = self._device_name(os, model, user, enrolled, n, personal=personal)
        storage = draw.choice(model.storage_gb) * 953
        cellular = bool(model.type_allocation_code) and (not model.tablet or draw.random() < 0.4)
        device = ManagedDevice(
            id=self.ids.uuid(),
            tenant=tenant,
            device_name=name,
            management_name=_management_name(os, model, user, enrolled),
            os=os,
            os_version=draw.weighted(model.versions),
            ownership=ownership,
            compliance=compliance,
            compliance_grace_ends_at=self._grace_ends(compliance, checked_in),
            error_since=checked_in if compliance is Compliance.ERROR else None,
            agent=agent,
            managed_by=agent.value,
            last_checkin_at=checked_in,
            online=story is NEVER_SEEN or checked_in >= self.now - OFFLINE_AFTER,
            enrolled_at=enrolled,
            primary_user=user,
            serial_number=hardware.serial_number(draw, model),
            imei=draw.imei(model.type_allocation_code) if cellular else "",
            udid=_udid(draw, os, model),
            phone_number=_phone_number(draw, user) if cellular and user and not model.tablet else "",
            manufacturer=model.manufacturer,
            model=model.name,
            wifi_mac=draw.mac(model.mac),
            storage_total_mb=storage,
            storage_free_mb=round(storage * draw.uniform(0.08, 0.8)),
            encrypted=compliance is not Compliance.NOT_COMPLIANT or draw.random() < 0.5,
            supervised=os is OperatingSystem.IOS and not personal,
            eas_activated=False,
        )
        if compliance in {Compliance.NOT_COMPLIANT, Compliance.IN_GRACE_PERIOD}:
            phone = os in {OperatingSystem.ANDROID, OperatingSystem.IOS}
            device.passcode_set, device.encrypted = not phone, device.encrypted and phone
            device.failing_since = device.compliance_grace_ends_at and device.compliance_grace_ends_at - GRACE_LASTS
        records = self._records(device, story)
        if records:
            device.azure_ad_device_id = records[0].device_id
        return Made(device, records)

    def _grace_ends(self, compliance: Compliance, checked_in: datetime) -> datetime | None:
        if compliance is Compliance.IN_GRACE_PERIOD:
            return min(self.now + timedelta(hours=self.draw.randint(5, 96)), checked_in + GRACE_LASTS)
        return checked_in - DAY if compliance is Compliance.NOT_COMPLIANT else None

    def _records(self, device: ManagedDevice, story: Story) -> list[DirectoryDevice]:
        """Azure AD's records of `device`: usually one that agrees, sometimes none or a second, older one."""
        draw = self.draw
        windows = device.os == OperatingSystem.WINDOWS
        if not windows and draw.random() < (0.5 if story is NEVER_SEEN else 0.02):
            return []
        joined = device.agent != Agent.MDM or device.ownership == Ownership.CORPORATE
        join_type = DirectoryDevice.JoinType.REGISTERED
        if windows and joined:
            hybrid = device.agent != Agent.MDM
            join_type = DirectoryDevice.JoinType.HYBRID if hybrid else DirectoryDevice.JoinType.JOINED
        registered = device.enrolled_at - timedelta(minutes=draw.randint(1, 9))
        seen = registered if device.last_checkin_at == NEVER else device.last_checkin_at
        owner = device.primary_user
        record = self._record(
            name=device.device_name,
            os=_directory_os(device),
            version=device.os_version,
            join_type=join_type,
            owner=owner,
            registered_at=registered,
            # Azure AD writes the time only when the one it has is about 14 days old.
            activity_at=max(registered, seen - timedelta(days=draw.uniform(0, 14))),
            mdm=azure_ad.MDM[device.agent],
            compliant=_verdict(device),
            enabled=owner is None or owner.account_enabled or draw.random() < 0.4,
        )
        record.is_managed = bool(record.mdm)
        if story is HEALTHY and draw.random() < 0.03:
            older = registered - timedelta(days=draw.randint(40, 300))
            duplicate = self._record(
                name=record.display_name, os=record.os, version=record.os_version, join_type=join_type, owner=owner,
                registered_at=older, activity_at=older + timedelta(days=draw.randint(5, 35)),
                mdm=record.mdm, compliant=False,
            )  # fmt: skip
            return [record, duplicate]
        return [record]

    def _record(
        self,
        *,
        name: str,
        os: str,
        version: str,
        join_type: DirectoryDevice.JoinType,
        owner: DirectoryUser | None,
        registered_at: datetime | None,
        activity_at: datetime | None,
        mdm: str = "",
        compliant: bool | None = None,
        enabled: bool = True,
    ) -> DirectoryDevice:
        record = DirectoryDevice(
            id=self.ids.uuid(),
            tenant=self.tenant,
            device_id=self.ids.uuid(),
            display_name=name,
            os=os,
            os_version=version,
            join_type=join_type,
            enabled=enabled,
            owner=owner,
            mdm=mdm,
            is_managed=False,
            is_compliant=compliant,
            registered_at=registered_at,
            activity_at=activity_at or NEVER,
        )
        record.set_derived()
        return record

    def _since(self, user: DirectoryUser | None, earliest: int, latest: int) -> datetime:
        """A moment in working hours between `earliest` and `latest` days ago, not before the user was created."""
        moment = self.draw.working_moment(self.now - earliest * DAY, self.now - latest * DAY)
        return joined_since(user, moment) if user else moment

    def _device_name(
        self, os: OperatingSystem, model: Model, user: DirectoryUser | None, enrolled: datetime, n: int, *,
        personal: bool,
    ) -> str:  # fmt: skip
        if personal and user is not None:
            if os is OperatingSystem.IOS:
                return f"{user.surname}'s {'iPad' if model.tablet else 'iPhone'}"
            if os is OperatingSystem.ANDROID:
                return f"{plain(user.given_name)[:1]}{plain(user.surname)}_AndroidForWork_{_date(enrolled)}"
            if os is OperatingSystem.MACOS:
                return f"{user.given_name}'s MacBook"
            return f"DESKTOP-{self.draw.text(hardware.LETTERS_DIGITS, 7)}"
        return self._name(model.series, n, digits=4 if os is OperatingSystem.WINDOWS else 3)

    def _name(self, series: str, n: int, *, digits: int) -> str:
        """A corporate name with a number that no other device has."""
        lowest = 10 ** max(digits - 1, len(str(n)) - 1)
        while True:
            name = f"{self.prefix}-{series}-{self.draw.randrange(lowest, lowest * 10)}"
            if name not in self.names:
                self.names.add(name)
                return name


def _verdict(device: ManagedDevice) -> bool | None:
    """Azure AD's Compliant for Intune's state: Yes, No, or N/A while nothing was ever reported."""
    compliance = Compliance(device.compliance)
    if compliance is Compliance.SEE_CONFIGMGR:
        return True if device.agent == Agent.CO_MANAGED else None
    return {
        Compliance.COMPLIANT: True,
        Compliance.IN_GRACE_PERIOD: True,
        Compliance.NOT_COMPLIANT: False,
        Compliance.CONFLICT: False,
        Compliance.ERROR: True,  # an error freezes what was reported before
        Compliance.UNKNOWN: True,
    }.get(compliance)


def _directory_os(device: ManagedDevice) -> str:
    os = OperatingSystem(device.os)
    if os is OperatingSystem.IOS:
        return "IPad" if device.model.startswith("iPad") else "IPhone"
    if os is OperatingSystem.ANDROID:
        return "AndroidForWork" if device.ownership == Ownership.PERSONAL else "AndroidEnterprise"
    return DIRECTORY_OS[os]


def _management_name(os: OperatingSystem, model: Model, user: DirectoryUser | None, enrolled: datetime) -> str:
    """As Intune makes it: user, kind of device, and time of enrolment."""
    kind = {
        OperatingSystem.IOS: "iPad" if model.tablet else "iPhone",
        OperatingSystem.ANDROID: "AndroidForWork",
        OperatingSystem.WINDOWS: "Windows",
        OperatingSystem.MACOS: "MacMDM",
    }[os]
    owner = user.upn.partition("@")[0] if user else "none"
    half = "AM" if enrolled.hour < 12 else "PM"
    return f"{owner}_{kind}_{_date(enrolled)}_{enrolled.hour % 12 or 12}:{enrolled.minute:02} {half}"


def _date(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment.year}"


def _udid(draw: Draw, os: OperatingSystem, model: Model) -> str:
    """Apple's own identifier: 8 and 16 digits on recent iPhones and iPads, 40 on older, a UUID on a Mac."""
    if os is OperatingSystem.MACOS:
        return str(draw.uuid()).upper()
    if os is not OperatingSystem.IOS:
        return ""
    if any(name in model.name for name in ("11", "XR", "SE")):
        return f"0000{draw.choice(('8030', '8020'))}-{draw.text(HEX, 16).upper()}"
    return draw.text(HEX, 40)


def _phone_number(draw: Draw, user: DirectoryUser) -> str:
    return f"{dialling_code(user.city)} {draw.digits(3)} {draw.digits(4)}"
