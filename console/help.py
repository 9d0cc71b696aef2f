"""What the Help pane says of each blade: what it is for, where it is in the real product, what differs here."""

from __future__ import annotations

from dataclasses import dataclass

from console.navigation import find_blade


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


# The documents at a fixed state, so that the sections stay where they are.
_MEMDOCS = "https://github.com/MicrosoftDocs/memdocs/blob/e920f3bbf09f5cf9ff7e4309b802e2e8de2f7462/memdocs/intune/"
_PARTNERS = _MEMDOCS + "protect/device-compliance-partners.md"
_DOCUMENT = "Support third-party device compliance partners in Intune"
_PARTNER_PATH = "Tenant administration > Connectors and tokens > Partner compliance management"
_MOBILITY_PATH = "Azure Active Directory > Mobility (MDM and MAM)"

_ACCESS_PATH = "Azure Active Directory > Security > Conditional Access > Policies"
_ACCESS = "https://learn.microsoft.com/entra/identity/conditional-access/"
_ACCESS_DIFFERS = (
    "The panes of the real blade stand below each other on one page. Directory roles, guests, user actions, the "
    "conditions besides device platforms, app protection policies and session controls are not imitated."
)
_POLICIES_PATH = "Devices > Compliance policies"
_POLICIES_DIFFER = "Export, columns and duplicates of policies are left out, and policies of device groups."
_CREATE_POLICY = "Create a compliance policy in Microsoft Intune"
_CREATE_POLICY_LINK = _MEMDOCS + "protect/create-compliance-policy.md"

_EXPORT = (
    "The file of Export is written at once and not zipped. Dates in it are 2020-07-20 08:00:00. A cell that a "
    "spreadsheet would take for a formula gets an apostrophe in front, telephone numbers with + among them."
)

