"""For suites outside this repository: the settings, factories, fixtures and helpers that our own tests use.

    factories   a factory for each model, which builds the smallest valid row
    plugin      pytest: the fixtures tenant, operator, portal, portal_as and stranger
    clients     signed_in(operator): Django's test client without the sign-in page
    visitor     drives Django's test client by visible words, without JavaScript
    settings    DJANGO_SETTINGS_MODULE of a suite

docs/automated-runs.md says how to use them. Nothing of the console imports this package.
"""

from __future__ import annotations


def missing(package: str) -> ImportError:
    """What is raised where `package` is not installed: it serves tests alone, and the console runs without it."""
    return ImportError(
        f"bladeworks_testing needs {package}, which the console itself does not: "
        "install it, or everything for tests with 'make venv'."
    )
