"""The people of the demo tenant, their departments and places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

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


OFFICES = (
    Office("Rotterdam", "Netherlands", "NL", "+31 6", 22, depot=True),
    Office("Hamburg", "Germany", "DE", "+49 151", 14, depot=True),
    Office("Gothenburg", "Sweden", "SE", "+46 70", 12, depot=True),
    Office("Leeds", "United Kingdom", "GB", "+44 7700", 14, depot=True),
    Office("Dublin", "Ireland", "IE", "+353 85", 8, depot=False),
    Office("Gdańsk", "Poland", "PL", "+48 601", 10, depot=True),
    Office("Lyon", "France", "FR", "+33 6", 9, depot=True),
    Office("Valencia", "Spain", "ES", "+34 612", 8, depot=True),
    Office("Singapore", "Singapore", "SG", "+65 8", 3, depot=False),
)

# Given and family names that people in such a company bear; the lines keep cultures together, not nations.
NAMES: tuple[tuple[str, str], ...] = (
    ("Elin Lars Freja Oskar Maja Nils Astrid Henrik", "Lindgren Bergman Nyström Dahl Öberg Sandberg Holm Åkesson"),
    ("Daan Sanne Bram Fleur Joost Anouk Thijs Lotte", "de Vries Jansen Bakker Visser Smit Mulder van Dijk Dekker"),
    ("Lena Jonas Katrin Moritz Anke Felix Petra Uwe", "Schröder Wagner Köhler Brandt Vogel Krüger Hartmann Seidel"),
    ("Aoife Ciarán Niamh Declan Saoirse Eoin Róisín Padraig", "Brennan Byrne Doyle Kavanagh Nolan Quinn Walsh Keane"),
    ("Harriet Callum Imogen Duncan Bethan Rhys Isla Ewan", "Ashworth Pritchard Fraser Bell Hargreaves Lloyd Marsh Reid"),
    ("Dorota Piotr Agnieszka Tomasz Katarzyna Marek Zofia Jakub", "Kowalska Nowak Zielińska Wójcik Lewandowski Mazur Król Dąbrowska"),
    ("Gabrielle Mathieu Chloé Baptiste Inès Luc Élodie Rémi", "Moreau Lefèvre Girard Fontaine Rousseau Chevalier Blanc Mercier"),
    ("Paola Javier Lucía Diego Carmen Álvaro Nuria Iker", "Castillo Herrera Ortega Molina Iglesias Vidal Serrano Núñez"),
    ("Catarina Tiago Beatriz Rui Inês Duarte Mariana Nuno", "Duarte Ferreira Azevedo Carvalho Pinto Teixeira Lopes Moura"),
    ("Elias Layla Omar Yasmin Karim Nadia Sami Huda", "Haddad Nasser Mansour Khalil Aziz Farouk Rahmani Saleh"),
    ("Neha Arjun Priya Vikram Ananya Rohan Meera Sanjay", "Singh Patel Iyer Kapoor Nair Reddy Chowdhury Menon"),
    ("Haruto Bunko Yui Kenji Aiko Sora Emi Takumi", "Tanaka Nakamura Sato Kobayashi Yamada Fujita Ishikawa Mori"),
    ("Jomo Amina Abena Kwame Zola Chidi Ngozi Thabo", "Mwangi Osei Okafor Adeyemi Mensah Dlamini Kamau Nkosi"),
    ("Qiang Mei Jun Xin Lihua Wei Yan Tao", "Li Wang Zhang Chen Huang Zhao Lin Wu"),
    ("Irina Viktor Oksana Bohdan Daryna Yuri Milena Stanimir", "Petrov Shevchenko Kravets Bondar Ivanova Dimitrov Hrytsenko Melnyk"),
    ("Defne Emre Zeynep Kerem Elif Baran Selin Onur", "Yılmaz Demir Kaya Aydın Şahin Çelik Arslan Koç"),
)  # fmt: skip


@dataclass(frozen=True)
class Department:
    name: str
    titles: tuple[str, ...]
    weight: float
    in_depots: bool = False


DEPARTMENTS = (
    Department("Field Service", ("Field engineer", "Senior field engineer", "Field service planner"), 18, in_depots=True),
    Department("Warehouse Operations", ("Warehouse lead", "Shift supervisor", "Stock controller", "Forklift trainer"), 20, in_depots=True),
    Department("Transport", ("Driver", "Fleet coordinator", "Route planner", "Dispatcher"), 22, in_depots=True),
    Department("Customer Service", ("Customer service agent", "Key account coordinator", "Claims handler"), 12),
    Department("Front Desk", ("Receptionist", "Site host"), 4, in_depots=True),
    Department("Sales", ("Account manager", "Sales executive", "Tender specialist"), 10),
    Department("Finance", ("Accountant", "Payroll specialist", "Financial controller", "Credit controller"), 8),
    Department("Human Resources", ("HR advisor", "Recruiter", "Learning coordinator"), 5),
    Department("Information Technology", ("Help desk analyst", "Systems engineer", "Endpoint engineer", "Service desk trainee"), 8),
    Department("Legal and Customs", ("Customs broker", "Compliance officer", "Legal counsel"), 4),
    Department("Marketing", ("Content designer", "Brand manager", "Web editor"), 4),
    Department("Executive", ("Chief operating officer", "Chief financial officer", "Executive assistant", "Regional director"), 2),
)  # fmt: skip

INFORMATION_TECHNOLOGY = "Information Technology"

# Who administers the tenant; the journal names them.
ADMINISTRATORS = (
    ("Mara", "Lindqvist", "Endpoint platform lead", 2),
    ("Owen", "Baptiste", "Identity engineer", 3),
    ("Farah", "Nasser", "Endpoint engineer", 0),
    ("Tobias", "Krüger", "Help desk team lead", 1),
)

_LATIN = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "Ae", "ı": "i", "đ": "d", "ð": "d", "þ": "th"}
)


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
        self.families = [(given.split(), _families(family)) for given, family in NAMES]

    def make(self, n: int) -> Iterator[DirectoryUser]:
        """At most `n` users, not saved; about one in thirty is blocked."""
        for given, surname, title, office in ADMINISTRATORS[:n]:
            department = next(row for row in DEPARTMENTS if row.name == INFORMATION_TECHNOLOGY)
            yield self._user(given, surname, title, department, OFFICES[office], blocked=False)
        departments = self.draw.shares(max(0, n - len(ADMINISTRATORS)), {row: row.weight for row in DEPARTMENTS})
        everywhere = {office: office.weight for office in OFFICES}
        depots = {office: office.weight for office in OFFICES if office.depot}
        for department in departments:
            givens, surnames = self.draw.choice(self.families)
            yield self._user(
                self.draw.choice(givens),
                self.draw.choice(surnames),
                self.draw.choice(department.titles),
                department,
                self.draw.weighted(depots if department.in_depots else everywhere),
                blocked=self.draw.random() < 0.035,
            )

    def licences(self, user: DirectoryUser) -> Iterator[Licence]:
        """Most people have both products; a few have one or none."""
        chance = self.draw.random()
        if chance < 0.03 and user.job_title not in {row[2] for row in ADMINISTRATORS}:
            return
        yield Licence(id=self.ids.uuid(), tenant=self.tenant, user=user, sku=Licence.Sku.INTUNE)
        if chance > 0.07:
            yield Licence(id=self.ids.uuid(), tenant=self.tenant, user=user, sku=Licence.Sku.AAD_PREMIUM_P1)

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
        user.set_keys()
        return user


def dialling_code(city: str) -> str:
    """How phone numbers of the office's country begin."""
    return next(office.dialling for office in OFFICES if office.city == city)


def _families(line: str) -> list[str]:
    """The family names of a line; "de Vries" and "van Dijk" stay together."""
    words = line.split()
    found: list[str] = []
    for word in words:
        if found and found[-1] in {"de", "van"}:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def joined_since(user: DirectoryUser, moment: datetime) -> datetime:
    """`moment`, or the user's creation where that is later: nobody enrols before having an account."""
    return max(moment, user.created_at)
