"""Fixtures that tests of every app share. The database engine is chosen in tests/engine.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tenancy.models import Operator, Tenant
from tenancy.roles import Role
from tests.factories import MembershipFactory, OperatorFactory, TenantFactory


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A tenant in which changes take effect at once."""
    return TenantFactory(slug="kestrel", display_name="Kestrel Logistics", default_domain="kestrel.example")


@pytest.fixture
def operator(tenant: Tenant) -> Operator:
    """An Intune administrator of `tenant`."""
    operator = OperatorFactory(email="mara.lindqvist@kestrel.example", display_name="Mara Lindqvist")
    MembershipFactory(operator=operator, tenant=tenant, role=Role.INTUNE_ADMINISTRATOR)
    return operator


@pytest.fixture
def portal(operator: Operator) -> Client:
    """A client signed in as `operator`."""
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def portal_as(tenant: Tenant) -> Callable[[Role], Client]:
    """Make a client signed in as somebody who holds the given role in `tenant`."""

    def sign_in(role: Role) -> Client:
        member = MembershipFactory(tenant=tenant, role=role)
        client = Client()
        client.force_login(member.operator, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def stranger(db: None) -> Client:
    """A client signed in as the administrator of another tenant."""
    member = MembershipFactory(role=Role.GLOBAL_ADMINISTRATOR)
    client = Client()
    client.force_login(member.operator, backend="django.contrib.auth.backends.ModelBackend")
    return client
