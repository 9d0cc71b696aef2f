"""Makes and models of mid 2020, with the versions that they ran then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from console.demo.draw import Draw
from devices.models import OperatingSystem

LETTERS_DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Model:
    """serial: letters and digits stand for themselves, # for a digit, ? for a letter or digit."""

    manufacturer: str
    name: str
    series: str  # in corporate names: KL-<series>-123
    serial: str
    mac: str
    storage_gb: tuple[int, ...]
    versions: Mapping[str, float]
    weight: float
    type_allocation_code: str = ""  # phones and tablets with a modem
    tablet: bool = False


# iOS 13.6 and 12.4.8 came out on 15 July 2020; iPhone 6 and older stay on 12.
IOS_13 = {"13.6": 30, "13.5.1": 48, "13.5": 12, "13.4.1": 8, "13.3.1": 2}
IOS_12 = {"12.4.8": 55, "12.4.7": 45}
ANDROID_10 = {"10.0": 75, "9.0": 25}
ANDROID_9 = {"9.0": 80, "10.0": 20}
ANDROID_8 = {"8.1.0": 70, "9.0": 30}
# Builds of the security updates of June and July 2020, for versions 2004, 1909, 1903 and 1809.
WINDOWS_10 = {
    "10.0.19041.388": 18, "10.0.19041.329": 5, "10.0.18363.959": 34, "10.0.18363.900": 14, "10.0.18362.959": 12,
    "10.0.18362.900": 9, "10.0.17763.1339": 8,
}  # fmt: skip
CATALINA = {"10.15.6": 35, "10.15.5": 50, "10.15.4": 8}
MOJAVE = {"10.14.6": 70, "10.15.5": 30}

MODELS: dict[OperatingSystem, tuple[Model, ...]] = {
    OperatingSystem.IOS: (
        Model("Apple", "iPhone 11", "IPH", "F17????????#", "F0:18:98", (64, 128), IOS_13, 20, "35390910"),
        Model("Apple", "iPhone SE (2nd generation)", "IPH", "F18????????#", "DC:52:85", (64, 128), IOS_13, 14, "35650610"),
        Model("Apple", "iPhone XR", "IPH", "DX3????????#", "A4:83:E7", (64, 128), IOS_13, 18, "35736609"),
        Model("Apple", "iPhone 8", "IPH", "F4G????????#", "70:EF:00", (64, 256), IOS_13, 16, "35672308"),
        Model("Apple", "iPhone 7", "IPH", "F71????????#", "90:B0:ED", (32, 128), IOS_13, 9, "35534208"),
        Model("Apple", "iPhone 6", "IPH", "F78????????#", "48:D7:05", (16, 64), IOS_12, 8, "35207006"),
        Model("Apple", "iPhone 11 Pro", "IPH", "F2L????????#", "BC:A5:A9", (64, 256), IOS_13, 6, "35384110"),
        Model("Apple", "iPad (7th generation)", "IPD", "DMP????????#", "64:0B:D7", (32, 128), IOS_13, 12, "35322110", tablet=True),
        Model("Apple", "iPad Air (3rd generation)", "IPD", "DMQ????????#", "9C:E6:5E", (64, 256), IOS_13, 5, "35313810", tablet=True),
    ),
    OperatingSystem.ANDROID: (
        Model("samsung", "Galaxy S10", "AND", "R58M???????", "8C:F5:A3", (128, 512), ANDROID_10, 20, "35428010"),
        Model("samsung", "Galaxy A51", "AND", "R58N???????", "50:77:05", (64, 128), ANDROID_10, 16, "35236011"),
        Model("samsung", "Galaxy XCover Pro", "AND", "R38N???????", "A8:2B:B9", (64,), ANDROID_10, 14, "35218511"),
        Model("samsung", "Galaxy XCover 4s", "AND", "RZ8M???????", "24:18:1D", (32,), ANDROID_9, 10, "35466010"),
        Model("samsung", "Galaxy Tab Active2", "TAB", "R52K???????", "D0:B1:28", (16,), ANDROID_8, 6, "35299209", tablet=True),
        Model("Zebra Technologies", "TC57", "AND", "19###522####", "94:FB:29", (32,), ANDROID_8, 14, "35764809"),
        Model("Google", "Pixel 3a", "AND", "94?AY?????", "F8:0F:F9", (64,), {"10.0": 92, "9.0": 8}, 8, "35867209"),
        Model("Google", "Pixel 4", "AND", "99?AY?????", "3C:28:6D", (64, 128), {"10.0": 100}, 5, "35813510"),
        Model("HMD Global", "Nokia 6.2", "AND", "N2?????????#", "20:A6:0C", (64,), ANDROID_9, 6, "35431910"),
    ),
    OperatingSystem.WINDOWS: (
        Model("Microsoft Corporation", "Surface Pro 7", "LT", "0########353", "28:16:A8", (128, 256), WINDOWS_10, 14),
        Model("Microsoft Corporation", "Surface Laptop 3", "LT", "0########457", "C4:9D:ED", (256,), WINDOWS_10, 8),
        Model("Dell Inc.", "Latitude 7400", "LT", "??????2", "D4:6D:6D", (256, 512), WINDOWS_10, 22),
        Model("Dell Inc.", "Latitude 5400", "LT", "??????3", "98:3B:8F", (256,), WINDOWS_10, 18),
        Model("Dell Inc.", "OptiPlex 7070", "WS", "??????1", "54:BF:64", (256, 512), WINDOWS_10, 12),
        Model("LENOVO", "ThinkPad T490", "LT", "PF1?????", "3C:6A:A7", (256, 512), WINDOWS_10, 16),
        Model("HP", "EliteBook 840 G6", "LT", "5CG9######", "7C:B2:7D", (256, 512), WINDOWS_10, 10),
    ),
    OperatingSystem.MACOS: (
        Model("Apple", "MacBook Pro (13-inch, 2020)", "MBP", "C02D???????#", "F0:18:98", (256, 512), CATALINA, 30),
        Model("Apple", "MacBook Pro (16-inch, 2019)", "MBP", "C02C???????#", "A4:83:E7", (512, 1024), CATALINA, 30),
        Model("Apple", "MacBook Air (Retina, 13-inch, 2020)", "MBA", "FVFC???????#", "F4:D4:88", (256,), CATALINA, 25),
        Model("Apple", "iMac (Retina 4K, 21.5-inch, 2019)", "IMC", "C02Z???????#", "38:F9:D3", (256, 1024), MOJAVE, 15),
    ),
}  # fmt: skip


def pick(draw: Draw, os: OperatingSystem) -> Model:
    """One of the models for `os`, the common ones more often."""
    models = MODELS[os]
    return draw.choices(models, [model.weight for model in models])[0]


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
