"""How partners' clouds stand with Intune: provisioning, heartbeats, statuses, and the tokens of the partner API."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from partners import catalogue
from partners.catalogue import CataloguePartner
from partners.models import PartnerConfiguration, PartnerConnection, PartnerToken
from partners.services import CATEGORY
from tenancy import clock, journal, writes
from tenancy.models import Operator, Tenant

PROVISIONED = "Provision compliance partner"
DEPROVISIONED = "Deprovision compliance partner"
REJECTED = "Reject compliance partner"
STATUS_CHANGED = "Change compliance partner status"
TOKEN_CREATED = "Create partner API token"  # noqa: S105 - an activity's name
TOKEN_REVOKED = "Revoke partner API token"  # noqa: S105 - an activity's name

# No limit is published for compliance partners; that of connectors stands for it (docs/sources.md).
UNRESPONSIVE_AFTER = timedelta(hours=72)
NOT_CONFIGURED = "Add '{partner}' under Partner compliance management first."
NOT_PROVISIONED = "'{partner}' is not provisioned in this directory."
NOT_HEARD = "Intune rejects what '{partner}' sends until it provisions this directory again."
GROUP_NEEDED = "'{partner}' needs a named group. With all users assigned, its connection does not come about."
STALE = "partners.stale"
REQUESTS_A_MINUTE = 600
State = PartnerConnection.State
Status = PartnerConfiguration.Status


# Provisioning and heartbeats


@transaction.atomic
def provision(
    *, tenant: Tenant, partner: CataloguePartner, enrollment_url: str = "", remediation_url: str = ""
) -> PartnerConnection:
    """The partner serves the tenant from now on, and has just been heard of; doing it again brings the URLs up to date.

    enrollment_url, remediation_url: https, where a blocked user is sent to enroll and to fix the device.
    Raises ValidationError for other URLs, and while the tenant has not added the partner for any platform.
    Source: docs/sources.md, "Provision tenant" of the observed partner API.
    """
    writes.lock(tenant)
    for name, url in (("enrollment_url", enrollment_url), ("remediation_url", remediation_url)):
        _check_url(name, url)
    if not PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner.key).exists():
        raise ValidationError(NOT_CONFIGURED.format(partner=partner.label), code="notConfigured")
    connection = _connection(tenant, partner)
    was = connection.state
    connection.enrollment_url, connection.remediation_url = enrollment_url, remediation_url
    connection.state, connection.rejected_because = State.PROVISIONED, ""
    if was != State.PROVISIONED:
        connection.provisioned_at = tenant.now()
        _record(connection, PROVISIONED, was)
    connection.save()
    heartbeat(tenant=tenant, partner=partner)
    return connection


@transaction.atomic
def deprovision(*, tenant: Tenant, partner: CataloguePartner) -> PartnerConnection:
    """The partner does not serve the tenant any more: its configurations are terminated."""
    return _leave(tenant, partner, State.DEPROVISIONED, DEPROVISIONED)


@transaction.atomic
def reject(*, tenant: Tenant, partner: CataloguePartner, because: str) -> PartnerConnection:
    """Intune refuses what the partner sends until it provisions the tenant anew. because: a sentence."""
    return _leave(tenant, partner, State.REJECTED, REJECTED, because)


@transaction.atomic
def renew(*, tenant: Tenant, partner: CataloguePartner) -> None:
    """A connection that was ended or rejected is as if the partner had not provisioned the tenant yet.

    For a partner that begins anew while Intune does not know it, and will provision the tenant when it does.
    """
    writes.lock(tenant)
    ended = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key)
    ended.filter(state__in=[State.DEPROVISIONED, State.REJECTED]).update(state=State.NEW, rejected_because="")


@transaction.atomic
def heartbeat(*, tenant: Tenant, partner: CataloguePartner) -> bool:
    """The partner has just been heard of; return whether it serves the tenant. Anything it sends counts as one.

    What is sent late, and what is said to have been sent earlier, takes nothing back.
    """
    writes.lock(tenant)
    is_heard = not why_not_heard(tenant, partner)
    if is_heard:
        now = tenant.now()
        connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key)
        connection.update(last_heartbeat_at=_latest("last_heartbeat_at", now))
        mine = [configuration.pk for configuration in served(tenant, partner)]
        PartnerConfiguration.objects.among(tenant, mine).update(last_sync_at=_latest("last_sync_at", now))
    refresh_statuses(tenant, partner)
    return is_heard


def _latest(column: str, now: datetime) -> Greatest:
    return Greatest(Coalesce(column, Value(now)), Value(now), output_field=DateTimeField())


def served(tenant: Tenant, partner: CataloguePartner) -> list[PartnerConfiguration]:
    """The partner's configurations for which a connection can come about: of other platforms nothing is taken."""
    mine = PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner.key)
    return [configuration for configuration in mine if not configuration.lacks_group]


