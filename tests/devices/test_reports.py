"""What partners report: each item is taken or refused by itself, and both records of a device follow."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from devices import azure_ad, reports
from devices.models import (
    Agent,
    Compliance,
    DeviceCount,
    DeviceSearch,
    ManagedDevice,
    PartnerVerdict,
    RefusedItem,
    Upload,
)
from devices.reports import Batch, Inventory, Refusal, State
from directory import services
from directory.models import DirectoryDevice, Licence
from partners import catalogue, connections
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tests.factories import (
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    ManagedDeviceFactory,
    TenantFactory,
)

WORKSPACE_ONE = catalogue.partners()["workspace_one"]
LABEL = WORKSPACE_ONE.label
Reason = RefusedItem.Reason


class Site:
    """A tenant whose iPhones Workspace ONE manages for one group, and a user in it with a registered phone."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.user = self.person()
        self.group = GroupFactory(tenant=tenant, members=[self.user])
        self.configuration = ConfigurationFactory(tenant=tenant, groups=[self.group])
        connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
        self.record = self.phone()

    def person(self, *, licensed: bool = True):
        user = DirectoryUserFactory(tenant=self.tenant)
        if licensed:
            LicenceFactory(tenant=self.tenant, user=user, sku=Licence.Sku.INTUNE)
        return user

    def phone(self, owner=None, **values) -> DirectoryDevice:
        """Azure AD's record of a registered phone."""
        values = {"os": "IPhone", "registered_at": self.tenant.now()} | values
        return DirectoryDeviceFactory(tenant=self.tenant, owner=owner or self.user, **values)

    def managed(self, record: DirectoryDevice | None = None, **values) -> ManagedDevice:
        """Intune's record of the phone, with the partner as its authority."""
        record = record or self.record
        values = {"authority": self.configuration, "agent": Agent.NONE, "compliance": Compliance.NOT_EVALUATED} | values
        return ManagedDeviceFactory(
            tenant=self.tenant, azure_ad_device_id=record.device_id, primary_user=record.owner, **values
        )

    def state(self, record: DirectoryDevice | None = None, *, compliant: bool = True, age=timedelta(0), **values):
        record = record or self.record
        said = State(0, record.device_id, record.owner_id or uuid4(), self.tenant.now() - age, compliant)
        return said._replace(**values)

    def inventory(self, record: DirectoryDevice | None = None, *, age=timedelta(0), **values) -> Inventory:
        record = record or self.record
        at = self.tenant.now() - age
        said = Inventory(0, record.device_id, record.owner_id or uuid4(), at, device_name="Ana's iPhone")
        return said._replace(**values)

    def send(self, *states: State, key: str = "", digest: str = "a" * 64, unreadable=()) -> reports.Outcome:
        numbered = [state._replace(position=n) for n, state in enumerate(states)]
        return reports.take_states(self.tenant, Batch(WORKSPACE_ONE, key or uuid4().hex, digest, unreadable), numbered)

    def describe(self, *items: Inventory) -> reports.Outcome:
        numbered = [item._replace(position=n) for n, item in enumerate(items)]
        return reports.take_inventory(self.tenant, Batch(WORKSPACE_ONE, uuid4().hex, "a" * 64), numbered)


@pytest.fixture
def site(tenant):
    return Site(tenant)


@pytest.fixture
def slow_site(db):
    return Site(TenantFactory(propagation=Tenant.Propagation.REAL))


def reasons(outcome: reports.Outcome) -> list[str]:
    return [refusal.reason.value for refusal in outcome.refusals]


def azure(record: DirectoryDevice) -> tuple[bool | None, bool, str]:
    record.refresh_from_db()
    return record.is_compliant, record.is_managed, record.mdm


def intune(device: ManagedDevice) -> str:
    device.refresh_from_db()
    return device.get_compliance_display()


def counted(tenant, compliance: Compliance) -> int:
    rows = DeviceCount.objects.in_tenant(tenant).filter(facet=DeviceCount.Facet.COMPLIANCE, value=compliance)
    return sum(rows.values_list("n", flat=True))


# Verdicts


