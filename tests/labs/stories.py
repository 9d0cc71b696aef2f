"""Of each incident: what is seen, what heals it and what only looks like it, through the services that pages call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from access import services as access
from access.models import SignIn
from devices import joining
from devices import policy_services as policies
from devices import services as device_actions
from devices.compliance import settings_of
from devices.models import Compliance, DeviceAction, EnrolmentFailure, ManagedDevice, OperatingSystem
from directory import device_services, user_services
from directory import services as groups
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, Licence
from labs import services
from labs.models import Injection
from labs.world import World
from mobility import gallery
from mobility.models import MobilityApplication
from mobility.queries import covering, overlapping_applications
from partners import catalogue
from partners import services as partners
from partners.models import PartnerConfiguration
from tenancy import clock
from tenancy.models import Tenant
from tests.factories import GroupFactory
from uem import services as uem
from uem.models import Console, Enrolment

Door, Verdict = Enrolment.Door, Enrolment.Verdict


class Scene:
    """A tenant with one incident in it, and the hands of everybody who may touch it."""

    def __init__(self, tenant: Tenant, key: str) -> None:
        self.tenant = tenant
        self.injection = services.inject(tenant=tenant, actor=None, key=key)
        self.facts = SimpleNamespace(**self.injection.facts)

    def pass_by(self, **time: float) -> None:
        clock.advance(self.tenant, timedelta(**time))
        clock.settle(self.tenant)

    def status(self) -> str:
        """What the clock has recognised."""
        return Injection.objects.in_tenant(self.tenant).get(pk=self.injection.pk).status

    @property
    def user(self) -> DirectoryUser:
        user = DirectoryUser.objects.in_tenant(self.tenant).get(pk=self.injection.user_id)
        user.tenant = self.tenant
        return user

    @property
    def phone(self) -> Enrolment:
        """The user's device in the partner's console, the latest one."""
        return Enrolment.objects.in_tenant(self.tenant).filter(user=self.user).latest("enrolled_at")

    @property
    def console(self) -> Console:
        return uem.console_of(self.tenant, catalogue.partners()[self.facts.partner])

    @property
    def configuration(self) -> PartnerConfiguration:
        rows = PartnerConfiguration.objects.in_tenant(self.tenant)
        return rows.get(partner=self.facts.partner, platform=self.facts.platform)

    @property
    def record(self) -> DirectoryDevice:
        """Azure AD's record of the user's device, as the partner knows it."""
        return DirectoryDevice.objects.in_tenant(self.tenant).get(device_id=self.phone.azure_ad_device_id)

    @property
    def device(self) -> ManagedDevice:
        """Intune's record of the device that the incident is about."""
        device = ManagedDevice.objects.in_tenant(self.tenant).get(pk=self.injection.intune_device_id)
        device.tenant = self.tenant
        return device

    @property
    def record_of_device(self) -> DirectoryDevice:
        return DirectoryDevice.objects.in_tenant(self.tenant).get(device_id=self.injection.device_id)

    @property
    def intune(self) -> MobilityApplication:
        return MobilityApplication.objects.in_tenant(self.tenant).get(gallery_key="microsoft_intune")

    def configure(self, **changed) -> None:
        World(self.tenant).set_scope(World(self.tenant).intune(), **changed)

    def change_compliance_settings(self, **changed) -> None:
        now = settings_of(self.tenant)
        names = ("without_policy", "enhanced_jailbreak_detection", "validity_days")
        values = {name: getattr(now, name) for name in names}
        policies.change_settings(tenant=self.tenant, actor=None, **values | changed)

    @property
    def failure(self) -> EnrolmentFailure:
        """What Troubleshoot tells of the user's laptop."""
        return EnrolmentFailure.objects.in_tenant(self.tenant).get(user=self.user)

    def join(self, *, own_device: bool = False) -> str:
        """The user tries it once more; return who manages the laptop then."""
        joining.join(tenant=self.tenant, actor=None, user=self.user, device_name="LAPTOP-NEW", own_device=own_device)
        self.pass_by(hours=1)
        return DirectoryDevice.objects.in_tenant(self.tenant).get(display_name="LAPTOP-NEW").mdm

    def scopes_of_user(self) -> set[str]:
        """Which user scopes of Intune cover the user."""
        return {scope for scope in ("mdm", "mam") if self.intune in covering(self.user, scope)}

    def group(self, name: str) -> Group:
        return Group.objects.in_tenant(self.tenant).get(display_name=name)

    def status_of_partner(self) -> str:
        return self.configuration.get_status_display()

    def sign_in(self, app: str = "exchange_online", record: DirectoryDevice | None = None) -> SignIn:
        platform = getattr(self.facts, "platform", "windows")
        return access.sign_in(user=self.user, app=app, platform=platform, device=record)

    def last_sign_in(self) -> SignIn:
        return SignIn.objects.in_tenant(self.tenant).filter(user=self.user).latest("occurred_at")

    def delete_record(self, record: DirectoryDevice) -> None:
        device_services.delete_devices(tenant=self.tenant, actor=None, ids=[record.pk])

    def connect(self) -> None:
        uem.change_settings(
            console=self.console, actor=None, compliance_enabled=True, directory_id=str(self.tenant.directory_id)
        )
        self.consent()

    def consent(self) -> None:
        for second in range(len(catalogue.partners()[self.facts.partner].consents)):
            uem.consent(console=self.console, actor=None, second=bool(second))

    def sync(self) -> None:
        uem.sync(console=self.console, actor=None)

    def recreate(self) -> None:
        """Delete the configuration and add it again."""
        old = self.configuration
        included, excluded = partners.assigned_groups(old)
        all_users = old.all_users
        partners.delete_configuration(configuration=old, actor=None)
        partners.create_configuration(
            tenant=self.tenant, actor=None, partner=catalogue.partners()[self.facts.partner],
            platform=self.facts.platform, groups=included, excluded_groups=excluded, all_users=all_users,
        )  # fmt: skip

    def register(self, door: str = Door.SELF_SERVICE) -> Enrolment:
        return uem.register(enrolment=self.phone, actor=None, door=door)

    def licence(self, *skus: str) -> None:
        user_services.set_licences(tenant=self.tenant, actor=None, user=self.user, skus=skus)


