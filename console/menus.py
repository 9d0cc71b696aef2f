"""The left navigation and the menu columns of both centers, as data.

An item either opens a view of ours, or says what the real blade is for; then it opens the honest
page that states that and that this console does not have it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import slugify


@dataclass(frozen=True)
class Item:
    """One entry. view: URL name of ours; purpose: what the real blade is for, needed when there is no view.

    name: what the honest page's address says instead of the label, where two blades share a label.
    query: filters of the view, where the entry opens a part of a list.
    about: name of the filter that is the object whose menu it is.
    """

    label: str
    icon: str
    view: str = ""
    purpose: str = ""
    name: str = ""
    query: str = ""
    about: str = ""

    @property
    def slug(self) -> str:
        """The name in the address of the honest page."""
        return self.name or slugify(self.label)


@dataclass(frozen=True)
class Group:
    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Menu:
    """A menu column. service: label of the entry in the left navigation that is current beside it.

    parent: URL name of the blade that Close leads to from the blades of the menu that have only an honest page.
    honest: URL name of those pages; the menu of one device has its own, because they are about the device.
    """

    key: str
    label: str
    service: str
    center: str = "endpoint"
    icon: str = ""
    subtitle: str = ""
    parent: str = "console:home"
    honest: str = "console:blade"
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Center:
    """One of the two admin centers: the same frame with another navigation.

    view: where its name leads. start: label of the entry that every breadcrumb begins with.
    """

    key: str
    label: str
    view: str
    start: str
    nav: tuple[Item, ...]
    favorites: tuple[Item, ...]


def _elsewhere(label: str, icon: str, purpose: str, name: str = "") -> Item:
    """An entry for a blade of the real product that this console does not imitate."""
    return Item(label, icon, purpose=purpose, name=name)


_DASHBOARD = "A page of tiles that each administrator arranges, such as device counts and policy failures."
_HELP = "Searches solutions for a problem and opens support requests with Microsoft."

CENTERS: dict[str, Center] = {
    "endpoint": Center(
        key="endpoint",
        label="Endpoint Manager admin center",
        view="console:home",
        start="Home",
        nav=(
            Item("Home", "home", view="console:home"),
            _elsewhere("Dashboard", "board", _DASHBOARD),
            Item("All services", "apps_list", view="console:all-services"),
        ),
        favorites=(
            Item("Devices", "phone_laptop", view="devices:list"),
            _elsewhere("Apps", "apps", "Adds apps, assigns them to groups and protects the data inside them."),
            Item("Endpoint security", "shield_checkmark", view="devices:security-list"),
            _elsewhere(
                "Reports",
                "data_bar_vertical_ascending",
                "Charts and lists on the compliance and health of devices over time.",
            ),
            Item("Users", "person", view="directory:user-list"),
            Item("Groups", "people", view="directory:group-list"),
            Item("Tenant administration", "building", view="console:tenant-status"),
            Item("Troubleshooting + support", "wrench_screwdriver", view="access:troubleshoot"),
        ),
    ),
    "directory": Center(
        key="directory",
        label="Azure Active Directory admin center",
        view="console:azure-ad",
        start="Dashboard",
        nav=(
            _elsewhere("Dashboard", "board", _DASHBOARD, "directory-dashboard"),
            Item("All services", "apps_list", view="console:directory-all-services"),
        ),
        favorites=(
            Item("Azure Active Directory", "org", view="console:azure-ad"),
            Item("Users", "person", view="directory:user-list"),
            _elsewhere(
                "Enterprise applications",
                "apps",
                "The applications that people of the directory sign in to, with consent and provisioning.",
            ),
        ),
    ),
}

_AZURE_AD = Menu(
    key="azure-ad",
    label="Azure Active Directory",
    service="Azure Active Directory",
    center="directory",
    subtitle="Azure Active Directory",
    icon="org",
    parent="console:azure-ad",
    groups=(
        Group(
            "",
            (
                Item("Overview", "info", view="console:azure-ad"),
                _elsewhere("Getting started", "lightbulb", "First steps with the directory and its documentation."),
                _elsewhere(
                    "Diagnose and solve problems",
                    "wrench_screwdriver",
                    "Answers common questions on sign-in, synchronization and licenses with guided checks.",
                ),
            ),
        ),
        Group(
            "Manage",
            (
                Item("Users", "person", view="directory:user-list"),
                Item("Groups", "people", view="directory:group-list"),
                _elsewhere(
                    "External Identities",
                    "people_team",
                    "Settings for guests and partners: who may invite them and how they sign in.",
                ),
                _elsewhere(
                    "Roles and administrators",
                    "person_key",
                    "The directory roles, such as Global administrator, and the people who hold them.",
                ),
                _elsewhere(
                    "Administrative units (Preview)",
                    "building",
                    "Divides users and groups into units, so that a role can be limited to one of them.",
                ),
                _elsewhere(
                    "Enterprise applications",
                    "apps",
                    "The applications that people of the directory sign in to, with consent and provisioning.",
                    "azure-ad-enterprise-applications",
                ),
                Item("Devices", "phone_laptop", view="directory:device-list"),
                _elsewhere(
                    "App registrations",
                    "apps_list",
                    "Applications that are registered to use the directory for sign-in and data; an on-premises MDM "
                    "application has its Application ID URI and API permissions there.",
                ),
                _elsewhere(
                    "Identity Governance",
                    "clipboard_task",
                    "Access packages, access reviews and terms of use: who has access to what, and for how long.",
                ),
                _elsewhere(
                    "Application proxy",
                    "cloud",
                    "Publishes web applications of the company's own network through Azure AD.",
                ),
                _elsewhere("Licenses", "receipt", "The products that were bought and the users they are assigned to."),
                _elsewhere(
                    "Azure AD Connect",
                    "link_multiple",
                    "The state of the synchronization with Active Directory on the company's own servers.",
                ),
                _elsewhere(
                    "Custom domain names",
                    "globe",
                    "The domains that the directory has proved to own, such as its primary one.",
                ),
                Item("Mobility (MDM and MAM)", "phone_laptop", view="mobility:application-list"),
                _elsewhere(
                    "Password reset",
                    "lock_closed",
                    "Lets people reset their own password, and says how they prove who they are.",
                ),
                _elsewhere("Company branding", "star", "Logo, colors and texts of the company on the sign-in page."),
                _elsewhere(
                    "User settings",
                    "settings",
                    "What ordinary users may do, such as registering apps or inviting guests.",
                ),
                _elsewhere(
                    "Properties",
                    "options",
                    "Name, country, notification language and contacts of the directory.",
                    "azure-ad-properties",
                ),
                Item("Security", "shield", view="console:security"),
            ),
        ),
        Group(
            "Monitoring",
            (
                Item("Sign-ins", "history", view="access:sign-in-list"),
                Item("Audit logs", "clipboard_text_edit", view="tenancy:directory-audit-list"),
                _elsewhere(
                    "Provisioning logs (Preview)",
                    "document",
                    "What was written to other systems when users were provisioned there.",
                ),
                _elsewhere(
                    "Logs", "search_visual", "Queries over sign-ins and changes that are kept in Azure Monitor."
                ),
                _elsewhere(
                    "Diagnostic settings",
                    "gauge",
                    "Sends sign-ins and changes to storage, an event hub or Azure Monitor.",
                    "azure-ad-diagnostic-settings",
                ),
                _elsewhere("Workbooks", "book_open", "Ready-made reports on sign-ins, such as the effect of a policy."),
                _elsewhere(
                    "Usage & insights",
                    "data_bar_vertical_ascending",
                    "How much each application is used, and how sign-ins went.",
                ),
            ),
        ),
        Group(
            "Troubleshooting + Support",
            (
                _elsewhere(
                    "Virtual assistant (Preview)", "headset", "Answers questions about the directory in a chat."
                ),
                _elsewhere("New support request", "mail", "Opens a request with Microsoft support."),
            ),
        ),
    ),
)

_SECURITY = Menu(
    key="security",
    label="Security",
    service="Azure Active Directory",
    center="directory",
    icon="shield",
    parent="console:azure-ad",
    groups=(
        Group(
            "Protect",
            (
                Item(
                    "Conditional Access",
                    "shield_checkmark",
                    view="access:policy-list",
                    purpose="Policies that decide who may sign in to which app, for example only from a device that is "
                    "marked as compliant.",
                ),
                _elsewhere(
                    "Identity Protection", "lock_shield", "Detects risky sign-ins and users, and reacts by policies."
                ),
                _elsewhere("Security Center", "shield", "Weaknesses and alerts of the servers and services in Azure."),
            ),
        ),
        Group(
            "Manage",
            (
                _elsewhere(
                    "Identity Secure Score", "gauge", "How well the directory follows Microsoft's recommendations."
                ),
                _elsewhere(
                    "Named locations",
                    "globe",
                    "Ranges of addresses and countries that policies can ask for.",
                    "security-named-locations",
                ),
                _elsewhere(
                    "Authentication methods",
                    "person_key",
                    "The keys, apps and numbers with which users prove who they are.",
                ),
                _elsewhere("MFA", "lock_closed", "Settings of multi-factor authentication for the whole directory."),
            ),
        ),
        Group(
            "Report",
            (
                _elsewhere("Risky users", "people", "Users whose account is probably in the hands of somebody else."),
                _elsewhere("Risky sign-ins", "history", "Sign-ins that probably were not the user's own."),
                _elsewhere("Risk detections", "error_circle", "What made a sign-in or a user look risky."),
            ),
        ),
    ),
)

_CONDITIONAL_ACCESS = Menu(
    key="conditional-access",
    label="Conditional Access",
    service="Azure Active Directory",
    center="directory",
    subtitle="Azure Active Directory",
    icon="shield_checkmark",
    parent="access:policy-list",
    groups=(
        Group(
            "",
            (
                Item("Policies", "clipboard_task", view="access:policy-list"),
                _elsewhere(
                    "Insights and reporting (Preview)",
                    "data_bar_vertical_ascending",
                    "A workbook on what policies did, and what report-only policies would have done.",
                ),
                _elsewhere(
                    "Diagnose and solve problems",
                    "wrench_screwdriver",
                    "Answers common questions on conditional access with guided checks.",
                    "conditional-access-diagnose",
                ),
            ),
        ),
        Group(
            "Manage",
            (
                _elsewhere(
                    "Named locations",
                    "globe",
                    "Ranges of addresses and countries that policies can ask for.",
                    "conditional-access-named-locations",
                ),
                _elsewhere(
                    "Custom controls (Preview)", "options", "Sends users to a service of somebody else as one control."
                ),
                _elsewhere(
                    "Terms of use", "document", "Documents that users accept before they reach an app.", "terms-of-use"
                ),
                _elsewhere("VPN connectivity", "lock_closed", "Certificates with which a VPN asks for policies."),
                _elsewhere("Classic policies", "history", "Policies of the Azure portal before 2017."),
            ),
        ),
        Group(
            "Troubleshooting + Support",
            (
                _elsewhere(
                    "New support request",
                    "mail",
                    "Opens a request with Microsoft support.",
                    "conditional-access-new-support-request",
                ),
            ),
        ),
    ),
)

_TENANT_ADMINISTRATION = Menu(
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
                Item("Roles", "person_key", view="tenancy:role-list"),
                _elsewhere(
                    "Azure AD Privileged Identity Management",
                    "lock_shield",
                    "Gives administrators a role for a limited time, after a reason or an approval.",
                ),
                _elsewhere(
                    "Diagnostics settings",
                    "gauge",
                    "Sends audit logs and operational logs of Intune to storage, an event hub or Azure Monitor.",
                ),
                Item("Audit logs", "clipboard_text_edit", view="tenancy:audit-list"),
            ),
        ),
        Group(
            "End user experiences",
            (
                _elsewhere(
                    "Customization", "star", "Branding, support contacts and privacy message of the Company Portal."
                ),
                _elsewhere(
                    "Custom notifications", "mail", "Sends a push notification to people with an iOS or Android device."
                ),
                _elsewhere(
                    "Terms and conditions", "document", "Texts that people must accept before they enroll a device."
                ),
            ),
        ),
        Group(
            "Help and support",
            (_elsewhere("Help and support", "headset", _HELP, "tenant-admin-help-and-support"),),
        ),
        Group(
            "Training",
            (
                Item("Clock", "clock", view="tenancy:clock"),
                Item("Reset directory", "history", view="console:reset"),
            ),
        ),
    ),
)

_ROLE = Menu(
    key="role",
    label="Role",
    service="Tenant administration",
    icon="person_key",
    groups=(
        Group(
            "Manage",
            (
                Item("Properties", "options", view="tenancy:role-properties"),
                Item("Assignments", "people", view="tenancy:role-assignments"),
            ),
        ),
    ),
)

_CONNECTORS = Menu(
    key="connectors",
    label="Connectors and tokens",
    service="Tenant administration",
    icon="link_multiple",
    parent="console:tenant-status",
    groups=(
        Group(
            "Windows",
            (
                _elsewhere(
                    "Windows enterprise certificate",
                    "certificate",
                    "The code-signing certificate with which apps of the company are distributed to Windows devices.",
                ),
                _elsewhere(
                    "Microsoft Store for Business",
                    "building_store",
                    "Synchronizes the apps that were bought in the Microsoft Store for Business.",
                ),
                _elsewhere(
                    "Windows Symantec certificate",
                    "certificate",
                    "The Symantec certificate that signs apps of the company for Windows phones.",
                ),
                _elsewhere(
                    "Windows side loading keys",
                    "person_key",
                    "Keys with which an app is installed on a device without the Windows store.",
                ),
            ),
        ),
        Group(
            "Apple",
            (
                _elsewhere(
                    "Apple VPP Tokens",
                    "receipt",
                    "Tokens of Apple's volume purchase program, which synchronize licenses of apps and books.",
                ),
            ),
        ),
        Group(
            "Android",
            (
                _elsewhere(
                    "Managed Google Play",
                    "apps",
                    "Links the tenant with Google, so that Android Enterprise devices can enroll and get apps.",
                ),
            ),
        ),
        Group(
            "Cross platform",
            (
                _elsewhere(
                    "Microsoft Defender ATP",
                    "shield",
                    "Takes the risk level of devices from Microsoft Defender ATP into compliance.",
                ),
                _elsewhere(
                    "Mobile Threat Defense",
                    "lock_shield",
                    "Takes the risk level of devices from a mobile threat defense partner into compliance.",
                ),
                _elsewhere(
                    "Partner device management",
                    "phone_laptop",
                    "The older page for Jamf, which sends inventory of Macs so that Intune can evaluate them; "
                    "partners that report compliance themselves stand under Partner compliance management.",
                ),
                Item(
                    "Partner compliance management",
                    "link_multiple",
                    view="partners:configuration-list",
                    purpose="Partners that report the compliance of the devices they manage, one for each platform.",
                ),
                _elsewhere("TeamViewer connector", "headset", "Links TeamViewer for remote help on devices."),
                _elsewhere(
                    "Certificate connectors",
                    "certificate",
                    "Connectors on servers of the company that issue certificates to devices.",
                ),
                _elsewhere(
                    "Derived Credentials",
                    "contact_card",
                    "The issuer of certificates that are derived from a smart card, for mobile devices.",
                ),
                _elsewhere(
                    "Telecom expense management",
                    "gauge",
                    "Links a service that watches and limits the data that phones use.",
                ),
            ),
        ),
    ),
)

_ENDPOINT_SECURITY = Menu(
    key="endpoint-security",
    label="Endpoint security",
    service="Endpoint security",
    icon="shield_checkmark",
    groups=(
        Group(
            "Overview",
            (
                Item("All devices", "phone_laptop", view="devices:security-list"),
                _elsewhere(
                    "Security baselines",
                    "clipboard_task",
                    "Groups of settings for Windows that Microsoft's security teams recommend.",
                ),
                _elsewhere(
                    "Security tasks",
                    "toolbox",
                    "Weaknesses that Microsoft Defender ATP has found and asks Intune to remedy.",
                ),
            ),
        ),
        Group(
            "Manage",
            (
                _elsewhere(
                    "Antivirus", "shield", "Policies for Microsoft Defender Antivirus and the security experience."
                ),
                _elsewhere(
                    "Disk encryption", "lock_closed", "Policies for BitLocker on Windows and FileVault on macOS."
                ),
                _elsewhere(
                    "Firewall", "globe_shield", "Policies for the firewall that is built into Windows and macOS."
                ),
                _elsewhere(
                    "Endpoint detection and response",
                    "scan_type",
                    "Policies that onboard devices to Microsoft Defender ATP.",
                ),
                _elsewhere(
                    "Attack surface reduction",
                    "lock_shield",
                    "Policies that close the ways malware usually takes, such as macros and removable storage.",
                ),
                _elsewhere("Account protection", "person_key", "Policies for Windows Hello and Credential Guard."),
                _elsewhere(
                    "Device compliance",
                    "checkmark_circle",
                    "The policies that decide whether Intune marks a device as compliant.",
                ),
                Item("Conditional access", "contact_card", view="access:policy-list"),
            ),
        ),
        Group(
            "Monitor",
            (
                _elsewhere(
                    "Assignment failures", "error_circle", "Policies that could not be applied, by device and user."
                ),
            ),
        ),
        Group(
            "Setup",
            (
                _elsewhere(
                    "Microsoft Defender ATP",
                    "shield",
                    "Connects Intune with Microsoft Defender ATP and says which platforms it covers.",
                    "endpoint-security-microsoft-defender-atp",
                ),
            ),
        ),
        Group(
            "Help and support",
            (_elsewhere("Help and support", "headset", _HELP, "endpoint-security-help-and-support"),),
        ),
    ),
)

_DEVICES = Menu(
    key="devices",
    label="Devices",
    service="Devices",
    icon="phone_laptop",
    groups=(
        Group(
            "",
            (
                _elsewhere(
                    "Overview",
                    "info",
                    "Enrollment, compliance and configuration of all devices in charts.",
                    "devices-overview",
                ),
                Item("All devices", "phone_laptop", view="devices:list"),
                Item("Monitor", "data_pie", view="console:device-monitor"),
            ),
        ),
        Group(
            "By platform",
            (
                _elsewhere(
                    "Windows",
                    "phone_laptop",
                    "Devices, policies and enrollment of Windows in one place.",
                    "devices-windows",
                ),
                _elsewhere(
                    "iOS/iPadOS",
                    "phone_laptop",
                    "Devices, policies and enrollment of iOS/iPadOS in one place.",
                    "devices-ios",
                ),
                _elsewhere(
                    "macOS", "phone_laptop", "Devices, policies and enrollment of macOS in one place.", "devices-macos"
                ),
                _elsewhere(
                    "Android",
                    "phone_laptop",
                    "Devices, policies and enrollment of Android in one place.",
                    "devices-android",
                ),
            ),
        ),
        Group(
            "Device enrollment",
            (
                _elsewhere(
                    "Enroll devices",
                    "toolbox",
                    "The ways into management: automatic enrollment, the programs of Apple and Google, certificates.",
                ),
            ),
        ),
        Group(
            "Policy",
            (
                Item("Compliance policies", "clipboard_task", view="devices:policy-list"),
                Item("Conditional access", "shield", view="access:policy-list"),
                _elsewhere(
                    "Configuration profiles",
                    "options",
                    "Settings that are sent to devices, such as Wi-Fi, VPN and restrictions.",
                ),
                _elsewhere("Scripts", "document", "Scripts that run on Windows and macOS devices."),
                _elsewhere(
                    "Windows 10 update rings",
                    "clock",
                    "When Windows 10 devices install updates, and how long they may wait.",
                ),
                _elsewhere(
                    "Windows 10 feature updates (Preview)", "clock", "The version of Windows 10 that devices stay at."
                ),
                _elsewhere(
                    "Update policies for iOS/iPadOS",
                    "clock",
                    "When supervised iOS/iPadOS devices install updates.",
                    "update-policies-for-ios",
                ),
                _elsewhere("Enrollment restrictions", "lock_closed", "Which devices people may enroll, and how many."),
                _elsewhere(
                    "eSIM cellular profiles (Preview)",
                    "globe",
                    "Activation codes of a carrier for Windows devices with an eSIM.",
                ),
                _elsewhere(
                    "Policy sets", "apps_list", "Bundles of apps, policies and profiles that are assigned together."
                ),
            ),
        ),
        Group(
            "Other",
            (
                _elsewhere(
                    "Device clean-up rules", "history", "Removes devices that have not checked in for a number of days."
                ),
                _elsewhere(
                    "Device categories",
                    "apps",
                    "Categories that people choose at enrollment and that groups can follow.",
                ),
            ),
        ),
        Group(
            "Help and support",
            (_elsewhere("Help and support", "headset", _HELP, "devices-help-and-support"),),
        ),
    ),
)

_AZURE_AD_DEVICES = Menu(
    key="azure-ad-devices",
    label="Devices",
    service="Azure Active Directory",
    center="directory",
    subtitle="Azure Active Directory",
    icon="phone_laptop",
    parent="directory:device-list",
    groups=(
        Group(
            "Manage",
            (
                Item("All devices", "phone_laptop", view="directory:device-list"),
                _elsewhere(
                    "Device settings",
                    "settings",
                    "Who may join and register devices, how many each, and whether that takes a second factor.",
                ),
                _elsewhere(
                    "Enterprise State Roaming",
                    "cloud",
                    "Synchronizes settings and app data of a user between Windows 10 devices.",
                ),
                _elsewhere(
                    "Diagnose and solve problems",
                    "wrench_screwdriver",
                    "Answers common questions on joining and registering devices with guided checks.",
                    "azure-ad-devices-diagnose",
                ),
            ),
        ),
        Group(
            "Activity",
            (
                Item("Audit logs", "clipboard_text_edit", view="tenancy:directory-audit-list"),
                _elsewhere(
                    "Bulk operation results (Preview)",
                    "document",
                    "The state of downloads of the device list, and their files.",
                    "azure-ad-devices-bulk-operation-results",
                ),
            ),
        ),
        Group(
            "Troubleshooting + Support",
            (
                _elsewhere(
                    "New support request",
                    "mail",
                    "Opens a request with Microsoft support.",
                    "azure-ad-devices-new-support-request",
                ),
            ),
        ),
    ),
)

_USERS = Menu(
    key="users",
    label="Users",
    service="Users",
    center="directory",
    subtitle="Azure Active Directory",
    icon="person",
    parent="directory:user-list",
    groups=(
        Group(
            "",
            (
                Item("All users", "person", view="directory:user-list"),
                _elsewhere("Deleted users", "history", "Users deleted in the last 30 days, who can still be restored."),
                _elsewhere(
                    "Password reset",
                    "person_key",
                    "Who may reset a forgotten password, and how they prove who they are.",
                    "users-password-reset",
                ),
                _elsewhere(
                    "User settings",
                    "settings",
                    "What users may do by themselves, such as registering applications.",
                    "users-user-settings",
                ),
                _elsewhere(
                    "Diagnose and solve problems",
                    "wrench_screwdriver",
                    "Answers common questions on users and licenses with guided checks.",
                    "users-diagnose",
                ),
            ),
        ),
        Group(
            "Activity",
            (
                Item("Sign-ins", "clock", view="access:sign-in-list"),
                Item(
                    "Audit logs",
                    "clipboard_text_edit",
                    view="tenancy:directory-audit-list",
                    query="category=UserManagement",
                ),
                _elsewhere(
                    "Bulk operation results",
                    "document",
                    "The state of bulk creations, deletions and downloads, and their files.",
                    "users-bulk-operation-results",
                ),
            ),
        ),
        Group(
            "Troubleshooting + Support",
            (
                _elsewhere(
                    "New support request",
                    "mail",
                    "Opens a request with Microsoft support.",
                    "users-new-support-request",
                ),
            ),
        ),
    ),
)

_USER = Menu(
    key="user",
    label="",
    service="Users",
    center="directory",
    subtitle="User",
    icon="person",
    groups=(
        Group(
            "Manage",
            (
                Item("Profile", "contact_card", view="directory:user-overview"),
                Item("Groups", "people", view="directory:user-groups"),
                Item("Licenses", "certificate", view="directory:user-licences"),
                Item("Devices", "phone_laptop", view="directory:user-devices"),
            ),
        ),
        Group("Activity", (Item("Sign-ins", "history", view="access:sign-in-list", about="user"),)),
    ),
)

_GROUPS = Menu(
    key="groups",
    label="Groups",
    service="Azure Active Directory",
    center="directory",
    subtitle="Azure Active Directory",
    icon="people",
    parent="directory:group-list",
    groups=(
        Group(
            "",
            (
                Item("All groups", "people", view="directory:group-list"),
                _elsewhere(
                    "Deleted groups", "history", "Office 365 groups deleted in the last 30 days, which can be restored."
                ),
                _elsewhere(
                    "Diagnose and solve problems",
                    "wrench_screwdriver",
                    "Answers common questions on groups and their rules with guided checks.",
                    "groups-diagnose",
                ),
            ),
        ),
        Group(
            "Settings",
            (
                _elsewhere("General", "settings", "Who may create groups, and what owners may do.", "groups-general"),
                _elsewhere("Expiration", "calendar", "How long an Office 365 group lives unless its owner renews it."),
                _elsewhere("Naming policy", "document", "Prefixes, suffixes and blocked words of group names."),
            ),
        ),
        Group(
            "Activity",
            (
                _elsewhere(
                    "Access reviews",
                    "clipboard_task",
                    "Asks owners regularly whether members still belong to their groups.",
                    "groups-access-reviews",
                ),
                Item(
                    "Audit logs",
                    "clipboard_text_edit",
                    view="tenancy:directory-audit-list",
                    query="category=GroupManagement",
                ),
                _elsewhere(
                    "Bulk operation results",
                    "document",
                    "The state of bulk imports and downloads of members, and their files.",
                    "groups-bulk-operation-results",
                ),
            ),
        ),
        Group(
            "Troubleshooting + Support",
            (
                _elsewhere(
                    "New support request",
                    "mail",
                    "Opens a request with Microsoft support.",
                    "groups-new-support-request",
                ),
            ),
        ),
    ),
)

_GROUP = Menu(
    key="group",
    label="",
    service="Azure Active Directory",
    center="directory",
    subtitle="Group",
    icon="people",
    groups=(
        Group("", (Item("Overview", "info", view="directory:group-overview"),)),
        Group(
            "Manage",
            (
                Item("Properties", "options", view="directory:group-properties"),
                Item("Members", "people_team", view="directory:group-members"),
                Item("Owners", "person_key", view="directory:group-owners"),
                Item("Dynamic membership rules", "clipboard_text_edit", view="directory:group-rule"),
            ),
        ),
    ),
)

_DIRECTORY_DEVICE = Menu(
    key="directory-device",
    label="",
    service="Azure Active Directory",
    center="directory",
    subtitle="Device",
    icon="phone_laptop",
    groups=(Group("Manage", (Item("Properties", "options", view="directory:device-overview"),)),),
)

_PARTNER = Menu(
    key="partner",
    label="",
    service="Tenant administration",
    icon="link_multiple",
    groups=(
        Group("", (Item("Overview", "info", view="partners:overview"),)),
        Group("Manage", (Item("Properties", "options", view="partners:properties"),)),
    ),
)

_DEVICE_MONITOR = Menu(
    key="device-monitor",
    label="Monitor",
    service="Devices",
    icon="data_pie",
    parent="console:device-monitor",
    groups=(
        Group(
            "Configuration",
            (
                _elsewhere(
                    "Assignment status", "clipboard_task", "How many devices each configuration profile has reached."
                ),
                _elsewhere(
                    "Assignment failures",
                    "error_circle",
                    "Configuration profiles with errors or conflicts on devices.",
                    "monitor-assignment-failures",
                ),
            ),
        ),
        Group(
            "Compliance",
            (
                _elsewhere(
                    "Noncompliant devices", "phone_laptop", "The devices that do not meet one of their policies."
                ),
                _elsewhere(
                    "Devices without compliance policy",
                    "clipboard_task",
                    "The devices that no compliance policy is assigned to.",
                ),
                _elsewhere("Setting compliance", "options", "How the devices do, setting by setting."),
                _elsewhere("Policy compliance", "checkmark_circle", "How the devices do, policy by policy."),
            ),
        ),
        Group(
            "Enrollment",
            (
                _elsewhere("Enrollment failures", "error_circle", "Users whose devices failed to enroll, and why."),
                _elsewhere(
                    "Incomplete user enrollments", "people", "Users who began to enroll a device and did not finish."
                ),
            ),
        ),
        Group(
            "Other",
            (
                Item(
                    "Device actions",
                    "history",
                    view="devices:action-list",
                    purpose="The remote actions that were asked for, by whom, and what became of them.",
                ),
            ),
        ),
    ),
)

_TROUBLESHOOTING = Menu(
    key="troubleshooting",
    label="Troubleshooting + support",
    service="Troubleshooting + support",
    icon="wrench_screwdriver",
    parent="access:troubleshoot",
    groups=(
        Group(
            "",
            (
                Item("Troubleshoot", "wrench_screwdriver", view="access:troubleshoot"),
                _elsewhere("Help and support", "headset", _HELP, "troubleshooting-help-and-support"),
            ),
        ),
    ),
)

_COMPLIANCE_POLICIES = Menu(
    key="compliance-policies",
    label="Compliance policies",
    service="Devices",
    icon="clipboard_task",
    parent="devices:policy-list",
    groups=(
        Group(
            "",
            (
                Item("Policies", "clipboard_task", view="devices:policy-list"),
                _elsewhere(
                    "Notifications",
                    "headset",
                    "Templates of the e-mail that users get when their device does not meet a policy.",
                    "compliance-notifications",
                ),
                _elsewhere(
                    "Locations",
                    "globe",
                    "Networks that Android devices must be connected to, to be compliant.",
                    "compliance-locations",
                ),
                Item("Compliance policy settings", "settings", view="devices:policy-settings"),
            ),
        ),
    ),
)

_COMPLIANCE_POLICY = Menu(
    key="compliance-policy",
    label="",
    service="Devices",
    icon="clipboard_task",
    parent="devices:policy-list",
    groups=(
        Group("", (Item("Overview", "info", view="devices:policy-overview"),)),
        Group("Manage", (Item("Properties", "options", view="devices:policy-properties"),)),
        Group("Monitor", (Item("Device status", "phone_laptop", view="devices:policy-devices"),)),
    ),
)

_DEVICE = Menu(
    key="device",
    label="",
    service="Endpoint security",
    icon="phone_laptop",
    parent="devices:security-list",
    honest="console:device-blade",
    groups=(
        Group("", (Item("Overview", "info", view="devices:overview"),)),
        Group("Manage", (Item("Properties", "options", view="devices:properties"),)),
        Group(
            "Monitor",
            (
                Item("Hardware", "phone_laptop", view="devices:hardware"),
                _elsewhere("Discovered apps", "apps", "The apps that the device has reported, with their versions."),
                Item("Device compliance", "checkmark_circle", view="devices:compliance"),
                _elsewhere(
                    "Device configuration", "options", "The configuration profiles of the device and how each one does."
                ),
                _elsewhere(
                    "App configuration", "apps_list", "The app configuration policies of the device and their state."
                ),
                _elsewhere(
                    "Endpoint security configuration",
                    "shield_checkmark",
                    "The endpoint security policies of the device and their state.",
                ),
                _elsewhere("Recovery keys", "lock_closed", "The BitLocker or FileVault keys that unlock the disks."),
                _elsewhere(
                    "Managed Apps", "apps", "The apps that Intune installs on the device or offers to its user."
                ),
            ),
        ),
    ),
)

MENUS: dict[str, Menu] = {
    menu.key: menu
    for menu in (
        _AZURE_AD,
        _SECURITY,
        _CONDITIONAL_ACCESS,
        _AZURE_AD_DEVICES,
        _DIRECTORY_DEVICE,
        _USERS,
        _USER,
        _GROUPS,
        _GROUP,
        _TENANT_ADMINISTRATION,
        _ROLE,
        _CONNECTORS,
        _PARTNER,
        _ENDPOINT_SECURITY,
        _DEVICES,
        _DEVICE_MONITOR,
        _TROUBLESHOOTING,
        _COMPLIANCE_POLICIES,
        _COMPLIANCE_POLICY,
        _DEVICE,
    )
}
