"""Files for spreadsheets: read line by line; and written, block by block, so that they are harmless to open.

RFC 4180 with a byte order mark, without which Excel takes UTF-8 for something else. A cell that a spreadsheet would
take for a formula gets an apostrophe in front, which spreadsheets have for that. Telephone numbers (+49 …) are no
exception: without the apostrophe Excel computes with them and drops the plus sign, and a rule with exceptions is one
to get around.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import ValidationError

BOM = "\ufeff"

MOST_BYTES = 2_000_000
TOO_LARGE = "The file is larger than 2 MB. Split it, and import the parts one after the other."
NOT_TEXT = "The file is not text in UTF-8. Save it as CSV UTF-8 first."

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


def decode(content: bytes) -> str:
    """The text of an uploaded file. Raises ValidationError."""
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(NOT_TEXT) from None
    if "\x00" in text:
        raise ValidationError(NOT_TEXT)
    return text


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of `text` that say anything: where each begins, as an editor counts, and its cells.

    Commas, semicolons and tabs are understood. Raises ValidationError.
    """
    text = text.removeprefix(BOM).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    first = text.strip().partition("\n")[0]
    delimiter = next((sign for sign in ",;\t" if sign in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    end = 0
    try:
        for row in reader:
            start, end = end + 1, reader.line_num
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield start, cells
    except csv.Error:
        raise ValidationError(
            f"Line {end + 1:,} cannot be read: it is too long, or a quotation mark in it is not closed."
        ) from None
