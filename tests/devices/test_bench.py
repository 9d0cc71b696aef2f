"""The benchmark runs, on little data; its figures are for people to look at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def test_the_benchmark_runs():
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--rounds=1", f"--engine={connection.vendor}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "| first page, htmx |" in done.stdout
    assert "worst plain LIKE" in done.stdout
