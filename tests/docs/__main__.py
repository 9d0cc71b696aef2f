"""`make guide`: writes the tables of docs/automated-runs.md.
"""

from __future__ import annotations

import os
import sys

import pytest


def main() -> int:
    """Run the writing as a test session: it needs the same database, server and browser."""
    os.environ["WRITE_DOCS"] = "1"
    return int(pytest.main(["-q", "-s", "--no-header", "-p", "no:xdist", "tests/docs/test_written.py"]))


if __name__ == "__main__":
    sys.exit(main())
