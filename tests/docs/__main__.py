"""`make guide`: writes docs/blades.md with its pictures, and the tables of docs/automated-runs.md.

python -m tests.docs --words   all but the pictures, without a browser
"""

from __future__ import annotations

import os
import sys

import pytest


def main() -> int:
    """Run the writing as a test session: it needs the same database, server and browser."""
    os.environ["WRITE_DOCS"] = "1"
    quiet = ["-q", "-s", "--no-header", "-p", "no:xdist"]
    words = pytest.main([*quiet, "tests/docs/test_written.py"])
    if words or "--words" in sys.argv:
        return int(words)
    return int(pytest.main([*quiet, "tests/browser/guide.py"]))


if __name__ == "__main__":
    sys.exit(main())
