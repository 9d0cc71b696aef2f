"""Makes and models of mid 2020, with the versions that they ran then: data/models.json and data/versions.json.

iOS 13.6 and 12.4.8 came out on 15 July 2020, the Windows builds are the security updates of June and July.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from console.demo.data import load
from console.demo.draw import Draw
from devices.models import OperatingSystem

LETTERS_DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Model:
    """serial: letters and digits stand for themselves, # for a digit, ? for a letter or digit.

    series: how the corporate names of these devices go on, KL-<series>-123. type_allocation_code: the first 8 digits
    of the IMEI, for a model with a modem.
    """

    manufacturer: str
    name: str
    series: str
    serial: str
    mac: str
    storage_gb: tuple[int, ...]
    versions: Mapping[str, float]
    weight: float
    type_allocation_code: str = ""
    tablet: bool = False


@cache
def models() -> dict[OperatingSystem, tuple[Model, ...]]:
    """Every model, by system."""
    versions = load("versions")
    return {
        OperatingSystem[system.upper()]: tuple(
            Model(**{**row, "versions": versions[row["versions"]], "storage_gb": tuple(row["storage_gb"])})
            for row in rows
        )
        for system, rows in load("models").items()
    }


def pick(draw: Draw, os: OperatingSystem) -> Model:
    """One of the models for `os`, the common ones more often."""
    known = models()[os]
    return draw.choices(known, [model.weight for model in known])[0]


def serial_number(draw: Draw, model: Model) -> str:
    """A serial number in the model's own pattern."""
    made = []
    for sign in model.serial:
        if sign == "#":
            made.append(draw.digits(1))
        elif sign == "?":
            made.append(draw.text(LETTERS_DIGITS, 1))
        else:
            made.append(sign)
    return "".join(made)
