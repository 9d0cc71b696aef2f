"""Files for spreadsheets: streamed, block by block, and harmless to open.

RFC 4180 with a byte order mark, without which Excel takes UTF-8 for something else. A cell that a spreadsheet would
take for a formula gets an apostrophe in front, which spreadsheets have for that. Telephone numbers (+49 …) are no
exception: without the apostrophe Excel computes with them and drops the plus sign, and a rule with exceptions is one
to get around.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"

# The last four are the full-width forms, which some spreadsheets read as the others.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001


def harmless(values: Iterable[str | None]) -> list[str]:
    """The cells of a column, so that no spreadsheet runs them. Nothing is an empty cell."""
    return ["" if not value else f"'{value}" if value[0] in FORMULA else value for value in values]


def lines(heads: Sequence[str], blocks: Iterable[Iterable[Sequence[str]]]) -> Iterator[bytes]:
    """The file, a piece for each block of rows. Its cells are made harmless by the caller, column by column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(heads)
    for block in blocks:
        writer.writerows(block)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()
