"""Policies as an administrator writes them, and sign-ins as users try them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from access import services
from access.models import Policy, PolicyGroup, SignIn
from access.services import People
from directory.models import DirectoryDevice
from tenancy.models import JournalEntry
from tenancy.roles import MissingPermission, Role
from tests.factories import (
    AccessPolicyFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    GroupFactory,
    MembershipFactory,
    PolicyGroupFactory,
    TenantFactory,
)

VALUES: dict[str, Any] = {
    "display_name": "Phones must be compliant",
    "state": Policy.State.ON,
    "all_users": True,
    "all_apps": True,
    "require_compliant_device": True,
}


def create(tenant, actor=None, people=None, **values) -> Policy:
    return services.create_policy(tenant=tenant, actor=actor, people=people or People(), **(VALUES | values))


def phone(tenant, owner=None, **values) -> DirectoryDevice:
    values = {"is_compliant": True, "is_managed": True, "registered_at": tenant.now()} | values
    return DirectoryDeviceFactory(tenant=tenant, owner=owner, **values)


@pytest.fixture
def user(tenant):
    return DirectoryUserFactory(tenant=tenant)


# Policies


def test_new_policy_stands_in_the_journal_in_plain_words(tenant, operator, user):
    group = GroupFactory(tenant=tenant, display_name="Break glass")

    policy = create(tenant, operator, People(excluded_groups=[group], excluded_users=[user]))

    entry = JournalEntry.objects.in_tenant(tenant).get(activity=services.POLICY_ADDED)
    assert entry.target_id == policy.pk
    assert entry.new_values["Include"] == "All users"
    assert entry.new_values["Exclude"] == [user.upn, "Break glass"]
    assert entry.new_values["Controls"] == ["Require device to be marked as compliant"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"display_name": "  "}, "display_name"),
        ({"display_name": "x" * 257}, "display_name"),
        ({"all_users": False}, "all_users"),
        ({"all_apps": False}, "all_apps"),
        ({"all_apps": False, "included_apps": ["no such app"]}, "included_apps"),
        ({"platforms": "selected"}, "platforms"),
        ({"platforms": "selected", "included_platforms": ["symbian"]}, "platforms"),
        ({"require_compliant_device": False}, "grant"),
    ],
    ids=str,
)
def test_policy_that_says_too_little_is_refused_at_its_field(tenant, values, field):
    with pytest.raises(ValidationError) as refusal:
        create(tenant, **values)

    assert field in refusal.value.message_dict
    assert not Policy.objects.in_tenant(tenant).exists()


def test_group_of_another_tenant_is_refused(tenant):
    with pytest.raises(ValidationError, match="no longer exists"):
        create(tenant, people=People(excluded_groups=[GroupFactory(tenant=TenantFactory())]))


def test_change_replaces_people_and_names_what_changed_alone(tenant, operator, user):
    policy = create(tenant, operator, People(excluded_users=[user]))
    group = GroupFactory(tenant=tenant, display_name="Pilots")

    services.update_policy(
        policy=policy, actor=operator, people=People(groups=[group]), **(VALUES | {"all_users": False})
    )

    entry = JournalEntry.objects.in_tenant(tenant).get(activity=services.POLICY_UPDATED)
    assert entry.old_values == {"Include": "All users", "Exclude": [user.upn]}
    assert entry.new_values == {"Include": ["Pilots"], "Exclude": []}
    assert PolicyGroup.objects.in_tenant(tenant).get().group == group


def test_deleted_policy_cannot_be_changed_and_is_deleted_once(tenant, operator):
    policy = create(tenant)

    services.delete_policy(policy=policy, actor=operator)
    services.delete_policy(policy=policy, actor=operator)

    assert JournalEntry.objects.in_tenant(tenant).filter(activity=services.POLICY_DELETED).count() == 1
    with pytest.raises(ValidationError, match="deleted meanwhile"):
        services.update_policy(policy=policy, actor=operator, people=People(), **VALUES)


def test_help_desk_may_not_write_policies(tenant):
    helper = MembershipFactory(tenant=tenant, role=Role.HELP_DESK_OPERATOR).operator

    with pytest.raises(MissingPermission, match="Conditional access: Modify"):
        create(tenant, helper)


# Sign-ins


def test_compliant_phone_is_let_in_and_the_log_shows_what_was_presented(tenant, user):
    AccessPolicyFactory(tenant=tenant, display_name="Phones")
    device = phone(tenant, user, display_name="Ana's iPhone")

    tried = services.sign_in(user=user, app="exchange_online", platform="ios", device=device)

    assert (tried.get_status_display(), tried.error_code) == ("Success", 0)
    assert (tried.device_id, tried.device_name, tried.device_compliant) == (device.device_id, "Ana's iPhone", True)
    [result] = tried.policy_results.all()
    assert (result.policy_name, result.get_result_display()) == ("Phones", "Success")


@pytest.mark.parametrize("values", [{"is_compliant": False}, {"is_compliant": None}, {"enabled": False}], ids=str)
def test_phone_that_is_not_compliant_is_kept_out_with_53000(tenant, user, values):
    AccessPolicyFactory(tenant=tenant)

    tried = services.sign_in(user=user, app="teams", device=phone(tenant, user, **values))

    assert (tried.get_status_display(), tried.error_code) == ("Failure", 53000)
    [result] = tried.policy_results.all()
    assert result.unmet == ["compliant_device"]


def test_without_a_device_a_compliant_phone_at_home_does_not_help(tenant, user):
    AccessPolicyFactory(tenant=tenant)
    phone(tenant, user)

    assert services.sign_in(user=user, app="teams").error_code == 53000


def test_second_factor_alone_interrupts(tenant, user):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_mfa=True)

    tried = services.sign_in(user=user, app="teams")

    assert (tried.get_status_display(), tried.error_code) == ("Interrupted", 50074)
    assert services.sign_in(user=user, app="teams", mfa=True).status == SignIn.Status.SUCCESS


def test_blocked_account_is_kept_out_before_any_policy_is_asked(tenant, user):
    AccessPolicyFactory(tenant=tenant)
    user.account_enabled = False

    tried = services.sign_in(user=user, app="teams", device=phone(tenant, user))

    assert (tried.error_code, tried.policy_results.count()) == (50057, 0)


def test_member_of_an_excluded_group_is_let_in(tenant, user):
    policy = AccessPolicyFactory(tenant=tenant)
    group = GroupFactory(tenant=tenant, members=[user])
    PolicyGroupFactory(tenant=tenant, policy=policy, group=group, intent="exclude")

    tried = services.sign_in(user=user, app="teams")

    assert tried.status == SignIn.Status.SUCCESS
    [result] = tried.policy_results.all()
    assert (result.get_result_display(), result.condition) == ("Not applied", "users")


def test_approved_app_is_one_that_is_on_the_list_and_not_a_browser(tenant, user):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_approved_app=True)
    native = {"client_app": "Mobile Apps and Desktop clients", "platform": "ios"}

    assert services.sign_in(user=user, app="teams", **native).status == SignIn.Status.SUCCESS
    assert services.sign_in(user=user, app="teams", platform="ios").error_code == 53002
    assert services.sign_in(user=user, app="salesforce", **native).error_code == 53002


@pytest.mark.parametrize(
    ("platform", "code"), [("android", 0), ("ios", 0), ("macos", 53002), ("windows", 53002), ("", 53002)]
)
def test_apps_are_approved_on_phones_alone(tenant, user, platform, code):
    AccessPolicyFactory(tenant=tenant, require_compliant_device=False, require_approved_app=True)

    tried = services.sign_in(user=user, app="teams", platform=platform, client_app="Mobile Apps and Desktop clients")

    assert tried.error_code == code


@pytest.mark.parametrize(
    ("values", "field"), [({"app": "no such app"}, "app"), ({"platform": "symbian"}, "platform")], ids=str
)
def test_sign_in_that_cannot_be_tried_is_refused(user, values, field):
    with pytest.raises(ValidationError) as refusal:
        services.sign_in(**({"user": user, "app": "teams"} | values))

    assert field in refusal.value.message_dict


def test_device_of_another_tenant_is_refused(tenant, user):
    with pytest.raises(ValidationError, match="device of this directory"):
        services.sign_in(user=user, app="teams", device=phone(TenantFactory()))


def test_what_a_deleted_policy_made_of_a_sign_in_stays_in_the_log(tenant, user):
    policy = AccessPolicyFactory(tenant=tenant, display_name="Phones")
    tried = services.sign_in(user=user, app="teams")

    services.delete_policy(policy=policy, actor=None)

    [result] = tried.policy_results.all()
    assert (result.policy_name, result.policy) == ("Phones", None)


def test_simulated_sign_in_stands_in_the_journal_and_one_that_happens_does_not(tenant, operator, user):
    services.sign_in(user=user, app="teams")
    made = services.sign_in(user=user, app="teams", actor=operator)

    entry = JournalEntry.objects.in_tenant(tenant).get(activity=services.SIGNED_IN)
    assert (entry.actor, entry.target_id, entry.category) == (operator, made.pk, "Training")
    assert entry.target_name == f"{user.upn} to Microsoft Teams"
    assert entry.new_values == {"Application": "Microsoft Teams", "Status": "Success"}


def test_user_who_is_gone_cannot_sign_in(tenant, user):
    type(user).objects.in_tenant(tenant).all().delete()

    with pytest.raises(ValidationError, match="deleted meanwhile"):
        services.sign_in(user=user, app="teams")


@pytest.mark.parametrize("policies", [1, 12])
def test_the_number_of_statements_does_not_grow_with_policies(tenant, user, django_assert_max_num_queries, policies):
    for _ in range(policies):
        PolicyGroupFactory(tenant=tenant)

    with django_assert_max_num_queries(12):
        services.sign_in(user=user, app="teams")


# Registering


def test_policy_on_all_apps_keeps_a_phone_from_being_registered_unless_the_app_is_excluded(tenant):
    from tests.uem.test_services import Shop

    shop = Shop(tenant)
    policy = AccessPolicyFactory(tenant=tenant)

    kept_out = shop.phone()
    assert kept_out.registration_error.startswith("53000")
    assert not DirectoryDevice.objects.in_tenant(tenant).exists()

    policy.excluded_apps = ["workspace_one_intelligent_hub"]
    policy.save()
    assert shop.phone(name="Second").registration_error == ""
