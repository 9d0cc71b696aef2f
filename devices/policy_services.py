"""Writes on compliance policies and on the tenant's compliance policy settings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from devices import compliance
from devices.models import (
    Compliance,
    CompliancePolicy,
    CompliancePolicyAssignment,
    ComplianceSettings,
    OperatingSystem,
)
from directory import assignments
from directory.models import Group
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission
from tenancy.scoping import fold

CATEGORY = "Compliance"
POLICY_CREATED = "Create DeviceCompliancePolicy"
POLICY_UPDATED = "Patch DeviceCompliancePolicy"
POLICY_ASSIGNED = "assign DeviceCompliancePolicy"
POLICY_DELETED = "Delete DeviceCompliancePolicy"
SETTINGS_UPDATED = "Patch DeviceManagement"
DELETED_MEANWHILE = "The compliance policy was deleted meanwhile. Create it again, if it is still wanted."
VERSION = re.compile(r"\d{1,8}(\.\d{1,8}){0,3}")
VERSION_WRONG = "Enter a version number, for example 13.5 or 10.0.18363."
# What a policy can ask of a platform, with the words of the portal. Source: docs/sources.md, "Compliance policies".
SETTINGS: dict[OperatingSystem, dict[str, str]] = {
    OperatingSystem.ANDROID: {
        "block_jailbroken": "Rooted devices",
        "minimum_os_version": "Minimum OS version",
        "require_passcode": "Require a password to unlock mobile devices",
        "require_encryption": "Require encryption of data storage on device",
    },
    OperatingSystem.IOS: {
        "block_jailbroken": "Jailbroken devices",
        "minimum_os_version": "Minimum OS version",
        "require_passcode": "Require a password to unlock mobile devices",
    },
    OperatingSystem.MACOS: {
        "minimum_os_version": "Minimum OS version",
        "require_passcode": "Require a password to unlock devices",
        "require_encryption": "Require encryption of data storage on device",
    },
    OperatingSystem.WINDOWS: {
        "minimum_os_version": "Minimum OS version",
        "require_passcode": "Require a password to unlock mobile devices",
        "require_encryption": "Require encryption of data storage on device",
    },
}
# What the list calls platform and policy type.
PLATFORMS: dict[OperatingSystem, str] = {
    OperatingSystem.ANDROID: "Android",
    OperatingSystem.IOS: "iOS/iPadOS",
    OperatingSystem.MACOS: "macOS",
    OperatingSystem.WINDOWS: "Windows 10 and later",
}
POLICY_TYPES: dict[OperatingSystem, str] = {
    OperatingSystem.ANDROID: "Android compliance policy",
    OperatingSystem.IOS: "iOS compliance policy",
    OperatingSystem.MACOS: "Mac compliance policy",
    OperatingSystem.WINDOWS: "Windows 10 compliance policy",
}
BASICS = ("display_name", "description")
ACTIONS = ("grace_days",)


@transaction.atomic
def create_policy(
    *,
    tenant: Tenant,
    actor: Operator | None,
    os: int,
    display_name: str,
    groups: Iterable[Group] = (),
    excluded_groups: Iterable[Group] = (),
    all_users: bool = False,
    **asked: Any,
) -> CompliancePolicy:
    """There is a compliance policy for the platform `os`; devices hear of it and check in.

    groups, excluded_groups, all_users: whose devices it is for; nobody's is possible.
    asked: description, grace_days and those of SETTINGS. Raises ValidationError and MissingPermission.
    Source: Intune docs, "Create a compliance policy in Microsoft Intune".
    """
    writes.begin(tenant, actor, Permission.COMPLIANCE_MODIFY)
    included, excluded = assignments.check(tenant, groups, excluded_groups, all_users=all_users, required=False)
    now = tenant.now()
    policy = CompliancePolicy(tenant=tenant, os=os, all_users=all_users, created_at=now, changed_at=now)
    _set(policy, {"display_name": display_name, **asked})
    _save(policy, force_insert=True)
    _write_assignments(policy, included, excluded)
    new = {"Platform": platform_label(os)} | shown(policy)
    new |= assignments.values(included, excluded, all_users=all_users)
    _record(policy, actor, POLICY_CREATED, new=new)
    return policy


@transaction.atomic
def update_policy(*, policy: CompliancePolicy, actor: Operator | None, **asked: Any) -> None:
    """The policy asks this. asked: what is to be different. Raises as `create_policy`, and when it is gone."""
    current = _begin(policy, actor)
    old = shown(current)
    _set(current, asked)
    new = shown(current)
    if old == new:
        return
    current.changed_at = current.tenant.now()
    _save(current)
    changed = [label for label in old | new if old.get(label) != new.get(label)]
    _record(
        current,
        actor,
        POLICY_UPDATED,
        old={label: old[label] for label in changed if label in old},
        new={label: new[label] for label in changed if label in new},
    )


@transaction.atomic
def assign_policy(
    *,
    policy: CompliancePolicy,
    actor: Operator | None,
    groups: Iterable[Group] = (),
    excluded_groups: Iterable[Group] = (),
    all_users: bool = False,
) -> None:
    """The policy is for these users' devices. Raises as `create_policy`, and when it is gone."""
    current = _begin(policy, actor)
    included, excluded = assignments.check(current.tenant, groups, excluded_groups, all_users=all_users, required=False)
    old = assignments.values(*assignments.of(current.assignments), all_users=current.all_users)
    new = assignments.values(included, excluded, all_users=all_users)
    if old == new:
        return
    current.all_users, current.changed_at = all_users, current.tenant.now()
    current.save(update_fields=["all_users", "changed_at"])
    CompliancePolicyAssignment.objects.in_tenant(current.tenant).filter(policy=current).delete()
    _write_assignments(current, included, excluded)
    changed = [label for label in new if old[label] != new[label]]
    _record(
        current,
        actor,
        POLICY_ASSIGNED,
        old={label: old[label] for label in changed},
        new={label: new[label] for label in changed},
    )


