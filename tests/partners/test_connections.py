"""How a partner's cloud stands with Intune: what the portal shows follows from what was heard of it, and when."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from partners import catalogue, connections
from partners.models import PartnerConfiguration, PartnerConnection, PartnerToken
from tenancy import clock
from tenancy.models import JournalEntry, Tenant
from tests.factories import ConfigurationFactory, TenantFactory

WORKSPACE_ONE = catalogue.partners()["workspace_one"]
JAMF = catalogue.partners()["jamf_pro"]
Status = PartnerConfiguration.Status


def status(configuration) -> str:
    configuration.refresh_from_db()
    return configuration.get_status_display()


def statuses(tenant) -> list[tuple[str, str]]:
    """What the journal says of changed statuses, oldest first: old and new."""
    entries = JournalEntry.objects.in_tenant(tenant).filter(activity=connections.STATUS_CHANGED)
    return [
        (entry.old_values["Partner status"], entry.new_values["Partner status"])
        for entry in entries.order_by("occurred_at", "recorded_at")
    ]


@pytest.fixture
def slow(db):
    return TenantFactory(propagation=Tenant.Propagation.REAL)


@pytest.fixture
def configuration(tenant):
    return ConfigurationFactory(tenant=tenant, all_users=True)


def test_configuration_is_pending_until_the_partner_provisions_the_tenant(tenant, configuration):
    assert status(configuration) == "Pending activation"

    connections.provision(tenant=tenant, partner=WORKSPACE_ONE, enrollment_url="https://ds.vmware.example/enroll")

    assert status(configuration) == "Active"
    assert configuration.last_sync_at is not None
    assert statuses(tenant) == [("Pending activation", "Active")]


def test_tenant_that_has_not_added_the_partner_cannot_be_provisioned(tenant):
    with pytest.raises(ValidationError, match="Add 'VMware Workspace ONE mobile compliance' under"):
        connections.provision(tenant=tenant, partner=WORKSPACE_ONE)

    assert not PartnerConnection.objects.in_tenant(tenant).exists()


@pytest.mark.parametrize("url", ["http://ds.vmware.example", "ds.vmware.example", "javascript:alert(1)"])
def test_other_urls_than_https_are_refused_and_nothing_is_written(tenant, configuration, url):
    with pytest.raises(ValidationError, match="https://"):
        connections.provision(tenant=tenant, partner=WORKSPACE_ONE, remediation_url=url)

    assert not PartnerConnection.objects.in_tenant(tenant).exists()
    assert status(configuration) == "Pending activation"


def test_second_platform_is_active_with_the_next_heartbeat(tenant, configuration):
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
    second = ConfigurationFactory(tenant=tenant, platform="android", all_users=True)
    assert status(second) == "Pending activation"

    connections.heartbeat(tenant=tenant, partner=WORKSPACE_ONE)

    assert status(second) == "Active"


def test_partner_that_leaves_is_terminated_and_comes_back_active(tenant, configuration):
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)

    connections.deprovision(tenant=tenant, partner=WORKSPACE_ONE)
    terminated = status(configuration)
    heard = connections.heartbeat(tenant=tenant, partner=WORKSPACE_ONE)
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)

    assert (terminated, heard, status(configuration)) == ("Terminated", False, "Active")


def test_refused_messages_make_it_rejected_until_it_is_provisioned_anew(tenant, configuration):
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)

    connection = connections.reject(tenant=tenant, partner=WORKSPACE_ONE, because="The certificate has expired.")
    rejected = status(configuration)
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)

    assert connection.rejected_because == "The certificate has expired."
    assert (rejected, status(configuration)) == ("Rejected", "Active")


def test_configuration_made_anew_is_pending_although_an_older_one_was_terminated(tenant, configuration):
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
    connections.deprovision(tenant=tenant, partner=WORKSPACE_ONE)

    fresh = ConfigurationFactory(tenant=tenant, platform="android", all_users=True)
    connections.refresh_statuses(tenant, WORKSPACE_ONE)

    assert status(fresh) == "Pending activation"


def test_partner_that_needs_a_named_group_does_not_become_active_for_all_users(tenant):
    for_all = ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="ios", all_users=True)
    for_a_group = ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="macos")

    connections.provision(tenant=tenant, partner=JAMF)

    assert (status(for_all), for_all.last_sync_at) == ("Pending activation", None)
    assert (status(for_a_group), for_a_group.last_sync_at is None) == ("Active", False)


def test_partner_that_needs_a_named_group_is_not_heard_while_every_assignment_is_for_all_users(tenant):
    configuration = ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="ios")
    connections.provision(tenant=tenant, partner=JAMF)
    assert (status(configuration), connections.why_not_heard(tenant, JAMF)) == ("Active", "")
    configuration.all_users = True
    configuration.save()

    heard = connections.heartbeat(tenant=tenant, partner=JAMF)
    why, broken = connections.why_not_heard(tenant, JAMF), status(configuration)
    configuration.all_users = False
    configuration.save()
    mended = connections.heartbeat(tenant=tenant, partner=JAMF)

    assert (heard, broken) == (False, "Pending activation")
    assert why.startswith("'Jamf Device Compliance' needs a named group.")
    assert (mended, status(configuration)) == (True, "Active")


def test_all_users_on_one_platform_does_not_keep_the_partner_from_serving_the_other(tenant):
    ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="ios", all_users=True)
    for_a_group = ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="macos")
    connections.provision(tenant=tenant, partner=JAMF)

    assert connections.heartbeat(tenant=tenant, partner=JAMF)
    assert connections.why_not_heard(tenant, JAMF) == ""
    assert connections.served(tenant, JAMF) == [for_a_group]


def test_all_users_breaks_the_connection_within_the_hour_although_the_partner_says_nothing(slow):
    configuration = ConfigurationFactory(tenant=slow, partner="jamf_pro", platform="ios")
    connections.provision(tenant=slow, partner=JAMF)
    configuration.refresh_from_db()
    configuration.all_users = True
    configuration.save()

    clock.advance(slow, timedelta(hours=1))
    clock.settle(slow)

    assert status(configuration) == "Pending activation"
    entry = JournalEntry.objects.in_tenant(slow).filter(activity=connections.STATUS_CHANGED).latest("occurred_at")
    assert entry.occurred_at <= slow.now()


def test_silent_partner_is_unresponsive_after_72_hours_and_the_journal_says_when(slow):
    configuration = ConfigurationFactory(tenant=slow, all_users=True)
    connections.provision(tenant=slow, partner=WORKSPACE_ONE)
    heard_at = slow.now()

    clock.advance(slow, timedelta(hours=71))
    clock.settle(slow)
    before = status(configuration)
    clock.advance(slow, timedelta(days=10))
    clock.settle(slow)

    assert (before, status(configuration)) == ("Active", "Unresponsive")
    entry = JournalEntry.objects.in_tenant(slow).filter(activity=connections.STATUS_CHANGED).latest("occurred_at")
    assert timedelta(0) <= heard_at + timedelta(hours=72) - entry.occurred_at < timedelta(minutes=1)


def test_unresponsive_partner_is_active_again_when_it_is_heard_of(slow):
    configuration = ConfigurationFactory(tenant=slow, all_users=True)
    connections.provision(tenant=slow, partner=WORKSPACE_ONE)
    clock.advance(slow, timedelta(days=4))
    clock.settle(slow)

    connections.heartbeat(tenant=slow, partner=WORKSPACE_ONE)

    assert status(configuration) == "Active"
    assert statuses(slow)[-1] == ("Unresponsive", "Active")


def test_heartbeat_of_an_earlier_time_takes_nothing_back(tenant, configuration):
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
    configuration.refresh_from_db()
    heard_at = configuration.last_sync_at

    with clock.at(tenant, heard_at - timedelta(days=5)):
        connections.heartbeat(tenant=tenant, partner=WORKSPACE_ONE)

    configuration.refresh_from_db()
    assert configuration.last_sync_at == heard_at
    assert PartnerConnection.objects.in_tenant(tenant).get().last_heartbeat_at == heard_at


def test_heartbeats_leave_no_trace_in_the_journal(tenant, configuration):
    connections.provision(tenant=tenant, partner=WORKSPACE_ONE)
    before = JournalEntry.objects.in_tenant(tenant).count()

    for _ in range(3):
        connections.heartbeat(tenant=tenant, partner=WORKSPACE_ONE)

    assert JournalEntry.objects.in_tenant(tenant).count() == before


# Tokens


def test_token_is_found_by_its_text_and_only_its_hash_is_kept(tenant, operator):
    made = connections.create_token(tenant=tenant, actor=operator, partner=WORKSPACE_ONE, name="Our cloud")

    found = connections.find_token(made.text)

    assert found == made.token
    assert (found.tenant, found.partner) == (tenant, "workspace_one")
    row = PartnerToken.objects.in_tenant(tenant).values().get()
    assert made.text not in str(row)
    assert row["hint"] == made.text[-4:]


@pytest.mark.parametrize("text", ["", "bwpt_", "no such token"])
def test_other_text_finds_nothing(tenant, operator, text):
    connections.create_token(tenant=tenant, actor=operator, partner=WORKSPACE_ONE, name="Our cloud")

    assert connections.find_token(text) is None


def test_revoked_token_is_worth_nothing(tenant, operator):
    made = connections.create_token(tenant=tenant, actor=operator, partner=WORKSPACE_ONE, name="Our cloud")

    connections.revoke_token(token=made.token, actor=operator)
    connections.revoke_token(token=made.token, actor=operator)

    assert connections.find_token(made.text) is None
    assert JournalEntry.objects.in_tenant(tenant).filter(activity=connections.TOKEN_REVOKED).count() == 1


def test_form_that_is_sent_twice_makes_one_token_and_shows_it_again(tenant, operator):
    asked = {"tenant": tenant, "actor": operator, "partner": WORKSPACE_ONE, "name": "Our cloud", "key": uuid4()}
    first = connections.create_token(**asked)

    again = connections.create_token(**asked)

    assert (again.token, again.text) == (first.token, first.text)
    assert connections.find_token(again.text) == first.token
    assert JournalEntry.objects.in_tenant(tenant).filter(activity=connections.TOKEN_CREATED).count() == 1


@pytest.mark.parametrize(
    "other", [{"key": uuid4()}, {"name": "Another"}, {"actor": None}, {"partner": JAMF}],
    ids=["form", "name", "operator", "partner"],
)  # fmt: skip
def test_token_of_another_form_name_operator_or_partner_is_another(tenant, operator, other):
    asked = {"tenant": tenant, "actor": operator, "partner": WORKSPACE_ONE, "name": "Our cloud", "key": uuid4()}
    first = connections.create_token(**asked)

    second = connections.create_token(**asked | other)

    assert second.token != first.token
    assert second.text != first.text


def test_form_whose_token_was_revoked_does_not_show_it_again(tenant, operator):
    asked = {"tenant": tenant, "actor": operator, "partner": WORKSPACE_ONE, "name": "Our cloud", "key": uuid4()}
    made = connections.create_token(**asked)
    connections.revoke_token(token=made.token, actor=operator)

    with pytest.raises(ValidationError, match="was revoked"):
        connections.create_token(**asked)

    assert PartnerToken.objects.in_tenant(tenant).count() == 1


@pytest.mark.parametrize(("name", "sentence"), [("  ", "Enter a name."), ("x" * 61, "at most 60 characters")])
def test_token_needs_a_name(tenant, operator, name, sentence):
    with pytest.raises(ValidationError, match=sentence):
        connections.create_token(tenant=tenant, actor=operator, partner=WORKSPACE_ONE, name=name)


def test_requests_beyond_the_rate_wait_for_the_next_minute(tenant, operator, monkeypatch, time_machine):
    monkeypatch.setattr(connections, "REQUESTS_A_MINUTE", 3)
    time_machine.move_to("2026-01-01 12:00:20", tick=False)
    token = connections.create_token(tenant=tenant, actor=operator, partner=WORKSPACE_ONE, name="Our cloud").token

    waits = [connections.note_request(token) for _ in range(5)]
    time_machine.move_to("2026-01-01 12:01:00", tick=False)
    later = connections.note_request(token)

    assert (waits, later) == ([0, 0, 0, 40, 40], 0)


def test_one_token_does_not_use_up_the_rate_of_another(tenant, operator, monkeypatch):
    monkeypatch.setattr(connections, "REQUESTS_A_MINUTE", 1)
    one, other = (
        connections.create_token(tenant=tenant, actor=operator, partner=WORKSPACE_ONE, name=name).token
        for name in ("One", "Other")
    )

    connections.note_request(one)

    assert connections.note_request(other) == 0
