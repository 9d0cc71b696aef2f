"""Each answer that docs/automated-runs.md names is given when it says."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from bladeworks_testing.factories import GroupFactory, TenantFactory
from tenancy.models import JournalEntry
from tenancy.roles import Role
from tests.docs import pages

GROUPS = "/t/kestrel/azure-ad/groups/"


def named() -> set[int]:
    """The answers in the table of the page."""
    text = (pages.DOCS / "automated-runs.md").read_text(encoding="utf-8")
    return {int(status) for status in re.findall(r"^\| (\d{3}) \|", text, re.M)}


def ok(portal, portal_as):
    return portal.get(GROUPS)


def done(portal, portal_as):
    return portal.post(f"{GROUPS}new/", {"display_name": "Night shift", "kind": "assigned"})


def next_step(portal, portal_as):
    return portal.get("/t/kestrel/tenant-admin/connectors/partner-compliance/add/")


def signed_out(portal, portal_as):
    return Client().get(GROUPS)


def unknown_host(portal, portal_as):
    return portal.get(GROUPS, headers={"Host": "elsewhere.example"})


def too_many_fields(portal, portal_as):
    return portal.post(f"{GROUPS}new/", {f"field-{n}": "x" for n in range(1001)})


def no_permission(portal, portal_as):
    return portal_as(Role.HELP_DESK_OPERATOR).post(f"{GROUPS}new/", {"display_name": "Mine", "kind": "assigned"})


def no_token(portal, portal_as):
    return Client(enforce_csrf_checks=True).post(reverse("tenancy:sign-in"), {})


def nothing_there(portal, portal_as):
    return portal.get("/t/kestrel/no-such-page/")


def no_member(portal, portal_as):
    TenantFactory(slug="elsewhere")
    return portal.get("/t/elsewhere/azure-ad/groups/")


def row_of_another_directory(portal, portal_as):
    return portal.get(f"{GROUPS}{GroupFactory().pk}/")


def other_method(portal, portal_as):
    return portal.post(GROUPS)


def invalid(portal, portal_as):
    return portal.post(f"{GROUPS}new/", {"display_name": "", "kind": "assigned"})


def fifth_failure(portal, portal_as):
    door = Client()
    wrong = {"username": "mara.lindqvist@kestrel.example", "password": "wrong"}
    return [door.post(reverse("tenancy:sign-in"), wrong) for _ in range(5)][-1]


ANSWERS = [
    (ok, 200, "Groups"),
    (done, 302, ""),
    (next_step, 302, ""),
    (signed_out, 302, ""),
    (unknown_host, 400, ""),
    (too_many_fields, 400, ""),
    (no_permission, 403, "Users and groups: Update"),
    (no_token, 403, ""),
    (nothing_there, 404, "Page not found"),
    (no_member, 404, "Page not found"),
    (row_of_another_directory, 404, "Page not found"),
    (other_method, 405, ""),
    (invalid, 422, "Enter a group name."),
    (fifth_failure, 429, "Wait 15 minutes"),
]


def test_every_answer_of_the_table_is_among_these():
    assert named() == {status for _, status, _ in ANSWERS}


@pytest.mark.parametrize(("ask", "status", "words"), ANSWERS, ids=lambda value: getattr(value, "__name__", ""))
def test_answer_is_the_one_that_the_page_names(tenant, portal, portal_as, ask, status, words):
    response = ask(portal, portal_as)

    assert response.status_code == status
    assert words in response.content.decode()
    assert JournalEntry.objects.in_tenant(tenant).exists() == (ask is done)
