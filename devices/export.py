"""The list of devices as a file: streamed, so that it needs no more memory for a million rows than for a thousand."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress

from django.db import DatabaseError

from blades import messages, sheets
from blades.models import Notification
from devices import queries
from devices.columns import COLUMNS, DeviceColumn
from devices.filters import Wanted
from tenancy.http import OperatorRequest

log = logging.getLogger(__name__)

# So many rows are read and sent at once, and after so many the operator is told how far the file is.
BLOCK, STEP = 1_000, 20_000


def file_name(request: OperatorRequest) -> str:
    """With the directory and its date."""
    return f"{request.tenant.slug}-devices-{request.tenant.now():%Y-%m-%d}.csv"


def pieces(request: OperatorRequest, wanted: Wanted, names: Sequence[str]) -> Iterator[bytes]:
    """The file of all rows that are wanted, with the columns `names`; a notification goes along with it."""
    columns = [COLUMNS[name] for name in names]
    # The heads now: the vocabulary is that of the request, and the file is written after it.
    return _pieces(request, wanted, columns, [column.heading for column in columns])


def _pieces(request: OperatorRequest, wanted: Wanted, columns: list[DeviceColumn], heads: list[str]) -> Iterator[bytes]:
    found = queries.extract(request.tenant, wanted, [column.expression for column in columns], BLOCK)
    progress = messages.start_progress(request, "Exporting devices", _rows(0, found.total))
    done = 0

    def blocks() -> Iterator[Iterator[tuple[str, ...]]]:
        nonlocal done
        for block in found.blocks:
            before, done = done, done + len(block)
            if done // STEP > before // STEP:
                with suppress(DatabaseError):  # a file is not given up because the database is busy for a moment
                    messages.move(progress, _rows(done, found.total))
            values = list(zip(*block, strict=True))[: len(columns)]
            yield zip(*(column.texts(part) for column, part in zip(columns, values, strict=True)), strict=True)

    try:
        yield from sheets.lines(heads, blocks())
    except GeneratorExit:
        text = f"The download was stopped after {_rows(done, found.total)}. Export the list again."
        _end(progress, Notification.Level.WARNING, "Export stopped", text)
        raise
    except Exception:
        log.exception("An export of devices failed")
        text = f"The export ended after {_rows(done, found.total)}: the file is not complete. Export the list again."
        _end(progress, Notification.Level.ERROR, "Exporting devices failed", text)
        raise
    _end(progress, Notification.Level.SUCCESS, "Devices exported", f"Exported {_rows(done, None)}.")


def _end(progress: Notification, level: str, title: str, text: str) -> None:
    # The file has been sent, or has failed already: a database that is busy must not change that.
    with suppress(DatabaseError):
        messages.finish(progress, level, title, text)


def _rows(done: int, total: int | None) -> str:
    if total is not None:
        return f"{done:,} of {total:,} rows"
    return f"{done:,} row" if done == 1 else f"{done:,} rows"
