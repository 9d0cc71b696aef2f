from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from directory.models import Group
from tenancy.scoping import TenantOwned, UnscopedQuery
from tests.factories import GroupFactory, TenantFactory

# Where crossing tenants, or asking below the tenant's own rows, is meant.
UNSCOPED_IS_MEANT = {
    "tenancy/scoping.py",
    "tenancy/cloning.py",
    "directory/models.py",
    "directory/queries.py",
    "devices/people.py",
    "devices/queries.py",
    "devices/services.py",
    "devices/counts.py",  # writes rows that it has read in the tenant
    "partners/connections.py",  # a token says which tenant is meant
    "console/management/commands/settle.py",
    "uem/queries.py",
    "tenancy/clock.py",  # writes rows that it has read in the tenant
}


@pytest.mark.parametrize("method", ["all", "count", "exists", "first", "last", "get_queryset"])
def test_query_without_a_tenant_is_refused(method):
    with pytest.raises(UnscopedQuery, match=r"in_tenant\(tenant\)"):
        getattr(Group.objects, method)()


@pytest.mark.parametrize("method", ["filter", "exclude", "get", "update"])
def test_query_by_something_else_than_the_tenant_is_refused(method):
    with pytest.raises(UnscopedQuery):
        getattr(Group.objects, method)(display_name="Front desk")


def test_query_in_a_tenant_sees_only_its_rows(tenant):
    mine = GroupFactory(tenant=tenant)
    GroupFactory(tenant=TenantFactory())

    found = Group.objects.in_tenant(tenant)

    assert list(found) == [mine]


def test_every_model_that_points_at_a_tenant_is_owned_by_it_or_known_not_to_be():
    tenant_model = apps.get_model("tenancy", "Tenant")
    pointing = {
        model.__name__
        for model in apps.get_models()
        if not issubclass(model, TenantOwned)
        and any(isinstance(f, models.ForeignKey) and f.related_model is tenant_model for f in model._meta.get_fields())
    }

    assert pointing == {"Membership", "Draft", "Notification", "Tenant"}


def test_unscoped_queries_stand_only_where_they_are_meant():
    root = Path(settings.BASE_DIR)
    folders = ["access", "blades", "console", "devices", "directory", "labs", "mobility", "partners", "tenancy", "uem"]
    files = [path for folder in folders for path in (root / folder).rglob("*.py") if "migrations" not in path.parts]

    using = {
        str(path.relative_to(root))
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"unscoped", "_base_manager", "_default_manager"}
    }

    assert using <= UNSCOPED_IS_MEANT
