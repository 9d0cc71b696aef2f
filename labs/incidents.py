"""What each incident does to a tenant, and by what it is known to be healed.

`set_up` makes the cause, never the effect. `is_healed` asks for the state that every right way leads to, and no wrong
one; it knows nothing of what somebody did. The words of each incident stand in incidents.json.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError

from access import engine
from access.cloud_apps import cloud_apps, key_of
from access.models import Policy
from devices import azure_ad, enrolment
from devices.compliance import demands_on, facts_of, settings_of, unmet
from devices.models import OS_OF_PLATFORM, Compliance, DeviceState, ManagedDevice, OperatingSystem
from devices.services import check_in
from directory.models import DirectoryUser
from labs import state
from labs.models import Injection
from labs.world import OFFICE, Link, Subject, World
from mobility import services as mobility
from mobility.models import MobilityApplication, UserScope
from mobility.queries import covering, scope_groups
from partners import catalogue
from partners import services as partners
from partners.models import PartnerConfiguration, Platform
from tenancy.models import Membership
from tenancy.roles import Role
from uem import services as uem
from uem.models import Enrolment

EXCHANGE, _, TEAMS = OFFICE
DEVICE_NOT_COMPLIANT = engine.NOT_COMPLIANT
INTUNES_OWN = "intune"


class Case:
    """One incident."""

    key: ClassVar[str]
    needs_user: ClassVar[bool] = True

    def set_up(self, world: World) -> Subject:
        """Make the cause. Raises ValidationError where the tenant does not allow it."""
        raise NotImplementedError

    def is_healed(self, injection: Injection) -> bool:
        """Whether the tenant is as it should be."""
        raise NotImplementedError

    def is_lost(self, injection: Injection) -> bool:
        """Whether what the incident is about is gone, so that nobody can heal it."""
        return self.needs_user and injection.user is None


class PhoneCase(Case):
    """A user's phone that a partner manages does not become compliant in Azure AD; it is healed when it does."""

    def is_healed(self, injection: Injection) -> bool:
        return state.has_compliant_phone(injection.user, injection.facts["partner"], injection.facts["platform"])


def about(link: Link, user: DirectoryUser, phone: Enrolment) -> Subject:
    """The subject of an incident with that phone of the user's."""
    facts = link.facts | {"user": user.upn, "name": user.display_name, "device": phone.device_name}
    return Subject(user=user, device_id=phone.azure_ad_device_id, facts=facts)


class NotSynchronized(PhoneCase):
    key = "partner-not-synchronized"

    def set_up(self, world: World) -> Subject:
        link = world.working(wanted=lambda partner: partner.manual_sync)
        world.colleagues(link)
        user = world.person(os=OS_OF_PLATFORM[link.platform], outside=[link.group])
        world.guard(user)
        phone = world.phone(link, user, days=1)
        included, excluded = partners.assigned_groups(link.configuration)
        group = world.group("New hires", [user])
        partners.update_assignments(
            configuration=link.configuration, actor=None, groups=[*included, group], excluded_groups=excluded
        )
        world.sign_in(user, EXCHANGE, platform=link.platform, device_id=phone.azure_ad_device_id)
        subject = about(link, user, phone)
        subject.facts["group"] = group.display_name
        return subject


class NoConsent(Case):
    key = "partner-pending"
    needs_user = False

    def set_up(self, world: World) -> Subject:
        order = (Platform.MACOS, Platform.ANDROID, Platform.IOS)
        partner, platform = world.unused(order, ["workspace_one", "mobileiron_cloud", "soti_mobicontrol"])
        with world.ago(days=2):
            users = [world.person(os=OS_OF_PLATFORM[platform]) for _ in range(2)]
            link = world.configure(partner, platform, world.group(f"{partner.product} users", users))
        return Subject(facts=link.facts)

    def is_healed(self, injection: Injection) -> bool:
        """Intune has the partner as active: by its console here, or by a cloud elsewhere over the partner API."""
        found = state.configuration(injection.tenant, injection.facts["partner"], injection.facts["platform"])
        return found is not None and found.status == PartnerConfiguration.Status.ACTIVE


class ConsentLost(Case):
    key = "partner-silent"
    needs_user = False

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        uem.lose_credentials(console=link.console)
        return Subject(facts=link.facts)

    def is_healed(self, injection: Injection) -> bool:
        return state.is_working(injection.tenant, injection.facts["partner"], injection.facts["platform"])


class NotRegistered(PhoneCase):
    key = "enrolled-not-registered"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        user, phone = world.member_with_phone(link, days=1, registered=False)
        world.guard(user)
        world.sign_in(user, TEAMS, platform=link.platform)
        return about(link, user, phone)


