"""The list of devices as a file, beside a bare cursor whose rows go through csv.writer: time, and memory on the way.

`python -m bench.export TENANT WHICH` is the bare cursor, in a process of its own: its memory is measured as well.
"""

from __future__ import annotations

import csv
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.server import HOST, ROOT, Server

GOAL, GOAL_MEMORY = 1.4, 16  # times the bare cursor; MiB beyond what that takes
SAMPLE = 0.05  # seconds between two looks at the memory
MOST_ROUNDS = 3
SHOWN, ALL = "shown", "all"
PIECE = 1 << 16


@dataclass
class Export:
    """One file, made again and again. memory: the most that it took beside what was there, in MiB."""

    rows: int = 0
    size: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def add(self, rows: int, size: int, seconds: float, memory: float) -> None:
        self.rows, self.size = rows, size
        self.seconds.append(seconds)
        self.memory.append(memory)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure(server: Server, cookie: str, slug: str, rounds: int) -> bool:
    """Make the files in turn, print the table, and say whether the goals were reached."""
    pages, bare = ({which: Export() for which in (SHOWN, ALL)} for _ in range(2))
    download(server, cookie, slug, SHOWN, 1)  # caches fill, and count as there
    for _ in range(min(rounds, MOST_ROUNDS)):
        for which in (SHOWN, ALL):
            pages[which].add(*download(server, cookie, slug, which))
            bare[which].add(*run_bare(slug, which))
    print("\n| file | seconds | rows/s | MB | extra memory, MiB | cursor + csv.writer: seconds | rows/s | MiB | × | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    ok = True
    for which, label in ((SHOWN, "the columns shown"), (ALL, "every column")):
        ours, raw = pages[which], bare[which]
        if ours.rows != raw.rows:
            raise RuntimeError(f"The file has {ours.rows} rows, and the directory {raw.rows}.")
        ratio, memory = ours.median / raw.median, max(ours.memory)
        # SQLite's cache of pages fills for both.
        beyond = memory - max(raw.memory)
        missed = [word for word, bad in (("time", ratio > GOAL), ("memory", beyond > GOAL_MEMORY)) if bad]
        ok &= not missed
        print(
            f"| {ours.rows:,} rows, {label} | {ours.median:.2f} | {ours.rows / ours.median:,.0f} "
            f"| {ours.size / 1e6:.1f} | {memory:.1f} | {raw.median:.2f} | {raw.rows / raw.median:,.0f} "
            f"| {max(raw.memory):.1f} | {ratio:.2f} | {'missed: ' + ', '.join(missed) if missed else 'ok'} |"
        )
    print(f"\ngoals: ≤ {GOAL:g} × cursor + csv.writer, ≤ {GOAL_MEMORY} MiB more than it")
    return ok


def download(server: Server, cookie: str, slug: str, which: str, pieces: int = 0) -> tuple[int, int, float, float]:
    """Rows, bytes, seconds and MiB of a file that the console sends. pieces: leave after so many."""
    from django.urls import reverse  # noqa: PLC0415 - needs Django

    address = reverse("devices:export", args=[slug]) + ("?columns=all" if which == ALL else "")
    connection = http.client.HTTPConnection(HOST, server.port, timeout=600)
    lines = size = 0
    with watched(processes(server.pid)) as peak:
        start = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {response.status}.")
        while piece := response.read(PIECE):
            lines += piece.count(b"\n")
            size += len(piece)
            pieces -= 1
            if not pieces:
                break
        seconds = time.perf_counter() - start
    connection.close()
    return lines - 1, size, seconds, peak[0]


def run_bare(slug: str, which: str) -> tuple[int, int, float, float]:
    """The same of the bare cursor."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.export", slug, which], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    rows, size, seconds, memory = json.loads(done.stdout)
    return rows, size, seconds, memory


def write_bare(slug: str, which: str) -> tuple[int, int, float, float]:
    """The rows of the list in its order, through csv.writer into nothing."""
    from django.db import connection, transaction  # noqa: PLC0415 - needs Django

    from devices.columns import COLUMNS, PICKER  # noqa: PLC0415
    from devices.models import ManagedDevice  # noqa: PLC0415
    from tenancy.models import Tenant  # noqa: PLC0415

    tenant = Tenant.objects.get(slug=slug)
    names = tuple(COLUMNS) if which == ALL else PICKER.shown({})
    statement = (
        f"SELECT {', '.join(COLUMNS[name].expression for name in names)} FROM {ManagedDevice._meta.db_table} devices"
        " WHERE devices.tenant_id = %s ORDER BY devices.name_key, devices.id"
    )
    count = 0
    with watched([os.getpid()]) as peak, open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123
        start = time.perf_counter()
        writer = csv.writer(nothing)
        # A cursor of the server on PostgreSQL: the client does not hold all rows.
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(statement, [tenant.pk])
            for row in cursor:
                writer.writerow(row)
                count += 1
        seconds = time.perf_counter() - start
    return count, 0, seconds, peak[0]


# Memory


@contextmanager
def watched(pids: list[int]) -> Iterator[list[float]]:
    """The most memory, in MiB, that the processes have together beyond what they had at first."""
    before, peak = anonymous(pids), [0.0]
    done = threading.Event()

    def look() -> None:
        while not done.wait(SAMPLE):
            peak[0] = max(peak[0], anonymous(pids) - before)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield peak
    finally:
        done.set()
        looking.join()


def processes(pid: int) -> list[int]:
    """The process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


def anonymous(pids: list[int]) -> float:
    """Memory of the processes' own, without files, in MiB. Linux says what that is."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1])
    return total / 1024


if __name__ == "__main__":
    import django

    django.setup()
    json.dump(write_bare(*sys.argv[1:3]), sys.stdout)
