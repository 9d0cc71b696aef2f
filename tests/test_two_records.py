"""Whatever happens in whatever order, the records of a device never contradict the rules that join them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from devices import azure_ad, managed_by, reports, subscriptions
from devices.models import (
    Agent,
    AzureADWrite,
    Compliance,
    DeviceCount,
    ManagedDevice,
    PartnerVerdict,
    RefusedItem,
    Upload,
)
from directory import services as directory
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, Licence
from partners import catalogue
from partners import services as partners
from partners.models import PartnerAssignment, PartnerConfiguration, PartnerConnection, Platform
from tenancy import clock
from tenancy.models import DueEvent, JournalEntry, Tenant
from tests.factories import (
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    ManagedDeviceFactory,
    TenantFactory,
)
from uem import services as uem
from uem.models import Enrolment

PARTNER = catalogue.partners()["workspace_one"]
Status = PartnerConfiguration.Status


class World:
    """A company with three people, three groups, one partner and three phones in Intune, to which things happen."""

    def __init__(self, *, instant: bool) -> None:
        propagation = Tenant.Propagation.INSTANT if instant else Tenant.Propagation.REAL
        self.tenant = TenantFactory(propagation=propagation)
        self.users: list[DirectoryUser] = [DirectoryUserFactory(tenant=self.tenant) for _ in range(3)]
        for user in self.users[:2]:
            LicenceFactory(tenant=self.tenant, user=user, sku=Licence.Sku.INTUNE)
        # Each two have one person in common, and each has somebody whom the other has not.
        self.groups: list[Group] = [
            GroupFactory(tenant=self.tenant, members=[user for user in self.users if user != left_out])
            for left_out in reversed(self.users)
        ]
        now = self.tenant.now()
        self.devices = [self._phone_in_intune(user, now) for user in self.users[:2]]
        self.devices.append(self._phone_in_intune(self.users[1], None))
        self.console = uem.console_of(self.tenant, PARTNER)
        # Device id to time and verdict of the newest that was taken.
        self.latest: dict[UUID, tuple[datetime, bool]] = {}
        self.synced_at: datetime | None = None
        self.known = NOBODY  # what the partner knew to be assigned when it last synchronized
        # Phone to when Intune last took a report on it, and why it did not take the last one.
        self.told: dict[UUID, tuple[datetime | None, str]] = {}

    def _phone_in_intune(self, user: DirectoryUser, registered_at: datetime | None) -> UUID:
        record = DirectoryDeviceFactory(
            tenant=self.tenant, owner=user, registered_at=registered_at, is_compliant=registered_at and True,
            is_managed=registered_at is not None, mdm=azure_ad.INTUNE if registered_at else "",
        )  # fmt: skip
        ManagedDeviceFactory(tenant=self.tenant, primary_user=user, azure_ad_device_id=record.device_id)
        device_id: UUID = record.device_id
        return device_id

    def happen(self, what: str, which: int) -> None:
        """One thing happens, or is refused with a sentence and changes nothing."""
        try:
            with transaction.atomic():
                getattr(self, what)(which)
        except ValidationError:
            pass

    # What can happen

    def configure(self, which: int) -> None:
        """The partner is added, for one group."""
        partners.create_configuration(
            tenant=self.tenant, actor=None, partner=PARTNER, platform=Platform.IOS, groups=[self.groups[which % 3]]
        )

    def assign(self, which: int) -> None:
        """The partner is assigned anew, for some groups and often not for others, or deleted."""
        chance = random.Random(which)
        configuration = PartnerConfiguration.objects.in_tenant(self.tenant).first()
        if configuration is None:
            self.configure(which)
        elif chance.random() < 0.15:
            partners.delete_configuration(configuration=configuration, actor=None)
        else:
            all_users = chance.random() < 0.4
            first, second, third = chance.sample(self.groups, 3)
            partners.update_assignments(
                configuration=configuration,
                actor=None,
                groups=[] if all_users else [first, second][: chance.randint(1, 2)],
                excluded_groups=[third] if chance.random() < 0.6 else [],
                all_users=all_users,
            )

    def assign_and_sync(self, which: int) -> None:
        """As the documents of the partner say."""
        self.assign(which)
        self.sync(which)

    def join(self, which: int) -> None:
        directory.add_members(
            tenant=self.tenant, actor=None, group=self.groups[which // 3 % 3], users=[self.users[which % 3]]
        )

    def leave(self, which: int) -> None:
        directory.remove_members(
            tenant=self.tenant, actor=None, group=self.groups[which // 3 % 3], users=[self.users[which % 3]]
        )

    def lose(self, which: int) -> None:
        """The partner's secret runs out; whoever consents anew heals it."""
        self.console = uem.lose_credentials(console=self.console)

    def license(self, which: int) -> None:
        user = self.users[which % 3]
        licences = Licence.objects.in_tenant(self.tenant).filter(user=user, sku=Licence.Sku.INTUNE)
        if not licences.delete()[0]:
            LicenceFactory(tenant=self.tenant, user=user, sku=Licence.Sku.INTUNE)

    def connect(self, which: int) -> None:
        on = which % 4 != 3
        self.console = uem.change_settings(
            console=self.console, actor=None, compliance_enabled=on, directory_id=str(self.tenant.directory_id)
        )
        self.console = uem.consent(console=self.console, actor=None)

    def sync(self, which: int) -> None:
        self.console = uem.sync(console=self.console, actor=None)

    def enrol(self, which: int) -> None:
        uem.enrol(
            console=self.console,
            actor=None,
            user=self.users[which % 3],
            platform=Platform.IOS,
            device_name=f"Phone {which}",
        )

    def register(self, which: int) -> None:
        doors = Enrolment.Door.values
        uem.register(enrolment=self._phone(which), actor=None, door=doors[which % len(doors)])

    def judge(self, which: int) -> None:
        verdicts = Enrolment.Verdict.values
        uem.set_verdict(
            enrolment=self._phone(which), actor=None, verdict=verdicts[which % len(verdicts)], reason="A reason."
        )

    def retire(self, which: int) -> None:
        uem.retire(enrolment=self._phone(which), actor=None)

    def report(self, which: int) -> None:
        """A batch of verdicts, some of which were on their way for hours, and some of which cannot be taken."""
        chance = random.Random(which)
        phones = Enrolment.objects.in_tenant(self.tenant).exclude(azure_ad_device_id=None)
        known = [*self.devices, *phones.order_by("enrolled_at", "pk").values_list("azure_ad_device_id", flat=True)]
        owners = dict(DirectoryDevice.objects.in_tenant(self.tenant).values_list("device_id", "owner_id"))
        now = self.tenant.now()
        items = []
        for position in range(chance.randint(1, 5)):
            device_id = chance.choice(known[-3:] if chance.random() < 0.6 else known)
            owner = owners.get(device_id) if chance.random() < 0.9 else None
            at = now - timedelta(hours=chance.choice([0, 0, 1, 4, 9, 40, -1]))
            user_id = owner or chance.choice(self.users).pk
            items.append(reports.State(position, device_id, user_id, at, chance.random() < 0.5))
        batch = reports.Batch(PARTNER, uuid4().hex, "0" * 64)
        if not PartnerConnection.objects.in_tenant(self.tenant).filter(state="provisioned").exists():
            with pytest.raises(reports.NotProvisioned):
                reports.take_states(self.tenant, batch, items)
            return
        expected = self._expected(items)
        outcome = reports.take_states(self.tenant, batch, items)
        refused = {refusal.position for refusal in outcome.refusals}
        assert {item.position for item in items} - refused == {item.position for item in expected}
        verdicts = PartnerVerdict.objects.in_tenant(self.tenant)
        for item in expected:
            stored = verdicts.get(device_id=item.device_id)
            assert (stored.reported_at, stored.compliant) == (item.reported_at, item.compliant)

    def _expected(self, items: Sequence[reports.State]) -> list[reports.State]:
        """Those that have to be taken, by the words of the rules and not by their code."""
        tenant = self.tenant
        records = {row.device_id: row for row in DirectoryDevice.objects.in_tenant(tenant)}
        managed = set(ManagedDevice.objects.in_tenant(tenant).values_list("azure_ad_device_id", flat=True))
        licensed = set(Licence.objects.in_tenant(tenant).filter(sku="intune").values_list("user", flat=True))
        users = assigned(tenant).users(tenant)
        newest: dict[UUID, reports.State] = {}
        for item in items:
            record = records.get(item.device_id)
            if record is None or record.registered_at is None or record.owner_id not in {None, item.user_id}:
                continue
            if item.device_id not in managed or item.user_id not in licensed & users:
                continue
            if item.reported_at > tenant.now() + reports.TOLERANCE:
                continue
            if item.device_id in self.latest and item.reported_at < self.latest[item.device_id][0]:
                continue
            if item.device_id not in newest or item.reported_at >= newest[item.device_id].reported_at:
                newest[item.device_id] = item
        return list(newest.values())

    def forget(self, which: int) -> None:
        """An administrator deletes the device's record in Azure AD."""
        phone = self._phone(which)
        DirectoryDevice.objects.in_tenant(self.tenant).filter(device_id=phone.azure_ad_device_id).delete()

    def wait(self, which: int) -> None:
        clock.advance(self.tenant, timedelta(hours=(0.1, 1, 9, 80)[which % 4]))
        clock.settle(self.tenant)

    def hurry(self, which: int) -> None:
        """Somebody lets the next thing happen now, or everything."""
        if which % 2:
            clock.bring_forward(self.tenant)
        else:
            clock.advance_to_next(self.tenant)
        clock.settle(self.tenant)

    def _phone(self, which: int) -> Enrolment:
        phones = list(Enrolment.objects.in_tenant(self.tenant).order_by("enrolled_at", "pk"))
        if not phones:
            raise ValidationError("There is no phone yet.")
        phone = phones[which % len(phones)]
        phone.tenant = self.tenant
        return phone


