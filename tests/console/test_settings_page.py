"""Portal settings: the theme is the operator's own, the rest belongs to the tenant."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from tenancy.models import JournalEntry, Tenant
from tenancy.roles import Role

REAL = {"document_mode": "as_it_works", "propagation": "real"}


@pytest.fixture
def url(tenant):
    return reverse("console:settings", args=[tenant.slug])


def test_theme_is_stored_and_every_page_follows(portal, operator, url):
    response = portal.post(url, {"theme": "dark"}, follow=True)

    operator.refresh_from_db()
    assert operator.theme == "dark"
    page = response.content.decode()
    assert 'data-theme="dark"' in page
    assert "Settings saved" in page


def test_theme_posted_by_the_pane_leads_back_to_the_page_it_was_opened_on(portal, tenant, url):
    back = reverse("console:azure-ad", args=[tenant.slug])

    response = portal.post(url, {"theme": "dark", "next": back})

    assert (response.status_code, response.url) == (302, back)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", r"\\evil"])
@pytest.mark.parametrize("view", ["console:settings", "console:nav-toggle"])
def test_nobody_is_sent_to_another_site(portal, tenant, view, elsewhere):
    response = portal.post(reverse(view, args=[tenant.slug]), {"theme": "dark", "next": elsewhere})

    assert response.status_code == 302
    assert response.url.startswith(f"/t/{tenant.slug}/")


def test_theme_that_does_not_exist_is_refused(portal, operator, url):
    response = portal.post(url, {"theme": "sepia"})

    operator.refresh_from_db()
    assert (response.status_code, operator.theme) == (422, "light")


def test_left_navigation_stays_collapsed_until_it_is_expanded(portal, operator, tenant):
    toggle = reverse("console:nav-toggle", args=[tenant.slug])

    for collapsed in (True, False):
        portal.post(toggle)
        operator.refresh_from_db()
        assert operator.nav_collapsed is collapsed


def test_left_navigation_is_toggled_by_post_alone(portal, tenant):
    assert portal.get(reverse("console:nav-toggle", args=[tenant.slug])).status_code == 405


def test_training_settings_are_saved_and_journalled(portal, tenant, url):
    response = portal.post(url, REAL, follow=True)

    tenant.refresh_from_db()
    assert (tenant.document_mode, tenant.propagation) == ("as_it_works", "real")
    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert entry.new_values == {
        "Document mode": "As it works",
        "Changes take effect": "With the delays of the real product",
    }
    assert "Training settings saved" in response.content.decode()


def test_unknown_document_mode_is_refused_next_to_the_field(portal, tenant, url):
    response = portal.post(url, REAL | {"document_mode": "as_wished"})

    tenant.refresh_from_db()
    assert (response.status_code, tenant.document_mode) == (422, Tenant.DocumentMode.AS_WRITTEN)
    assert 'class="err"' in response.content.decode()


def test_help_desk_sees_the_training_settings_disabled_with_the_reason(portal_as, url):
    page = unescape(portal_as(Role.HELP_DESK_OPERATOR).get(url).content.decode())

    assert "requires the permission 'Training settings: Modify'" in page
    assert 'name="document_mode"' in page
    assert 'aria-disabled="true"' in page


def test_help_desk_may_not_save_the_training_settings(portal_as, tenant, url):
    response = portal_as(Role.HELP_DESK_OPERATOR).post(url, REAL)

    tenant.refresh_from_db()
    assert response.status_code == 403
    assert "Training settings: Modify" in response.content.decode()
    assert Role.HELP_DESK_OPERATOR.label in response.content.decode()
    assert tenant.propagation == Tenant.Propagation.INSTANT


def test_help_desk_may_choose_a_theme(portal_as, url):
    assert portal_as(Role.HELP_DESK_OPERATOR).post(url, {"theme": "dark"}).status_code == 302
