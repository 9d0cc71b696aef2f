from __future__ import annotations

import pytest

from tests.uem.test_services import Shop


@pytest.fixture
def shop(tenant):
    """A company that has added Workspace ONE for iPhones of one group, and nothing else yet."""
    return Shop(tenant)