# Keyed by URL name, like PLACES.
HELP: dict[str, Help] = {
    "directory:user-list": Help(
        "The people of the directory. Groups, licenses and devices hang on them: a partner manages the devices of the "
        "members of its groups, and a device enrolls only for a licensed user.",
        "Azure Active Directory > Users > All users; Endpoint Manager opens the same list under Users",
        "Columns cannot be chosen. A deleted user is gone at once: there is no bin of 30 days. Guests, bulk commands "
        "and password resets are not imitated.",
        "Add or delete users using Azure Active Directory",
        "https://learn.microsoft.com/entra/fundamentals/how-to-create-delete-users",
    ),
    "directory:user-create": Help(
        "Creates a person of the directory. Simulated people never sign in to this console, so they have no password.",
        "Azure Active Directory > Users > All users > New user",
        "There is no invitation of guests; groups are added on the user's own Groups blade.",
        "Add or delete users using Azure Active Directory",
        "https://learn.microsoft.com/entra/fundamentals/how-to-create-delete-users",
    ),
    "directory:user-overview": Help(
        "Who the user is. Block sign in ends access to everything; the usage location is needed for licenses. "
        "Department, job title, city and country decide the membership of dynamic groups.",
        "Azure Active Directory > Users > All users > a user > Profile",
        "Custom attributes, managers and contact details beyond city and country are left out.",
        "Add or update a user's profile information",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-user-profile-info",
    ),
    "directory:user-edit": Help(
        "Changes the profile. A new user name shows on devices at once; dynamic groups follow after minutes.",
        "Azure Active Directory > Users > All users > a user > Profile > Edit",
        "",
        "Add or update a user's profile information",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-user-profile-info",
    ),
    "directory:user-groups": Help(
        "The groups that the user is a member of. Partners, Mobility and policies are assigned to groups, so this is "
        "where to look when one colleague's device behaves unlike the others'.",
        "Azure Active Directory > Users > All users > a user > Groups",
        "",
        "Manage groups and group membership",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:user-licences": Help(
        "The products of the user. Without a Microsoft Intune license the compliance of the user's devices does not "
        "reach Azure AD.",
        "Azure Active Directory > Users > All users > a user > Licenses",
        "Two products exist, in any number. Licenses inherited from groups are not imitated.",
        "Assign or remove licenses in the Azure Active Directory portal",
        "https://learn.microsoft.com/entra/fundamentals/license-users-groups",
    ),
    "directory:user-licence-assignments": Help(
        "Assigns and removes products. The user needs a usage location first.",
        "Azure Active Directory > Users > All users > a user > Licenses > Assignments",
        "Services inside a product cannot be switched off one by one.",
        "Assign or remove licenses in the Azure Active Directory portal",
        "https://learn.microsoft.com/entra/fundamentals/license-users-groups",
    ),
    "directory:user-devices": Help(
        "The user's devices in both places: Azure AD's records that the user owns, and Intune's devices whose primary "
        "user it is. They are kept apart because they may disagree.",
        "Azure Active Directory > Users > All users > a user > Devices",
        "The real blade shows Azure AD's records alone; Intune's stand under Users in Endpoint Manager.",
        "Manage device identities",
        "https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
    ),
    "console:home": Help(
        "Shows the directory at a glance: devices by compliance state and by manager, compliance partners, and the "
        "latest changes. First steps leads through the document.",
        "Home",
        "The real Home shows service health and news. First steps and Latest activity are ours.",
    ),
    "console:settings": Help(
        "Decides how the portal looks and behaves for you in every directory and, for those who may, how this "
        "directory behaves.",
        "The gear in the header",
        "Training settings exist only here. The languages change what screen readers speak, not the labels.",
    ),
    "console:notifications": Help(
        "Lists what your own writes and long commands in this directory came to, for 7 days.",
        "The bell in the header",
        "The real portal keeps notifications in the browser and has no page for them.",
    ),
    "console:tenant-status": Help(
        "Gives the facts about the tenant: name, location, MDM authority, licenses and enrolled devices.",
        "Tenant administration > Tenant status > Tenant details",
        "The tab of service health and its message center is left out.",
        "Tenant status",
        _MEMDOCS + "fundamentals/tenant-status.md#tenant-details-page",
    ),
    "console:connectors": Help(
        "Leads to every connection between the tenant and services of others, such as compliance partners.",
        "Tenant administration > Connectors and tokens",
        "Only Partner compliance management is imitated; the other entries say what they are for.",
    ),
    "console:azure-ad": Help(
        "Shows the directory's identity: names, tenant ID, license, and how many users, groups and devices it has.",
        "Azure Active Directory > Overview",
        "Sign-ins and recommendations are left out.",
    ),
    "mobility:application-list": Help(
        "Lists the applications that manage mobile devices or the apps on them. Windows devices of the users in scope "
        "are enrolled in the application when they join Azure AD.",
        _MOBILITY_PATH,
    ),
    "mobility:application-add": Help(
        "Adds a management application from the gallery, or an on-premises one. For a compliance partner this is the "
        "step before its configuration.",
        f"{_MOBILITY_PATH} > Add application",
        "The gallery holds the applications of compliance partners and no others.",
        f"{_DOCUMENT}: Configure Intune to work with a device compliance partner",
        _PARTNERS + "#configure-intune-to-work-with-a-device-compliance-partner",
    ),
    "mobility:application-configure": Help(
        "Decides whose devices the application manages, and the addresses that devices ask when they enroll.",
        f"{_MOBILITY_PATH} > an application",
        "Addresses of partners are made up: the real ones come from the partner's own console.",
        "Set up automatic enrollment for Windows devices",
        _MEMDOCS + "enrollment/quickstart-setup-auto-enrollment.md",
    ),
    "mobility:application-delete": Help(
        "Removes a management application from the directory. Devices that it manages stay enrolled with it.",
        f"{_MOBILITY_PATH} > an application > Delete",
    ),
    "console:security": Help(
        "Decides how people sign in. Of its blades this console has Conditional Access.",
        "Azure Active Directory > Security",
    ),
    "access:policy-list": Help(
        "Lists the conditional access policies of the directory: who may sign in to which app, and what must be true "
        "of the device. All policies that apply count together, whatever their order.",
        _ACCESS_PATH,
        "Baseline policies and classic policies are left out.",
        "Building a Conditional Access policy",
        _ACCESS + "concept-conditional-access-policies",
    ),
    "access:policy-new": Help(
        "Writes a policy: the users it is for, the apps they sign in to, the platforms of their devices, and what is "
        "demanded of them. Excluding beats including. A policy on all users and all apps can shut you out as well.",
        f"{_ACCESS_PATH} > New policy",
        _ACCESS_DIFFERS,
        "Building a Conditional Access policy",
        _ACCESS + "concept-conditional-access-policies",
    ),
    "access:policy": Help(
        "Changes a policy. What is enabled acts some minutes later; Off and all other changes act at once. Report-only "
        "writes to the sign-in logs what the policy would have done.",
        f"{_ACCESS_PATH} > a policy",
        _ACCESS_DIFFERS + " When somebody else has changed the policy meanwhile, saving asks first.",
        "What is Conditional Access report-only mode?",
        _ACCESS + "concept-conditional-access-report-only",
    ),
    "access:what-if": Help(
        "Foresees which policies meet a sign-in of a user, and why the others do not: the first condition that is not "
        "met. It reads how policies are set, not what a sign-in met; that stands in the sign-in logs.",
        f"{_ACCESS_PATH} > What If",
        "IP address, country, client app and sign-in risk are left out, because no policy here asks for them. That a "
        "control is satisfied is said here alone.",
        "Troubleshoot using the What If tool in Conditional Access",
        _ACCESS + "what-if-tool",
    ),
    "access:policy-delete": Help(
        "Removes a policy. What it made of earlier sign-ins stays in the sign-in logs.",
        f"{_ACCESS_PATH} > a policy > Delete",
    ),
    "partners:configuration-list": Help(
        "Lists the compliance partners of the tenant: which product judges the devices of which platform, and whether "
        "it reports.",
        _PARTNER_PATH,
        "",
        f"{_DOCUMENT}: Add a compliance partner to Intune",
        _PARTNERS + "#add-a-compliance-partner-to-intune",
    ),
    "partners:add-basics": Help(
        "Chooses the compliance partner and the platform. A platform has one partner at most.",
        f"{_PARTNER_PATH} > Add compliance partner > Basics",
        "",
        f"{_DOCUMENT}: Add a compliance partner to Intune",
        _PARTNERS + "#add-a-compliance-partner-to-intune",
    ),
    "partners:add-assignments": Help(
        "Chooses the user groups whose devices the partner judges. Only groups of users count.",
        f"{_PARTNER_PATH} > Add compliance partner > Assignments",
        "",
        f"{_DOCUMENT}: Add a compliance partner to Intune",
        _PARTNERS + "#add-a-compliance-partner-to-intune",
    ),
    "partners:add-review": Help(
        "Sums the configuration up and checks it once more before it is created.",
        f"{_PARTNER_PATH} > Add compliance partner > Review + create",
        "",
        f"{_DOCUMENT}: Add a compliance partner to Intune",
        _PARTNERS + "#add-a-compliance-partner-to-intune",
    ),
    "partners:overview": Help(
        "Says how a compliance partner stands: its status, its last heartbeat, and how many devices it judges.",
        f"{_PARTNER_PATH} > a partner",
        "How a partner comes to life is simulated: it reports once its own console would be set up.",
    ),
    "partners:properties": Help(
        "Shows what a compliance partner was configured with, and leads to changing its assignments.",
        f"{_PARTNER_PATH} > a partner > Properties",
        "",
        f"{_DOCUMENT}: Modify the configuration for a compliance partner",
        _PARTNERS + "#modify-the-configuration-for-a-compliance-partner",
    ),
    "partners:edit-assignments": Help(
        "Changes whose devices the partner judges. Devices that leave the groups are judged by Intune again.",
        f"{_PARTNER_PATH} > a partner > Properties > Assignments > Edit",
        "",
        f"{_DOCUMENT}: Modify the configuration for a compliance partner",
        _PARTNERS + "#modify-the-configuration-for-a-compliance-partner",
    ),
    "partners:edit-review": Help(
        "Sums the changed assignments up before they are saved.",
        f"{_PARTNER_PATH} > a partner > Properties > Assignments > Edit > Review + save",
        "",
        f"{_DOCUMENT}: Modify the configuration for a compliance partner",
        _PARTNERS + "#modify-the-configuration-for-a-compliance-partner",
    ),
    "partners:delete": Help(
        "Removes a compliance partner. From then on Intune judges the devices of its platform by itself.",
        f"{_PARTNER_PATH} > a partner > Delete",
    ),
    "devices:security-list": Help(
        "Lists the enrolled devices and who manages each. Managed by names the compliance partner where there is one.",
        "Endpoint security > All devices",
        _EXPORT,
        f"{_DOCUMENT}: Monitor devices managed by third-party device compliance partners",
        _PARTNERS + "#monitor-devices-managed-by-third-party-device-compliance-partners",
    ),
    "devices:list": Help(
        "Lists the enrolled devices, with filters, columns and commands for one or many of them.",
        "Devices > All devices",
        _EXPORT,
        "Manage devices with endpoint security: View all devices",
        _MEMDOCS + "protect/endpoint-security-manage-devices.md",
    ),
    "devices:overview": Help(
        "Gives the essentials of one device and the remote actions for it. A device that can be reached gets an action "
        "within minutes; for one that cannot, the action waits until its next check-in.",
        "Devices > All devices > a device",
        "An action takes minutes of the directory's time, or none in a directory where changes take effect at once. Of "
        "the less common actions, such as Fresh Start and Autopilot Reset, none is imitated.",
        "See device details in Intune",
        _MEMDOCS + "remote-actions/device-inventory.md#view-the-device-details",
    ),
    "devices:properties": Help(
        "Edits what Intune keeps about the device beside what the device reports: ownership, primary user and notes. "
        "Where a compliance partner has the user's group, the device follows a new primary user to the partner.",
        "Devices > All devices > a device > Properties",
        "Device categories are left out. The owner in Azure AD stays: it is another record.",
        "Find the primary user of your Intune devices",
        _MEMDOCS + "remote-actions/find-primary-user.md",
    ),
    "access:troubleshoot": Help(
        "Shows everything about one user on one screen: the Intune license, groups, assignments, each device with what "
        "Intune and what Azure AD say of its compliance, and what has failed. A disagreement of the two columns is "
        "where most tickets begin.",
        "Troubleshooting + support > Troubleshoot",
        "Assignments are those on compliance and access: apps and configuration profiles are not imitated, "
        "so App install is --. What to do about a failure stands beside it.",
        "Use the troubleshooting portal to help users at your company",
        _MEMDOCS + "fundamentals/help-desk-operators.md",
    ),
    "devices:policy-list": Help(
        "Lists the compliance policies: what devices of a platform must be like, and for whose devices that holds. "
        "Devices that a compliance partner manages are judged by the partner alone.",
        _POLICIES_PATH + " > Policies",
        _POLICIES_DIFFER,
        _CREATE_POLICY,
        _CREATE_POLICY_LINK,
    ),
    "devices:policy-new": Help(
        "Asks for the platform of a new policy, on which the settings depend.",
        _POLICIES_PATH + " > Policies > Create policy",
        "Android has one kind of policy, which stands for device administrator and all kinds of Android Enterprise.",
        _CREATE_POLICY,
        _CREATE_POLICY_LINK,
    ),
    "devices:policy-step": Help(
        "Creates a compliance policy: a name, what devices must be like, when those that fail are marked, and whose "
        "devices it is for. After Create, devices that are switched on check in within five minutes.",
        _POLICIES_PATH + " > Policies > Create policy > Basics to Review + create",
        "There are four settings, no scope tags and no other action than Mark device noncompliant. Users are assigned, "
        "not devices.",
        _CREATE_POLICY,
        _CREATE_POLICY_LINK,
    ),
    "devices:policy-overview": Help(
        "Shows how the devices of a policy do by it. A device is Not evaluated until it has checked in after the "
        "policy was last changed.",
        _POLICIES_PATH + " > Policies > a policy > Overview",
        "",
        "Monitor Intune device compliance policies",
        _MEMDOCS + "protect/compliance-policy-monitor.md",
    ),
    "devices:policy-devices": Help(
        "Lists the devices that a policy is for, each with its state by this policy alone. The device's own state is "
        "the worst of all its policies.",
        _POLICIES_PATH + " > Policies > a policy > Device status",
        "",
        "Monitor Intune device compliance policies",
        _MEMDOCS + "protect/compliance-policy-monitor.md",
    ),
    "devices:policy-properties": Help(
        "Shows what a policy asks and whose devices it is for, and leads to changing each section.",
        _POLICIES_PATH + " > Policies > a policy > Properties",
        "",
        _CREATE_POLICY,
        _CREATE_POLICY_LINK,
    ),
    "devices:policy-edit-step": Help(
        "Changes one section of a compliance policy. Devices that are switched on check in within five minutes after "
        "Save.",
        _POLICIES_PATH + " > Policies > a policy > Properties > Edit",
        "",
        _CREATE_POLICY,
        _CREATE_POLICY_LINK,
    ),
    "devices:policy-settings": Help(
        "Decides for all devices what those without a policy are, how long a state lasts without a check-in, and how "
        "often iOS/iPadOS devices have to be checked for a jailbreak.",
        _POLICIES_PATH + " > Compliance policy settings",
        "The 72 hours of Enhanced jailbreak detection are ours: the documents speak of a certain period of time.",
        "Use compliance policies to set rules for devices you manage with Intune: Compliance policy settings",
        _MEMDOCS + "protect/device-compliance-get-started.md#compliance-policy-settings",
    ),
    "devices:compliance": Help(
        "Lists the policies that judge the device, each with its state. Compliant here is Intune's own verdict: Azure "
        "AD keeps another.",
        "Devices > All devices > a device > Device compliance",
        "Every policy is assigned to all devices of its platform.",
        "Monitor Intune device compliance policies",
        _MEMDOCS + "protect/compliance-policy-monitor.md",
    ),
    "devices:policy-of-device": Help(
        "Shows what a compliance policy asks of the device, setting by setting, and what the device does not meet.",
        "Devices > All devices > a device > Device compliance > a policy",
        "",
        "Monitor Intune device compliance policies",
        _MEMDOCS + "protect/compliance-policy-monitor.md",
    ),
    "devices:built-in-policy": Help(
        "Shows what the built-in policy asks of every device: a compliance policy is assigned, the device is active, "
        "and its user exists.",
        "Devices > All devices > a device > Device compliance > Built-in Device Compliance Policy",
        "A device is active when it has checked in within 30 days, the default of the validity period.",
        "Use compliance policies to set rules for devices you manage with Intune",
        _MEMDOCS + "protect/device-compliance-get-started.md",
    ),
    "devices:action-list": Help(
        "Lists the remote actions of all devices, the newest first, with their state and who asked for them.",
        "Devices > Monitor > Device actions",
        "Times are those of the directory's clock.",
        "Use Intune to remotely take action on devices",
        _MEMDOCS + "remote-actions/device-management.md",
    ),
    "console:device-monitor": Help(
        "Lists on compliance, enrollment, updates and actions of all devices.",
        "Devices > Monitor",
        "Of the lists only Device actions is imitated.",
    ),
    "console:device-blade": Help(
        "Says what a blade of a device is for that this console does not imitate.",
        "Devices > All devices > a device",
        "The blade has no content here.",
    ),
    "devices:hardware": Help(
        "Gives what the device last reported of itself: system, storage, network and identifiers.",
        "Devices > All devices > a device > Hardware",
        "",
        "See device details in Intune: Hardware device details",
        _MEMDOCS + "remote-actions/device-inventory.md#hardware-device-details",
    ),
    "console:connector-status": Help(
        "Shows how long ago each connector was synchronized, the least healthy first: Warning after a day, Unhealthy "
        "after three.",
        "Tenant administration > Tenant status > Connector status",
        "Compliance partners have a row each, and are unhealthy while Partner status says Unresponsive, Terminated or "
        "Rejected; every other connector is not enabled, because none can be set up here. Certificates that expire are "
        "left out.",
        "Connector status",
        _MEMDOCS + "fundamentals/tenant-status.md#connector-status",
    ),
    "console:reset": Help(
        "Forgets everything that was done in this directory: a copy becomes its template again, the demo is made anew.",
        "Nowhere: a training control. Here: Tenant administration > Training, Reset directory",
        "A real tenant cannot be reset.",
    ),
    "tenancy:audit-list": Help(
        "Lists every change of this directory with who made it, and filters it by category, activity, actor, target "
        "and date. Export saves the filtered list as a file.",
        "Tenant administration > Audit logs",
        "The real list has no filters for actor and target, and no changes of users and groups: those stand in "
        "Azure AD alone. Dates are those of the directory's own time.",
        "Audit logs for Intune workloads",
        _MEMDOCS + "fundamentals/monitor-audit-logs.md#audit-logs-for-intune-workloads",
    ),
    "tenancy:audit-entry": Help(
        "Shows one change: who, when, on what, and the old and new value of each property.",
        "Tenant administration > Audit logs > an entry",
        "Real time, source and request ID are ours; the request ID also stands in the log of the console.",
        "Audit logs for Intune workloads",
        _MEMDOCS + "fundamentals/monitor-audit-logs.md#audit-logs-for-intune-workloads",
    ),
    "tenancy:directory-audit-list": Help(
        "Lists the changes of users, groups, applications and Azure AD devices: those of the audit logs that belong "
        "to Azure AD.",
        "Azure Active Directory > Audit logs",
        "The columns are those of Intune's audit logs.",
    ),
    "tenancy:directory-audit-entry": Help(
        "Shows one change in the directory: who, when, on what, and the old and new value of each property.",
        "Azure Active Directory > Audit logs > an entry",
        "Real time, source and request ID are ours.",
    ),
    "tenancy:clock": Help(
        "Shows what time it is in this directory and what is due, and moves the time forward, so that hours of the "
        "real product pass at once.",
        "Nowhere: the real product takes its time. Here: the clock in the header",
        "The clock is a training control and exists only here.",
    ),
    "tenancy:role-list": Help(
        "Lists the roles that operators of this directory can hold.",
        "Tenant administration > Roles > All roles",
        "Roles of Intune and of Azure AD stand in one list, and custom roles cannot be made.",
        "Role-based access control reference",
        _MEMDOCS + "fundamentals/role-based-access-control-reference.md",
    ),
    "tenancy:role-properties": Help(
        "Says what a role is for and what it permits.",
        "Tenant administration > Roles > All roles > a role > Properties",
        "View as is a training control and exists only here.",
        "Role-based access control reference",
        _MEMDOCS + "fundamentals/role-based-access-control-reference.md",
    ),
    "tenancy:role-assignments": Help(
        "Lists who holds the role in this directory.",
        "Tenant administration > Roles > All roles > a role > Assignments",
        "A role is held by an operator as a whole; there are no scope groups and scope tags.",
    ),
    "tenancy:role-assign": Help(
        "Gives the role to an operator of this directory, who loses the one they had.",
        "Tenant administration > Roles > All roles > a role > Assignments > Assign",
        "An operator holds one role at a time.",
    ),
    "directory:group-list": Help(
        "Groups of users, which partners, Mobility and policies are assigned to.",
        "Azure Active Directory > Groups > All groups; Endpoint Manager opens the same list under Groups",
        "Only security groups of users exist. Office 365 groups, groups of devices and groups in groups are not "
        "imitated.",
        "Manage groups and group membership",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:group-create": Help(
        "Creates a security group: with members chosen one by one, or with a rule on the properties of users.",
        "Azure Active Directory > Groups > All groups > New group",
        "The rule is edited on the same page; in the real product it is a blade of its own.",
        "Create a basic group and add members",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:group-overview": Help(
        "What the group is, how many members it has, and what uses it.",
        "Azure Active Directory > Groups > All groups > a group",
        "Used by is ours: the real product does not list it, and lets a group be deleted that is in use.",
        "Manage groups and group membership",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:group-properties": Help(
        "Name, description and membership type. A group that becomes dynamic loses its present members to the rule.",
        "Azure Active Directory > Groups > All groups > a group > Properties",
        "",
        "Edit group settings",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:group-members": Help(
        "Who is in the group. Devices of members follow what the group is assigned to; a change of MDM authority takes "
        "up to 8 hours.",
        "Azure Active Directory > Groups > All groups > a group > Members",
        "Members are users only. Removing asks no question, because adding brings them back.",
        "Add or remove members of a group",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:group-import": Help(
        "Adds many members from a CSV file or from pasted lines.",
        "Azure Active Directory > Groups > All groups > a group > Members > Bulk operations > Import members",
        "The preview is ours: the real product works the file off in the background and reports bad lines afterwards. "
        "Its template is understood.",
        "Bulk import group members",
        "https://learn.microsoft.com/entra/identity/users/groups-bulk-import-members",
    ),
    "directory:group-import-review": Help(
        "What the import would do as things stand now, with each line that it leaves out.",
        "Azure Active Directory > Groups > All groups > a group > Members > Bulk operations > Import members",
        "The preview is ours.",
        "Bulk import group members",
        "https://learn.microsoft.com/entra/identity/users/groups-bulk-import-members",
    ),
    "directory:group-owners": Help(
        "Who looks after the group. Simulated people do not sign in here, so ownership grants nothing.",
        "Azure Active Directory > Groups > All groups > a group > Owners",
        "",
        "Add or remove owners of a group",
        "https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups",
    ),
    "directory:group-rule": Help(
        "The rule that decides who is a member. Validate rules tells for single users whether it holds.",
        "Azure Active Directory > Groups > All groups > a group > Dynamic membership rules",
        "A part of the syntax is understood: properties that users have here, and no -match. Assigned groups show the "
        "entry, too.",
        "Dynamic membership rules for groups",
        "https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership",
    ),
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
    "devices:bulk-basics": Help(
        "Starts one action for up to 100 devices with the same OS. Only actions that some device with the OS takes, "
        "and that your role allows, are offered.",
        "Devices > All devices > Bulk device actions > Basics",
        "Rename, and the options of a wipe, are on the page of one device.",
        "Bulk device actions",
        "https://learn.microsoft.com/mem/intune/remote-actions/bulk-device-actions",
    ),
    "devices:bulk-devices": Help(
        "The devices that the action is for. A device that does not take it may stay: it is left out.",
        "Devices > All devices > Bulk device actions > Devices",
        "Rename, and the options of a wipe, are on the page of one device.",
        "Bulk device actions",
        "https://learn.microsoft.com/mem/intune/remote-actions/bulk-device-actions",
    ),
    "devices:bulk-review": Help(
        "What is going to happen, and which devices are left out and why.",
        "Devices > All devices > Bulk device actions > Review + create",
        "Rename, and the options of a wipe, are on the page of one device.",
        "Bulk device actions",
        "https://learn.microsoft.com/mem/intune/remote-actions/bulk-device-actions",
    ),
    "devices:manage": Help(
        "Where Manage leads when Intune has no record with the Azure AD device ID: usually for a duplicate or stale "
        "record.",
        "Azure Active Directory > Devices > All devices > Manage",
        "The page is ours: how the real product answers here is not documented.",
        "Manage device identities",
        "https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
    ),
    "access:sign-in-list": Help(
        "Every sign-in of the directory: who, to what, how it ended, and what conditional access made of it. People of "
        "the directory sign in by themselves as time passes.",
        "Azure Active Directory > Sign-ins; Users > Sign-ins opens the same list, a user > Sign-ins that user's",
        "A sign-in appears at once; the real log can be two hours late. It keeps 30 days. There is no column of risk, "
        "because risk is not imitated, and columns cannot be chosen. Location has no map.",
        "Sign-in activity reports in the Azure Active Directory portal",
        "https://learn.microsoft.com/entra/identity/monitoring-health/concept-sign-ins",
    ),
    "access:sign-in": Help(
        "One sign-in, as it was at that moment. Conditional Access names each policy and its result; click a policy to "
        "see which condition or control decided.",
        "Azure Active Directory > Sign-ins > a sign-in",
        "Troubleshooting and support and Additional details are left out. Results are kept as they were, also when the "
        "policy has changed or is gone.",
        "Learn about the sign-in log activity details",
        "https://learn.microsoft.com/entra/identity/monitoring-health/concept-sign-in-log-activity-details",
    ),
    "access:sign-in-new": Help(
        "Try what a person of the directory meets: an application, a device or none, and whether the second factor is "
        "given. The policies judge it as they are now, and the log keeps it. Everybody who practices here may do it.",
        "The user's own device",
        "A new sign-in asks for a new access token. An app that is open keeps its token for an hour, so a change bites "
        "only then: Session, An app that is still open, shows that. Passwords are taken to be right. Where two records "
        "of one device exist, a sign-in from the device presents the one that registered first.",
        "Troubleshooting sign-in problems with Conditional Access",
        "https://learn.microsoft.com/entra/identity/conditional-access/troubleshoot-conditional-access",
    ),
    "access:join": Help(
        "Try what a person meets who joins a Windows 10 device of the company, or adds the work account to an own one. "
        "The user scopes and addresses of Mobility (MDM and MAM) and the user's license decide whether it is enrolled, "
        "and with what. Everybody who practices here may do it.",
        "Windows 10: Settings > Accounts > Access work or school > Connect",
        "The device is always a laptop with the same hardware. Conditional access is not asked, and there is no "
        "Autopilot. What happens when two MDM user scopes cover a user is not documented; here neither enrolls.",
        "Set up enrollment for Windows devices",
        "https://learn.microsoft.com/mem/intune/enrollment/windows-enroll",
    ),
    "access:join-outcome": Help(
        "What came of a join: what the user reads, what stands in the event log of the device, and what administrators "
        "find. Failures stand in Troubleshoot as well.",
        "The user's own device; Event Viewer",
        "One page for what three people see.",
        "Troubleshoot Windows device enrollment problems in Microsoft Intune",
        "https://learn.microsoft.com/troubleshoot/mem/intune/device-enrollment/troubleshoot-windows-enrollment-errors",
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


def help_on(view: str, name: str = "") -> Help | None:
    """What the Help pane says of the blade that answers `view`; name: that of a blade that is not imitated."""
    if view != "console:blade":
        return HELP.get(view)
    blade = find_blade(name)
    if blade is None:
        return None
    return Help(blade.item.purpose, " > ".join(blade.path), "This console does not imitate this blade.")
