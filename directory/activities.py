"""What the journal calls the writes on users and groups: the words of Azure AD's audit log. Higher apps follow them."""

USER_MANAGEMENT = "UserManagement"
USER_ADDED = "Add user"
USER_UPDATED = "Update user"
USER_DELETED = "Delete user"
LICENSE_CHANGED = "Change user license"

GROUP_MANAGEMENT = "GroupManagement"
GROUP_ADDED = "Add group"
GROUP_UPDATED = "Update group"
GROUP_DELETED = "Delete group"
GROUP_MEMBERS_ADDED = "Add members to group"
GROUP_MEMBERS_REMOVED = "Remove members from group"
GROUP_OWNERS_ADDED = "Add owner to group"
GROUP_OWNERS_REMOVED = "Remove owner from group"

NAMED = 20


def named(names: list[str], total: int) -> list[str]:
    """The first of `total` names, and how many more: an entry stays readable for thousands."""
    more = total - len(names[:NAMED])
    return [*names[:NAMED], f"and {more:,} more"] if more else names
