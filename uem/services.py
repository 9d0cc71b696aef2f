"""What administrators and users do in a partner's own system, and what its cloud then tells Intune.

The partner knows of Intune only what it has synchronized, and Intune of the partner only what was reported. In between
lies what helpdesks look for. Sources: docs/sources.md, "The partner side".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Greatest

from devices import bulk, reports
from devices.models import RefusedItem
from devices.periodic import slots
from directory.models import DirectoryDevice, DirectoryUser, GroupMembership
from directory.queries import batches
from partners import catalogue, connections
from partners.catalogue import CataloguePartner
from partners.models import PartnerAssignment, PartnerConfiguration, PartnerConnection, Platform
from tenancy import clock, journal, writes
from tenancy.models import Operator, Tenant
from uem.models import Console, Enrolment, KnownGroup

CATEGORY = "Partner console"
SETTINGS_CHANGED = "Change directory services"
CONSENTED = "Grant admin consent"
SYNCED = "Sync Azure services"
ENROLLED = "Enroll device"
REGISTERED = "Register device"
REGISTRATION_FAILED = "Fail to register device"
VERDICT_CHANGED = "Change device compliance"
ONLINE_CHANGED = "Change device connection"
RETIRED = "Retire device"
DELETED = "Delete device"

REPORT = "uem.report"
# Source: "minutes after change" for the partners that say anything (docs/sources.md).
REPORT_DELAY = timedelta(minutes=5)
# Source: "weekly", and on change (docs/sources.md).
REPORTED_AGAIN = timedelta(days=7)
NOT_ONBOARDED = "AccountNotOnboarded"
# Whose a retired device is when its user was deleted.
NOBODY = UUID(int=0)
LONGEST_NAME = 120
LONGEST_ERROR = 200
Door = Enrolment.Door
Verdict = Enrolment.Verdict

# What may forbid a registration: called with tenant, user, cloud app and platform; a sentence, or nothing.
Gate = Callable[[Tenant, DirectoryUser, str, str], str]
_gates: list[Gate] = []


def gate(function: Gate) -> Gate:
    """Let `function` judge each registration; apps to the right know conditional access, this one does not."""
    _gates.append(function)
    return function


# The connection


def console_of(tenant: Tenant, partner: CataloguePartner) -> Console:
    """The partner's console in the tenant; made when it is opened for the first time."""
    # Two may open it at once, and there is one row.
    console: Console
    console, _ = Console.objects.in_tenant(tenant).get_or_create(partner=partner.key, defaults={"tenant": tenant})
    console.tenant = tenant
    return console


def is_connected(console: Console) -> bool:
    """Whether the partner's cloud can reach Azure AD: everything is set up there, and rightly."""
    partner = catalogue.partners()[console.partner]
    return (
        console.compliance_enabled
        and console.directory_id.strip().casefold() == str(console.tenant.directory_id)
        and console.consented_at is not None
        and (len(partner.consents) < 2 or console.second_consented_at is not None)
        and not console.credentials_lost
    )


@transaction.atomic
def change_settings(
    *, console: Console, actor: Operator | None, compliance_enabled: bool, directory_id: str
) -> Console:
    """The console has these settings; the tenant is provisioned or deprovisioned where that follows from them.

    A wrong tenant ID is taken, as the real console takes it: nothing works until it is right.
    Raises ValidationError for one that is not an ID.
    """
    current = _begin(console)
    directory_id = directory_id.strip()
    try:
        directory_id = str(UUID(directory_id)) if directory_id else ""
    except ValueError:
        raise ValidationError({"directory_id": "Enter the tenant ID as 32 hexadecimal digits with hyphens."}) from None
    if compliance_enabled and not directory_id:
        raise ValidationError({"directory_id": "Enter the tenant ID."})
    old = _settings(current)
    was_connected = is_connected(current)
    if directory_id != current.directory_id:  # a consent is for one directory
        current.consented_at = current.second_consented_at = None
        current.consented_by = ""
    current.compliance_enabled, current.directory_id = compliance_enabled, directory_id
    current.save()
    if _settings(current) != old:
        _record(current, actor, SETTINGS_CHANGED, current, old=old, new=_settings(current))
    _follow(current, was_connected=was_connected)
    return current


