"""Devices to practise with: the same ones whenever the same directory asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from directory.models import DirectoryUser, GroupMembership
from partners.models import PartnerAssignment, Platform
from tenancy import writes
from tenancy.models import Operator
from uem import services
from uem.models import Console, Enrolment, KnownGroup

AT_ONCE = 50
# Marks the devices that were made here, and counts them.
PREFIX = "SAMPLE-"
# Makes and models of mid 2020, with the versions that they ran then.
MODELS: dict[str, list[tuple[str, str, str]]] = {
    Platform.ANDROID: [
        ("samsung", "Galaxy S10", "10"),
        ("samsung", "Galaxy A51", "10"),
        ("Google", "Pixel 3a", "10"),
        ("Zebra Technologies", "TC57", "8.1.0"),
    ],
    Platform.IOS: [
        ("Apple", "iPhone 11", "13.6"),
        ("Apple", "iPhone XR", "13.5.1"),
        ("Apple", "iPhone SE (2nd generation)", "13.5.1"),
        ("Apple", "iPad (7th generation)", "13.6"),
    ],
    Platform.MACOS: [
        ("Apple", "MacBook Pro (13-inch, 2020)", "10.15.5"),
        ("Apple", "MacBook Air (Retina, 13-inch, 2020)", "10.15.6"),
    ],
}
REASONS = ("The passcode is too short.", "The OS version is older than required.", "The device is not encrypted.")


class Made(NamedTuple):
    """How many devices were enrolled, how many of them are registered, and how many registrations were forbidden."""

    enrolled: int = 0
    registered: int = 0
    forbidden: int = 0


def _next_number(console: Console) -> int:
    made = Enrolment.objects.in_tenant(console.tenant).filter(console=console, serial_number__startswith=PREFIX)
    last = made.order_by("-serial_number").values_list("serial_number", flat=True).first()
    return int(last.removeprefix(PREFIX)) + 1 if last else 1


@transaction.atomic
def enrol(*, console: Console, actor: Operator | None, key: UUID) -> Made:
    """Enroll the next sample devices, three of four of them registered.

    key: what the form was drawn with; once more with the same key, somebody has clicked twice, and there are none.
    Users of groups that the partner knows, or that are assigned to it, come first. Raises ValidationError where there
    are no users.
    """
    writes.lock(console.tenant)
    first_id = services.id_for(console, key)
    if Enrolment.objects.in_tenant(console.tenant).filter(pk=first_id).exists():
        return Made()
    first = _next_number(console)
    rows = list(_rows(console, first))
    rows[0]["id"] = first_id
    made = services.enrol_many(console=console, actor=actor, rows=rows)
    registering = [enrolment for n, enrolment in enumerate(made, first) if n % 4]
    registered = services.register_many(console=console, actor=actor, enrolments=registering)
    return Made(len(made), registered, len(registering) - registered)


def _rows(console: Console, first: int) -> Iterator[dict[str, Any]]:
    platforms = console.vendor.platforms
    for n, user in enumerate(_users(console, first), first):
        platform = Platform(platforms[n % len(platforms)])
        models = MODELS[platform]
        manufacturer, model, version = models[n // len(platforms) % len(models)]
        yield {
            "user": user,
            "platform": platform,
            "device_name": f"{user.display_name} {model}"[:120],
            "manufacturer": manufacturer,
            "model": model,
            "os_version": version,
            "serial_number": f"{PREFIX}{n:06}",
            **_verdict(n),
        }


def _verdict(n: int) -> dict[str, str]:
    """Of twenty devices three are not compliant, and one breaks a policy that only alerts."""
    if n % 20 in {3, 10, 17}:
        return {"verdict": Enrolment.Verdict.NOT_COMPLIANT, "verdict_reason": REASONS[n % len(REASONS)]}
    if n % 20 == 6:
        return {"verdict": Enrolment.Verdict.ALERT, "verdict_reason": "The device has not been backed up."}
    return {}


def _users(console: Console, first: int) -> list[DirectoryUser]:
    """The next AT_ONCE users behind those of the devices before, from the start again where there are too few."""
    tenant = console.tenant
    known = KnownGroup.objects.in_tenant(tenant).filter(console=console, excluded=False).values("group")
    assigned = PartnerAssignment.objects.in_tenant(tenant).filter(
        configuration__partner=console.partner, intent=PartnerAssignment.Intent.INCLUDE
    )
    members = GroupMembership.objects.in_tenant(tenant).filter(
        Q(group__in=known) | Q(group__in=assigned.values("group")), user=OuterRef("pk")
    )
    users = DirectoryUser.objects.in_tenant(tenant).filter(account_enabled=True)
    total = users.count()
    if not total:
        raise ValidationError("There are no users in this directory.")
    start = (first - 1) % total
    ordered = users.alias(member=Exists(members)).order_by("-member", "name_key", "pk")
    found = list(ordered[start : start + AT_ONCE])
    missing = AT_ONCE - len(found)
    return found + list(islice(cycle(ordered[:AT_ONCE]), missing)) if missing else found