class WrongDoor(PhoneCase):
    key = "wrong-registration-app"

    def set_up(self, world: World) -> Subject:
        platforms = (Platform.MACOS, Platform.IOS, Platform.ANDROID)
        link = world.working(platforms=platforms, prefer=["jamf_pro", "workspace_one"])
        world.colleagues(link, 1)
        user, phone = world.member_with_phone(link, days=1, registered=False)
        with world.ago(hours=3):
            uem.register(enrolment=phone, actor=None, door=Enrolment.Door.COMPANY_PORTAL)
        return about(link, user, phone)


class RegistrationBlocked(PhoneCase):
    key = "registration-app-blocked"
    policy_name = "Require compliant device for all cloud apps"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        user, phone = world.member_with_phone(link, days=1, registered=False)
        with world.ago(days=3):
            group = world.group("Compliance pilot", [user])
            world.require_compliant_device(self.policy_name, group, all_apps=True)
        with world.ago(hours=2):
            uem.register(enrolment=phone, actor=None, door=link.partner.doors[-1])
        subject = about(link, user, phone)
        subject.facts |= {"policy": self.policy_name, "app": link.partner.registration_app}
        return subject

    def is_healed(self, injection: Injection) -> bool:
        """The phone is compliant, and whoever has none is kept out of every app as before."""
        if injection.user is None or not super().is_healed(injection):
            return False
        registration = key_of(catalogue.partners()[injection.facts["partner"]].registration_app)
        platform = injection.facts["platform"]
        return (
            state.outcome(injection.user, registration, platform=platform) == 0
            and state.outcome(injection.user, EXCHANGE, platform=platform) == DEVICE_NOT_COMPLIANT
            and all(state.outcomes(injection.user, self._apps(), platform=platform))
        )

    @staticmethod
    def _apps() -> list[str]:
        """The apps that people work with: neither one that registers devices, nor one of Intune's own."""
        return [key for key, app in cloud_apps().items() if not app.registration and not key.startswith(INTUNES_OWN)]


class AllUsers(Case):
    key = "all-users-assigned"
    needs_user = False

    def set_up(self, world: World) -> Subject:
        partner = next(partner for partner in catalogue.partners().values() if partner.named_group_only)
        link = world.working(
            platforms=(Platform.MACOS, Platform.IOS), prefer=[partner.key], wanted=lambda some: some.named_group_only
        )
        partners.update_assignments(configuration=link.configuration, actor=None, all_users=True)
        subject = Subject(facts=link.facts)
        subject.facts["group"] = link.group.display_name
        return subject

    def is_healed(self, injection: Injection) -> bool:
        facts = injection.facts
        found = state.configuration(injection.tenant, facts["partner"], facts["platform"])
        return (
            found is not None
            and not found.all_users
            and state.is_working(injection.tenant, facts["partner"], facts["platform"])
        )


class NotAMember(PhoneCase):
    key = "not-in-the-partners-group"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        included, _ = partners.assigned_groups(link.configuration)
        user = world.person(os=OS_OF_PLATFORM[link.platform], outside=included)
        world.guard(user)
        phone = world.phone(link, user, days=4)
        world.sign_in(user, EXCHANGE, platform=link.platform, device_id=phone.azure_ad_device_id)
        subject = about(link, user, phone)
        subject.facts["group"] = link.group.display_name
        return subject


class NoLicence(PhoneCase):
    key = "no-intune-license"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        user = world.person(os=OS_OF_PLATFORM[link.platform], licensed=False)
        with world.ago(days=6):
            world.join(link.group, user)
        world.guard(user)
        phone = world.phone(link, user, days=4)
        world.sign_in(user, EXCHANGE, platform=link.platform, device_id=phone.azure_ad_device_id)
        return about(link, user, phone)


class RegisteredTwice(PhoneCase):
    key = "registered-twice"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        user, old = world.member_with_phone(link, days=12)
        with world.ago(days=3):
            uem.retire(enrolment=old, actor=None)
            uem.report(link.console)
        phone = world.phone(link, user, days=2)
        world.guard(user)
        world.sign_in(user, EXCHANGE, platform=link.platform, device_id=old.azure_ad_device_id)
        subject = about(link, user, phone)
        subject.device_id = old.azure_ad_device_id
        return subject

    def is_healed(self, injection: Injection) -> bool:
        """The record that the phone's sign-ins present is gone, and the user has one that is compliant."""
        return super().is_healed(injection) and state.record(injection.tenant, injection.device_id) is None