@transaction.atomic
def delete_policy(*, policy: CompliancePolicy, actor: Operator | None) -> None:
    """The policy is gone; devices hear of it. Raises MissingPermission."""
    tenant = policy.tenant
    writes.begin(tenant, actor, Permission.COMPLIANCE_MODIFY)
    current = CompliancePolicy.objects.in_tenant(tenant).filter(pk=policy.pk).first()
    if current is None:
        return
    current.tenant = tenant
    old = {"Platform": platform_label(current.os)} | shown(current)
    old |= assignments.values(*assignments.of(current.assignments), all_users=current.all_users)
    current.delete()
    _record(policy, actor, POLICY_DELETED, old=old)


@transaction.atomic
def change_settings(
    *,
    tenant: Tenant,
    actor: Operator | None,
    without_policy: int,
    enhanced_jailbreak_detection: bool,
    validity_days: int,
) -> bool:
    """The tenant has these compliance policy settings, and its devices are judged by them; whether any was different.

    Raises ValidationError and MissingPermission.
    Source: Intune docs, "Get started with device compliance policies", Compliance policy settings.
    """
    writes.begin(tenant, actor, Permission.COMPLIANCE_MODIFY)
    settings = compliance.settings_of(tenant)
    old = _settings(settings)
    settings.without_policy = without_policy
    settings.enhanced_jailbreak_detection = enhanced_jailbreak_detection
    settings.validity_days = validity_days
    settings.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    new = _settings(settings)
    if old == new:
        return False
    settings.save()
    changed = [label for label in new if old[label] != new[label]]
    journal.record(
        tenant=tenant,
        actor=actor,
        category=CATEGORY,
        activity=SETTINGS_UPDATED,
        target=settings,
        old={label: old[label] for label in changed},
        new={label: new[label] for label in changed},
    )
    return True


def _settings(settings: ComplianceSettings) -> dict[str, Any]:
    return {
        "Mark devices with no compliance policy assigned as": Compliance(settings.without_policy).label,
        "Enhanced jailbreak detection": "Enabled" if settings.enhanced_jailbreak_detection else "Disabled",
        "Compliance status validity period (days)": settings.validity_days,
    }


