"""What the journal and the log know of the request that is being served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    """Where a write comes from: a value of JournalEntry.Source, and the request's id if there is one."""

    source: str
    request_id: str


_COMMAND = Origin("command", "")
_origin: ContextVar[Origin] = ContextVar("origin", default=_COMMAND)


def current_origin() -> Origin:
    """The origin of whatever runs now; outside a request it is a command."""
    return _origin.get()


@contextmanager
def origin(source: str, request_id: str = "") -> Iterator[None]:
    """Writes inside the block are journalled as coming from `source`."""
    token = _origin.set(Origin(source, request_id))
    try:
        yield
    finally:
        _origin.reset(token)
