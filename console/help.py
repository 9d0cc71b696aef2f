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
HELP: dict[str, Help] = {
    "directory:device-list": Help(
        "Azure AD's own records of devices, which Conditional Access decides by. Intune's record of the same device is "
        "another one: the two may disagree, a device may have several here, and Pending in Registered means a hybrid "
        "join that the client has not completed.",
        "Azure Active Directory > Devices > All devices",
        "Columns cannot be chosen and the list cannot be downloaded. Owner is filtered by the beginning of the name.",
        "Manage device identities",
        "https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
    ),
    "directory:device-overview": Help(
        "One record, with its two IDs: the device ID, which sign-ins and reports carry, and the object ID. Disable "
        "blocks device authentication and revokes tokens; Delete cannot be undone and does not unregister the client. "
        "Of two records with the same name, the one without recent activity is usually the stale one.",
        "Azure Active Directory > Devices > All devices > a device",
        "BitLocker keys are not imitated. Groups of the owner are shown here to save a step.",
        "Manage device identities",
        "https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
    ),
    "devices:manage": Help(
        "Where Manage leads when Intune has no record with the Azure AD device ID: usually for a duplicate or stale "
        "record.",
        "Azure Active Directory > Devices > All devices > Manage",
        "The page is ours: how the real product answers here is not documented.",
        "Manage device identities",
        "https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
    ),
    "console:search": Help(
        "Finds blades, users, groups, devices and compliance partners, as far as your role may see them.",
        "The box in the header, or G then /",
        "There is no search of documentation. A large directory shows the first devices that are met, not the best.",
    ),
    "console:all-services": Help(
        "Every service and blade of the admin center.",
        "All services in the left navigation, or G then B",
        "Blades that this console does not have are marked. Favorites cannot be changed.",
    ),
    "console:directory-all-services": Help(
        "Every service and blade of the Azure Active Directory admin center.",
        "All services in the left navigation, or G then B",
        "Blades that this console does not have are marked. Favorites cannot be changed.",
    ),
}