class Story:
    """What happens to one incident. shows: hours until the effect is there."""

    key: str
    shows: float = 0
    heals_within: float = 10

    def symptom(self, scene: Scene) -> None:
        raise NotImplementedError

    def wrong(self, scene: Scene) -> None:
        raise NotImplementedError

    def right(self, scene: Scene) -> None:
        raise NotImplementedError

    def verification(self, scene: Scene) -> None:
        """The phone is compliant, as most of them say."""
        assert (scene.record.is_compliant, scene.record.mdm) == (True, scene.facts.partner_name)


class NotSynchronized(Story):
    key = "partner-not-synchronized"

    def symptom(self, scene):
        assert scene.record.is_compliant is None
        assert scene.console.synced_at < scene.injection.injected_at
        assert scene.last_sign_in().error_code == 53000

    def wrong(self, scene):
        new = scene.group(scene.facts.group)
        included, _ = partners.assigned_groups(scene.configuration)
        old = [group for group in included if group != new]
        partners.update_assignments(configuration=scene.configuration, actor=None, groups=old)
        partners.update_assignments(configuration=scene.configuration, actor=None, groups=[*old, new])

    def right(self, scene):
        scene.sync()

    def verification(self, scene):
        super().verification(scene)
        assert scene.sign_in(record=scene.record).error_code == 0


class NoConsent(Story):
    key = "partner-pending"

    def symptom(self, scene):
        assert (scene.status_of_partner(), scene.configuration.last_sync_at) == ("Pending activation", None)

    def wrong(self, scene):
        scene.recreate()

    def right(self, scene):
        scene.connect()

    def verification(self, scene):
        assert scene.status_of_partner() == "Active"


class ConsentLost(Story):
    key = "partner-silent"
    shows = 73

    def symptom(self, scene):
        assert scene.status_of_partner() == "Unresponsive"

    def wrong(self, scene):
        scene.recreate()

    def right(self, scene):
        scene.consent()

    def verification(self, scene):
        assert scene.status_of_partner() == "Active"


