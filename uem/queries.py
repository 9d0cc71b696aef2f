"""Reads that answer a page of the partner's console."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse

from blades.templatetags.blades import portal_date
from blades.vocabulary import say
from directory import queries as directory
from directory.models import DirectoryDevice
from partners import catalogue, connections
from partners.catalogue import CataloguePartner
from partners.models import PartnerConfiguration, PartnerConnection, Platform
from partners.tables import status_kind
from tenancy.models import Tenant
from tenancy.scoping import starting_with
from uem import services
from uem.models import Console, Enrolment, KnownGroup

Verdict = Enrolment.Verdict
VERDICT_KINDS = {Verdict.COMPLIANT: "ok", Verdict.NOT_COMPLIANT: "bad", Verdict.ALERT: "warn"}


# Consoles


class Entry(NamedTuple):
    """A partner in the list of consoles. platforms: on which the tenant has added it, or empty."""

    partner: CataloguePartner
    platforms: list[str]
    connected: bool


def entries(tenant: Tenant) -> list[Entry]:
    """Every partner of the catalogue, those that the tenant has added first."""
    added: dict[str, list[str]] = {}
    for configuration in PartnerConfiguration.objects.in_tenant(tenant):
        added.setdefault(configuration.partner, []).append(configuration.get_platform_display())
    consoles = {console.partner: console for console in Console.objects.in_tenant(tenant)}
    for console in consoles.values():
        console.tenant = tenant
    found = [
        Entry(partner, added.get(key, []), key in consoles and services.is_connected(consoles[key]))
        for key, partner in catalogue.partners().items()
    ]
    return sorted(found, key=lambda entry: (not entry.platforms, entry.partner.product.casefold()))


def counts(console: Console) -> dict[str, int]:
    """How many devices are enrolled, and how many of them are how."""
    enrolled = Enrolment.objects.in_tenant(console.tenant).filter(console=console, retired_at=None)
    found: dict[str, int] = enrolled.aggregate(
        enrolled=Count("pk"),
        registered=Count("pk", filter=Q(azure_ad_device_id__isnull=False)),
        reported=Count("pk", filter=Q(reported_at__isnull=False, report_error="")),
        **{verdict.value: Count("pk", filter=Q(verdict=verdict)) for verdict in Verdict},
    )
    return found


def links(console: Console) -> list[KnownGroup]:
    """The groups that the partner has heard of, by platform and name."""
    known = KnownGroup.objects.in_tenant(console.tenant).filter(console=console).select_related("group")
    found: list[KnownGroup] = list(known.order_by("platform", "excluded", "group__name_key", "pk"))
    return found


class Assigned(NamedTuple):
    """What the partner knows of the assignments for a platform."""

    platform: str
    included: list[str]
    excluded: list[str]


def known_assignments(console: Console) -> list[Assigned]:
    """What the partner has learned of Intune's assignments, a line for each platform."""
    rows = {value: Assigned(label, [], []) for value, label in Platform.choices}
    for platform in console.all_users_platforms:
        rows[platform].included.append("All users")
    for link in links(console):
        row = rows[link.platform]
        (row.excluded if link.excluded else row.included).append(str(link.group))
    return [row for row in rows.values() if row.included or row.excluded]


def what_to_know(partner: CataloguePartner) -> list[str]:
    """What sets this partner apart, in sentences."""
    said = []
    if len(partner.consents) > 1:
        said.append("Two applications ask for admin consent, one after the other. The connection needs both.")
    if partner.named_group_only:
        said.append("Assign groups in Microsoft Intune. 'Add all users' breaks this connection.")
    if partner.manual_sync:
        said.append(
            f"After every change of the assignments in Microsoft Intune, use '{partner.sync_command}': until then this "
            "console does not know the new groups, and their users' devices are not reported."
        )
    else:
        said.append("Changed assignments are read every hour.")
    if Enrolment.Door.AUTHENTICATOR not in partner.doors:
        said.append(
            f"Users register their devices in {partner.self_service} alone. Opening Company Portal directly ends in "
            f"{services.NOT_ONBOARDED}."
        )
    if partner.alert_is_compliant:
        said.append("A policy whose action is only an alert counts as compliant in what Microsoft Intune is told.")
    return said


class Health(NamedTuple):
    """How the connection is, and what Intune says of it.

    good: nothing keeps it from working. reports: it works, and what is reported is taken now.
    """

    connected: bool
    good: bool
    reports: bool
    title: str
    text: str
    connection: PartnerConnection | None
    statuses: list[dict[str, Any]]


