"""The console as `make run` serves it, on a free port of this machine."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
WORKERS = 2
STARTS_WITHIN = 60  # seconds


class Server(NamedTuple):
    """pid: of the process that the others are children of."""

    port: int
    pid: int


@contextmanager
def running() -> Iterator[Server]:
    """Serve as long as the block runs."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "BIND": f"{HOST}:{port}", "WEB_CONCURRENCY": str(WORKERS)},
    )
    try:
        wait(port, server)
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait(30)


def wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("The server did not start.")
