"""The web server as operators run it, on the database of the tests, to be killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from tests.faults.killing import KILL_AT

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PATIENCE = 60  # seconds


class Server:
    """gunicorn with its processes; whoever connects before it is ready waits in the socket that it inherits."""

    def __init__(self, *, workers: int, kill_at: str = "") -> None:
        self.socket = socket.create_server((HOST, 0), backlog=64)
        self.port: int = self.socket.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=ROOT,
            env={
                **os.environ,
                "CONSOLE_MODE": "local",
                "DJANGO_SETTINGS_MODULE": "tests.faults.server_settings",
                "DATABASE_URL": database_url(),
                "BIND": f"fd://{self.socket.fileno()}",
                "WEB_CONCURRENCY": str(workers),
                KILL_AT: kill_at,
            },
            pass_fds=[self.socket.fileno()],
            start_new_session=True,
        )

    def wait(self) -> None:
        """Return when the server answers."""
        status, _ = request(self.port, "GET", "/readyz")
        assert status == http.HTTPStatus.OK

    def kill(self) -> None:
        """All processes are gone at once, as after a power cut or at the hands of a kernel without memory."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.socket.close()  # those who wait in it learn that nobody comes

    def died(self) -> bool:
        """Wait for the end of a server that kills itself; return whether it was SIGKILL that ended it."""
        killed = self.process.wait(PATIENCE) == -signal.SIGKILL
        self.socket.close()
        return killed


@contextmanager
def running(*, workers: int = 2, kill_at: str = "") -> Iterator[Server]:
    """A server that is gone after the block."""
    server = Server(workers=workers, kill_at=kill_at)
    try:
        yield server
    finally:
        server.kill()


def database_url() -> str:
    """DATABASE_URL of the database that the tests use."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def request(
    port: int, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
) -> tuple[int, Any]:
    """Status and JSON of the answer. Raises OSError or HTTPException where none came.

    body: what is not there at once is sent in chunks.
    """
    client = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        client.request(method, path, body, headers)
        response = client.getresponse()
        text = response.read()
    finally:
        client.close()
    is_json = response.headers.get_content_type() == "application/json"
    return response.status, json.loads(text) if is_json else text.decode()
