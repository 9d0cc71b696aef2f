from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from blades.models import Draft
from directory.models import Group
from partners import services
from partners.models import PartnerConfiguration
from partners.views import EDIT
from tenancy.roles import Role
from tests.factories import ConfigurationFactory, GroupFactory


@pytest.fixture
def desk(tenant):
    return GroupFactory(tenant=tenant, display_name="Front desk")


@pytest.fixture
def configuration(tenant, desk):
    return ConfigurationFactory(tenant=tenant, partner="workspace_one", platform="ios", groups=[desk])


@pytest.fixture
def address(tenant, configuration):
    return lambda name: reverse(f"partners:{name}", args=[tenant.slug, configuration.pk])


def cells(response):
    return [[str(cell) for cell in row["cells"]] for row in response.context["table"].display_rows]


def listing(tenant):
    return reverse("partners:configuration-list", args=[tenant.slug])


def test_list_without_partners_invites_to_add_one(portal, tenant):
    page = portal.get(listing(tenant)).content.decode()

    assert "No compliance partners to display" in page
    assert reverse("partners:add", args=[tenant.slug]) in page


def test_list_is_ordered_by_platform_and_shows_the_documents_columns(portal, tenant, configuration):
    ConfigurationFactory(tenant=tenant, partner="jamf_pro", platform="macos", all_users=True)
    ConfigurationFactory(tenant=tenant, partner="mobileiron_core", platform="android", all_users=True)

    response = portal.get(listing(tenant))

    assert [head["label"] for head in response.context["table"].heads] == [
        "Partner",
        "Platform",
        "Partner status",
        "Last successful sync",
        "Assigned",
    ]
    assert [row[1] for row in cells(response)] == ["Android", "iOS/iPadOS", "macOS"]
    assert cells(response)[1][3:] == ["Never", "1 group"]
    assert cells(response)[2][4] == "All users"


def test_list_sorts_by_partner_when_asked(portal, tenant, configuration):
    ConfigurationFactory(tenant=tenant, partner="blackberry_uem", platform="android", all_users=True)

    response = portal.get(listing(tenant), {"sort": "-partner"})

    assert [row[1] for row in cells(response)] == ["iOS/iPadOS", "Android"]


@pytest.mark.parametrize("sort", ["nonsense", "-", "partner;drop", "--partner"])
def test_unknown_sort_still_lists(portal, tenant, configuration, sort):
    assert portal.get(listing(tenant), {"sort": sort}).status_code == 200


def test_list_says_who_comes_first_on_each_platform(portal, tenant, configuration):
    order = portal.get(listing(tenant)).context["order"]

    assert [(row.platform, row.authorities) for row in order] == [
        ("Android", ["Microsoft Intune"]),
        ("iOS/iPadOS", ["VMware Workspace ONE mobile compliance", "Microsoft Intune"]),
        ("macOS", ["Microsoft Intune"]),
    ]


def test_queries_of_the_list_do_not_grow_with_groups(portal, tenant, configuration, django_assert_max_num_queries):
    for platform in ("android", "macos"):
        groups = [GroupFactory(tenant=tenant) for _ in range(20)]
        ConfigurationFactory(tenant=tenant, platform=platform, groups=groups)

    with django_assert_max_num_queries(5):
        portal.get(listing(tenant))


def test_overview_tells_that_the_partner_has_not_sent_data(portal, address):
    page = portal.get(address("overview")).content.decode()

    assert "VMware Workspace ONE mobile compliance" in page
    assert "Pending activation" in page
    assert "This partner has not sent data yet." in page


def test_properties_show_assignments_with_edit_beside_them(portal, address):
    page = portal.get(address("properties")).content.decode()

    assert "Front desk" in page
    assert 'aria-label="Edit assignments"' in page


def test_edit_starts_from_the_present_assignments_and_saves_the_new_ones(portal, tenant, address, configuration, desk):
    leads = GroupFactory(tenant=tenant, display_name="Warehouse leads")

    assignments = portal.get(address("edit"), follow=True)
    review = portal.post(assignments.request["PATH_INFO"], {"groups": [str(leads.pk)]}, follow=True)
    saved = portal.post(review.request["PATH_INFO"], follow=True)

    assert [group.pk for group in assignments.context["included"].selected] == [desk.pk]
    assert "Warehouse leads" in review.content.decode()
    assert services.assigned_groups(configuration) == ([leads], [])
    assert saved.redirect_chain[-1][0] == address("properties")
    assert "Assignments saved" in saved.content.decode()


