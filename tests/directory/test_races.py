"""Two operators, or one impatient one, at the same moment: real threads on a real database."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from directory.activities import GROUP_MEMBERS_ADDED, USER_ADDED
from directory.models import DirectoryUser, GroupMembership
from tenancy.models import JournalEntry
from tests.factories import DirectoryUserFactory, GroupFactory, MembershipFactory, TenantFactory
from tests.partners.test_races import BACKEND, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office():
    return TenantFactory()


def operator_of(tenant):
    client = Client(raise_request_exception=False)
    client.force_login(MembershipFactory(tenant=tenant).operator, backend=BACKEND)
    return client


@pytest.mark.parametrize("attempt", range(3))
def test_two_operators_add_the_same_member_once(office, attempt):
    group, user = GroupFactory(tenant=office), DirectoryUserFactory(tenant=office)
    address = reverse("directory:group-members", args=[office.slug, group.pk])
    clients = [operator_of(office) for _ in range(2)]
    data = {"members": [str(user.pk)], "members_done": "1", "pane": ""}

    responses = at_once(*[lambda client=client: client.post(address, data) for client in clients])

    assert [response.status_code for response in responses] == [302, 302]
    assert GroupMembership.objects.in_tenant(office).count() == 1
    assert JournalEntry.objects.in_tenant(office).filter(activity=GROUP_MEMBERS_ADDED).count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_operators_who_take_a_user_name_one_reads_that_it_is_taken(office, attempt):
    address = reverse("directory:user-create", args=[office.slug])
    clients = [operator_of(office) for _ in range(2)]
    data = {"upn": "cleo", "display_name": "Cleo Marsh", "blocked": "no"}

    responses = at_once(*[lambda client=client: client.post(address, data) for client in clients])

    assert sorted(response.status_code for response in responses) == [302, 422]
    refused = next(response for response in responses if response.status_code == 422)
    assert "The user name is taken. Enter another one." in refused.content.decode()
    assert DirectoryUser.objects.in_tenant(office).count() == 1
    assert JournalEntry.objects.in_tenant(office).filter(activity=USER_ADDED).count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_user_who_is_deleted_while_joining_a_group_breaks_nothing(office, attempt):
    group, user = GroupFactory(tenant=office), DirectoryUserFactory(tenant=office)
    members = reverse("directory:group-members", args=[office.slug, group.pk])
    profile = reverse("directory:user-overview", args=[office.slug, user.pk])
    adding, deleting = operator_of(office), operator_of(office)

    responses = at_once(
        lambda: adding.post(members, {"members": [str(user.pk)], "members_done": "1", "pane": ""}),
        lambda: deleting.post(profile),
    )

    assert responses[0].status_code in (302, 422)
    assert responses[1].status_code == 302
    assert not DirectoryUser.objects.in_tenant(office).exists()
    assert not GroupMembership.objects.in_tenant(office).exists()
