"""Servers die while partners upload, and partners upload all at once: nothing is lost, nothing is done by half."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from tests.factories import TenantFactory
from tests.faults.company import Batch, Company, check, send
from tests.faults.server import Server, request, running

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 4

chance = random.Random(20200720)
MOMENTS = [
    *(f"acknowledged {n}" for n in chance.sample(range(1, 14), 2)),
    *(f"statement {chance.randint(first, first + 120)}" for first in (20, 140, 260)),
    f"answer {chance.randint(1, 6)}",
]


class Uploading:
    """Clients who take the next batch, send it, and stop where the server is gone."""

    def __init__(self, batches: Sequence[Batch], *, on_answer: Callable[[int], None] = lambda number: None) -> None:
        self.waiting: SimpleQueue[Batch] = SimpleQueue()
        for batch in batches:
            self.waiting.put(batch)
        self.on_answer = on_answer
        self.answers: dict[str, Any] = {}
        self.statuses: list[int] = []

    def run(self, *clients: tuple[int, str]) -> None:
        """clients: port and token of each."""
        threads = [threading.Thread(target=self._send_all, args=client) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send_all(self, port: int, token: str) -> None:
        while True:
            try:
                batch = self.waiting.get_nowait()
            except Empty:
                return
            got = send(port, token, batch)
            if got is None:
                return
            status, answer = got
            self.statuses.append(status)
            if status == 200:
                self.answers[batch.key] = answer
            self.on_answer(len(self.answers))


def killer(server: Server, moment: str) -> Callable[[int], None]:
    what, number = moment.split()

    def kill(answers: int) -> None:
        if what == "acknowledged" and answers >= int(number):
            server.kill()

    return kill


@pytest.mark.parametrize("moment", MOMENTS)
def test_server_that_is_killed_loses_nothing_acknowledged_and_does_nothing_by_half(moment):
    company = Company(TenantFactory(), seed=MOMENTS.index(moment))
    batches, token = company.batches(24), company.token()
    kill_at = "" if moment.startswith("acknowledged") else moment

    with running(kill_at=kill_at) as server:
        before = Uploading(batches, on_answer=killer(server, moment))
        before.run(*[(server.port, token)] * CLIENTS)
        assert server.died()
    stored = check(company, batches, before.answers)
    with running() as server:
        after = Uploading(batches)
        after.run(*[(server.port, token)] * CLIENTS)

    assert set(before.statuses) <= {200}
    assert len(before.answers) < len(batches), "The server was killed too late."
    assert after.statuses == [200] * len(batches)
    assert check(company, batches, after.answers) == {batch.key for batch in batches}
    assert {key: after.answers[key] for key in before.answers} == before.answers
    assert before.answers.keys() <= stored


def test_eight_clients_at_two_servers_lose_nothing_and_meet_no_error():
    company = Company(TenantFactory(), seed=8)
    batches, tokens = company.batches(64), [company.token() for _ in range(8)]
    uploading = Uploading(batches)

    with running(workers=1) as one, running(workers=1) as other:
        uploading.run(*[((one, other)[n % 2].port, token) for n, token in enumerate(tokens)])
        status = request(
            one.port, "GET", f"/partner-api/v1/uploads/{batches[0].key}", Authorization=f"Bearer {tokens[0]}"
        )

    assert uploading.statuses == [200] * len(batches)
    assert check(company, batches, uploading.answers) == {batch.key for batch in batches}
    assert status == (200, uploading.answers[batches[0].key])
