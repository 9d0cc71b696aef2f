from __future__ import annotations

from collections.abc import Generator

import pytest

PASSWORD = "chosen-for-the-tests"


@pytest.fixture(autouse=True, scope="session")
def demo_password() -> Generator[str]:
    """The demo operators' password; the one of the machine that the tests run on is left alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSOLE_DEMO_PASSWORD", PASSWORD)
        yield PASSWORD
