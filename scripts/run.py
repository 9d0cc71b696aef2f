"""Brings the database up to date, tells how to sign in, and becomes the web server; see `make run`.

run.py            serve on 127.0.0.1:$PORT (8000)
run.py --reset    make the demo anew; does not serve
"""

import fcntl
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)
os.environ.setdefault("CONSOLE_MODE", "local")

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402

from console.startup import load_settings  # noqa: E402


def main() -> None:
    reset = sys.argv[1:] == ["--reset"]
    port = free_port() if not reset else 0
    load_settings()
    from django.conf import settings

    database = settings.DATABASES["default"]
    settings.VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    hold_lock(settings.VAR_DIR / "run.lock", alone=reset)

    if reset and database["ENGINE"].endswith("sqlite3"):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{database['NAME']}{suffix}").unlink(missing_ok=True)
    django.setup()
    migrate()
    if reset:
        call_command("seed", "--reset")
        return
    call_command("seed", "--if-missing")

    os.environ["PORT"] = str(port)
    print("\nBladeworks is running; Ctrl-C stops it.\n")
    call_command("demo_credentials")
    print(flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])


def free_port() -> int:
    """The port that PORT names. Ends with a sentence where it is no port, or another program has it."""
    wanted = os.environ.get("PORT") or "8000"
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        sys.exit(f"PORT is {wanted!r}; it has to be a number from 1 to 65535.")
    port = int(wanted)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            sys.exit(f"Port {port} is for root alone. Choose another one: make run PORT=8001")
        except OSError:
            sys.exit(f"Port {port} is already in use. Choose another one: make run PORT={port % 65535 + 1}")
    return port


def hold_lock(path: Path, *, alone: bool) -> None:
    """Keep a reset and a running server apart. The lock lasts as long as the process, the server included."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("Bladeworks is running from this folder. Stop it first, with Ctrl-C." if alone
                 else "A reset is under way in this folder. Try again when it is done.")  # fmt: skip


def migrate() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False)


if __name__ == "__main__":
    main()
