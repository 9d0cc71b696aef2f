"""Injecting: what is refused, who is chosen, what a clone and a reset make of it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import get_resolver

from console.demo import tenant as demo
from directory import user_services
from labs import catalogue, services
from labs.incidents import CASES
from labs.models import Injection
from partners.models import PartnerConfiguration
from tenancy import clock, cloning
from tenancy.models import JournalEntry, Tenant
from tenancy.roles import MissingPermission, Role
from tests.factories import ConfigurationFactory, MembershipFactory, TenantFactory
from tests.labs.stories import STORIES, Scene

TOGETHER = (1, 2, 4, 5, 6, 8, 9, 10, 13, 14, 15, 18, 19, 20, 21)


def keys(*numbers: int) -> list[str]:
    return [catalogue.key_of(str(number)) for number in numbers]


def rows(tenant: Tenant) -> dict[str, int]:
    return {model.__name__: model.objects.in_tenant(tenant).count() for model in cloning.scoped_models()}


def inject(tenant, key):
    return services.inject(tenant=tenant, actor=None, key=key)


# What is refused


def test_unknown_incident_is_refused(tenant):
    with pytest.raises(ValidationError, match="There is no incident 'coffee'"):
        inject(tenant, "coffee")


def test_incident_that_is_open_is_refused(tenant):
    inject(tenant, "partner-pending")

    with pytest.raises(ValidationError, match="open already"):
        inject(tenant, "partner-pending")


def test_incident_that_was_healed_can_be_injected_anew(tenant):
    story, scene = STORIES["partner-pending"](), Scene(tenant, "partner-pending")
    story.right(scene)
    scene.pass_by(hours=1)

    again = inject(tenant, "partner-pending")

    assert (scene.status(), again.status) == ("healed", "open")


def test_incident_that_needs_a_free_platform_is_refused_without_a_trace(tenant):
    for platform in ("android", "ios", "macos"):
        ConfigurationFactory(tenant=tenant, platform=platform)
    before = rows(tenant)

    for key in keys(1, 2, 7, 12):
        with pytest.raises(ValidationError, match=r"(P|p)latform"):
            inject(tenant, key)

    assert rows(tenant) == before


def test_incident_whose_set_up_fails_half_way_leaves_nothing(tenant, monkeypatch):
    monkeypatch.setattr(CASES["not-in-the-partners-group"], "is_healed", lambda injection: True)
    before = rows(tenant)

    with pytest.raises(ValidationError, match="heals this incident from the start"):
        inject(tenant, "not-in-the-partners-group")

    assert rows(tenant) == before


def test_incident_that_would_heal_another_is_refused(tenant, monkeypatch):
    inject(tenant, "laptops-not-enrolled")
    case = CASES["laptops-not-enrolled"]
    before = rows(tenant)
    asked = []
    monkeypatch.setattr(case, "is_healed", lambda injection: asked.append(injection) or len(asked) > 1)

    with pytest.raises(ValidationError, match="This would heal Incident 13"):
        inject(tenant, "partner-pending")

    assert rows(tenant) == before


def test_whoever_may_not_change_training_settings_may_not_inject(tenant):
    technician = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator

    with pytest.raises(MissingPermission):
        services.inject(tenant=tenant, actor=technician, key="partner-pending")


# Where it works


def test_several_incidents_are_open_at_once_and_each_is_healed_by_its_own_fix(tenant):
    scenes = {key: Scene(tenant, key) for key in keys(*TOGETHER)}
    assert {scene.status() for scene in scenes.values()} == {"open"}
    users = [scene.injection.user_id for scene in scenes.values() if scene.injection.user_id]
    assert len(users) == len(set(users))

    scene = scenes["not-in-the-partners-group"]
    STORIES["not-in-the-partners-group"]().right(scene)
    scene.pass_by(hours=3)

    assert {key for key, scene in scenes.items() if scene.status() != "open"} == {"not-in-the-partners-group"}


def test_every_incident_can_be_put_into_the_demo_and_is_healed_there(db, demo_password):
    made = demo.make(devices=60)

    for key in catalogue.incidents():
        with transaction.atomic():
            story, scene = STORIES[key](), Scene(Tenant.objects.get(pk=made.pk), key)
            assert scene.injection.ticket
            assert "{" not in scene.injection.ticket
            scene.pass_by(hours=story.shows)
            assert scene.status() == "open"
            story.right(scene)
            scene.pass_by(hours=story.heals_within)
            assert scene.status() == "healed", key
            transaction.set_rollback(True)


def test_same_person_has_the_trouble_in_every_copy_of_a_directory(tenant):
    template = TenantFactory(kind=Tenant.Kind.TEMPLATE)
    for number in range(5):
        user_services.create_user(
            tenant=template, actor=None, display_name=f"User {number}", usage_location="DE",
            upn=f"user.{number}@{template.default_domain}",
        )  # fmt: skip
    copies = [cloning.clone_tenant(template, slug=slug) for slug in ("one", "two")]

    names = {inject(copy, "no-intune-license").user.upn for copy in copies}

    assert names == {f"user.0@{template.default_domain}"}


# Clone, reset, other tenants


def test_clone_takes_its_open_incidents_along_and_heals_them_alone(tenant):
    story, scene = STORIES["registered-twice"](), Scene(tenant, "registered-twice")
    clone = cloning.clone_tenant(tenant, slug="clone")
    story.right(scene)
    scene.pass_by(hours=2)

    clock.advance(clone, timedelta(hours=2))
    clock.settle(clone)

    copy = Injection.objects.in_tenant(clone).get()
    assert (scene.status(), copy.status) == ("healed", "open")
    assert copy.user.tenant_id == clone.pk
    assert copy.device_id != scene.injection.device_id


def test_reset_removes_injections(tenant):
    template = TenantFactory(kind=Tenant.Kind.TEMPLATE)
    inject(tenant, "partner-pending")

    cloning.reset_tenant(tenant, template)

    assert services.injections(tenant) == []


def test_incidents_of_another_tenant_are_not_listed(tenant):
    inject(TenantFactory(), "partner-pending")

    assert services.injections(tenant) == []


# Lost


def test_incident_whose_user_is_deleted_is_lost_and_can_be_injected_anew(tenant):
    scene = Scene(tenant, "no-intune-license")
    user_services.delete_users(tenant=tenant, actor=None, users=[scene.user])

    scene.pass_by(hours=1)

    assert scene.status() == "lost"
    assert inject(tenant, "no-intune-license").status == "open"


# What stands in the journal


def test_injecting_and_healing_stand_in_the_journal_without_the_cause(tenant, operator):
    injection = services.inject(tenant=tenant, actor=operator, key="partner-silent")

    entry = JournalEntry.objects.in_tenant(tenant).get(target_id=injection.pk)

    assert (entry.activity, entry.target_name, entry.actor) == ("Inject incident", "Incident 3", operator)
    assert entry.new_values == {}


def test_asking_is_enough_to_recognise_what_was_healed(tenant):
    scene = Scene(tenant, "partner-pending")
    STORIES["partner-pending"]().right(scene)

    (injection,) = services.injections(tenant)

    assert (injection.status, injection.ended_at is not None) == ("healed", True)


# The command


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("inject", *arguments, stdout=out)
    return out.getvalue()


def test_command_lists_the_incidents(db):
    words = said("--list")

    assert len(words.splitlines()) == 21
    assert " 9  no-intune-license " in words


def test_command_prints_the_ticket_and_where_to_look(tenant):
    words = said("kestrel", "9")

    assert "Incident 9 is in 'kestrel'. The ticket:" in words
    assert "Outlook still does not let me in" in " ".join(words.split())
    assert "- Troubleshooting + support > Troubleshoot" in words


def test_command_tells_what_is_healed(tenant):
    assert said("kestrel", "--status") == "No incident was ever put into 'kestrel'.\n"
    scene = Scene(tenant, "partner-pending")
    assert "partner-pending             open" in said("kestrel", "--status")

    STORIES["partner-pending"]().right(scene)

    assert "partner-pending             healed since 2020-07-20" in said("kestrel", "--status")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name a tenant and an incident"),
        (("kestrel",), "Name an incident"),
        (("nowhere", "9"), "There is no tenant 'nowhere'"),
        (("kestrel", "22"), "There is no incident '22'"),
    ],
)
def test_command_refuses_in_a_sentence(tenant, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)

    assert not PartnerConfiguration.objects.in_tenant(tenant).exists()


# The data


def test_every_symptom_is_on_a_screen_that_there_is():
    names = set()

    def collect(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                collect(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            elif pattern.name:
                names.add(prefix + pattern.name)

    collect(get_resolver())
    views = {symptom.view for incident in catalogue.incidents().values() for symptom in incident.symptoms}

    assert views <= names


@pytest.mark.parametrize("incident", catalogue.incidents().values(), ids=lambda incident: incident.key)
def test_every_incident_is_told_whole(incident):
    assert all((incident.title, incident.ticket, incident.cause, incident.shows, incident.verification))
    assert incident.symptoms
    assert incident.fix
    assert incident.wrong
    assert incident.sources
