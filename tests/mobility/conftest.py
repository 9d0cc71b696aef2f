"""A tenant with Microsoft Intune under Mobility, and people who look at it."""

from __future__ import annotations

import pytest
from django.test import Client

from mobility import services
from mobility.models import MobilityApplication
from tenancy.models import Operator, Tenant
from tenancy.roles import Role
from tests.factories import MembershipFactory, TenantFactory


@pytest.fixture
def tenant(db) -> Tenant:
    return TenantFactory(slug="kestrel", display_name="Kestrel Logistics")


@pytest.fixture
def operator(tenant) -> Operator:
    """An Intune administrator of `tenant`."""
    return MembershipFactory(tenant=tenant, role=Role.INTUNE_ADMINISTRATOR).operator


@pytest.fixture
def portal(operator) -> Client:
    """`operator`, signed in, without script."""
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def reader(tenant) -> Client:
    """A Global Reader of `tenant`, signed in: may look at Mobility and change nothing."""
    client = Client()
    client.force_login(MembershipFactory(tenant=tenant, role=Role.GLOBAL_READER).operator)
    return client


@pytest.fixture
def helpdesk(tenant) -> Client:
    """A Help Desk Operator of `tenant`, signed in: Mobility is not for this role."""
    client = Client()
    client.force_login(MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator)
    return client


@pytest.fixture
def intune(tenant) -> MobilityApplication:
    return services.add_default_applications(tenant=tenant)[0]


@pytest.fixture
def airwatch(tenant) -> MobilityApplication:
    return services.add_application(tenant=tenant, actor=None, gallery_key="airwatch_by_vmware")
