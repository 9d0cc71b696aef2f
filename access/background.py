"""The directory's people sign in by themselves as time passes.

Who signs in, when and to what follows from the directory's key and the hour alone, so that it does not matter how the
clock is moved. The policies judge as they, and the devices, are at the end of the beat, which ends with the hour in
which a device becomes something else.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from access.cloud_apps import cloud_apps
from access.models import SignIn, SignInPolicy
from access.services import BROWSER, NATIVE, Visit, judge, keep, scopes_of
from access.sign_in_queries import platform_of
from directory.models import DirectoryDevice, DirectoryUser, GroupMembership
from tenancy import clock, writes
from tenancy.models import Tenant

HOUR = timedelta(hours=1)
# Source: sign-ins are kept for 30 days with Azure AD Premium (docs/sources.md).
KEPT = timedelta(days=30)

# One of ten people is seen to sign in on a working day; a large directory has the log of MOST_PEOPLE.
SHARE_A_DAY, MOST_PEOPLE, WEEKEND = 0.1, 2_000, 0.2
# How a day's sign-ins are spread over its hours, in thousandths.
HOURS = (2, 2, 1, 1, 2, 6, 30, 80, 120, 110, 90, 80, 60, 80, 90, 80, 60, 40, 25, 15, 10, 8, 5, 3)
# Repeated as often as they are used.
APPS = (
    ("exchange_online",) * 8
    + ("teams",) * 6
    + ("sharepoint_online",) * 4
    + ("yammer", "salesforce", "servicenow", "workday", "azure_management")
)
BROWSERS = {"android": "Chrome 84.0.4147", "ios": "Safari 13.1", "macos": "Safari 13.1", "windows": "Edge 84.0.522"}
# Of a hundred sign-ins so many present no device, and so many leave a second factor unanswered.
WITHOUT_DEVICE, WITHOUT_ANSWER = 8, 5


@dataclass(frozen=True)
class Draw:
    """Numbers that follow from a directory, an hour and a place in it; each use has one of its own."""

    tenant: Tenant
    hour: datetime
    place: int = -1

    def digest(self, use: str) -> bytes:
        text = f"{self.tenant.pk}:{self.hour:%Y%m%d%H}:{self.place}:{use}"
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def below(self, n: int, use: str) -> int:
        """A whole number from 0 to below `n`."""
        return int.from_bytes(self.digest(use)) % n

    def one_of(self, items: Collection[Any], use: str) -> Any:
        """One of `items`."""
        return list(items)[self.below(len(items), use)]


@clock.pulse("access.sign-ins", label="People sign in")
def people_sign_in(tenant: Tenant, since: datetime, until: datetime) -> None:
    """The log has what people did in these hours, and nothing that is older than KEPT."""
    writes.lock(tenant)
    forget(tenant, until - KEPT)
    fill(tenant, since, until)


def fill(tenant: Tenant, since: datetime, until: datetime) -> int:
    """Write the sign-ins of these whole hours; return how many there are. The statements grow with hours alone."""
    people = DirectoryUser.objects.in_tenant(tenant).order_by()[:MOST_PEOPLE].count()
    draws = [(draw, user) for hour in _hours(since, until) for draw, user in _who(tenant, hour, people)]
    if not draws:
        return 0
    users = {user.pk for _, user in draws}
    groups, records = _groups(tenant, users), _records(tenant, users)
    scopes = scopes_of(tenant)
    judged = []
    for draw, user in draws:
        visit, moment = _visit(draw, user, records[user.pk]), draw.hour - timedelta(seconds=draw.below(3600, "second"))
        made, decision = judge(tenant, visit, frozenset(groups[user.pk]), scopes, moment)
        made.pk, made.correlation_id = UUID(bytes=draw.digest("key")), UUID(bytes=draw.digest("correlation"))
        judged.append((made, decision))
    keep(judged)
    return len(draws)


def forget(tenant: Tenant, before: datetime) -> None:
    """The log has no sign-in from before that moment."""
    old = SignIn.objects.in_tenant(tenant).filter(occurred_at__lt=before).order_by()
    results = SignInPolicy.objects.in_tenant(tenant).filter(sign_in__in=old.values("pk"))
    # What points at them is deleted first, so nothing has to be looked for row by row.
    results._raw_delete(results.db)
    old._raw_delete(old.db)


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    """The ends of the hours between."""
    return (since + number * HOUR for number in range(1, (until - since) // HOUR + 1))


def how_many(draw: Draw, people: int) -> int:
    """How many of so many people sign in in the hour that ends then."""
    begun = draw.hour - HOUR
    wanted = people * SHARE_A_DAY * HOURS[begun.hour] / 1000 * (WEEKEND if begun.weekday() >= 5 else 1)
    return int(wanted + draw.below(1000, "remainder") / 1000)


def _who(tenant: Tenant, hour: datetime, people: int) -> list[tuple[Draw, DirectoryUser]]:
    """Those who sign in in that hour: neighbours by their keys, which are random, from a drawn key on."""
    draw = Draw(tenant, hour)
    n = how_many(draw, people)
    if not n:
        return []
    start = UUID(bytes=draw.digest("who"))
    by_key = DirectoryUser.objects.in_tenant(tenant).order_by("pk")
    found = list(by_key.filter(pk__gte=start)[:n])
    if len(found) < n:
        found += by_key.filter(pk__lt=start)[: n - len(found)]
    return [(Draw(tenant, hour, place), user) for place, user in enumerate(found)]


def _visit(draw: Draw, user: DirectoryUser, records: list[DirectoryDevice]) -> Visit:
    device = draw.one_of(records, "device") if records and draw.below(100, "presents") >= WITHOUT_DEVICE else None
    platform = (platform_of(device.os) if device else "") or draw.one_of(BROWSERS, "platform")
    app = draw.one_of(APPS, "app")
    native = cloud_apps()[app].approved and draw.below(100, "client") < 60
    return Visit(
        user=user,
        app=app,
        platform=platform,
        device=device,
        mfa=draw.below(100, "answer") >= WITHOUT_ANSWER,
        browser="" if native else BROWSERS[platform],
        client_app=NATIVE if native else BROWSER,
        # The addresses that are reserved for documents: an office, and homes.
        ip_address="203.0.113.7" if draw.below(100, "place") < 70 else f"198.51.100.{user.pk.int % 250 + 1}",
    )


def _groups(tenant: Tenant, users: Collection[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    links = GroupMembership.objects.among(tenant, users, "user")
    for user, group in links.values_list("user_id", "group_id"):
        found[user].add(group)
    return found


def _records(tenant: Tenant, users: Collection[UUID]) -> dict[UUID, list[DirectoryDevice]]:
    found: dict[UUID, list[DirectoryDevice]] = defaultdict(list)
    owned = DirectoryDevice.objects.among(tenant, users, "owner").filter(registered_at__isnull=False)
    for record in owned.order_by("registered_at", "pk"):
        found[record.owner_id].append(record)
    return found
