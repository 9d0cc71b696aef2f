"""pytest plugin: `--engine=postgresql` runs the tests on a PostgreSQL started for them, else they run on SQLite.

It is loaded by name in pyproject.toml, because the settings read DATABASE_URL before any conftest.py is loaded.
"""

import os
from collections.abc import Generator

import pytest

from tests import pg

SERVER = pytest.StashKey[pg.Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=["sqlite", "postgresql"],
        help="database engine: sqlite, or postgresql, started for this run (default: DATABASE_URL, else sqlite)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    engine = early_config.known_args_namespace.engine
    if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker uses what its controller has started
        if engine == "sqlite":
            os.environ.pop("DATABASE_URL", None)
        elif engine == "postgresql":
            try:
                server = early_config.stash[SERVER] = pg.start()
            except pg.PostgresMissing as missing:
                raise pytest.UsageError(str(missing)) from None
            early_config.add_cleanup(server.stop)
            os.environ["DATABASE_URL"] = server.url
    return (yield)


def pytest_report_header() -> str:
    from django.db import connection

    return f"database engine: {connection.display_name}"
