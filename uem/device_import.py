"""Devices from a CSV file: what its lines say, and which of them can be enrolled.

The first line may name the columns, in any order; without it they stand in the order of COLUMNS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from blades import sheets
from directory.models import DirectoryUser
from directory.queries import AT_ONCE, batches, uuids
from partners.models import Platform
from tenancy.models import Tenant
from tenancy.scoping import fold
from uem.models import Console, Enrolment

MOST_LINES = 5_000
TOO_MANY = f"The list has more than {MOST_LINES:,} lines. Split it, and import the parts one after the other."
EMPTY = "Select a file, or paste at least one line."
EMPTY_FILE = "The file names no device: it is empty, or has a heading alone."

# Heading to field of the enrolment; the first two and the platform are needed.
COLUMNS = {
    "User name": "user",
    "Device name": "device_name",
    "Platform": "platform",
    "Manufacturer": "manufacturer",
    "Model": "model",
    "OS version": "os_version",
    "Serial number": "serial_number",
    "IMEI": "imei",
}
_HEADINGS = {fold(heading): name for heading, name in COLUMNS.items()}
_PLATFORMS = {fold(label): value for value, label in Platform.choices} | {
    "ios": Platform.IOS,
    "ipados": Platform.IOS,
    "mac": Platform.MACOS,
}
EXAMPLE = ("", "", "iOS/iPadOS", "Apple", "iPhone 11", "13.6", "F17XYZ1234A1", "")


class Line(NamedTuple):
    """A line of the list. number: from 1, as an editor counts; cells: in the order of COLUMNS."""

    number: int
    cells: list[str]


class Problem(NamedTuple):
    """A line that is not followed, and why."""

    number: int
    name: str
    reason: str


@dataclass
class Judged:
    """What the list comes to: the rows for services.enrol_many, and the lines that are left out."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def template(tenant: Tenant) -> Iterable[bytes]:
    """A file to fill in, with a line that shows how."""
    example = [f"ana@{tenant.default_domain}", "Ana's iPhone", *EXAMPLE[2:]]
    return sheets.lines(list(COLUMNS), [[sheets.harmless(example)]])


def read(text: str) -> list[Line]:
    """The lines of `text`, without heading. Raises ValidationError for none and for too many."""
    lines: list[Line] = []
    order = list(COLUMNS.values())
    for n, (number, cells) in enumerate(sheets.rows(text)):
        if n == 0 and (named := [_HEADINGS.get(fold(cell), "") for cell in cells]) and any(named):
            order = named
            continue
        found = dict(zip(order, cells, strict=False))
        lines.append(Line(number, [found.get(name, "")[:200] for name in COLUMNS.values()]))
        if len(lines) > MOST_LINES:
            raise ValidationError(TOO_MANY)
    if not lines:
        raise ValidationError(EMPTY, code="empty")
    return lines


def judge(console: Console, lines: Sequence[Line]) -> Judged:
    """Which devices `lines` enroll as things stand, and why each other line enrolls none."""
    users = _users(console.tenant, [line.cells[0] for line in lines])
    there = _enrolled(console, set(users.values()))
    judged = Judged()
    seen: dict[tuple[object, str], int] = {}
    for line in lines:
        row: dict[str, Any] = dict(zip(COLUMNS.values(), line.cells, strict=True))
        user = users.get(fold(row["user"]))
        key = (user.pk if user else None, fold(row["device_name"]))
        reason = _refusal(console, row, user)
        if not reason and key in there:
            reason = "The user has a device of this name here already."
        if not reason and key in seen:
            reason = f"Duplicate: the device stands in line {seen[key]:,} already."
        if reason:
            judged.problems.append(Problem(line.number, row["device_name"], reason))
            continue
        seen[key] = line.number
        judged.rows.append(row | {"user": user, "platform": Platform(_PLATFORMS[fold(row["platform"])])})
    return judged


def _refusal(console: Console, row: dict[str, str], user: DirectoryUser | None) -> str:
    platform = _PLATFORMS.get(fold(row["platform"]))
    if not row["user"]:
        return "The line names no user."
    if user is None:
        return f"No user of this directory has the user name '{row['user']}'."
    if not row["device_name"]:
        return "The line has no device name."
    if platform is None:
        return f"'{row['platform']}' is no platform: enter Android, iOS/iPadOS or macOS."
    if platform not in console.vendor.platforms:
        return f"'{console.vendor.product}' does not manage {Platform(platform).label} devices."
    return next(
        (
            f"'{heading}' is too long: enter at most {_longest(name)} characters."
            for heading, name in COLUMNS.items()
            if name not in {"user", "platform"} and len(row[name]) > _longest(name)
        ),
        "",
    )


def _longest(name: str) -> int:
    field = Enrolment._meta.get_field(name)
    return int(getattr(field, "max_length", None) or 0)


def _users(tenant: Tenant, names: list[str]) -> dict[str, DirectoryUser]:
    """The tenant's users by what the lines call them, folded: user principal name, or object ID."""
    found: dict[str, DirectoryUser] = {}
    for some in batches(dict.fromkeys(fold(name) for name in names), AT_ONCE):
        ids = list(uuids(some))
        found |= {fold(str(user.pk)): user for user in DirectoryUser.objects.among(tenant, ids)}
        found |= {user.upn_key: user for user in DirectoryUser.objects.in_tenant(tenant).filter(upn_key__in=some)}
    return found


def _enrolled(console: Console, users: set[DirectoryUser]) -> set[tuple[object, str]]:
    """User and folded name of the devices that these users have in the console."""
    found: set[tuple[object, str]] = set()
    for some in batches((user.pk for user in users), AT_ONCE):
        rows = Enrolment.objects.among(console.tenant, some, "user").filter(console=console, retired_at=None)
        found.update(rows.values_list("user_id", "name_key"))
    return found
