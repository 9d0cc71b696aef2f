"""Usage locations: the countries and regions of ISO 3166-1, a data file made from the time zone database."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def countries() -> dict[str, str]:
    """Code to name, in the order of the names."""
    names: dict[str, str] = json.loads(Path(__file__).with_name("countries.json").read_text(encoding="utf-8"))
    return names


def name_of(code: str) -> str:
    """The name of `code`; a code that is not in the file is shown as it is."""
    return countries().get(code, code)
