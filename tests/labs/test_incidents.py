"""Each incident in directories of every kind: its symptom comes, the right fix heals it, a wrong one does not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from access import services as access
from access.models import Policy, SignIn
from devices import policy_services as policies
from devices.compliance import settings_of
from devices.models import Compliance, OperatingSystem
from directory import device_services
from directory import services as groups
from labs import catalogue, services
from labs.incidents import CASES
from labs.world import World
from mobility import gallery
from mobility.models import MobilityApplication
from partners import catalogue as partner_catalogue
from partners import connections
from tenancy import clock
from tenancy.models import Tenant
from tests.factories import DirectoryUserFactory, LicenceFactory, TenantFactory
from tests.labs.stories import STORIES, Door, Scene
from uem import services as uem

KEYS = sorted(CASES)


@pytest.fixture(params=["instant", "real"])
def place(request, db) -> Tenant:
    """An empty directory, with and without delays, following the document and not."""
    mode = {"instant": Tenant.DocumentMode.AS_WRITTEN, "real": Tenant.DocumentMode.AS_IT_WORKS}[request.param]
    return TenantFactory(
        slug="kestrel", default_domain="kestrel.example", propagation=request.param, document_mode=mode
    )


def test_every_incident_has_a_case_and_a_story():
    assert set(catalogue.incidents()) == set(CASES) == set(STORIES)


@pytest.mark.parametrize("key", KEYS)
def test_symptom_comes_by_the_clock_and_the_right_fix_heals(place, key):
    story, scene = STORIES[key](), Scene(place, key)
    scene.pass_by(hours=story.shows)
    story.symptom(scene)
    assert scene.status() == "open"

    story.right(scene)
    scene.pass_by(hours=story.heals_within)

    story.verification(scene)
    assert scene.status() == "healed"


@pytest.mark.parametrize("key", KEYS)
def test_wrong_fix_does_not_heal(place, key):
    story, scene = STORIES[key](), Scene(place, key)
    scene.pass_by(hours=story.shows)

    story.wrong(scene)
    scene.pass_by(days=2)

    assert scene.status() == "open"


# What the ticket says is what the directory says


@pytest.mark.parametrize("key", ["no-intune-license", "registration-app-blocked", "policy-not-enforced"])
def test_log_has_nothing_that_the_policy_of_the_incident_left_alone(tenant, key):
    """People have signed in every day, before there was any incident."""
    for number in range(4):
        user = DirectoryUserFactory(tenant=tenant, usage_location="DE")
        if number:
            LicenceFactory(tenant=tenant, user=user)
        for days in range(1, 30):
            with clock.at(tenant, tenant.now() - timedelta(days=days)):
                access.sign_in(user=user, app="exchange_online", platform="ios")
                access.sign_in(user=user, app="salesforce", platform="ios")

    trouble = Scene(tenant, key)

    policy = Policy.objects.in_tenant(tenant).get()
    log = SignIn.objects.in_tenant(tenant).filter(user=trouble.user)
    since = log.filter(occurred_at__gte=policy.created_at)
    met = since if policy.all_apps else since.filter(app__in=policy.included_apps)
    assert log.filter(occurred_at__lt=policy.created_at).exists()
    assert met.exists()
    assert not met.exclude(policy_results__policy=policy).exists()
    assert policy.all_apps or since.filter(app="salesforce").exists()


@pytest.mark.parametrize("key", ["enrolled-not-registered", "compliance-expired"])
def test_policy_that_asks_less_than_the_incident_needs_does_not_stand_in_for_its_own(tenant, key):
    """Such a policy is for mail on iPhones alone; the incident is about Teams, or a laptop."""
    access.create_policy(
        tenant=tenant, actor=None, people=access.People(), all_users=True, display_name="Mail on iPhones",
        all_apps=False, included_apps=["exchange_online"], platforms="selected", included_platforms=["ios"],
        require_compliant_device=True, state="on",
    )  # fmt: skip

    trouble = Scene(tenant, key)

    assert trouble.sign_in("teams").error_code == 53000


@pytest.mark.parametrize("validity", [1, 30, 120])
def test_laptop_lay_in_the_drawer_for_many_weeks_whatever_the_validity_period(tenant, validity):
    settings = settings_of(tenant)
    policies.change_settings(
        tenant=tenant,
        actor=None,
        without_policy=settings.without_policy,
        enhanced_jailbreak_detection=settings.enhanced_jailbreak_detection,
        validity_days=validity,
    )

    trouble = Scene(tenant, "compliance-expired")
    trouble.pass_by(hours=9)

    assert trouble.device.get_compliance_display() == "Not compliant"
    assert trouble.tenant.now() - trouble.device.last_checkin_at > timedelta(days=max(42, validity))


# What must not pass for a fix, and what must


@pytest.fixture
def scene(tenant):
    """One incident in a directory in which changes take their time."""
    tenant.propagation = Tenant.Propagation.REAL
    tenant.save()
    return partial(Scene, tenant)


def another_phone(scene: Scene) -> None:
    """The user enrols a second device with the partner, and registers it as it should be."""
    uem.enrol(
        console=scene.console, actor=None, user=scene.user, platform=scene.facts.platform, device_name="Another one"
    )
    scene.register()
    scene.pass_by(hours=2)
    assert scene.record.is_compliant


def change_policy(scene: Scene, **values) -> None:
    policy = Policy.objects.in_tenant(scene.tenant).get(display_name=scene.facts.policy)
    access.update_policy(policy=policy, actor=None, people=access.People(groups=list(policy.groups.all())), **values)
    scene.pass_by(hours=1)


def test_another_phone_does_not_heal_what_ails_the_first(scene):
    trouble = scene("enrolled-not-registered")
    first = trouble.phone

    another_phone(trouble)
    assert trouble.status() == "open"

    uem.register(enrolment=first, actor=None, door=Door.SELF_SERVICE)
    trouble.pass_by(hours=2)
    assert trouble.status() == "healed"


def test_phone_that_is_retired_and_set_up_anew_is_healed(scene):
    trouble = scene("enrolled-not-registered")

    uem.retire(enrolment=trouble.phone, actor=None)
    another_phone(trouble)

    assert trouble.status() == "healed"


def test_partner_elsewhere_that_provisions_over_the_api_is_as_good_as_the_console_here(scene):
    trouble = scene("partner-pending")

    connections.provision(tenant=trouble.tenant, partner=partner_catalogue.partners()[trouble.facts.partner])
    trouble.pass_by(hours=1)

    assert (trouble.status_of_partner(), trouble.status()) == ("Active", "healed")


@pytest.mark.parametrize(
    "values",
    [{"all_apps": False, "included_apps": ["exchange_online"]}, {"excluded_platforms": ["ios"], "platforms": "any"}],
    ids=["one app alone", "another platform alone"],
)
def test_policy_that_asks_less_of_everybody_does_not_heal_a_registration_that_it_blocks(scene, values):
    trouble = scene("registration-app-blocked")

    change_policy(trouble, **values)
    trouble.register()
    trouble.pass_by(hours=2)

    assert trouble.record.is_compliant
    assert trouble.status() == "open"


def test_registration_that_the_policy_let_pass_for_a_moment_does_not_heal(scene):
    """The next device of the user's would be kept out again."""
    trouble = scene("registration-app-blocked")
    policy = Policy.objects.in_tenant(trouble.tenant).get(display_name=trouble.facts.policy)
    everybody = list(policy.groups.all())

    access.update_policy(
        policy=policy, actor=None, people=access.People(groups=everybody, excluded_users=[trouble.user])
    )
    trouble.register()
    access.update_policy(policy=policy, actor=None, people=access.People(groups=everybody))
    trouble.pass_by(hours=2)

    assert trouble.record.is_compliant
    assert trouble.status() == "open"


