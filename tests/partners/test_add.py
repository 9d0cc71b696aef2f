from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from blades.models import Draft
from directory.models import Group
from partners.models import PartnerAssignment, PartnerConfiguration
from tenancy.models import JournalEntry
from tenancy.roles import Role
from tests.factories import ConfigurationFactory, DirectoryUserFactory, GroupFactory, MembershipFactory, TenantFactory

CONFLICT = (
    "A compliance partner already exists for platform 'iOS/iPadOS'. "
    "Select a different platform, or edit the existing partner."
)


@pytest.fixture
def draft(portal, tenant) -> Draft:
    portal.post(reverse("partners:add", args=[tenant.slug]))
    return Draft.objects.get()


@pytest.fixture
def at(tenant, draft):
    """The address of a step of `draft`."""
    return lambda step: reverse(f"partners:add-{step}", args=[tenant.slug, draft.pk])


@pytest.fixture
def answered(portal, at, tenant):
    """Workspace ONE on iOS for the group Front desk: the draft stands before Review + create."""
    group = GroupFactory(tenant=tenant, display_name="Front desk")
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})
    portal.post(at("assignments"), {"groups": [str(group.pk)]})
    return group


def test_wizard_starts_in_an_address_of_its_own(portal, tenant):
    first = portal.post(reverse("partners:add", args=[tenant.slug]))
    second = portal.post(reverse("partners:add", args=[tenant.slug]))

    assert first.status_code == second.status_code == 302
    assert first.url != second.url


def test_basics_offers_every_partner_of_the_catalogue(portal, at):
    response = portal.get(at("basics"))

    assert response.status_code == 200
    for label in (
        "VMware Workspace ONE mobile compliance",
        "Jamf Device Compliance",
        "MobileIron Device Compliance Cloud",
    ):
        assert label in response.content.decode()


def test_basics_offers_only_platforms_that_the_partner_supports(portal, at):
    response = portal.get(at("basics"), {"partner": "jamf_pro"})

    platforms = [value for value, _ in response.context["form"].fields["platform"].widget.choices]
    assert platforms == ["", "ios", "macos"]


def test_basics_without_answers_is_refused_in_words(portal, at, draft):
    response = portal.post(at("basics"), {})

    assert response.status_code == 422
    assert "Correct the fields before you go to the next step." in response.content.decode()
    assert "Select a compliance partner." in response.content.decode()
    assert "Select a platform." in response.content.decode()
    draft.refresh_from_db()
    assert draft.answers == {}


def test_taken_platform_is_refused_in_the_portals_words(portal, at, tenant):
    ConfigurationFactory(tenant=tenant, partner="mobileiron_cloud", platform="ios")

    response = portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    assert response.status_code == 422
    assert CONFLICT in response.context["form"].errors["platform"]


def test_platform_taken_in_another_tenant_stays_free(portal, at):
    ConfigurationFactory(tenant=TenantFactory(), platform="ios")

    response = portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    assert response.status_code == 302


def test_platform_that_the_partner_does_not_support_is_refused(portal, at):
    response = portal.post(at("basics"), {"partner": "jamf_pro", "platform": "android"})

    assert response.status_code == 422
    assert "does not report for platform" in str(response.context["form"].errors["platform"])


def test_assignments_before_basics_lead_to_basics(portal, at):
    response = portal.get(at("assignments"))

    assert response.url == at("basics")


def test_review_leads_to_the_first_step_without_an_answer(portal, at):
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.get(at("review"))

    assert response.url == at("assignments")


def test_assignments_without_group_are_refused(portal, at):
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {})

    assert response.status_code == 422
    assert "Select at least one group, or add all users." in response.content.decode()


def test_group_of_another_tenant_is_refused(portal, at):
    foreign = GroupFactory(tenant=TenantFactory(), display_name="Their secret group")
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {"groups": [str(foreign.pk)]})

    assert response.status_code == 422
    assert "Their secret group" not in response.content.decode()


@pytest.mark.parametrize("value", ["", "nonsense", "0" * 5000])
def test_id_that_is_no_group_is_refused(portal, at, value):
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {"groups": [value]})

    assert response.status_code == 422


def test_group_that_is_included_and_excluded_is_refused(portal, at, tenant):
    group = GroupFactory(tenant=tenant)
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {"groups": [str(group.pk)], "excluded_groups": [str(group.pk)]})

    assert response.status_code == 422
    assert "cannot be both included and excluded" in response.content.decode()


