"""What moves by itself as time passes: devices check in, verdicts lapse, grace periods and errors end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, DateTimeField, Min, OuterRef, Q, QuerySet, Subquery, Value, When

from devices import compliance
from devices.models import ASLEEP, CHECKIN_SLOTS, Agent, Compliance, ManagedDevice
from devices.services import ACTIVITY_KEPT
from devices.subscriptions import COMPLIANCE_SETTINGS_CHANGED, POLICY_CHANGED
from directory.models import DirectoryDevice
from tenancy import clock, writes
from tenancy.models import Tenant
from tenancy.scoping import NEVER

HOUR = timedelta(hours=1)
MOMENT = timedelta.resolution
EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def first_turn(tenant: Tenant, since: datetime, until: datetime) -> datetime | None:
    """When the first device becomes something else between `since` and `until` by itself; None: none does.

    A grace period, an error or a verdict ends, or a device is heard of that was not judged, or not heard of, before.
    """
    settings = compliance.settings_of(tenant)
    judged = ManagedDevice.objects.in_tenant(tenant).filter(compliance.JUDGED).order_by()
    ends = [
        _first(judged.filter(compliance=Compliance.IN_GRACE_PERIOD), "compliance_grace_ends_at", since, until),
        _first(judged.filter(compliance=Compliance.ERROR), "error_since", since, until, lasts=compliance.ERROR_LASTS),
    ]
    good = judged.filter(compliance__in=(Compliance.COMPLIANT, Compliance.IN_GRACE_PERIOD))
    silences = [timedelta(days=settings.validity_days)]
    if settings.enhanced_jailbreak_detection:
        silences.append(compliance.JAILBREAK_CHECKED)
    # What was said holds for the whole of the period, also at its last moment.
    ends += [_first(good, "last_checkin_at", since, until, lasts=silence + MOMENT) for silence in silences]
    hours = slots(since, until)
    news = Q(compliance=Compliance.NOT_EVALUATED, primary_user__isnull=False)
    news |= Q(last_checkin_at__lt=since - clock.LONGEST_BEAT)
    heard = judged.filter(_checks_in(hours), news, enrolled_at__lte=until)
    ends += [hours[slot] for slot in heard.values_list("checkin_slot", flat=True).distinct()]
    return min((end for end in ends if end is not None), default=None)


def _first(
    devices: QuerySet[ManagedDevice, Any],
    column: str,
    since: datetime,
    until: datetime,
    *,
    lasts: timedelta = timedelta(0),
) -> datetime | None:
    """The first moment after `since`, and not after `until`, that is so long after what stands in `column`."""
    span = {f"{column}__gt": since - lasts, f"{column}__lte": until - lasts}
    found: datetime | None = devices.filter(**span).aggregate(first=Min(column))["first"]
    return None if found is None else found + lasts


@clock.pulse("devices.check-ins", label="Devices check in, and their compliance is judged", turn=first_turn)
def check_ins(tenant: Tenant, since: datetime, until: datetime) -> None:
    """Devices that are switched on have checked in at their hours; those that nobody hears of lose their standing.

    A device that a partner manages is heard of by the partner's reports.
    """
    writes.lock(tenant)
    hours = slots(since, until)
    if hours:
        devices = ManagedDevice.objects.in_tenant(tenant).filter(_checks_in(hours), enrolled_at__lte=until)
        at = Case(*(When(checkin_slot=slot, then=Value(moment)) for slot, moment in hours.items()))
        _check_in(tenant, devices, at, until)
    earlier = [slot for slot, moment in hours.items() if moment < until and not tenant.is_instant]
    if earlier:  # Azure AD was told meanwhile: what is written now would reach it after `until`
        with clock.at(tenant, until - HOUR):
            _judge(tenant, earlier)
    _judge(tenant, hours.keys() - earlier)


def _checks_in(hours: Iterable[int]) -> Q:
    """The devices that check in with Intune by themselves, at these of the hours between two check-ins."""
    return compliance.OWN & Q(checkin_slot__in=list(hours), online=True) & ~Q(agent=Agent.NONE)


def _judge(tenant: Tenant, hours: Iterable[int]) -> None:
    """Judge the devices that have checked in at these hours, and those whose standing has lapsed until now."""
    now = tenant.now()
    settings = compliance.settings_of(tenant)
    validity = timedelta(days=settings.validity_days)
    silent = Q(last_checkin_at__lt=now - validity) | compliance.unchecked(settings, now)
    silent &= Q(compliance__in=(Compliance.COMPLIANT, Compliance.IN_GRACE_PERIOD))
    over = Q(compliance=Compliance.IN_GRACE_PERIOD, compliance_grace_ends_at__lte=now)
    over |= Q(compliance=Compliance.ERROR, error_since__lte=now - compliance.ERROR_LASTS)
    lapsing = silent & ~Q(last_checkin_at=NEVER) | over
    compliance.evaluate(tenant, ManagedDevice.objects.in_tenant(tenant).filter(_checks_in(hours) | lapsing))


def _check_in(tenant: Tenant, devices: QuerySet[ManagedDevice, Any], at: Any, now: datetime) -> None:
    """`devices` have checked in, each at its `at`; set-wise."""
    same = devices.filter(azure_ad_device_id=OuterRef("device_id")).order_by("pk")
    heard_at = Subquery(same.values(at=at)[:1], output_field=DateTimeField())
    old = DirectoryDevice.objects.in_tenant(tenant).filter(
        device_id__in=devices.exclude(azure_ad_device_id=None).values("azure_ad_device_id"),
        activity_at__lt=now - ACTIVITY_KEPT,
    )
    old.filter(activity_at__lt=heard_at - Value(ACTIVITY_KEPT)).update(activity_at=heard_at)
    devices.update(last_checkin_at=at)


@clock.handler(POLICY_CHANGED, label="Devices are notified of a compliance policy and check in")
def policy_changed(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """The devices of the policy's platform that are switched on have checked in and are judged anew.

    The others are at their next check-in.
    """
    writes.lock(tenant)
    now = tenant.now()
    devices = ManagedDevice.objects.in_tenant(tenant).filter(
        compliance.JUDGED, ~Q(checkin_slot=ASLEEP), os=payload["os"], online=True, enrolled_at__lte=now
    )
    _check_in(tenant, devices, Value(now), now)
    compliance.evaluate(tenant, devices)


@clock.handler(COMPLIANCE_SETTINGS_CHANGED, label="Devices are judged by the compliance policy settings")
def compliance_settings_changed(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """Every device is judged anew: the settings need no check-in."""
    writes.lock(tenant)
    compliance.evaluate(tenant, ManagedDevice.objects.in_tenant(tenant))


def slots(since: datetime, until: datetime) -> dict[int, datetime]:
    """The slots whose hour has come after `since`, and the last such hour until `until`."""
    hours = min((until - since) // HOUR, CHECKIN_SLOTS)
    moments = [until - n * HOUR for n in range(hours)]
    return {(moment - EPOCH) // HOUR % CHECKIN_SLOTS: moment for moment in moments}
