"""Whatever happens in whatever order, the records of a device never contradict the rules that join them."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices import azure_ad, managed_by, reports
from devices.models import Agent, AzureADWrite, Compliance, DeviceCount, ManagedDevice, PartnerVerdict
from directory import services as directory
from directory.models import DirectoryDevice, DirectoryUser, Group, Licence
from partners import catalogue
from partners import services as partners
from partners.models import PartnerConfiguration, Platform
from tenancy import clock
from tenancy.models import DueEvent, JournalEntry, Tenant
from tests.factories import DirectoryUserFactory, GroupFactory, LicenceFactory, TenantFactory
from uem import services as uem
from uem.models import Enrolment

PARTNER = catalogue.partners()["workspace_one"]


class World:
    """A company with three people, two groups and one partner, to which things happen."""

    def __init__(self, *, instant: bool) -> None:
        propagation = Tenant.Propagation.INSTANT if instant else Tenant.Propagation.REAL
        self.tenant = TenantFactory(propagation=propagation)
        self.users: list[DirectoryUser] = [DirectoryUserFactory(tenant=self.tenant) for _ in range(3)]
        for user in self.users[:2]:
            LicenceFactory(tenant=self.tenant, user=user, sku=Licence.Sku.INTUNE)
        self.groups: list[Group] = [
            GroupFactory(tenant=self.tenant, members=self.users[:2]),
            GroupFactory(tenant=self.tenant, members=self.users[2:]),
        ]
        self.console = uem.console_of(self.tenant, PARTNER)
        self.latest: dict[UUID, tuple[object, bool]] = {}  # device id to time and verdict of the newest that was taken

    def happen(self, what: str, which: int) -> None:
        """One thing happens, or is refused with a sentence and changes nothing."""
        try:
            with transaction.atomic():
                getattr(self, what)(which)
        except ValidationError:
            pass

    # What can happen

    def assign(self, which: int) -> None:
        groups = [self.groups[which % 2]]
        configuration = PartnerConfiguration.objects.in_tenant(self.tenant).first()
        if configuration is None:
            partners.create_configuration(
                tenant=self.tenant, actor=None, partner=PARTNER, platform=Platform.IOS, groups=groups
            )
        elif which % 5 == 4:
            partners.delete_configuration(configuration=configuration, actor=None)
        else:
            partners.update_assignments(
                configuration=configuration, actor=None, groups=groups, all_users=which % 3 == 2
            )

    def join(self, which: int) -> None:
        directory.add_members(
            tenant=self.tenant, actor=None, group=self.groups[which % 2], users=[self.users[which % 3]]
        )

    def leave(self, which: int) -> None:
        directory.remove_members(
            tenant=self.tenant, actor=None, group=self.groups[which % 2], users=[self.users[which % 3]]
        )

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

    def late_report(self, which: int) -> None:
        """A verdict that was on its way for up to eight hours."""
        phone = self._phone(which)
        if phone.azure_ad_device_id is None or phone.user_id is None:
            return
        at = self.tenant.now() - timedelta(hours=which % 9)
        state = reports.State(0, phone.azure_ad_device_id, phone.user_id, at, which % 2 == 0)
        reports.take_states(self.tenant, reports.Batch(PARTNER, uuid4().hex, "0" * 64), [state])

    def forget(self, which: int) -> None:
        """An administrator deletes the device's record in Azure AD."""
        phone = self._phone(which)
        DirectoryDevice.objects.in_tenant(self.tenant).filter(device_id=phone.azure_ad_device_id).delete()

    def wait(self, which: int) -> None:
        clock.advance(self.tenant, timedelta(hours=(0.1, 1, 9, 30)[which % 4]))
        clock.settle(self.tenant)

    def _phone(self, which: int) -> Enrolment:
        phones = list(Enrolment.objects.in_tenant(self.tenant).order_by("enrolled_at", "pk"))
        if not phones:
            raise ValidationError("There is no phone yet.")
        phone = phones[which % len(phones)]
        phone.tenant = self.tenant
        return phone


HAPPENINGS = [
    "assign",
    "join",
    "leave",
    "connect",
    "sync",
    "enrol",
    "register",
    "judge",
    "retire",
    "late_report",
    "forget",
    "wait",
]
# A beginning after which most of what follows means something.
BEGINNING = [("assign", 0), ("connect", 0), ("enrol", 0), ("register", 2), ("enrol", 1), ("register", 2)]


def check(world: World) -> None:  # noqa: C901, PLR0912 - the rules, one after the other
    tenant = world.tenant
    devices = list(ManagedDevice.objects.in_tenant(tenant).select_related("authority"))
    verdicts = {row.device_id: row for row in PartnerVerdict.objects.in_tenant(tenant)}
    records = {row.device_id: row for row in DirectoryDevice.objects.in_tenant(tenant)}

    # One authority for each device, and one record for each authority's device.
    for device in devices:
        if device.authority is not None:
            assert device.managed_by == managed_by.number_of_partner(device.authority.partner)
        elif device.agent == Agent.NONE:
            assert device.managed_by in {managed_by.NONE, managed_by.number_of_partner(PARTNER.key)}
    ids = [device.azure_ad_device_id for device in devices]
    assert len(ids) == len(set(ids))

    # Azure AD calls a device compliant only where it is registered and somebody manages it.
    for record in records.values():
        if record.is_compliant:
            assert record.registered_at is not None
            assert record.is_managed

    # No verdict gives way to an older one.
    for device_id, verdict in verdicts.items():
        before = world.latest.get(device_id)
        assert before is None or before[0] <= verdict.reported_at
        world.latest[device_id] = (verdict.reported_at, verdict.compliant)
    for device_id in world.latest.keys() - verdicts.keys():
        del world.latest[device_id]  # the partner has let the device go

    # Where the partner is the authority, Intune says what the partner has said last.
    for device in devices:
        if device.authority_id is not None:
            said = verdicts.get(device.azure_ad_device_id) if device.azure_ad_device_id else None
            expected = Compliance.NOT_EVALUATED
            if said is not None:
                expected = Compliance.COMPLIANT if said.compliant else Compliance.NOT_COMPLIANT
            assert device.compliance == expected

    # Azure AD says what Intune says, or is about to.
    waiting = set(AzureADWrite.objects.in_tenant(tenant).values_list("device_id", flat=True))
    for device in devices:
        record = records.get(device.azure_ad_device_id) if device.azure_ad_device_id else None
        if device.authority_id is not None and record is not None and record.device_id not in waiting:
            assert record.is_compliant == azure_ad.MARKS.get(device.compliance)

    # What is counted is what there is; nothing has failed; the journal's time goes forward.
    counted = {(row.facet, row.value): row.n for row in DeviceCount.objects.in_tenant(tenant).filter(n__gt=0)}
    found: dict[tuple[str, int], int] = defaultdict(int)
    for device in devices:
        found["total", 0] += 1
        for facet in ("managed_by", "compliance", "os", "ownership"):
            found[facet, getattr(device, facet)] += 1
    assert counted == dict(found)
    assert not DueEvent.objects.in_tenant(tenant).filter(parked_at__isnull=False).exists()
    assert not JournalEntry.objects.in_tenant(tenant).filter(occurred_at__gt=tenant.now()).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("instant", [True, False], ids=["at once", "with delays"])
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happenings=st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 59)), min_size=5, max_size=25))
def test_records_agree_whatever_happens_in_whatever_order(instant, happenings):
    with transaction.atomic():
        world = World(instant=instant)
        for what, which in [*BEGINNING, *happenings]:
            world.happen(what, which)
            check(world)
        transaction.set_rollback(True)