class NotRegistered(Story):
    key = "enrolled-not-registered"

    def symptom(self, scene):
        assert not DirectoryDevice.objects.in_tenant(scene.tenant).filter(owner=scene.user).exists()
        assert (scene.last_sign_in().error_code, scene.last_sign_in().device_id) == (53000, None)

    def wrong(self, scene):
        uem.set_verdict(enrolment=scene.phone, actor=None, verdict=Verdict.COMPLIANT)

    def right(self, scene):
        scene.register()


class WrongDoor(Story):
    key = "wrong-registration-app"

    def symptom(self, scene):
        stray = DirectoryDevice.objects.in_tenant(scene.tenant).get(owner=scene.user)
        assert (stray.mdm, stray.is_compliant) == ("", None)
        assert scene.phone.registration_error == "AccountNotOnboarded"

    def wrong(self, scene):
        self._delete(scene)
        scene.register(Door.COMPANY_PORTAL)

    def right(self, scene):
        self._delete(scene)
        scene.register()

    def _delete(self, scene):
        scene.delete_record(DirectoryDevice.objects.in_tenant(scene.tenant).get(owner=scene.user))


class RegistrationBlocked(Story):
    key = "registration-app-blocked"

    def symptom(self, scene):
        assert scene.last_sign_in().error_code == 53000
        assert scene.phone.registration_error.startswith("53000")

    def wrong(self, scene):
        self._change(scene, state="off")
        scene.register()

    def right(self, scene):
        self._change(scene, excluded_apps=[scene.last_sign_in().app])
        scene.pass_by(hours=1)
        scene.register()

    def _change(self, scene, **values):
        policy = access.Policy.objects.in_tenant(scene.tenant).get(display_name=scene.facts.policy)
        people = access.People(groups=list(policy.groups.all()))
        access.update_policy(policy=policy, actor=None, people=people, **values)
        scene.pass_by(hours=1)


class AllUsers(Story):
    key = "all-users-assigned"
    shows = 1

    def symptom(self, scene):
        assert scene.configuration.all_users
        assert scene.status_of_partner() == "Pending activation"

    def wrong(self, scene):
        uem.consent(console=scene.console, actor=None)
        partners.update_assignments(
            configuration=scene.configuration,
            actor=None,
            all_users=True,
            excluded_groups=[GroupFactory(tenant=scene.tenant)],
        )

    def right(self, scene):
        partners.update_assignments(
            configuration=scene.configuration, actor=None, groups=[scene.group(scene.facts.group)]
        )

    def verification(self, scene):
        assert scene.status_of_partner() == "Active"


class NotAMember(Story):
    key = "not-in-the-partners-group"

    def symptom(self, scene):
        assert scene.record.is_compliant is None
        members = GroupMembership.objects.in_tenant(scene.tenant).filter(group=scene.group(scene.facts.group))
        assert not members.filter(user=scene.user).exists()
        assert members.exists()

    def wrong(self, scene):
        groups.add_members(tenant=scene.tenant, actor=None, group=GroupFactory(tenant=scene.tenant), users=[scene.user])
        scene.sync()

    def right(self, scene):
        groups.add_members(tenant=scene.tenant, actor=None, group=scene.group(scene.facts.group), users=[scene.user])


class NoLicence(Story):
    key = "no-intune-license"
    heals_within = 25

    def symptom(self, scene):
        assert not scene.user.licences.filter(sku=Licence.Sku.INTUNE).exists()
        assert scene.phone.report_error == "The user has no Intune license."
        assert scene.record.is_compliant is None

    def wrong(self, scene):
        scene.licence(Licence.Sku.AAD_PREMIUM_P1)
        scene.sync()

    def right(self, scene):
        scene.licence(*Licence.Sku.values)


class RegisteredTwice(Story):
    key = "registered-twice"

    def symptom(self, scene):
        records = DirectoryDevice.objects.in_tenant(scene.tenant).filter(owner=scene.user)
        assert {record.is_compliant for record in records} == {True, None}
        assert len({record.display_name for record in records}) == 1
        assert scene.last_sign_in().device_id == scene.injection.device_id != scene.phone.azure_ad_device_id

    def wrong(self, scene):
        scene.delete_record(scene.record)

    def right(self, scene):
        scene.delete_record(DirectoryDevice.objects.in_tenant(scene.tenant).get(device_id=scene.injection.device_id))

    def verification(self, scene):
        super().verification(scene)
        assert scene.sign_in(record=scene.record).error_code == 0