def health(console: Console) -> Health:
    """The connection as this console sees it, and as Intune does.

    Like the real one, the console does not say that a tenant ID is another directory's: it cannot know.
    """
    tenant, partner = console.tenant, console.vendor
    connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key).first()
    statuses = [
        {
            "platform": row.get_platform_display(),
            "kind": status_kind(row.status),
            "status": row.get_status_display(),
            "synced": portal_date(row.last_sync_at, "Never"),
        }
        for row in PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner.key)
    ]
    connected = services.is_connected(console)
    broken = services.platforms_without_group(console)
    missing = _said_of_connection(console, connection, connected=connected)
    title, text = missing or _said_of_reports(console, connection, added=len(statuses), broken=broken)
    ended = connection is not None and connection.state in ENDED
    good = connected and not ended and not broken
    reports = good and bool(statuses) and not connections.why_not_heard(tenant, partner)
    return Health(connected, good, reports, title, text, connection, statuses)


ENDED = {PartnerConnection.State.REJECTED, PartnerConnection.State.DEPROVISIONED}
BEGIN_ANEW = "Save these settings or grant admin consent again to begin anew."


def _said_of_connection(
    console: Console, connection: PartnerConnection | None, *, connected: bool
) -> tuple[str, str] | None:
    """That there is no connection, and what to do here."""
    if not connected:
        return "Not connected", _why_not(console)
    if connection is not None and connection.state == PartnerConnection.State.REJECTED:
        return "Rejected", (
            f"Microsoft Intune takes nothing from this partner. {connection.rejected_because} {BEGIN_ANEW}"
        )
    if connection is not None and connection.state == PartnerConnection.State.DEPROVISIONED:
        return "Terminated", f"The partner has deprovisioned this directory. Nothing is reported. {BEGIN_ANEW}"
    return None


def _said_of_reports(
    console: Console, connection: PartnerConnection | None, *, added: int, broken: list[Platform]
) -> tuple[str, str]:
    """What becomes of what a connected console sends."""
    if broken:
        title = "Pending activation" if len(broken) == added else "Connected in part"
        return title, f"{' and '.join(platform.label for platform in broken)}: {_without_group(console)}"
    if added and (connection is None or connection.state == PartnerConnection.State.NEW):
        return "Connected", "Nothing was sent to Microsoft Intune yet; the connection becomes active within the hour."
    if added:
        return "Connected", "Heartbeats go to Microsoft Intune every hour, and changes within minutes."
    return "Connected", (
        "Microsoft Intune does not know this partner yet. Add it there under Partner compliance management; the "
        "connection becomes active within the hour."
    )


def _without_group(console: Console) -> str:
    """Why nothing is reported of a platform that is assigned to all users, and the way out."""
    needed = connections.GROUP_NEEDED.format(partner=console.vendor.label)
    return f"{needed} Nothing is reported. Assign a named group in Microsoft Intune: within the hour it comes about."


def _why_not(console: Console) -> str:
    partner = console.vendor
    half = len(partner.consents) > 1 and console.second_consented_at is None
    reasons = (
        (not console.compliance_enabled, f"'{partner.switch}' is off."),
        (not console.directory_id, "The tenant ID is missing."),
        (console.consented_at is None or half, "Admin consent is missing."),
        (
            console.credentials_lost,
            f"The cloud of {partner.product} can no longer sign in to Azure AD. Grant admin consent again.",
        ),
        (
            True,
            f"Azure AD does not answer for the tenant ID {console.directory_id}. Compare it with that of the portal.",
        ),
    )
    return say(next(text for holds, text in reasons if holds))


# Devices


def devices(console: Console, term: str) -> Any:
    """The console's devices, whose name or user starts with `term`.

    One range of an index for each of the two, and the rows by their keys, as directory.queries.users_starting_with.
    """
    found = Enrolment.objects.in_tenant(console.tenant).filter(console=console)
    if term:
        users = directory.users_starting_with(console.tenant, term).order_by().values("pk")
        named, of_users = found.filter(starting_with("name_key", term)), found.filter(user__in=users)
        found = Enrolment.unscoped.filter(pk__in=named.order_by().values("pk").union(of_users.order_by().values("pk")))
    return found.select_related("user")


def record_of(enrolment: Enrolment) -> DirectoryDevice | None:
    """The device's record in Azure AD, if it is registered and the record is still there."""
    if enrolment.azure_ad_device_id is None:
        return None
    records = DirectoryDevice.objects.in_tenant(enrolment.tenant)
    found: DirectoryDevice | None = records.filter(device_id=enrolment.azure_ad_device_id).first()
    return found


class Finding(NamedTuple):
    """Why the device stands with Azure AD as it does. kind: ok, info, warn or bad."""

    kind: str
    title: str
    text: str
    link_label: str = ""
    link_url: str = ""


def explain(enrolment: Enrolment, record: DirectoryDevice | None) -> Finding:
    """How far what the partner knows of the device has come, and what keeps it from going on.

    record: what `record_of` says.
    """
    found = _kept_by_user(enrolment) or _kept_by_registration(enrolment, record) or _kept_by_reporting(enrolment)
    return found._replace(title=say(found.title), text=say(found.text))


