"""What the devices follow in the journal of lower apps: who manages them depends on it."""

from datetime import timedelta

from directory import activities as directory
from partners import services as partners
from tenancy import journal

AUTHORITY_CHANGE = "devices.authority-change"
USER_RENAMED = "devices.user-renamed"
USER_GONE = "devices.user-gone"

# Source: Intune docs, "Set the mobile device management authority": a change takes up to 8 hours.
AUTHORITY_DELAY = timedelta(hours=8)


def subscribe() -> None:
    """Re-evaluate the authority of devices after every change of an assignment or of a group's members.

    What devices repeat of a user is not delayed: it is the same record that the real product shows in two places.
    """
    # These register handlers, and some import this module themselves.
    from devices import people, periodic, services  # noqa: F401, PLC0415

    for activity in (
        partners.CONFIGURATION_CREATED,
        partners.CONFIGURATION_UPDATED,
        partners.CONFIGURATION_DELETED,
        directory.GROUP_MEMBERS_ADDED,
        directory.GROUP_MEMBERS_REMOVED,
    ):
        journal.subscribe(activity, AUTHORITY_CHANGE, delay=AUTHORITY_DELAY)
    journal.subscribe(directory.USER_UPDATED, USER_RENAMED)
    journal.subscribe(directory.USER_DELETED, USER_GONE)
