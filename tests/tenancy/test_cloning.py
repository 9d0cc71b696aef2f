from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection, models

from devices.models import DeviceCount, DeviceSearch, ManagedDevice
from directory.models import DirectoryDevice, Group
from partners import catalogue
from partners.models import PartnerConfiguration
from tenancy import cloning
from tenancy.models import Membership
from tenancy.scoping import Derived, TenantOwned, TenantScoped, Uncloned
from tests import factories
from tests.factories import CLOCK_START, TenantFactory
from uem import services as uem
from uem.models import Console


@pytest.fixture
def template(db):
    """A tenant with at least one row in every table that is cloned, and every foreign key filled."""
    template = TenantFactory(slug="template", kind="template", clock_start=CLOCK_START)
    ana = factories.DirectoryUserFactory(tenant=template, display_name="Ana Silva", upn="ana.silva@kestrel.example")
    group = factories.GroupFactory(tenant=template, members=[ana], display_name="Front desk")
    factories.LicenceFactory(tenant=template, user=ana)
    azure = factories.DirectoryDeviceFactory(tenant=template, owner=ana)
    application = factories.MobilityApplicationFactory(tenant=template, mdm_user_scope="selected")
    application.scope_groups.create(tenant=template, group=group, scope="mdm")
    configuration = factories.ConfigurationFactory(tenant=template, groups=[group])
    factories.GroupOwnershipFactory(tenant=template, group=group, user=ana)
    device = factories.ManagedDeviceFactory(
        tenant=template,
        primary_user=ana,
        authority=configuration,
        azure_ad_device_id=azure.device_id,
        device_name="Ana's iPhone",
    )
    factories.DeviceActionFactory(tenant=template, device=device)
    compliance = factories.CompliancePolicyFactory(tenant=template)
    factories.CompliancePolicyAssignmentFactory(tenant=template, policy=compliance, group=group)
    factories.ComplianceSettingsFactory(tenant=template)
    factories.PartnerConnectionFactory(tenant=template)
    upload = factories.UploadFactory(tenant=template)
    factories.RefusedItemFactory(tenant=template, upload=upload, device_id=azure.device_id)
    factories.PartnerVerdictFactory(tenant=template, device_id=azure.device_id)
    factories.AzureADWriteFactory(tenant=template, device_id=azure.device_id)
    factories.EnrolmentFailureFactory(tenant=template, user=ana)
    partners_console = factories.ConsoleFactory(tenant=template)
    factories.KnownGroupFactory(tenant=template, console=partners_console, group=group)
    factories.EnrolmentFactory(tenant=template, console=partners_console, user=ana, azure_ad_device_id=azure.device_id)
    policy = factories.AccessPolicyFactory(tenant=template)
    factories.PolicyUserFactory(tenant=template, policy=policy, user=ana)
    factories.PolicyGroupFactory(tenant=template, policy=policy, group=group)
    sign_in = factories.SignInFactory(tenant=template, user=ana, device_id=azure.device_id)
    factories.SignInPolicyFactory(tenant=template, sign_in=sign_in, policy=policy)
    factories.InjectionFactory(
        tenant=template, user=ana, device_id=azure.device_id, intune_device_id=device.pk, facts={"name": "Ana Silva"}
    )
    factories.JournalEntryFactory(tenant=template, target_id=configuration.pk)
    factories.DueEventFactory(tenant=template, subject_id=configuration.pk, payload={"platform": "ios"})
    return template


def test_every_tenant_scoped_model_has_rows_in_the_template_of_these_tests(template):
    empty = [model.__name__ for model in cloning.scoped_models() if not model.objects.in_tenant(template).exists()]

    assert empty == []


def test_clone_has_as_many_rows_of_everything(template):
    clone = cloning.clone_tenant(template, slug="clone")

    for model in (*cloning.scoped_models(), *cloning.derived_models()):
        assert model.objects.in_tenant(clone).count() == model.objects.in_tenant(template).count(), model.__name__


def test_every_model_of_a_tenant_is_cloned_or_rebuilt_or_left_out_by_name():
    owned = [model for model in apps.get_models() if issubclass(model, TenantOwned)]

    assert owned
    for model in owned:
        assert sum(issubclass(model, kind) for kind in (TenantScoped, Derived, Uncloned)) == 1, model.__name__


def test_all_foreign_keys_of_a_clone_stay_inside_the_clone(template):
    clone = cloning.clone_tenant(template, slug="clone")

    checked = 0
    for model in (*cloning.scoped_models(), *cloning.derived_models()):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantOwned):
                for row in model.objects.in_tenant(clone).exclude(**{f"{field.name}__isnull": True}):
                    assert getattr(row, field.name).tenant_id == clone.pk, f"{model.__name__}.{field.name}"
                    checked += 1
    assert checked >= 10