class Assigned(NamedTuple):
    """Whom the partner is for: members of these groups, or everybody, but of those groups nobody."""

    included: frozenset[UUID] = frozenset()
    excluded: frozenset[UUID] = frozenset()
    all_users: bool = False

    def users(self, tenant: Tenant) -> set[UUID]:
        """They, as the groups are now."""
        members: dict[UUID, set[UUID]] = defaultdict(set)
        for group, user in GroupMembership.objects.in_tenant(tenant).values_list("group_id", "user_id"):
            members[group].add(user)
        everybody = set(DirectoryUser.objects.in_tenant(tenant).values_list("pk", flat=True))
        included = everybody if self.all_users else {user for group in self.included for user in members[group]}
        return included - {user for group in self.excluded for user in members[group]}


NOBODY = Assigned()


def assigned(tenant: Tenant) -> Assigned:
    """What is assigned now."""
    configuration = PartnerConfiguration.objects.in_tenant(tenant).first()
    if configuration is None:
        return NOBODY
    groups: dict[str, set[UUID]] = {"include": set(), "exclude": set()}
    for intent, group in PartnerAssignment.objects.in_tenant(tenant).values_list("intent", "group_id"):
        groups[intent].add(group)
    return Assigned(frozenset(groups["include"]), frozenset(groups["exclude"]), configuration.all_users)