@pytest.mark.parametrize(("compliant", "label"), [(True, "Compliant"), (False, "Not compliant")])
def test_verdict_reaches_both_records(site, compliant, label):
    device = site.managed()

    outcome = site.send(site.state(compliant=compliant))

    assert (outcome.upload.accepted, outcome.upload.refused) == (1, 0)
    assert intune(device) == label
    assert azure(site.record) == (compliant, True, LABEL)


def test_counts_of_the_lists_follow_the_verdicts(site):
    site.managed()
    site.managed(site.phone(), compliance=Compliance.COMPLIANT)
    records = DirectoryDevice.objects.in_tenant(site.tenant)

    site.send(*(site.state(record, compliant=False) for record in records))

    assert counted(site.tenant, Compliance.NOT_COMPLIANT) == 2
    assert counted(site.tenant, Compliance.COMPLIANT) == 0
    assert counted(site.tenant, Compliance.NOT_EVALUATED) == 0


def test_azure_ad_follows_five_minutes_later(slow_site):
    device = slow_site.managed()

    slow_site.send(slow_site.state(compliant=False))

    assert intune(device) == "Not compliant"
    clock.advance(slow_site.tenant, timedelta(minutes=4, seconds=59))
    clock.settle(slow_site.tenant)
    before = azure(slow_site.record)
    clock.advance(slow_site.tenant, timedelta(seconds=1))
    clock.settle(slow_site.tenant)
    assert (before, azure(slow_site.record)) == ((None, False, ""), (False, True, LABEL))


def test_last_verdict_before_azure_ad_follows_wins(slow_site):
    slow_site.managed()
    slow_site.send(slow_site.state(compliant=False))
    clock.advance(slow_site.tenant, timedelta(minutes=2))

    slow_site.send(slow_site.state(compliant=True))
    clock.advance(slow_site.tenant, timedelta(hours=1))
    clock.settle(slow_site.tenant)

    assert azure(slow_site.record) == (True, True, LABEL)


def test_verdict_on_a_device_that_intune_still_manages_counts_when_its_authority_changes(slow_site):
    device = slow_site.managed(authority=None, agent=Agent.MDM, compliance=Compliance.COMPLIANT)

    outcome = slow_site.send(slow_site.state(compliant=False))
    clock.advance(slow_site.tenant, timedelta(hours=7))
    clock.settle(slow_site.tenant)
    before = intune(device), azure(slow_site.record)
    clock.advance(slow_site.tenant, timedelta(hours=2))
    clock.settle(slow_site.tenant)

    assert outcome.upload.accepted == 1
    assert before == ("Compliant", (None, False, ""))
    assert (intune(device), azure(slow_site.record)) == ("Not compliant", (False, True, LABEL))
    assert counted(slow_site.tenant, Compliance.NOT_COMPLIANT) == 1
    assert counted(slow_site.tenant, Compliance.COMPLIANT) == 0


def test_device_whose_user_leaves_the_group_is_managed_by_nobody_any_more(site):
    device = site.managed()
    site.send(site.state())

    services.remove_members(tenant=site.tenant, actor=None, group=site.group, users=[site.user])

    assert (intune(device), device.managed_by_label) == ("Not evaluated", "None")
    assert azure(site.record) == (None, False, "")


# Refusals


def unknown_device(site):
    return site.state(device_id=uuid4())


def not_in_intune(site):
    return site.state(site.phone())


def unregistered(site):
    return site.state(site.phone(registered_at=None))


def unknown_user(site):
    return site.state(user_id=uuid4())


def somebody_elses(site):
    return site.state(user_id=site.person().pk)


def user_of_another_tenant(site):
    return site.state(user_id=DirectoryUserFactory(tenant=TenantFactory()).pk)


def not_assigned(site):
    return site.state(site.phone(owner=site.person()))


def excluded(site):
    from tests.factories import PartnerAssignmentFactory

    group = GroupFactory(tenant=site.tenant, members=[site.user])
    PartnerAssignmentFactory(tenant=site.tenant, configuration=site.configuration, group=group, intent="exclude")
    return site.state()


def unlicensed(site):
    Licence.objects.in_tenant(site.tenant).filter(user=site.user).delete()
    return site.state()


def from_the_future(site):
    return site.state(age=-timedelta(minutes=6))


