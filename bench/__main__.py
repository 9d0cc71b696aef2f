"""Measure the running console: its lists, the file of all devices, writes on large groups and reports, as ratios.

python -m bench                        1,000,000 and 1,000 devices on SQLite
python -m bench --engine postgresql    the same on a PostgreSQL started for it, or on the one DATABASE_URL names
python -m bench --part writes          a part alone: pages, export, writes or reports
python -m bench --devices 100000       fewer devices than a million: quicker to build, and less true
python -m bench --quick                6,000 and 200 devices, a round or two: does it work at all?

Pages are compared with a view that only loads session and operator, the file and the writes with what the engine needs
for them. The SQLite database is built once, under var/bench/; --rebuild builds it anew. A PostgreSQL that DATABASE_URL
names keeps its rows as well. Everything is measured in one run, the requests taking turns, because a machine that slows
down for some seconds would otherwise slow down one of them.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 2  # rounds that are not counted
SLOW = 0.25  # seconds; slower requests take part in fewer rounds
SLOW_ROUNDS = 5
PARTS = ("pages", "export", "writes", "reports")


@dataclass
class Result:
    """One request of one tenant."""

    seconds: list[float] = field(default_factory=list)
    statements: int = 0
    size: int = 0
    zipped: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--quick", action="store_true", help="small data and few rounds")
    parser.add_argument("--devices", type=int, default=1_000_000, help="in the large directory (1,000,000)")
    parser.add_argument("--rounds", type=int, default=0, help="how often each request is made (30)")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may stand more than once")
    parser.add_argument("--only", default="", help="requests whose name contains this, beside the base")
    parser.add_argument("--rebuild", action="store_true", help="build the SQLite database anew")
    options = parser.parse_args()
    large, small = (6_000, 200) if options.quick else (options.devices, 1_000)
    rounds = options.rounds or (2 if options.quick else 30)
    os.chdir(ROOT)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ["CONSOLE_MODE"] = "local"
    parts = options.part or PARTS
    with database(options.engine, large, rebuild=options.rebuild, quick=options.quick):
        start_django()
        from bench import data, export, reports, server, writes  # noqa: PLC0415 - need Django

        data.migrate()
        if not data.is_built():
            data.build(large, small)
        print(f"{options.engine}, {large:,} and {small:,} devices, {rounds} rounds, {time.strftime('%Y-%m-%d')}")
        ok = True
        cookie = sign_in()
        if "pages" in parts:
            ok &= measure(options.engine, rounds, {data.LARGE: large, data.SMALL: small}, cookie, options.only)
        if "export" in parts:
            with server.running() as console:
                ok &= export.measure(console, cookie, data.LARGE, rounds)
        if "writes" in parts:
            ok &= writes.measure(data.LARGE, rounds)
        if "reports" in parts:
            ok &= reports.measure(data.LARGE, rounds)
    sys.exit(0 if ok or options.quick else 1)


# Surroundings


@contextmanager
def database(engine: str, large: int, *, rebuild: bool, quick: bool) -> Iterator[None]:
    """DATABASE_URL names the database to measure."""
    if engine == "sqlite":
        folder = ROOT / "var" / "bench"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file, done = folder / f"portal-{large}.sqlite3", folder / f"portal-{large}.done"
        if rebuild or quick or not done.exists():
            for path in (done, file, Path(f"{file}-wal"), Path(f"{file}-shm")):
                path.unlink(missing_ok=True)
        os.environ["DATABASE_URL"] = f"sqlite:///{file}"
        yield
        done.touch()
        return
    from tests import pg  # noqa: PLC0415 - only for this engine

    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        yield
        return
    # As a real server: what is written is on the disk, and there is memory for it.
    careful: dict[str, Any] = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    server = pg.start(
        shared_buffers="2GB", work_mem="16MB", maintenance_work_mem="512MB", max_wal_size="8GB", **careful
    )
    os.environ["DATABASE_URL"] = server.url
    try:
        yield
    finally:
        server.stop()


def start_django() -> None:
    import django  # noqa: PLC0415 - the settings are chosen by now
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


# Measuring


def measure(engine: str, rounds: int, sizes: dict[str, int], cookie: str, only: str = "") -> bool:
    """Make the requests, print the table, and say whether every goal was reached. only: part of a request's name."""
    from bench import cases, server  # noqa: PLC0415 - need Django

    needed = (cases.BASE, cases.FIRST, cases.AZURE, cases.USERS, cases.AUDIT)
    wanted = [
        (slug, case) for slug in sizes for case in cases.cases(slug, engine) if only in case.name or case.name in needed
    ]
    results = {pair: Result() for pair in wanted}
    for (_, case), result in results.items():
        result.statements = count_statements(case, cookie)
    with server.running() as console:
        connection = http.client.HTTPConnection(server.HOST, console.port, timeout=120)
        for turn in range(-min(WARM_UP, rounds - 1), rounds):
            random.shuffle(wanted)
            for pair in wanted:
                result = results[pair]
                if turn >= SLOW_ROUNDS and result.median > SLOW:
                    continue
                seconds, body = fetch(connection, pair[1], cookie)
                if turn >= 0:
                    result.seconds.append(seconds)
                result.size, result.zipped = len(body), len(gzip.compress(body, 6))
        connection.close()
    ok = True
    for slug, n in sizes.items():
        ok &= show(f"{n:,} devices", {case: result for (of, case), result in results.items() if of == slug})
    if not only:
        compare_with_plain(engine, results)
    return ok