def platform_label(os: int) -> str:
    """What the portal calls the platform of a policy."""
    return PLATFORMS[OperatingSystem(os)]


def shown(policy: CompliancePolicy) -> dict[str, Any]:
    """What the policy is and asks, by the portal's labels; settings that it does not ask are left out."""
    values: dict[str, Any] = {"Name": policy.display_name}
    if policy.description:
        values["Description"] = policy.description
    return values | asked_of(policy) | {"Mark device noncompliant": schedule(policy.grace_days)}


def asked_of(policy: CompliancePolicy) -> dict[str, str]:
    """The settings that the policy asks, by the portal's labels."""
    found = {}
    for name, label in SETTINGS[OperatingSystem(policy.os)].items():
        value = getattr(policy, name)
        if value:
            found[label] = value if name == "minimum_os_version" else word(name)
    return found


def word(name: str) -> str:
    """What the portal calls a setting that is on."""
    return "Block" if name == "block_jailbroken" else "Require"


def schedule(days: int) -> str:
    """When an action for noncompliance happens, in words."""
    if days == 0:
        return "Immediately"
    return "1 day after noncompliance" if days == 1 else f"{days} days after noncompliance"


def _begin(policy: CompliancePolicy, actor: Operator | None) -> CompliancePolicy:
    tenant = policy.tenant
    writes.begin(tenant, actor, Permission.COMPLIANCE_MODIFY)
    current: CompliancePolicy | None = CompliancePolicy.objects.in_tenant(tenant).filter(pk=policy.pk).first()
    if current is None:
        raise ValidationError(DELETED_MEANWHILE, code="gone")
    current.tenant = tenant
    return current


def _set(policy: CompliancePolicy, asked: dict[str, Any]) -> None:
    """The row says what is asked, or ValidationError says what does not fit."""
    possible = SETTINGS[OperatingSystem(policy.os)]
    for name, value in asked.items():
        if name not in (*BASICS, *ACTIONS) and name not in possible and value:
            raise ValidationError(f"'{name}' is not a setting of platform '{platform_label(policy.os)}'.")
        setattr(policy, name, value.strip() if isinstance(value, str) else value)
    if policy.minimum_os_version and not VERSION.fullmatch(policy.minimum_os_version):
        raise ValidationError({"minimum_os_version": VERSION_WRONG})
    policy.full_clean(exclude=["tenant", "name_key"], validate_unique=False, validate_constraints=False)
    check_name(policy)


def check_name(policy: CompliancePolicy) -> None:
    """Raise ValidationError where another policy of the platform has the name of `policy`."""
    taken = CompliancePolicy.objects.in_tenant(policy.tenant).filter(os=policy.os, name_key=fold(policy.display_name))
    if taken.exclude(pk=policy.pk).exists():
        raise _name_taken(policy)


def _save(policy: CompliancePolicy, **options: Any) -> None:
    try:
        with transaction.atomic():  # a savepoint, so that the loser of a race can still speak
            policy.save(**options)
    except IntegrityError:
        raise _name_taken(policy) from None


def _name_taken(policy: CompliancePolicy) -> ValidationError:
    return ValidationError(
        {
            "display_name": f"A compliance policy with this name already exists for platform "
            f"'{platform_label(policy.os)}'. Enter a different name."
        },
        code="taken",
    )


def _write_assignments(policy: CompliancePolicy, included: list[Group], excluded: list[Group]) -> None:
    intents = CompliancePolicyAssignment.Intent
    CompliancePolicyAssignment.objects.bulk_create(
        CompliancePolicyAssignment(tenant=policy.tenant, policy=policy, group=group, intent=intent)
        for intent, groups in ((intents.INCLUDE, included), (intents.EXCLUDE, excluded))
        for group in groups
    )


def _record(
    policy: CompliancePolicy,
    actor: Operator | None,
    activity: str,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    journal.record(
        tenant=policy.tenant,
        actor=actor,
        category=CATEGORY,
        activity=activity,
        target=policy,
        old=old,
        new=new,
        payload={"os": policy.os},
    )
