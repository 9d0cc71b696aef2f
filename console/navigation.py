"""Where every blade stands: its center, its place in the left navigation, its menu and its parents.

One table, keyed by URL name, so that a page needs to know nothing of the frame around it.
Labels are the portal's of mid 2020; docs/sources.md says where each comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from blades.vocabulary import say
from console.menus import CENTERS, MENUS, Center, Item, Menu

# From how far apart the header shows the tenant's time beside the real one.
NOTICEABLE = timedelta(minutes=1)


@dataclass(frozen=True)
class Place:
    """Where one view's blade stands.

    menu: key of the menu column that the blade shows, or empty.
    item: label of the menu's item that is current; it is also the page's name after "|".
    heading: the title when it is not the menu's label; views with a named object pass their own.
    parent: URL name of the blade that Close leads to; the breadcrumb follows it upwards.
    crumb: what the breadcrumb of a child calls this blade; else page or heading.
    service: label of the current entry in the left navigation, for blades without a menu.
    """

    center: str
    menu: str = ""
    item: str = ""
    heading: str = ""
    subtitle: str = ""
    icon: str = ""
    parent: str = ""
    crumb: str = ""
    service: str = ""


PLACES: dict[str, Place] = {
    "console:home": Place("endpoint", heading="Home", service="Home", crumb="Home"),
    "console:settings": Place("endpoint", heading="Portal settings", icon="settings", parent="console:home"),
    "console:search": Place("endpoint", heading="Search", parent="console:home"),
    "console:all-services": Place(
        "endpoint", heading="All services", icon="apps_list", parent="console:home", service="All services"
    ),
    "console:directory-all-services": Place(
        "directory", heading="All services", icon="apps_list", service="All services"
    ),
    "console:notifications": Place("endpoint", heading="Notifications", parent="console:home"),
    "console:blade": Place("endpoint", parent="console:home"),
    "console:tenant-status": Place(
        "endpoint", menu="tenant-administration", item="Tenant status", parent="console:home", crumb="Tenant admin"
    ),
    "console:connector-status": Place(
        "endpoint", menu="tenant-administration", item="Tenant status", parent="console:home", crumb="Tenant admin"
    ),
    "console:reset": Place(
        "endpoint",
        menu="tenant-administration",
        item="Reset directory",
        parent="console:tenant-status",
        subtitle="Training control",
    ),
    "tenancy:audit-list": Place(
        "endpoint", menu="tenant-administration", item="Audit logs", parent="console:tenant-status", crumb="Audit logs"
    ),
    "tenancy:audit-entry": Place("endpoint", parent="tenancy:audit-list", service="Tenant administration"),
    "tenancy:directory-audit-list": Place(
        "directory", menu="azure-ad", item="Audit logs", parent="console:azure-ad", crumb="Audit logs"
    ),
    "tenancy:directory-audit-entry": Place(
        "directory", parent="tenancy:directory-audit-list", service="Azure Active Directory"
    ),
    "tenancy:clock": Place(
        "endpoint",
        menu="tenant-administration",
        item="Clock",
        parent="console:tenant-status",
        subtitle="Training control",
    ),
    "tenancy:role-list": Place(
        "endpoint", menu="tenant-administration", item="Roles", parent="console:tenant-status", crumb="Roles"
    ),
    "tenancy:role-properties": Place("endpoint", menu="role", item="Properties", parent="tenancy:role-list"),
    "tenancy:role-assignments": Place("endpoint", menu="role", item="Assignments", parent="tenancy:role-list"),
    "tenancy:role-assign": Place(
        "endpoint", heading="Assign role", parent="tenancy:role-list", service="Tenant administration"
    ),
    "console:connectors": Place(
        "endpoint", menu="connectors", parent="console:tenant-status", crumb="Connectors and tokens"
    ),
    "console:azure-ad": Place("directory", menu="azure-ad", item="Overview"),
    "directory:user-list": Place("directory", menu="users", item="All users", parent="console:azure-ad", crumb="Users"),
    "directory:user-create": Place("directory", heading="New user", parent="directory:user-list", service="Users"),
    "directory:user-overview": Place("directory", menu="user", item="Profile", parent="directory:user-list"),
    "directory:user-edit": Place("directory", heading="Edit user", parent="directory:user-list", service="Users"),
    "directory:user-groups": Place("directory", menu="user", item="Groups", parent="directory:user-list"),
    "directory:user-licences": Place("directory", menu="user", item="Licenses", parent="directory:user-list"),
    "directory:user-licence-assignments": Place(
        "directory", heading="Update license assignments", parent="directory:user-list", service="Users"
    ),
    "directory:user-devices": Place("directory", menu="user", item="Devices", parent="directory:user-list"),
    "directory:group-list": Place(
        "directory", menu="groups", item="All groups", parent="console:azure-ad", crumb="Groups"
    ),
    "directory:group-create": Place(
        "directory", heading="New Group", parent="directory:group-list", service="Azure Active Directory"
    ),
    "directory:group-overview": Place("directory", menu="group", item="Overview", parent="directory:group-list"),
    "directory:group-properties": Place("directory", menu="group", item="Properties", parent="directory:group-list"),
    "directory:group-members": Place("directory", menu="group", item="Members", parent="directory:group-list"),
    "directory:group-import": Place(
        "directory", heading="Import members", parent="directory:group-list", service="Azure Active Directory"
    ),
    "directory:group-import-review": Place(
        "directory", heading="Import members", parent="directory:group-list", service="Azure Active Directory"
    ),
    "directory:group-owners": Place("directory", menu="group", item="Owners", parent="directory:group-list"),
    "directory:group-rule": Place(
        "directory", menu="group", item="Dynamic membership rules", parent="directory:group-list"
    ),
    "directory:device-list": Place(
        "directory", menu="azure-ad-devices", item="All devices", parent="console:azure-ad", crumb="Devices"
    ),
    "directory:device-overview": Place(
        "directory", menu="directory-device", item="Properties", parent="directory:device-list"
    ),
    "console:security": Place("directory", menu="security", parent="console:azure-ad", crumb="Security"),
    "access:policy-list": Place(
        "directory",
        menu="conditional-access",
        item="Policies",
        parent="console:security",
        crumb="Conditional Access",
    ),
    "access:policy-new": Place(
        "directory",
        heading="New Conditional Access policy",
        parent="access:policy-list",
        service="Azure Active Directory",
    ),
    "access:policy": Place("directory", parent="access:policy-list", service="Azure Active Directory"),
    "access:what-if": Place(
        "directory",
        heading="What If",
        subtitle="Conditional Access",
        icon="search_visual",
        parent="access:policy-list",
        service="Azure Active Directory",
    ),
    "access:policy-delete": Place("directory", parent="access:policy-list", service="Azure Active Directory"),
    "access:sign-in-list": Place(
        "directory", menu="azure-ad", item="Sign-ins", parent="console:azure-ad", crumb="Sign-ins"
    ),
    "access:sign-in": Place("directory", parent="access:sign-in-list", service="Azure Active Directory"),
    "access:join": Place(
        "directory",
        heading="Join a device",
        subtitle="Training control",
        icon="phone_laptop",
        parent="directory:user-list",
        service="Users",
    ),
    "access:join-outcome": Place("directory", parent="directory:user-list", service="Users"),
    "access:sign-in-new": Place(
        "directory",
        heading="Sign in as",
        subtitle="Training control",
        icon="person_key",
        parent="access:sign-in-list",
        service="Azure Active Directory",
    ),
    "mobility:application-list": Place(
        "directory",
        menu="azure-ad",
        item="Mobility (MDM and MAM)",
        parent="console:azure-ad",
        crumb="Mobility (MDM and MAM)",
    ),
    "mobility:application-add": Place(
        "directory",
        heading="Add an application",
        parent="mobility:application-list",
        service="Azure Active Directory",
    ),
    "mobility:application-configure": Place(
        "directory", heading="Configure", parent="mobility:application-list", service="Azure Active Directory"
    ),
    "mobility:application-delete": Place(
        "directory",
        heading="Delete application",
        parent="mobility:application-list",
        service="Azure Active Directory",
    ),
    "partners:configuration-list": Place(
        "endpoint",
        menu="connectors",
        item="Partner compliance management",
        parent="console:tenant-status",
        crumb="Connectors and tokens",
    ),
    "partners:add-basics": Place(
        "endpoint",
        heading="Create compliance partner",
        parent="partners:configuration-list",
        service="Tenant administration",
    ),
    "partners:add-assignments": Place(
        "endpoint",
        heading="Create compliance partner",
        parent="partners:configuration-list",
        service="Tenant administration",
    ),
    "partners:add-review": Place(
        "endpoint",
        heading="Create compliance partner",
        parent="partners:configuration-list",
        service="Tenant administration",
    ),
    "partners:overview": Place("endpoint", menu="partner", item="Overview", parent="partners:configuration-list"),
    "partners:properties": Place("endpoint", menu="partner", item="Properties", parent="partners:configuration-list"),
    "partners:edit-assignments": Place(
        "endpoint",
        heading="Edit compliance partner",
        parent="partners:configuration-list",
        service="Tenant administration",
    ),
    "partners:edit-review": Place(
        "endpoint",
        heading="Edit compliance partner",
        parent="partners:configuration-list",
        service="Tenant administration",
    ),
    "partners:delete": Place(
        "endpoint",
        heading="Delete compliance partner",
        parent="partners:configuration-list",
        service="Tenant administration",
    ),
    "devices:security-list": Place(
        "endpoint", menu="endpoint-security", item="All devices", parent="console:home", crumb="All devices"
    ),
    "devices:list": Place("endpoint", menu="devices", item="All devices", parent="console:home"),
    "devices:overview": Place("endpoint", menu="device", item="Overview", parent="devices:security-list"),
    "devices:act": Place("endpoint", menu="device", item="Overview", parent="devices:security-list"),
    "devices:properties": Place("endpoint", menu="device", item="Properties", parent="devices:security-list"),
    "devices:hardware": Place("endpoint", menu="device", item="Hardware", parent="devices:security-list"),
    "devices:manage": Place("endpoint", heading="Manage", parent="devices:security-list", service="Endpoint security"),
    "devices:compliance": Place("endpoint", menu="device", item="Device compliance", parent="devices:security-list"),
    "devices:built-in-policy": Place(
        "endpoint", menu="device", item="Device compliance", parent="devices:security-list"
    ),
    "devices:policy-of-device": Place(
        "endpoint", menu="device", item="Device compliance", parent="devices:security-list"
    ),
    "console:device-blade": Place("endpoint", service="Endpoint security", parent="devices:security-list"),
    "console:device-monitor": Place("endpoint", menu="device-monitor", parent="devices:list", crumb="Monitor"),
    "devices:action-list": Place(
        "endpoint", menu="device-monitor", item="Device actions", parent="console:device-monitor"
    ),
    "access:troubleshoot": Place("endpoint", menu="troubleshooting", item="Troubleshoot", parent="console:home"),
    "devices:policy-list": Place(
        "endpoint", menu="compliance-policies", item="Policies", parent="devices:list", crumb="Compliance policies"
    ),
    "devices:policy-new": Place(
        "endpoint", menu="compliance-policies", item="Policies", parent="devices:list", crumb="Compliance policies"
    ),
    "devices:policy-step": Place("endpoint", heading="Create policy", parent="devices:policy-list", service="Devices"),
    "devices:policy-overview": Place(
        "endpoint", menu="compliance-policy", item="Overview", parent="devices:policy-list"
    ),
    "devices:policy-devices": Place(
        "endpoint", menu="compliance-policy", item="Device status", parent="devices:policy-list"
    ),
    "devices:policy-properties": Place(
        "endpoint", menu="compliance-policy", item="Properties", parent="devices:policy-list"
    ),
    "devices:policy-edit-step": Place(
        "endpoint", heading="Edit policy", parent="devices:policy-list", service="Devices"
    ),
    "devices:policy-settings": Place(
        "endpoint", menu="compliance-policies", item="Compliance policy settings", parent="devices:list"
    ),
    "devices:bulk-basics": Place("endpoint", heading="Bulk device actions", parent="devices:list", service="Devices"),
    "devices:bulk-devices": Place("endpoint", heading="Bulk device actions", parent="devices:list", service="Devices"),
    "devices:bulk-review": Place("endpoint", heading="Bulk device actions", parent="devices:list", service="Devices"),
    "tenancy:password": Place("endpoint", heading="Change password"),
    "blades:components": Place("endpoint", heading="Component states", subtitle="Reference"),
}


@dataclass
class NavItem:
    """An entry of the left navigation or of a menu column, ready for the template."""

    label: str
    url: str
    icon: str
    current: bool = False


@dataclass
class MenuGroup:
    heading: str
    items: list[NavItem]


@dataclass
class MenuColumn:
    label: str
    groups: list[MenuGroup]


@dataclass
class Link:
    label: str
    url: str
    key: str = ""


@dataclass
class Portal:
    """Everything that the frame around a blade shows."""

    product: str
    center: Link
    other_center: Link
    nav: list[NavItem] = field(default_factory=list)
    favorites: list[NavItem] = field(default_factory=list)
    crumbs: list[Link] = field(default_factory=list)
    close_url: str | None = None
    menu: MenuColumn | None = None
    heading: str = ""
    page: str = ""
    subtitle: str = ""
    icon: str = ""
    tenant_time: datetime | None = None

    @property
    def document_title(self) -> str:
        """What the browser's tab says of a page that names nothing more exact."""
        return f"{self.page or self.heading} - {self.center.label}"


