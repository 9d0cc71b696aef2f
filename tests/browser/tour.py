"""Every page and state worth looking at: what axe checks and `make screenshots` shoots is one list."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from playwright.sync_api import Page

from blades.models import Draft
from console.demo import tenant as demo
from devices.models import ManagedDevice
from directory.models import Group
from mobility import services as mobility
from mobility.models import MobilityApplication
from partners import catalogue
from partners import services as partners
from partners.models import PartnerConfiguration, Platform
from partners.views import ADD, EDIT
from tenancy import cloning, services
from tenancy.models import Operator, Tenant
from tenancy.roles import Role
from tests.browser import (
    tour_access,
    tour_compliance,
    tour_device,
    tour_devices,
    tour_directory_devices,
    tour_shell,
    tour_sign_ins,
    tour_tenancy,
    tour_uem,
    tour_users,
)
from tests.browser.stop import Stop, World, arrive, at, press

__all__ = ["Stop", "World", "arrive", "build", "stops"]
# Each part of the console has its stops in a module of its own.
PARTS = (
    tour_users,
    tour_access,
    tour_sign_ins,
    tour_directory_devices,
    tour_devices,
    tour_device,
    tour_compliance,
    tour_tenancy,
    tour_shell,
    tour_uem,
)


def build() -> World:
    """Make the world in the database, through the services that the pages use."""
    fresh = demo.make(devices=400)
    busy = cloning.clone_tenant(fresh, slug="kestrel-busy")
    operator = Operator.objects.get(email="mara.lindqvist@kestrel.example")
    help_desk = Operator.objects.get(email="help.desk@kestrel.example")
    services.admit(tenant=busy, operator=operator, role=Role.GLOBAL_ADMINISTRATOR)
    services.admit(tenant=busy, operator=help_desk, role=Role.HELP_DESK_OPERATOR)
    mobility.add_application(tenant=busy, actor=operator, gallery_key="airwatch_by_vmware", display_name="")
    groups = list(Group.objects.in_tenant(busy).filter(kind="assigned").order_by("name_key")[:3])
    world = World(fresh, busy, operator, help_desk)
    for partner, platform, status, age, options in (
        ("mobileiron_core", Platform.ANDROID, "unresponsive", timedelta(days=4), {"groups": groups[:1]}),
        ("workspace_one", Platform.IOS, "unknown", None, {"groups": groups[:2], "excluded_groups": groups[2:]}),
        ("jamf_pro", Platform.MACOS, "enabled", timedelta(minutes=12), {"all_users": True}),
    ):
        made = partners.create_configuration(
            tenant=busy, actor=operator, partner=catalogue.partners()[partner], platform=platform, **options
        )
        PartnerConfiguration.objects.in_tenant(busy).filter(pk=made.pk).update(
            status=status, last_sync_at=busy.now() - age if age else None
        )
        world.configurations.append(made)
    return world


def stops(world: World) -> list[Stop]:
    """The tour through `world`, in the order in which a trainee would see it."""
    fresh, busy = world.fresh, world.busy
    ios = world.configurations[1]
    device = ManagedDevice.objects.in_tenant(busy).filter(authority=ios).order_by("name_key").first()
    plain = ManagedDevice.objects.in_tenant(busy).filter(primary_user=None).order_by("name_key").first()
    intune = MobilityApplication.objects.in_tenant(busy).get(gallery_key="microsoft_intune")
    airwatch = MobilityApplication.objects.in_tenant(busy).get(gallery_key="airwatch_by_vmware")
    basics = {"partner": "workspace_one", "platform": "ios"}
    groups = [str(pk) for pk in Group.objects.in_tenant(fresh).values_list("pk", flat=True)[:2]]
    assignments = {"all_users": False, "groups": groups, "excluded_groups": []}

    def draft(tenant: Tenant, wizard: str = ADD, subject: UUID | None = None, **answers: object) -> Draft:
        return Draft.objects.create(
            tenant=tenant, operator=world.operator, wizard=wizard, subject_id=subject, answers=answers
        )

    answered = draft(fresh, basics=basics, assignments=assignments)
    overtaken = draft(busy, basics=basics, assignments={**assignments, "groups": ["0" * 32]})
    edited = draft(
        busy,
        EDIT,
        ios.pk,
        assignments={"all_users": True, "groups": [], "excluded_groups": []},
    )
    partner_list = "partners:configuration-list"
    devices = at("devices:security-list", busy)
    return [
        Stop("sign-in", reverse("tenancy:sign-in"), signed_in=False),
        Stop("sign-in-refused", reverse("tenancy:sign-in"), _sign_in_wrongly, signed_in=False),
        Stop("choose", reverse("tenancy:choose")),
        Stop("password", reverse("tenancy:password")),
        Stop("password-refused", reverse("tenancy:password"), press("Save", "Change password")),
        Stop("home-fresh", at("console:home", fresh)),
        Stop("home", at("console:home", busy)),
        Stop("home-settings", at("console:home", busy), press("Settings")),
        Stop("home-help", at("console:home", busy), press("Help")),
        Stop("home-account", at("console:home", busy), lambda page: page.click("button.account")),
        Stop("settings", at("console:settings", busy)),
        Stop("tenant-status", at("console:tenant-status", busy)),
        Stop("connectors", at("console:connectors", busy)),
        Stop("all-services", at("console:all-services", busy)),
        Stop("other-blade", at("console:blade", busy, "security-baselines")),
        Stop("azure-ad", at("console:azure-ad", busy)),
        Stop("mobility-list", at("mobility:application-list", busy)),
        Stop("mobility-add", at("mobility:application-add", fresh)),
        Stop("mobility-add-pane", at("mobility:application-add", fresh) + "?app=airwatch_by_vmware"),
        Stop("mobility-add-taken", at("mobility:application-add", busy) + "?app=airwatch_by_vmware"),
        Stop("mobility-add-none", at("mobility:application-add", fresh) + "?q=zzz"),
        Stop("mobility-configure-intune", at("mobility:application-configure", busy, intune.pk)),
        Stop("mobility-configure", at("mobility:application-configure", busy, airwatch.pk), _edit_scope),
        Stop("mobility-configure-picker", at("mobility:application-configure", busy, airwatch.pk), _open_scope_picker),
        Stop("mobility-configure-error", at("mobility:application-configure", busy, airwatch.pk), _save_without_group),
        Stop("mobility-discard", at("mobility:application-configure", busy, airwatch.pk), _leave_edited),
        Stop("mobility-delete", at("mobility:application-delete", busy, airwatch.pk)),
        Stop("partner-empty", at(partner_list, fresh)),
        Stop("partner-list", at(partner_list, busy)),
        Stop("partner-list-balloon", at(partner_list, busy), lambda page: page.click("button.info")),
        Stop("create-basics", at("partners:add-basics", fresh, draft(fresh).pk)),
        Stop("create-basics-error", at("partners:add-basics", busy, draft(busy).pk), press("Next")),
        Stop("create-basics-taken", at("partners:add-basics", busy, overtaken.pk)),
        Stop("create-assignments", at("partners:add-assignments", fresh, answered.pk)),
        Stop("create-assignments-pane", at("partners:add-assignments", fresh, answered.pk), press("Add groups")),
        Stop("create-assignments-empty", at("partners:add-assignments", fresh, draft(fresh, basics=basics).pk)),
        Stop(
            "create-assignments-error",
            at("partners:add-assignments", fresh, draft(fresh, basics=basics).pk),
            press("Next"),
        ),
        Stop("create-review", at("partners:add-review", fresh, answered.pk)),
        Stop("create-review-error", at("partners:add-review", busy, overtaken.pk)),
        Stop("partner-overview", at("partners:overview", busy, ios.pk)),
        Stop("partner-delete", at("partners:overview", busy, ios.pk), press("Delete")),
        Stop("partner-properties", at("partners:properties", busy, ios.pk)),
        Stop("partner-edit", at("partners:edit-assignments", busy, ios.pk, edited.pk)),
        Stop("partner-edit-review", at("partners:edit-review", busy, ios.pk, edited.pk)),
        Stop("all-devices", devices),
        Stop("all-devices-filter", devices, lambda page: page.click("#pill-os")),
        Stop("all-devices-filtered", f"{devices}?q=kl&sort=-compliance&os=20"),
        Stop("all-devices-none", f"{devices}?q=zzzzzz"),
        Stop("all-devices-last", f"{devices}?page=8"),
        Stop("devices", at("devices:list", busy)),
        Stop("device-overview", at("devices:overview", busy, device.pk)),
        Stop("device-overview-plain", at("devices:overview", busy, plain.pk)),
        Stop("device-hardware", at("devices:hardware", busy, device.pk)),
        Stop("nav-collapsed", at(partner_list, busy), press("Collapse side menu")),
        Stop("help-desk-home", at("console:home", busy), role="help_desk"),
        Stop("help-desk-partners", at(partner_list, busy), role="help_desk"),
        Stop("help-desk-refused", at("mobility:application-list", busy), role="help_desk"),
        Stop("not-found", at("console:blade", busy, "no-such-blade")),
        Stop("components", reverse("blades:components"), signed_in=False),
        *(stop for part in PARTS for stop in part.stops(world)),
    ]


def _sign_in_wrongly(page: Page) -> None:
    page.get_by_label("E-mail address").fill("nobody@kestrel.example")
    page.get_by_label("Password").fill("wrong")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def _edit_scope(page: Page) -> None:
    page.locator(".options label", has_text="Some").first.click()


def _open_scope_picker(page: Page) -> None:
    _edit_scope(page)
    page.locator("button.selector").first.click()


def _save_without_group(page: Page) -> None:
    _edit_scope(page)
    page.get_by_role("button", name="Save", exact=True).click()


def _leave_edited(page: Page) -> None:
    _edit_scope(page)
    page.get_by_role("link", name="Close", exact=True).click()