class SecondPartner(Story):
    key = "second-partner-refused"

    def symptom(self, scene):
        assert scene.configuration.partner != scene.facts.wanted

    def wrong(self, scene):
        partners.delete_configuration(configuration=scene.configuration, actor=None)

    def right(self, scene):
        partners.delete_configuration(configuration=scene.configuration, actor=None)
        partners.create_configuration(
            tenant=scene.tenant, actor=None, partner=catalogue.partners()[scene.facts.wanted],
            platform=scene.facts.platform, all_users=True,
        )  # fmt: skip

    def verification(self, scene):
        rows = PartnerConfiguration.objects.in_tenant(scene.tenant)
        assert rows.get(platform=scene.facts.platform).partner == scene.facts.wanted


class WrongPlatform(Story):
    key = "platform-not-configured"

    def symptom(self, scene):
        rows = PartnerConfiguration.objects.in_tenant(scene.tenant)
        assert not rows.filter(platform=scene.facts.platform).exists()
        assert scene.record.is_compliant is None
        assert scene.phone.reported_at is None

    def wrong(self, scene):
        other = next(
            partner
            for partner in catalogue.partners().values()
            if scene.facts.platform in partner.platforms and partner.key != scene.facts.partner
        )
        partners.create_configuration(
            tenant=scene.tenant, actor=None, partner=other, platform=scene.facts.platform,
            groups=[scene.group(scene.facts.group)],
        )  # fmt: skip
        scene.sync()

    def right(self, scene):
        partners.create_configuration(
            tenant=scene.tenant, actor=None, partner=catalogue.partners()[scene.facts.partner],
            platform=scene.facts.platform, groups=[scene.group(scene.facts.group)],
        )  # fmt: skip
        scene.sync()


class StillAllowed(Story):
    key = "policy-not-enforced"

    def symptom(self, scene):
        assert scene.record.is_compliant is False
        assert scene.last_sign_in().error_code == 0
        assert "report_failure" in scene.last_sign_in().policy_results.values_list("result", flat=True)

    def wrong(self, scene):
        self._change(scene, state="on", grant="block", require_compliant_device=False)

    def right(self, scene):
        self._change(scene, state="on")

    def verification(self, scene):
        assert scene.sign_in(record=scene.record).error_code == 53000

    _change = RegistrationBlocked._change


class NotInScope(Story):
    key = "laptops-not-enrolled"

    def symptom(self, scene):
        assert scene.intune.mdm_user_scope == "selected"
        assert "mdm" not in scene.scopes_of_user()
        assert (scene.failure.event_id, scene.failure.code) == (76, "0x8018002b")

    def wrong(self, scene):
        scene.configure(mam={"user_scope": "all"})

    def right(self, scene):
        scene.configure(
            mdm={"user_scope": "selected", "groups": [GroupFactory(tenant=scene.tenant, members=[scene.user])]}
        )

    def verification(self, scene):
        assert scene.join() == "Microsoft Intune"


class NoTermsOfUse(Story):
    key = "terms-of-use-missing"

    def symptom(self, scene):
        assert scene.intune.mdm_terms_of_use_url == ""
        assert scene.failure.reason == "terms_of_use"
        assert "mdm" in scene.scopes_of_user()

    def wrong(self, scene):
        scene.configure(mdm={"user_scope": "all", "groups": [], "terms_of_use_url": "https://kestrel.example/terms"})

    def right(self, scene):
        default = gallery.applications()["microsoft_intune"].defaults["mdm_terms_of_use_url"]
        scene.configure(mdm={"terms_of_use_url": default})

    def verification(self, scene):
        assert scene.join() == "Microsoft Intune"


class OutrankedByMAM(Story):
    key = "mam-outranks-mdm"

    def symptom(self, scene):
        assert scene.scopes_of_user() == {"mdm", "mam"}
        assert DirectoryDevice.objects.in_tenant(scene.tenant).get(owner=scene.user).mdm == ""

    def wrong(self, scene):
        scene.configure(mdm={"user_scope": "all", "groups": []})

    def right(self, scene):
        scene.configure(mam={"user_scope": "none"})

    def verification(self, scene):
        assert scene.join(own_device=True) == "Microsoft Intune"


