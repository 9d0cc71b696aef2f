"""What incidents are made of: people, phones, a partner that works, policies. Everything goes through services.

A tenant's own rows are used where they suit, always the same ones; what is missing is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from access import services as access
from access.cloud_apps import cloud_apps
from access.models import Policy, SignIn
from devices import enrolment, joining
from devices import policy_services as policies
from devices.compliance import settings_of
from devices.models import OS_OF_PLATFORM, Compliance, CompliancePolicy, ManagedDevice, OperatingSystem, Ownership
from directory import assignments
from directory import services as groups
from directory import user_services as users
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, Licence
from labs import state
from mobility import gallery
from mobility import services as mobility
from mobility.models import MobilityApplication
from mobility.queries import has_application, scope_groups
from partners import catalogue, connections
from partners import services as partners
from partners.catalogue import CataloguePartner
from partners.models import PartnerAssignment, PartnerConfiguration, Platform
from tenancy import clock
from tenancy.models import Tenant
from tenancy.scoping import fold
from uem import services as uem
from uem.models import Console, Enrolment

# People who are made where a tenant has nobody who suits.
NAMES = (
    "Alva Brandt", "Bela Conti", "Cleo Dahl", "Dario Ekman", "Edda Fuchs", "Falk Grau", "Greta Holm", "Hugo Ivers",
    "Ida Jensen", "Jonas Krey", "Kaja Lind", "Leo Maurer", "Mina Nowak", "Nils Orth", "Olga Petri", "Pavel Quist",
    "Rosa Stern", "Selma Thoma", "Timo Ulrich", "Una Vogt",
)  # fmt: skip

# What people carry.
PHONES: dict[str, tuple[str, dict[str, Any]]] = {
    Platform.ANDROID: ("Galaxy S10", {"model": "Galaxy S10", "manufacturer": "Samsung", "os_version": "10"}),
    Platform.IOS: ("iPhone", {"model": "iPhone 11", "manufacturer": "Apple", "os_version": "13.5.1"}),
    Platform.MACOS: ("MacBook", {"model": "MacBook Air", "manufacturer": "Apple", "os_version": "10.15.5"}),
}
MOST_TRIED = 50
OFFICE = ["exchange_online", "sharepoint_online", "teams"]
GUARD = "Require compliant device for Office 365"


@dataclass
class Subject:
    """What an incident is about. facts: plain values, among them the slots of the ticket."""

    user: DirectoryUser | None = None
    device_id: UUID | None = None
    intune_device_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Link:
    """A partner that reports for a platform. group: whose members' devices it manages."""

    configuration: PartnerConfiguration
    console: Console
    partner: CataloguePartner
    group: Group

    @property
    def platform(self) -> Platform:
        return Platform(self.configuration.platform)

    @property
    def facts(self) -> dict[str, Any]:
        """The slots of a ticket that name the partner, and the keys by which its state is asked for."""
        return {
            "partner": self.partner.key,
            "platform": str(self.platform),
            "partner_name": self.partner.label,
            "product": self.partner.product,
            "platform_name": self.platform.label,
        }


