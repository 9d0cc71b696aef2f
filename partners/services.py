"""Writes on compliance partner configurations."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from directory import assignments
from directory.models import Group
from partners import catalogue
from partners.catalogue import CataloguePartner
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission

CONFIGURATION_CREATED = "Create compliance partner"
CONFIGURATION_UPDATED = "Update compliance partner assignments"
CONFIGURATION_DELETED = "Delete compliance partner"
CATEGORY = "Device compliance partner"
DELETED_MEANWHILE = "The compliance partner was deleted meanwhile. Add it again, if it is still wanted."


@transaction.atomic
def create_configuration(
    *,
    tenant: Tenant,
    actor: Operator | None,
    partner: CataloguePartner,
    platform: Platform,
    groups: Iterable[Group] = (),
    excluded_groups: Iterable[Group] = (),
    all_users: bool = False,
) -> PartnerConfiguration:
    """Make `partner` the compliance source for `platform` in `tenant`, pending activation.

    groups, excluded_groups: groups of the same tenant; devices of included members move to this partner.
    all_users: every user's devices move, except those of excluded members; `groups` is then empty.
    Raises ValidationError when the platform already has a partner, when the partner does not support
    it, and for assignments that make no sense; MissingPermission.
    Source: Intune docs, "Add a compliance partner to Intune", steps 3-5.
    """
    writes.begin(tenant, actor, Permission.PARTNERS_MODIFY)
    check_platform(tenant, partner, platform)
    included, excluded = assignments.check(tenant, groups, excluded_groups, all_users=all_users)
    configuration = PartnerConfiguration(
        tenant=tenant,
        partner=partner.key,
        platform=platform,
        all_users=all_users,
        created_at=tenant.now(),
        created_by=actor.email if actor else "System",
    )
    try:
        with transaction.atomic():  # a savepoint, so that the loser of a race can still speak
            configuration.save(force_insert=True)
    except IntegrityError:
        raise platform_taken(platform) from None
    _write_assignments(configuration, included, excluded)
    journal.record(
        tenant=tenant,
        actor=actor,
        category=CATEGORY,
        activity=CONFIGURATION_CREATED,
        target=configuration,
        new={
            "Compliance partner": partner.label,
            "Platform": Platform(platform).label,
            **assignments.values(included, excluded, all_users=all_users),
        },
        payload={"platform": str(platform)},
    )
    return configuration


@transaction.atomic
def update_assignments(
    *,
    configuration: PartnerConfiguration,
    actor: Operator | None,
    groups: Iterable[Group] = (),
    excluded_groups: Iterable[Group] = (),
    all_users: bool = False,
) -> None:
    """Replace whose devices the configuration's partner manages. Raises as `create_configuration`.

    Source: Intune docs, "Modify the configuration for a compliance partner", steps 4-5.
    """
    tenant = configuration.tenant
    writes.begin(tenant, actor, Permission.PARTNERS_MODIFY)
    current = PartnerConfiguration.objects.in_tenant(tenant).filter(pk=configuration.pk).first()
    if current is None:
        raise ValidationError(DELETED_MEANWHILE)
    included, excluded = assignments.check(tenant, groups, excluded_groups, all_users=all_users)
    old = assignments.values(*assigned_groups(current), all_users=current.all_users)
    new = assignments.values(included, excluded, all_users=all_users)
    if old == new:
        return
    configuration.all_users = all_users
    configuration.save(update_fields=["all_users"])
    PartnerAssignment.objects.in_tenant(tenant).filter(configuration=configuration).delete()
    _write_assignments(configuration, included, excluded)
    journal.record(
        tenant=tenant,
        actor=actor,
        category=CATEGORY,
        activity=CONFIGURATION_UPDATED,
        target=configuration,
        old={label: value for label, value in old.items() if new[label] != value},
        new={label: value for label, value in new.items() if old[label] != value},
        payload={"platform": configuration.platform},
    )


@transaction.atomic
def delete_configuration(*, configuration: PartnerConfiguration, actor: Operator | None) -> None:
    """The configuration is gone; its devices return to Intune when that takes effect. Raises MissingPermission."""
    tenant = configuration.tenant
    writes.begin(tenant, actor, Permission.PARTNERS_MODIFY)
    current = PartnerConfiguration.objects.in_tenant(tenant).filter(pk=configuration.pk).first()
    if current is None:
        return
    old = {
        "Compliance partner": catalogue.label(current.partner),
        "Platform": current.get_platform_display(),
        **assignments.values(*assigned_groups(current), all_users=current.all_users),
    }
    current.delete()
    journal.record(
        tenant=tenant,
        actor=actor,
        category=CATEGORY,
        activity=CONFIGURATION_DELETED,
        target=configuration,
        old=old,
        payload={"platform": configuration.platform},
    )


def check_platform(tenant: Tenant, partner: CataloguePartner, platform: str) -> None:
    """Raise ValidationError unless `partner` supports `platform` and nobody holds it in `tenant`."""
    label = Platform(platform).label
    if platform not in partner.platforms:
        raise ValidationError(
            {"platform": f"'{partner.label}' does not report for platform '{label}'. Select a different platform."},
            code="unsupported",
        )
    if PartnerConfiguration.objects.in_tenant(tenant).filter(platform=platform).exists():
        raise platform_taken(platform)


def platform_taken(platform: str) -> ValidationError:
    """The refusal of a second partner for a platform, in the portal's words."""
    return ValidationError(
        {
            "platform": f"A compliance partner already exists for platform '{Platform(platform).label}'. "
            "Select a different platform, or edit the existing partner."
        },
        code="taken",
    )


def assigned_groups(configuration: PartnerConfiguration) -> tuple[list[Group], list[Group]]:
    """The configuration's included and excluded groups, each by name."""
    return assignments.of(configuration.assignments)


def _write_assignments(configuration: PartnerConfiguration, included: list[Group], excluded: list[Group]) -> None:
    intents = [(PartnerAssignment.Intent.INCLUDE, included), (PartnerAssignment.Intent.EXCLUDE, excluded)]
    PartnerAssignment.objects.bulk_create(
        PartnerAssignment(tenant=configuration.tenant, configuration=configuration, group=group, intent=intent)
        for intent, groups in intents
        for group in groups
    )
