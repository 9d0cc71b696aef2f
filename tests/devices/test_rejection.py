"""A partner whose messages cannot be read is not listened to any more."""

from __future__ import annotations

import pytest

from devices import rejection, reports
from devices.models import RefusedItem
from devices.reports import Refusal
from partners import catalogue, connections
from partners.models import PartnerConnection
from tenancy.models import JournalEntry
from tests.devices.test_reports import WORKSPACE_ONE, Site
from tests.factories import ConfigurationFactory

NONSENSE = [Refusal(0, None, RefusedItem.Reason.INVALID, "'compliant': Field required.")]


@pytest.fixture
def site(tenant):
    return Site(tenant)


def send_nonsense(site, times: int = rejection.UNREADABLE_IN_A_ROW) -> None:
    for _ in range(times):
        site.send(unreadable=NONSENSE)


def status(site) -> str:
    site.configuration.refresh_from_db()
    return site.configuration.get_status_display()


def test_partner_is_rejected_after_several_messages_in_a_row_that_cannot_be_read(site):
    site.managed()
    send_nonsense(site, 2)
    before = status(site)

    send_nonsense(site, 1)

    assert (before, status(site)) == ("Active", "Rejected")
    connection = PartnerConnection.objects.in_tenant(site.tenant).get()
    assert connection.rejected_because == (
        "Nothing of the last 3 messages could be read; of the last one because of 'compliant': Field required."
    )
    assert JournalEntry.objects.in_tenant(site.tenant).filter(activity=connections.REJECTED).count() == 1
    with pytest.raises(
        reports.NotProvisioned, match=r"until it provisions this directory again\. Nothing of the last 3"
    ):
        site.send(site.state())


@pytest.mark.parametrize(
    "message",
    [
        lambda site: site.send(site.state()),
        lambda site: site.send(site.state(), unreadable=[Refusal(1, *NONSENSE[0][1:])]),
        lambda site: site.send(site.state(user_id=site.person().pk)),
        lambda site: site.send(),
    ],
    ids=["taken", "readable in part", "refused for another reason", "empty"],
)
def test_message_that_can_be_read_lets_the_count_begin_anew(site, message):
    site.managed()
    send_nonsense(site, 2)
    message(site)

    send_nonsense(site, 2)

    assert status(site) == "Active"


def test_messages_of_another_partner_do_not_count(site):
    site.managed()
    send_nonsense(site, 2)
    jamf = catalogue.partners()["jamf_pro"]
    ConfigurationFactory(tenant=site.tenant, partner=jamf.key, platform="macos")
    connections.provision(tenant=site.tenant, partner=jamf)

    reports.take_states(site.tenant, reports.Batch(jamf, "one", "a" * 64, NONSENSE), [])

    assert status(site) == "Active"


def test_partner_that_is_provisioned_anew_begins_anew(site):
    send_nonsense(site)

    connections.provision(tenant=site.tenant, partner=WORKSPACE_ONE)
    send_nonsense(site, 2)

    assert status(site) == "Active"
