from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from directory import services as directory
from directory.models import Group
from mobility import gallery, queries, services
from mobility.models import MobilityApplication, MobilityScopeGroup, UserScope, validate_https_url
from mobility.services import ScopeSettings
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import GroupFactory, MembershipFactory, MobilityApplicationFactory, TenantFactory


def entries(tenant):
    return JournalEntry.objects.in_tenant(tenant).filter(category=services.CATEGORY)


def urls(application, scope="mdm"):
    """The block's URLs as they are, to change one and keep the others."""
    return {
        name.removeprefix(f"{scope}_"): getattr(application, name)
        for name in services.entry_of(application).default_urls(scope)
    }


def chosen(application, scope="mdm"):
    application.refresh_from_db()
    return [group.display_name for group in queries.scope_groups(application)[scope]]


# Adding


def test_an_added_application_has_its_default_urls_and_covers_nobody(tenant, operator):
    application = services.add_application(tenant=tenant, actor=operator, gallery_key="airwatch_by_vmware")

    application.refresh_from_db()
    assert application.display_name == "AirWatch by VMware"
    assert application.mdm_user_scope == UserScope.NONE
    assert application.mam_user_scope == UserScope.NONE
    assert application.mdm_discovery_url == "https://ds.vmware.example/EnrollmentServer/Discovery.svc"
    assert application.mam_discovery_url == ""


def test_adding_is_journalled_by_label_without_ids(tenant, operator):
    application = services.add_application(tenant=tenant, actor=operator, gallery_key="airwatch_by_vmware")

    entry = entries(tenant).get()
    assert (entry.activity, entry.actor_name) == ("Add application", operator.email)
    assert (entry.target_id, entry.target_name) == (application.pk, "AirWatch by VMware")
    assert entry.new_values == {
        "Name": "AirWatch by VMware",
        "Application": "AirWatch by VMware",
        "Publisher": "VMware",
    }
    assert entry.old_values == {}


def test_an_application_is_added_once(tenant, operator, airwatch):
    with pytest.raises(ValidationError, match="'AirWatch by VMware' has already been added"):
        services.add_application(tenant=tenant, actor=operator, gallery_key="airwatch_by_vmware")

    assert queries.applications(tenant).count() == 1
    assert entries(tenant).count() == 1


def test_an_application_of_another_tenant_does_not_count_as_added(tenant, operator):
    services.add_application(tenant=TenantFactory(), actor=None, gallery_key="airwatch_by_vmware")

    services.add_application(tenant=tenant, actor=operator, gallery_key="airwatch_by_vmware")

    assert queries.has_application(tenant, "airwatch_by_vmware")


def test_on_premises_applications_are_added_under_names_of_their_own(tenant, operator):
    for name in ("", "Jamf Pro", " Warehouse scanners "):
        services.add_application(tenant=tenant, actor=operator, gallery_key=gallery.ON_PREMISES, display_name=name)

    names = [application.display_name for application in queries.applications(tenant)]
    assert names == ["Jamf Pro", "On-premises MDM application", "Warehouse scanners"]


@pytest.mark.parametrize("name", ["jamf PRO", "AirWatch by VMware"])
def test_a_taken_name_is_refused_whatever_its_case(tenant, operator, airwatch, name):
    services.add_application(tenant=tenant, actor=operator, gallery_key=gallery.ON_PREMISES, display_name="Jamf Pro")

    with pytest.raises(ValidationError, match=f"An application named '{name}' has already been added") as refused:
        services.add_application(tenant=tenant, actor=operator, gallery_key=gallery.ON_PREMISES, display_name=name)

    assert list(refused.value.error_dict) == ["display_name"]


def test_a_name_taken_in_another_tenant_stays_free(tenant, operator):
    MobilityApplicationFactory(tenant=TenantFactory(), display_name="Jamf Pro")

    application = services.add_application(
        tenant=tenant, actor=operator, gallery_key=gallery.ON_PREMISES, display_name="Jamf Pro"
    )

    assert application.tenant == tenant