# Arguments of addresses that say what is done with an object, not which one it is.
NO_OBJECT = {"name", "kind"}


def item_url(item: Item, slug: str, kwargs: dict[str, Any], honest: str = "console:blade") -> str:
    """Where an entry leads: a view of ours, or the honest page of a blade that is not imitated.

    kwargs: those of the current page; an entry about the same object takes what it needs from them.
    honest: URL name of the honest pages of the entry's menu.
    """
    if not item.view and honest != "console:blade":
        return reverse(honest, kwargs={"tenant": slug, "device_id": kwargs["device_id"], "name": item.slug})
    if not item.view:
        return _address("console:blade", slug, item.slug)
    object_of = [(name, value) for name, value in kwargs.items() if name not in {*NO_OBJECT, "tenant"}]
    query = f"{item.about}={object_of[0][1]}" if item.about else item.query
    try:
        return _address(item.view, slug) + (f"?{query}" if query else "")
    except NoReverseMatch:
        try:
            return reverse(item.view, kwargs={**dict(object_of), "tenant": slug})
        except NoReverseMatch:  # the page is about something of the object, which its address names last
            return reverse(item.view, kwargs={**dict(object_of[:1]), "tenant": slug})


@lru_cache(maxsize=8192)
def _address(view: str, *args: str) -> str:
    """A frame has some forty addresses, the same on every page of a tenant."""
    return reverse(view, args=args)