# What happens often stands here more than once.
HAPPENINGS = [
    "assign", "assign", "assign_and_sync", "assign_and_sync", "join", "leave", "license", "connect", "connect", "lose",
    "sync", "sync", "enrol", "register", "register", "judge", "judge", "retire", "report", "report", "report",
    "forget", "wait", "wait", "hurry",
]  # fmt: skip
# A beginning after which most of what follows means something.
BEGINNING = [
    ("configure", 0), ("connect", 0), ("enrol", 0), ("register", 2), ("enrol", 1), ("register", 5), ("enrol", 2),
    ("register", 2),
]  # fmt: skip


def check(world: World) -> None:
    one_authority(world.tenant)
    status_tells_whether_the_partner_is_heard(world.tenant, world)
    partner_reports_whom_it_knows(world.tenant, world)
    verdicts_go_forward(world.tenant, world)
    intune_follows_the_partner(world.tenant, world)
    azure_ad_follows_intune(world.tenant)
    counts_are_true(world.tenant)


def one_authority(tenant: Tenant) -> None:
    """Each device is managed by the one partner that its user is assigned to, or by its agent."""
    devices = list(ManagedDevice.objects.in_tenant(tenant).select_related("authority"))
    ids = [device.azure_ad_device_id for device in devices]
    assert len(ids) == len(set(ids))
    waits = DueEvent.objects.in_tenant(tenant).filter(kind=subscriptions.AUTHORITY_CHANGE).exists()
    assert not (waits and tenant.is_instant)
    users = assigned(tenant).users(tenant)
    for device in devices:
        if device.authority is not None:
            assert device.managed_by == managed_by.number_of_partner(device.authority.partner)
        if not waits:
            assert (device.authority_id is not None) == (device.primary_user_id in users)
            assert device.authority_id is not None or device.managed_by == device.agent


