"""Two operators, or one impatient one, at the same moment: real threads on a real database."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from blades.models import Draft
from partners.models import PartnerConfiguration
from tenancy.models import JournalEntry
from tests.factories import GroupFactory, MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def at_once(*calls):
    """Run the calls in threads of their own that start together; return their results in order."""
    gate = threading.Barrier(len(calls), timeout=20)
    results: dict[int, object] = {}

    def run(index, call):
        try:
            gate.wait()
            results[index] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [results[index] for index in range(len(calls))]


def ready_to_create(tenant, member):
    """A client whose draft stands before Create, and the address to post to."""
    client = Client(raise_request_exception=False)
    client.force_login(member.operator, backend=BACKEND)
    basics = client.post(reverse("partners:add", args=[tenant.slug])).url
    assignments = client.post(basics, {"partner": "workspace_one", "platform": "ios"}).url
    group = GroupFactory(tenant=tenant)
    review = client.post(assignments, {"groups": [str(group.pk)]}).url
    return client, review


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_operators_racing_for_a_platform_one_wins_and_the_other_reads_the_sentence(attempt):
    tenant = TenantFactory()
    racers = [ready_to_create(tenant, MembershipFactory(tenant=tenant)) for _ in range(2)]

    responses = at_once(*[lambda client=client, url=url: client.post(url) for client, url in racers])

    assert PartnerConfiguration.objects.in_tenant(tenant).count() == 1
    assert [response.status_code for response in responses] == [302, 302]
    winners = [r for r in responses if r.url == reverse("partners:configuration-list", args=[tenant.slug])]
    assert len(winners) == 1
    loser = responses.index(next(r for r in responses if r not in winners))
    page = racers[loser][0].get(responses[loser].url).content.decode()
    assert "A compliance partner already exists for platform &#x27;iOS/iPadOS&#x27;" in page


@pytest.mark.parametrize("attempt", range(5))
def test_double_submit_creates_one_and_shows_it_twice(attempt):
    tenant = TenantFactory()
    member = MembershipFactory(tenant=tenant)
    first, review = ready_to_create(tenant, member)
    second = Client(raise_request_exception=False)
    second.force_login(member.operator, backend=BACKEND)

    responses = at_once(lambda: first.post(review), lambda: second.post(review))

    configuration = PartnerConfiguration.objects.in_tenant(tenant).get()
    assert {response.url for response in responses} == {
        reverse("partners:configuration-list", args=[tenant.slug]),
        reverse("partners:overview", args=[tenant.slug, configuration.pk]),
    }
    assert JournalEntry.objects.in_tenant(tenant).filter(activity="Create compliance partner").count() == 1
    assert Draft.objects.get().made_url
