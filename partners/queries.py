"""Reads on compliance partners that answer a screen's question."""

from __future__ import annotations

from dataclasses import dataclass

from mobility import queries as mobility
from partners import catalogue
from partners.catalogue import CataloguePartner
from partners.models import PartnerConfiguration, Platform
from tenancy.models import Tenant


def configurations(tenant: Tenant) -> list[PartnerConfiguration]:
    """The tenant's configurations with their group counts, by platform, as the document says."""
    return list(PartnerConfiguration.objects.in_tenant(tenant).with_group_counts().order_by("platform", "pk"))


@dataclass(frozen=True)
class AuthorityOrder:
    """Who manages the devices of a platform: the first whom the primary user is assigned to."""

    platform: str
    authorities: list[str]


def authority_order(configurations: list[PartnerConfiguration]) -> list[AuthorityOrder]:
    """The effective order per platform: the partner, if there is one, before Microsoft Intune."""
    partner_of = {configuration.platform: configuration.partner for configuration in configurations}
    return [
        AuthorityOrder(
            platform.label,
            [*([catalogue.label(partner_of[platform])] if platform in partner_of else []), "Microsoft Intune"],
        )
        for platform in Platform
    ]


def is_application_missing(tenant: Tenant, partner: CataloguePartner) -> bool:
    """Whether the document's first task is still open: the partner's application is not under Mobility.

    Only a tenant that follows the document as written asks for it.
    """
    return (
        bool(partner.gallery_key)
        and tenant.follows_document
        and not mobility.has_application(tenant, partner.gallery_key)
    )
