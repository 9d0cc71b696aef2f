"""Applications under Mobility, and people who may look at them, or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from mobility import services
from mobility.models import MobilityApplication
from tenancy.roles import Role


@pytest.fixture
def intune(tenant) -> MobilityApplication:
    return services.add_default_applications(tenant=tenant)[0]


@pytest.fixture
def airwatch(tenant) -> MobilityApplication:
    return services.add_application(tenant=tenant, actor=None, gallery_key="airwatch_by_vmware")


@pytest.fixture
def reader(portal_as: Callable[[Role], Client]) -> Client:
    """A Global Reader: may look at Mobility and change nothing."""
    return portal_as(Role.GLOBAL_READER)


@pytest.fixture
def helpdesk(portal_as: Callable[[Role], Client]) -> Client:
    """A Help Desk Operator: Mobility is not for this role."""
    return portal_as(Role.HELP_DESK_OPERATOR)