def test_the_loser_of_a_race_for_a_name_reads_the_same_sentence(tenant, operator, airwatch, monkeypatch):
    monkeypatch.setattr(queries, "has_application", lambda *args: False)
    monkeypatch.setattr(queries, "applications", lambda _: MobilityApplication.objects.in_tenant(TenantFactory()))

    with pytest.raises(ValidationError, match="An application named 'AirWatch by VMware' has already been added"):
        services.add_application(tenant=tenant, actor=operator, gallery_key="airwatch_by_vmware")

    assert entries(tenant).count() == 1


def test_only_an_on_premises_application_is_renamed(tenant, operator):
    application = services.add_application(
        tenant=tenant, actor=operator, gallery_key="mobileiron", display_name="Something else"
    )

    assert application.display_name == "MobileIron"


@pytest.mark.parametrize("name", ["x" * 121, "ß" * 100])
def test_a_name_that_does_not_fit_is_refused(tenant, operator, name):
    with pytest.raises(ValidationError, match="Enter a name of at most 120 characters"):
        services.add_application(tenant=tenant, actor=operator, gallery_key=gallery.ON_PREMISES, display_name=name)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [("", "Select an application from the gallery."), ("nothing", "Select an application from the gallery."),
     ("microsoft_intune", "'Microsoft Intune' is part of every directory and cannot be added.")],
)  # fmt: skip
def test_what_the_gallery_does_not_offer_is_refused(tenant, operator, key, sentence):
    with pytest.raises(ValidationError) as refused:
        services.add_application(tenant=tenant, actor=operator, gallery_key=key)

    assert refused.value.messages == [sentence]


# What every directory has


def test_a_new_directory_has_microsoft_intune_with_the_documented_urls(tenant):
    (intune,) = services.add_default_applications(tenant=tenant)

    assert intune.display_name == "Microsoft Intune"
    assert intune.mdm_user_scope == intune.mam_user_scope == UserScope.NONE
    assert intune.mdm_terms_of_use_url == "https://portal.manage.microsoft.com/TermsofUse.aspx"
    assert intune.mdm_discovery_url == "https://enrollment.manage.microsoft.com/enrollmentserver/discovery.svc"
    assert intune.mdm_compliance_url == "https://portal.manage.microsoft.com/?portalAction=Compliance"
    assert intune.mam_terms_of_use_url == ""
    assert intune.mam_discovery_url == "https://wip.mam.manage.microsoft.com/Enroll"
    assert intune.mam_compliance_url == ""


def test_default_applications_are_added_once(tenant, intune):
    assert services.add_default_applications(tenant=tenant) == []
    assert queries.applications(tenant).count() == 1


# Configuring


def test_some_with_groups_is_saved(tenant, operator, airwatch):
    groups = [GroupFactory(tenant=tenant, display_name="Pilot"), GroupFactory(tenant=tenant, display_name="Drivers")]

    services.configure_application(
        application=airwatch,
        actor=operator,
        mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=groups, **urls(airwatch)),
    )

    assert chosen(airwatch) == ["Drivers", "Pilot"]
    assert airwatch.mdm_user_scope == UserScope.SELECTED


def test_configuring_is_journalled_with_only_what_changed(tenant, operator, airwatch):
    group = GroupFactory(tenant=tenant, display_name="Pilot")
    settings = {**urls(airwatch), "terms_of_use_url": "https://mdm.example/terms"}

    services.configure_application(
        application=airwatch,
        actor=operator,
        mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[group], **settings),
    )

    entry = entries(tenant).get(activity="Update application")
    assert entry.old_values == {
        "MDM user scope": "None",
        "MDM user scope groups": [],
        "MDM terms of use URL": "https://ds.vmware.example/TermsOfUse",
    }
    assert entry.new_values == {
        "MDM user scope": "Some",
        "MDM user scope groups": ["Pilot"],
        "MDM terms of use URL": "https://mdm.example/terms",
    }


