"""The groups of the demo tenant and who is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from console.demo.draw import Draw
from console.demo.people import OFFICES, plain
from directory.models import DirectoryUser, Group
from tenancy.models import Tenant

Matches = Callable[[DirectoryUser], bool]

LICENSED = "All Intune users"

# The service plan that Microsoft documents for dynamic groups of people with an Intune licence.
INTUNE_PLAN = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"


@dataclass(frozen=True)
class GroupPlan:
    """One group: those who match and, of an assigned group, perhaps only a share of them."""

    name: str
    description: str
    matches: Matches
    rule: str = ""
    share: float = 1.0
    at_most: int = 0  # 0: no limit


def department(name: str) -> Matches:
    return lambda user: user.department == name


def city(name: str) -> Matches:
    return lambda user: user.city == name


def title(*names: str) -> Matches:
    return lambda user: user.job_title in names


def everybody(user: DirectoryUser) -> bool:
    return True


def _by_department(name: str) -> GroupPlan:
    return GroupPlan(name, f"Everybody in {name}.", department(name), rule=f'(user.department -eq "{name}")')


def _depot(name: str) -> GroupPlan:
    return GroupPlan(f"Depot {name}", f"People who work at the {name} depot.", city(name), f'(user.city -eq "{name}")')


def _drivers(region: str, depot: str) -> GroupPlan:
    return GroupPlan(
        f"Drivers – {region}",
        f"Drivers out of {depot}.",
        lambda user: user.job_title == "Driver" and user.city == depot,
    )


FIELD = department("Field Service")

PLANS = (
    GroupPlan("All company", "Everybody in the company.", everybody, rule="(user.objectId -ne null)"),
    GroupPlan(
        LICENSED,
        "People with an Intune license.",
        everybody,
        rule=f'user.assignedPlans -any (assignedPlan.servicePlanId -eq "{INTUNE_PLAN}"'
        ' -and assignedPlan.capabilityStatus -eq "Enabled")',
    ),
    GroupPlan("Android pilot", "First to get Android changes.", department("Transport"), share=0.5, at_most=14),
    GroupPlan("Conditional access – excluded", "Emergency accounts.", title("Systems engineer"), at_most=2),
    GroupPlan("Conditional access – pilot", "First to get new policies.", everybody, share=0.12, at_most=24),
    GroupPlan("Contractors", "People on a temporary contract.", everybody, share=0.07, at_most=400),
    _by_department("Customer Service"),
    _depot("Gdańsk"),
    _depot("Hamburg"),
    _depot("Leeds"),
    _depot("Rotterdam"),
    _drivers("Benelux", "Rotterdam"),
    _drivers("Nordics", "Gothenburg"),
    GroupPlan("Executives", "The management board and their assistants.", department("Executive")),
    GroupPlan("Field engineers – Android", "Field engineers who carry an Android phone.", FIELD, share=0.3),
    GroupPlan("Field engineers – iOS", "Field engineers who carry an iPhone or iPad.", FIELD, share=0.8),
    GroupPlan("Finance", "Accounting, payroll and credit control.", department("Finance")),
    GroupPlan("Front desk", "Receptionists and site hosts.", department("Front Desk")),
    GroupPlan(
        "Helpdesk trainees",
        "New colleagues on the service desk.",
        title("Service desk trainee", "Help desk analyst"),
    ),
    GroupPlan("Human Resources", "HR and recruiting.", department("Human Resources")),
    _by_department("Information Technology"),
    GroupPlan("Mac users", "People who work on a Mac.", lambda user: user.department in {"Marketing", "Executive"}),
    GroupPlan("Sales – mobile devices", "Sales people with a company phone.", department("Sales"), share=0.8),
    GroupPlan("Shift supervisors", "Supervisors in all depots.", title("Shift supervisor")),
    GroupPlan("Warehouse leads", "Leads in all depots.", title("Warehouse lead", "Stock controller")),
)


def group_count(users: int) -> int:
    """How many groups a directory of `users` has: 25 for 200, in proportion above that, at most 2,000."""
    return max(len(PLANS), min(2000, round(users * len(PLANS) / 200)))


class Groups:
    """Makes the groups of `tenant` and their members; remembers both for the journal."""

    def __init__(self, tenant: Tenant, draw: Draw, ids: Draw) -> None:
        self.tenant, self.draw, self.ids = tenant, draw, ids
        self.members: dict[str, list[DirectoryUser]] = {}

    def make(self, users: Sequence[DirectoryUser], licensed: set[UUID]) -> Iterator[Group]:
        """Every group, not saved; `members` then says who is in it. licensed: keys of people with an Intune license."""
        for plan in PLANS:
            candidates = [user for user in users if plan.matches(user)]
            if plan.name == LICENSED:
                candidates = [user for user in candidates if user.pk in licensed]
            if not plan.rule:
                wanted = round(len(candidates) * plan.share)
                candidates = self.draw.sample_of(candidates, min(wanted, plan.at_most) if plan.at_most else wanted)
            yield self._group(plan.name, plan.description, candidates, plan.rule)
        depots = [office.city for office in OFFICES if office.depot]
        for n in range(group_count(len(users)) - len(PLANS)):
            where = depots[n % len(depots)]
            yield self._group(
                f"Team {where} {n // len(depots) + 1:03}",
                f"A team at the {where} depot.",
                self.draw.sample_of(users, self.draw.randint(4, 16)),
            )

    def _group(self, name: str, description: str, members: list[DirectoryUser], rule: str = "") -> Group:
        self.members[name] = members
        now = self.tenant.clock_start
        group = Group(
            id=self.ids.uuid(),
            tenant=self.tenant,
            display_name=name,
            mail_nickname=plain(name)[:64],
            description=description,
            kind=Group.Kind.DYNAMIC if rule else Group.Kind.ASSIGNED,
            rule=rule,
            created_at=self.draw.working_moment(now - timedelta(days=900), now - timedelta(days=90)),
        )
        group.name_key = name.casefold()
        return group