def wrong_platform(site):
    return site.state(site.phone(os="AndroidEnterprise"))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (unknown_device, "unknownDevice"),
        (not_in_intune, "unknownDevice"),
        (unregistered, "notRegistered"),
        (unknown_user, "unknownUser"),
        (somebody_elses, "unknownUser"),
        (user_of_another_tenant, "unknownUser"),
        (not_assigned, "userNotAssigned"),
        (excluded, "userNotAssigned"),
        (unlicensed, "noIntuneLicense"),
        (from_the_future, "fromTheFuture"),
        (wrong_platform, "wrongPlatform"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_item_that_cannot_be_taken_is_refused_with_its_reason_and_the_others_are_taken(site, item, reason):
    good = site.phone(owner=site.person())
    site.group.memberships.create(tenant=site.tenant, user=good.owner)
    device = site.managed(good)
    site.managed()

    outcome = site.send(item(site), site.state(good))

    assert reasons(outcome) == [reason]
    assert (outcome.upload.accepted, outcome.upload.refused) == (1, 1)
    assert intune(device) == "Compliant"
    assert PartnerVerdict.objects.in_tenant(site.tenant).count() == 1


def test_older_verdict_never_overwrites_a_newer_one(site):
    device = site.managed()
    site.send(site.state(compliant=False, age=timedelta(hours=1)))

    outcome = site.send(site.state(compliant=True, age=timedelta(hours=2)))

    assert reasons(outcome) == ["olderThanKnown"]
    assert intune(device) == "Not compliant"
    assert azure(site.record)[0] is False


def test_newest_of_several_verdicts_in_a_batch_wins_whatever_their_order(site):
    device = site.managed()
    older, newest, old = (timedelta(hours=3), timedelta(hours=1), timedelta(hours=2))

    outcome = site.send(
        site.state(compliant=True, age=older),
        site.state(compliant=False, age=newest),
        site.state(compliant=True, age=old),
    )

    assert [(refusal.position, refusal.reason) for refusal in outcome.refusals] == [
        (0, Reason.OLDER_THAN_KNOWN),
        (2, Reason.OLDER_THAN_KNOWN),
    ]
    assert intune(device) == "Not compliant"


def test_unreadable_items_are_refused_beside_the_others(site):
    site.managed()

    outcome = site.send(site.state(), unreadable=[Refusal(7, None, Reason.INVALID, "'compliant' is missing.")])

    assert (outcome.upload.accepted, outcome.upload.refused) == (1, 1)
    assert reports.refusals_of(outcome.upload) == [(7, None, Reason.INVALID, "'compliant' is missing.")]


def test_device_of_another_tenant_is_unknown(site):
    other = Site(TenantFactory())

    outcome = site.send(site.state(device_id=other.record.device_id))

    assert reasons(outcome) == ["unknownDevice"]


# Batches


def test_batch_that_is_sent_again_is_answered_as_the_first_time_and_changes_nothing(site):
    device = site.managed()
    first = site.send(site.state(compliant=False), unknown_device(site), key="one")
    ManagedDevice.objects.in_tenant(site.tenant).update(compliance=Compliance.COMPLIANT)
    entries = JournalEntry.objects.in_tenant(site.tenant).count()

    again = site.send(site.state(compliant=False), unknown_device(site), key="one")

    assert again.known
    assert again.upload == first.upload
    assert reasons(again) == reasons(first) == ["unknownDevice"]
    assert intune(device) == "Compliant"
    assert JournalEntry.objects.in_tenant(site.tenant).count() == entries


def test_key_of_another_batch_is_refused(site):
    site.managed()
    site.send(site.state(), key="one")

    with pytest.raises(reports.KeyReused, match="Another upload"):
        site.send(site.state(compliant=False), key="one", digest="b" * 64)

    assert PartnerVerdict.objects.in_tenant(site.tenant).get().compliant


def test_key_of_an_inventory_is_refused_for_verdicts_whatever_was_sent(site):
    site.managed()
    reports.take_inventory(site.tenant, Batch(WORKSPACE_ONE, "one", "a" * 64), [site.inventory()])

    with pytest.raises(reports.KeyReused, match="Another upload"):
        site.send(site.state(), key="one", digest="a" * 64)

    assert not PartnerVerdict.objects.in_tenant(site.tenant).exists()


@pytest.mark.parametrize("key", ["", "x" * 65])
def test_batch_needs_a_key(site, key):
    with pytest.raises(ValidationError, match="1 to 64 characters"):
        reports.take_states(site.tenant, Batch(WORKSPACE_ONE, key, "a" * 64), [site.state()])


def test_partner_that_does_not_serve_the_tenant_is_not_heard(site):
    site.managed()
    connections.deprovision(tenant=site.tenant, partner=WORKSPACE_ONE)

    with pytest.raises(reports.NotProvisioned, match="is not provisioned"):
        site.send(site.state())

    assert not Upload.objects.in_tenant(site.tenant).exists()
    assert not PartnerVerdict.objects.in_tenant(site.tenant).exists()


@pytest.fixture
def jamf(tenant):
    """A site whose partner needs a named group and has one for Macs, while its iPhones are assigned to all users."""
    site = Site(tenant)
    site.configuration.delete()
    site.partner = catalogue.partners()["jamf_pro"]
    ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="ios", all_users=True)
    site.macs = ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="macos", groups=[site.group])
    connections.provision(tenant=tenant, partner=site.partner)
    return site


