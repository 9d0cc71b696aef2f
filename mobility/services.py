"""Writes on the applications under Mobility (MDM and MAM)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from directory.models import Group
from mobility import gallery, queries
from mobility.gallery import GalleryApplication
from mobility.models import MobilityApplication, MobilityScopeGroup, UserScope
from tenancy import journal, writes
from tenancy.models import Operator, Tenant
from tenancy.roles import Permission
from tenancy.scoping import fold

# Azure AD's own words for its audit log.
CATEGORY = "ApplicationManagement"
APPLICATION_ADDED = "Add application"
APPLICATION_UPDATED = "Update application"
APPLICATION_DELETED = "Delete application"

GROUP_GONE = "A selected group no longer exists. Select the groups again."
GROUP_REQUIRED = "Select at least one group."
NAME_TOO_LONG = "Enter a name of at most 120 characters."
CHANGED = "The configuration was changed meanwhile. Select Save again to replace what was changed."
CONFIGURED = ("user_scope", "terms_of_use_url", "discovery_url", "compliance_url")

Scope = MobilityScopeGroup.Scope


@dataclass(frozen=True, kw_only=True)
class ScopeSettings:
    """What one block of Configure holds, MDM or MAM.

    groups: groups of the same tenant; they count while the user scope is Some, else they are discarded.
    """

    user_scope: str = UserScope.NONE
    groups: Collection[Group] = ()
    terms_of_use_url: str = ""
    discovery_url: str = ""
    compliance_url: str = ""


@transaction.atomic
def add_application(
    *, tenant: Tenant, actor: Operator | None, gallery_key: str, display_name: str = ""
) -> MobilityApplication:
    """An application of the gallery stands under Mobility, with its default URLs and with no user in its scopes.

    display_name: a name of its own; only for an application that may be added several times.
    Raises ValidationError for what the gallery does not offer, what has already been added, and a taken name;
    MissingPermission.
    Source: Intune docs, "Add a device compliance partner to Azure AD", steps 1-2.
    """
    writes.begin(tenant, actor, Permission.MOBILITY_MODIFY)
    entry = gallery.find(gallery_key)
    if entry is None:
        raise ValidationError({"gallery_key": "Select an application from the gallery."}, code="unknown")
    if entry.built_in:
        raise ValidationError(
            {"gallery_key": f"'{entry.name}' is part of every directory and cannot be added."}, code="built_in"
        )
    if not entry.repeatable and queries.has_application(tenant, entry.key):
        raise already_added(entry)
    return _add(tenant, actor, entry, (display_name.strip() if entry.repeatable else "") or entry.name)


@transaction.atomic
def add_default_applications(*, tenant: Tenant, actor: Operator | None = None) -> list[MobilityApplication]:
    """The applications that every directory has stand under Mobility; return those that were missing."""
    writes.begin(tenant, actor, Permission.MOBILITY_MODIFY)
    present = queries.added_keys(tenant)
    missing = [entry for entry in gallery.applications().values() if entry.built_in and entry.key not in present]
    return [_add(tenant, actor, entry, entry.name) for entry in missing]


@transaction.atomic
def configure_application(
    *,
    application: MobilityApplication,
    actor: Operator | None,
    mdm: ScopeSettings,
    mam: ScopeSettings | None = None,
    version: str = "",
) -> None:
    """The application has these user scopes, groups and URLs; what it had before is replaced.

    Only the fields that its gallery entry has are written. Scopes that overlap with another application's are
    saved: `queries.overlapping_applications` names it.
    version: `version_of` the application as the operator saw it; where it is another by now, ValidationError "changed".
    Raises ValidationError, keyed by field, for Some without a group, a group that is gone and an address that is
    no absolute https URL; MissingPermission.
    Source: Intune docs, "Add a device compliance partner to Azure AD", steps 3-4; Graph, "mobilityManagementPolicy":
    switching to All discards the chosen groups.
    """
    tenant = application.tenant
    writes.begin(tenant, actor, Permission.MOBILITY_MODIFY)
    current = queries.applications(tenant).filter(pk=application.pk).first()
    if current is None:
        raise ValidationError(f"'{application.display_name}' was deleted meanwhile.", code="gone")
    old_groups = queries.scope_groups(current)
    if version and version != version_of(current, old_groups):
        raise ValidationError(CHANGED, code="changed")
    entry = entry_of(current)
    blocks = {Scope.MDM: mdm, **({Scope.MAM: mam} if mam is not None and entry.has_mam else {})}
    fields = [f"{scope}_user_scope" for scope in blocks] + [
        name for scope in blocks for name in entry.default_urls(scope)
    ]
    old = _values(current, fields, old_groups)
    groups, errors = _check_groups(tenant, blocks)
    for scope, settings in blocks.items():
        setattr(current, f"{scope}_user_scope", settings.user_scope)
        for name in entry.default_urls(scope):
            setattr(current, name, getattr(settings, name.removeprefix(f"{scope}_")).strip())
    try:
        current.full_clean()
    except ValidationError as error:
        errors |= error.update_error_dict({})
    if errors:
        raise ValidationError(errors)
    new = _values(current, fields, old_groups | groups)
    if old == new:
        return
    current.save(update_fields=fields)
    for changed, chosen in groups.items():
        _write_groups(current, changed, chosen)
    journal.record(
        tenant=tenant,
        actor=actor,
        category=CATEGORY,
        activity=APPLICATION_UPDATED,
        target=current,
        old={label: value for label, value in old.items() if new[label] != value},
        new={label: value for label, value in new.items() if old[label] != value},
    )


def version_of(application: MobilityApplication, groups: dict[str, list[Group]]) -> str:
    """Another one whenever its configuration is another. groups: `queries.scope_groups` of it."""
    urls = [getattr(application, f"{scope}_{name}") for scope in Scope.values for name in CONFIGURED]
    chosen = [sorted(group.pk.hex for group in groups[scope]) for scope in Scope.values]
    return uuid5(application.pk, json.dumps([urls, chosen])).hex


@transaction.atomic
def delete_application(*, application: MobilityApplication, actor: Operator | None) -> None:
    """The application is gone from Mobility. Raises ValidationError for Microsoft Intune; MissingPermission."""
    tenant = application.tenant
    writes.begin(tenant, actor, Permission.MOBILITY_MODIFY)
    current = queries.applications(tenant).filter(pk=application.pk).first()
    if current is None:
        return
    refused = delete_refusal(current)
    if refused:
        raise ValidationError(refused, code="built_in")
    entry = entry_of(current)
    fields = ["mdm_user_scope", *(["mam_user_scope"] if entry.has_mam else []), *entry.defaults]
    old = {"Name": current.display_name, **_values(current, fields, queries.scope_groups(current))}
    current.delete()
    journal.record(
        tenant=tenant, actor=actor, category=CATEGORY, activity=APPLICATION_DELETED, target=application, old=old
    )


def entry_of(application: MobilityApplication) -> GalleryApplication:
    """What the gallery says of `application`; one that left the gallery keeps the fields of a partner's."""
    known = gallery.find(application.gallery_key)
    if known is not None:
        return known
    urls = {"mdm_terms_of_use_url": "", "mdm_discovery_url": ""}
    return GalleryApplication(application.gallery_key, application.display_name, "", urls)


def delete_refusal(application: MobilityApplication) -> str:
    """Why `application` cannot be deleted, or nothing.

    Source: vendors' documents, "an administrator cannot remove Microsoft Intune".
    """
    if entry_of(application).built_in:
        return f"'{application.display_name}' is part of every directory and cannot be deleted."
    return ""


def already_added(entry: GalleryApplication) -> ValidationError:
    """The refusal of a second application of the same gallery entry."""
    return ValidationError(
        {"gallery_key": f"'{entry.name}' has already been added to Mobility (MDM and MAM)."}, code="added"
    )


def name_taken(name: str) -> ValidationError:
    """The refusal of a name that another application has."""
    return ValidationError(
        {"display_name": f"An application named '{name}' has already been added. Enter a different name."}, code="taken"
    )


def _add(tenant: Tenant, actor: Operator | None, entry: GalleryApplication, name: str) -> MobilityApplication:
    application = MobilityApplication(
        tenant=tenant, gallery_key=entry.key, display_name=name, name_key=fold(name), added_at=tenant.now()
    )
    for field, url in entry.defaults.items():
        setattr(application, field, url)
    if queries.applications(tenant).filter(name_key=application.name_key).exists():
        raise name_taken(name)
    try:
        application.full_clean(validate_constraints=False)
    except ValidationError:
        raise ValidationError({"display_name": NAME_TOO_LONG}, code="long") from None
    try:
        with transaction.atomic():  # a savepoint, so that the loser of a race can still speak
            application.save(force_insert=True)
    except IntegrityError:
        raise name_taken(name) from None
    journal.record(
        tenant=tenant,
        actor=actor,
        category=CATEGORY,
        activity=APPLICATION_ADDED,
        target=application,
        new={"Name": name, "Application": entry.name, "Publisher": entry.publisher},
        payload={"gallery_key": entry.key},
    )
    return application


def _check_groups(tenant: Tenant, blocks: dict[Scope, ScopeSettings]) -> tuple[dict[str, list[Group]], dict[str, Any]]:
    """The groups that each scope will have, and what is wrong with those that were asked for."""
    kept: dict[str, list[Group]] = {}
    errors: dict[str, Any] = {}
    wanted = {
        scope: {group.pk for group in settings.groups} if settings.user_scope == UserScope.SELECTED else set()
        for scope, settings in blocks.items()
    }
    ids = set().union(*wanted.values())
    present = {group.pk: group for group in Group.objects.in_tenant(tenant).filter(pk__in=ids)} if ids else {}
    for scope, settings in blocks.items():
        kept[scope] = [group for pk, group in present.items() if pk in wanted[scope]]
        if wanted[scope] - present.keys():
            errors[f"{scope}_groups"] = [ValidationError(GROUP_GONE, code="gone")]
        elif settings.user_scope == UserScope.SELECTED and not kept[scope]:
            errors[f"{scope}_groups"] = [ValidationError(GROUP_REQUIRED, code="required")]
    return kept, errors


def _write_groups(application: MobilityApplication, scope: str, groups: list[Group]) -> None:
    links = MobilityScopeGroup.objects.in_tenant(application.tenant).filter(application=application, scope=scope)
    links.exclude(group__in=groups).delete()
    present = set(links.values_list("group_id", flat=True))
    MobilityScopeGroup.objects.bulk_create(
        MobilityScopeGroup(tenant=application.tenant, application=application, group=group, scope=scope)
        for group in groups
        if group.pk not in present
    )


def _values(application: MobilityApplication, fields: list[str], groups: dict[str, list[Group]]) -> dict[str, Any]:
    """The application's settings as the journal shows them: label to plain value, groups by name."""
    values: dict[str, Any] = {}
    for name in fields:
        field = application._meta.get_field(name)
        label = str(field.verbose_name)  # type: ignore[union-attr]
        if name.endswith("_user_scope"):
            values[label] = dict(UserScope.choices).get(getattr(application, name), "")
            values[f"{label} groups"] = [group.display_name for group in groups[name.removesuffix("_user_scope")]]
        else:
            values[label] = getattr(application, name)
    return values
