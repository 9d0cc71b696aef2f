"""What partners report: the inventory of their devices and whether each is compliant.

The partner API and the partners' own consoles call the same two functions. A batch is one transaction: each item is
taken or refused by itself, nothing of a batch is acknowledged before all of it is stored, and a batch that is sent
again under its key is answered with what became of it the first time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from devices import azure_ad, bulk, managed_by
from devices.azure_ad import Mark
from devices.bulk import chunks
from devices.counts import change_counts
from devices.models import (
    OS_OF_PLATFORM,
    Agent,
    AzureADWrite,
    Compliance,
    DeviceCount,
    ManagedDevice,
    Ownership,
    PartnerVerdict,
    RefusedItem,
    Upload,
)
from devices.services import refresh_search_texts, register_devices, remove_devices
from directory.models import DirectoryDevice, DirectoryUser, GroupMembership, Licence
from partners import connections
from partners.catalogue import CataloguePartner
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy import journal, writes
from tenancy.models import Tenant
from tenancy.scoping import AnyOf, TenantScoped

UPLOADED = "Upload partner reports"
CATEGORY = "Device compliance partner"
MOST_ITEMS = 10_000
LONGEST_KEY = 64
# How far a partner's clock may be ahead.
TOLERANCE = timedelta(minutes=5)
Reason = RefusedItem.Reason
Facet = DeviceCount.Facet


class NotProvisioned(ValidationError):
    """The partner does not serve the tenant."""


class KeyReused(ValidationError):
    """Another batch was sent under this key before."""


class State(NamedTuple):
    """A compliance state as it was reported. position: in the batch, from 0. reported_at: tenant time."""

    position: int
    device_id: UUID
    user_id: UUID
    reported_at: datetime
    compliant: bool


class Inventory(NamedTuple):
    """A device as its partner describes it; empty texts say nothing. managed: it is still enrolled with the partner."""

    position: int
    device_id: UUID
    user_id: UUID
    reported_at: datetime
    managed: bool = True
    device_name: str = ""
    os_version: str = ""
    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    imei: str = ""


class Refusal(NamedTuple):
    """An item that was not taken."""

    position: int
    device_id: UUID | None
    reason: RefusedItem.Reason
    detail: str = ""


@dataclass
class Outcome:
    """What became of a batch. known: it was answered before, and nothing has changed now."""

    upload: Upload
    refusals: list[Refusal] = field(default_factory=list)
    known: bool = False


class Batch(NamedTuple):
    """What a partner has sent at once.

    key: the partner's own name for it. digest: of what was sent, to tell a repetition from another batch.
    unreadable: those of its items that say nothing that can be judged.
    """

    partner: CataloguePartner
    key: str
    digest: str
    unreadable: Sequence[Refusal] = ()


# Taking a batch


@transaction.atomic
def take_states(tenant: Tenant, batch: Batch, items: Sequence[State]) -> Outcome:
    """Take the verdicts that can be taken; they reach Intune's record now and Azure AD's after azure_ad.DELAY.

    items: MOST_ITEMS at most. A verdict counts where the partner is the device's authority; until then it is kept.
    Raises NotProvisioned, KeyReused, ValidationError.
    """
    known = _begin(tenant, batch, Upload.Kind.COMPLIANCE, len(items))
    if known is not None:
        return known
    ground = _Ground(tenant, batch.partner, items)
    refusals = list(batch.unreadable)
    taken: dict[StoredId, State] = {}
    for device_id, user_id, item in ground.in_order():
        reason = ground.reason(device_id, user_id, item) or ground.reason_of_state(device_id, item)
        if reason is not None:
            refusals.append(Refusal(item.position, item.device_id, reason))
            continue
        if device_id in taken:
            earlier = taken[device_id]
            refusals.append(Refusal(earlier.position, earlier.device_id, Reason.OLDER_THAN_KNOWN))
        taken[device_id] = item
    _keep(tenant, batch.partner, taken)
    _apply(tenant, ground, taken)
    return _finish(tenant, batch, Upload.Kind.COMPLIANCE, len(items), refusals)


@transaction.atomic
def take_inventory(tenant: Tenant, batch: Batch, items: Sequence[Inventory]) -> Outcome:
    """Intune has a record of each device that can be taken, and the partner is its authority.

    A device that its partner no longer manages leaves Intune, unless it is enrolled with Intune as well.
    Otherwise as take_states.
    """
    known = _begin(tenant, batch, Upload.Kind.INVENTORY, len(items))
    if known is not None:
        return known
    ground = _Ground(tenant, batch.partner, items)
    refusals = list(batch.unreadable)
    taken: dict[StoredId, Inventory] = {}
    for device_id, user_id, item in ground.in_order():
        reason = ground.reason(device_id, user_id, item) or ground.reason_of_inventory(device_id, item)
        if reason is None:
            taken[device_id] = item
        else:
            refusals.append(Refusal(item.position, item.device_id, reason))
    _leave(tenant, ground, {device_id: item for device_id, item in taken.items() if not item.managed})
    _describe(tenant, ground, {device_id: item for device_id, item in taken.items() if item.managed})
    return _finish(tenant, batch, Upload.Kind.INVENTORY, len(items), refusals)


def _begin(tenant: Tenant, batch: Batch, kind: Upload.Kind, readable: int) -> Outcome | None:
    """Lock the tenant; return what became of the batch if it was here before."""
    writes.lock(tenant)
    if not batch.key or len(batch.key) > LONGEST_KEY:
        raise ValidationError(f"Name the upload with 1 to {LONGEST_KEY} characters.", code="invalid")
    if readable + len(batch.unreadable) > MOST_ITEMS:
        raise ValidationError(f"Send at most {MOST_ITEMS:,} items at once.", code="tooMany")
    upload = Upload.objects.in_tenant(tenant).filter(partner=batch.partner.key, key=batch.key).first()
    if upload is not None:
        if (upload.kind, upload.digest) != (kind, batch.digest):
            raise KeyReused("Another upload with this ID was received before.", code="keyReused")
        return Outcome(upload, refusals_of(upload), known=True)
    if not connections.heartbeat(tenant=tenant, partner=batch.partner):
        raise NotProvisioned(connections.why_not_heard(tenant, batch.partner), code="notProvisioned")
    return None


def refusals_of(upload: Upload) -> list[Refusal]:
    """The items of `upload` that were not taken, in their order."""
    rows = RefusedItem.objects.in_tenant(upload.tenant).filter(upload=upload).order_by("position")
    return [
        Refusal(position, device_id, Reason(reason), detail)
        for position, device_id, reason, detail in rows.values_list("position", "device_id", "reason", "detail")
    ]


def _finish(tenant: Tenant, batch: Batch, kind: Upload.Kind, readable: int, refusals: list[Refusal]) -> Outcome:
    refusals.sort(key=lambda refusal: refusal.position)
    upload = Upload(
        tenant=tenant,
        partner=batch.partner.key,
        key=batch.key,
        kind=kind,
        digest=batch.digest,
        received_at=tenant.now(),
        accepted=readable + len(batch.unreadable) - len(refusals),
        refused=len(refusals),
    )
    upload.save(force_insert=True)
    rows = ((uuid4(), tenant.pk, upload.pk, *refusal) for refusal in refusals)
    bulk.insert(RefusedItem, bulk.fields_of(RefusedItem, _REFUSED), rows)
    journal.record(
        tenant=tenant,
        actor=None,
        category=CATEGORY,
        activity=UPLOADED,
        target=upload,
        new={
            "Compliance partner": batch.partner.label,
            "Kind": kind.label,
            "Accepted": upload.accepted,
            "Refused": upload.refused,
        },
    )
    return Outcome(upload, refusals)


_REFUSED = ("id", "tenant", "upload", "position", "device_id", "reason", "detail")


# What the items are judged by


# An id as the database keeps it (bulk.stored).
StoredId = Any


class _Record(NamedTuple):
    """What Azure AD knows of a device, as it is stored. registered_at: None if the device is not registered."""

    device_id: StoredId
    name: str
    os: str
    registered_at: Any
    owner_id: StoredId | None
    is_compliant: bool | None
    is_managed: bool
    mdm: str


class _Device(NamedTuple):
    """What Intune knows of a device, as it is stored."""

    azure_ad_device_id: StoredId
    pk: StoredId
    agent: int
    authority_id: StoredId | None
    compliance: int
    last_checkin_at: Any


class _Ground:
    """Everything that a batch is judged by, read in a fixed number of statements. Rows are found by stored ids."""

    def __init__(self, tenant: Tenant, partner: CataloguePartner, items: Sequence[State | Inventory]) -> None:
        self.tenant, self.partner = tenant, partner
        self.latest = tenant.now() + TOLERANCE
        configurations = connections.served(tenant, partner)
        self.configurations = {configuration.platform: configuration for configuration in configurations}
        self.authorities = set(bulk.stored(configuration.pk for configuration in configurations))
        self.items = items
        self.device_ids = bulk.stored(item.device_id for item in items)
        self.user_ids = bulk.stored(item.user_id for item in items)
        self.records = self._records()
        self.devices = self._devices()
        users = set(self.user_ids)
        self.licensed = self._found(Licence, "user_id", users, sku=Licence.Sku.INTUNE)
        self.users = self.licensed | self._found(DirectoryUser, "pk", users - self.licensed)
        self.assigned: dict[str, set[StoredId]] = {
            configuration.platform: self._assigned(configuration, users) for configuration in configurations
        }
        self.reported = self._reported()

    def in_order(self) -> list[tuple[StoredId, StoredId, Any]]:
        """Device, user and item, the item that was reported last at the end."""
        named = zip(self.device_ids, self.user_ids, self.items, strict=True)
        return sorted(named, key=lambda row: (row[2].reported_at, row[2].position))

    def reason(self, device_id: StoredId, user_id: StoredId, item: State | Inventory) -> RefusedItem.Reason | None:
        """Why nothing about this device is taken, or None."""
        if item.reported_at > self.latest:
            return Reason.FROM_THE_FUTURE
        record = self.records.get(device_id)
        if record is None or record.registered_at is None:
            return Reason.UNKNOWN_DEVICE if record is None else Reason.NOT_REGISTERED
        leaves = isinstance(item, Inventory) and not item.managed  # anybody's device may, and nobody's
        is_nobodys = leaves and record.owner_id is None
        if not is_nobodys and (user_id not in self.users or record.owner_id not in {None, user_id}):
            return Reason.UNKNOWN_USER
        platform = platform_of(record.os)
        if platform is None or platform not in self.configurations:
            return Reason.WRONG_PLATFORM
        if leaves or (user_id in self.licensed and user_id in self.assigned[platform]):
            return None
        return Reason.USER_NOT_ASSIGNED if user_id in self.licensed else Reason.NO_INTUNE_LICENSE

    def reason_of_state(self, device_id: StoredId, item: State) -> RefusedItem.Reason | None:
        """Why this verdict is not taken although the device could be, or None."""
        if device_id not in self.devices:
            return Reason.UNKNOWN_DEVICE
        known = self.reported.get(device_id)
        return Reason.OLDER_THAN_KNOWN if known is not None and item.reported_at < known else None

    def reason_of_inventory(self, device_id: StoredId, item: Inventory) -> RefusedItem.Reason | None:
        """Why this description is not taken although the device could be, or None."""
        device, known = self.devices.get(device_id), []
        # The check-ins of a device that is enrolled with Intune, too, are not what its partner has said.
        if device is not None and device.agent == Agent.NONE:
            known.append(bulk.moment(device.last_checkin_at))
        if not item.managed and device_id in self.reported:
            known.append(self.reported[device_id])
        return Reason.OLDER_THAN_KNOWN if any(item.reported_at < at for at in known) else None

    def _records(self) -> dict[StoredId, _Record]:
        known = ("device_id", "display_name", *_Record._fields[2:])
        return {row[0]: _Record._make(row) for row in self._rows(DirectoryDevice, "device_id", known)}

    def _devices(self) -> dict[StoredId, _Device]:
        rows = self._rows(ManagedDevice, "azure_ad_device_id", _Device._fields)
        return {row[0]: _Device._make(row) for row in rows}

    def _rows(self, model: type[TenantScoped], column: str, known: Iterable[str]) -> Any:
        """The rows of the batch's devices."""
        rows = model.objects.in_tenant(self.tenant).filter(AnyOf(column, self.device_ids)).order_by()
        return rows.values_list(*map(bulk.Stored, known))

    def _reported(self) -> dict[StoredId, datetime]:
        rows = PartnerVerdict.objects.in_tenant(self.tenant).filter(AnyOf("device_id", self.device_ids))
        mine = rows.filter(partner=self.partner.key).values_list(*map(bulk.Stored, ("device_id", "reported_at")))
        return {device_id: bulk.moment(reported_at) for device_id, reported_at in mine}

    def _assigned(self, configuration: PartnerConfiguration, users: set[StoredId]) -> set[StoredId]:
        """Those of the users whose devices the configuration is for; exclude beats include."""
        groups: dict[str, list[UUID]] = defaultdict(list)
        for group, intent in (
            PartnerAssignment.objects.in_tenant(self.tenant)
            .filter(configuration=configuration)
            .values_list("group_id", "intent")
        ):
            groups[intent].append(group)
        included = users if configuration.all_users else self._members(groups["include"], users)
        return included - self._members(groups["exclude"], users)

    def _members(self, groups: Sequence[UUID], users: Iterable[StoredId]) -> set[StoredId]:
        return self._found(GroupMembership, "user_id", users, group__in=groups) if groups else set()

    def _found(self, model: type[TenantScoped], column: str, ids: Iterable[StoredId], **which: Any) -> set[StoredId]:
        """Those of `ids` that stand in `column` of the rows that `which` selects."""
        rows = model.objects.among(self.tenant, ids, column).filter(**which)
        return set(rows.values_list(bulk.Stored(column), flat=True))


