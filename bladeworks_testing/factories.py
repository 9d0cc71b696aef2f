"""Factories, one for each model: each builds the smallest valid object; a test sets whatever it asserts on."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from bladeworks_testing import missing

try:
    import factory
    from factory.django import DjangoModelFactory
except ModuleNotFoundError as error:
    raise missing("factory-boy") from error

from access.models import Intent, Policy, PolicyGroup, PolicyUser, SignIn, SignInPolicy
from blades.models import Draft, Notification
from devices.models import (
    Agent,
    AzureADWrite,
    Compliance,
    CompliancePolicy,
    CompliancePolicyAssignment,
    ComplianceSettings,
    DeviceAction,
    EnrolmentFailure,
    ManagedDevice,
    OperatingSystem,
    Ownership,
    PartnerVerdict,
    RefusedItem,
    Upload,
)
from directory.models import DirectoryDevice, DirectoryUser, Group, GroupMembership, GroupOwnership, Licence
from labs import catalogue as labs
from labs.models import Injection
from mobility.models import MobilityApplication, MobilityScopeGroup
from partners.models import PartnerAssignment, PartnerConfiguration, PartnerConnection, PartnerToken, Platform
from tenancy.models import DueEvent, JournalEntry, Membership, Operator, Tenant
from tenancy.roles import Role
from uem.models import Console, Enrolment, KnownGroup

CLOCK_START = datetime(2020, 7, 20, 8, tzinfo=UTC)


class TenantFactory(DjangoModelFactory[Tenant]):
    """A tenant in which changes take effect at once; pass propagation="real" for delays."""

    class Meta:
        model = Tenant

    slug = factory.Sequence(lambda n: f"tenant-{n}")
    display_name = factory.Sequence(lambda n: f"Tenant {n}")
    default_domain = factory.LazyAttribute(lambda tenant: f"{tenant.slug}.example")
    clock_start = CLOCK_START
    created_at = factory.LazyAttribute(lambda _: timezone.now())  # a default would ignore the time that a test sets
    propagation = Tenant.Propagation.INSTANT


class OperatorFactory(DjangoModelFactory[Operator]):
    class Meta:
        model = Operator
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"operator-{n}@kestrel.example")
    display_name = factory.Sequence(lambda n: f"Operator {n}")
    password = factory.django.Password("correct horse battery")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    operator = factory.SubFactory(OperatorFactory)
    tenant = factory.SubFactory(TenantFactory)
    role = Role.INTUNE_ADMINISTRATOR


class InTenant(DjangoModelFactory):
    """Base of the factories of domain rows: related rows are made in the same tenant."""

    class Meta:
        abstract = True

    tenant = factory.SubFactory(TenantFactory)


class JournalEntryFactory(InTenant):
    class Meta:
        model = JournalEntry

    occurred_at = CLOCK_START
    actor_name = "System"
    source = JournalEntry.Source.SEED
    category = "Training"
    activity = "Seed"
    target_type = "tenant"
    target_name = "Tenant"


class DueEventFactory(InTenant):
    class Meta:
        model = DueEvent

    kind = "tests.nothing"
    due_at = CLOCK_START


class DirectoryUserFactory(InTenant):
    class Meta:
        model = DirectoryUser

    display_name = factory.Sequence(lambda n: f"User {n:04}")
    upn = factory.Sequence(lambda n: f"user.{n:04}@kestrel.example")
    created_at = CLOCK_START


class GroupFactory(InTenant):
    """A group; `members` takes users of the same tenant."""

    class Meta:
        model = Group
        skip_postgeneration_save = True

    display_name = factory.Sequence(lambda n: f"Group {n:04}")
    created_at = CLOCK_START

    @factory.post_generation
    def members(self, create: bool, extracted: list[DirectoryUser] | None, **kwargs: object) -> None:
        for user in extracted or ():
            GroupMembershipFactory(tenant=self.tenant, group=self, user=user)


class GroupMembershipFactory(InTenant):
    class Meta:
        model = GroupMembership

    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))
    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))


class GroupOwnershipFactory(InTenant):
    class Meta:
        model = GroupOwnership

    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))
    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))


class LicenceFactory(InTenant):
    class Meta:
        model = Licence

    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))
    sku = Licence.Sku.INTUNE


class DirectoryDeviceFactory(InTenant):
    class Meta:
        model = DirectoryDevice

    device_id = factory.LazyFunction(uuid.uuid4)
    display_name = factory.Sequence(lambda n: f"DEVICE-{n:04}")
    os = "iOS"
    join_type = DirectoryDevice.JoinType.REGISTERED


class MobilityApplicationFactory(InTenant):
    class Meta:
        model = MobilityApplication

    gallery_key = "on_premises"
    display_name = factory.Sequence(lambda n: f"On-premises MDM {n}")
    added_at = CLOCK_START


class MobilityScopeGroupFactory(InTenant):
    class Meta:
        model = MobilityScopeGroup

    application = factory.SubFactory(MobilityApplicationFactory, tenant=factory.SelfAttribute("..tenant"))
    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))
    scope = MobilityScopeGroup.Scope.MDM


class ConfigurationFactory(InTenant):
    """A partner on a platform; `groups` and `excluded` take groups of the same tenant."""

    class Meta:
        model = PartnerConfiguration
        skip_postgeneration_save = True

    partner = "workspace_one"
    platform = Platform.IOS
    created_at = CLOCK_START
    created_by = "System"

    @factory.post_generation
    def groups(self, create: bool, extracted: list[Group] | None, **kwargs: object) -> None:
        for group in extracted or ():
            PartnerAssignmentFactory(tenant=self.tenant, configuration=self, group=group)

    @factory.post_generation
    def excluded(self, create: bool, extracted: list[Group] | None, **kwargs: object) -> None:
        for group in extracted or ():
            PartnerAssignmentFactory(
                tenant=self.tenant, configuration=self, group=group, intent=PartnerAssignment.Intent.EXCLUDE
            )


class PartnerAssignmentFactory(InTenant):
    class Meta:
        model = PartnerAssignment

    configuration = factory.SubFactory(ConfigurationFactory, tenant=factory.SelfAttribute("..tenant"))
    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))


class ManagedDeviceFactory(InTenant):
    """A device in Intune, with its search text and counts; `primary_user` takes a user of the same tenant."""

    class Meta:
        model = ManagedDevice

    device_name = factory.Sequence(lambda n: f"KL-DEV-{n:04}")
    os = OperatingSystem.IOS
    os_version = "13.5.1"
    ownership = Ownership.CORPORATE
    compliance = Compliance.COMPLIANT
    agent = Agent.MDM
    enrolled_at = CLOCK_START
    last_checkin_at = CLOCK_START

    @classmethod
    def _create(cls, model_class: type[ManagedDevice], *args: Any, **values: Any) -> ManagedDevice:
        from devices import services

        device = model_class(**values)
        services.register_devices(device.tenant, [device])
        device._state.adding = False  # the service copies rows in bulk and leaves the instance as it was
        return device


class DeviceActionFactory(InTenant):
    """A remote action that waits for the device's next check-in."""

    class Meta:
        model = DeviceAction

    kind = DeviceAction.Kind.SYNC
    device = factory.SubFactory(ManagedDeviceFactory, tenant=factory.SelfAttribute("..tenant"))
    intune_device_id = factory.SelfAttribute("device.pk")
    device_name = factory.SelfAttribute("device.device_name")
    requested_at = CLOCK_START
    requested_by_name = "System"