def portal_for(request: Any) -> Portal:
    """The frame of the page that answers `request`; signed out or without a tenant it is bare."""
    match = request.resolver_match
    view = match.view_name if match else ""
    kwargs = match.kwargs if match else {}
    tenant = getattr(request, "tenant", None)
    place = PLACES.get(view, Place("endpoint"))
    other_blade = (
        find_blade(kwargs.get("name", ""), view) if view in {"console:blade", "console:device-blade"} else None
    )
    if other_blade is not None:
        place = other_blade.place
    center = CENTERS[place.center]
    other = CENTERS["directory" if place.center == "endpoint" else "endpoint"]
    if tenant is None:
        return Portal(
            product="Bladeworks",
            center=Link(say(center.label), "/", center.key),
            other_center=Link(say(other.label), "/", other.key),
            heading=say(place.heading),
            subtitle=say(place.subtitle),
            icon=place.icon,
        )
    now = tenant.now()
    menu = MENUS.get(place.menu)
    service = menu.service if menu and menu.groups else place.service
    if getattr(request, "missing", False):
        menu = None
    portal = Portal(
        product="Bladeworks",
        center=Link(say(center.label), reverse(center.view, args=[tenant.slug]), center.key),
        other_center=Link(say(other.label), reverse(other.view, args=[tenant.slug]), other.key),
        nav=_nav(center.nav, tenant.slug, service),
        favorites=_nav(center.favorites, tenant.slug, service),
        crumbs=_crumbs(place, tenant),
        heading=say(place.heading),
        subtitle=say(place.subtitle),
        icon=place.icon,
        tenant_time=now if abs(now - timezone.now()) >= NOTICEABLE else None,
    )
    portal.close_url = portal.crumbs[-1].url if portal.crumbs else None
    if menu is not None and menu.groups:
        portal.menu = _menu(menu, place.item, tenant.slug, kwargs)
        portal.heading = say(place.heading) or (tenant.display_name if menu.key == "azure-ad" else say(menu.label))
        portal.page = say(place.item)
        portal.subtitle = say(place.subtitle or menu.subtitle)
        portal.icon = place.icon or menu.icon
    return portal