def test_picker_opens_without_script_and_lists_groups_with_their_members(portal, at, tenant):
    GroupFactory(tenant=tenant, display_name="Front desk", members=[DirectoryUserFactory(tenant=tenant)])
    GroupFactory(tenant=TenantFactory(), display_name="Elsewhere")
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    page = portal.post(at("assignments"), {"pane": "groups"}).content.decode()

    assert "Front desk" in page
    assert "Assigned · 1 member" in page
    assert "Elsewhere" not in page


def test_search_in_the_picker_keeps_the_ticks(portal, at, tenant):
    desk = GroupFactory(tenant=tenant, display_name="Front desk")
    GroupFactory(tenant=tenant, display_name="Warehouse leads")
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {"pane": "groups", "groups": [str(desk.pk)], "groups_q": "warehouse"})

    picker = response.context["included"]
    assert [group.display_name for group in picker.selected] == ["Front desk"]
    assert [row["name"] for row in picker.context()["choices"]] == ["Warehouse leads"]


def test_select_keeps_the_choice_and_cancel_drops_it(portal, at, tenant):
    desk, leads = (GroupFactory(tenant=tenant, display_name=name) for name in ("Front desk", "Warehouse leads"))
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})
    ticked = {"groups": [str(desk.pk), str(leads.pk)], "groups_was": str(desk.pk)}

    selected = portal.post(at("assignments"), {**ticked, "groups_done": "1"}).context["included"].selected
    cancelled = portal.post(at("assignments"), {**ticked, "pane": ""}).context["included"].selected

    assert [group.display_name for group in selected] == ["Front desk", "Warehouse leads"]
    assert [group.display_name for group in cancelled] == ["Front desk"]


def test_opening_one_picker_keeps_what_the_other_one_chose(portal, at, tenant):
    desk = GroupFactory(tenant=tenant, display_name="Front desk")
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {"pane": "excluded_groups", "groups": [str(desk.pk)]})

    assert [group.display_name for group in response.context["included"].selected] == ["Front desk"]
    assert response.context["excluded"].open


def test_remove_drops_one_group(portal, at, tenant):
    desk, leads = (GroupFactory(tenant=tenant, display_name=name) for name in ("Front desk", "Warehouse leads"))
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    response = portal.post(at("assignments"), {"groups": [str(desk.pk), str(leads.pk)], "groups_remove": str(desk.pk)})

    assert [group.display_name for group in response.context["included"].selected] == ["Warehouse leads"]


def test_all_users_can_be_added_and_removed_again(portal, at):
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})

    added = portal.post(at("assignments"), {"change": "add-all-users"})
    removed = portal.post(at("assignments"), {"all_users": "on", "change": "remove-all-users"})

    assert added.context["all_users"] is True
    assert removed.context["all_users"] is False


def test_groups_chosen_but_not_yet_sent_are_kept_while_looking_at_another_step(portal, at, tenant):
    desk = GroupFactory(tenant=tenant, display_name="Front desk")
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})
    portal.post(at("assignments"), {"groups": [str(desk.pk)], "groups_was": "-", "groups_done": "1"})

    portal.get(at("basics"))
    back = portal.get(at("assignments"))

    assert [group.display_name for group in back.context["included"].selected] == ["Front desk"]
    assert portal.get(at("review")).url == at("assignments")


def test_what_was_sent_replaces_what_was_only_chosen(portal, at, tenant):
    desk, leads = (GroupFactory(tenant=tenant, display_name=name) for name in ("Front desk", "Warehouse leads"))
    portal.post(at("basics"), {"partner": "workspace_one", "platform": "ios"})
    portal.post(at("assignments"), {"groups": [str(desk.pk)], "groups_done": "1"})
    portal.post(at("assignments"), {"groups": [str(leads.pk)]})

    back = portal.get(at("assignments"))

    assert [group.display_name for group in back.context["included"].selected] == ["Warehouse leads"]


def test_review_shows_every_answer(portal, at, answered):
    page = portal.get(at("review")).content.decode()

    assert "VMware Workspace ONE mobile compliance" in page
    assert "iOS/iPadOS" in page
    assert "Front desk" in page