class CompliancePolicyFactory(InTenant):
    class Meta:
        model = CompliancePolicy

    display_name = factory.Sequence(lambda n: f"Compliance policy {n}")
    os = OperatingSystem.IOS
    created_at = CLOCK_START
    changed_at = CLOCK_START


class CompliancePolicyAssignmentFactory(InTenant):
    class Meta:
        model = CompliancePolicyAssignment

    policy = factory.SubFactory(CompliancePolicyFactory, tenant=factory.SelfAttribute("..tenant"), all_users=False)
    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))


class ComplianceSettingsFactory(InTenant):
    class Meta:
        model = ComplianceSettings


class PartnerConnectionFactory(InTenant):
    """A connection that the partner has provisioned, with a heartbeat at the tenant's start."""

    class Meta:
        model = PartnerConnection

    partner = "workspace_one"
    state = PartnerConnection.State.PROVISIONED
    provisioned_at = CLOCK_START
    last_heartbeat_at = CLOCK_START


class PartnerTokenFactory(InTenant):
    """A token of which nobody knows the text: services make those that work."""

    class Meta:
        model = PartnerToken

    partner = "workspace_one"
    name = factory.Sequence(lambda n: f"Token {n}")
    digest = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    hint = "abcd"
    created_at = CLOCK_START
    created_by_name = "System"


class UploadFactory(InTenant):
    class Meta:
        model = Upload

    partner = "workspace_one"
    key = factory.LazyFunction(lambda: uuid.uuid4().hex)
    kind = Upload.Kind.COMPLIANCE
    digest = "0" * 64
    received_at = CLOCK_START


class RefusedItemFactory(InTenant):
    class Meta:
        model = RefusedItem

    upload = factory.SubFactory(UploadFactory, tenant=factory.SelfAttribute("..tenant"))
    position = 0
    reason = RefusedItem.Reason.UNKNOWN_DEVICE


