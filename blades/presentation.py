"""How the pages of one request speak: the vocabulary of the directory, the regional format of the operator.

The middleware sets it for each request; everywhere else (commands, tests of a function) the defaults hold.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from datetime import date, datetime
from typing import NamedTuple


class Presentation(NamedTuple):
    """vocabulary: a value of Tenant.Vocabulary; regional_format: one of Operator.RegionalFormat."""

    vocabulary: str = "2020"
    regional_format: str = "en-US"


DEFAULT = Presentation()
_current: ContextVar[Presentation] = ContextVar("presentation", default=DEFAULT)


def current() -> Presentation:
    """The presentation of whatever is being drawn."""
    return _current.get()


def present(presentation: Presentation) -> Token[Presentation]:
    """Draw everything with `presentation` until `restore` is called with the token."""
    return _current.set(presentation)


def restore(token: Token[Presentation]) -> None:
    """Draw as before `present`."""
    _current.reset(token)


def moment(value: datetime) -> str:
    """Date and time, to the second, as the operator's regional format writes them."""
    return FORMATS.get(_current.get().regional_format, _us)(value)


def _us(value: datetime) -> str:
    half = "AM" if value.hour < 12 else "PM"
    return f"{_us_day(value)}, {value.hour % 12 or 12}:{value.minute:02}:{value.second:02} {half}"


def day(value: date) -> str:
    """A day alone, in the same format."""
    return DAYS.get(_current.get().regional_format, _us_day)(value)


def _us_day(value: date) -> str:
    return f"{value.month}/{value.day}/{value.year}"


FORMATS: dict[str, Callable[[datetime], str]] = {
    "en-US": _us,
    "en-GB": lambda value: f"{value:%d/%m/%Y, %H:%M:%S}",
    "de-DE": lambda value: f"{value:%d.%m.%Y, %H:%M:%S}",
    "iso": lambda value: f"{value:%Y-%m-%d %H:%M:%S}",
}

DAYS: dict[str, Callable[[date], str]] = {
    "en-US": _us_day,
    "en-GB": lambda value: f"{value:%d/%m/%Y}",
    "de-DE": lambda value: f"{value:%d.%m.%Y}",
    "iso": date.isoformat,
}
