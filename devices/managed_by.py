"""What the *Managed by* column shows, as a small number per label.

The numbers are stored and indexed, and they ascend with the label, so that sorting by the number is
sorting by the label. Each leaves room for nine neighbours: a new partner takes a free number at its
place in the alphabet, and no stored row changes. A test compares the two orders.
"""

from __future__ import annotations

from partners import catalogue

CONFIGMGR = 30
MDM = 60
CO_MANAGED = 70
NONE = 95

_PARTNERS: dict[str, int] = {
    "blackberry_uem": 10,
    "citrix_workspace": 20,
    "ibm_maas360": 40,
    "jamf_pro": 50,
    "mobileiron_cloud": 80,
    "mobileiron_core": 90,
    "soti_mobicontrol": 100,
    "workspace_one": 110,
}

LABELS: dict[int, str] = {
    CONFIGMGR: "ConfigMgr",
    MDM: "MDM",
    CO_MANAGED: "MDM/ConfigMgr Agent",
    NONE: "None",
    **{number: catalogue.label(partner) for partner, number in _PARTNERS.items()},
}

# What stands for a label in an address.
WORDS: dict[int, str] = {
    CONFIGMGR: "configmgr",
    MDM: "mdm",
    CO_MANAGED: "co_managed",
    NONE: "none",
    **{number: partner for partner, number in _PARTNERS.items()},
}


def number_of_partner(partner: str) -> int:
    """The number shown for devices that the catalogue's `partner` manages."""
    return _PARTNERS[partner]
