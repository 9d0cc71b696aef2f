"""How the settings read the environment: each case loads them in a process of its own."""

import json
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from console import local_secrets, proxy

ROOT = Path(__file__).resolve().parent.parent

PRODUCTION = {
    "CONSOLE_MODE": "production",
    "CONSOLE_SECRET_KEY": "k" * 60,
    "CONSOLE_ALLOWED_HOSTS": "console.example,admin.example",
    "DATABASE_URL": "postgresql://console:secret@database.example/console",
}


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder, with no environment but what is given."""
    clean = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "console.settings"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )


def read_settings(*names: str, **environment: str) -> dict[str, object]:
    code = f"import json, console.settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {names!r}}}))"
    done = python("-c", code, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_web_server_without_settings_names_all_that_are_missing_and_stops():
    done = python("-c", "import console.wsgi")

    assert done.returncode == 1
    assert done.stderr.startswith("Bladeworks cannot start: ")
    for name in ("CONSOLE_SECRET_KEY", "CONSOLE_ALLOWED_HOSTS", "DATABASE_URL"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["CONSOLE_SECRET_KEY", "CONSOLE_ALLOWED_HOSTS", "DATABASE_URL"])
@pytest.mark.parametrize("absence", ["unset", "empty"])
def test_production_names_the_one_setting_that_is_missing(name, absence):
    environment = dict(PRODUCTION)
    if absence == "unset":
        del environment[name]
    else:
        environment[name] = ""

    done = python("manage.py", "check", **environment)

    assert done.returncode == 1
    assert [other for other in PRODUCTION if other in done.stderr] == [name]


def test_unknown_mode_is_refused():
    done = python("manage.py", "check", CONSOLE_MODE="staging")

    assert done.returncode == 1
    assert "production, local or development" in done.stderr


def test_production_insists_on_tls_and_takes_hosts_from_the_environment():
    found = read_settings(
        "DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
        "COMPONENT_PAGE", **PRODUCTION,
    )  # fmt: skip

    assert found == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["console.example", "admin.example"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "COMPONENT_PAGE": False,
    }


def test_proxy_header_is_believed_only_behind_a_proxy():
    alone = read_settings("SECURE_PROXY_SSL_HEADER", "AXES_CLIENT_IP_CALLABLE", **PRODUCTION)
    behind = read_settings(
        "SECURE_PROXY_SSL_HEADER", "AXES_CLIENT_IP_CALLABLE", **PRODUCTION, CONSOLE_BEHIND_PROXY="true"
    )

    assert alone == {"SECURE_PROXY_SSL_HEADER": None, "AXES_CLIENT_IP_CALLABLE": None}
    assert behind == {
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "AXES_CLIENT_IP_CALLABLE": "console.proxy.client_address",
    }


def test_address_behind_a_proxy_is_the_one_that_the_proxy_saw(rf):
    forged = rf.get("/", headers={"X-Forwarded-For": "10.9.9.9, 192.0.2.7"})
    direct = rf.get("/")

    assert proxy.client_address(forged) == "192.0.2.7"
    assert proxy.client_address(direct) == "127.0.0.1"


def test_local_mode_answers_this_machine_alone_without_debug():
    found = read_settings("DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", CONSOLE_MODE="local")

    assert found == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"],
        "SESSION_COOKIE_SECURE": False,
    }


def test_sqlite_writes_take_their_lock_at_the_start_and_keep_a_log():
    (database,) = read_settings("DATABASE", CONSOLE_MODE="development").values()

    assert isinstance(database, dict)
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


@pytest.mark.django_db
def test_every_page_carries_the_content_security_policy(client):
    policy = client.get("/no-such-page/", follow=True).headers["Content-Security-Policy"]

    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }


def test_secret_is_made_once_and_readable_by_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(local_secrets, "VAR", tmp_path / "var")

    first, second = local_secrets.secret_key(), local_secrets.secret_key()

    assert first == second
    assert len(first) >= 50
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600


def test_demo_password_is_kept_unless_the_environment_has_one(monkeypatch, tmp_path):
    monkeypatch.setattr(local_secrets, "VAR", tmp_path)
    monkeypatch.delenv("CONSOLE_DEMO_PASSWORD", raising=False)

    kept = local_secrets.demo_password()
    monkeypatch.setenv("CONSOLE_DEMO_PASSWORD", "chosen for this class")

    assert (tmp_path / "demo-password").read_text().strip() == kept
    assert local_secrets.demo_password() == "chosen for this class"


def test_every_app_of_ours_has_its_place_in_the_import_order():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    ours = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}

    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]

    # The helpers for tests stand above everything: nothing that runs in production imports them.
    assert layers[:2] == ["bladeworks_testing", "console"]
    assert ours | {"bladeworks_testing"} == {app.strip() for layer in layers for app in layer.split("|")}
    assert ours | {"bladeworks_testing"} == set(config["tool"]["importlinter"]["root_packages"])
    assert ours < set(config["tool"]["mypy"]["packages"])


def test_operators_are_the_user_model():
    assert get_user_model()._meta.label == "tenancy.Operator"
