"""Resetting a directory: from the page and from the command."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from blades.models import Draft, Notification
from console import services
from console.demo import tenant as demo
from devices.models import ManagedDevice
from directory.models import DirectoryUser, Group
from partners.models import PartnerConfiguration
from tenancy import cloning
from tenancy.models import JournalEntry, Membership, Tenant
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    ConfigurationFactory,
    DraftFactory,
    GroupFactory,
    ManagedDeviceFactory,
    MembershipFactory,
    NotificationFactory,
    TenantFactory,
)

COMMAND = "manage.py reset_tenant"


@pytest.fixture
def url(tenant):
    return reverse("console:reset", args=[tenant.slug])


@pytest.fixture
def template(tenant):
    """What `tenant` is a copy of: one group and one device."""
    template = TenantFactory(slug="template", display_name="Class template", kind="template")
    GroupFactory(tenant=template, display_name="Front desk")
    ManagedDeviceFactory(tenant=template)
    Tenant.objects.filter(pk=tenant.pk).update(template=template)
    tenant.refresh_from_db()
    return template


def shown(response) -> str:
    return unescape(response.content.decode())


def groups(tenant) -> list[str]:
    return list(Group.objects.in_tenant(tenant).values_list("display_name", flat=True))


def test_clone_knows_its_template(db):
    template = TenantFactory(kind="template")

    assert cloning.clone_tenant(template, slug="clone").template == template


def test_copy_becomes_what_its_template_is_and_the_operator_lands_on_home(portal, tenant, operator, template, url):
    GroupFactory(tenant=tenant, display_name="Made in class")
    ConfigurationFactory(tenant=tenant)
    DraftFactory(tenant=tenant, operator=operator)
    NotificationFactory(tenant=tenant, operator=operator)
    elsewhere = NotificationFactory(operator=operator)
    Tenant.objects.filter(pk=tenant.pk).update(propagation=Tenant.Propagation.REAL, clock_skipped=timedelta(hours=8))

    response = portal.post(url, {"slug": tenant.slug}, follow=True)

    assert response.redirect_chain == [(reverse("console:home", args=[tenant.slug]), 302)]
    assert "'Kestrel Logistics' is as it was at first." in shown(response)
    assert groups(tenant) == ["Front desk"]
    assert ManagedDevice.objects.in_tenant(tenant).count() == 1
    assert not PartnerConfiguration.objects.in_tenant(tenant).exists()
    assert not Draft.objects.exists()
    assert set(Notification.objects.values_list("title", flat=True)) == {elsewhere.title, "Directory reset"}
    tenant.refresh_from_db()
    assert (tenant.propagation, tenant.clock_skipped.total_seconds()) == (Tenant.Propagation.REAL, 0)
    assert Membership.objects.get(tenant=tenant, operator=operator).role == Role.INTUNE_ADMINISTRATOR
    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert (entry.activity, entry.actor) == ("Reset directory", operator)


def test_second_press_resets_again_and_harms_nothing(portal, tenant, template, url):
    for _ in range(2):
        assert portal.post(url, {"slug": tenant.slug}).status_code == 302

    assert groups(tenant) == ["Front desk"]


@pytest.mark.parametrize("typed", ["", "template", "Kestrel"])
def test_without_the_name_typed_again_nothing_is_reset(portal, tenant, template, url, typed):
    GroupFactory(tenant=tenant, display_name="Made in class")

    response = portal.post(url, {"slug": typed})

    assert response.status_code == 422
    assert "Enter 'kestrel' to confirm that this directory is reset." in shown(response)
    assert groups(tenant) == ["Made in class"]


def test_page_names_what_is_lost_and_what_stays(portal, template, url):
    page = shown(portal.get(url))

    for words in ("a fresh copy of 'Class template'", "Audit logs", "Operators with their roles"):
        assert words in page


def test_demo_is_made_anew_with_as_many_devices_as_at_first(portal, tenant, operator, url):
    demo.make(slug=tenant.slug, name=tenant.display_name, devices=12)
    before = set(ManagedDevice.objects.in_tenant(tenant).values_list("device_name", flat=True))
    operator.refresh_from_db()  # the demo has given its own operator today's password
    password = operator.password
    portal.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    ManagedDevice.objects.in_tenant(tenant).delete()
    DirectoryUser.objects.in_tenant(tenant).first().delete()
    Tenant.objects.filter(pk=tenant.pk).update(document_mode=Tenant.DocumentMode.AS_IT_WORKS)

    response = portal.post(url, {"slug": tenant.slug}, follow=True)

    assert response.status_code == 200
    assert set(ManagedDevice.objects.in_tenant(tenant).values_list("device_name", flat=True)) == before
    operator.refresh_from_db()
    assert operator.password == password
    tenant.refresh_from_db()
    assert (tenant.document_mode, tenant.kind) == (Tenant.DocumentMode.AS_IT_WORKS, Tenant.Kind.DEMO)
    assert JournalEntry.objects.in_tenant(tenant).filter(activity="Reset directory").count() == 1


def test_directory_without_template_is_greyed_with_the_reason(portal, tenant, url):
    GroupFactory(tenant=tenant, display_name="Made in class")

    page = shown(portal.get(url))
    refused = portal.post(url, {"slug": tenant.slug})

    assert 'aria-disabled="true" title="This directory is neither a demo nor a copy' in page
    assert refused.status_code == 422
    assert groups(tenant) == ["Made in class"]


def test_large_directory_is_reset_by_a_command_that_the_page_names(portal, tenant, template, url, monkeypatch):
    monkeypatch.setattr(services, "LARGEST", 0)

    response = portal.post(url, {"slug": tenant.slug})

    assert response.status_code == 422
    assert f"{COMMAND} kestrel" in shown(response)
    assert groups(tenant) == []


def test_size_counts_what_is_deleted_and_what_is_made(tenant, template):
    ManagedDeviceFactory.create_batch(3, tenant=tenant)

    assert services.reset_size(tenant) == 3


def test_template_that_is_gone_leaves_nothing_to_go_back_to(tenant, template, operator):
    cloning.delete_rows(template)
    template.delete()
    tenant.refresh_from_db()

    assert tenant.template is None
    with pytest.raises(ValidationError, match="neither a demo nor a copy"):
        services.reset_tenant(tenant=tenant, actor=operator)


def test_role_without_training_settings_resets_nothing(tenant, template):
    actor = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator
    GroupFactory(tenant=tenant, display_name="Made in class")

    with pytest.raises(MissingPermission):
        services.reset_tenant(tenant=tenant, actor=actor)

    assert groups(tenant) == ["Made in class"]


def test_command_resets_a_copy_and_a_demo_and_refuses_others(tenant, template):
    out = StringIO()
    call_command("reset_tenant", tenant.slug, stdout=out)
    assert (groups(tenant), out.getvalue()) == (["Front desk"], "'kestrel' is a fresh copy of 'template'.\n")

    demo.make(slug="small", name="Small", devices=5)
    out = StringIO()
    call_command("reset_tenant", "small", stdout=out)
    assert out.getvalue() == "'small' is made anew.\n"

    TenantFactory(slug="plain")
    with pytest.raises(CommandError, match="neither a demo nor a copy"):
        call_command("reset_tenant", "plain")


def test_command_with_a_template_remembers_it(tenant):
    other = TenantFactory(slug="other")

    call_command("reset_tenant", tenant.slug, template=other.slug, stdout=StringIO())

    tenant.refresh_from_db()
    assert tenant.template == other