@transaction.atomic
def consent(*, console: Console, actor: Operator | None, second: bool = False) -> Console:
    """An administrator has consented to the partner's enterprise application, or to its second one.

    Raises ValidationError before the tenant ID is entered, and for a second application that there is not.
    """
    current = _begin(console)
    partner = catalogue.partners()[current.partner]
    if not current.directory_id:
        raise ValidationError("Enter the tenant ID and save it before you grant consent.")
    if second and len(partner.consents) < 2:
        raise ValidationError(f"'{partner.product}' asks for one consent only.")
    was_connected = is_connected(current)
    now, name = current.tenant.now(), actor.email if actor else "System"
    if second:
        current.second_consented_at = current.second_consented_at or now
    else:
        current.consented_at, current.consented_by = current.consented_at or now, current.consented_by or name
    current.credentials_lost = False
    current.save()
    _record(current, actor, CONSENTED, current, new={"Application": partner.consents[int(second)]})
    _follow(current, was_connected=was_connected)
    return current


@transaction.atomic
def sync(*, console: Console, actor: Operator | None) -> Console:
    """The partner knows the assignments as they are now, all changes since the last time at once; then it reports.

    Raises ValidationError while it is not connected.
    Source: VMware docs, "Use compliance data in Azure AD conditional access policies": Sync Azure Services.
    """
    current = _begin(console)
    if not is_connected(current):
        raise ValidationError("Set up the connection to Azure AD before you synchronize.")
    _learn(current)
    _report_refused_again(current)
    _record(
        current,
        actor,
        SYNCED,
        current,
        new={"Groups": [str(link.group) for link in current.group_links.select_related("group")]},
    )
    report(current)
    return current


@transaction.atomic
def lose_credentials(*, console: Console) -> Console:
    """Azure AD no longer lets the partner's cloud in, and nobody is told: a secret has run out, a consent was revoked.

    Heartbeats and reports stop; an administrator who consents anew heals it.
    """
    current = _begin(console)
    current.credentials_lost = True
    current.save(update_fields=["credentials_lost"])
    return current


def _learn(console: Console) -> None:
    """The partner knows the assignments as they are now; where that is news, it reports again what was refused."""
    tenant = console.tenant
    configurations = list(PartnerConfiguration.objects.in_tenant(tenant).filter(partner=console.partner))
    assignments = PartnerAssignment.objects.in_tenant(tenant).filter(configuration__in=configurations)
    assigned = {
        (link.group_id, link.configuration.platform): link.intent == PartnerAssignment.Intent.EXCLUDE
        for link in assignments.select_related("configuration")
    }
    links = KnownGroup.objects.in_tenant(tenant).filter(console=console)
    known = {(link.group_id, link.platform): link for link in links}
    gone = [link.pk for key, link in known.items() if assigned.get(key) != link.excluded]
    come = [key for key, excluded in assigned.items() if key not in known or known[key].excluded != excluded]
    all_users = sorted(configuration.platform for configuration in configurations if configuration.all_users)
    if gone:
        KnownGroup.objects.among(tenant, gone).delete()
    KnownGroup.objects.bulk_create(
        KnownGroup(
            tenant=tenant, console=console, group_id=group, platform=platform, excluded=assigned[group, platform]
        )
        for group, platform in come
    )
    if gone or come or all_users != console.all_users_platforms:
        _report_refused_again(console)
    console.all_users_platforms, console.synced_at = all_users, tenant.now()
    console.save(update_fields=["all_users_platforms", "synced_at"])


def _report_refused_again(console: Console) -> None:
    """What Intune has refused is to be reported once more: the cause may be gone, and nobody tells the partner."""
    refused = Enrolment.objects.in_tenant(console.tenant).filter(console=console, retired_at=None, unreported=False)
    refused.exclude(report_error="").update(unreported=True)