def why_not_heard(tenant: Tenant, partner: CataloguePartner) -> str:
    """What to tell a partner that sends something while it does not serve the tenant; empty while it does."""
    connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key).first()
    if connection is not None and connection.state == State.REJECTED:
        return f"{NOT_HEARD.format(partner=partner.label)} {connection.rejected_because}"
    if connection is None or connection.state != State.PROVISIONED:
        return NOT_PROVISIONED.format(partner=partner.label)
    mine = PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner.key)
    if mine and all(configuration.lacks_group for configuration in mine):
        return GROUP_NEEDED.format(partner=partner.label)
    return ""


@clock.pulse(STALE, label="Compliance partners that are not heard of become unresponsive")
def notice_silence(tenant: Tenant, since: datetime, until: datetime) -> None:
    """Partners that have been silent for too long are unresponsive since the moment when it was too long.

    Those whose assignment has come to break the connection are pending, as if they had been heard of.
    """
    active = PartnerConfiguration.objects.in_tenant(tenant).filter(status=Status.ACTIVE)
    silent = active.filter(last_sync_at__lte=until - UNRESPONSIVE_AFTER)
    for partner, heard_at in silent.order_by("last_sync_at", "pk").values_list("partner", "last_sync_at"):
        with clock.at(tenant, heard_at + UNRESPONSIVE_AFTER):
            refresh_statuses(tenant, catalogue.partners()[partner])
    for configuration in active.filter(all_users=True):
        if configuration.lacks_group:
            refresh_statuses(tenant, catalogue.partners()[configuration.partner])


@transaction.atomic
def refresh_statuses(tenant: Tenant, partner: CataloguePartner) -> None:
    """The partner's configurations have the status that follows from its connection; changes stand in the journal."""
    writes.lock(tenant)
    connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key).first()
    for configuration in PartnerConfiguration.objects.in_tenant(tenant).filter(partner=partner.key):
        status = status_of(configuration, connection, tenant.now())
        if status == configuration.status:
            continue
        old = configuration.get_status_display()
        configuration.status = status
        configuration.save(update_fields=["status"])
        journal.record(
            tenant=tenant,
            actor=None,
            category=CATEGORY,
            activity=STATUS_CHANGED,
            target=configuration,
            old={"Partner status": old},
            new={"Partner status": status.label},
        )


def status_of(configuration: PartnerConfiguration, connection: PartnerConnection | None, now: datetime) -> Status:
    """What the portal shows as Partner status at that moment.

    A configuration is pending until its partner has been heard of since it was made, whatever happened before.
    """
    if connection is None or configuration.last_sync_at is None:
        return Status.PENDING
    if connection.state == State.DEPROVISIONED:
        return Status.TERMINATED
    if connection.state == State.REJECTED:
        return Status.REJECTED
    if connection.state == State.NEW or configuration.lacks_group:
        return Status.PENDING
    return Status.UNRESPONSIVE if now - configuration.last_sync_at >= UNRESPONSIVE_AFTER else Status.ACTIVE


def _leave(
    tenant: Tenant, partner: CataloguePartner, state: PartnerConnection.State, activity: str, because: str = ""
) -> PartnerConnection:
    writes.lock(tenant)
    connection = _connection(tenant, partner)
    was = connection.state
    if was != state:
        connection.state, connection.rejected_because = state, because
        connection.save()
        _record(connection, activity, was)
        refresh_statuses(tenant, partner)
    return connection


def _connection(tenant: Tenant, partner: CataloguePartner) -> PartnerConnection:
    found = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key).first()
    connection: PartnerConnection = found or PartnerConnection.objects.create(tenant=tenant, partner=partner.key)
    return connection


def _record(connection: PartnerConnection, activity: str, was: str) -> None:
    journal.record(
        tenant=connection.tenant,
        actor=None,
        category=CATEGORY,
        activity=activity,
        target=connection,
        old={"Connection": State(was).label},
        new={"Connection": connection.get_state_display()}
        | ({"Reason": connection.rejected_because} if connection.rejected_because else {}),
    )


_url = URLValidator(schemes=["https"])


def _check_url(name: str, url: str) -> None:
    if not url:
        return
    try:
        _url(url)
    except ValidationError:
        raise ValidationError({name: "Enter a URL that starts with https://."}) from None
    if len(url) > 300:
        raise ValidationError({name: "Enter a URL of at most 300 characters."})