class SecondPartner(Case):
    key = "second-partner-refused"
    needs_user = False

    def set_up(self, world: World) -> Subject:
        held = PartnerConfiguration.objects.in_tenant(world.tenant).filter(platform=Platform.ANDROID).first()
        if held is None:
            order = ("workspace_one", "mobileiron_cloud", "soti_mobicontrol")
            partner, platform = world.unused([Platform.ANDROID], order)
            with world.ago(days=90):
                members = [world.person(os=OS_OF_PLATFORM[platform])]
                held = world.configure(
                    partner, platform, world.group(f"{partner.product} users", members)
                ).configuration
        wanted = next(
            (
                partner
                for partner in map(catalogue.partners().get, ("mobileiron_cloud", *catalogue.partners()))
                if partner is not None and Platform.ANDROID in partner.platforms and world.is_unused(partner)
            ),
            None,
        )
        if wanted is None:
            raise ValidationError("Every compliance partner is set up in this directory.", code="impossible")
        return Subject(
            facts={
                "partner": held.partner,
                "platform": held.platform,
                "partner_name": catalogue.label(held.partner),
                "platform_name": held.get_platform_display(),
                "wanted": wanted.key,
                "wanted_name": wanted.label,
            }
        )

    def is_healed(self, injection: Injection) -> bool:
        return bool(
            PartnerConfiguration.objects.in_tenant(injection.tenant).filter(partner=injection.facts["wanted"]).exists()
        )


class WrongPlatform(PhoneCase):
    key = "platform-not-configured"

    def set_up(self, world: World) -> Subject:
        for given in (Platform.IOS, Platform.ANDROID, Platform.MACOS):
            try:
                link = world.working(platforms=[given])
            except ValidationError:
                continue
            missing = world.free_platform(link.partner, (Platform.ANDROID, Platform.IOS, Platform.MACOS))
            if missing is not None:
                return self._set_up(world, link, missing)
        raise ValidationError("No platform is free that a working compliance partner supports.", code="impossible")

    def _set_up(self, world: World, link: Link, missing: Platform) -> Subject:
        world.colleagues(link)
        user = world.person(os=OS_OF_PLATFORM[missing])
        with world.ago(days=20):
            world.join(link.group, user)
        world.guard(user)
        phone = world.phone(link, user, platform=missing, days=3)
        world.sign_in(user, EXCHANGE, platform=missing, device_id=phone.azure_ad_device_id)
        subject = about(link, user, phone)
        subject.facts |= {
            "platform": str(missing),
            "platform_name": missing.label,
            "other_platform_name": link.platform.label,
            "group": link.group.display_name,
        }
        return subject


class StillAllowed(Case):
    key = "policy-not-enforced"
    policy_name = "Require compliant device for e-mail"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        user, phone = world.member_with_phone(link, suits=self._may_read_mail, days=5)
        with world.ago(days=2):
            uem.set_verdict(
                enrolment=phone,
                actor=None,
                verdict=Enrolment.Verdict.NOT_COMPLIANT,
                reason="The passcode is too short.",
            )
        with world.ago(days=10):
            group = world.group("E-mail on phones", [user])
            world.require_compliant_device(
                self.policy_name,
                group,
                state=Policy.State.REPORT_ONLY,
                all_apps=False,
                included_apps=[EXCHANGE],
            )
        world.sign_in(user, EXCHANGE, platform=link.platform, device_id=phone.azure_ad_device_id)
        subject = about(link, user, phone)
        subject.facts |= {"policy": self.policy_name, "group": group.display_name}
        return subject

    @staticmethod
    def _may_read_mail(user: DirectoryUser) -> bool:
        """Whether no policy that is on keeps the user from mail on a phone that is not compliant."""
        platforms = ("android", "ios", "macos")
        return not any(
            state.outcome(user, EXCHANGE, platform=platform, device=state.NOT_COMPLIANT) for platform in platforms
        )

    def is_healed(self, injection: Injection) -> bool:
        """The user gets at mail with a compliant phone alone."""
        user, platform = injection.user, injection.facts["platform"]
        if user is None:
            return False
        without = state.outcome(user, EXCHANGE, platform=platform, device=state.NOT_COMPLIANT)
        return without == DEVICE_NOT_COMPLIANT and not state.outcome(
            user, EXCHANGE, platform=platform, device=state.COMPLIANT
        )


# Automatic enrolment


