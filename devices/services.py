"""Writes on Intune's device records."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import (
    Case,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce

from blades.vocabulary import say
from devices import actions, azure_ad, bulk, compliance, counts, managed_by
from devices.actions import Kind, Options
from devices.azure_ad import Mark
from devices.counts import change_counts
from devices.models import (
    ASLEEP,
    CHECKIN_SLOTS,
    OS_OF_PLATFORM,
    SEARCHED,
    Agent,
    Compliance,
    DeviceAction,
    DeviceCount,
    DeviceSearch,
    DeviceState,
    ManagedDevice,
    OperatingSystem,
    Ownership,
    PartnerVerdict,
    search_text,
)
from devices.subscriptions import AUTHORITY_CHANGE, AUTHORITY_DELAY
from directory.models import DirectoryDevice, DirectoryUser, GroupMembership
from partners import catalogue
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy import clock, cloning, journal, roles, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission
from tenancy.scoping import fold

AUTHORITY_CHANGED = "Change MDM authority"
ACTIONS_COMPLETED = "Complete device action"
Facet = DeviceCount.Facet
FACETS = (Facet.MANAGED_BY, Facet.COMPLIANCE, Facet.OS, Facet.OWNERSHIP)


# Inserting


def register_devices(
    tenant: Tenant,
    devices: Iterable[ManagedDevice],
    *,
    batch_size: int = 5000,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Insert `devices` into `tenant` with their search texts and counts; return how many they were.

    devices: unsaved; what `ManagedDevice.set_derived` derives is filled here.
    batch_size: devices in one transaction. A failure leaves the batches before it in place, unless the
    caller has opened a transaction of its own.
    progress: called after each batch with the number of devices inserted so far.

    A new device belongs to its agent; where partners are configured it is handed over as after a change of
    an assignment, at once or after the delay. Raises IntegrityError.
    """
    done = 0
    pending = iter(devices)
    batch = list(islice(pending, batch_size))
    with bulk.roomy_cache() if len(batch) == batch_size else nullcontext():
        while batch:
            with transaction.atomic():
                writes.lock(tenant)
                _insert(tenant, batch)
            done += len(batch)
            if progress is not None:
                progress(done)
            batch = list(islice(pending, batch_size))
    if done and PartnerConfiguration.objects.in_tenant(tenant).exists():
        clock.schedule(tenant, AUTHORITY_CHANGE, delay=timedelta(0) if tenant.is_instant else AUTHORITY_DELAY)
    return done


def _insert(tenant: Tenant, devices: list[ManagedDevice]) -> None:
    prefetch_related_objects(devices, "primary_user", "authority")
    changes: Counter[tuple[str, int]] = Counter({(Facet.TOTAL, 0): len(devices)})
    for device in devices:
        device.tenant = tenant
        device.set_derived()
    for facet in FACETS:
        changes.update((facet, getattr(device, facet)) for device in devices)
    fields = ManagedDevice._meta.concrete_fields
    names = [field.attname for field in fields]
    bulk.insert(ManagedDevice, fields, ([getattr(device, name) for name in names] for device in devices))
    _insert_search_texts(tenant, ((device.pk, device.search_text()) for device in devices))
    change_counts(tenant, changes)


def _insert_search_texts(tenant: Tenant, texts: Iterable[tuple[UUID, str]]) -> None:
    fields = [field for field in DeviceSearch._meta.concrete_fields if not field.primary_key]
    bulk.insert(DeviceSearch, fields, ((tenant.pk, device_id, text) for device_id, text in texts))


# Who manages a device


