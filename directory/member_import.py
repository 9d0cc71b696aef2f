"""Members from a CSV file: what its lines say, and which of them can be followed.

The first column, or the one headed "Member object ID or user principal name", names a user. The real template's
first lines (version, heading, example) are recognised and not needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError

from blades import sheets
from directory.models import DirectoryUser, Group, GroupMembership
from directory.queries import AT_ONCE, batches
from tenancy.scoping import fold

MOST_LINES = 20_000
TOO_MANY = f"The list has more than {MOST_LINES:,} lines. Split it, and import the parts one after the other."
EMPTY = "Select a file, or paste at least one line."
EMPTY_FILE = "The file names nobody: it is empty, or has a heading alone."
LONGEST = 200  # characters of a value that are kept to be shown

HEADING = "Member object ID or user principal name"
_HEADINGS = {fold(heading) for heading in (HEADING, "memberObjectIdOrUpn", "UPN", "User principal name", "User name")}
_UPN = re.compile(r"[^@\s]+@[^@\s]+")


class Line(NamedTuple):
    """A line of the list. number: from 1, as an editor counts."""

    number: int
    value: str


class Problem(NamedTuple):
    """A line that is not followed, and why."""

    number: int
    value: str
    reason: str


@dataclass
class Judged:
    """What the list comes to: whom it adds, and the lines that it does not."""

    users: list[DirectoryUser] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(text: str) -> list[Line]:
    """The lines of `text` that name something, without headings. Raises ValidationError for none and for too many."""
    lines: list[Line] = []
    column, top = 0, True
    for number, cells in sheets.rows(text):
        heading = next((n for n, cell in enumerate(cells) if _is_heading(cell)), None) if top else None
        if top and cells[0].casefold().startswith("version:"):
            continue
        top = False
        if heading is not None:
            column = heading
            continue
        value = cells[column] if column < len(cells) else ""
        if not lines and value.casefold().startswith("example:"):
            continue
        lines.append(Line(number, value[:LONGEST]))
        if len(lines) > MOST_LINES:
            raise ValidationError(TOO_MANY)
    if not lines:
        raise ValidationError(EMPTY, code="empty")
    return lines


def _is_heading(cell: str) -> bool:
    return fold(cell.partition("[")[0]) in _HEADINGS or "[memberobjectidorupn]" in cell.casefold()


def judge(group: Group, lines: Sequence[Line]) -> Judged:
    """Whom `lines` add to `group` as things stand, and why each other line adds nobody."""
    tenant = group.tenant
    ids: dict[int, UUID] = {}
    for line in lines:
        try:
            ids[line.number] = UUID(line.value)
        except ValueError:
            continue
    users = DirectoryUser.objects
    by_id = {user.pk: user for some in batches(set(ids.values()), AT_ONCE) for user in users.among(tenant, some)}
    names = {fold(line.value) for line in lines if line.number not in ids}
    by_upn = {
        user.upn_key: user
        for some in batches(names, AT_ONCE)
        for user in users.in_tenant(tenant).filter(upn_key__in=some)
    }
    members: set[UUID] = set()
    for some in batches({user.pk for user in (*by_id.values(), *by_upn.values())}, AT_ONCE):
        present = GroupMembership.objects.among(tenant, some, "user").filter(group=group)
        members.update(present.values_list("user_id", flat=True))
    found = Judged()
    seen: dict[UUID, int] = {}
    for line in lines:
        user = by_id.get(ids[line.number]) if line.number in ids else by_upn.get(fold(line.value))
        if user is None:
            reason = _unknown(line.value, tenant.default_domain, is_id=line.number in ids)
        elif user.pk in seen:
            reason = f"Duplicate: the user stands in line {seen[user.pk]:,} already."
        elif user.pk in members:
            reason = "The user is a member already."
        else:
            reason = ""
            found.users.append(user)
        if user is not None:
            seen.setdefault(user.pk, line.number)
        if reason:
            found.problems.append(Problem(line.number, line.value, reason))
    return found


def _unknown(value: str, domain: str, *, is_id: bool) -> str:
    if not value:
        return "The line names nobody."
    if "\n" in value:
        return "A quotation mark in the line is not closed."
    if is_id:
        return "No user of this directory has this object ID."
    if not _UPN.fullmatch(value):
        return "Malformed: enter a user principal name or an object ID."
    if fold(value.rpartition("@")[2]) != fold(domain):
        return f"The user name belongs to another directory: this one is {domain}."
    return "No user of this directory has this user name."
