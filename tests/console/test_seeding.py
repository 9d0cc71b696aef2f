"""Making the demo tenant: again, otherwise, over what is there, and not at all."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from console.demo import tenant as demo
from devices.models import ManagedDevice
from directory.models import DirectoryDevice, DirectoryUser, Group
from tenancy import cloning
from tenancy.models import JournalEntry, Membership, Operator, Tenant
from tenancy.roles import Role
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def rows_of(tenant: Tenant) -> dict[str, list[dict[str, object]]]:
    """Every row of the tenant in every table that clones, except when it was really written."""
    real = {"recorded_at"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in real}
            for row in model.unscoped.filter(tenant=tenant).order_by("pk").values()
        ]
        for model in cloning.scoped_models()
    }


def test_seeding_anew_gives_the_same_rows():
    tenant = demo.make(slug="again", name="Again", devices=60)
    before = rows_of(tenant)

    demo.make(slug="again", name="Again", devices=60)

    assert rows_of(tenant) == before
    assert sum(map(len, before.values())) > 500


def test_two_tenants_of_one_seed_agree_in_everything_but_ids_and_domain():
    def told(tenant):
        columns = {
            ManagedDevice: ("device_name", "os", "compliance", "serial_number", "last_checkin_at", "model"),
            DirectoryDevice: ("display_name", "join_type", "is_compliant", "registered_at"),
            JournalEntry: ("occurred_at", "activity"),
        }
        return [
            *(
                sorted(map(str, model.objects.in_tenant(tenant).values_list(*names)))
                for model, names in columns.items()
            ),
            sorted(user.upn.partition("@")[0] for user in DirectoryUser.objects.in_tenant(tenant)),
        ]

    one = demo.make(slug="one", name="Kestrel Logistics", devices=60)
    two = demo.make(slug="two", name="Kestrel Logistics", devices=60)

    assert told(one) == told(two)
    assert not set(ManagedDevice.objects.in_tenant(one).values_list("pk")) & set(
        ManagedDevice.objects.in_tenant(two).values_list("pk")
    )


def test_another_seed_gives_other_devices():
    first = demo.make(slug="one", name="One", devices=20, seed=1)
    second = demo.make(slug="two", name="Two", devices=20, seed=2)

    serials = [
        set(ManagedDevice.objects.in_tenant(row).values_list("serial_number", flat=True)) for row in (first, second)
    ]
    assert serials[0] != serials[1]


def test_if_missing_leaves_what_was_done_in_the_tenant():
    call_command("seed", tenant="small", devices=20, verbosity=0)
    tenant = Tenant.objects.get(slug="small")
    ManagedDevice.objects.in_tenant(tenant).first().delete()
    before = rows_of(tenant)

    call_command("seed", tenant="small", if_missing=True, verbosity=0)

    assert rows_of(tenant) == before


def test_if_missing_follows_a_password_that_was_chosen_anew(monkeypatch):
    call_command("seed", tenant="small", devices=20, verbosity=0)
    monkeypatch.setenv("CONSOLE_DEMO_PASSWORD", "another-one-for-class")

    call_command("seed", tenant="small", if_missing=True, verbosity=0)

    mara = Operator.objects.get(email="mara.lindqvist@kestrel.example")
    assert mara.check_password("another-one-for-class")


def test_existing_tenant_is_not_written_over_unasked():
    call_command("seed", tenant="small", devices=20, verbosity=0)

    with pytest.raises(CommandError, match="exists"):
        call_command("seed", tenant="small", verbosity=0)


def test_reset_forgets_what_was_done_and_keeps_memberships():
    call_command("seed", tenant="small", devices=20, verbosity=0)
    tenant = Tenant.objects.get(slug="small")
    guest = MembershipFactory(tenant=tenant, role=Role.READ_ONLY_OPERATOR)
    before = rows_of(tenant)
    ManagedDevice.objects.in_tenant(tenant).first().delete()

    call_command("seed", tenant="small", devices=20, reset=True, verbosity=0)

    assert rows_of(tenant) == before
    assert Membership.objects.filter(pk=guest.pk).exists()


def test_other_sizes_have_people_and_groups_in_proportion():
    call_command("seed", tenant="large", name="Large", devices=1200, verbosity=0)

    tenant = Tenant.objects.get(slug="large")
    counts = [model.objects.in_tenant(tenant).count() for model in (DirectoryUser, Group, ManagedDevice)]
    assert counts == [600, 75, 1200]


@pytest.mark.parametrize("n", ["0", "-5", "many"])
def test_number_of_devices_that_is_none_is_refused(n):
    with pytest.raises(CommandError, match="devices"):
        call_command("seed", "--tenant", "small", f"--devices={n}")

    assert not Tenant.objects.exists()


def test_slug_that_no_address_can_hold_is_refused_and_nothing_remains():
    with pytest.raises(CommandError, match="slug"):
        call_command("seed", tenant="not a slug", devices=20, verbosity=0)

    assert not Tenant.objects.exists()
