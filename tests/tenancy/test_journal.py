from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from directory import services as directory
from tenancy import journal
from tenancy.context import origin
from tenancy.models import DueEvent, JournalEntry, Tenant
from tests.factories import DirectoryUserFactory, GroupFactory, TenantFactory


def test_entry_says_who_did_what_to_what_and_when(tenant, operator):
    group = GroupFactory(tenant=tenant, display_name="Front desk")
    user = DirectoryUserFactory(tenant=tenant, upn="ana.silva@kestrel.example")

    with origin(JournalEntry.Source.PORTAL, "f00d"):
        directory.add_members(tenant=tenant, actor=operator, group=group, users=[user])

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.actor, entry.actor_name) == (operator, "mara.lindqvist@kestrel.example")
    assert (entry.source, entry.request_id) == ("portal", "f00d")
    assert (entry.activity, entry.target_type, entry.target_name) == ("Add members to group", "group", "Front desk")
    assert entry.target_id == group.pk
    assert entry.new_values == {"Members": ["ana.silva@kestrel.example"]}
    assert abs(entry.occurred_at - tenant.now()) < timedelta(minutes=1)


def test_name_of_the_actor_stays_readable_when_the_operator_is_gone(tenant, operator):
    journal.record(tenant=tenant, actor=operator, category="Training", activity="Tried", target=tenant)

    operator.delete()

    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert entry.actor is None
    assert entry.actor_name == "mara.lindqvist@kestrel.example"


def test_write_that_fails_leaves_no_entry(tenant, operator):
    def write_and_fail():
        with transaction.atomic():
            journal.record(tenant=tenant, actor=operator, category="Training", activity="Tried", target=tenant)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert not JournalEntry.objects.in_tenant(tenant).exists()


def test_entry_for_thousands_of_members_names_the_first_and_counts_the_rest(tenant):
    group = GroupFactory(tenant=tenant)
    users = [DirectoryUserFactory(tenant=tenant) for _ in range(25)]

    directory.add_members(tenant=tenant, actor=None, group=group, users=users)

    members = JournalEntry.objects.in_tenant(tenant).get().new_values["Members"]
    assert len(members) == 21
    assert members[-1] == "and 5 more"


def test_subscriber_follows_after_its_delay_of_tenant_time_or_at_once_in_an_instant_tenant(db):
    slow = TenantFactory(propagation=Tenant.Propagation.REAL)
    instant = TenantFactory(propagation=Tenant.Propagation.INSTANT)
    for tenant in (slow, instant):
        group, user = GroupFactory(tenant=tenant), DirectoryUserFactory(tenant=tenant)
        directory.add_members(tenant=tenant, actor=None, group=group, users=[user])

    assert DueEvent.objects.in_tenant(slow).get().kind == "devices.authority-change"
    assert not DueEvent.objects.in_tenant(instant).exists()
