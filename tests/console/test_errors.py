"""What is shown when a page cannot be."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tenancy.models import Tenant
from tenancy.roles import Role


def test_refused_page_names_the_permission_and_the_role_in_the_portals_frame(portal_as, tenant):
    response = portal_as(Role.HELP_DESK_OPERATOR).get(reverse("mobility:application-list", args=[tenant.slug]))

    page = response.content.decode()
    assert response.status_code == 403
    for words in ("You do not have access", "Mobility (MDM and MAM): Read", "Help Desk Operator", "portal-nav"):
        assert words in page


def test_unknown_address_is_404_for_the_signed_in(portal):
    response = portal.get("/no/such/page/")

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_unknown_page_of_a_tenant_keeps_its_frame(portal, tenant):
    response = portal.get(reverse("console:blade", args=[tenant.slug, "teleport"]))

    assert response.status_code == 404
    assert "portal-nav" in response.content.decode()


def test_unknown_address_in_a_tenant_keeps_its_frame_and_its_words(portal, tenant):
    tenant.vocabulary = Tenant.Vocabulary.TODAY
    tenant.save()

    response = portal.get(f"/t/{tenant.slug}/endpoint-security/no-such-blade", follow=True)

    page = response.content.decode()
    assert response.status_code == 404
    assert "portal-nav" in page
    assert "Page not found - Intune admin center" in page


def test_back_to_what_is_gone_or_refused_gets_a_page_that_htmx_shows(portal_as, tenant):
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    client = portal_as(Role.HELP_DESK_OPERATOR)

    gone = client.get(reverse("console:blade", args=[tenant.slug, "teleport"]), headers=back)
    refused = client.get(reverse("mobility:application-list", args=[tenant.slug]), headers=back)

    assert (gone.status_code, refused.status_code) == (200, 200)
    assert "Page not found" in gone.content.decode()
    assert "You do not have access" in refused.content.decode()


def test_form_about_what_is_gone_is_answered_by_the_page_that_says_so(portal, tenant):
    address = reverse("directory:user-edit", args=[tenant.slug, uuid4()])

    response = portal.post(address, headers={"HX-Request": "true"})

    assert response.status_code == 404
    assert response["HX-Refresh"] == "true"


@pytest.fixture
def failing(monkeypatch):
    """Home fails with an error that nobody expects."""

    def fail(*args, **kwargs):
        raise RuntimeError("the wheels came off")

    monkeypatch.setattr("console.views.queries.device_counts", fail)


def test_unexpected_error_shows_the_id_under_which_the_log_has_it(operator, tenant, failing, caplog):
    client = Client(raise_request_exception=False)
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(reverse("console:home", args=[tenant.slug]))

    page = response.content.decode()
    assert response.status_code == 500
    assert len(response["X-Request-ID"]) == 32
    assert response["X-Request-ID"] in page
    assert "the wheels came off" not in page
    assert "the wheels came off" in caplog.text