def test_disabled_record_of_a_device_that_is_registered_twice_does_not_heal(scene):
    trouble = scene("registered-twice")
    old = trouble.record_of_device

    device_services.set_enabled(tenant=trouble.tenant, actor=None, ids=[old.pk], enabled=False)
    trouble.pass_by(hours=2)

    assert trouble.status() == "open"


def test_phone_whose_user_leaves_the_partners_group_is_not_healed_while_the_partner_has_it(scene):
    trouble = scene("migrated-not-retired")

    groups.remove_members(
        tenant=trouble.tenant, actor=None, group=trouble.group(trouble.facts.group), users=[trouble.user]
    )
    trouble.pass_by(days=2)

    assert trouble.record_of_device.mdm == "Microsoft Intune"
    assert trouble.status() == "open"


def test_policy_alone_does_not_heal_while_what_no_policy_is_for_passes(scene):
    trouble = scene("compliant-without-policy")

    policies.create_policy(
        tenant=trouble.tenant, actor=None, os=OperatingSystem.WINDOWS, display_name="Windows 10 - BitLocker",
        all_users=True, require_encryption=True,
    )  # fmt: skip
    trouble.pass_by(hours=10)

    assert trouble.device.compliance == Compliance.NOT_COMPLIANT
    assert trouble.status() == "open"


