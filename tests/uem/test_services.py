"""The partner's own system: what its administrator sets up, what users do, and what Intune hears of it."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.models import ManagedDevice, Upload
from directory.models import DirectoryDevice, Licence
from partners import catalogue, connections
from partners import services as partner_services
from partners.models import PartnerAssignment, Platform
from tenancy import clock
from tenancy.models import Tenant
from tests.factories import DirectoryDeviceFactory, DirectoryUserFactory, GroupFactory, LicenceFactory, TenantFactory
from uem import services
from uem.models import Enrolment, KnownGroup

WORKSPACE_ONE = catalogue.partners()["workspace_one"]
JAMF = catalogue.partners()["jamf_pro"]
MOBILEIRON = catalogue.partners()["mobileiron_cloud"]
MINUTE = timedelta(minutes=1)
Door, Verdict = Enrolment.Door, Enrolment.Verdict


class Shop:
    """A company that has added a partner for iPhones of one group, and nothing else yet."""

    def __init__(self, tenant: Tenant, partner=WORKSPACE_ONE) -> None:
        self.tenant, self.partner = tenant, partner
        self.user = DirectoryUserFactory(tenant=tenant)
        LicenceFactory(tenant=tenant, user=self.user, sku=Licence.Sku.INTUNE)
        self.group = GroupFactory(tenant=tenant, members=[self.user])
        self.configuration = partner_services.create_configuration(
            tenant=tenant, actor=None, partner=partner, platform=Platform.IOS, groups=[self.group]
        )
        self.console = services.console_of(tenant, partner)

    def connect(self, *, directory_id: str = "") -> None:
        self.console = services.change_settings(
            console=self.console,
            actor=None,
            compliance_enabled=True,
            directory_id=directory_id or str(self.tenant.directory_id),
        )
        for second in range(len(self.partner.consents)):
            self.console = services.consent(console=self.console, actor=None, second=bool(second))

    def phone(self, user=None, *, door: str = Door.SELF_SERVICE, name: str = "Ana's iPhone") -> Enrolment:
        enrolment = services.enrol(
            console=self.console, actor=None, user=user or self.user, platform=Platform.IOS, device_name=name
        )
        return services.register(enrolment=enrolment, actor=None, door=door) if door else enrolment

    def fail(self, phone: Enrolment, verdict: str = Verdict.NOT_COMPLIANT) -> Enrolment:
        return services.set_verdict(enrolment=phone, actor=None, verdict=verdict, reason="The passcode is too short.")

    def person(self, group=None):
        user = DirectoryUserFactory(tenant=self.tenant)
        LicenceFactory(tenant=self.tenant, user=user, sku=Licence.Sku.INTUNE)
        if group is not None:
            group.memberships.create(tenant=self.tenant, user=user)
        return user

    def status(self) -> str:
        self.configuration.refresh_from_db()
        return self.configuration.get_status_display()

    def azure(self, phone: Enrolment) -> tuple[bool | None, str]:
        phone.refresh_from_db()
        record = DirectoryDevice.objects.in_tenant(self.tenant).filter(device_id=phone.azure_ad_device_id).first()
        return (record.is_compliant, record.mdm) if record is not None else (None, "no record")

    def intune(self, phone: Enrolment) -> str:
        phone.refresh_from_db()
        devices = ManagedDevice.objects.in_tenant(self.tenant).filter(azure_ad_device_id=phone.azure_ad_device_id)
        return devices.get().get_compliance_display() if devices.exists() else "no record"

    def seen(self, phone: Enrolment) -> timedelta:
        phone.refresh_from_db()
        return self.tenant.now() - phone.last_seen_at

    def pass_by(self, time: timedelta) -> None:
        clock.advance(self.tenant, time)
        clock.settle(self.tenant)


@pytest.fixture
def shop(tenant):
    return Shop(tenant)


@pytest.fixture
def slow_shop(db):
    return Shop(TenantFactory(propagation=Tenant.Propagation.REAL))


def test_whole_chain_runs_from_consent_to_both_records(shop):
    shop.connect()
    good, bad = shop.phone(), shop.phone(name="Second iPhone")

    shop.fail(bad)

    assert shop.status() == "Active"
    assert (shop.intune(good), shop.azure(good)) == ("Compliant", (True, WORKSPACE_ONE.label))
    assert (shop.intune(bad), shop.azure(bad)) == ("Not compliant", (False, WORKSPACE_ONE.label))


def test_chain_runs_in_tenant_time(slow_shop):
    shop = slow_shop
    shop.connect()
    phone = shop.phone()
    assert shop.azure(phone) == (None, "")

    shop.pass_by(services.REPORT_DELAY)
    reported = shop.intune(phone), shop.azure(phone)
    shop.pass_by(timedelta(minutes=10))

    assert reported == ("Compliant", (None, ""))
    assert shop.azure(phone) == (True, WORKSPACE_ONE.label)


# The connection


def test_without_consent_the_partner_stays_pending_and_nothing_is_reported(shop):
    services.change_settings(
        console=shop.console, actor=None, compliance_enabled=True, directory_id=str(shop.tenant.directory_id)
    )
    phone = shop.phone()

    assert shop.status() == "Pending activation"
    assert shop.intune(phone) == "no record"


def test_wrong_tenant_id_is_taken_and_nothing_works_until_it_is_right(shop):
    shop.connect(directory_id="00000000-0000-0000-0000-000000000001")
    assert shop.status() == "Pending activation"

    shop.connect()

    assert shop.status() == "Active"


@pytest.mark.parametrize(("directory_id", "sentence"), [("contoso", "32 hexadecimal digits"), ("", "Enter the tenant")])
def test_tenant_id_that_is_none_is_refused(shop, directory_id, sentence):
    with pytest.raises(ValidationError, match=sentence):
        services.change_settings(console=shop.console, actor=None, compliance_enabled=True, directory_id=directory_id)


def test_partner_with_two_consents_needs_both(tenant):
    shop = Shop(tenant, JAMF)
    services.change_settings(
        console=shop.console, actor=None, compliance_enabled=True, directory_id=str(tenant.directory_id)
    )

    console = services.consent(console=shop.console, actor=None)
    after_one = shop.status()
    services.consent(console=console, actor=None, second=True)

    assert (after_one, shop.status()) == ("Pending activation", "Active")


def test_turning_it_off_terminates_and_turning_it_on_again_heals(shop):
    shop.connect()

    services.change_settings(console=shop.console, actor=None, compliance_enabled=False, directory_id="")
    off = shop.status()
    shop.connect()

    assert (off, shop.status()) == ("Terminated", "Active")


ENDS = {
    "Rejected": partial(connections.reject, because="Nothing could be read."),
    "Terminated": connections.deprovision,
}


@pytest.mark.parametrize("act", ["save", "consent"])
@pytest.mark.parametrize(("status", "end"), ENDS.items(), ids=ENDS)
def test_connection_that_was_ended_stays_so_until_somebody_connects_it_anew(slow_shop, status, end, act):
    shop = slow_shop
    shop.connect()
    end(tenant=shop.tenant, partner=shop.partner)
    phone = shop.phone()
    shop.pass_by(timedelta(hours=9))
    before = shop.status(), shop.intune(phone)

    if act == "save":
        services.change_settings(
            console=shop.console, actor=None, compliance_enabled=True, directory_id=shop.console.directory_id
        )
    else:
        services.consent(console=shop.console, actor=None)
    shop.pass_by(timedelta(hours=1))

    assert before == (status, "no record")
    assert (shop.status(), shop.intune(phone)) == ("Active", "Compliant")


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_partner_that_begins_anew_before_intune_knows_it_again_connects_when_intune_does(slow_shop, end):
    shop = slow_shop
    shop.connect()
    end(tenant=shop.tenant, partner=shop.partner)
    partner_services.delete_configuration(configuration=shop.configuration, actor=None)
    services.consent(console=shop.console, actor=None)
    shop.configuration = partner_services.create_configuration(
        tenant=shop.tenant, actor=None, partner=shop.partner, platform=Platform.IOS, groups=[shop.group]
    )

    shop.pass_by(timedelta(hours=1))

    assert shop.status() == "Active"


def test_partner_that_was_set_up_first_connects_when_intune_knows_it(slow_shop):
    tenant = slow_shop.tenant
    console = services.console_of(tenant, MOBILEIRON)
    services.change_settings(
        console=console, actor=None, compliance_enabled=True, directory_id=str(tenant.directory_id)
    )
    services.consent(console=console, actor=None)
    late = partner_services.create_configuration(
        tenant=tenant, actor=None, partner=MOBILEIRON, platform=Platform.ANDROID, all_users=True
    )

    slow_shop.pass_by(timedelta(hours=1))

    late.refresh_from_db()
    assert late.get_status_display() == "Active"


def test_hourly_heartbeats_keep_it_active_and_without_them_it_turns_unresponsive(slow_shop):
    slow_shop.connect()
    slow_shop.pass_by(timedelta(days=10))
    kept = slow_shop.status()

    slow_shop.console.credentials_lost = True
    slow_shop.console.save()
    slow_shop.pass_by(timedelta(days=4))

    assert (kept, slow_shop.status()) == ("Active", "Unresponsive")


# What the partner knows


def test_group_that_was_added_is_unknown_until_somebody_presses_sync(slow_shop):
    shop = slow_shop
    shop.connect()
    newcomers = GroupFactory(tenant=shop.tenant)
    newcomer = shop.person(newcomers)
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group, newcomers])
    phone = shop.phone(newcomer)
    shop.pass_by(timedelta(days=2))
    before = shop.intune(phone), shop.azure(phone)

    services.sync(console=shop.console, actor=None)
    shop.pass_by(timedelta(minutes=10))

    assert before == ("no record", (None, ""))
    assert (shop.intune(phone), shop.azure(phone)) == ("Compliant", (True, WORKSPACE_ONE.label))


def test_user_in_a_group_that_is_known_to_be_excluded_is_not_reported_although_another_is_included(slow_shop):
    shop = slow_shop
    left_out = GroupFactory(tenant=shop.tenant, members=[shop.user])
    partner_services.update_assignments(
        configuration=shop.configuration, actor=None, groups=[shop.group], excluded_groups=[left_out]
    )
    shop.connect()
    phone = shop.phone()

    shop.pass_by(timedelta(minutes=10))

    phone.refresh_from_db()
    assert (phone.unreported, phone.report_error, phone.reported_at) == (True, "", None)
    assert not Upload.objects.in_tenant(shop.tenant).exists()


def test_partner_that_synchronizes_by_itself_learns_of_it_within_the_hour(db):
    shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL), MOBILEIRON)
    shop.connect()
    newcomers = GroupFactory(tenant=shop.tenant)
    phone = shop.phone(shop.person(newcomers))
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group, newcomers])

    shop.pass_by(timedelta(hours=1, minutes=10))

    assert shop.azure(phone) == (True, MOBILEIRON.label)


def assign_all(configuration):
    partner_services.update_assignments(configuration=configuration, actor=None, all_users=True)


def test_all_users_stops_the_reports_of_a_partner_that_needs_a_group_until_it_has_one(db):
    shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL), JAMF)
    shop.connect()
    phone, gone = shop.phone(), shop.phone(name="Second iPhone")
    shop.pass_by(timedelta(hours=1))
    assign_all(shop.configuration)
    shop.pass_by(timedelta(hours=1))
    sent = Upload.objects.in_tenant(shop.tenant).count()
    shop.fail(phone)
    services.retire(enrolment=gone, actor=None)

    shop.pass_by(timedelta(days=2))
    broken = shop.status(), shop.intune(phone), shop.intune(gone), Upload.objects.in_tenant(shop.tenant).count() - sent
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group])
    shop.pass_by(timedelta(hours=2))

    assert broken == ("Pending activation", "Compliant", "Compliant", 0)
    assert (shop.status(), shop.intune(phone), shop.intune(gone)) == ("Active", "Not compliant", "no record")


def test_all_users_on_one_platform_leaves_the_reports_of_the_other_alone(tenant):
    shop = Shop(tenant, JAMF)
    assign_all(
        partner_services.create_configuration(
            tenant=tenant, actor=None, partner=JAMF, platform=Platform.MACOS, groups=[shop.group]
        )
    )
    shop.connect()
    mac = services.enrol(
        console=shop.console, actor=None, user=shop.user, platform=Platform.MACOS, device_name="Ana's Mac"
    )

    mac = services.register(enrolment=mac, actor=None, door=Door.SELF_SERVICE)

    assert (shop.intune(shop.phone()), shop.intune(mac)) == ("Compliant", "no record")
    assert (mac.unreported, mac.report_error) == (True, "")


def statements_that_write(captured) -> list[str]:
    return [query["sql"] for query in captured if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize("partner", [MOBILEIRON, WORKSPACE_ONE], ids=lambda partner: partner.key)
def test_hour_with_nothing_to_tell_writes_the_heartbeat_and_the_last_sync_alone(db, partner):
    shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL), partner)
    shop.connect()
    shop.phone()
    shop.pass_by(timedelta(hours=1))
    clock.advance(shop.tenant, timedelta(hours=1))

    with CaptureQueriesContext(connection) as captured:
        now = shop.tenant.now().replace(minute=0, second=0, microsecond=0)
        services.heartbeats(shop.tenant, now - timedelta(hours=1), now)

    written = {re.split(r'"', statement)[1] for statement in statements_that_write(captured)}
    heartbeat = {"partners_partnerconnection", "partners_partnerconfiguration", "uem_enrolment"}  # its devices check in
    assert not Enrolment.objects.in_tenant(shop.tenant).filter(unreported=True).exists()
    assert written == (heartbeat if partner.manual_sync else {*heartbeat, "uem_console"})


@pytest.fixture
def refused(db):
    """A shop whose partner synchronizes by itself, with a phone that Intune refuses, at eight in the morning."""
    shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL), MOBILEIRON)
    shop.connect()
    Licence.objects.in_tenant(shop.tenant).delete()
    shop.refused_phone = shop.phone()
    shop.pass_by(timedelta(hours=2))
    return shop


def uploads(shop) -> list[timedelta]:
    """When the partner has uploaded something, in minutes since the shop was set up."""
    times = Upload.objects.in_tenant(shop.tenant).order_by("received_at").values_list("received_at", flat=True)
    return [(at - shop.tenant.clock_start) // MINUTE * MINUTE for at in times]


def test_what_was_refused_is_reported_again_at_midnight_and_no_hour_before(refused):
    before = len(uploads(refused))

    refused.pass_by(timedelta(hours=13, minutes=30))
    in_the_evening = len(uploads(refused))
    refused.pass_by(timedelta(days=2))

    assert in_the_evening == before
    assert uploads(refused)[before:] == [timedelta(hours=16), timedelta(hours=40)]


@pytest.mark.parametrize("partner", [MOBILEIRON, WORKSPACE_ONE], ids=lambda partner: partner.key)
def test_cause_that_was_removed_heals_overnight(db, partner):
    shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL), partner)
    shop.connect()
    Licence.objects.in_tenant(shop.tenant).delete()
    phone = shop.phone()
    shop.pass_by(timedelta(hours=2))
    LicenceFactory(tenant=shop.tenant, user=shop.user, sku=Licence.Sku.INTUNE)

    shop.pass_by(timedelta(days=1))

    assert shop.azure(phone) == (True, partner.label)


def test_partner_reports_at_the_same_hours_however_time_is_cut(db):
    def run(*hours):
        shop = Shop(TenantFactory(propagation=Tenant.Propagation.REAL), MOBILEIRON)
        shop.connect()
        Licence.objects.in_tenant(shop.tenant).delete()
        shop.phone()
        newcomers = GroupFactory(tenant=shop.tenant)
        partner_services.update_assignments(
            configuration=shop.configuration, actor=None, groups=[newcomers, shop.group]
        )
        for some in hours:
            shop.pass_by(timedelta(hours=some))
        return uploads(shop), services.console_of(shop.tenant, MOBILEIRON).synced_at - shop.tenant.clock_start

    in_one, in_many = run(36), run(*[1] * 36)

    assert in_one == in_many
    assert in_one[1] == timedelta(hours=36)


def test_what_was_refused_is_reported_again_when_an_assignment_has_changed(refused):
    LicenceFactory(tenant=refused.tenant, user=refused.user, sku=Licence.Sku.INTUNE)
    newcomers = GroupFactory(tenant=refused.tenant)
    partner_services.update_assignments(
        configuration=refused.configuration, actor=None, groups=[refused.group, newcomers]
    )

    refused.pass_by(timedelta(hours=1, minutes=10))

    assert refused.azure(refused.refused_phone) == (True, MOBILEIRON.label)


def test_what_was_refused_is_reported_again_by_a_sync_that_brings_no_news(slow_shop):
    shop = slow_shop
    shop.connect()
    Licence.objects.in_tenant(shop.tenant).delete()
    phone = shop.phone()
    shop.pass_by(timedelta(hours=2))
    LicenceFactory(tenant=shop.tenant, user=shop.user, sku=Licence.Sku.INTUNE)

    services.sync(console=shop.console, actor=None)

    assert shop.intune(phone) == "Compliant"


def test_sync_keeps_what_is_known_and_writes_the_difference(shop):
    shop.connect()
    kept = KnownGroup.objects.in_tenant(shop.tenant).get()
    newcomers, excluded = GroupFactory(tenant=shop.tenant), GroupFactory(tenant=shop.tenant)
    partner_services.update_assignments(
        configuration=shop.configuration, actor=None, groups=[shop.group, newcomers, excluded]
    )
    services.sync(console=shop.console, actor=None)
    partner_services.update_assignments(configuration=shop.configuration, actor=None, groups=[shop.group, excluded])
    PartnerAssignment.objects.in_tenant(shop.tenant).filter(group=excluded).update(intent="exclude")

    services.sync(console=shop.console, actor=None)

    links = {link.group_id: link for link in KnownGroup.objects.in_tenant(shop.tenant)}
    assert links[shop.group.pk].pk == kept.pk
    assert {group: link.excluded for group, link in links.items()} == {shop.group.pk: False, excluded.pk: True}


def test_sync_is_refused_while_it_is_not_connected(shop):
    with pytest.raises(ValidationError, match="Set up the connection"):
        services.sync(console=shop.console, actor=None)


# Registration


def test_enrolled_device_that_is_not_registered_has_no_record_to_mark(shop):
    shop.connect()

    phone = shop.phone(door="")

    assert shop.azure(phone) == (None, "no record")
    assert phone.reported_at is None


def test_wrong_door_gives_account_not_onboarded_until_the_record_is_removed(tenant):
    shop = Shop(tenant, JAMF)
    shop.connect()

    phone = shop.phone(door=Door.COMPANY_PORTAL)
    assert phone.registration_error == "AccountNotOnboarded"
    assert shop.intune(phone) == "no record"

    with pytest.raises(ValidationError, match="Delete the device's record"):
        services.register(enrolment=phone, actor=None, door=Door.SELF_SERVICE)
    DirectoryDevice.objects.in_tenant(tenant).filter(owner=shop.user).delete()
    healed = services.register(enrolment=phone, actor=None, door=Door.SELF_SERVICE)

    assert (healed.registration_error, shop.azure(healed)) == ("", (True, JAMF.label))


def test_other_device_of_the_same_name_may_stay_when_the_record_of_the_wrong_door_is_removed(tenant):
    shop = Shop(tenant, JAMF)
    shop.connect()
    good = DirectoryDeviceFactory(tenant=tenant, owner=shop.user, display_name="Ana's iPhone")
    phone = shop.phone(door=Door.COMPANY_PORTAL)
    stray = services.stray_of(phone)
    assert stray not in {None, good}
    stray.delete()

    healed = services.register(enrolment=phone, actor=None, door=Door.SELF_SERVICE)

    assert healed.registration_error == ""
    assert DirectoryDevice.objects.in_tenant(tenant).filter(pk=good.pk).exists()


def test_record_of_the_wrong_door_is_known_by_whatever_name_and_owner_it_has_now(tenant):
    shop = Shop(tenant, JAMF)
    phone = shop.phone(door=Door.COMPANY_PORTAL)

    DirectoryDevice.objects.in_tenant(tenant).update(display_name="Renamed", owner=None)

    with pytest.raises(ValidationError, match="Delete the device's record"):
        services.register(enrolment=phone, actor=None, door=Door.SELF_SERVICE)


def test_registered_device_is_not_registered_twice(shop):
    phone = shop.phone()

    with pytest.raises(ValidationError, match="already registered"):
        services.register(enrolment=phone, actor=None, door=Door.AUTHENTICATOR)


def test_gate_that_forbids_a_registration_leaves_no_record(shop, monkeypatch):
    monkeypatch.setattr(services, "_gates", [lambda tenant, user, app, platform: f"53000 for {app}"])

    phone = shop.phone()

    assert phone.registration_error == "53000 for Workspace ONE Intelligent Hub"
    assert not DirectoryDevice.objects.in_tenant(shop.tenant).exists()


# Verdicts


@pytest.mark.parametrize(("partner", "compliant"), [(MOBILEIRON, True), (WORKSPACE_ONE, False)], ids=str)
def test_policy_that_only_alerts_counts_as_the_partner_reports_it(tenant, partner, compliant):
    shop = Shop(tenant, partner)
    shop.connect()
    phone = shop.phone()

    shop.fail(phone, Verdict.ALERT)

    assert shop.azure(phone) == (compliant, partner.label)


def test_why_intune_refused_a_report_stands_on_the_device(shop):
    shop.connect()
    Licence.objects.in_tenant(shop.tenant).delete()

    phone = shop.phone()

    phone.refresh_from_db()
    assert phone.report_error == "The user has no Intune license."
    assert phone.reported_at is None


def test_verdict_needs_a_reason_unless_all_is_well(shop):
    phone = shop.phone()

    with pytest.raises(ValidationError, match="Enter what the device does not meet"):
        services.set_verdict(enrolment=phone, actor=None, verdict=Verdict.NOT_COMPLIANT)


def test_retired_device_leaves_intune(shop):
    shop.connect()
    phone = shop.phone()

    services.retire(enrolment=phone, actor=None)

    assert (shop.intune(phone), shop.azure(phone)) == ("no record", (None, ""))
    with pytest.raises(ValidationError, match="was retired"):
        shop.fail(phone)


def test_retired_device_leaves_intune_although_its_user_was_deleted(shop):
    shop.connect()
    phone = shop.phone()
    shop.user.delete()
    phone.refresh_from_db()

    services.retire(enrolment=phone, actor=None)

    assert (shop.intune(phone), shop.azure(phone)) == ("no record", (None, ""))
    phone.refresh_from_db()
    assert (phone.unreported, phone.report_error) == (False, "")


def test_deleted_device_stays_in_intune_because_nobody_was_told(shop):
    shop.connect()
    phone = shop.phone()
    device_id = phone.azure_ad_device_id

    services.delete(enrolment=phone, actor=None)

    assert ManagedDevice.objects.in_tenant(shop.tenant).get().azure_ad_device_id == device_id


# Enrolling


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"platform": Platform.MACOS}, "does not manage macOS"),
        ({"device_name": "  "}, "cannot be blank"),
        ({"device_name": "x" * 121}, "at most 120"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_device_that_cannot_be_enrolled_is_refused(tenant, values, sentence):
    shop = Shop(tenant, MOBILEIRON)
    values = {"platform": Platform.IOS, "device_name": "A phone"} | values

    with pytest.raises(ValidationError, match=sentence):
        services.enrol(console=shop.console, actor=None, user=shop.user, **values)

    assert not Enrolment.objects.in_tenant(tenant).exists()


def test_user_of_another_tenant_is_refused(shop):
    with pytest.raises(ValidationError, match="Select a user of this directory"):
        shop.phone(DirectoryUserFactory(tenant=TenantFactory()), door="")


def test_many_are_enrolled_whole_or_not_at_all(shop):
    row = {"user": shop.user, "platform": Platform.IOS}

    with pytest.raises(ValidationError, match="Device 2:"):
        services.enrol_many(
            console=shop.console, actor=None, rows=[row | {"device_name": "One"}, row | {"device_name": ""}]
        )
    assert not Enrolment.objects.in_tenant(shop.tenant).exists()

    made = services.enrol_many(
        console=shop.console, actor=None, rows=[row | {"device_name": f"Phone {n}"} for n in range(60)]
    )
    assert len(made) == Enrolment.objects.in_tenant(shop.tenant).count() == 60


def test_device_that_is_switched_on_is_seen_every_eight_hours_and_reported_every_week(slow_shop):
    shop = slow_shop
    shop.connect()
    phone = shop.phone()
    shop.pass_by(timedelta(days=1))
    uploads = Upload.objects.in_tenant(shop.tenant).count()

    shop.pass_by(timedelta(days=5))
    seen, quiet = shop.seen(phone), Upload.objects.in_tenant(shop.tenant).count() - uploads
    shop.pass_by(timedelta(days=3))
    checked_in = ManagedDevice.objects.in_tenant(shop.tenant).get().last_checkin_at

    assert seen < timedelta(hours=9)
    assert quiet == 0
    assert shop.tenant.now() - checked_in < timedelta(days=3)
    assert shop.intune(phone) == "Compliant"


def test_device_that_is_switched_off_is_not_seen_and_not_reported_again(slow_shop):
    shop = slow_shop
    shop.connect()
    phone = shop.phone()
    shop.pass_by(timedelta(hours=1))
    Enrolment.objects.in_tenant(shop.tenant).update(online=False)
    uploads = Upload.objects.in_tenant(shop.tenant).count()

    shop.pass_by(timedelta(days=9))

    assert shop.seen(phone) > timedelta(days=9)
    assert Upload.objects.in_tenant(shop.tenant).count() == uploads