def _kept_by_user(enrolment: Enrolment) -> Finding | None:
    """What becomes of a device whose user is gone, or that was let go before Azure AD knew it."""
    if enrolment.retired_at is not None and enrolment.azure_ad_device_id is None:
        return Finding("info", "Retired", "Microsoft Intune never heard of the device from here.")
    if enrolment.user is None and enrolment.retired_at is None:
        return Finding(
            "bad",
            "The device has no user",
            "Its user was deleted from the directory. A verdict is reported for a device and its user: retire the "
            "device, and enroll it for somebody else.",
        )
    return None


def _kept_by_registration(enrolment: Enrolment, record: DirectoryDevice | None) -> Finding | None:
    """What keeps the device from having a record in Azure AD that a verdict could be written to."""
    partner, slug = enrolment.console.vendor, enrolment.tenant.slug
    user = enrolment.user
    if enrolment.retired_at is not None or record is not None or user is None:
        return None
    if enrolment.registration_error == services.NOT_ONBOARDED:
        apps = f"the device through one of the apps that {partner.product} supports."
        stray = services.stray_of(enrolment)
        if stray is None:
            text = f"The record that this left in Azure AD is gone. Now register {apps}"
            return Finding("bad", "Registered through the wrong door", text)
        return Finding(
            "bad",
            "Registered through the wrong door",
            f"Azure AD has a record that {partner.product} knows nothing of, and no verdict can be written to it. "
            f"Delete the record with the device ID {stray.device_id} under {user.display_name}'s devices, then "
            f"register {apps}",
            "Devices of the user",
            reverse("directory:user-devices", args=[slug, user.pk]),
        )
    if enrolment.registration_error:
        return Finding("bad", "Azure AD refused the registration", f"{enrolment.registration_error}.")
    if enrolment.azure_ad_device_id is not None:
        return Finding(
            "bad",
            "The record in Azure AD is gone",
            "Somebody deleted the device in Azure AD. The user has to register it again.",
        )
    return Finding(
        "warn",
        "Not registered with Azure AD",
        "The device is enrolled here, and Azure AD does not know it: there is no record that a verdict could be "
        "written to. The user has to register it.",
    )


def _kept_by_reporting(enrolment: Enrolment) -> Finding:
    """What keeps the verdict from Intune, or that it is there."""
    console, partner = enrolment.console, enrolment.console.vendor
    settings_url = reverse("uem:settings", args=[enrolment.tenant.slug, partner.key])
    if not enrolment.unreported and not enrolment.report_error:
        if enrolment.retired_at is not None:
            return Finding("info", "Retired", "Microsoft Intune was told that the device is managed here no longer.")
        then = "Azure AD has it, too." if enrolment.tenant.is_instant else "Azure AD follows within minutes."
        at = portal_date(enrolment.reported_at)
        return Finding("ok", "Reported", f"Microsoft Intune took the verdict at {at}. {then}")
    if not services.is_connected(console):
        text = "This console is not connected to Azure AD."
        return Finding("bad", "Nothing is reported", text, partner.settings_path[-1], settings_url)
    if enrolment.platform in services.platforms_without_group(console):
        return Finding("bad", "Nothing is reported", _without_group(console))
    if enrolment.report_error:
        text = f"{enrolment.report_error} It is reported again with each sync, and at midnight (UTC)."
        return Finding("bad", "Microsoft Intune refused the last report", text)
    return _kept_by_assignments(enrolment)._replace(link_label="Groups that are known", link_url=settings_url)


def _kept_by_assignments(enrolment: Enrolment) -> Finding:
    """What the partner knows of Intune's assignments, and what follows for a device that waits to be reported."""
    console, platform = enrolment.console, enrolment.get_platform_display()
    found = PartnerConnection.objects.in_tenant(enrolment.tenant).filter(partner=console.partner)
    connection: PartnerConnection | None = found.first()
    if connection is None or connection.state != PartnerConnection.State.PROVISIONED:
        ended = connection.rejected_because if connection is not None else ""
        return Finding(
            "bad",
            "Microsoft Intune takes nothing from this partner",
            ended or "The partner is not under Partner compliance management, or its connection was ended.",
        )
    if services.knows_user_of(enrolment):
        return Finding("info", "To be reported", "Microsoft Intune is told within minutes.")
    known = KnownGroup.objects.in_tenant(enrolment.tenant).filter(console=console, platform=enrolment.platform)
    synced = portal_date(console.synced_at, "never")
    sync = (
        f"If that was changed in Microsoft Intune since the last sync, {synced}, use '{console.vendor.sync_command}'."
    )
    if enrolment.platform not in console.all_users_platforms and not known.exists():
        return Finding("warn", f"No assignment for {platform} is known", f"This console reports no such device. {sync}")
    return Finding(
        "warn",
        "The user is in no group that this console knows",
        f"For {platform}, the user is in none of the assigned groups, or in an excluded one: Microsoft Intune manages "
        f"the device itself. {sync}",
    )