def test_saving_what_is_already_so_leaves_no_entry(tenant, operator, airwatch):
    services.configure_application(application=airwatch, actor=operator, mdm=ScopeSettings(**urls(airwatch)))

    assert not entries(tenant).filter(activity="Update application").exists()


def test_some_without_a_group_is_refused(tenant, operator, airwatch):
    with pytest.raises(ValidationError) as refused:
        services.configure_application(
            application=airwatch,
            actor=operator,
            mdm=ScopeSettings(user_scope=UserScope.SELECTED, **urls(airwatch)),
        )

    assert refused.value.message_dict == {"mdm_groups": ["Select at least one group."]}
    airwatch.refresh_from_db()
    assert airwatch.mdm_user_scope == UserScope.NONE


def test_mam_some_without_a_group_is_refused_and_nothing_is_half_written(tenant, operator, intune):
    group = GroupFactory(tenant=tenant)

    with pytest.raises(ValidationError) as refused:
        services.configure_application(
            application=intune,
            actor=operator,
            mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[group], **urls(intune)),
            mam=ScopeSettings(user_scope=UserScope.SELECTED, **urls(intune, "mam")),
        )

    assert refused.value.message_dict == {"mam_groups": ["Select at least one group."]}
    assert chosen(intune) == []
    assert intune.mdm_user_scope == UserScope.NONE
    assert not entries(tenant).filter(activity="Update application").exists()


def test_mdm_and_mam_keep_groups_of_their_own(tenant, operator, intune):
    pilot, drivers = (GroupFactory(tenant=tenant, display_name=name) for name in ("Pilot", "Drivers"))

    services.configure_application(
        application=intune,
        actor=operator,
        mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[pilot, drivers], **urls(intune)),
        mam=ScopeSettings(user_scope=UserScope.SELECTED, groups=[pilot], **urls(intune, "mam")),
    )

    assert chosen(intune, "mdm") == ["Drivers", "Pilot"]
    assert chosen(intune, "mam") == ["Pilot"]


@pytest.mark.parametrize("scope", [UserScope.ALL, UserScope.NONE])
def test_leaving_some_discards_the_chosen_groups(tenant, operator, airwatch, scope):
    group = GroupFactory(tenant=tenant)
    services.configure_application(
        application=airwatch,
        actor=operator,
        mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[group], **urls(airwatch)),
    )

    services.configure_application(
        application=airwatch, actor=operator, mdm=ScopeSettings(user_scope=scope, groups=[group], **urls(airwatch))
    )

    assert chosen(airwatch) == []
    assert not MobilityScopeGroup.objects.in_tenant(tenant).exists()


def test_groups_are_exchanged(tenant, operator, airwatch):
    pilot, drivers = (GroupFactory(tenant=tenant, display_name=name) for name in ("Pilot", "Drivers"))
    for groups in ([pilot], [drivers, drivers]):
        services.configure_application(
            application=airwatch,
            actor=operator,
            mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=groups, **urls(airwatch)),
        )

    assert chosen(airwatch) == ["Drivers"]
    entry = entries(tenant).first()
    assert entry.old_values == {"MDM user scope groups": ["Pilot"]}
    assert entry.new_values == {"MDM user scope groups": ["Drivers"]}


def test_a_group_of_another_tenant_is_refused(tenant, operator, airwatch):
    with pytest.raises(ValidationError, match="A selected group no longer exists"):
        services.configure_application(
            application=airwatch,
            actor=operator,
            mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[GroupFactory()], **urls(airwatch)),
        )


