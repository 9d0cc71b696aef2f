"""Drawing values: everything random in the demo comes from here, so that a seed can be repeated."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


class Draw(random.Random):
    """A repeatable source of plausible values. No secrets are made from it."""

    def uuid(self) -> UUID:
        """A version 4 UUID."""
        return UUID(int=self.getrandbits(128), version=4)

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One key, as often as its weight says."""
        return self.choices(list(weights), list(weights.values()))[0]

    def shares(self, n: int, weights: Mapping[T, float]) -> list[T]:
        """`n` keys in random order, in proportion to their weights; each comes at least once while there is room."""
        total = sum(weights.values())
        found: list[T] = []
        for key, weight in sorted(weights.items(), key=lambda pair: pair[1]):  # the rarest first: they get their one
            found += [key] * max(1, round(n * weight / total))
        most = max(weights, key=lambda key: weights[key])
        found = (found + [most] * (n - len(found)))[:n]
        self.shuffle(found)
        return found

    def sample_of(self, population: Sequence[T], n: int) -> list[T]:
        """`n` different members, or all when there are fewer."""
        return self.sample(population, min(n, len(population)))

    def moment(self, earliest: datetime, latest: datetime) -> datetime:
        """A whole second between the two."""
        seconds = max(0, int((latest - earliest).total_seconds()))
        return earliest + timedelta(seconds=self.randint(0, seconds))

    def working_moment(self, earliest: datetime, latest: datetime) -> datetime:
        """A moment on a weekday between 07:00 and 18:00 UTC, within the two as far as they allow."""
        for _ in range(60):
            day = self.moment(earliest, latest)
            moment = day.replace(hour=self.randint(7, 17), minute=self.randint(0, 59), second=self.randint(0, 59))
            if moment.weekday() < 5 and earliest <= moment <= latest:
                return moment
        return self.moment(earliest, latest)

    def digits(self, n: int) -> str:
        return "".join(self.choices("0123456789", k=n))

    def text(self, alphabet: str, n: int) -> str:
        return "".join(self.choices(alphabet, k=n))

    def imei(self, type_allocation_code: str) -> str:
        """15 digits: the model's 8, a serial of 6, and the Luhn check digit."""
        body = type_allocation_code + self.digits(6)
        return body + luhn_digit(body)

    def mac(self, vendor: str) -> str:
        """A MAC address under the vendor's prefix, as AA:BB:CC:DD:EE:FF."""
        tail = f"{self.getrandbits(24):06X}"
        return ":".join([vendor, tail[0:2], tail[2:4], tail[4:6]])


def luhn_digit(body: str) -> str:
    """The digit that makes `body` followed by it pass the Luhn check."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
