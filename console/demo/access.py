"""The demo's conditional access policies: one that acts, one that only reports, and one that waits to be turned on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from access.models import Intent, Policy, PolicyGroup
from console.demo.draw import Draw
from directory.models import Group
from tenancy.models import Tenant
from tenancy.scoping import fold

WRITTEN = timedelta(days=200)
SPARED = "Conditional access – excluded"


@dataclass(frozen=True)
class PolicyPlan:
    """groups: whom the policy is for; none: everybody. The emergency accounts are spared by each."""

    name: str
    state: Policy.State
    groups: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


PLANS = (
    PolicyPlan(
        "Require compliant device for Exchange Online",
        Policy.State.ON,
        ("Field engineers – Android", "Field engineers – iOS"),
        {
            "included_apps": ["exchange_online"],
            "platforms": Policy.Platforms.SELECTED,
            "included_platforms": ["android", "ios"],
            "require_compliant_device": True,
        },
    ),
    PolicyPlan(
        "Require MFA for Azure management",
        Policy.State.REPORT_ONLY,
        values={"included_apps": ["azure_management"], "require_mfa": True},
    ),
    PolicyPlan(
        "Require compliant or hybrid joined device for all cloud apps",
        Policy.State.OFF,
        values={
            "all_apps": True,
            "require_compliant_device": True,
            "require_hybrid_joined_device": True,
            "operator": Policy.Operator.ONE,
        },
    ),
)


@dataclass
class AccessPolicies:
    """Makes the policies of `tenant`, and with them who is in and who is out."""

    tenant: Tenant
    ids: Draw
    groups: Mapping[str, Group]
    links: list[PolicyGroup] = field(default_factory=list)

    def make(self) -> Iterator[Policy]:
        """The policies, in the order of PLANS; `links` is complete after the last one."""
        written = self.tenant.clock_start - WRITTEN
        for plan in PLANS:
            policy = Policy(
                id=self.ids.uuid(),
                tenant=self.tenant,
                display_name=plan.name,
                name_key=fold(plan.name),
                state=plan.state,
                all_users=not plan.groups,
                created_at=written,
                changed_at=written,
                **plan.values,
            )
            for name, intent in [*((name, Intent.INCLUDE) for name in plan.groups), (SPARED, Intent.EXCLUDE)]:
                link = PolicyGroup(
                    id=self.ids.uuid(), tenant=self.tenant, policy=policy, group=self.groups[name], intent=intent
                )
                self.links.append(link)
            yield policy