@dataclass(frozen=True)
class OtherBlade:
    """A blade of the real product that the console names but does not imitate. menu: where it stands, if in one."""

    center: Center
    item: Item
    menu: Menu | None = None

    @property
    def place(self) -> Place:
        """Where its honest page stands."""
        if self.menu is not None:
            return Place(self.center.key, menu=self.menu.key, item=self.item.label, parent=self.menu.parent)
        parent = self.center.view if self.center.key == "endpoint" else ""
        return Place(
            self.center.key, heading=self.item.label, icon=self.item.icon, parent=parent, service=self.item.label
        )

    @property
    def path(self) -> list[str]:
        """What one clicks in the real portal to get there."""
        if self.menu is None:
            return [self.item.label]
        between = [self.menu.label] if self.menu.key in {"connectors", "device-monitor"} else []
        if self.menu.key == "device":
            between = ["All devices", "the device", "Monitor"]
        return [self.menu.service, *between, self.item.label]


@cache
def other_blades(honest: str = "console:blade") -> dict[str, OtherBlade]:
    """Every blade that has an honest page only, by the name in its address. honest: URL name of those pages."""
    blades = [
        OtherBlade(CENTERS[menu.center], item, menu)
        for menu in MENUS.values()
        if menu.honest == honest
        for group in menu.groups
        for item in group.items
    ]
    if honest == "console:blade":
        blades += [OtherBlade(center, item) for center in CENTERS.values() for item in (*center.nav, *center.favorites)]
    found: dict[str, OtherBlade] = {}
    for blade in blades:
        if not blade.item.view and found.setdefault(blade.item.slug, blade) != blade:
            raise ValueError(f"Two blades share the address '{blade.item.slug}': give one a name.")
    return found