def sign_in() -> str:
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from tenancy.models import Operator  # noqa: PLC0415

    client = Client()
    client.force_login(Operator.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def fetch(connection: http.client.HTTPConnection, case: Any, cookie: str) -> tuple[float, bytes]:
    headers = {"Cookie": cookie, **({"HX-Request": "true"} if case.htmx else {})}
    start = time.perf_counter()
    connection.request("GET", case.path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - start
    assert response.status == http.HTTPStatus.OK, (case, response.status)
    return seconds, body


def count_statements(case: Any, cookie: str) -> int:
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    headers = {"Cookie": cookie, **({"HX-Request": "true"} if case.htmx else {})}
    with CaptureQueriesContext(connection) as captured:
        Client(SERVER_NAME="127.0.0.1").get(case.path, headers=headers)
    return len(captured)


# Showing


def show(title: str, results: dict[Any, Result]) -> bool:
    """Print a table of one tenant, and say whether every goal was reached."""
    from bench import cases  # noqa: PLC0415

    by_name = {case.name: result for case, result in results.items()}
    base, first = by_name[cases.BASE].median, by_name[cases.FIRST].median
    print(f"\n{title}\n")
    print("| request | ms | × base | × first page | goal | statements | kB | gzip kB | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    all_ok = True
    for case, result in results.items():
        goal, verdict = "", ""
        misses = []
        if case.goal:
            goal = f"≤ {case.goal:g} × {'base' if case.to == cases.BASE else 'first'}"
            if result.median > case.goal * by_name[case.to].median:
                misses.append("time")
        if case.name != cases.BASE:
            if result.statements > case.statements:
                misses.append("statements")
            if result.size > (32_000 if case.htmx else 64_000):
                misses.append("bytes")
            verdict = f"missed: {', '.join(misses)}" if misses else "ok"
        all_ok &= not misses
        print(
            f"| {case.name} | {result.median * 1000:.2f} | {result.median / base:.2f} | {result.median / first:.2f} "
            f"| {goal} | {result.statements} | {result.size / 1000:.1f} | {result.zipped / 1000:.1f} | {verdict} |"
        )
    return all_ok


def compare_with_plain(engine: str, results: dict[tuple[str, Any], Result]) -> None:
    """The slowest search beside the slowest of the same terms by a plain LIKE, without the bounds."""
    from django.db import connection  # noqa: PLC0415

    from bench import data  # noqa: PLC0415
    from devices import search  # noqa: PLC0415
    from tenancy.models import Tenant  # noqa: PLC0415

    tenant = Tenant.objects.get(slug=data.LARGE)
    statement = (
        "SELECT d.* FROM devices_manageddevice d JOIN devices_devicesearch s ON s.device_id = d.id"
        " WHERE d.tenant_id = %s AND s.text LIKE %s ORDER BY d.name_key, d.id LIMIT 50"
    )
    plain, ours = 0.0, 0.0
    for (slug, case), result in results.items():
        if slug != data.LARGE or len(case.term) < search.TRIGRAM:
            continue
        times = []
        for _ in range(3):
            start = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(statement, [tenant.pk, f"%{case.term}%"])
                cursor.fetchall()
            times.append(time.perf_counter() - start)
        plain, ours = max(plain, statistics.median(times)), max(ours, result.median)
    goal = 0.2 if engine == "sqlite" else 0.4
    verdict = "ok" if ours <= goal * plain else "missed"
    print(
        f"\nworst search, the whole page: {ours * 1000:.1f} ms; worst plain LIKE, its statement alone: "
        f"{plain * 1000:.1f} ms; ratio {ours / plain:.2f} (goal ≤ {goal:g}: {verdict})"
    )


if __name__ == "__main__":
    main()