@clock.handler(AUTHORITY_CHANGE, label="Devices change their MDM authority")
def authority_change(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """An assignment or a group has changed: devices follow. Without a platform in the payload, on all of them.

    Compliance policies of a group follow its members, too, at the latest when devices next check in.
    """
    platform = payload.get("platform")
    reevaluate_authority(tenant, [Platform(platform)] if platform else list(Platform))
    if subject_id is not None and not platform:
        compliance.follow_group(tenant, subject_id)


@transaction.atomic
def reevaluate_authority(tenant: Tenant, platforms: Iterable[Platform]) -> None:
    """Every device on `platforms` is managed by the partner that its primary user is assigned to, else by its agent.

    Devices that Configuration Manager manages, alone or with Intune, stay where they are.
    Set-wise: the number of statements depends on the number of platforms, not of devices; devices that
    move together leave one journal entry.
    """
    writes.lock(tenant)
    platforms = list(platforms)
    configurations = {
        configuration.platform: configuration
        for configuration in PartnerConfiguration.objects.in_tenant(tenant).filter(platform__in=platforms)
    }
    own = Q(managed_by=F("agent"), authority=None)
    for platform in platforms:
        devices = ManagedDevice.objects.in_tenant(tenant).filter(os=OS_OF_PLATFORM[platform])
        configuration = configurations.get(platform)
        if configuration is None:
            _hand_over(tenant, platform, devices.exclude(own), None)
            continue
        assigned = Q(agent__in=(Agent.MDM, Agent.NONE)) & _assigned(configuration)
        settled = Q(authority=configuration, managed_by=managed_by.number_of_partner(configuration.partner))
        _hand_over(tenant, platform, devices.filter(assigned).exclude(settled), configuration)
        _hand_over(tenant, platform, devices.exclude(assigned).exclude(own), None)


def _assigned(configuration: PartnerConfiguration) -> Q:
    """The devices whose primary user is included and not excluded; exclude beats include."""

    def members(intent: str) -> QuerySet[GroupMembership, Any]:
        groups = PartnerAssignment.unscoped.filter(configuration=configuration, intent=intent).values("group")
        return GroupMembership.unscoped.filter(group__in=groups).values("user")

    included = (
        Q(primary_user__isnull=False)
        if configuration.all_users
        else Q(primary_user__in=members(PartnerAssignment.Intent.INCLUDE))
    )
    return included & ~Q(primary_user__in=members(PartnerAssignment.Intent.EXCLUDE))


def _hand_over(
    tenant: Tenant,
    platform: Platform,
    devices: QuerySet[ManagedDevice, ManagedDevice],
    configuration: PartnerConfiguration | None,
) -> None:
    """`devices` move to `configuration`, or back to their own agent; the counts move with them, the journal says so.

    What the new authority has to say of their compliance counts from now on: the partner's latest verdict, or nothing
    until it reports or until they check in with Intune.
    """
    verdict = _verdict_of(tenant, configuration)
    moves = list(devices.order_by().values_list("managed_by", "agent", "compliance", verdict).annotate(n=Count("pk")))
    if not moves:
        return
    number = None if configuration is None else managed_by.number_of_partner(configuration.partner)
    known = devices.exclude(azure_ad_device_id=None).order_by()
    marks = [
        Mark(device_id, azure_ad.MARKS.get(said), *_management(configuration, agent))
        for device_id, agent, said in known.values_list("azure_ad_device_id", "agent", verdict)
    ]
    devices.update(
        authority=configuration,
        managed_by=F("agent") if number is None else number,
        compliance=verdict,
        compliance_grace_ends_at=None,
        failing_since=None,
        error_since=None,
    )
    changes: Counter[tuple[str, int]] = Counter()
    for before, agent, was, said, n in moves:
        changes[Facet.MANAGED_BY, before] -= n
        changes[Facet.MANAGED_BY, agent if number is None else number] += n
        changes[Facet.COMPLIANCE, was] -= n
        changes[Facet.COMPLIANCE, said] += n
    change_counts(tenant, changes)
    azure_ad.write(tenant, marks)
    journal.record(
        tenant=tenant,
        actor=None,
        category="Device",
        activity=AUTHORITY_CHANGED,
        target=configuration or tenant,
        new={
            "Platform": platform.label,
            "MDM authority": catalogue.label(configuration.partner) if configuration else "Microsoft Intune",
            "Devices": sum(n for *_, n in moves),
        },
    )


def _verdict_of(tenant: Tenant, configuration: PartnerConfiguration | None) -> Any:
    """The state that a device has with its new authority, as an expression."""
    unknown = Value(Compliance.NOT_EVALUATED.value)
    if configuration is None:
        return ExpressionWrapper(unknown, output_field=PositiveSmallIntegerField())
    said = Case(When(compliant=True, then=Compliance.COMPLIANT.value), default=Compliance.NOT_COMPLIANT.value)
    verdicts = PartnerVerdict.unscoped.filter(
        tenant=tenant, partner=configuration.partner, device_id=OuterRef("azure_ad_device_id")
    )
    return Coalesce(Subquery(verdicts.values(said=said)[:1]), unknown, output_field=PositiveSmallIntegerField())


def _management(configuration: PartnerConfiguration | None, agent: int) -> tuple[bool, str]:
    """What Azure AD says of who manages a device: whether anybody does, and the name of who does."""
    if configuration is not None:
        return True, catalogue.label(configuration.partner)
    return agent != Agent.NONE, azure_ad.MDM[agent]


# Properties

PROPERTIES_CHANGED = "Patch ManagedDevice"
LONGEST_NOTES = 1000
PLATFORM_OF_OS = {os: platform for platform, os in OS_OF_PLATFORM.items()}


@transaction.atomic
def change_properties(
    *,
    tenant: Tenant,
    actor: Operator | None,
    device: ManagedDevice,
    ownership: int,
    notes: str,
    primary_user: DirectoryUser | None,
) -> bool:
    """The device has this ownership, these notes and this primary user; return whether anything was different.

    A device whose platform has a partner follows its new user to the partner, or back to its agent, as after a
    change of an assignment: at once or after the delay. Azure AD's record keeps its owner: it is another record.
    Raises MissingPermission (a new primary user needs one of its own), and ValidationError.
    """
    writes.begin(tenant, actor, Permission.DEVICES_UPDATE)
    now = ManagedDevice.objects.in_tenant(tenant).filter(pk=device.pk).first()
    if now is None:
        raise ValidationError(actions.GONE)
    notes = notes.replace("\r\n", "\n").strip()
    _check_properties(now, ownership, notes, primary_user)
    before = now.ownership
    shown = {"Device ownership": Ownership(before).label, "Notes": now.notes, "Primary user": now.user_upn}
    upn = primary_user.upn if primary_user else ""
    wanted = {"Device ownership": Ownership(ownership).label, "Notes": notes, "Primary user": upn}
    changed = [label for label in shown if shown[label] != wanted[label]]
    if not changed:
        return False
    now.ownership, now.notes = ownership, notes
    if "Primary user" in changed:
        roles.require(tenant, actor, Permission.DEVICES_SET_PRIMARY_USER)
        now.primary_user, now.user_upn = primary_user, upn
    now.save(update_fields=["ownership", "notes", "primary_user"])
    if ownership != before:
        change_counts(tenant, {(Facet.OWNERSHIP, before): -1, (Facet.OWNERSHIP, ownership): 1})
    if "Primary user" in changed:
        refresh_search_texts(tenant, [now.pk])
        _follow_user(tenant, OperatingSystem(now.os))
    journal.record(
        tenant=tenant,
        actor=actor,
        category="Device",
        activity=PROPERTIES_CHANGED,
        target=now,
        old={label: shown[label] for label in changed},
        new={label: wanted[label] for label in changed},
    )
    return True


def _check_properties(device: ManagedDevice, ownership: int, notes: str, user: DirectoryUser | None) -> None:
    unknown_anew = ownership == Ownership.UNKNOWN != device.ownership
    if ownership not in Ownership or unknown_anew:
        raise ValidationError({"ownership": "Select Corporate or Personal."})
    if len(notes) > LONGEST_NOTES:
        raise ValidationError({"notes": f"Enter notes of at most {LONGEST_NOTES:,} characters."})
    if user is not None and user.tenant_id != device.tenant_id:
        raise ValidationError("The primary user must belong to the same directory.")


def _follow_user(tenant: Tenant, os: OperatingSystem) -> None:
    """Devices of the platform come to whom their users are assigned."""
    platform = PLATFORM_OF_OS.get(os)
    if platform and PartnerConfiguration.objects.in_tenant(tenant).filter(platform=platform).exists():
        delay = timedelta(0) if tenant.is_instant else AUTHORITY_DELAY
        clock.schedule(
            tenant, AUTHORITY_CHANGE, delay=delay, payload={"platform": platform.value}, about=platform.label
        )


# Remote actions

REACH_DEVICES = "devices.reach-devices"
# Azure AD writes the activity of a device only when the one it has is older.
ACTIVITY_KEPT = timedelta(days=14)


class Refused(NamedTuple):
    """A device that an action was not asked for, and why."""

    device: ManagedDevice
    reason: str


@dataclass
class ActionResult:
    """What became of a request. made: the actions, with their status after whatever happened at once."""

    made: list[DeviceAction] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@transaction.atomic
def request_actions(
    *,
    tenant: Tenant,
    actor: Operator | None,
    devices: Iterable[ManagedDevice],
    kind: DeviceAction.Kind,
    options: Mapping[str, Any] | None = None,
    key: UUID | None = None,
) -> ActionResult:
    """Ask for `kind` on `devices`; each device where it is not possible is refused with its reason.

    options: see `actions.Options`. key: of the form that asks; the same key makes each action once, however often
    it is sent, and later requests are answered with the action of the first.

    Delete takes effect at once. Everything else waits for the device's next check-in: one that is switched on is
    reached within minutes (in an instant tenant at once), one that is not when it checks in again.
    Raises MissingPermission, and ValidationError for options that do not fit.
    Source: Intune docs, "Remove devices by using wipe, retire" and the pages of the other actions.
    """
    writes.begin(tenant, actor, actions.PERMISSIONS[kind])
    asked = list({device.pk: device for device in devices}.values())
    ids = {device.pk: actions.action_id(key, kind, device.pk) if key else uuid4() for device in asked}
    result = ActionResult()
    if key is not None:
        result.made = list(DeviceAction.objects.among(tenant, ids.values()))
        known = {action.intune_device_id for action in result.made}
        asked = [device for device in asked if device.pk not in known]
    found = _fresh(tenant, [device.pk for device in asked])
    read = Options.read(options)
    read.check(kind, list(found.values()))
    reasons = refusals(tenant, kind, list(found.values()))
    possible: list[ManagedDevice] = []
    for device in asked:
        now = found.get(device.pk)
        reason = actions.GONE if now is None else reasons.get(device.pk, "")
        if reason or now is None:
            result.refused.append(Refused(device, reason))
        else:
            possible.append(now)
    if possible:
        result.made += _ask(tenant, actor, kind, possible, options=read, ids=ids)
    return result


def refusals(tenant: Tenant, kind: Kind, devices: Sequence[ManagedDevice]) -> dict[UUID, str]:
    """Why `kind` is not possible on these devices, by id; devices on which it is possible are left out."""
    # What ends the management of a device says in the device's state that it waits.
    waiting = set() if kind in actions.ENDING else _waiting(tenant, kind, [device.pk for device in devices])
    reasons = {}
    for device in devices:
        reason = actions.refusal(device, kind)
        if not reason and device.pk in waiting:
            reason = actions.PENDING.format(action=actions.label(kind, device.os))
        if not reason and kind is Kind.RENAME and is_hybrid(device):
            reason = say(actions.HYBRID)
        if reason:
            reasons[device.pk] = reason
    return reasons


def is_hybrid(device: ManagedDevice) -> bool:
    """Whether Azure AD has the device as hybrid joined."""
    records = DirectoryDevice.objects.in_tenant(device.tenant).filter(device_id=device.azure_ad_device_id)
    return device.azure_ad_device_id is not None and records.filter(join_type=_HYBRID).exists()


_HYBRID = DirectoryDevice.JoinType.HYBRID


def _fresh(tenant: Tenant, ids: Sequence[UUID]) -> dict[UUID, ManagedDevice]:
    """The devices as they are now, under the tenant's lock."""
    return {device.pk: device for chunk in bulk.chunks(ids) for device in ManagedDevice.objects.among(tenant, chunk)}


def _waiting(tenant: Tenant, kind: Kind, devices: Iterable[UUID]) -> set[UUID]:
    """Those of `devices` that an action of this kind waits for."""
    pending = Q(kind=kind, status=DeviceAction.Status.PENDING)
    return {
        device
        for chunk in bulk.chunks(devices)
        for device in DeviceAction.objects.among(tenant, chunk, "device")
        .filter(pending)
        .values_list("device_id", flat=True)
    }


def _ask(
    tenant: Tenant,
    actor: Operator | None,
    kind: Kind,
    devices: list[ManagedDevice],
    *,
    options: Options,
    ids: Mapping[UUID, UUID],
) -> list[DeviceAction]:
    now = tenant.now()
    made = [
        DeviceAction(
            id=ids[device.pk],
            tenant=tenant,
            kind=kind,
            device=device,
            intune_device_id=device.pk,
            device_name=device.device_name,
            user_upn=device.user_upn,
            options=options.values() | _secret(kind, device, options),
            requested_at=now,
            requested_by=actor,
            requested_by_name=actor.email if actor else "System",
        )
        for device in devices
    ]
    DeviceAction.objects.bulk_create(made)
    for device in devices:
        journal.record(
            tenant=tenant,
            actor=actor,
            category="Device",
            activity=actions.ACTIVITIES[kind],
            target=device,
            old={"Device name": device.device_name} if kind in {Kind.RENAME, Kind.DELETE} else {},
            new=_said(kind, options),
        )
    if kind is Kind.DELETE:
        _remove(tenant, devices, made)
        return made
    if kind in actions.ENDING:
        ManagedDevice.objects.among(tenant, [device.pk for device in devices]).update(state=actions.ENDING[kind])
    reached = [device.pk for device in devices if device.online]
    if reached and tenant.is_instant:
        check_in(tenant, reached)
        now_known = DeviceAction.objects.among(tenant, [action.pk for action in made]).in_bulk()
        return [now_known[action.pk] for action in made]
    if reached:
        clock.schedule(
            tenant,
            REACH_DEVICES,
            delay=actions.REACHED_AFTER[kind],
            subject_id=reached[0] if len(reached) == 1 else None,
            about=f"{len(reached)} devices",
        )
    return made


def _remove(tenant: Tenant, devices: list[ManagedDevice], made: list[DeviceAction]) -> None:
    """A deletion needs no device: it is completed at once."""
    for action in made:
        action.status, action.completed_at = DeviceAction.Status.COMPLETED, action.requested_at
    DeviceAction.objects.among(tenant, [action.pk for action in made]).update(
        status=DeviceAction.Status.COMPLETED, completed_at=F("requested_at")
    )
    remove_devices(tenant, devices)
    for action in made:
        action.device = None


def _said(kind: Kind, options: Options) -> dict[str, Any]:
    """What the audit log says of a request: no PIN, no passcode."""
    if kind is Kind.DELETE:
        return {}
    said: dict[str, Any] = {"Status": DeviceAction.Status.PENDING.label}
    if options.new_name:
        said["Device name"] = options.new_name
    if options.keep_enrollment:
        said["Keep enrollment state"] = True
    if options.keep_wiping:
        said["Keep wiping if power is lost"] = True
    return said


def _secret(kind: Kind, device: ManagedDevice, options: Options) -> dict[str, str]:
    """What the administrator has to tell the user: the new passcode on Android, the recovery PIN on macOS."""
    if kind is Kind.RESET_PASSCODE and device.os == OperatingSystem.ANDROID:
        return {"passcode": f"{secrets.randbelow(10**8):08}"}
    if kind is Kind.REMOTE_LOCK and device.os == OperatingSystem.MACOS and not options.pin:
        return {"pin": f"{secrets.randbelow(10**6):06}"}
    return {}


@clock.handler(REACH_DEVICES, label="Devices that are switched on check in and do what they were asked for")
def reach_devices(tenant: Tenant, subject_id: UUID | None, payload: dict[str, Any]) -> None:
    """Devices that are switched on check in, where an action has waited for them long enough."""
    now = tenant.now()
    long_enough = Q()
    for kind, delay in actions.REACHED_AFTER.items():
        # A tenant that became instant meanwhile has brought the event forward.
        waited = timedelta(0) if tenant.is_instant else delay
        long_enough |= Q(kind=kind, requested_at__lte=now - waited)
    waiting = (
        DeviceAction.objects.in_tenant(tenant)
        .filter(long_enough, status=DeviceAction.Status.PENDING, device__online=True)
        .order_by()
    )
    check_in(tenant, list(waiting.values_list("device_id", flat=True).distinct()))


@transaction.atomic
def check_in(tenant: Tenant, device_ids: Iterable[UUID]) -> None:
    """These devices are switched on and have just checked in; what waits for them is done, oldest first.

    Set-wise: the number of statements depends on the actions that wait, not on the devices.
    """
    writes.lock(tenant)
    for chunk in bulk.chunks(device_ids):
        _check_in(tenant, chunk)


def _check_in(tenant: Tenant, device_ids: Sequence[UUID]) -> None:
    now = tenant.now()
    devices = ManagedDevice.objects.among(tenant, device_ids)
    awake = Case(
        When(checkin_slot=ASLEEP, then=Value(now.hour % CHECKIN_SLOTS)),
        default=F("checkin_slot"),
        output_field=PositiveSmallIntegerField(),
    )
    devices.update(last_checkin_at=now, online=True, checkin_slot=awake)
    registered = devices.exclude(azure_ad_device_id=None).values("azure_ad_device_id")
    DirectoryDevice.objects.in_tenant(tenant).filter(
        device_id__in=registered, activity_at__lt=now - ACTIVITY_KEPT
    ).update(activity_at=now)
    waiting = DeviceAction.objects.among(tenant, device_ids, "device").filter(status=DeviceAction.Status.PENDING)
    pending = list(waiting.select_related("device").order_by("requested_at", "pk"))
    if pending:
        _complete(tenant, pending, now)
    compliance.evaluate(tenant, ManagedDevice.objects.among(tenant, device_ids))


def _complete(tenant: Tenant, pending: list[DeviceAction], now: datetime) -> None:
    """The devices do what was asked for. pending: with their devices, oldest first."""
    gone: dict[UUID, ManagedDevice] = {}
    for action in pending:
        device = action.device
        if device is None or device.pk in gone:
            continue  # canceled where the device is removed
        action.status, action.completed_at = DeviceAction.Status.COMPLETED, now
        if action.kind == Kind.RENAME:
            _rename(tenant, device.pk, action.options["new_name"])
        elif action.kind == Kind.WIPE and action.options.get("keep_enrollment"):
            _settle_state(tenant, device.pk)
        elif action.kind in actions.ENDING:
            gone[device.pk] = device
    done = [action for action in pending if action.status == DeviceAction.Status.COMPLETED]
    DeviceAction.objects.among(tenant, [action.pk for action in done]).update(
        status=DeviceAction.Status.COMPLETED, completed_at=now
    )
    # What changes a record stands in the journal; that a device has been locked stands with the action alone.
    for action in done:
        if action.device is not None and action.kind in {Kind.RENAME, *actions.ENDING}:
            _record_completion(tenant, action, action.device)
    if gone:
        remove_devices(tenant, list(gone.values()))


def _record_completion(tenant: Tenant, action: DeviceAction, device: ManagedDevice) -> None:
    old, new = {}, {"Action": action.get_kind_display(), "Status": DeviceAction.Status.COMPLETED.label}
    if action.kind == Kind.RENAME:
        old, new["Device name"] = {"Device name": device.device_name}, action.options["new_name"]
    journal.record(
        tenant=tenant, actor=None, category="Device", activity=ACTIONS_COMPLETED, target=device, old=old, new=new
    )


def _settle_state(tenant: Tenant, device_id: UUID) -> None:
    ManagedDevice.objects.in_tenant(tenant).filter(pk=device_id).update(state=DeviceState.MANAGED)


def _rename(tenant: Tenant, device_id: UUID, name: str) -> None:
    """Both records of the device have the name, and the search finds it by it."""
    device = ManagedDevice.objects.in_tenant(tenant).get(pk=device_id)
    device.device_name = name
    device.save(update_fields=["device_name"])
    refresh_search_texts(tenant, [device.pk])
    if device.azure_ad_device_id is not None:
        DirectoryDevice.objects.in_tenant(tenant).filter(device_id=device.azure_ad_device_id).update(
            display_name=name, name_key=fold(name)
        )


def refresh_search_texts(tenant: Tenant, device_ids: Iterable[UUID]) -> None:
    """The search finds these devices by what their rows say now."""
    for keys in bulk.chunks(device_ids):
        devices = ManagedDevice.objects.among(tenant, keys).order_by().values_list("pk", *SEARCHED)
        key, text = bulk.fields_of(DeviceSearch, ("device", "text"))
        bulk.update(DeviceSearch, key, [text], ((pk, search_text(*values)) for pk, *values in devices))


def remove_devices(tenant: Tenant, devices: Sequence[ManagedDevice]) -> None:
    """Intune's records of `devices` are gone; Azure AD keeps its own, without a management service.

    The caller holds the tenant's lock. Their actions stay; those that waited are canceled.
    Source: Intune docs, "Remove devices by using wipe, retire": "The Azure AD record is not removed."
    """
    ids = [device.pk for device in devices]
    rows = ManagedDevice.objects.among(tenant, ids)
    changes: Counter[tuple[str, int]] = Counter()
    for *values, n in rows.order_by().values_list(*FACETS).annotate(n=Count("pk")):
        changes[Facet.TOTAL, 0] -= n
        for facet, value in zip(FACETS, values, strict=True):
            changes[facet, value] -= n
    azure_ad.let_go(tenant, [device.azure_ad_device_id for device in devices if device.azure_ad_device_id is not None])
    of_devices = DeviceAction.objects.among(tenant, ids, "device")
    of_devices.filter(status=DeviceAction.Status.PENDING).update(
        status=DeviceAction.Status.CANCELED, completed_at=tenant.now(), detail="The device left Intune first."
    )
    of_devices.update(device=None)
    DeviceSearch.objects.in_tenant(tenant).filter(device__in=ids).delete()
    rows.delete()
    change_counts(tenant, changes)


# What is derived from devices


@cloning.rebuilds
@transaction.atomic
def rebuild_derived(tenant: Tenant) -> None:
    """Search texts and counts of the tenant say what its devices say."""
    DeviceSearch.objects.in_tenant(tenant).delete()
    DeviceCount.objects.in_tenant(tenant).delete()
    devices = ManagedDevice.objects.in_tenant(tenant).order_by()
    rows = devices.values_list("pk", *SEARCHED).iterator(chunk_size=5000)
    while chunk := _texts(rows, 5000):
        _insert_search_texts(tenant, chunk)
    found: Counter[tuple[str, int]] = Counter({(Facet.TOTAL, 0): 0})
    for *values, n in devices.values_list(*FACETS).annotate(n=Count("pk")):
        found[Facet.TOTAL, 0] += n
        for facet, value in zip(FACETS, values, strict=True):
            found[facet, value] += n
    counts.insert(tenant, found)


def _texts(rows: Iterator[Any], size: int) -> list[tuple[UUID, str]]:
    return [(device_id, search_text(*values)) for device_id, *values in islice(rows, size)]