class ScopesOverlap(Story):
    key = "overlapping-mdm-scopes"

    def symptom(self, scene):
        assert [str(other) for other in overlapping_applications(scene.intune, "mdm")] == [scene.facts.application]
        assert scene.failure.reason == "scopes_overlap"

    def wrong(self, scene):
        scene.configure(mdm={"user_scope": "all", "groups": []})

    def right(self, scene):
        scene.configure(mdm={"user_scope": "none", "groups": []})

    def verification(self, scene):
        assert scene.join() == scene.facts.application


class CompliantByDefault(Story):
    key = "compliant-without-policy"
    shows = 8

    def symptom(self, scene):
        assert (scene.device.get_compliance_display(), scene.device.encrypted) == ("Compliant", False)

    def wrong(self, scene):
        self._set(scene)

    def right(self, scene):
        policies.create_policy(
            tenant=scene.tenant, actor=None, os=OperatingSystem.WINDOWS, display_name="Windows 10 - BitLocker",
            all_users=True, require_encryption=True,
        )  # fmt: skip
        self._set(scene)

    def _set(self, scene):
        scene.change_compliance_settings(without_policy=Compliance.NOT_COMPLIANT)

    def verification(self, scene):
        assert scene.device.get_compliance_display() == "Not compliant"


class Expired(Story):
    key = "compliance-expired"
    shows = 9

    def symptom(self, scene):
        assert scene.device.get_compliance_display() == "Not compliant"
        assert scene.record_of_device.is_compliant is False

    def wrong(self, scene):
        scene.change_compliance_settings(validity_days=120)

    def right(self, scene):
        result = device_actions.request_actions(
            tenant=scene.tenant, actor=None, devices=[scene.device], kind=DeviceAction.Kind.SYNC
        )
        assert not result.refused

    def verification(self, scene):
        assert scene.device.get_compliance_display() == "Compliant"
        assert scene.record_of_device.is_compliant is True


class NotRetired(Story):
    key = "migrated-not-retired"
    heals_within = 18

    def symptom(self, scene):
        assert scene.record_of_device.mdm == scene.facts.partner_name
        assert scene.record_of_device.is_compliant is False

    def wrong(self, scene):
        uem.delete(enrolment=scene.phone, actor=None)

    def right(self, scene):
        uem.retire(enrolment=scene.phone, actor=None)
        scene.pass_by(hours=1)
        assert scene.record_of_device.mdm == ""
        groups.remove_members(tenant=scene.tenant, actor=None, group=scene.group(scene.facts.group), users=[scene.user])

    def verification(self, scene):
        assert (scene.record_of_device.mdm, scene.record_of_device.is_compliant) == ("Microsoft Intune", True)


class MayNotDelete(Story):
    key = "delete-not-permitted"

    def symptom(self, scene):
        assert scene.device.last_checkin_at < scene.tenant.now() - timedelta(days=180)

    def wrong(self, scene):
        device_actions.request_actions(
            tenant=scene.tenant, actor=None, devices=[scene.device], kind=DeviceAction.Kind.SYNC
        )

    def right(self, scene):
        device_actions.request_actions(
            tenant=scene.tenant, actor=None, devices=[scene.device], kind=DeviceAction.Kind.DELETE
        )

    def verification(self, scene):
        assert not ManagedDevice.objects.in_tenant(scene.tenant).filter(pk=scene.injection.intune_device_id).exists()


STORIES: dict[str, Callable[[], Story]] = {
    story.key: story
    for story in (
        NotSynchronized, NoConsent, ConsentLost, NotRegistered, WrongDoor, RegistrationBlocked, AllUsers, NotAMember,
        NoLicence, RegisteredTwice, SecondPartner, WrongPlatform, NotInScope, NoTermsOfUse, OutrankedByMAM,
        ScopesOverlap, CompliantByDefault, Expired, StillAllowed, NotRetired, MayNotDelete,
    )
}  # fmt: skip
