"""The left navigation and the menu columns of both centers, as data.

An item either opens a view of ours, or says what the real blade is for; then it opens the honest
page that states that and that this console does not have it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import slugify


@dataclass(frozen=True)
class Item:
    """One entry. view: URL name of ours; purpose: what the real blade is for, when there is no view."""

    label: str
    icon: str
    view: str = ""
    purpose: str = ""

    @property
    def slug(self) -> str:
        """The name in the address of the honest page."""
        return slugify(self.label)


@dataclass(frozen=True)
class Group:
    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Menu:
    """A menu column. service: label of the entry in the left navigation that is current beside it."""

    key: str
    label: str
    service: str
    center: str = "endpoint"
    icon: str = ""
    subtitle: str = ""
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Center:
    """One of the two admin centers: the same frame with another navigation. view: where its name leads."""

    key: str
    label: str
    view: str
    nav: tuple[Item, ...]
    favorites: tuple[Item, ...]


CENTERS: dict[str, Center] = {
    "endpoint": Center(
        key="endpoint",
        label="Endpoint Manager admin center",
        view="console:home",
        nav=(
            Item("Home", "home", view="console:home"),
            Item(
                "Dashboard", "board",
                purpose="A page of tiles that each administrator arranges, such as device counts and policy failures.",
            ),
            Item(
                "All services", "apps_list",
                purpose="An index of every service of the admin center, from which favorites are chosen.",
            ),
        ),
        favorites=(
            Item("Devices", "phone_laptop", view="devices:list"),
            Item("Apps", "apps", purpose="Adds apps, assigns them to groups and protects the data inside them."),
            Item("Endpoint security", "shield_checkmark", view="devices:security-list"),
            Item(
                "Reports", "data_bar_vertical_ascending",
                purpose="Charts and lists on the compliance and health of devices over time.",
            ),
            Item("Users", "person", purpose="The people of the directory: their profile, licences and devices."),
            Item("Groups", "people", purpose="Groups of users and devices that policies and apps are assigned to."),
            Item("Tenant administration", "building", view="console:tenant-status"),
            Item(
                "Troubleshooting + support", "wrench_screwdriver",
                purpose="Shows a user's licences, groups, assignments, devices and failures on one screen.",
            ),
        ),
    ),
    "directory": Center(
        key="directory",
        label="Azure Active Directory admin center",
        view="console:azure-ad",
        nav=(
            Item(
                "Dashboard", "board",
                purpose="A page of tiles that each administrator arranges, such as device counts and policy failures.",
            ),
            Item(
                "All services", "apps_list",
                purpose="An index of every service of the admin center, from which favorites are chosen.",
            ),
        ),
        favorites=(
            Item("Azure Active Directory", "org", view="console:azure-ad"),
            Item("Users", "person", purpose="The people of the directory: their profile, licences and devices."),
            Item(
                "Enterprise applications", "apps",
                purpose="The applications that people of the directory sign in to, with consent and provisioning.",
            ),
        ),
    ),
}

MENUS: dict[str, Menu] = {
    menu.key: menu
    for menu in (
        Menu(
            key="azure-ad",
            label="Azure Active Directory",
            service="Azure Active Directory",
            center="directory",
            subtitle="Azure Active Directory",
            icon="org",
            groups=(
                Group("", (Item("Overview", "info_own", view="console:azure-ad"),)),
                Group(
                    "Manage",
                    (
                        Item(
                            "Mobility (MDM and MAM)", "phone_laptop", view="mobility:application-list"
                        ),
                    ),
                ),
            ),
        ),
        Menu(
            key="tenant-administration",
            label="Tenant admin",
            service="Tenant administration",
            icon="building",
            groups=(
                Group(
                    "",
                    (
                        Item("Tenant status", "building", view="console:tenant-status"),
                        Item("Connectors and tokens", "link_multiple", view="console:connectors"),
                    ),
                ),
            ),
        ),
        Menu(
            key="connectors",
            label="Connectors and tokens",
            service="Tenant administration",
            icon="link_multiple",
            groups=(
                Group(
                    "Cross platform",
                    (Item("Partner compliance management", "link_multiple", view="partners:configuration-list"),),
                ),
            ),
        ),
        Menu(
            key="partner",
            label="",
            service="Tenant administration",
            icon="link_multiple",
            groups=(
                Group("", (Item("Overview", "info_own", view="partners:overview"),)),
                Group("Manage", (Item("Properties", "options", view="partners:properties"),)),
            ),
        ),
        Menu(
            key="endpoint-security",
            label="Endpoint security",
            service="Endpoint security",
            icon="shield_checkmark",
            groups=(Group("Overview", (Item("All devices", "phone_laptop", view="devices:security-list"),)),),
        ),
        Menu(
            key="devices",
            label="Devices",
            service="Devices",
            icon="phone_laptop",
            groups=(Group("", (Item("All devices", "phone_laptop", view="devices:list"),)),),
        ),
        Menu(
            key="device",
            label="",
            service="Endpoint security",
            icon="phone_laptop",
            groups=(
                Group("", (Item("Overview", "info_own", view="devices:overview"),)),
                Group("Monitor", (Item("Hardware", "phone_laptop", view="devices:hardware"),)),
            ),
        ),
    )
}