def _follow(console: Console, *, was_connected: bool) -> None:
    """Intune hears at once that the partner has come or gone."""
    if is_connected(console):
        _speak(console, anew=True)
    elif was_connected:
        connections.deprovision(tenant=console.tenant, partner=catalogue.partners()[console.partner])


def _speak(console: Console, *, anew: bool = False) -> None:
    """A heartbeat; the tenant is provisioned first, as soon as Intune knows the partner.

    anew: an administrator is at work, and provisions the tenant although the connection was ended or rejected.
    """
    tenant, partner = console.tenant, catalogue.partners()[console.partner]
    connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key).first()
    ended = {PartnerConnection.State.DEPROVISIONED, PartnerConnection.State.REJECTED} if anew else set()
    if connection is None or connection.state in ended | {PartnerConnection.State.NEW}:
        if not PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner.key).exists():
            if anew:
                connections.renew(tenant=tenant, partner=partner)
            return
        host = f"https://{partner.key.replace('_', '-')}.example"
        connections.provision(
            tenant=tenant, partner=partner, enrollment_url=f"{host}/enroll", remediation_url=f"{host}/fix"
        )
    else:
        connections.heartbeat(tenant=tenant, partner=partner)
    if not partner.manual_sync or console.synced_at is None:
        _learn(console)  # a manual partner learns what there is when it is connected, and later changes by SYNC


# Devices


@transaction.atomic
def enrol(
    *,
    console: Console,
    actor: Operator | None,
    user: DirectoryUser,
    platform: Platform,
    device_name: str,
    key: UUID | None = None,
    **described: str,
) -> Enrolment:
    """The user's device is enrolled with the partner, compliant, and unknown to Azure AD.

    key: what the form was drawn with; once more with the same key, it is enrolled already.
    described: model, manufacturer, os_version, serial_number, imei. Raises ValidationError.
    """
    current = _begin(console)
    own_id = id_for(current, key) if key is not None else uuid4()
    again: Enrolment | None = Enrolment.objects.in_tenant(current.tenant).filter(pk=own_id).first()
    if again is not None:
        return again
    enrolment = _new(current, user, platform, device_name, described)
    enrolment.pk = own_id
    enrolment.full_clean(exclude=["tenant", "console"])
    enrolment.save(force_insert=True)
    _record(
        current,
        actor,
        ENROLLED,
        enrolment,
        new={"Device": enrolment.device_name, "User": user.upn, "Platform": enrolment.get_platform_display()},
    )
    return enrolment


def id_for(console: Console, key: UUID) -> UUID:
    """The id of what a form with this key enrolls: the same at each click, and never that of something else."""
    return uuid5(console.pk, str(key))


@transaction.atomic
def enrol_many(*, console: Console, actor: Operator | None, rows: Sequence[dict[str, Any]]) -> list[Enrolment]:
    """Each of `rows`, the arguments of `enrol`, is enrolled, or none: one entry in the journal for all."""
    current = _begin(console)
    made = []
    for number, row in enumerate(rows, 1):
        described = {name: value for name, value in row.items() if name not in {"user", "platform", "device_name"}}
        try:
            enrolment = _new(current, row["user"], row["platform"], row["device_name"], described)
            # Not full_clean, which would ask the database for each row whether its id is taken.
            enrolment.clean_fields(exclude=["tenant", "console", "user"])
        except ValidationError as error:
            raise ValidationError(f"Device {number}: {' '.join(error.messages)}") from None
        made.append(enrolment)
    Enrolment.objects.bulk_create(made, batch_size=500)
    if made:
        _record(current, actor, ENROLLED, current, new={"Devices": len(made)})
    return made