class PartnerVerdictFactory(InTenant):
    class Meta:
        model = PartnerVerdict

    device_id = factory.LazyFunction(uuid.uuid4)
    partner = "workspace_one"
    compliant = True
    reported_at = CLOCK_START
    received_at = CLOCK_START


class AzureADWriteFactory(InTenant):
    class Meta:
        model = AzureADWrite

    device_id = factory.LazyFunction(uuid.uuid4)
    due_at = CLOCK_START
    is_compliant = True
    is_managed = True
    mdm = "Microsoft Intune"


class EnrolmentFailureFactory(InTenant):
    """A Windows device whose user no MDM user scope covers."""

    class Meta:
        model = EnrolmentFailure

    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))
    user_upn = factory.SelfAttribute("user.upn")
    device_name = factory.Sequence(lambda n: f"LAPTOP-{n:04}")
    occurred_at = CLOCK_START
    event_id = 76
    code = "0x8018002b"
    reason = EnrolmentFailure.Reason.NOT_IN_SCOPE


class ConsoleFactory(InTenant):
    """A partner's console that nobody has set up."""

    class Meta:
        model = Console

    partner = "workspace_one"


class KnownGroupFactory(InTenant):
    class Meta:
        model = KnownGroup

    console = factory.SubFactory(ConsoleFactory, tenant=factory.SelfAttribute("..tenant"))
    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))
    platform = Platform.IOS


class EnrolmentFactory(InTenant):
    """A phone in the partner's console, not registered with Azure AD."""

    class Meta:
        model = Enrolment

    console = factory.SubFactory(ConsoleFactory, tenant=factory.SelfAttribute("..tenant"))
    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))
    device_name = factory.Sequence(lambda n: f"Phone {n}")
    platform = Platform.IOS
    enrolled_at = CLOCK_START
    last_seen_at = CLOCK_START
    verdict_at = CLOCK_START


class AccessPolicyFactory(InTenant):
    """A policy for all users and all cloud apps that requires a compliant device; it is on."""

    class Meta:
        model = Policy

    display_name = factory.Sequence(lambda n: f"Access policy {n}")
    state = Policy.State.ON
    all_users = True
    all_apps = True
    require_compliant_device = True
    created_at = CLOCK_START
    changed_at = CLOCK_START


class PolicyUserFactory(InTenant):
    class Meta:
        model = PolicyUser

    policy = factory.SubFactory(AccessPolicyFactory, tenant=factory.SelfAttribute("..tenant"))
    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))
    intent = Intent.INCLUDE


class PolicyGroupFactory(InTenant):
    class Meta:
        model = PolicyGroup

    policy = factory.SubFactory(AccessPolicyFactory, tenant=factory.SelfAttribute("..tenant"))
    group = factory.SubFactory(GroupFactory, tenant=factory.SelfAttribute("..tenant"))
    intent = Intent.INCLUDE


class SignInFactory(InTenant):
    class Meta:
        model = SignIn

    occurred_at = CLOCK_START
    user = factory.SubFactory(DirectoryUserFactory, tenant=factory.SelfAttribute("..tenant"))
    user_name = factory.SelfAttribute("user.display_name")
    user_upn = factory.SelfAttribute("user.upn")
    app = "exchange_online"
    status = SignIn.Status.SUCCESS
    ip_address = "203.0.113.7"


class SignInPolicyFactory(InTenant):
    class Meta:
        model = SignInPolicy

    sign_in = factory.SubFactory(SignInFactory, tenant=factory.SelfAttribute("..tenant"))
    policy = factory.SubFactory(AccessPolicyFactory, tenant=factory.SelfAttribute("..tenant"))
    policy_name = factory.SelfAttribute("policy.display_name")
    result = SignInPolicy.Result.SUCCESS


class InjectionFactory(InTenant):
    """An open incident that says nothing of the tenant's rows: services inject those that have a cause."""

    class Meta:
        model = Injection

    incident = factory.Iterator(labs.incidents())
    injected_at = CLOCK_START
    injected_by_name = "System"


class NotificationFactory(DjangoModelFactory[Notification]):
    class Meta:
        model = Notification

    tenant = factory.SubFactory(TenantFactory)
    operator = factory.SubFactory(OperatorFactory)
    title = "Settings saved"
    text = "Successfully saved the settings."


class DraftFactory(DjangoModelFactory[Draft]):
    class Meta:
        model = Draft

    tenant = factory.SubFactory(TenantFactory)
    operator = factory.SubFactory(OperatorFactory)
    wizard = "partners.add"
