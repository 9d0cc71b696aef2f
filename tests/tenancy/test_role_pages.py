"""Tenant administration > Roles, and the bar of whoever views as another role."""

from __future__ import annotations

import uuid
from html import unescape

import pytest
from django.urls import reverse

from tenancy.models import Membership
from tenancy.roles import GRANTS, Role
from tests.factories import MembershipFactory


def shown(response) -> str:
    return unescape(response.content.decode())


def address(tenant, view: str, *args: object) -> str:
    return reverse(f"tenancy:{view}", args=[tenant.slug, *args])


def cells(response) -> list[list[str]]:
    return [[str(cell) for cell in row["cells"]] for row in response.context["table"].display_rows]


@pytest.fixture
def ana(tenant):
    return MembershipFactory(
        tenant=tenant,
        role=Role.HELP_DESK_OPERATOR,
        operator__display_name="Ana Silva",
        operator__email="ana@kestrel.example",
    ).operator


def test_list_shows_every_role_by_name_with_type_and_how_many_hold_it(portal, tenant, ana):
    response = portal.get(address(tenant, "role-list"))

    rows = cells(response)
    assert len(rows) == len(Role)
    assert [row[3] for row in rows]
    assert rows == sorted(rows, key=lambda row: row[0].partition(">")[2].casefold())
    named = {row[0].partition(">")[2].removesuffix("</a>"): row[1:3] for row in rows}
    assert named["Help Desk Operator"] == ["Built-in role", "1"]
    assert named["Intune administrator"] == ["Azure AD role", "1"]
    assert named["Security Reader"] == ["Azure AD role", "0"]


def test_list_sorts_by_type_and_answers_a_fragment(portal, tenant):
    response = portal.get(address(tenant, "role-list") + "?sort=type", headers={"HX-Request": "true"})

    assert cells(response)[0][1] == "Azure AD role"
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("role", Role)
def test_properties_name_every_permission_of_the_role(portal, tenant, role):
    page = shown(portal.get(address(tenant, "role-properties", role.value)))

    for permission in GRANTS[role]:
        resource, _, action = permission.value.partition(": ")
        assert f"<dt>{resource}</dt>" in page
        assert action in page
    assert ("This role permits nothing that this console has." in page) == (not GRANTS[role])


def test_role_that_does_not_exist_is_404(portal, tenant):
    for view in ("role-properties", "role-assignments", "role-assign"):
        assert portal.get(address(tenant, view, "emperor")).status_code == 404
    assert portal.post(address(tenant, "role-view-as"), {"role": "emperor"}).status_code == 404


def test_assignments_show_who_holds_the_role_and_what_they_view_as(portal, tenant, operator, ana):
    Membership.objects.filter(operator=ana).update(own_role=Role.HELP_DESK_OPERATOR, role=Role.READ_ONLY_OPERATOR)
    MembershipFactory(role=Role.HELP_DESK_OPERATOR)  # of another tenant

    response = portal.get(address(tenant, "role-assignments", Role.HELP_DESK_OPERATOR.value))

    assert cells(response) == [["Ana Silva", "ana@kestrel.example", "Read Only Operator"]]
    assert "manage.py operator" in shown(response)


def test_assignments_of_a_role_that_nobody_holds_say_so(portal, tenant):
    page = shown(portal.get(address(tenant, "role-assignments", Role.GLOBAL_READER.value)))

    assert "Nobody in this directory has this role." in page


def test_assignments_of_many_operators_come_in_pages_with_a_fixed_number_of_statements(
    portal, tenant, operator, django_assert_max_num_queries
):
    MembershipFactory.create_batch(60, tenant=tenant, role=Role.SECURITY_READER)
    url = address(tenant, "role-assignments", Role.SECURITY_READER.value)

    with django_assert_max_num_queries(6):
        response = portal.get(url)

    assert len(cells(response)) == 50
    assert len(cells(portal.get(f"{url}?page=2"))) == 10


def test_administrator_assigns_a_role_on_the_page_and_lands_on_its_assignments(portal, tenant, ana):
    url = address(tenant, "role-assign", Role.READ_ONLY_OPERATOR.value)
    assert "Ana Silva (ana@kestrel.example), Help Desk Operator" in shown(portal.get(url))

    response = portal.post(url, {"operator": ana.pk}, follow=True)

    assert response.redirect_chain[0][0] == address(tenant, "role-assignments", Role.READ_ONLY_OPERATOR.value)
    assert "Successfully assigned the role 'Read Only Operator' to 'ana@kestrel.example'." in shown(response)
    assert Membership.objects.get(operator=ana).role == Role.READ_ONLY_OPERATOR


