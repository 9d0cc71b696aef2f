"""The commands that whoever runs the console types."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenancy import clock
from tenancy import services as tenancy
from tenancy.models import DueEvent, Membership, Tenant
from tenancy.roles import Role
from tests.factories import DueEventFactory, GroupFactory, MembershipFactory, TenantFactory

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def happened(monkeypatch) -> list[str]:
    """The slugs of tenants in which the test's due event has happened."""
    found: list[str] = []
    monkeypatch.setitem(clock._handlers, "tests.happen", lambda tenant, subject, payload: found.append(tenant.slug))
    return found


def test_demo_credentials_say_address_both_operators_and_password(monkeypatch, demo_password):
    monkeypatch.setenv("PORT", "8123")

    words = said("demo_credentials").split()

    for word in (
        "http://127.0.0.1:8123/",
        "mara.lindqvist@kestrel.example",
        "help.desk@kestrel.example",
        demo_password,
    ):
        assert word in words


@pytest.mark.parametrize("command", ["seed", "demo_credentials"])
def test_production_has_no_demo_password_that_nobody_chose(settings, monkeypatch, command):
    settings.PRODUCTION = True
    monkeypatch.delenv("CONSOLE_DEMO_PASSWORD")

    with pytest.raises(CommandError, match="CONSOLE_DEMO_PASSWORD"):
        call_command(command)

    assert not Tenant.objects.exists()


def test_settle_lets_happen_what_is_due_in_every_tenant(happened):
    for slug, ahead in {"one": -1, "two": -1, "three": 60}.items():
        tenant = TenantFactory(slug=slug)
        due = tenant.now() + timedelta(minutes=ahead)
        DueEventFactory(tenant=tenant, kind="tests.happen", due_at=due)
        Tenant.objects.filter(pk=tenant.pk).update(next_due_at=due)

    words = said("settle")

    assert happened == ["one", "two"]
    assert words == "2 due events in 2 tenants.\n"


def test_settle_mentions_events_that_failed(tenant):
    DueEventFactory(tenant=tenant, parked_at=tenant.now(), error="KeyError: 'x'")

    assert "1 due event failed" in said("settle")
    assert DueEvent.objects.in_tenant(tenant).count() == 1


def test_clone_copies_the_rows_and_lets_the_same_people_in(tenant, operator):
    GroupFactory(tenant=tenant, display_name="Front desk")

    call_command("clone_tenant", tenant.slug, "class-1", name="Class one", stdout=StringIO())

    clone = Tenant.objects.get(slug="class-1")
    assert clone.display_name == "Class one"
    assert said_groups(clone) == ["Front desk"]
    assert list(clone.memberships.values_list("operator__email", "role")) == [
        (operator.email, Role.INTUNE_ADMINISTRATOR)
    ]


def test_reset_gives_a_tenant_the_rows_of_its_template_and_keeps_its_memberships(tenant):
    GroupFactory(tenant=tenant, display_name="Front desk")
    sandbox = TenantFactory(slug="sandbox")
    guest = MembershipFactory(tenant=sandbox)
    GroupFactory(tenant=sandbox, display_name="Made in class")

    call_command("reset_tenant", "sandbox", template=tenant.slug, stdout=StringIO())

    assert said_groups(sandbox) == ["Front desk"]
    assert Membership.objects.filter(pk=guest.pk).exists()


def said_groups(tenant: Tenant) -> list[str]:
    from directory.models import Group

    return list(Group.objects.in_tenant(tenant).values_list("display_name", flat=True))


def test_clone_admits_an_operator_who_views_as_another_role_with_the_role_of_their_own(tenant, operator):
    tenancy.view_as(tenant=tenant, actor=operator, role=Role.HELP_DESK_OPERATOR)

    call_command("clone_tenant", tenant.slug, "class-1", stdout=StringIO())

    membership = Membership.objects.get(tenant__slug="class-1", operator=operator)
    assert (membership.role, membership.own_role) == (Role.INTUNE_ADMINISTRATOR, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["clone_tenant", "nowhere", "new"], "There is no tenant 'nowhere'."),
        (["clone_tenant", "kestrel", "kestrel"], "exists. Choose another slug"),
        (["clone_tenant", "kestrel", "no slug"], "slug"),
        (["reset_tenant", "nowhere", "--template=kestrel"], "There is no tenant 'nowhere'."),
        (["reset_tenant", "kestrel", "--template=nowhere"], "There is no tenant 'nowhere'."),
        (["reset_tenant", "kestrel", "--template=kestrel"], "own template"),
    ],
)
def test_refusals_are_one_sentence_and_leave_everything_as_it_was(tenant, arguments, sentence):
    GroupFactory(tenant=tenant, display_name="Front desk")

    with pytest.raises(CommandError, match=sentence):
        call_command(*arguments)

    assert said_groups(tenant) == ["Front desk"]
    assert Tenant.objects.count() == 1