@lru_cache(maxsize=1024)
def platform_of(os: str) -> Platform | None:
    """The platform of what Azure AD calls an operating system: "IPhone", "AndroidEnterprise", "MacMDM"."""
    word = os.casefold()
    if word.startswith(("ios", "iphone", "ipad", "ipod")):
        return Platform.IOS
    if word.startswith("android"):
        return Platform.ANDROID
    return Platform.MACOS if word.startswith("mac") else None


# What follows from verdicts


def _keep(tenant: Tenant, partner: CataloguePartner, states: Mapping[StoredId, State]) -> None:
    """These are the partner's latest verdicts on their devices."""
    now = tenant.now()
    rows = (
        (uuid4(), tenant.pk, device_id, partner.key, state.compliant, state.reported_at, now)
        for device_id, state in states.items()
    )
    bulk.upsert(PartnerVerdict, bulk.fields_of(PartnerVerdict, _VERDICT), rows, unique=("tenant", "device_id"))


_VERDICT = ("id", "tenant", "device_id", "partner", "compliant", "reported_at", "received_at")


def _apply(tenant: Tenant, ground: _Ground, states: Mapping[StoredId, State]) -> None:
    """Both records follow the verdicts of an authority; only what differs is written."""
    pending = _pending(tenant, states)
    marks = []
    moved: dict[Compliance, list[StoredId]] = defaultdict(list)
    changes: Counter[tuple[str, int]] = Counter()
    for device_id, state in states.items():
        device = ground.devices[device_id]
        if device.authority_id not in ground.authorities:
            continue
        compliance = Compliance.COMPLIANT if state.compliant else Compliance.NOT_COMPLIANT
        if device.compliance != compliance:
            moved[compliance].append(device.pk)
            changes[Facet.COMPLIANCE, device.compliance] -= 1
            changes[Facet.COMPLIANCE, compliance] += 1
        mark = Mark(device_id, state.compliant, True, ground.partner.label)
        record = ground.records[device_id]
        said = pending.get(device_id) or (device_id, record.is_compliant, record.is_managed, record.mdm)
        if said != mark:
            marks.append(mark)
    for compliance, ids in moved.items():
        ManagedDevice.objects.among(tenant, ids).update(
            compliance=compliance, compliance_grace_ends_at=None, failing_since=None
        )
    if changes:
        change_counts(tenant, changes)
    azure_ad.write(tenant, marks)


