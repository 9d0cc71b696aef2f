"""docs/automated-runs.md is true: its examples run in a suite outside, and its answers are those of the console."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs import pages

ROOT = Path(__file__).resolve().parents[2]
PAGE = "automated-runs.md"


def test_the_examples_pass_in_a_suite_outside_this_repository(tmp_path):
    conftest, *examples = sorted(pages.code(PAGE, "python"), key=lambda block: "def " in block)
    (ini,) = pages.code(PAGE, "ini")
    assert "../bladeworks" in ini
    (tmp_path / "pytest.ini").write_text(ini.replace("../bladeworks", str(ROOT)))
    (tmp_path / "conftest.py").write_text(conftest)
    suite = tmp_path / "tests"  # a package by a name that this repository has as well
    suite.mkdir()
    (suite / "__init__.py").touch()
    for number, example in enumerate(examples):
        (suite / f"test_{number}.py").write_text(example)

    run = outside(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert run.returncode == 0, run.stdout
    assert f"{len(examples)} passed" in run.stdout
    assert len(examples) >= 5


def test_a_suite_without_factory_boy_is_told_what_is_missing(tmp_path):
    (tmp_path / "factory.py").write_text("raise ModuleNotFoundError('No module named factory', name='factory')")

    run = outside(tmp_path, "-c", "import bladeworks_testing.factories", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")

    assert run.returncode == 1
    assert run.stdout.splitlines()[-1] == (
        "ImportError: bladeworks_testing needs factory-boy, which the console itself does not: "
        "install it, or everything for tests with 'make venv'."
    )


def outside(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in `folder` as somebody who knows nothing of this test run."""
    ours = ("CONSOLE_", "DATABASE_", "DJANGO_", "PYTEST_", "PYTHONPATH")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
