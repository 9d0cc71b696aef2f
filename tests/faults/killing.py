"""How a server dies at a moment that nobody outside could hit: in the midst of a transaction, or just after one."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

from django.db import connection
from django.http import HttpRequest, HttpResponse

# "statement 120": before a process's 120th statement. "answer 3": its third answer is ready, and nobody has got it.
KILL_AT = "BLADEWORKS_KILL_AT"


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Kill the server, all of its processes, at the moment that KILL_AT names; without one never."""
    what, _, number = os.environ.get(KILL_AT, "").partition(" ")
    numbers = itertools.count(1)

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        if next(numbers) == int(number):
            die()
        return execute(*args)

    def answer(request: HttpRequest) -> HttpResponse:
        if what == "statement":
            with connection.execute_wrapper(count):
                return get_response(request)
        response = get_response(request)
        if what == "answer" and next(numbers) == int(number):
            die()
        return response

    return answer


def die() -> NoReturn:
    os.killpg(os.getpgrp(), signal.SIGKILL)
    raise AssertionError("Nothing runs after SIGKILL.")
