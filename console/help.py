"""What the Help pane says of each blade: what it is for, where it is in the real product, what differs here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Help:
    """One blade. Our own words: they go through `say` where they are drawn.

    purpose: what the blade is for. where: what one clicks in the real product to get there.
    differs: what is not as in the real product; empty: nothing that one would notice.
    document, link: the section that describes it, by title and address; see docs/sources.md.
    """

    purpose: str
    where: str
    differs: str = ""
    document: str = ""
    link: str = ""


# Keyed by URL name, like PLACES.
HELP: dict[str, Help] = {}