def test_platform_whose_assignment_breaks_the_connection_is_not_served_while_another_one_is(jamf):
    mac = jamf.phone(os="MacMDM")
    items = [jamf.inventory(), jamf.inventory(mac, position=1)]

    outcome = reports.take_inventory(jamf.tenant, Batch(jamf.partner, "one", "0" * 64), items)

    assert [(refusal.position, refusal.reason) for refusal in outcome.refusals] == [(0, Reason.WRONG_PLATFORM)]
    assert ManagedDevice.objects.in_tenant(jamf.tenant).get().azure_ad_device_id == mac.device_id


def test_nothing_is_taken_while_every_assignment_breaks_the_connection(jamf):
    jamf.macs.all_users = True
    jamf.macs.save()

    with pytest.raises(reports.NotProvisioned, match="needs a named group"):
        reports.take_inventory(jamf.tenant, Batch(jamf.partner, "one", "0" * 64), [jamf.inventory()])


def test_batch_leaves_one_entry_in_the_journal(site):
    site.managed()
    before = JournalEntry.objects.in_tenant(site.tenant).count()

    site.send(site.state(), unknown_device(site))

    assert JournalEntry.objects.in_tenant(site.tenant).count() == before + 1
    entry = JournalEntry.objects.in_tenant(site.tenant).filter(activity=reports.UPLOADED).get()
    assert entry.new_values["Accepted"] == entry.new_values["Refused"] == 1


def test_the_number_of_statements_does_not_grow_with_the_batch(site, django_assert_max_num_queries):
    phones = [site.phone() for _ in range(30)]
    for phone in phones:
        site.managed(phone)

    with django_assert_max_num_queries(40):
        outcome = site.send(*(site.state(phone, compliant=False) for phone in phones))

    assert outcome.upload.accepted == 30


# Inventory


def test_device_of_the_partner_appears_in_intune_with_the_partner_as_its_authority(site):
    outcome = site.describe(site.inventory(os_version="13.6", serial_number="F2L", model="iPhone 11"))

    assert outcome.upload.accepted == 1
    device = ManagedDevice.objects.in_tenant(site.tenant).get()
    assert (device.device_name, device.os_version, device.managed_by_label) == ("Ana's iPhone", "13.6", LABEL)
    assert (device.primary_user, device.authority) == (site.user, site.configuration)
    assert device.get_compliance_display() == "Not evaluated"
    assert azure(site.record) == (None, True, LABEL)


def test_device_that_is_described_again_is_brought_up_to_date(site):
    site.describe(site.inventory(os_version="13.6"))

    site.describe(site.inventory(os_version="14.0", device_name="Renamed"))

    device = ManagedDevice.objects.in_tenant(site.tenant).get()
    assert (device.device_name, device.os_version) == ("Renamed", "14.0")
    assert DeviceCount.objects.in_tenant(site.tenant).get(facet="total").n == 1


def test_the_number_of_statements_does_not_grow_with_described_devices(site, django_assert_max_num_queries):
    phones = [site.phone() for _ in range(30)]
    for phone in phones:
        site.managed(phone)

    with django_assert_max_num_queries(40):
        site.describe(*(site.inventory(phone, device_name=f"Phone {n}") for n, phone in enumerate(phones)))

    assert DeviceSearch.objects.in_tenant(site.tenant).filter(text__startswith="phone ").count() == 30


