from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from tenancy.models import Operator, Tenant
from tests.factories import TenantFactory

PASSWORD = "a-long-password-1"


@pytest.fixture
def typed(monkeypatch):
    """Standard input holds a password."""
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_new_operator_may_sign_in_and_enter(tenant, typed):
    said = run("operator", "Trainee.01@school.example", "--tenant", tenant.slug, "--password-stdin")

    operator = Operator.objects.get(email="trainee.01@school.example")
    assert operator.check_password(PASSWORD)
    assert operator.memberships.get().tenant == tenant
    assert "kestrel as Intune administrator" in said


def test_known_operator_gets_another_role_and_keeps_the_password(tenant, operator):
    before = operator.password

    run("operator", operator.email, "--tenant", tenant.slug, "--role", "help_desk_operator")

    operator.refresh_from_db()
    assert operator.password == before
    assert operator.memberships.get().role == "help_desk_operator"


@pytest.mark.parametrize(
    ("email", "tenant_slug", "sentence"),
    [("no address", "kestrel", "valid email"), ("new@school.example", "nowhere", "There is no tenant 'nowhere'")],
)
def test_mistake_is_refused_in_a_sentence_and_nothing_remains(tenant, typed, email, tenant_slug, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("operator", email, "--tenant", tenant_slug, "--password-stdin")

    assert not Operator.objects.exists()


def test_weak_password_is_refused(tenant, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("12345\n"))

    with pytest.raises(CommandError, match="too short"):
        run("operator", "new@school.example", "--password-stdin")


def test_new_operator_without_a_terminal_needs_the_password_on_standard_input(db):
    with pytest.raises(CommandError, match="--password-stdin"):
        run("operator", "new@school.example")


def test_nobody_stands_above_the_roles(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    with pytest.raises(CommandError, match="Nobody stands above the roles"):
        run("createsuperuser", "--no-input", "--email", "root@school.example", "--display_name", "Root")


def test_advance_moves_the_clock_and_says_what_happened(db):
    tenant = TenantFactory(slug="slow", propagation=Tenant.Propagation.REAL)
    before = tenant.now()

    said = run("advance", "slow", "--hours", "9")

    tenant.refresh_from_db()
    assert tenant.now() - before >= timedelta(hours=9)
    assert "0 due events happened" in said


@pytest.mark.parametrize("hours", ["0", "-1", "100000"])
def test_clock_does_not_go_back_or_wild(db, hours):
    TenantFactory(slug="slow")

    with pytest.raises(CommandError, match="more than 0 hours"):
        run("advance", "slow", "--hours", hours)


def test_clone_onto_a_taken_slug_is_refused_in_a_sentence(tenant):
    TenantFactory(slug="taken")

    with pytest.raises(CommandError, match="The tenant 'taken' exists"):
        run("clone_tenant", tenant.slug, "taken")
