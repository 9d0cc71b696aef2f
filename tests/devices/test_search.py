"""The search box: what it finds, and that the index behind it follows its table."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from devices import queries, search
from devices.filters import read
from devices.models import DeviceSearch
from tests.devices.listing import fill
from tests.factories import ManagedDeviceFactory


@pytest.fixture(params=["compared", "by the index"])
def any_size(request, monkeypatch) -> None:
    if request.param == "by the index":
        monkeypatch.setattr(queries, "SMALL_TENANT", 0)


def names(tenant, query: str) -> list[str]:
    from django.http import QueryDict

    page = queries.device_page(tenant, read(QueryDict(query)))
    return [row[1] for row in page.rows]


@pytest.mark.parametrize(
    ("field", "value", "term"),
    [
        ("device_name", "Castillo's iPhone", "CASTILLO'S"),
        ("user_upn", "Mara.Lindqvist@kestrel.example", "lindqvist@"),
        ("serial_number", "C39XK2LMN735", "k2lm"),
        ("imei", "353918100000017", "3918100"),
        ("management_name", "mara_iOS_7/1/2020", "ios_7/1"),
    ],
)
def test_it_finds_by_every_field_of_the_placeholder(tenant, any_size, field, value, term):
    ManagedDeviceFactory(tenant=tenant, device_name="another")
    device = ManagedDeviceFactory(tenant=tenant, **{field: value})

    assert names(tenant, f"q={term}") == [device.device_name]


@pytest.mark.parametrize(
    ("name", "other", "term"),
    [
        ("100% Cotton", "100 Cotton", "0%25 c"),
        ("kl_and", "klxand", "kl_a"),
        ('9" tablet', "9 tablet", '9" t'),
        ("back\\slash", "backslash", "k\\s"),
        ("O'Neill; DROP TABLE", "ONeill DROP TABLE", "l; dr"),
        ("AND OR NOT", "ANDROID", "and or"),
        ("star*", "start", "tar*"),
    ],
)
def test_wildcards_and_quotes_are_letters_like_any_other(tenant, any_size, name, other, term):
    ManagedDeviceFactory(tenant=tenant, device_name=name)
    ManagedDeviceFactory(tenant=tenant, device_name=other)

    assert names(tenant, f"q={term.replace(';', '%3B')}") == [name]


@pytest.mark.parametrize(("name", "term"), [("ÄRZTE-Tablet", "ärzte"), ("Straße 1", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ")])
def test_case_is_folded_for_every_script(tenant, any_size, name, term):
    ManagedDeviceFactory(tenant=tenant, device_name=name)

    assert names(tenant, f"q={term}") == [name]


@pytest.mark.parametrize("term", ["%00", "a%00b", "%0A", "x" * 5000, "%ED%A0%80", "🙂🙂🙂"])
def test_strange_terms_find_nothing_and_break_nothing(tenant, any_size, term):
    ManagedDeviceFactory(tenant=tenant, device_name="KL-001", serial_number="1")

    assert names(tenant, f"q={term}") in ([], ["KL-001"])


def test_a_term_does_not_reach_over_the_end_of_a_field(tenant, any_size):
    ManagedDeviceFactory(tenant=tenant, device_name="KL", serial_number="001")

    assert names(tenant, "q=kl001") == []


def test_the_index_follows_changed_and_deleted_texts(tenant, monkeypatch):
    monkeypatch.setattr(queries, "SMALL_TENANT", 0)
    changed, deleted = ManagedDeviceFactory.create_batch(2, tenant=tenant)
    text = DeviceSearch.unscoped.get(device=changed)
    text.text = "renamed"
    text.save()
    deleted_name = deleted.device_name.lower()
    deleted.delete()

    assert names(tenant, "q=renam") == [changed.device_name]
    assert names(tenant, f"q={changed.device_name}") == []
    assert names(tenant, f"q={deleted_name}") == []


def test_postgresql_and_sqlite_have_an_index_of_trigrams(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'devices_trigrams'"
            if connection.vendor == "postgresql"
            else "SELECT sql FROM sqlite_master WHERE name = 'devices_trigrams'"
        )
        [(definition,)] = cursor.fetchall()

    assert "gin_trgm_ops" in definition or "trigram" in definition


@pytest.mark.django_db(transaction=True)
def test_the_index_can_be_taken_away_and_made_again_over_rows_that_exist():
    from tests.factories import TenantFactory

    tenant = TenantFactory()
    fill(tenant, 20)
    hits = search.hits(tenant, "kestrel")
    with connection.cursor() as cursor:
        cursor.execute(hits.text, hits.params)
        before = sorted(cursor.fetchall())

    try:
        MigrationExecutor(connection).migrate([("devices", "0001_initial")])
    finally:  # all the way: the tests that follow in this process need every table
        forward = MigrationExecutor(connection)
        forward.migrate(forward.loader.graph.leaf_nodes())

    with connection.cursor() as cursor:
        cursor.execute(hits.text, hits.params)
        assert sorted(cursor.fetchall()) == before
        assert before