def test_policy_that_the_laptop_meets_does_not_answer_the_auditor(scene):
    """The laptop is still not compliant for want of a policy, until it has checked in."""
    trouble = scene("compliant-without-policy")
    trouble.change_compliance_settings(without_policy=Compliance.NOT_COMPLIANT)
    trouble.pass_by(hours=9)
    assert trouble.device.compliance == Compliance.NOT_COMPLIANT

    policies.create_policy(
        tenant=trouble.tenant, actor=None, os=OperatingSystem.WINDOWS, display_name="Windows 10 - Version",
        all_users=True, minimum_os_version="10.0",
    )  # fmt: skip

    (found,) = services.injections(trouble.tenant)
    assert found.status == "open"


def test_scopes_that_no_longer_overlap_are_healed_only_where_the_laptop_enrolls(scene):
    trouble = scene("overlapping-mdm-scopes")
    trouble.configure(mdm={"terms_of_use_url": ""})
    other = MobilityApplication.objects.in_tenant(trouble.tenant).get(display_name=trouble.facts.application)
    other.tenant = trouble.tenant

    World(trouble.tenant).set_scope(other, mdm={"user_scope": "none", "groups": []})
    trouble.pass_by(hours=1)
    assert trouble.status() == "open"

    trouble.configure(
        mdm={"terms_of_use_url": gallery.applications()["microsoft_intune"].defaults["mdm_terms_of_use_url"]}
    )
    trouble.pass_by(hours=1)
    assert trouble.status() == "healed"


def test_laptop_of_somebody_outside_the_scope_is_found_where_the_scope_is_a_group_already(tenant):
    inside = DirectoryUserFactory(tenant=tenant, usage_location="DE")
    LicenceFactory(tenant=tenant, user=inside)
    world = World(tenant)
    group = world.group("Everybody", [inside])
    world.set_scope(world.intune(), mdm={"user_scope": "selected", "groups": [group]})

    trouble = Scene(tenant, "laptops-not-enrolled")

    assert trouble.user != inside
    assert trouble.status() == "open"


def test_narrower_scope_leaves_those_in_it_whose_own_incident_is_open(tenant):
    world = World(tenant)
    world.set_scope(world.intune(), mdm={"user_scope": "all", "groups": []})
    first, story = Scene(tenant, "terms-of-use-missing"), STORIES["terms-of-use-missing"]()

    second = Scene(tenant, "laptops-not-enrolled")
    story.right(first)
    first.pass_by(hours=1)

    assert (first.status(), second.status()) == ("healed", "open")