def _pending(tenant: Tenant, ids: Iterable[StoredId]) -> dict[StoredId, tuple[Any, ...]]:
    """What Azure AD is about to hear of these devices: the values of a Mark, as they are stored."""
    rows = AzureADWrite.objects.in_tenant(tenant)
    if not rows.exists():
        return {}
    found = rows.filter(AnyOf("device_id", ids)).values_list(*map(bulk.Stored, Mark._fields))
    return {row[0]: row for row in found}


# What follows from inventory


def _describe(tenant: Tenant, ground: _Ground, items: Mapping[StoredId, Inventory]) -> None:
    """Intune's records say what `items` say; those that Intune does not have are made."""
    partner = ground.partner
    new = {device_id: item for device_id, item in items.items() if device_id not in ground.devices}
    _update(tenant, {ground.devices[device_id].pk: item for device_id, item in items.items() if device_id not in new})
    users = {user.pk: user for user in DirectoryUser.objects.among(tenant, {item.user_id for item in new.values()})}
    made, marks = [], []
    for device_id, item in new.items():
        record = ground.records[device_id]
        configuration = ground.configurations[str(platform_of(record.os))]
        made.append(
            ManagedDevice(
                tenant=tenant,
                device_name=item.device_name or record.name,
                os=OS_OF_PLATFORM[Platform(configuration.platform)],
                os_version=item.os_version,
                ownership=Ownership.UNKNOWN,
                compliance=Compliance.NOT_EVALUATED,
                agent=Agent.NONE,
                authority=configuration,
                managed_by=managed_by.number_of_partner(partner.key),
                last_checkin_at=item.reported_at,
                enrolled_at=tenant.now(),
                primary_user=users[item.user_id],
                azure_ad_device_id=item.device_id,
                serial_number=item.serial_number,
                imei=item.imei,
                manufacturer=item.manufacturer,
                model=item.model,
            )
        )
        marks.append(Mark(device_id, record.is_compliant, True, partner.label))
    register_devices(tenant, made)
    azure_ad.write(tenant, marks)


# What a partner says of a device that Intune knows, and what of it the search looks through.
DESCRIBED = ("device_name", "os_version", "manufacturer", "model", "serial_number", "imei")
FOUND_BY = {"device_name", "serial_number", "imei"}


def _update(tenant: Tenant, said: Mapping[StoredId, Inventory]) -> None:
    """Devices that Intune knows, by key, are as they are described; empty values say nothing. Writes what differs."""
    by_id = {item.device_id: item for item in said.values()}
    for keys in chunks(said):
        changed, renamed = [], []
        for device in ManagedDevice.objects.among(tenant, keys).select_related("primary_user"):
            item = by_id[device.azure_ad_device_id]
            values: dict[str, Any] = {
                name: getattr(item, name)
                for name in DESCRIBED
                if getattr(item, name) and getattr(item, name) != getattr(device, name)
            }
            if item.reported_at > device.last_checkin_at:
                values["last_checkin_at"] = item.reported_at
            if not values:
                continue
            for name, value in values.items():
                setattr(device, name, value)
            device.set_derived()
            changed.append(device)
            if FOUND_BY & values.keys():
                renamed.append(device.pk)
        key, *fields = bulk.fields_of(ManagedDevice, ("id", *DESCRIBED, "last_checkin_at", *ManagedDevice.derived))
        rows = ([getattr(device, field.attname) for field in (key, *fields)] for device in changed)
        bulk.update(ManagedDevice, key, fields, rows)
        refresh_search_texts(tenant, renamed)


