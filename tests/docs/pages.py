"""Pages of docs/ that are partly written by a command: what stands between two comments."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARK = "<!-- {name}: written by `make guide` -->\n"
END = "<!-- end -->"


def section(page: str, name: str) -> str:
    """What stands in the section `name` of the page docs/`page`."""
    return _parts(page, name)[1]


def write_section(page: str, name: str, text: str) -> None:
    """Put `text` in its place."""
    before, _, after = _parts(page, name)
    (DOCS / page).write_text(f"{before}{text}{after}", encoding="utf-8")


def code(page: str, language: str) -> list[str]:
    """The examples in `language` on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)


def _parts(page: str, name: str) -> tuple[str, str, str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    before, mark, rest = text.partition(MARK.format(name=name))
    inside, end, after = rest.partition(END)
    assert mark, f"docs/{page} has no place for {name}"
    assert end, f"docs/{page} does not say where {name} ends"
    return before + mark, inside, end + after