def test_operator_who_holds_the_role_already_is_not_offered(portal, tenant, ana):
    page = shown(portal.get(address(tenant, "role-assign", Role.HELP_DESK_OPERATOR.value)))

    assert "ana@kestrel.example" not in page


@pytest.mark.parametrize("posted", ["", "999999", "x"])
def test_assigning_to_nobody_is_refused_beside_the_field(portal, tenant, posted):
    response = portal.post(address(tenant, "role-assign", Role.READ_ONLY_OPERATOR.value), {"operator": posted})

    assert response.status_code == 422
    page = shown(response)
    assert "Select an operator." in page or "not a member of this directory any more" in page


def test_assigning_to_an_operator_of_another_directory_is_refused(portal, tenant):
    stranger = MembershipFactory().operator

    response = portal.post(address(tenant, "role-assign", Role.READ_ONLY_OPERATOR.value), {"operator": stranger.pk})

    assert response.status_code == 422
    assert Membership.objects.get(operator=stranger).role == Role.INTUNE_ADMINISTRATOR


def test_last_administrator_reads_beside_the_field_why_the_role_stays(portal, tenant, operator):
    response = portal.post(address(tenant, "role-assign", Role.READ_ONLY_OPERATOR.value), {"operator": operator.pk})

    assert response.status_code == 422
    assert "is the only administrator of this directory" in shown(response)


def test_administrator_who_gives_away_the_right_to_read_roles_lands_on_home(portal, tenant, operator):
    MembershipFactory(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR)

    response = portal.post(
        address(tenant, "role-assign", Role.CONDITIONAL_ACCESS_ADMINISTRATOR.value), {"operator": operator.pk}
    )

    assert response.url == reverse("console:home", args=[tenant.slug])


def test_help_desk_reads_roles_and_finds_assigning_greyed_with_the_reason(portal_as, tenant):
    client = portal_as(Role.HELP_DESK_OPERATOR)

    page = shown(client.get(address(tenant, "role-properties", Role.READ_ONLY_OPERATOR.value)))

    assert page.count("This requires the permission 'Roles: Assign'.") >= 2
    assert client.get(address(tenant, "role-assign", Role.READ_ONLY_OPERATOR.value)).status_code == 403
    assert client.post(address(tenant, "role-view-as"), {"role": "read_only_operator"}).status_code == 403


def test_role_administrator_finds_roles_of_azure_ad_greyed_with_the_reason(portal_as, tenant):
    page = shown(
        portal_as(Role.INTUNE_ROLE_ADMINISTRATOR).get(
            address(tenant, "role-properties", Role.GLOBAL_ADMINISTRATOR.value)
        )
    )

    assert "assigns the built-in roles of Intune alone" in page


def test_view_as_shows_a_bar_on_every_page_until_one_returns(portal, tenant, operator):
    portal.post(address(tenant, "role-view-as"), {"role": "help_desk_operator"})
    home, refused = (
        reverse("console:home", args=[tenant.slug]),
        reverse("mobility:application-list", args=[tenant.slug]),
    )

    for url, status in ((home, 200), (refused, 403)):
        response = portal.get(url)
        assert response.status_code == status
        assert "You view this directory as Help Desk Operator." in shown(response)
        assert "Return to Intune administrator" in shown(response)

    back = portal.post(address(tenant, "role-return"), {"next": refused}, follow=True)

    assert back.redirect_chain == [(refused, 302)]
    assert back.status_code == 200
    assert "You view this directory as" not in shown(back)
    assert "You are Intune administrator again" in shown(back)


def test_returning_leads_nowhere_else(portal, tenant):
    response = portal.post(address(tenant, "role-return"), {"next": "https://elsewhere.example/"})

    assert response.url == reverse("console:home", args=[tenant.slug])


def test_view_as_a_role_out_of_reach_says_why_and_changes_nothing(portal_as, tenant):
    client = portal_as(Role.INTUNE_ROLE_ADMINISTRATOR)

    response = client.post(address(tenant, "role-view-as"), {"role": "global_administrator"}, follow=True)

    assert "assigns the built-in roles of Intune alone" in shown(response)
    assert not Membership.objects.exclude(own_role="").exists()


def test_id_of_nothing_is_no_role(portal, tenant):
    assert portal.get(address(tenant, "role-properties", str(uuid.uuid4()))).status_code == 404