def _new(
    console: Console, user: DirectoryUser, platform: Platform, device_name: str, described: dict[str, str]
) -> Enrolment:
    if user.tenant_id != console.tenant_id:
        raise ValidationError({"user": "Select a user of this directory."})
    partner = catalogue.partners()[console.partner]
    if platform not in partner.platforms:
        raise ValidationError({"platform": f"'{partner.product}' does not manage {Platform(platform).label} devices."})
    now = console.tenant.now()
    enrolment = Enrolment(
        tenant=console.tenant,
        console=console,
        user=user,
        platform=platform,
        device_name=device_name.strip(),
        enrolled_at=now,
        last_seen_at=now,
        verdict_at=now,
        **described,
    )
    enrolment.set_derived()
    return enrolment


@transaction.atomic
def register(*, enrolment: Enrolment, actor: Operator | None, door: str) -> Enrolment:
    """The device's user has registered it with Azure AD through `door`; the result stands on the enrolment.

    A door that is not the partner's leaves a record in Azure AD that belongs to nobody's reports: AccountNotOnboarded.
    What a gate forbids does not even begin. Raises ValidationError for what cannot be tried at all.
    """
    current = _fresh(enrolment)
    tenant, partner = current.tenant, catalogue.partners()[current.console.partner]
    if current.user is None:
        raise ValidationError("The device has no user who could register it.")
    if current.azure_ad_device_id is not None and _record_of(tenant, current.azure_ad_device_id) is not None:
        raise ValidationError("The device is already registered.")
    if current.registration_error == NOT_ONBOARDED and stray_of(current) is not None:
        raise ValidationError("Delete the device's record in Azure Active Directory first, then register again.")
    refusal = _forbidden(current) if door in partner.doors else ""  # the gate is of the partner's own app
    if refusal:
        current.registration_error = refusal
        current.save()
        _record(current.console, actor, REGISTRATION_FAILED, current, new={"Error": refusal})
        return current
    record = _azure_record(current)
    record.save(force_insert=True)
    current.registered_through = door
    if door in partner.doors:
        current.azure_ad_device_id, current.registration_error, current.unreported = record.device_id, "", True
        current.stray_device_id = None
    else:
        current.azure_ad_device_id, current.registration_error = None, NOT_ONBOARDED
        current.stray_device_id = record.device_id
    current.save()
    _record(
        current.console,
        actor,
        REGISTRATION_FAILED if current.registration_error else REGISTERED,
        current,
        new={"Through": Door(door).label} | ({"Error": NOT_ONBOARDED} if current.registration_error else {}),
    )
    _report_soon(current.console)
    return current


@transaction.atomic
def register_many(*, console: Console, actor: Operator | None, enrolments: Sequence[Enrolment]) -> int:
    """Users of devices that were just enrolled have registered them through the partner's own app; return how many.

    What a gate forbids stays unregistered, with the reason on the enrolment. One entry in the journal for all.
    """
    current = _begin(console)
    records = []
    for enrolment in enrolments:
        enrolment.tenant, enrolment.console = current.tenant, current
        enrolment.registration_error = _forbidden(enrolment)
        if not enrolment.registration_error:
            record = _azure_record(enrolment)
            record.set_derived()
            records.append(record)
            enrolment.azure_ad_device_id, enrolment.registered_through = record.device_id, Door.SELF_SERVICE
    DirectoryDevice.objects.bulk_create(records, batch_size=500)
    key, *fields = bulk.fields_of(Enrolment, ("id", "azure_ad_device_id", "registered_through", "registration_error"))
    rows = ([getattr(enrolment, field.attname) for field in (key, *fields)] for enrolment in enrolments)
    bulk.update(Enrolment, key, fields, rows)
    if records:
        _record(current, actor, REGISTERED, current, new={"Devices": len(records)})
        _report_soon(current)
    return len(records)


def _forbidden(enrolment: Enrolment) -> str:
    """The sentence of the first gate that forbids the registration, or nothing."""
    user, app = enrolment.user, enrolment.console.vendor.registration_app
    if user is None:
        return ""
    said = (judge(enrolment.tenant, user, app, enrolment.platform) for judge in _gates)
    return next((refusal for refusal in said if refusal), "")[:LONGEST_ERROR]