def test_create_makes_one_pending_configuration_and_says_so(portal, at, tenant, answered, operator):
    response = portal.post(at("review"), follow=True)

    configuration = PartnerConfiguration.objects.in_tenant(tenant).get()
    assert configuration.get_status_display() == "Pending activation"
    assert configuration.created_by == operator.email
    assert PartnerAssignment.objects.in_tenant(tenant).get().group == answered
    assert response.redirect_chain[-1][0] == reverse("partners:configuration-list", args=[tenant.slug])
    assert "Compliance partner created" in response.content.decode()
    entry = JournalEntry.objects.in_tenant(tenant).get(activity="Create compliance partner")
    assert entry.actor == operator
    assert entry.new_values["Included groups"] == ["Front desk"]


def test_finished_draft_leads_to_what_it_made(portal, at, tenant, answered):
    portal.post(at("review"))

    configuration = PartnerConfiguration.objects.in_tenant(tenant).get()
    made = reverse("partners:overview", args=[tenant.slug, configuration.pk])
    assert [portal.get(at(step)).url for step in ("basics", "assignments", "review")] == [made] * 3
    assert portal.post(at("review")).url == made
    assert PartnerConfiguration.objects.in_tenant(tenant).count() == 1


def test_two_tabs_never_mix(portal, tenant):
    pages = [portal.post(reverse("partners:add", args=[tenant.slug])).url for _ in range(2)]

    portal.post(pages[0], {"partner": "workspace_one", "platform": "ios"})
    portal.post(pages[1], {"partner": "jamf_pro", "platform": "macos"})

    assert portal.get(pages[0]).context["form"]["platform"].value() == "ios"
    assert portal.get(pages[1]).context["form"]["platform"].value() == "macos"


def test_reload_and_back_keep_the_answers(portal, at, answered):
    page = portal.get(at("basics"))

    assert page.context["form"]["partner"].value() == "workspace_one"
    assert [group.pk for group in portal.get(at("assignments")).context["included"].selected] == [answered.pk]


def test_unknown_draft_is_404(portal, tenant):
    for step in ("basics", "assignments", "review"):
        assert portal.get(reverse(f"partners:add-{step}", args=[tenant.slug, uuid.uuid4()])).status_code == 404


def test_draft_of_a_colleague_is_404(at, portal_as):
    colleague = portal_as(Role.GLOBAL_ADMINISTRATOR)

    assert colleague.get(at("basics")).status_code == 404


def test_draft_does_not_open_in_another_tenant(portal, operator, draft):
    other = TenantFactory()
    MembershipFactory(tenant=other, operator=operator)

    assert portal.get(reverse("partners:add-basics", args=[other.slug, draft.pk])).status_code == 404


def test_platform_taken_meanwhile_goes_back_to_basics_with_the_reason(portal, at, tenant, answered):
    ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="ios")

    review = portal.get(at("review"))
    response = portal.post(at("review"), follow=True)

    assert "Validation failed. Required information is missing or not valid." in review.content.decode()
    assert response.redirect_chain[-1][0] == at("basics")
    assert CONFLICT in response.context["form"].errors["platform"]
    assert PartnerConfiguration.objects.in_tenant(tenant).count() == 1


def test_group_deleted_meanwhile_goes_back_to_assignments_with_the_reason(portal, at, tenant, answered):
    Group.objects.in_tenant(tenant).filter(pk=answered.pk).delete()

    response = portal.post(at("review"), follow=True)

    assert response.redirect_chain[-1][0] == at("assignments")
    assert "A selected group no longer exists. Select the groups again." in response.content.decode()
    assert not PartnerConfiguration.objects.in_tenant(tenant).exists()


def test_wizard_warns_while_the_application_is_not_under_mobility_and_never_blocks(portal, at, answered, tenant):
    page = portal.get(at("review")).content.decode()

    created = portal.post(at("review"))

    assert "is not under Mobility (MDM and MAM) yet" in page
    assert reverse("mobility:application-add", args=[tenant.slug]) in page
    assert created.status_code == 302
    assert PartnerConfiguration.objects.in_tenant(tenant).exists()


def test_wizard_does_not_warn_in_a_tenant_that_works_as_today(portal, at, answered, tenant):
    tenant.document_mode = "as_it_works"
    tenant.save()

    page = portal.get(at("review")).content.decode()

    assert "is not under Mobility" not in page


@pytest.mark.parametrize("step", ["basics", "assignments", "review"])
def test_help_desk_operator_may_not_use_the_wizard(portal_as, tenant, step):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    response = client.post(reverse(f"partners:add-{step}", args=[tenant.slug, uuid.uuid4()]))

    assert response.status_code == 403
    assert "Partner Device Management: Modify" in response.content.decode()
