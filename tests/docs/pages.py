"""Pages of docs/ that a command writes: all of one, or what stands between two comments."""

from __future__ import annotations

import os
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARK = "<!-- {name}: written by `make guide` -->\n"
END = "<!-- end -->"
OLD = "docs/{page} is no longer what the code says: run 'make guide' and look at what it changed"


def keep(page: str, text: str) -> None:
    """Assert that docs/`page` is `text`; with WRITE_DOCS=1 make it so."""
    path = DOCS / page
    if os.environ.get("WRITE_DOCS"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, OLD.format(page=page)


def keep_section(page: str, name: str, text: str) -> None:
    """The same for the section `name` of docs/`page`."""
    before, _, after = _parts(page, name)
    keep(page, f"{before}\n{text}\n\n{after}")


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