class MobilityCase(Case):
    """A user's laptop is to be enrolled as the user scopes of Mobility (MDM and MAM) say."""

    def cover(self, world: World, user: DirectoryUser) -> MobilityApplication:
        """Microsoft Intune, whose MDM user scope covers the user."""
        intune = world.intune()
        chosen = scope_groups(intune)["mdm"] if intune.mdm_user_scope == UserScope.SELECTED else []
        if intune.mdm_user_scope != UserScope.ALL and intune not in covering(user, "mdm"):
            groups = [*chosen, world.group("Windows automatic enrollment", [user])]
            world.set_scope(intune, mdm={"user_scope": UserScope.SELECTED, "groups": groups})
        return world.intune()

    own_device: ClassVar[bool] = False

    def about(self, world: World, user: DirectoryUser, **facts: str) -> Subject:
        """The subject, after the user has tried it in vain."""
        device = world.join_laptop(user, own_device=self.own_device)
        return Subject(user=user, facts={"user": user.upn, "name": user.display_name, "device": device, **facts})

    def is_healed(self, injection: Injection) -> bool:
        return state.enrols_with_intune(injection.user)


class NotInScope(MobilityCase):
    key = "laptops-not-enrolled"

    def set_up(self, world: World) -> Subject:
        intune = world.intune()
        if intune.mdm_user_scope != UserScope.SELECTED:
            # Whoever has an incident of their own stays in the scope.
            others = [user for user in world.others() if intune in covering(user, "mdm")]
            group = world.group("Windows pilot", [world.laptop_user(), *others])
            world.set_scope(intune, mdm={"user_scope": UserScope.SELECTED, "groups": [group]})
        user = world.laptop_user(suits=lambda user: not covering(user, "mdm"))
        return self.about(world, user)


class NoTermsOfUse(MobilityCase):
    key = "terms-of-use-missing"

    def set_up(self, world: World) -> Subject:
        user = world.laptop_user()
        world.set_scope(self.cover(world, user), mdm={"terms_of_use_url": ""})
        return self.about(world, user)


class OutrankedByMAM(MobilityCase):
    key = "mam-outranks-mdm"
    own_device = True

    def set_up(self, world: World) -> Subject:
        user = world.laptop_user()
        world.set_scope(self.cover(world, user), mam={"user_scope": UserScope.ALL, "groups": []})
        return self.about(world, user)

    def is_healed(self, injection: Injection) -> bool:
        return state.enrols_with_intune(injection.user, own_device=self.own_device)


class ScopesOverlap(MobilityCase):
    key = "overlapping-mdm-scopes"
    other = "airwatch_by_vmware"

    def set_up(self, world: World) -> Subject:
        user = world.laptop_user()
        self.cover(world, user)
        applications = MobilityApplication.objects.in_tenant(world.tenant)
        other = applications.filter(gallery_key=self.other).first()
        if other is None:
            other = mobility.add_application(tenant=world.tenant, actor=None, gallery_key=self.other)
        other.tenant = world.tenant
        if other.mdm_user_scope == UserScope.ALL:
            raise ValidationError(f"The MDM user scope of '{other}' is All in this directory.", code="impossible")
        chosen = scope_groups(other)["mdm"] if other.mdm_user_scope == UserScope.SELECTED else []
        groups = [*chosen, world.group(f"{other} pilot", [user])]
        world.set_scope(other, mdm={"user_scope": UserScope.SELECTED, "groups": groups})
        return self.about(world, user, application=str(other))

    def is_healed(self, injection: Injection) -> bool:
        return state.enrols_somewhere(injection.user)


# Intune's own devices


class LaptopCase(Case):
    """About a device that Intune manages itself."""

    def about(self, user: DirectoryUser, device: ManagedDevice) -> Subject:
        facts = {"user": user.upn, "name": user.display_name, "device": device.device_name}
        return Subject(user=user, device_id=device.azure_ad_device_id, intune_device_id=device.pk, facts=facts)

    def is_lost(self, injection: Injection) -> bool:
        return super().is_lost(injection) or state.device(injection.tenant, injection.intune_device_id) is None


class CompliantByDefault(LaptopCase):
    key = "compliant-without-policy"

    def set_up(self, world: World) -> Subject:
        user = world.laptop_user()
        world.without_policy(OperatingSystem.WINDOWS, user)
        with world.ago(days=40):
            device = world.laptop(user, encrypted=False)
        with world.ago(hours=2):
            check_in(world.tenant, [device.pk])
        return self.about(user, device)

    def is_healed(self, injection: Injection) -> bool:
        """A policy asks what the device does not meet, so that it is not compliant; nor is what no policy is for."""
        device, settings = state.device(injection.tenant, injection.intune_device_id), settings_of(injection.tenant)
        if device is None or settings.without_policy != Compliance.NOT_COMPLIANT:
            return False
        facts = facts_of(device, settings)
        return any(unmet(facts, demand.policy) for demand in demands_on(device)) and device.compliance not in {
            Compliance.COMPLIANT,
            Compliance.NOT_EVALUATED,
        }