def status_tells_whether_the_partner_is_heard(tenant: Tenant, world: World) -> None:
    """A partner that can be heard is heard every hour; one that is not is unresponsive after three days."""
    configuration = PartnerConfiguration.objects.in_tenant(tenant).first()
    if configuration is None:
        return
    connection = PartnerConnection.objects.in_tenant(tenant).first()
    now, heard_at = tenant.now(), configuration.last_sync_at
    if uem.is_connected(world.console):
        assert now - (heard_at or configuration.created_at) < timedelta(hours=1, minutes=1)
    if connection is None or heard_at is None:
        assert configuration.status == Status.PENDING
    elif connection.state == PartnerConnection.State.DEPROVISIONED:
        assert configuration.status == Status.TERMINATED
    elif now - heard_at < timedelta(hours=72):
        assert configuration.status == Status.ACTIVE
    elif now - heard_at > timedelta(hours=73):
        assert configuration.status == Status.UNRESPONSIVE


def partner_reports_whom_it_knows(tenant: Tenant, world: World) -> None:
    """What the partner has just reported is of users who were assigned when it last synchronized."""
    synced_at = uem.console_of(tenant, PARTNER).synced_at
    if synced_at != world.synced_at:
        world.synced_at, world.known = synced_at, assigned(tenant)
    known = world.known.users(tenant)
    for phone in Enrolment.objects.in_tenant(tenant).filter(retired_at=None):
        told = (phone.reported_at, phone.report_error)
        assert told == world.told.get(phone.pk, (None, "")) or phone.unreported or phone.user_id in known
        world.told[phone.pk] = told


def verdicts_go_forward(tenant: Tenant, world: World) -> None:
    """No verdict gives way to an older one, and what the partner believes to have reported has arrived."""
    verdicts = {row.device_id: row for row in PartnerVerdict.objects.in_tenant(tenant)}
    for device_id, verdict in verdicts.items():
        before = world.latest.get(device_id)
        assert before is None or before[0] <= verdict.reported_at <= tenant.now()
    world.latest = {device_id: (row.reported_at, row.compliant) for device_id, row in verdicts.items()}
    told = Enrolment.objects.in_tenant(tenant).filter(
        unreported=False, report_error="", retired_at=None, azure_ad_device_id__isnull=False
    )
    for phone in told:
        verdict = verdicts[phone.azure_ad_device_id]
        assert verdict.reported_at >= phone.verdict_at
        if verdict.reported_at == phone.verdict_at:
            assert verdict.compliant == (phone.verdict == Enrolment.Verdict.COMPLIANT)


def intune_follows_the_partner(tenant: Tenant, world: World) -> None:
    """Where the partner is the authority, Intune says what it has said last."""
    for device in ManagedDevice.objects.in_tenant(tenant).exclude(authority=None):
        said = world.latest.get(device.azure_ad_device_id)
        expected = Compliance.NOT_EVALUATED
        if said is not None:
            expected = Compliance.COMPLIANT if said[1] else Compliance.NOT_COMPLIANT
        assert device.compliance == expected


