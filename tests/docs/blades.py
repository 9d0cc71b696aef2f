"""docs/blades.md: every blade with a picture, what it is for and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from urllib.parse import urlsplit

from django.urls import resolve

from console.help import HELP, Help
from console.menus import MENUS
from console.navigation import PLACES
from tests.browser.stop import Stop

PAGE = "blades.md"
FOLDER = "images/blades"
HEAD = """# Every blade

What the console has, in the order in which a trainee meets it: a picture, what the blade is for, and what one clicks to
get there, in the real product as here. Every other blade of the two centers stands in the menus as well and opens an
honest page, which says what the real one is for. The same words are behind the question mark in the header.

<!-- Written by `make guide`: the words from console/help.py, the pictures from the tour of tests/browser. -->
"""


@dataclass(frozen=True)
class Blade:
    """A view, and the stop of the tour that is its picture.

    title: where the place has none of its own, or the same as another one.
    more: further stops at the blade, each with what it shows: panes and dialogs, which have no view of their own.
    """

    view: str
    stop: str
    title: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def heading(self) -> str:
        place = PLACES.get(self.view)
        if place is None:
            return self.title
        menu = MENUS.get(place.menu)
        if self.title or place.heading or menu is None:
            return self.title or place.heading
        name = menu.label or OBJECTS[menu.key]
        return f"{name} | {place.item}" if place.item else name

    @property
    def pictures(self) -> dict[str, str]:
        """Name of the stop to what its picture shows."""
        return {self.stop: self.heading, **dict(self.more)}

    @property
    def help(self) -> Help:
        return (HELP | OURS)[self.view]


# What stands in for the name of the object, where it is the title.
OBJECTS = {
    "compliance-policy": "A compliance policy",
    "device": "A device",
    "directory-device": "A device of Azure AD",
    "group": "A group",
    "partner": "A compliance partner",
    "user": "A user",
}
# Pages that have no counterpart in the real product, and so nothing in the Help pane.
OURS = {
    "console:blade": Help(
        "Every blade that the real product has and this console does not: it says what the real one is for.",
        "The entry in the menu where the real product has it",
    ),
    "tenancy:password": Help("Changes the password with which you sign in.", "Your account in the header"),
    # The partner's console is another vendor's product: its pages have no place in the portal.
    "uem:partner-list": Help(
        "The systems of all compliance partners, those that the directory has added first. Whoever learns here is "
        "their administrator, whatever the role in the portal.",
        "Home, or Open the partner's console on the Overview of a compliance partner",
    ),
    "uem:overview": Help(
        "How the partner's connection to Azure AD is, what Microsoft Intune says of it, and how many devices are "
        "enrolled, registered and reported.",
        "Monitor > Overview",
        "The real console cannot look into Microsoft Intune.",
    ),
    "uem:settings": Help(
        "Switches the connection on, takes the tenant ID and leads to admin consent; below stand the groups of "
        "Microsoft Intune's assignments that the partner knows. A wrong tenant ID is taken, and nothing works until it "
        "is right.",
        "Settings > System > Enterprise Integration > Directory Services in Workspace ONE UEM; other partners have it "
        "elsewhere, as their menu says",
    ),
    "uem:consent": Help(
        "The question of Azure AD whether the partner's application may act in the directory. Some partners ask for "
        "two.",
        "Grant admin consent on the page of the connection",
    ),
    "uem:sync": Help(
        "Reads the assignments of Microsoft Intune, with every change since the last time. Until then the devices of "
        "users in new groups are not reported.",
        "Sync Azure Services on the page of the connection",
    ),
    "uem:device-list": Help(
        "Every device that is enrolled with the partner, with its verdict, whether Azure AD knows it, and when "
        "Microsoft Intune last took a report.",
        "Devices > List view",
    ),
    "uem:device-enrol": Help(
        "Enrolls one device: first the user is selected, then the device is described. It is compliant at first, and "
        "Azure AD does not know it yet.",
        "Devices > Enroll device",
    ),
    "uem:device-import": Help(
        "Enrolls many devices from a CSV file or from pasted lines, after a preview of the lines that are left out.",
        "Devices > Batch import",
    ),
    "uem:device": Help(
        "What the partner knows of a device and has told Microsoft Intune, and a sentence on what keeps its verdict "
        "from Azure AD. Here the user registers it through one of three apps, the partner's policies come to another "
        "verdict, and the device goes offline, is retired or deleted.",
        "The device's name in the list",
        "The sentence on top is a training aid.",
    ),
    "uem:token-list": Help(
        "The tokens with which a program speaks for the partner through the partner API. A token is shown once.",
        "Partner API > Tokens",
        "Partners of the real product sign in to Azure AD instead.",
    ),
}
# The page of all components is for developers; the address of remote actions leads to their dialogs on Overview.
LEFT_OUT = {"blades:components", "devices:act"}

CHAPTERS: dict[str, tuple[Blade, ...]] = {
    "Finding your way": (
        Blade("console:home", "home", more=(("home-help", "The Help pane, behind the question mark of every blade"),)),
        Blade("console:all-services", "all-services"),
        Blade(
            "console:search",
            "directory-search",
            more=(("directory-search-box", "What the box offers while one types"),),
        ),
        Blade(
            "console:notifications",
            "notifications-page",
            more=(("notifications", "The pane behind the bell, on any blade; here in the vocabulary of today"),),
        ),
        Blade("console:settings", "settings"),
        Blade("tenancy:password", "password"),
        Blade("console:blade", "other-blade", "A blade that this console does not have"),
    ),
    "Devices and who manages them": (
        Blade("devices:security-list", "all-devices"),
        Blade(
            "devices:list",
            "devices",
            more=(
                ("devices-columns", "Columns: kept for the operator and this list"),
                ("devices-export", "Export: the filtered list as a file"),
            ),
        ),
        Blade(
            "devices:overview",
            "device-actions-windows",
            more=(("device-wipe", "A remote action asks before it is sent"),),
        ),
        Blade("devices:properties", "device-properties"),
        Blade("devices:hardware", "device-hardware"),
        Blade("devices:compliance", "device-compliance"),
        Blade("devices:policy-of-device", "device-compliance-policy", "A policy of a device"),
        Blade("devices:built-in-policy", "device-compliance-built-in", "Built-in Device Compliance Policy"),
        Blade("console:device-blade", "device-honest", "A blade of a device that this console does not have"),
    ),
    "Mobility (MDM and MAM)": (
        Blade("console:azure-ad", "azure-ad"),
        Blade("console:directory-all-services", "directory-all-services", "All services of Azure Active Directory"),
        Blade("mobility:application-list", "mobility-list"),
        Blade("mobility:application-add", "mobility-add-pane"),
        Blade("mobility:application-configure", "mobility-configure"),
        Blade("mobility:application-delete", "mobility-delete"),
    ),
    "Compliance partners": (
        Blade("console:tenant-status", "tenant-status"),
        Blade("console:connectors", "connectors"),
        Blade("partners:configuration-list", "partner-list"),
        Blade("partners:add-basics", "create-basics", "Create compliance partner: Basics"),
        Blade("partners:add-assignments", "create-assignments", "Create compliance partner: Assignments"),
        Blade("partners:add-review", "create-review", "Create compliance partner: Review + create"),
        Blade("partners:overview", "partner-overview"),
        Blade("partners:properties", "partner-properties"),
        Blade("partners:edit-assignments", "partner-edit", "Edit compliance partner: Assignments"),
        Blade("partners:edit-review", "partner-edit-review", "Edit compliance partner: Review + save"),
        Blade("partners:delete", "partner-delete"),
        Blade("console:connector-status", "tenant-connectors", "Tenant admin | Connector status"),
    ),
    "Conditional access": (
        Blade("console:security", "security"),
        Blade("access:policy-list", "access-policies"),
        Blade(
            "access:policy-new",
            "access-policy-new",
            more=(
                (
                    "access-policy-new-apps",
                    "Select apps, partners' registration apps among them",
                ),
            ),
        ),
        Blade(
            "access:policy",
            "access-policy",
            "A conditional access policy",
            more=(("access-policy-lockout", "Saving a policy that shuts everybody out asks first"),),
        ),
        Blade("access:what-if", "access-what-if-others"),
        Blade("access:policy-delete", "access-policy-delete", "Delete a conditional access policy"),
    ),
    "Users": (
        Blade("directory:user-list", "users"),
        Blade("directory:user-create", "user-new"),
        Blade("directory:user-overview", "user-profile"),
        Blade("directory:user-edit", "user-edit"),
        Blade("directory:user-groups", "user-groups"),
        Blade("directory:user-licences", "user-licenses"),
        Blade("directory:user-licence-assignments", "user-licenses-assign"),
        Blade("directory:user-devices", "user-devices"),
    ),
    "Groups": (
        Blade("directory:group-list", "groups"),
        Blade("directory:group-create", "group-new-dynamic"),
        Blade("directory:group-overview", "group-overview"),
        Blade("directory:group-properties", "group-properties"),
        Blade("directory:group-members", "group-members"),
        Blade("directory:group-import", "group-import"),
        Blade("directory:group-import-review", "group-import-review", "Import members: the preview"),
        Blade("directory:group-owners", "group-owners"),
        Blade("directory:group-rule", "group-rule"),
    ),
    "Devices in Azure AD": (
        Blade("directory:device-list", "directory-devices", "Devices | All devices of Azure AD"),
        Blade("directory:device-overview", "directory-device-duplicate"),
        Blade("devices:manage", "directory-device-unmanaged"),
    ),
    "Sign-ins": (
        Blade("access:sign-in-list", "sign-ins"),
        Blade(
            "access:sign-in",
            "sign-in-policies",
            "A sign-in",
            more=(("sign-in-why", "Why a policy came to its result"),),
        ),
        Blade("access:sign-in-new", "sign-in-as", more=(("sign-in-blocked", "What the user sees"),)),
        Blade("access:join", "join"),
        Blade("access:join-outcome", "join-not-in-scope", "What came of joining a device"),
    ),
    "Troubleshooting": (
        Blade(
            "access:troubleshoot",
            "troubleshoot",
            "Troubleshooting + support | Troubleshoot",
            more=(("troubleshoot-none", "Before a user is selected"),),
        ),
    ),
    "Compliance policies": (
        Blade("devices:policy-list", "policy-list"),
        Blade("devices:policy-new", "policy-new", "Compliance policies: Create a policy"),
        Blade("devices:policy-step", "policy-settings-step", "Create policy: Compliance settings"),
        Blade("devices:policy-overview", "policy-overview"),
        Blade("devices:policy-devices", "policy-devices"),
        Blade("devices:policy-properties", "policy-properties"),
        Blade("devices:policy-edit-step", "policy-edit"),
        Blade("devices:policy-settings", "policy-settings"),
    ),
    "Many devices at once": (
        Blade("devices:bulk-basics", "bulk-basics", "Bulk device actions: Basics"),
        Blade("devices:bulk-devices", "bulk-devices", "Bulk device actions: Devices"),
        Blade("devices:bulk-review", "bulk-review", "Bulk device actions: Review + create"),
        Blade("console:device-monitor", "device-monitor"),
        Blade("devices:action-list", "device-action-list"),
    ),
    "Who did what, and who may": (
        Blade("tenancy:audit-list", "audit-list"),
        Blade("tenancy:audit-entry", "audit-entry", "An entry of the audit logs"),
        Blade("tenancy:directory-audit-list", "audit-directory"),
        Blade("tenancy:directory-audit-entry", "audit-directory-entry", "An entry of Azure AD's audit logs"),
        Blade("tenancy:role-list", "roles"),
        Blade(
            "tenancy:role-properties",
            "role-properties",
            more=(("viewing-as", "A blade as another role sees it, after View as this role"),),
        ),
        Blade("tenancy:role-assignments", "role-assignments"),
        Blade("tenancy:role-assign", "role-assign"),
    ),
    "The partner's own console": (
        Blade("uem:partner-list", "uem-partners", "Partner consoles"),
        Blade("uem:overview", "uem-overview", "A partner's overview"),
        Blade("uem:settings", "uem-settings", "The connection to Azure AD"),
        Blade("uem:consent", "uem-consent", "Admin consent"),
        Blade("uem:sync", "uem-sync", "Sync Azure Services"),
        Blade("uem:device-list", "uem-devices", "Devices of a partner"),
        Blade("uem:device-enrol", "uem-enroll", "Enroll device"),
        Blade(
            "uem:device-import",
            "uem-import",
            "Batch import",
            more=(("uem-import-review", "The preview, before anything is enrolled"),),
        ),
        Blade(
            "uem:device",
            "uem-device-outside",
            "A device of a partner",
            more=(("uem-device-loose", "A device that is not registered, and the apps through which it can be"),),
        ),
        Blade("uem:token-list", "uem-tokens", "Tokens"),
    ),
    "Training controls": (
        Blade("tenancy:clock", "clock"),
        Blade("console:reset", "reset"),
    ),
}


def check() -> None:
    """Every place is in one chapter, and each blade has words and a title of its own."""
    views = [blade.view for blades in CHAPTERS.values() for blade in blades]
    missing = [view for view in PLACES if view not in views and view not in LEFT_OUT]
    assert not missing, f"tests/docs/blades.py has no chapter for {', '.join(missing)}"
    gone = [view for view in views if view not in PLACES | OURS or views.count(view) > 1]
    assert not gone, f"tests/docs/blades.py has too much: {', '.join(gone)}"
    silent = [view for view in views if view not in HELP | OURS]
    assert not silent, f"console/help.py says nothing of {', '.join(silent)}"
    headings = [blade.heading for blades in CHAPTERS.values() for blade in blades]
    alike = [heading for heading in headings if headings.count(heading) > 1]
    assert not alike, f"tests/docs/blades.py gives two blades the title {', '.join(alike)}"


def pictures(stops: list[Stop]) -> list[Stop]:
    """The stops that are pictures, in the order of the page; each is at the blade that it stands for."""
    by_name = {stop.name: stop for stop in stops}
    wanted = [(blade, name) for blades in CHAPTERS.values() for blade in blades for name in blade.pictures]
    missing = [name for _, name in wanted if name not in by_name]
    assert not missing, f"the tour has no stop {', '.join(missing)}"
    for blade, name in wanted:
        stop = by_name[name]
        view = resolve(urlsplit(stop.url).path).view_name
        assert name != blade.stop or view == blade.view or stop.act is not Stop.act, f"{name} is not at {blade.view}"
    return [by_name[name] for _, name in wanted]


def page() -> str:
    """The whole page, Markdown."""
    check()
    lines = [HEAD, *(f"- [{chapter}](#{anchor(chapter)})" for chapter in CHAPTERS)]
    for chapter, blades in CHAPTERS.items():
        lines += ["", f"## {chapter}"]
        for blade in blades:
            lines += ["", f"### {blade.heading}", "", *words(blade.help)]
            for name, shown in blade.pictures.items():
                caption = ["", f"*{shown}*"] if name != blade.stop else []
                lines += [*caption, "", f"![{shown}]({FOLDER}/{name}.webp)"]
    return "\n".join(lines) + "\n"


def words(told: Help) -> list[str]:
    """What it is for, where, and what differs."""
    paragraphs = [told.purpose, f"**Where:** {told.where}", *([f"**Differs:** {told.differs}"] if told.differs else [])]
    lines = [line for text in paragraphs for line in ("", *wrap(text, 120, break_on_hyphens=False))]
    return lines[1:]


def anchor(heading: str) -> str:
    """The name that GitHub gives a heading."""
    kept = "".join(character for character in heading.lower() if character.isalnum() or character in " -")
    return kept.replace(" ", "-")