# Tokens


class NewToken(NamedTuple):
    """A token and its text, which is shown once and kept nowhere."""

    token: PartnerToken
    text: str


# What a token looks like, so that scanners for leaked secrets can tell it.
PREFIX = "bwpt_"
LONGEST_NAME = 60
REVOKED_MEANWHILE = "This token was revoked meanwhile. Create another one."
_ASKED = UUID("0b6f3e0c-5f43-4e0b-9a53-5a3e6c1d7f62")


@transaction.atomic
def create_token(
    *, tenant: Tenant, actor: Operator | None, partner: CataloguePartner, name: str, key: UUID | None = None
) -> NewToken:
    """A bearer token with which `partner` may call the partner API for `tenant`. Raises ValidationError for its name.

    key: what the form was drawn with; the same form sent again by the same operator gives the same token with its text,
    because a browser shows what its last click brought. Raises ValidationError when that token was revoked since.

    Whoever may enter the tenant may make one: the partner's console is a training control, not a role.
    """
    writes.lock(tenant)
    name = name.strip()
    if not name:
        raise ValidationError({"name": "Enter a name."})
    if len(name) > LONGEST_NAME:
        raise ValidationError({"name": f"Enter a name of at most {LONGEST_NAME} characters."})
    own_id, text = _new_token(f"{tenant.pk} {partner.key} {actor.pk if actor else ''} {key} {name}" if key else "")
    again: PartnerToken | None = PartnerToken.objects.in_tenant(tenant).filter(pk=own_id).first()
    if again is not None:
        if again.revoked_at is not None:
            raise ValidationError(REVOKED_MEANWHILE)
        return NewToken(again, text)
    token: PartnerToken = PartnerToken.objects.create(
        pk=own_id,
        tenant=tenant,
        partner=partner.key,
        name=name,
        digest=digest(text),
        hint=text[-4:],
        created_at=tenant.now(),
        created_by=actor,
        created_by_name=actor.email if actor else "System",
    )
    _record_token(token, actor, TOKEN_CREATED)
    return NewToken(token, text)


def _new_token(asked: str) -> tuple[UUID, str]:
    """Id and text of a token: the same for whoever asks the same, and anew for whoever asks nothing.

    The text follows from the key of the form, which is kept nowhere.
    """
    if not asked:
        return uuid4(), PREFIX + secrets.token_urlsafe(32)
    secret = salted_hmac("partners.token", asked, algorithm="sha256").digest()
    return uuid5(_ASKED, asked), PREFIX + base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


@transaction.atomic
def revoke_token(*, token: PartnerToken, actor: Operator | None) -> None:
    """The token is worth nothing from now on."""
    writes.lock(token.tenant)
    revoked = PartnerToken.objects.in_tenant(token.tenant).filter(pk=token.pk, revoked_at__isnull=True)
    if revoked.update(revoked_at=token.tenant.now()):
        _record_token(token, actor, TOKEN_REVOKED)


def find_token(text: str) -> PartnerToken | None:
    """The token of that text with its tenant, unless it was revoked; the text alone says which tenant is meant."""
    token: PartnerToken | None = (
        PartnerToken.unscoped.filter(digest=digest(text), revoked_at__isnull=True).select_related("tenant").first()
    )
    return token


def note_request(token: PartnerToken) -> int:
    """Count a request of the token; return 0, or how many seconds its caller has to wait. The database counts,
    because every process serves some of the requests."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    rows = PartnerToken.objects.in_tenant(token.tenant).filter(pk=token.pk)
    if rows.filter(minute_at=minute, minute_requests__gte=REQUESTS_A_MINUTE).exists():
        return 60 - now.second
    again = Case(When(minute_at=minute, then=F("minute_requests") + 1), default=1)
    rows.update(minute_at=minute, minute_requests=again, last_used_at=token.tenant.now())
    return 0


def digest(text: str) -> str:
    """What is kept of a token: it is random and long, so that a plain hash cannot be turned back."""
    return hashlib.sha256(text.encode()).hexdigest()


def _record_token(token: PartnerToken, actor: Operator | None, activity: str) -> None:
    values = {"Name": token.name, "Compliance partner": catalogue.label(token.partner)}
    revoked = activity == TOKEN_REVOKED
    journal.record(
        tenant=token.tenant,
        actor=actor,
        category=CATEGORY,
        activity=activity,
        target=token,
        old=values if revoked else {},
        new={} if revoked else values,
    )