class Expired(LaptopCase):
    key = "compliance-expired"
    leave = 42  # days, at least: what the ticket calls many weeks

    def set_up(self, world: World) -> Subject:
        user = world.laptop_user()
        validity = settings_of(world.tenant).validity_days
        with world.ago(days=max(validity + 12, self.leave)):
            device = world.laptop(user)
            enrolment.fall_asleep(device)
        world.guard(user)
        subject = self.about(user, device)
        subject.facts["validity_days"] = validity
        return subject

    def is_healed(self, injection: Injection) -> bool:
        device = state.device(injection.tenant, injection.intune_device_id)
        validity = timedelta(days=injection.facts["validity_days"])
        return (
            device is not None
            and state.is_compliant(device)
            and device.last_checkin_at > injection.tenant.now() - validity
        )


class NotRetired(LaptopCase):
    key = "migrated-not-retired"

    def set_up(self, world: World) -> Subject:
        link = world.working()
        world.colleagues(link)
        user, phone = world.member_with_phone(link, days=60)
        world.guard(user)
        with world.ago(days=4):
            failing = Enrolment.Verdict.NOT_COMPLIANT
            uem.set_verdict(enrolment=phone, actor=None, verdict=failing, reason="The passcode is too short.")
        device = ManagedDevice.objects.in_tenant(world.tenant).get(azure_ad_device_id=phone.azure_ad_device_id)
        device.tenant = world.tenant
        with world.ago(days=1):
            enrolment.take_over(device, encrypted=True, passcode_set=True)
        world.sign_in(user, EXCHANGE, platform=link.platform, device_id=phone.azure_ad_device_id)
        subject = self.about(user, device)
        subject.facts |= link.facts | {"group": link.group.display_name}
        return subject

    def is_healed(self, injection: Injection) -> bool:
        """Intune alone judges the device, and finds it compliant."""
        device = state.device(injection.tenant, injection.intune_device_id)
        if device is None or device.authority_id is not None or not state.is_compliant(device):
            return False
        enrolled = Enrolment.objects.in_tenant(injection.tenant).filter(
            azure_ad_device_id=device.azure_ad_device_id, retired_at=None
        )
        marked = state.record(injection.tenant, device.azure_ad_device_id)
        return marked is not None and marked.mdm == azure_ad.INTUNE and not enrolled.exists()


class MayNotDelete(LaptopCase):
    key = "delete-not-permitted"
    needs_user = False
    role = Role.HELP_DESK_OPERATOR

    def set_up(self, world: World) -> Subject:
        user = world.laptop_user()
        with world.ago(days=190):
            device = world.laptop(user)
            enrolment.lose(device)
        members = Membership.objects.filter(tenant=world.tenant, operator__is_active=True).select_related("operator")
        held = (member for member in members.order_by("operator__email") if member.held_role == self.role)
        technician = next((member.operator for member in held), None)
        subject = self.about(user, device)
        subject.facts |= {
            "technician": technician.display_name if technician else "A technician of the help desk",
            "technician_email": technician.email if technician else "",
        }
        return subject

    def is_lost(self, injection: Injection) -> bool:
        return False

    def is_healed(self, injection: Injection) -> bool:
        """The device is gone or about to be, and nobody has widened the technician's role for that."""
        device = state.device(injection.tenant, injection.intune_device_id)
        members = Membership.objects.filter(tenant=injection.tenant).select_related("operator")
        technician = members.filter(operator__email=injection.facts["technician_email"]).first()
        widened = technician is not None and (technician.role != self.role or technician.held_role != self.role)
        return not widened and (device is None or device.state == DeviceState.RETIRE_PENDING)


CASES: dict[str, Case] = {
    case.key: case
    for case in (
        NotSynchronized(),
        NoConsent(),
        ConsentLost(),
        NotRegistered(),
        WrongDoor(),
        RegistrationBlocked(),
        AllUsers(),
        NotAMember(),
        NoLicence(),
        RegisteredTwice(),
        SecondPartner(),
        WrongPlatform(),
        NotInScope(),
        NoTermsOfUse(),
        OutrankedByMAM(),
        ScopesOverlap(),
        CompliantByDefault(),
        Expired(),
        StillAllowed(),
        NotRetired(),
        MayNotDelete(),
    )
}