def test_a_group_that_was_deleted_meanwhile_is_refused(tenant, operator, airwatch):
    gone, kept = GroupFactory(tenant=tenant), GroupFactory(tenant=tenant)
    directory.delete_group(tenant=tenant, actor=None, group=Group.unscoped.get(pk=gone.pk))

    with pytest.raises(ValidationError, match="A selected group no longer exists"):
        services.configure_application(
            application=airwatch,
            actor=operator,
            mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[gone, kept], **urls(airwatch)),
        )


def test_a_group_in_a_scope_cannot_be_deleted(tenant, operator, airwatch):
    group = GroupFactory(tenant=tenant)
    services.configure_application(
        application=airwatch,
        actor=operator,
        mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[group], **urls(airwatch)),
    )

    with pytest.raises(ValidationError, match="still used by: MDM user scope of AirWatch by VMware"):
        directory.delete_group(tenant=tenant, actor=None, group=group)


@pytest.mark.parametrize(
    "url", ["http://mdm.example/terms", "mdm.example", "/terms", "ftp://mdm.example", "javascript:alert(1)"]
)
def test_a_url_that_is_not_absolute_https_is_refused(operator, airwatch, url):
    with pytest.raises(ValidationError) as refused:
        services.configure_application(
            application=airwatch,
            actor=operator,
            mdm=ScopeSettings(**{**urls(airwatch), "discovery_url": url}),
        )

    assert refused.value.message_dict == {"mdm_discovery_url": ["Enter a URL that starts with https://."]}


@pytest.mark.parametrize(
    "url",
    ["https://", "https://x.example/a b", "https://user:secret@x.example/", "https://[", "https://x.example:port/"],
)
def test_a_url_that_is_none_is_refused_with_an_example(url):
    with pytest.raises(ValidationError, match="Enter a valid URL, for example"):
        validate_https_url(url)


@pytest.mark.parametrize("url", ["https://mdm.example/terms", "HTTPS://MDM.example:8443/terms?x=1#y"])
def test_an_absolute_https_url_is_taken(url):
    validate_https_url(url)


def test_every_refusal_is_said_at_once(operator, intune):
    with pytest.raises(ValidationError) as refused:
        services.configure_application(
            application=intune,
            actor=operator,
            mdm=ScopeSettings(user_scope=UserScope.SELECTED, terms_of_use_url="x"),
            mam=ScopeSettings(user_scope="some", compliance_url="y"),
        )

    assert set(refused.value.message_dict) == {
        "mdm_groups",
        "mdm_terms_of_use_url",
        "mam_user_scope",
        "mam_compliance_url",
    }


def test_blank_urls_are_saved_because_the_real_portal_lets_them(operator, airwatch):
    services.configure_application(application=airwatch, actor=operator, mdm=ScopeSettings())

    airwatch.refresh_from_db()
    assert airwatch.mdm_discovery_url == ""


def test_fields_that_the_application_does_not_have_are_left_alone(operator, airwatch):
    services.configure_application(
        application=airwatch,
        actor=operator,
        mdm=ScopeSettings(**urls(airwatch), compliance_url="https://mdm.example/compliance"),
        mam=ScopeSettings(user_scope=UserScope.ALL, discovery_url="https://mam.example/"),
    )

    airwatch.refresh_from_db()
    assert airwatch.mdm_compliance_url == airwatch.mam_discovery_url == ""
    assert airwatch.mam_user_scope == UserScope.NONE


def test_the_last_save_wins(operator, airwatch):
    first = MobilityApplication.unscoped.get(pk=airwatch.pk)
    second = MobilityApplication.unscoped.get(pk=airwatch.pk)
    services.configure_application(
        application=first, actor=operator, mdm=ScopeSettings(user_scope=UserScope.ALL, **urls(airwatch))
    )

    services.configure_application(
        application=second, actor=operator, mdm=ScopeSettings(user_scope=UserScope.NONE, **urls(airwatch))
    )

    airwatch.refresh_from_db()
    assert airwatch.mdm_user_scope == UserScope.NONE


