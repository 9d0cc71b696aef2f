from __future__ import annotations

import pytest

from mobility import queries
from mobility.models import MobilityScopeGroup, UserScope
from tests.factories import (
    DirectoryUserFactory,
    GroupFactory,
    GroupMembershipFactory,
    MobilityApplicationFactory,
    TenantFactory,
)


def application(tenant, scope, *groups, kind="mdm", **values):
    made = MobilityApplicationFactory(tenant=tenant, **{f"{kind}_user_scope": scope}, **values)
    MobilityScopeGroup.objects.bulk_create(
        MobilityScopeGroup(tenant=tenant, application=made, group=group, scope=kind) for group in groups
    )
    return made


def names(found):
    return [row.display_name for row in found]


@pytest.mark.parametrize("kind", ["mdm", "mam"])
@pytest.mark.parametrize(
    ("ours", "theirs", "meets"),
    [
        (UserScope.NONE, UserScope.ALL, False),
        (UserScope.NONE, UserScope.SELECTED, False),
        (UserScope.ALL, UserScope.NONE, False),
        (UserScope.ALL, UserScope.ALL, True),
        (UserScope.ALL, UserScope.SELECTED, True),
        (UserScope.SELECTED, UserScope.ALL, True),
        (UserScope.SELECTED, UserScope.NONE, False),
    ],
)
def test_all_meets_every_scope_but_none(tenant, kind, ours, theirs, meets):
    mine = application(tenant, ours, GroupFactory(tenant=tenant), kind=kind)
    application(tenant, theirs, GroupFactory(tenant=tenant), kind=kind, display_name="Other")

    found = queries.overlapping_applications(mine, kind)

    assert names(found) == (["Other"] if meets else [])


def test_two_scopes_some_meet_in_a_common_member_of_different_groups(tenant):
    person = DirectoryUserFactory(tenant=tenant)
    mine = application(tenant, UserScope.SELECTED, GroupFactory(tenant=tenant, members=[person]))
    application(
        tenant,
        UserScope.SELECTED,
        GroupFactory(tenant=tenant),
        GroupFactory(tenant=tenant, members=[person]),
        display_name="Other",
    )

    assert names(queries.overlapping_applications(mine, "mdm")) == ["Other"]


def test_disjoint_groups_do_not_overlap(tenant):
    ours, theirs = (GroupFactory(tenant=tenant, members=[DirectoryUserFactory(tenant=tenant)]) for _ in range(2))
    mine = application(tenant, UserScope.SELECTED, ours)
    application(tenant, UserScope.SELECTED, theirs)

    assert queries.overlapping_applications(mine, "mdm") == []


def test_mdm_and_mam_scopes_are_compared_with_their_like_only(tenant):
    group = GroupFactory(tenant=tenant, members=[DirectoryUserFactory(tenant=tenant)])
    mine = application(tenant, UserScope.SELECTED, group)
    application(tenant, UserScope.SELECTED, group, kind="mam")

    assert queries.overlapping_applications(mine, "mdm") == []
    assert queries.overlapping_applications(mine, "mam") == []


def test_applications_of_another_tenant_never_overlap(tenant):
    mine = application(tenant, UserScope.ALL)
    application(TenantFactory(), UserScope.ALL)

    assert queries.overlapping_applications(mine, "mdm") == []


def test_the_number_of_statements_does_not_grow(tenant, django_assert_num_queries):
    group = GroupFactory(tenant=tenant)
    for _ in range(20):
        GroupMembershipFactory(tenant=tenant, group=group)
    mine = application(tenant, UserScope.SELECTED, group)
    others = [application(tenant, UserScope.SELECTED, group) for _ in range(10)]

    with django_assert_num_queries(1):
        found = queries.overlapping_applications(mine, "mdm")

    assert set(found) == set(others)
