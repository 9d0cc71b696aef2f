"""Django's test client, signed in."""

from __future__ import annotations

from django.test import Client

from tenancy.models import Operator


def signed_in(operator: Operator) -> Client:
    """A test client signed in as `operator`, without the way over the sign-in page."""
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return client