def azure_ad_follows_intune(tenant: Tenant) -> None:
    """Azure AD says what Intune says, or is about to; of a device that is not registered it says nothing."""
    devices = {row.azure_ad_device_id: row for row in ManagedDevice.objects.in_tenant(tenant)}
    writes = AzureADWrite.objects.in_tenant(tenant)
    assert not writes.filter(due_at__lt=tenant.now() - timedelta(minutes=1)).exists()
    assert not (tenant.is_instant and writes.exists())
    waiting = set(writes.values_list("device_id", flat=True))
    for record in DirectoryDevice.objects.in_tenant(tenant):
        if record.registered_at is None:
            assert (record.is_compliant, record.is_managed, record.mdm) == (None, False, "")
        if record.is_compliant:
            assert record.is_managed
        if record.registered_at is None or record.device_id in waiting:
            continue
        device = devices.get(record.device_id)
        if device is None:
            assert (record.is_compliant, record.is_managed, record.mdm) == (None, False, "")
        elif device.authority_id is not None:
            marked = azure_ad.MARKS.get(device.compliance)
            assert (record.is_compliant, record.is_managed, record.mdm) == (marked, True, PARTNER.label)
        elif device.managed_by == device.agent:
            assert (record.is_managed, record.mdm) == (device.agent == Agent.MDM, azure_ad.MDM[device.agent])


def counts_are_true(tenant: Tenant) -> None:
    """What is counted is what there is, and nothing has failed."""
    counted = {(row.facet, row.value): row.n for row in DeviceCount.objects.in_tenant(tenant).filter(n__gt=0)}
    found: Counter[tuple[str, int]] = Counter()
    for device in ManagedDevice.objects.in_tenant(tenant):
        found["total", 0] += 1
        for facet in ("managed_by", "compliance", "os", "ownership"):
            found[facet, getattr(device, facet)] += 1
    assert counted == found
    failed = DueEvent.objects.in_tenant(tenant).filter(parked_at__isnull=False)
    assert not failed.exists(), failed.first().error


def journal_agrees(tenant: Tenant) -> None:
    """Who reads the journal from its beginning knows what there is now."""
    entries = list(JournalEntry.objects.in_tenant(tenant).order_by("recorded_at"))
    assert all(entry.occurred_at <= tenant.now() for entry in entries)
    told: dict[object, dict[str, object]] = defaultdict(dict)
    for entry in entries:
        if entry.target_type == "group":  # tells who has come or gone, not who is there
            continue
        for label, old in entry.old_values.items():
            assert told[entry.target_id].get(label, old) == old
        told[entry.target_id].update(entry.new_values)

    uploads = list(Upload.objects.in_tenant(tenant))
    assert [entry.activity for entry in entries].count(reports.UPLOADED) == len(uploads)
    for upload in uploads:
        assert (told[upload.pk]["Accepted"], told[upload.pk]["Refused"]) == (upload.accepted, upload.refused)
        assert RefusedItem.objects.in_tenant(tenant).filter(upload=upload).count() == upload.refused
    for configuration in PartnerConfiguration.objects.in_tenant(tenant):
        included, excluded = partners.assigned_groups(configuration)
        said = told[configuration.pk]
        names = [group.display_name for group in included]
        assert said["Included groups"] == ("All users" if configuration.all_users else names)
        assert said["Excluded groups"] == [group.display_name for group in excluded]
        assert said.get("Partner status", "Pending activation") == configuration.get_status_display()
    for phone in Enrolment.objects.in_tenant(tenant):
        assert told[phone.pk].get("Compliance", "Compliant") == phone.get_verdict_display()
        assert (phone.retired_at is not None) == any(
            entry.target_id == phone.pk and entry.activity == uem.RETIRED for entry in entries
        )


@pytest.mark.django_db
@pytest.mark.parametrize("instant", [True, False], ids=["at once", "with delays"])
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    # To look for a shorter example takes minutes. What happened until a rule broke is told instead.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happenings=st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 999)), min_size=12, max_size=25))
def test_records_agree_whatever_happens_in_whatever_order(instant, happenings):
    happened = []
    with transaction.atomic():
        world = World(instant=instant)
        check(world)
        for what, which in [*BEGINNING, *happenings]:
            happened.append((what, which))
            try:
                world.happen(what, which)
                check(world)
            except Exception as error:
                error.add_note(f"This had happened: {happened}")
                raise
        journal_agrees(world.tenant)
        transaction.set_rollback(True)