def test_edit_offers_review_and_save_in_the_documents_words(portal, address):
    assignments = portal.get(address("edit"), follow=True)
    review = portal.post(
        assignments.request["PATH_INFO"],
        {"groups": [g.pk for g in assignments.context["included"].selected]},
        follow=True,
    )

    assert "Review + save" in assignments.content.decode()
    assert ">Save</button>" in review.content.decode()


def test_edit_overtaken_by_a_deleted_group_goes_back_with_the_reason(portal, tenant, address, desk, configuration):
    leads = GroupFactory(tenant=tenant, display_name="Warehouse leads")
    assignments = portal.get(address("edit"), follow=True)
    review = portal.post(assignments.request["PATH_INFO"], {"groups": [str(leads.pk)]}, follow=True)
    Group.objects.in_tenant(tenant).filter(pk=leads.pk).delete()

    response = portal.post(review.request["PATH_INFO"], follow=True)

    assert response.redirect_chain[-1][0] == assignments.request["PATH_INFO"]
    assert "A selected group no longer exists." in response.content.decode()
    assert services.assigned_groups(configuration) == ([desk], [])


def test_edit_that_another_tab_overtook_is_told_and_saved_the_second_time(portal, tenant, address, configuration):
    finance, leads = (GroupFactory(tenant=tenant, display_name=name) for name in ("Finance", "Warehouse leads"))
    first, second = (portal.get(address("edit"), follow=True).request["PATH_INFO"] for _ in range(2))
    review = portal.post(second, {"groups": [str(leads.pk)]}, follow=True).request["PATH_INFO"]
    portal.post(portal.post(first, {"groups": [str(finance.pk)]}, follow=True).request["PATH_INFO"])

    told = portal.post(review)
    between = services.assigned_groups(configuration)
    portal.post(review)

    assert told.status_code == 422
    assert "The assignments were changed meanwhile. Select Save again to replace what was" in told.content.decode()
    assert between == ([finance], [])
    assert services.assigned_groups(configuration) == ([leads], [])


def test_review_of_an_edit_without_answers_leads_to_assignments(portal, tenant, configuration, operator):
    draft = Draft.objects.create(tenant=tenant, operator=operator, wizard=EDIT, subject_id=configuration.pk)

    response = portal.get(reverse("partners:edit-review", args=[tenant.slug, configuration.pk, draft.pk]))

    assert response.url == reverse("partners:edit-assignments", args=[tenant.slug, configuration.pk, draft.pk])


def test_draft_of_one_configuration_does_not_open_under_another(portal, tenant, address):
    portal.get(address("edit"))
    other = ConfigurationFactory(tenant=tenant, platform="android")
    draft = Draft.objects.get()

    response = portal.get(reverse("partners:edit-assignments", args=[tenant.slug, other.pk, draft.pk]))

    assert response.status_code == 404


def test_edit_of_a_partner_that_was_deleted_meanwhile_says_so_and_leads_to_the_list(portal, tenant, address, desk):
    assignments = portal.get(address("edit"), follow=True)
    PartnerConfiguration.objects.in_tenant(tenant).delete()

    response = portal.post(assignments.request["PATH_INFO"], {"groups": [str(desk.pk)]}, follow=True)

    assert response.redirect_chain[-1][0] == listing(tenant)
    assert "The compliance partner was deleted meanwhile." in response.content.decode()


def test_delete_asks_first(portal, tenant, address):
    page = portal.get(address("delete"), follow=True).content.decode()

    assert "This action will permanently delete the compliance partner" in page
    assert PartnerConfiguration.objects.in_tenant(tenant).exists()


def test_delete_removes_the_configuration_and_says_so(portal, tenant, address):
    response = portal.post(address("delete"), follow=True)

    assert not PartnerConfiguration.objects.in_tenant(tenant).exists()
    assert "Compliance partner deleted" in response.content.decode()


@pytest.mark.parametrize("name", ["overview", "properties", "edit", "delete"])
def test_configuration_of_another_tenant_is_404(stranger, portal, tenant, address, name):
    own = reverse(f"partners:{name}", args=[tenant.slug, uuid.uuid4()])

    assert stranger.get(address(name)).status_code == 404
    assert portal.get(own).status_code == 404


def test_help_desk_operator_reads_and_sees_why_the_rest_is_disabled(portal_as, tenant, address):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    pages = [client.get(url) for url in (listing(tenant), address("overview"), address("properties"))]

    assert [page.status_code for page in pages] == [200, 200, 200]
    for page in pages:
        assert "Partner Device Management: Modify" in page.content.decode()
    assert client.post(address("delete")).status_code == 403
    assert PartnerConfiguration.objects.in_tenant(tenant).exists()
