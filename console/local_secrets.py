"""Secrets of an installation on one's own machine: made once, kept in `var/`, readable by their owner alone.

Production takes its secrets from the environment and never comes here.
"""

import os
import secrets
from pathlib import Path

VAR = Path(__file__).resolve().parent.parent / "var"

# Without characters that are mistaken for one another when a password is copied from a terminal by hand.
READABLE = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679"


def secret_key() -> str:
    """The key that signs sessions and form tokens, kept in var/secret-key."""
    return _made_once("secret-key", secrets.token_urlsafe(50))


def demo_password() -> str:
    """The demo operator's password: CONSOLE_DEMO_PASSWORD, else the one kept in var/demo-password."""
    chosen = os.environ.get("CONSOLE_DEMO_PASSWORD")
    if chosen:
        return chosen
    groups = ("".join(secrets.choice(READABLE) for _ in range(5)) for _ in range(4))
    return _made_once("demo-password", "-".join(groups))


def _made_once(name: str, fresh: str) -> str:
    """Return what the file `name` holds; write `fresh` into it first if there is no such file."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    path = VAR / name
    # Written aside and linked into place: of two processes that start together one wins, and the other reads a
    # whole secret, never half of one.
    aside = VAR / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh + "\n")
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text(encoding="ascii").strip()