def _azure_record(enrolment: Enrolment) -> DirectoryDevice:
    """What Azure AD will know of the device."""
    now = enrolment.tenant.now()
    return DirectoryDevice(
        tenant=enrolment.tenant,
        device_id=uuid4(),
        display_name=enrolment.device_name,
        os=_AZURE_OS[enrolment.platform],
        os_version=enrolment.os_version,
        join_type=DirectoryDevice.JoinType.REGISTERED,
        owner=enrolment.user,
        registered_at=now,
        activity_at=now,
    )


_AZURE_OS: dict[str, str] = {Platform.ANDROID: "Android", Platform.IOS: "IPhone", Platform.MACOS: "MacMDM"}


def _record_of(tenant: Tenant, device_id: UUID) -> DirectoryDevice | None:
    found: DirectoryDevice | None = DirectoryDevice.objects.in_tenant(tenant).filter(device_id=device_id).first()
    return found


def stray_of(enrolment: Enrolment) -> DirectoryDevice | None:
    """The record that the wrong door has left behind, while it is there."""
    stray = enrolment.stray_device_id
    return _record_of(enrolment.tenant, stray) if stray is not None else None


@transaction.atomic
def set_verdict(*, enrolment: Enrolment, actor: Operator | None, verdict: str, reason: str = "") -> Enrolment:
    """The partner's policies come to this verdict on the device; it is reported where that is possible."""
    current = _fresh(enrolment)
    if verdict not in Verdict:
        raise ValidationError({"verdict": "Select a compliance state."})
    if verdict != Verdict.COMPLIANT and not reason.strip():
        raise ValidationError({"reason": "Enter what the device does not meet."})
    old = {"Compliance": current.get_verdict_display()}
    current.verdict = verdict
    current.verdict_reason = "" if verdict == Verdict.COMPLIANT else reason.strip()[:200]
    current.verdict_at = current.last_seen_at = current.tenant.now()
    current.unreported = True
    current.save()
    said = {"Compliance": current.get_verdict_display()}
    if current.verdict_reason:
        said["Reason"] = current.verdict_reason
    _record(current.console, actor, VERDICT_CHANGED, current, old=old, new=said)
    _report_soon(current.console)
    return current


@transaction.atomic
def set_online(*, enrolment: Enrolment, actor: Operator | None, online: bool) -> Enrolment:
    """The device is within the partner's reach, or out of it: then it was last seen now."""
    current = _fresh(enrolment)
    if current.online == online:
        return current
    old = {"Online": current.online}
    current.online, current.last_seen_at = online, current.tenant.now()
    current.save()
    _record(current.console, actor, ONLINE_CHANGED, current, old=old, new={"Online": online})
    return current


@transaction.atomic
def retire(*, enrolment: Enrolment, actor: Operator | None) -> Enrolment:
    """The partner manages the device no longer, and tells Intune so; its registration stays."""
    current = _fresh(enrolment)
    current.retired_at, current.unreported = current.tenant.now(), True
    current.save()
    _record(current.console, actor, RETIRED, current)
    _report_soon(current.console)
    return current


@transaction.atomic
def delete(*, enrolment: Enrolment, actor: Operator | None) -> None:
    """The partner has no record of the device any more. Intune is told nothing: retire first."""
    tenant = enrolment.tenant
    writes.lock(tenant)
    gone = Enrolment.objects.in_tenant(tenant).filter(pk=enrolment.pk).first()
    if gone is None:
        return
    gone.tenant = tenant
    _record(gone.console, actor, DELETED, gone)
    gone.delete()


# Reporting


