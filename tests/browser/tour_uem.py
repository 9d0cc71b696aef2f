"""Stops of the tour: the partner's own console, in a small directory in which it is connected."""

from __future__ import annotations

from playwright.sync_api import Page

from blades.models import Draft
from bladeworks_testing.factories import (
    DirectoryUserFactory,
    GroupFactory,
    LicenceFactory,
    PartnerTokenFactory,
    TenantFactory,
)
from directory.models import Licence
from partners import catalogue
from partners import services as partners
from partners.models import Platform
from tenancy import services as tenancy
from tenancy.models import Tenant
from tenancy.roles import Role
from tests.browser.stop import Stop, World, at, press
from uem import services
from uem.import_views import IMPORT
from uem.models import Console, Enrolment

PEOPLE = ("Ana Duarte", "Ben Oduya", "Chiara Conti", "Dmitri Volkov", "Elif Aydin", "Femke de Boer", "Goran Ilic")
PHONES = (
    (Platform.IOS, "Apple", "iPhone 11", "13.6"),
    (Platform.ANDROID, "samsung", "Galaxy S10", "10"),
    (Platform.IOS, "Apple", "iPad Air (3rd generation)", "13.5.1"),
)
Door, Verdict = Enrolment.Door, Enrolment.Verdict


def stops(world: World) -> list[Stop]:
    shop = _shop(world)
    one, jamf = "workspace_one", "jamf_pro"
    console = services.console_of(shop, catalogue.partners()[one])
    phones = {row.device_name: row for row in console.enrolments.all()}
    token = PartnerTokenFactory(tenant=shop, name="Nightly reports", hint="9xQf", created_by_name=world.operator.email)
    user = phones["Ana Duarte's iPhone 11"].user
    assert user is not None

    def of(view: str, *args: object) -> str:
        return at(f"uem:{view}", shop, one, *args)

    return [
        Stop("uem-partners", at("uem:partner-list", shop)),
        Stop("uem-overview", of("overview")),
        Stop("uem-overview-new", at("uem:overview", shop, jamf)),
        Stop("uem-settings", of("settings")),
        Stop("uem-settings-new", at("uem:settings", shop, jamf)),
        Stop("uem-settings-refused", at("uem:settings", shop, jamf), _save_wrongly),
        Stop("uem-settings-lost", at("uem:settings", shop, "soti_mobicontrol")),
        Stop("uem-consent", of("consent")),
        Stop("uem-consent-early", at("uem:consent", shop, jamf)),
        Stop("uem-second-consent", at("uem:second-consent", shop, jamf)),
        Stop("uem-sync", of("sync")),
        Stop("uem-devices", of("device-list")),
        Stop("uem-devices-none", of("device-list") + "?q=zzz"),
        Stop("uem-devices-empty", at("uem:device-list", shop, jamf)),
        Stop("uem-enroll-user", of("device-enrol")),
        Stop("uem-enroll", of("device-enrol") + f"?user={user.pk}"),
        Stop("uem-enroll-refused", of("device-enrol") + f"?user={user.pk}", press("Enroll")),
        Stop("uem-import", of("device-import")),
        Stop("uem-import-refused", of("device-import"), press("Next")),
        Stop("uem-import-review", of("device-import-review", _draft(world, console).pk)),
        Stop("uem-device", of("device", phones["Ana Duarte's iPhone 11"].pk)),
        Stop("uem-device-bad", of("device", phones["Ben Oduya's Galaxy S10"].pk)),
        Stop("uem-device-loose", of("device", phones["Chiara Conti's iPad Air (3rd generation)"].pk)),
        Stop("uem-device-outside", of("device", phones["Goran Ilic's iPhone 11"].pk)),
        Stop("uem-device-retired", of("device", phones["Femke de Boer's iPad Air (3rd generation)"].pk)),
        Stop("uem-device-retire", of("device-retire", phones["Ana Duarte's iPhone 11"].pk)),
        Stop("uem-device-delete", of("device-delete", phones["Ana Duarte's iPhone 11"].pk)),
        Stop("uem-tokens", of("token-list"), _create_token),
        Stop("uem-token-revoke", of("token-revoke", token.pk)),
    ]


def _draft(world: World, console: Console) -> Draft:
    """An import of three devices, one of which can be enrolled."""
    lines = [
        [2, ["ana@depot.example", "Ana's second phone", "Android", "samsung", "Galaxy A51", "10", "R58N0001", ""]],
        [3, ["nobody@depot.example", "Somebody's phone", "iOS", "", "", "", "", ""]],
        [4, ["ben@depot.example", "Ben's PC", "Windows", "", "", "", "", ""]],
    ]
    made: Draft = Draft.objects.create(
        tenant=console.tenant,
        operator=world.operator,
        wizard=IMPORT,
        subject_id=console.pk,
        answers={"import": {"lines": lines}},
    )
    return made


def _shop(world: World) -> Tenant:
    """A company whose partner is connected, with a device for each way in which one can stand."""
    shop: Tenant = TenantFactory(slug="kestrel-depot", display_name="Kestrel Depot", default_domain="depot.example")
    tenancy.admit(tenant=shop, operator=world.operator, role=Role.GLOBAL_ADMINISTRATOR)
    users = [
        DirectoryUserFactory(tenant=shop, display_name=name, upn=f"{name.split()[0].lower()}@depot.example")
        for name in PEOPLE
    ]
    for user in users:
        LicenceFactory(tenant=shop, user=user, sku=Licence.Sku.INTUNE)
    drivers = GroupFactory(tenant=shop, display_name="Drivers", members=users[:-1])
    guests = GroupFactory(tenant=shop, display_name="Contractors", members=[])
    entry = catalogue.partners()["workspace_one"]
    for platform, excluded in ((Platform.ANDROID, []), (Platform.IOS, [guests])):
        partners.create_configuration(
            tenant=shop, actor=None, partner=entry, platform=platform, groups=[drivers], excluded_groups=excluded
        )
    _connect(world, shop, "workspace_one")
    console = services.console_of(shop, entry)
    for n, user in enumerate(users):
        platform, manufacturer, model, version = PHONES[n % 3]
        made = services.enrol(
            console=console,
            actor=None,
            user=user,
            platform=platform,
            device_name=f"{user.display_name}'s {model}",
            manufacturer=manufacturer,
            model=model,
            os_version=version,
            serial_number=f"{'R58' if platform == Platform.ANDROID else 'F17'}DEPOT{n:03}",
        )
        if n != 2:
            services.register(enrolment=made, actor=None, door=Door.SELF_SERVICE)
        if n in {1, 3}:
            verdict = Verdict.NOT_COMPLIANT if n == 1 else Verdict.ALERT
            services.set_verdict(enrolment=made, actor=None, verdict=verdict, reason="The passcode is too short.")
        if n == 5:
            services.retire(enrolment=made, actor=None)
    lost = _connect(world, shop, "soti_mobicontrol")
    lost.credentials_lost = True
    lost.save()
    return shop


def _connect(world: World, shop: Tenant, partner: str) -> Console:
    console = services.change_settings(
        console=services.console_of(shop, catalogue.partners()[partner]),
        actor=world.operator,
        compliance_enabled=True,
        directory_id=str(shop.directory_id),
    )
    return services.consent(console=console, actor=world.operator)


def _save_wrongly(page: Page) -> None:
    page.get_by_label("Tenant ID").fill("contoso")
    page.get_by_role("button", name="Save").click()


def _create_token(page: Page) -> None:
    page.get_by_label("Name").fill("Test run")
    page.get_by_role("button", name="Create token").click()
