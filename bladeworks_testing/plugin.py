"""pytest plugin with the fixtures that tests of every app share: `pytest_plugins = ["bladeworks_testing.plugin"]`.

pytest may load it before Django knows its settings; so the fixtures import what they need themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bladeworks_testing import missing

for _package in ("pytest", "pytest_django"):
    if find_spec(_package) is None:
        raise missing(_package.replace("_", "-"))

import pytest  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from tenancy.models import Operator, Tenant
    from tenancy.roles import Role


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A tenant in which changes take effect at once."""
    from bladeworks_testing.factories import TenantFactory

    return TenantFactory(slug="kestrel", display_name="Kestrel Logistics", default_domain="kestrel.example")


@pytest.fixture
def operator(tenant: Tenant) -> Operator:
    """An Intune administrator of `tenant`."""
    from bladeworks_testing.factories import MembershipFactory, OperatorFactory
    from tenancy.roles import Role

    operator = OperatorFactory(email="mara.lindqvist@kestrel.example", display_name="Mara Lindqvist")
    MembershipFactory(operator=operator, tenant=tenant, role=Role.INTUNE_ADMINISTRATOR)
    return operator


@pytest.fixture
def portal(operator: Operator) -> Client:
    """A client signed in as `operator`."""
    from bladeworks_testing.clients import signed_in

    return signed_in(operator)


@pytest.fixture
def portal_as(tenant: Tenant) -> Callable[[Role], Client]:
    """Make a client signed in as somebody who holds the given role in `tenant`."""
    from bladeworks_testing.clients import signed_in
    from bladeworks_testing.factories import MembershipFactory

    def sign_in(role: Role) -> Client:
        return signed_in(MembershipFactory(tenant=tenant, role=role).operator)

    return sign_in


@pytest.fixture
def stranger(db: None) -> Client:
    """A client signed in as the administrator of another tenant."""
    from bladeworks_testing.clients import signed_in
    from bladeworks_testing.factories import MembershipFactory
    from tenancy.roles import Role

    return signed_in(MembershipFactory(role=Role.GLOBAL_ADMINISTRATOR).operator)