def find_blade(name: str, honest: str = "console:blade") -> OtherBlade | None:
    """The blade whose honest page has `name` in its address."""
    return other_blades(honest).get(name)


def _nav(items: tuple[Item, ...], slug: str, service: str) -> list[NavItem]:
    return [NavItem(say(item.label), item_url(item, slug, {}), item.icon, item.label == service) for item in items]


def _menu(menu: Menu, current: str, slug: str, kwargs: dict[str, Any]) -> MenuColumn:
    groups = [
        MenuGroup(
            say(group.heading),
            [
                NavItem(say(item.label), item_url(item, slug, kwargs, menu.honest), item.icon, item.label == current)
                for item in group.items
            ],
        )
        for group in menu.groups
    ]
    return MenuColumn(say(menu.label), groups)


def _crumbs(place: Place, tenant: Any) -> list[Link]:
    crumbs: list[Link] = []
    while place.parent:
        view = place.parent
        place = PLACES[view]
        label = tenant.display_name
        if view != "console:azure-ad":
            label = say(place.crumb or place.item or place.heading)
        crumbs.insert(0, Link(label, reverse(view, args=[tenant.slug])))
    center = CENTERS[place.center]
    start = next(item for item in center.nav if item.label == center.start)
    if place.heading != start.label:
        crumbs.insert(0, Link(say(start.label), item_url(start, tenant.slug, {})))
    return crumbs


__all__ = ["PLACES", "Center", "Place", "Portal", "find_blade", "other_blades", "portal_for"]