class World:
    """A tenant while an incident is put into it. exclude: users whom another open incident is about."""

    def __init__(self, tenant: Tenant, *, exclude: Iterable[UUID | None] = ()) -> None:
        self.tenant = tenant
        self.now = tenant.now()
        self._others = {user for user in exclude if user is not None}
        self._taken = set(self._others)

    @contextmanager
    def ago(self, **time: float) -> Iterator[None]:
        """What services do inside the block happened so long ago, and what follows from it has happened since.

        time: as `timedelta` takes it.
        """
        with clock.at(self.tenant, self.now - timedelta(**time)):
            yield
        clock.settle(self.tenant)

    # People

    def others(self) -> list[DirectoryUser]:
        """Those whom another open incident is about, by name."""
        found = list(DirectoryUser.objects.in_tenant(self.tenant).filter(pk__in=self._others).order_by("upn_key", "pk"))
        for user in found:
            user.tenant = self.tenant
        return found

    def person(
        self,
        *,
        os: int | None = None,
        licensed: bool = True,
        outside: Collection[Group] = (),
        suits: Callable[[DirectoryUser], bool] = lambda user: True,
    ) -> DirectoryUser:
        """Somebody without trouble so far; one who suits is made where the tenant has nobody.

        os: of which the person has no device yet. licensed: whether with a licence for Intune. outside: groups of which
        the person is no member. suits: what else is asked of somebody whom the directory has.
        """
        tenant = self.tenant
        licence = Licence.objects.in_tenant(tenant).filter(user=OuterRef("pk"), sku=Licence.Sku.INTUNE)
        rows = DirectoryUser.objects.in_tenant(tenant).filter(account_enabled=True).exclude(usage_location="")
        rows = rows.filter(Exists(licence) if licensed else ~Exists(licence))
        rows = rows.filter(~Exists(Enrolment.objects.in_tenant(tenant).filter(user=OuterRef("pk"))))
        if os is not None:
            rows = rows.filter(
                ~Exists(ManagedDevice.objects.in_tenant(tenant).filter(primary_user=OuterRef("pk"), os=os))
            )
        if outside:
            members = GroupMembership.objects.in_tenant(tenant).filter(group__in=outside)
            rows = rows.filter(~Exists(members.filter(user=OuterRef("pk"))))
        found = list(rows.exclude(pk__in=self._taken).order_by("upn_key", "pk")[:MOST_TRIED])
        for user in found:
            user.tenant = tenant
        user = next((user for user in found if suits(user)), None) or self._make_person(licensed=licensed)
        user.tenant = tenant
        self._taken.add(user.pk)
        return user

    def _make_person(self, *, licensed: bool) -> DirectoryUser:
        tenant = self.tenant
        for number in range(1, 1000):
            for name in NAMES:
                given_name, surname = name.split()
                upn = f"{given_name}.{surname}{number if number > 1 else ''}@{tenant.default_domain}".lower()
                if DirectoryUser.objects.in_tenant(tenant).filter(upn_key=fold(upn)).exists():
                    continue
                with self.ago(days=400):
                    user = users.create_user(
                        tenant=tenant, actor=None, display_name=name, upn=upn, given_name=given_name, surname=surname,
                        usage_location="DE", country="Germany",
                    )  # fmt: skip
                    if licensed:
                        users.set_licences(tenant=tenant, actor=None, user=user, skus=Licence.Sku.values)
                return user
        raise ValidationError("This directory has nobody who could have the trouble.", code="impossible")

    def group(self, name: str, members: Collection[DirectoryUser] = ()) -> Group:
        """A new group of that name, or of that name with a number."""
        taken = Group.objects.in_tenant(self.tenant)
        names = (f"{name} {number}" if number > 1 else name for number in range(1, 10_000))
        free = next(name for name in names if not taken.filter(name_key=fold(name)).exists())
        return groups.create_group(tenant=self.tenant, actor=None, display_name=free, members=members)

    def join(self, group: Group, user: DirectoryUser) -> None:
        """The user is a member of the group."""
        groups.add_members(tenant=self.tenant, actor=None, group=group, users=[user])

    # Partners

    def free_platform(self, partner: CataloguePartner, platforms: Iterable[Platform] = Platform) -> Platform | None:
        """The first of `platforms` that the partner supports and that nobody holds."""
        held = set(PartnerConfiguration.objects.in_tenant(self.tenant).values_list("platform", flat=True))
        return next((some for some in platforms if some in partner.platforms and some not in held), None)

    def is_unused(self, partner: CataloguePartner) -> bool:
        """Whether nobody has begun to set the partner up, on either side."""
        console = Console.objects.in_tenant(self.tenant).filter(partner=partner.key).first()
        begun = console is not None and (console.directory_id or console.enrolments.exists())
        return (
            not begun and not PartnerConfiguration.objects.in_tenant(self.tenant).filter(partner=partner.key).exists()
        )

    def unused(self, platforms: Iterable[Platform], prefer: Iterable[str] = ()) -> tuple[CataloguePartner, Platform]:
        """A partner that nobody has set up, with the first platform that is free for it. Raises ValidationError."""
        order = dict.fromkeys([*prefer, *catalogue.partners()])
        for platform in platforms:
            for partner in (catalogue.partners()[key] for key in order):
                if self.is_unused(partner) and self.free_platform(partner, [platform]):
                    return partner, platform
        raise ValidationError(NO_PLATFORM, code="impossible")

    def working(
        self,
        *,
        platforms: Iterable[Platform] = (Platform.IOS, Platform.ANDROID, Platform.MACOS),
        prefer: Iterable[str] = ("workspace_one", "mobileiron_cloud"),
        wanted: Callable[[CataloguePartner], bool] = lambda partner: True,
    ) -> Link:
        """A partner that works for one of `platforms`: the tenant's own, else one of `prefer`, set up a month ago.

        Raises ValidationError where there is none and no platform is free.
        """
        platforms, prefer = list(platforms), list(prefer)
        for platform in platforms:
            link = self._existing(platform)
            if link is not None and wanted(link.partner):
                return link
        for key in prefer:
            partner = catalogue.partners()[key]
            free = self.free_platform(partner, platforms)
            if wanted(partner) and free is not None and self.is_unused(partner):
                return self._connect(partner, free)
        raise ValidationError(NO_PARTNER, code="impossible")

    def _existing(self, platform: Platform) -> Link | None:
        tenant = self.tenant
        found = PartnerConfiguration.objects.in_tenant(tenant).filter(platform=platform, all_users=False).first()
        if found is None or not state.is_working(tenant, found.partner, platform):
            return None
        partner = catalogue.partners()[found.partner]
        console = uem.console_of(tenant, partner)
        group = (
            Group.objects.in_tenant(tenant)
            .filter(
                kind=Group.Kind.ASSIGNED,
                partner_assignments__configuration=found,
                partner_assignments__intent=PartnerAssignment.Intent.INCLUDE,
                pk__in=console.group_links.filter(platform=platform, excluded=False).values("group"),
            )
            .order_by("name_key", "pk")
            .first()
        )
        if group is None:
            return None
        found.tenant = group.tenant = tenant
        return Link(found, console, partner, group)

    def _connect(self, partner: CataloguePartner, platform: Platform) -> Link:
        tenant = self.tenant
        with self.ago(days=30):
            link = self.configure(partner, platform, self.group(f"{partner.product} users"))
            console = uem.change_settings(
                console=link.console, actor=None, compliance_enabled=True, directory_id=str(tenant.directory_id)
            )
            for second in range(len(partner.consents)):
                console = uem.consent(console=console, actor=None, second=bool(second))
        connections.heartbeat(tenant=tenant, partner=partner)
        return Link(link.configuration, console, partner, link.group)

    def configure(self, partner: CataloguePartner, platform: Platform, group: Group, **assignment: Any) -> Link:
        """The partner is added for the platform, and its application to Mobility where the document asks for that."""
        tenant = self.tenant
        if partner.gallery_key and tenant.follows_document and not has_application(tenant, partner.gallery_key):
            mobility.add_application(tenant=tenant, actor=None, gallery_key=partner.gallery_key)
        configuration = partners.create_configuration(
            tenant=tenant, actor=None, partner=partner, platform=platform, **(assignment or {"groups": [group]})
        )
        return Link(configuration, uem.console_of(tenant, partner), partner, group)

    def phone(
        self,
        link: Link,
        user: DirectoryUser,
        *,
        platform: Platform | None = None,
        days: float = 5,
        registered: bool = True,
        name: str = "",
    ) -> Enrolment:
        """A device of the user's, enrolled with the partner so many days ago, and registered from its own entry point.

        Raises ValidationError where conditional access forbids the registration.
        """
        platform = platform or link.platform
        called, described = PHONES[platform]
        given_name = user.given_name or user.display_name.split()[0]
        with self.ago(days=days):
            enrolment = uem.enrol(
                console=link.console, actor=None, user=user, platform=platform,
                device_name=name or f"{given_name}'s {called}", **described,
            )  # fmt: skip
            enrolment.tenant = self.tenant
            if registered:
                enrolment = self.register(enrolment, link)
        return enrolment

    def register(self, enrolment: Enrolment, link: Link) -> Enrolment:
        """The device is registered with Azure AD through the partner's own door. Raises ValidationError."""
        registered = uem.register(enrolment=enrolment, actor=None, door=link.partner.doors[-1])
        if registered.registration_error:
            raise ValidationError(
                NO_REGISTRATION.format(partner=link.partner.product, error=registered.registration_error),
                code="impossible",
            )
        return registered

    def member_with_phone(
        self, link: Link, *, suits: Callable[[DirectoryUser], bool] = lambda user: True, **phone: Any
    ) -> tuple[DirectoryUser, Enrolment]:
        """Somebody whom the partner knows, with a device. suits: as `person` takes it; phone: as `phone` does."""
        user = self.person(os=OS_OF_PLATFORM[link.platform], suits=suits)
        with self.ago(days=20):
            self.join(link.group, user)
        return user, self.phone(link, user, **phone)

    def colleagues(self, link: Link, n: int = 2) -> None:
        """So many people have devices of that partner that are all right; nothing happens where there are some."""
        known = Enrolment.objects.in_tenant(self.tenant).filter(console=link.console, platform=link.platform)
        for _ in range(n - known.filter(retired_at=None, report_error="").exclude(reported_at=None).count()):
            self.member_with_phone(link)

    # Conditional access

    def guard(self, user: DirectoryUser) -> None:
        """Office 365 asks for a compliant device of this user, on whatever platform."""
        platforms = access.PLATFORMS
        if all(all(state.outcomes(user, OFFICE, platform=some, device=state.NOT_COMPLIANT)) for some in platforms):
            return
        with self.ago(days=20):
            group = self.group("Office 365 pilot", [user])
            self.require_compliant_device(GUARD, group, all_apps=False, included_apps=OFFICE)

    def require_compliant_device(self, name: str, group: Group, **values: Any) -> Policy:
        """A policy of that name asks the group's members for a compliant device; it is on unless `values` say else.

        The log has no sign-in of theirs that the policy should have judged before it was there.
        """
        asked: dict[str, Any] = {"state": Policy.State.ON, "require_compliant_device": True} | values
        policy = access.create_policy(
            tenant=self.tenant, actor=None, people=access.People(groups=[group]), display_name=name, **asked
        )
        members = GroupMembership.objects.in_tenant(self.tenant).filter(group=group)
        missed = SignIn.objects.in_tenant(self.tenant).filter(
            user__in=members.values("user"), occurred_at__gte=policy.created_at
        )
        (missed if policy.all_apps else missed.filter(app__in=policy.included_apps)).delete()
        return policy

    def sign_in(self, user: DirectoryUser, app: str, *, platform: str, device_id: UUID | None = None) -> None:
        """The user has tried the app from a phone, just now; the log knows what became of it."""
        access.sign_in(
            user=user,
            app=app,
            platform=platform,
            device=state.record(self.tenant, device_id) if device_id else None,
            client_app="Mobile Apps and Desktop clients" if cloud_apps()[app].approved else "Browser",
        )

    # Mobility

    def intune(self) -> MobilityApplication:
        """Microsoft Intune under Mobility."""
        mobility.add_default_applications(tenant=self.tenant)
        found: MobilityApplication = MobilityApplication.objects.in_tenant(self.tenant).get(
            gallery_key=gallery.MICROSOFT_INTUNE
        )
        found.tenant = self.tenant
        return found

    def set_scope(self, application: MobilityApplication, **changed: Any) -> None:
        """The application has these values; the others stay. changed: mdm or mam, each a dict of ScopeSettings."""
        chosen = scope_groups(application)
        entry = mobility.entry_of(application)
        blocks = {}
        for scope in ("mdm", "mam"):
            now: dict[str, Any] = {
                name.removeprefix(f"{scope}_"): getattr(application, name) for name in entry.default_urls(scope)
            }
            now |= {"user_scope": getattr(application, f"{scope}_user_scope"), "groups": chosen[scope]}
            blocks[scope] = mobility.ScopeSettings(**(now | changed.get(scope, {})))
        mobility.configure_application(application=application, actor=None, mdm=blocks["mdm"], mam=blocks["mam"])

    # Intune

    def laptop_user(self, suits: Callable[[DirectoryUser], bool] = lambda user: True) -> DirectoryUser:
        """Somebody without a Windows device so far. suits: as `person` takes it."""
        return self.person(os=OperatingSystem.WINDOWS, suits=suits)

    def laptop(self, user: DirectoryUser, **described: Any) -> ManagedDevice:
        """A Windows laptop of the company, joined and enrolled by the user. described: see `enrolment.enrol`."""
        return enrolment.enrol(
            tenant=self.tenant,
            user=user,
            os=OperatingSystem.WINDOWS,
            device_name=self._laptop_name(),
            join_type=DirectoryDevice.JoinType.JOINED,
            ownership=Ownership.CORPORATE,
            **joining.LAPTOP | described,
        )

    def join_laptop(self, user: DirectoryUser, *, own_device: bool = False) -> str:
        """The user has tried, this morning, to join a new laptop, or to register an own one; return its name."""
        name = self._laptop_name()
        with self.ago(hours=2):
            joining.join(tenant=self.tenant, actor=None, user=user, device_name=name, own_device=own_device)
        return name

    def _laptop_name(self) -> str:
        taken = DirectoryDevice.objects.in_tenant(self.tenant)
        names = (f"LAPTOP-{number:04}" for number in range(1, 10_000))
        return next(name for name in names if not taken.filter(name_key=fold(name)).exists())

    def without_policy(self, os: int, user: DirectoryUser) -> None:
        """No compliance policy is for devices of that system of the user's, and such devices are compliant.

        Policies for all users are for a pilot group instead. Raises ValidationError where others are in the way.
        """
        tenant = self.tenant
        settings = settings_of(tenant)
        with self.ago(days=60):
            policies.change_settings(
                tenant=tenant,
                actor=None,
                without_policy=Compliance.COMPLIANT,
                enhanced_jailbreak_detection=settings.enhanced_jailbreak_detection,
                validity_days=settings.validity_days,
            )
            for policy in CompliancePolicy.objects.in_tenant(tenant).filter(os=os, all_users=True):
                policy.tenant = tenant
                included, excluded = assignments.of(policy.assignments)
                pilot = self.group("Compliance policy pilot", [self.laptop_user()])
                policies.assign_policy(policy=policy, actor=None, groups=[*included, pilot], excluded_groups=excluded)
        if state.has_policy(user, os):
            raise ValidationError(NO_GAP, code="impossible")


NO_PLATFORM = "No platform is free for another compliance partner. Delete a configuration, or use another directory."
NO_PARTNER = (
    "No compliance partner of this directory works as this incident needs it, and no platform is free for one. Heal "
    "what is broken, or use another directory."
)
NO_GAP = "Every device of this directory has a compliance policy, by the groups that policies are assigned to."
NO_REGISTRATION = (
    "Conditional access keeps devices from being registered with {partner} in this directory ({error}). Exclude that "
    "app from the policy that requires a compliant device, or turn the policy off."
)
