"""The incidents that can be put into a tenant: a data file, not rows. What each does to a tenant is in labs.incidents.

docs/incidents.md lists them; docs/sources.md says where they come from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Symptom:
    """Where a trainee sees that something is wrong. view: the screen's URL name. seen: what stands there."""

    view: str
    screen: str
    seen: str


@dataclass(frozen=True)
class Incident:
    """One incident as the domain document tells it. ticket: with slots that the injection's facts fill."""

    number: int
    key: str
    title: str
    ticket: str
    cause: str
    symptoms: tuple[Symptom, ...]
    shows: str  # when the effect is there
    fix: tuple[str, ...]
    wrong: tuple[str, ...]  # what looks like a fix and is none
    verification: str
    sources: tuple[str, ...]


@cache
def incidents() -> dict[str, Incident]:
    """Every incident by key, in the order of their numbers."""
    rows = json.loads(Path(__file__).with_name("incidents.json").read_text(encoding="utf-8"))
    found = {}
    for row in rows:
        symptoms = tuple(Symptom(**symptom) for symptom in row.pop("symptoms"))
        lists = {name: tuple(row[name]) for name in ("fix", "wrong", "sources")}
        found[row["key"]] = Incident(**(row | lists | {"symptoms": symptoms}))
    return found


def key_of(text: str) -> str:
    """The key of the incident that somebody has typed, as key or as number; anything else as it is."""
    by_number = {str(incident.number): incident.key for incident in incidents().values()}
    return by_number.get(text.strip(), text.strip())
