"""Sending verdicts to the partner API over HTTP, in packed batches: what `manage.py partner-report` does."""

from __future__ import annotations

import csv
import gzip
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from directory.queries import batches

COLUMNS = ("device_id", "user_id", "compliant")
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
PATIENCE = 60  # seconds for one answer
TRIES = 5


class Unsent(Exception):
    """A batch was not taken; the sentence says why. What was sent before it stays.

    status: of the answer, or None where nobody answered.
    """

    def __init__(self, problem: str, status: int | None = None) -> None:
        super().__init__(problem)
        self.status = status


class Answer(NamedTuple):
    """What the API made of one batch. first: the number of its first item in the file, from 0."""

    first: int
    accepted: int
    refused: list[dict[str, Any]]


def read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The items of a CSV file with the columns device_id, user_id, compliant and, if it likes, last_update.

    lastUpdate is empty where the file does not say it. Raises ValueError, naming the line.
    """
    rows = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise ValueError(f"The file has no column '{missing[0]}'. Its columns are {', '.join(COLUMNS)}, last_update.")
    for row in rows:
        word = (row["compliant"] or "").strip().casefold()
        if word not in WORDS:
            raise ValueError(f"Line {rows.line_num}: '{row['compliant']}' is neither true nor false.")
        yield {
            "deviceId": (row["device_id"] or "").strip(),
            "userId": (row["user_id"] or "").strip(),
            "compliant": WORDS[word],
            "lastUpdate": (row.get("last_update") or "").strip(),
        }


def begun(url: str, token: str, run: str) -> str:
    """When this run was first begun, in the directory's time. Raises Unsent.

    An empty upload marks the moment: the API keeps it, so that a run that is sent again says what it said before.
    """
    start = {"uploadId": f"{run}.start", "items": []}
    return str(call(f"{url.rstrip('/')}/partner-api/v1/compliance-states", token, start)["receivedAt"])


def send(url: str, token: str, items: Iterable[dict[str, Any]], *, size: int, run: str = "") -> Iterator[Answer]:
    """Send `items` in batches of `size`, one after the other; yield what became of each.

    run: names the uploads, so that the same run again is not taken twice. Raises Unsent.
    """
    run = run or uuid4().hex[:16]
    first = 0
    for number, some in enumerate(batches(items, size)):
        body = {"uploadId": f"{run}.{number}", "items": some}
        answer = call(f"{url.rstrip('/')}/partner-api/v1/compliance-states", token, body)
        yield Answer(first, answer["accepted"], answer["refusedItems"])
        first += len(some)


def call(url: str, token: str, body: Any = None, *, sleep: Callable[[float], None] = time.sleep) -> dict[str, Any]:
    """Send `body` as packed JSON, or ask with GET; wait where the API asks for it, and try anew where nobody answers.

    An upload may be sent again safely: its ID says that it is the same. Raises Unsent.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    data = None if body is None else gzip.compress(json.dumps(body).encode(), mtime=0)
    problem = ""
    for attempt in range(TRIES):
        request = urllib.request.Request(url, data, headers)  # noqa: S310 - the operator names the address
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            problem = _said(error)
            if error.code == 429:
                sleep(float(error.headers.get("Retry-After", "1")))
            elif error.code < 500:
                raise Unsent(problem, error.code) from None
            else:
                sleep(2**attempt)
        except (OSError, ValueError) as error:
            problem = f"{url} does not answer: {error}."
            sleep(2**attempt)
    raise Unsent(problem)


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return f"{error.code}: {json.load(error)['error']['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{error.code}: {error.reason}"