def test_no_column_of_a_clone_holds_an_id_of_its_template(template):
    clone = cloning.clone_tenant(template, slug="clone")
    ids = {row.pk.hex for model in cloning.scoped_models() for row in model.objects.in_tenant(template)}
    ids |= {device.device_id.hex for device in DirectoryDevice.objects.in_tenant(template)}

    for model in (*cloning.scoped_models(), *cloning.derived_models()):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}" WHERE tenant_id = %s', [clone.pk])
            for row in cursor.fetchall():
                text = " ".join(str(value) for value in row).replace("-", "").lower()
                assert not [found for found in ids if found in text], model.__name__


def test_reference_by_value_leads_to_the_clones_own_row(template):
    clone = cloning.clone_tenant(template, slug="clone")

    device = ManagedDevice.objects.in_tenant(clone).get()
    azure = DirectoryDevice.objects.in_tenant(clone).get()
    assert isinstance(device.azure_ad_device_id, UUID)
    assert device.azure_ad_device_id == azure.device_id


@pytest.mark.parametrize("again", [False, True], ids=["clone", "reset"])
def test_text_that_holds_the_directorys_own_id_holds_that_of_the_clone(template, again):
    right = factories.ConsoleFactory(tenant=template, partner="jamf_pro", directory_id=str(template.directory_id))
    wrong = factories.ConsoleFactory(tenant=template, partner="soti_mobicontrol", directory_id=str(uuid4()))

    clone = cloning.clone_tenant(template, slug="clone")
    if again:
        cloning.reset_tenant(clone, template)

    typed = dict(Console.objects.in_tenant(clone).values_list("partner", "directory_id"))
    assert typed[right.partner] == str(clone.directory_id)
    assert typed[wrong.partner] == wrong.directory_id
    assert typed["workspace_one"] == ""
    assert clone.directory_id != template.directory_id


def test_partner_of_a_clone_is_connected_as_that_of_its_template(template):
    console = Console.objects.in_tenant(template).get()
    console.tenant = template
    console = uem.change_settings(
        console=console, actor=None, compliance_enabled=True, directory_id=str(template.directory_id).upper()
    )
    uem.consent(console=console, actor=None)

    clone = cloning.clone_tenant(template, slug="clone")

    assert uem.is_connected(uem.console_of(clone, catalogue.partners()[console.partner]))


def test_clone_starts_at_the_time_of_its_template(template):
    clone = cloning.clone_tenant(template, slug="clone")

    assert clone.clock_start == CLOCK_START


def test_clone_of_a_clone_differs_from_both(template):
    first = cloning.clone_tenant(template, slug="first")
    second = cloning.clone_tenant(template, slug="second")

    keys = [set(Group.objects.in_tenant(t).values_list("pk", flat=True)) for t in (template, first, second)]
    assert len(set.union(*keys)) == 3


def test_search_and_counts_of_a_clone_are_its_own(template):
    clone = cloning.clone_tenant(template, slug="clone")

    assert DeviceSearch.objects.in_tenant(clone).get().device.tenant_id == clone.pk
    assert DeviceCount.objects.in_tenant(clone).get(facet="total").n == 1


def test_clone_without_its_rows_leaves_the_template_alone(template):
    clone = cloning.clone_tenant(template, slug="clone")

    cloning.delete_rows(clone)

    assert Group.objects.in_tenant(template).exists()
    assert not Group.objects.in_tenant(clone).exists()


def test_reset_gives_back_the_templates_rows_and_keeps_tenant_and_memberships(template):
    clone = cloning.clone_tenant(template, slug="clone")
    membership = factories.MembershipFactory(tenant=clone)
    before = set(Group.objects.in_tenant(clone).values_list("pk", flat=True))
    PartnerConfiguration.objects.in_tenant(clone).delete()
    factories.GroupFactory(tenant=clone, display_name="Made by the trainee")

    cloning.reset_tenant(clone, template)

    assert Membership.objects.get(pk=membership.pk).tenant_id == clone.pk
    assert PartnerConfiguration.objects.in_tenant(clone).count() == 1
    assert set(Group.objects.in_tenant(clone).values_list("pk", flat=True)) == before


def test_statements_of_a_clone_do_not_grow_with_its_rows(template, django_assert_max_num_queries):
    for _ in range(30):
        factories.ManagedDeviceFactory(tenant=template)

    with django_assert_max_num_queries(3 * len(cloning.scoped_models())):
        cloning.clone_tenant(template, slug="clone")
