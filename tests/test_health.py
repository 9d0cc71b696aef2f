import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


def test_healthz_answers_without_the_database(client):
    answer = client.get("/healthz")  # without the django_db mark, a query would fail

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_probes_need_neither_a_known_host_nor_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/healthz", headers={"host": "10.1.2.3:8000"})

    assert answer.status_code == 200


def test_probes_set_no_cookie(client):
    assert not client.get("/healthz").cookies


@pytest.mark.django_db
def test_readyz_is_content_with_a_migrated_database(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_says_that_migrations_are_left(client):
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"migrations\n")


@pytest.mark.django_db
def test_readyz_says_that_the_database_does_not_answer(client, monkeypatch):
    def refuse(*_args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"database\n")
