"""Two questions that a supervisor or load balancer asks: does the process live, and can it serve?"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nobody else."""
    return _plain("ok", 200)


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and no migration is left to apply; else 503 with the word that says which."""
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        connection.close()  # so that the next question finds a database that has come back
        return _plain("database", 503)
    if unapplied:
        return _plain("migrations", 503)
    return _plain("ok", 200)


PROBES = {"/healthz": healthz, "/readyz": readyz}


class ProbeMiddleware:
    """Answers the probes before host names, TLS, sessions and tenants matter: a probe has none of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = PROBES.get(request.path_info, self.get_response)
        return view(request)


def _plain(word: str, status: int) -> HttpResponse:
    return HttpResponse(
        word + "\n", status=status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )
