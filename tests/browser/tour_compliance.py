"""Stops of the tour: compliance policies and the tenant's settings for them."""

from __future__ import annotations

from django.db.models import Count
from playwright.sync_api import Page

from blades.models import Draft
from devices.models import CompliancePolicy, OperatingSystem
from devices.policy_views import ADD, EDIT
from directory.models import DirectoryUser, Group
from tests.browser.stop import Stop, World, at, press

SETTINGS = {"minimum_os_version": "13.5", "require_passcode": "on", "block_jailbroken": "on"}


def stops(world: World) -> list[Stop]:
    fresh = world.fresh
    phones = CompliancePolicy.objects.in_tenant(fresh).get(os=OperatingSystem.IOS)
    groups = [str(pk) for pk in Group.objects.in_tenant(fresh).values_list("pk", flat=True)[:2]]

    def draft(wizard: str = ADD, **answers: object) -> Draft:
        subject = phones.pk if wizard == EDIT else None
        answers |= {"platform": {"os": OperatingSystem.IOS.value}} if wizard == ADD else {}
        return Draft.objects.create(
            tenant=fresh, operator=world.operator, wizard=wizard, subject_id=subject, answers=answers
        )

    answered = draft(
        basics={"display_name": "iOS - field engineers", "description": "Phones that leave the office"},
        settings=SETTINGS,
        actions={"grace_days": "3"},
        assignments={"all_users": False, "groups": groups, "excluded_groups": []},
    )
    taken = draft(basics={"display_name": phones.display_name, "description": ""})
    edited = draft(EDIT, settings=SETTINGS)
    policies, step = at("devices:policy-list", fresh), "devices:policy-step"
    troubleshoot = at("access:troubleshoot", fresh)
    owners = DirectoryUser.objects.in_tenant(fresh).annotate(n=Count("managed_devices")).order_by("-n", "name_key")
    busiest = f"{troubleshoot}?user={owners[0].pk}"
    return [
        Stop("troubleshoot-none", troubleshoot),
        Stop("troubleshoot-picker", troubleshoot + "?pane=user"),
        Stop("troubleshoot", busiest),
        Stop("troubleshoot-access", busiest + "&show=access"),
        Stop("troubleshoot-help-desk", busiest + "&show=access", role="help_desk"),
        Stop("policy-list", policies),
        Stop("policy-list-none", policies + "?q=zzz"),
        Stop("policy-list-help-desk", policies, role="help_desk"),
        Stop("policy-new", at("devices:policy-new", fresh)),
        Stop("policy-new-error", policies + "?pane=new", press("Create")),
        Stop("policy-basics", at(step, fresh, draft().pk, "basics")),
        Stop("policy-basics-taken", at(step, fresh, taken.pk, "basics")),
        Stop("policy-settings-step", at(step, fresh, answered.pk, "settings")),
        Stop("policy-settings-error", at(step, fresh, answered.pk, "settings"), _type_badly),
        Stop("policy-actions", at(step, fresh, answered.pk, "actions")),
        Stop("policy-assignments", at(step, fresh, answered.pk, "assignments")),
        Stop("policy-review", at(step, fresh, answered.pk, "review")),
        Stop("policy-overview", at("devices:policy-overview", fresh, phones.pk)),
        Stop("policy-delete", at("devices:policy-delete", fresh, phones.pk)),
        Stop("policy-devices", at("devices:policy-devices", fresh, phones.pk)),
        Stop("policy-devices-none", at("devices:policy-devices", fresh, phones.pk) + "?state=conflict"),
        Stop("policy-properties", at("devices:policy-properties", fresh, phones.pk)),
        Stop("policy-edit", at("devices:policy-edit-step", fresh, phones.pk, edited.pk, "settings")),
        Stop("policy-settings", at("devices:policy-settings", fresh)),
        Stop("policy-settings-help-desk", at("devices:policy-settings", fresh), role="help_desk"),
    ]


def _type_badly(page: Page) -> None:
    page.fill("[name=minimum_os_version]", "ten")
    page.get_by_role("button", name="Next", exact=True).click()
