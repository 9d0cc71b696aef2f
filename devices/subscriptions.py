"""What the devices follow in the journal: who manages them, what they are judged by, and whose word counts."""

from datetime import timedelta

from directory import activities as directory
from partners import services as partners
from tenancy import journal

AUTHORITY_CHANGE = "devices.authority-change"
USER_RENAMED = "devices.user-renamed"
USER_GONE = "devices.user-gone"
POLICY_CHANGED = "devices.policy-changed"
COMPLIANCE_SETTINGS_CHANGED = "devices.compliance-settings-changed"

# Source: Intune docs, "Set the mobile device management authority": a change takes up to 8 hours.
AUTHORITY_DELAY = timedelta(hours=8)
# Source: Intune docs, "Common issues and resolutions with device profiles": devices are notified at once of a policy,
# which takes under five minutes.
NOTIFIED_AFTER = timedelta(minutes=5)


def subscribe() -> None:
    """Re-evaluate the authority of devices after every change of an assignment or of a group's members, and their
    compliance after every change of a policy, of the settings or of the members of a policy's group; judge a partner
    by each of its messages.

    What devices repeat of a user is not delayed: it is the same record that the real product shows in two places.
    """
    # These register handlers, and some import this module themselves.
    from devices import people, periodic, policy_services, rejection, reports, services  # noqa: F401, PLC0415

    for activity in (
        partners.CONFIGURATION_CREATED,
        partners.CONFIGURATION_UPDATED,
        partners.CONFIGURATION_DELETED,
        directory.GROUP_MEMBERS_ADDED,
        directory.GROUP_MEMBERS_REMOVED,
    ):
        journal.subscribe(activity, AUTHORITY_CHANGE, delay=AUTHORITY_DELAY)
    for activity in (
        policy_services.POLICY_CREATED,
        policy_services.POLICY_UPDATED,
        policy_services.POLICY_ASSIGNED,
        policy_services.POLICY_DELETED,
    ):
        journal.subscribe(activity, POLICY_CHANGED, delay=NOTIFIED_AFTER)
    journal.subscribe(policy_services.SETTINGS_UPDATED, COMPLIANCE_SETTINGS_CHANGED, delay=NOTIFIED_AFTER)
    journal.subscribe(reports.UPLOADED, rejection.MESSAGE_READ)
    journal.subscribe(directory.USER_UPDATED, USER_RENAMED)
    journal.subscribe(directory.USER_DELETED, USER_GONE)