def test_device_of_a_user_who_is_assigned_no_more_can_still_leave(site):
    site.describe(site.inventory())
    site.group.memberships.all().delete()
    Licence.objects.in_tenant(site.tenant).delete()

    outcome = site.describe(site.inventory(managed=False))

    assert outcome.upload.accepted == 1
    assert not ManagedDevice.objects.in_tenant(site.tenant).exists()


def test_device_that_has_no_owner_any_more_leaves_and_is_not_described(site):
    site.describe(site.inventory())
    site.user.delete()
    site.record.refresh_from_db()

    described = site.describe(site.inventory(device_name="Renamed"))
    left = site.describe(site.inventory(managed=False))

    assert reasons(described) == ["unknownUser"]
    assert left.upload.accepted == 1
    assert not ManagedDevice.objects.in_tenant(site.tenant).exists()


def test_device_of_somebody_does_not_leave_in_the_name_of_nobody(site):
    site.describe(site.inventory())

    outcome = site.describe(site.inventory(managed=False, user_id=uuid4()))

    assert reasons(outcome) == ["unknownUser"]
    assert ManagedDevice.objects.in_tenant(site.tenant).exists()


def test_device_that_its_partner_lets_go_leaves_intune_and_azure_ad_says_none(site):
    site.describe(site.inventory())
    site.send(site.state())

    site.describe(site.inventory(managed=False))

    assert not ManagedDevice.objects.in_tenant(site.tenant).exists()
    assert not PartnerVerdict.objects.in_tenant(site.tenant).exists()
    assert azure(site.record) == (None, False, "")


def test_verdict_that_was_on_its_way_to_azure_ad_is_not_written_when_the_device_has_left_meanwhile(slow_site):
    slow_site.managed()
    slow_site.send(slow_site.state(compliant=True))

    slow_site.describe(slow_site.inventory(managed=False))

    clock.advance(slow_site.tenant, azure_ad.DELAY)
    clock.settle(slow_site.tenant)
    assert azure(slow_site.record) == (None, False, "")


def test_device_that_is_enrolled_with_intune_stays_when_its_partner_lets_it_go(site):
    device = site.managed(agent=Agent.MDM)
    site.send(site.state())

    site.describe(site.inventory(managed=False))

    assert ManagedDevice.objects.in_tenant(site.tenant).get() == device
    assert (intune(device), azure(site.record)) == ("Not evaluated", (None, False, ""))
    assert counted(site.tenant, Compliance.COMPLIANT) == 0


@pytest.mark.parametrize("managed", [True, False])
def test_inventory_that_is_older_than_what_is_known_is_refused(site, managed):
    site.describe(site.inventory(device_name="New name"))
    late = site.inventory(age=timedelta(hours=1), managed=managed, device_name="Old name")

    outcome = site.describe(late)

    assert reasons(outcome) == ["olderThanKnown"]
    assert [device.device_name for device in ManagedDevice.objects.in_tenant(site.tenant)] == ["New name"]


def test_device_that_was_judged_since_does_not_leave_by_a_late_message(site):
    site.describe(site.inventory(age=timedelta(hours=2)))
    site.send(site.state())

    outcome = site.describe(site.inventory(age=timedelta(hours=1), managed=False))

    assert reasons(outcome) == ["olderThanKnown"]
    assert azure(site.record) == (True, True, LABEL)


def test_check_in_with_intune_does_not_make_what_a_partner_says_old(site):
    site.managed(agent=Agent.MDM, last_checkin_at=site.tenant.now())

    outcome = site.describe(site.inventory(age=timedelta(hours=1), device_name="New name"))

    assert outcome.upload.accepted == 1
    assert ManagedDevice.objects.in_tenant(site.tenant).get().device_name == "New name"


def test_inventory_of_a_device_that_is_not_registered_is_refused(site):
    outcome = site.describe(site.inventory(site.phone(registered_at=None)))

    assert reasons(outcome) == ["notRegistered"]
    assert not ManagedDevice.objects.in_tenant(site.tenant).exists()