def test_configuring_what_was_deleted_meanwhile_is_refused(operator, airwatch):
    services.delete_application(application=MobilityApplication.unscoped.get(pk=airwatch.pk), actor=operator)

    with pytest.raises(ValidationError, match="'AirWatch by VMware' was deleted meanwhile"):
        services.configure_application(application=airwatch, actor=operator, mdm=ScopeSettings())


# Deleting


def test_a_deleted_application_is_gone_with_its_groups_and_stays_readable_in_the_journal(tenant, operator, airwatch):
    group = GroupFactory(tenant=tenant, display_name="Pilot")
    services.configure_application(
        application=airwatch,
        actor=operator,
        mdm=ScopeSettings(user_scope=UserScope.SELECTED, groups=[group], **urls(airwatch)),
    )
    application_id = airwatch.pk

    services.delete_application(application=airwatch, actor=operator)

    assert not queries.has_application(tenant, "airwatch_by_vmware")
    assert not MobilityScopeGroup.objects.in_tenant(tenant).exists()
    entry = entries(tenant).get(activity="Delete application")
    assert (entry.target_id, entry.target_name) == (application_id, "AirWatch by VMware")
    assert entry.old_values["MDM user scope"] == "Some"
    assert entry.old_values["MDM user scope groups"] == ["Pilot"]
    assert entry.new_values == {}


def test_microsoft_intune_cannot_be_deleted(tenant, operator, intune):
    with pytest.raises(ValidationError, match="'Microsoft Intune' is part of every directory and cannot be deleted"):
        services.delete_application(application=intune, actor=operator)

    assert queries.has_application(tenant, gallery.MICROSOFT_INTUNE)


def test_deleting_twice_leaves_one_entry(tenant, operator, airwatch):
    for _ in range(2):
        services.delete_application(application=MobilityApplication(pk=airwatch.pk, tenant=tenant), actor=operator)

    assert entries(tenant).filter(activity="Delete application").count() == 1


def test_a_deleted_application_can_be_added_again(tenant, operator, airwatch):
    services.delete_application(application=airwatch, actor=operator)

    services.add_application(tenant=tenant, actor=operator, gallery_key="airwatch_by_vmware")

    assert queries.has_application(tenant, "airwatch_by_vmware")


def test_an_application_that_left_the_gallery_can_still_be_configured_and_deleted(tenant, operator):
    application = MobilityApplicationFactory(tenant=tenant, gallery_key="gone", display_name="Old MDM")

    services.configure_application(
        application=application, actor=operator, mdm=ScopeSettings(discovery_url="https://mdm.example/")
    )
    services.delete_application(application=application, actor=operator)

    assert not queries.applications(tenant).exists()


# Roles


@pytest.mark.parametrize("role", [Role.GLOBAL_READER, Role.HELP_DESK_OPERATOR, Role.SECURITY_ADMINISTRATOR])
def test_a_role_without_the_permission_changes_nothing(tenant, airwatch, role):
    actor = MembershipFactory(tenant=tenant, role=role).operator

    for write in (
        lambda: services.add_application(tenant=tenant, actor=actor, gallery_key="mobileiron"),
        lambda: services.add_default_applications(tenant=tenant, actor=actor),
        lambda: services.configure_application(application=airwatch, actor=actor, mdm=ScopeSettings()),
        lambda: services.delete_application(application=airwatch, actor=actor),
    ):
        with pytest.raises(MissingPermission, match=r"Mobility \(MDM and MAM\): Modify"):
            write()

    assert queries.applications(tenant).get().mdm_discovery_url
    assert entries(tenant).count() == 1


def test_an_administrator_of_another_tenant_changes_nothing(airwatch):
    actor = MembershipFactory(role=Role.GLOBAL_ADMINISTRATOR).operator

    with pytest.raises(MissingPermission):
        services.delete_application(application=airwatch, actor=actor)
