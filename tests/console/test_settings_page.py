"""Portal settings: the theme is the operator's own, the rest belongs to the tenant."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from tenancy.models import JournalEntry, Operator, Tenant
from tenancy.roles import Role
from tests.factories import MembershipFactory

REAL = {"document_mode": "as_it_works", "propagation": "real", "vocabulary": "today"}
PORTAL = {
    "theme": "dark",
    "high_contrast": "on",
    "single_keys": "on",
    "page_size": "100",
    "language": "en-GB",
    "regional_format": "de-DE",
    "start_page": "directory",
}


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


def test_every_portal_setting_is_stored_and_pages_follow(portal, operator, url):
    page = portal.post(url, PORTAL, follow=True).content.decode()

    operator.refresh_from_db()
    assert {name: getattr(operator, name) for name in PORTAL} == PORTAL | {
        "high_contrast": True,
        "single_keys": True,
        "page_size": 100,
    }
    root = page[page.index("<html") : page.index(">", page.index("<html"))]
    assert 'lang="en-GB"' in root
    assert 'data-theme="dark"' in root
    assert 'data-contrast="high"' in root
    assert "data-single-keys" in root


def test_single_key_shortcuts_are_switched_off(portal, operator, url):
    page = portal.post(url, {name: PORTAL[name] for name in PORTAL if name != "single_keys"}, follow=True)

    operator.refresh_from_db()
    assert operator.single_keys is False
    assert " data-single-keys" not in page.content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "sepia"),
        ("page_size", "7"),
        ("page_size", "many"),
        ("language", "xx"),
        ("regional_format", "fr-FR"),
        ("start_page", "/t/other/"),
    ],
)
def test_nonsense_is_refused_beside_its_field_and_the_other_choices_stay(portal, operator, url, name, value):
    before = {each: getattr(operator, each) for each in PORTAL}

    response = portal.post(url, PORTAL | {"regional_format": "iso"} | {name: value})

    operator.refresh_from_db()
    page = response.content.decode()
    main = page[page.index('id="main"') :]
    assert response.status_code == 422
    assert {each: getattr(operator, each) for each in PORTAL} == before
    assert f'aria-describedby="id_{name}' in main
    assert 'class="err"' in main
    if name != "regional_format":
        assert 'value="iso" selected' in main


def test_the_pane_of_every_page_shows_what_is_chosen(portal, operator, tenant):
    operator.page_size, operator.regional_format, operator.high_contrast = 25, "iso", True
    operator.save()

    page = portal.get(reverse("console:home", args=[tenant.slug])).content.decode()

    pane = page[page.index('id="pane-settings"') :]
    assert '<option value="25" selected>25</option>' in pane
    assert '<option value="iso" selected>ISO 8601: 2020-07-15 09:42:11</option>' in pane
    assert 'id="pane_high_contrast" checked' in pane


@pytest.mark.parametrize(
    ("start_page", "role", "view"),
    [
        ("home", Role.GLOBAL_ADMINISTRATOR, "console:home"),
        ("all_services", Role.GLOBAL_ADMINISTRATOR, "console:all-services"),
        ("all_devices", Role.GLOBAL_ADMINISTRATOR, "devices:security-list"),
        ("directory", Role.GLOBAL_ADMINISTRATOR, "console:azure-ad"),
        ("all_devices", Role.CLOUD_DEVICE_ADMINISTRATOR, "console:home"),
    ],
)
def test_a_directory_opens_on_the_start_page_as_far_as_the_role_may(portal_as, tenant, start_page, role, view):
    client = portal_as(role)
    Operator.objects.update(start_page=start_page)

    assert client.get("/").url == reverse(view, args=[tenant.slug])


def test_of_several_directories_each_opens_on_the_start_page(portal, operator, tenant):
    operator.start_page = "directory"
    operator.save()
    other = MembershipFactory(operator=operator).tenant

    page = portal.get("/").content.decode()

    for each in (tenant, other):
        assert f'href="{reverse("console:azure-ad", args=[each.slug])}"' in page


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
    assert (tenant.document_mode, tenant.propagation, tenant.vocabulary) == ("as_it_works", "real", "today")
    entry = JournalEntry.objects.in_tenant(tenant).get()
    assert entry.new_values == {
        "Document mode": "As it works",
        "Changes take effect": "With the delays of the real product",
        "Vocabulary": "Today: Entra ID and Intune admin center",
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