def _leave(tenant: Tenant, ground: _Ground, items: Iterable[StoredId]) -> None:
    """Devices that their partner has let go leave Intune, unless Intune manages them itself: those lose its verdict."""
    device_ids = list(items)
    known = {device_id: ground.devices[device_id] for device_id in device_ids if device_id in ground.devices}
    for keys in chunks(device.pk for device in known.values() if device.agent == Agent.NONE):
        remove_devices(tenant, list(ManagedDevice.objects.among(tenant, keys)))
    staying = {
        device_id: device
        for device_id, device in known.items()
        if device.agent != Agent.NONE and device.authority_id in ground.authorities
    }
    if staying:
        changes: Counter[tuple[str, int]] = Counter({(Facet.COMPLIANCE, Compliance.NOT_EVALUATED): len(staying)})
        changes.subtract((Facet.COMPLIANCE, device.compliance) for device in staying.values())
        ManagedDevice.objects.among(tenant, [device.pk for device in staying.values()]).update(
            compliance=Compliance.NOT_EVALUATED, compliance_grace_ends_at=None, failing_since=None
        )
        change_counts(tenant, changes)
        azure_ad.write(tenant, [Mark(device_id, None, False, "") for device_id in staying])
    verdicts = PartnerVerdict.objects.in_tenant(tenant).filter(partner=ground.partner.key)
    verdicts.filter(AnyOf("device_id", device_ids)).delete()
