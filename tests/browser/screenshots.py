"""`make screenshots`: shoots every stop of the tour into screenshots/, at two sizes and in both themes.

python -m tests.browser.screenshots [NAME …]   only the stops whose names begin so
"""

from __future__ import annotations

import os
import sys

import pytest


def main() -> int:
    """Run the shooting as a test session: it needs the same server, database and browser."""
    os.environ["SHOTS"] = ",".join(sys.argv[1:])
    # One file, named so that an ordinary test run does not collect it.
    return int(pytest.main(["-q", "--no-header", "-p", "no:xdist", "tests/browser/shoot.py"]))


if __name__ == "__main__":
    sys.exit(main())
