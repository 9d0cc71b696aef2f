"""Every page in both vocabularies: no word of the other one, outside what people typed."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from blades import presentation
from blades.vocabulary import TABLE, say
from tenancy.roles import Role
from tests.console.test_navigation import PAGES
from tests.factories import DirectoryDeviceFactory
from tests.test_urls import by_name, url_of

__all__ = ["url_of"]

# What only today's names have in them; "Microsoft Intune" is the name of a service in both.
TODAYS = ("Entra", "Intune admin center", "Defender for Endpoint")
SPOKEN = ("title", "aria-label", "aria-description", "placeholder", "content", "value", "alt")


def words(client, url: str) -> list[str]:
    """Everything that the page at `url` says, but the choice of vocabularies, which names both."""
    page = BeautifulSoup(client.get(url, follow=True).content, "html.parser")
    for choice in page.select("fieldset:has([name=vocabulary])"):
        choice.decompose()
    said = [" ".join(text.split()) for text in page.find_all(string=True)]
    said.append(" ".join(page.get_text(" ").split()))  # sentences around a link or an emphasis
    for name in SPOKEN:
        said += [str(tag[name]) for tag in page.select(f"[{name}]")]
    return said


def heard(said: list[str], terms) -> set[tuple[str, str]]:
    return {(term, text[max(0, text.index(term) - 60) :][:160]) for text in said for term in terms if term in text}


@pytest.mark.parametrize("address", PAGES, ids=by_name)
def test_page_speaks_the_words_of_today(portal, tenant, url_of, address):
    url = url_of(address)
    tenant.vocabulary = "today"
    tenant.save()

    assert heard(words(portal, url), TABLE) == set()


@pytest.mark.parametrize("address", PAGES, ids=by_name)
def test_page_speaks_the_words_of_2020(portal, url_of, address):
    assert heard(words(portal, url_of(address)), TODAYS) == set()


def test_what_people_typed_keeps_its_words(portal, tenant):
    tenant.vocabulary = "today"
    tenant.save()
    record = DirectoryDeviceFactory(tenant=tenant, display_name="Azure AD laptop")
    url = reverse("directory:device-list", args=[tenant.slug])

    question = portal.post(url, {"ask": "delete", "id": str(record.pk)}).content.decode()

    assert "permanently delete &#x27;Azure AD laptop&#x27; from Microsoft Entra ID" in question


def test_refusals_name_permissions_in_the_words_of_today(portal_as, tenant):
    tenant.vocabulary = "today"
    tenant.save()

    page = portal_as(Role.INTUNE_ROLE_ADMINISTRATOR).get(reverse("directory:device-list", args=[tenant.slug]))

    assert page.status_code == 403
    assert "Microsoft Entra devices: Read" in page.content.decode()
    assert "Azure AD" not in page.content.decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Azure Active Directory admin center", "Microsoft Entra admin center"),
        ("joined to Azure AD.", "joined to Microsoft Entra ID."),
        ("hybrid Azure AD joined devices", "Microsoft Entra hybrid joined devices"),
        ("Microsoft Endpoint Manager and Endpoint Manager", "Microsoft Intune and Intune"),
        ("Microsoft Intune", "Microsoft Intune"),
    ],
)
def test_the_longest_phrase_counts(old, new):
    token = presentation.present(presentation.Presentation("today"))
    try:
        assert say(old) == new
    finally:
        presentation.restore(token)
    assert say(old) == old
