"""A throw-away PostgreSQL: an ordinary server with a folder and a socket of its own, gone when its user is gone."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PORT = 5432  # only names the socket in the server's own folder; nothing listens on the network

# Fast rather than safe: nobody wants these rows back after a power cut.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

# Waits until its standard input closes, which also happens when its parent is killed; then stops the server.
UNDERTAKER = 'cat >/dev/null; "$1/pg_ctl" stop --pgdata="$2/data" --mode=immediate --silent; rm -rf "$2"'


class PostgresMissing(Exception):
    """This machine has no PostgreSQL server programs; the message says what to install."""


@dataclass
class Server:
    url: str  # for DATABASE_URL
    folder: Path
    undertaker: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self.undertaker.stdin and not self.undertaker.stdin.closed:
            self.undertaker.stdin.close()
        self.undertaker.wait()


def start(folder: Path | None = None, **settings: str) -> Server:
    """Make a cluster below `folder` (default: the folder for temporary files) and start its server.

    settings: lines of postgresql.conf, over THROW_AWAY; `fsync="on"` for measuring what a real server does.
    Raises PostgresMissing.
    """
    programs = find_programs()
    user = _ordinary_user()
    home = Path(tempfile.mkdtemp(prefix="bladeworks-pg-", dir=folder))
    if user is not None:
        shutil.chown(home, user)
    undertaker = subprocess.Popen(
        ["sh", "-c", UNDERTAKER, "undertaker", str(programs), str(home)],
        stdin=subprocess.PIPE,
        user=user,
        cwd="/",
        start_new_session=True,  # Ctrl-C ends the tests, and only through them this
    )
    server = Server(f"postgresql://bladeworks@/bladeworks?host={home}", home, undertaker)
    try:
        _run(user, programs / "initdb", f"--pgdata={home / 'data'}", "--username=bladeworks", "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        lines = {"listen_addresses": "", "unix_socket_directories": str(home), "port": str(PORT)}
        with (home / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in (lines | THROW_AWAY | settings).items())
        _run(user, programs / "pg_ctl", "start", f"--pgdata={home / 'data'}", f"--log={home / 'log'}", "--wait")
        _run(user, programs / "createdb", f"--host={home}", "--username=bladeworks", "bladeworks")
    except BaseException:
        server.stop()
        raise
    return server


def find_programs() -> Path:
    """The folder of the newest PostgreSQL server here. Debian keeps its programs out of the path."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(installed, key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
    if newest:
        return newest[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere and shutil.which("pg_ctl", path=str(Path(elsewhere).resolve().parent)):
        return Path(elsewhere).resolve().parent
    raise PostgresMissing("PostgreSQL is not installed. Install it as root: apt-get install postgresql")


def _ordinary_user() -> str | None:
    """Whom the server runs as: ourselves, or, because it refuses root, the user that its package made."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise PostgresMissing("PostgreSQL refuses to run as root, and there is no user postgres. Run this as another user.")


def _run(user: str | None, *command: str | Path) -> None:
    done = subprocess.run(
        command,
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        # Ctrl-C reaches us alone; what we started is stopped in order.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout}")
