"""The people of the demo tenant, their departments and places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.demo.data import load
from console.demo.draw import Draw
from directory.models import DirectoryUser, Licence
from tenancy.models import Tenant


@dataclass(frozen=True)
class Office:
    city: str
    country: str
    code: str  # ISO 3166-1 alpha-2
    dialling: str
    weight: float
    depot: bool


OFFICES = tuple(Office(**row) for row in load("offices"))


@dataclass(frozen=True)
class Department:
    name: str
    titles: tuple[str, ...]
    weight: float
    in_depots: bool = False


DEPARTMENTS = tuple(Department(**{**row, "titles": tuple(row["titles"])}) for row in load("departments"))

INFORMATION_TECHNOLOGY = "Information Technology"

# Who administers the tenant; the journal names them.
ADMINISTRATORS = (
    ("Mara", "Lindqvist", "Endpoint platform lead", 2),
    ("Owen", "Baptiste", "Identity engineer", 3),
    ("Farah", "Nasser", "Endpoint engineer", 0),
    ("Tobias", "Krüger", "Help desk team lead", 1),
)

# Letters that do not come apart into a plain one and an accent.
_LATIN = str.maketrans({"ø": "o", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "\N{LATIN SMALL LETTER DOTLESS I}": "i"})


def plain(name: str) -> str:
    """`name` in the letters that an address may hold: lower-case, no accents, no blanks."""
    ascii_only = unicodedata.normalize("NFKD", name.translate(_LATIN)).encode("ascii", "ignore").decode()
    return "".join(letter for letter in ascii_only.lower() if letter.isalnum())


class People:
    """Makes the users of `tenant`: the administrators first, then everybody else."""

    def __init__(self, tenant: Tenant, draw: Draw, ids: Draw) -> None:
        self.tenant, self.draw, self.ids = tenant, draw, ids
        self.now = tenant.clock_start
        self.taken: dict[str, int] = {}
        # Given and family names stand together by culture, so that most people are called plausibly.
        self.names = [(row["given"], row["family"]) for row in load("names")]

    def make(self, n: int) -> Iterator[DirectoryUser]:
        """At most `n` users, not saved; about one in thirty is blocked."""
        for given, surname, title, office in ADMINISTRATORS[:n]:
            department = next(row for row in DEPARTMENTS if row.name == INFORMATION_TECHNOLOGY)
            yield self._user(given, surname, title, department, OFFICES[office], blocked=False)
        departments = self.draw.shares(max(0, n - len(ADMINISTRATORS)), {row: row.weight for row in DEPARTMENTS})
        everywhere = {office: office.weight for office in OFFICES}
        depots = {office: office.weight for office in OFFICES if office.depot}
        for department in departments:
            givens, surnames = self.draw.choice(self.names)
            yield self._user(
                self.draw.choice(givens),
                self.draw.choice(surnames),
                self.draw.choice(department.titles),
                department,
                self.draw.weighted(depots if department.in_depots else everywhere),
                blocked=self.draw.random() < 0.035,
            )

    def licences(self, user: DirectoryUser) -> tuple[str, ...]:
        """The products that `user` has: most people both, a few one or none."""
        chance = self.draw.random()
        if chance < 0.03 and user.job_title not in {row[2] for row in ADMINISTRATORS}:
            return ()
        if chance < 0.07:
            return (Licence.Sku.INTUNE,)
        return (Licence.Sku.INTUNE, Licence.Sku.AAD_PREMIUM_P1)

    def _user(
        self, given: str, surname: str, title: str, department: Department, office: Office, *, blocked: bool
    ) -> DirectoryUser:
        local = f"{plain(given)}.{plain(surname)}"
        n = self.taken[local] = self.taken.get(local, 0) + 1
        user = DirectoryUser(
            id=self.ids.uuid(),
            tenant=self.tenant,
            display_name=f"{given} {surname}",
            given_name=given,
            surname=surname,
            upn=f"{local}{n if n > 1 else ''}@{self.tenant.default_domain}",
            job_title=title,
            department=department.name,
            city=office.city,
            country=office.country,
            usage_location=office.code,
            account_enabled=not blocked,
            created_at=self.draw.working_moment(self.now - timedelta(days=1500), self.now - timedelta(days=3)),
        )
        user.set_derived()
        return user


def dialling_code(city: str) -> str:
    """How phone numbers of the office's country begin."""
    return next(office.dialling for office in OFFICES if office.city == city)


def joined_since(user: DirectoryUser, moment: datetime) -> datetime:
    """`moment`, or the user's creation where that is later: nobody enrols before having an account."""
    return max(moment, user.created_at)
