"""Every model has a factory, and what it makes with nothing said is valid."""

from __future__ import annotations

import pytest
from django.apps import apps

from blades.models import Draft
from bladeworks_testing import factories
from bladeworks_testing.factories import ManagedDeviceFactory
from devices.models import DeviceCount, DeviceSearch
from directory.models import DirectoryDevice

OURS = ("blades", "tenancy", "directory", "mobility", "partners", "devices", "uem", "access", "labs", "console")
FACTORIES = {
    made._meta.model: made
    for made in (getattr(factories, name) for name in dir(factories) if name.endswith("Factory"))
    if made._meta.model is not None
}
# Kept by the service that registers a device: its factory makes them, and nothing else may.
KEPT_BY_SERVICES = {DeviceSearch, DeviceCount}
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models() if model not in KEPT_BY_SERVICES]
# Columns that no form shows, where empty says something: nothing answered yet, nothing ever reported.
EMPTY_ON_PURPOSE = {Draft: {"answers"}, DirectoryDevice: {"is_compliant"}}


def name(model):
    return model.__name__


def test_every_model_has_one():
    assert set(FACTORIES) == set(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_what_a_factory_makes_is_valid_and_in_the_database(db, model):
    made = FACTORIES[model]()

    made.full_clean(exclude=EMPTY_ON_PURPOSE.get(model))
    assert model._base_manager.get(pk=made.pk) == made


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_a_second_one_does_not_collide_with_the_first(db, model):
    first, second = FACTORIES[model](), FACTORIES[model]()

    assert first.pk != second.pk


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_what_is_made_can_be_changed_and_saved(db, model):
    made = FACTORIES[model]()

    made.save()

    assert model._base_manager.filter(pk=made.pk).count() == 1


@pytest.mark.parametrize("model", [m for m in MODELS if "tenant" in {f.name for f in m._meta.fields}], ids=name)
def test_rows_made_along_with_it_are_of_the_same_tenant(tenant, model):
    made = FACTORIES[model](tenant=tenant)

    along = [getattr(made, field.name) for field in model._meta.fields if field.is_relation]
    assert {row.tenant_id for row in along if hasattr(row, "tenant_id")} <= {tenant.pk}


@pytest.mark.parametrize("model", sorted(KEPT_BY_SERVICES, key=name), ids=name)
def test_the_factory_of_devices_makes_what_is_kept_beside_them(tenant, model):
    ManagedDeviceFactory(tenant=tenant)

    rows = list(model._base_manager.all())
    assert rows
    for row in rows:
        row.full_clean()