@clock.handler(REPORT, label="Compliance partners report what has changed")
def report_due(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """The console with this id reports."""
    console = Console.objects.in_tenant(tenant).filter(pk=subject_id).first()
    if console is not None:
        console.tenant = tenant
        report(console)


@clock.pulse("uem.heartbeats", label="Compliance partners send heartbeats and report")
def heartbeats(tenant: Tenant, since: datetime, until: datetime) -> None:
    """Connected consoles were heard of until now. What has changed they noticed, and reported, within the first hour:
    nothing has changed since. At midnight they reported again what Intune had refused, and what is a week old.
    """
    writes.lock(tenant)
    first, midnight = since + clock.BEAT, until.replace(hour=0)
    _check_in(tenant, since, until)
    for console in Console.objects.in_tenant(tenant):
        console.tenant = tenant
        if not is_connected(console):
            continue
        with clock.at(tenant, first):
            _speak(console)
            report(console)
        if since < midnight:
            _report_refused_again(console)
            _report_weekly(console, midnight)
            with clock.at(tenant, midnight):
                report(console)
        if first < until:
            _speak(console)


def _check_in(tenant: Tenant, since: datetime, until: datetime) -> None:
    """Devices that are switched on have spoken to their partner at their hours, be it connected or not."""
    hours = slots(since, until)
    enrolled = Enrolment.objects.in_tenant(tenant).filter(retired_at=None, online=True, enrolled_at__lte=until)
    if hours:
        at = Case(*(When(checkin_slot=slot, then=Value(moment)) for slot, moment in hours.items()))
        enrolled.filter(checkin_slot__in=list(hours)).update(last_seen_at=Greatest(at, "last_seen_at"))


def _report_weekly(console: Console, now: datetime) -> None:
    """What was last reported a week ago, of devices that are switched on, is to be reported again."""
    told = Enrolment.objects.in_tenant(console.tenant).filter(console=console, retired_at=None, online=True)
    told.filter(unreported=False, reported_at__lte=now - REPORTED_AGAIN).update(unreported=True)


def _report_soon(console: Console) -> None:
    if not is_connected(console):
        return
    delay = timedelta(0) if console.tenant.is_instant else REPORT_DELAY
    clock.schedule(console.tenant, REPORT, delay=delay, subject_id=console.pk)


@transaction.atomic
def report(console: Console) -> int:
    """Tell Intune what it has not been told, of registered devices of users whom the partner knows; return how many.

    What Intune would not take, because the assignment breaks the connection, waits until it is mended.
    """
    tenant, partner = console.tenant, catalogue.partners()[console.partner]
    if not is_connected(console):
        return 0
    waiting = list(
        Enrolment.objects.in_tenant(tenant)
        .filter(Q(user__isnull=False) | Q(retired_at__isnull=False))
        .filter(console=console, unreported=True, azure_ad_device_id__isnull=False)
        .order_by("pk")
    )
    if not waiting:
        return 0
    users, broken = _known_users(console, waiting), platforms_without_group(console)
    told = [one for one in waiting if one.platform not in broken and _is_known(console, users, one)]
    try:
        for some in batches(told, reports.MOST_ITEMS):
            with transaction.atomic():
                _send(console, partner, list(some))
    except reports.NotProvisioned:
        return 0
    return len(told)


def _send(console: Console, partner: CataloguePartner, enrolments: list[Enrolment]) -> None:
    tenant, now = console.tenant, console.tenant.now()
    inventory = [
        reports.Inventory(
            position=n,
            device_id=_id(enrolment.azure_ad_device_id),
            user_id=enrolment.user_id or NOBODY,
            reported_at=min(enrolment.retired_at or enrolment.last_seen_at, now),
            managed=enrolment.retired_at is None,
            device_name=enrolment.device_name,
            os_version=enrolment.os_version,
            manufacturer=enrolment.manufacturer,
            model=enrolment.model,
            serial_number=enrolment.serial_number,
            imei=enrolment.imei,
        )
        for n, enrolment in enumerate(enrolments)
    ]
    refused = {r.position: r for r in reports.take_inventory(tenant, _batch(partner), inventory).refusals}
    states = [
        reports.State(
            position=n,
            device_id=_id(enrolment.azure_ad_device_id),
            user_id=_id(enrolment.user_id),
            reported_at=min(enrolment.last_seen_at, now),
            compliant=enrolment.verdict == Verdict.COMPLIANT
            or (enrolment.verdict == Verdict.ALERT and partner.alert_is_compliant),
        )
        for n, enrolment in enumerate(enrolments)
        if enrolment.retired_at is None and n not in refused
    ]
    if states:
        refused |= {r.position: r for r in reports.take_states(tenant, _batch(partner), states).refusals}
    for n, enrolment in enumerate(enrolments):
        refusal = refused.get(n)
        enrolment.unreported = False
        enrolment.report_error = RefusedItem.Reason(refusal.reason).label if refusal else ""
        if refusal is None:
            enrolment.reported_at = now
    key, *fields = bulk.fields_of(Enrolment, ("id", "unreported", "report_error", "reported_at"))
    rows = ([getattr(enrolment, field.attname) for field in (key, *fields)] for enrolment in enrolments)
    bulk.update(Enrolment, key, fields, rows)


def _batch(partner: CataloguePartner) -> reports.Batch:
    key = uuid4().hex
    return reports.Batch(partner, key, hashlib.sha256(key.encode()).hexdigest())


def _id(value: UUID | None) -> UUID:
    if value is None:
        raise ValueError("A device without user or registration cannot be reported.")
    return value


def _known_users(console: Console, enrolments: Iterable[Enrolment]) -> dict[tuple[str, bool], set[UUID]]:
    """(platform, whether excluded) to those users of `enrolments` who are members of the groups that are known."""
    groups: dict[tuple[str, bool], list[UUID]] = {}
    for link in KnownGroup.objects.in_tenant(console.tenant).filter(console=console):
        groups.setdefault((link.platform, link.excluded), []).append(link.group_id)
    waiting = {enrolment.user_id for enrolment in enrolments if enrolment.user_id is not None}
    found: dict[tuple[str, bool], set[UUID]] = {key: set() for key in groups}
    for users in bulk.chunks(waiting):
        members = GroupMembership.objects.among(console.tenant, users, "user")
        for key, some in groups.items():
            found[key].update(members.filter(group__in=some).values_list("user_id", flat=True))
    return found


def platforms_without_group(console: Console) -> list[Platform]:
    """The platforms on which the assignment breaks the connection: the partner needs a named group."""
    mine = PartnerConfiguration.objects.in_tenant(console.tenant).filter(partner=console.partner)
    return [Platform(configuration.platform) for configuration in mine if configuration.lacks_group]


def knows_user_of(enrolment: Enrolment) -> bool:
    """Whether the partner reports the device's user, by the groups that it has heard of."""
    return _is_known(enrolment.console, _known_users(enrolment.console, [enrolment]), enrolment)


def _is_known(console: Console, users: dict[tuple[str, bool], set[UUID]], enrolment: Enrolment) -> bool:
    platform, user = enrolment.platform, enrolment.user_id
    if enrolment.retired_at is not None:
        return True
    included = platform in console.all_users_platforms or user in users.get((platform, False), ())
    return included and user not in users.get((platform, True), ())


# Shared


def _begin(console: Console) -> Console:
    """The console as it is now, under the tenant's lock."""
    writes.lock(console.tenant)
    current: Console = Console.objects.in_tenant(console.tenant).get(pk=console.pk)
    current.tenant = console.tenant
    return current


def _fresh(enrolment: Enrolment) -> Enrolment:
    """The enrolment as it is now, under the tenant's lock. Raises ValidationError when it is gone or retired."""
    tenant = enrolment.tenant
    writes.lock(tenant)
    rows = Enrolment.objects.in_tenant(tenant).select_related("console", "user")
    current: Enrolment | None = rows.filter(pk=enrolment.pk).first()
    if current is None:
        raise ValidationError("The device is no longer enrolled.")
    current.tenant = current.console.tenant = tenant
    if current.retired_at is not None:
        raise ValidationError("The device was retired.")
    return current


def _settings(console: Console) -> dict[str, Any]:
    return {"Compliance data": console.compliance_enabled, "Tenant ID": console.directory_id}


def _record(
    console: Console,
    actor: Operator | None,
    activity: str,
    target: Console | Enrolment,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    journal.record(
        tenant=console.tenant, actor=actor, category=CATEGORY, activity=activity, target=target, old=old, new=new
    )
