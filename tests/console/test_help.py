"""The Help pane: what it says of the blade that is open."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from django.urls import reverse

from console.help import HELP, help_on
from console.navigation import PLACES
from tests.console.test_navigation import PAGES

OF_ALL = "Training environment. Not affiliated with or endorsed by Microsoft."


def pane(client, url: str) -> Tag:
    (found,) = BeautifulSoup(client.get(url).content, "html.parser").select("#pane-help")
    return found


@pytest.mark.parametrize("name", sorted({address.name for address in PAGES} - {"console:blade"}))
def test_every_blade_says_what_it_is_for_and_where_it_is_in_the_real_product(name):
    entry = help_on(name)

    assert entry is not None, f"console/help.py has no entry for {name}"
    assert entry.purpose.endswith(".")
    assert entry.where
    assert bool(entry.document) == bool(entry.link)


def test_help_speaks_of_existing_blades_alone():
    assert set(HELP) <= set(PLACES)


@pytest.mark.parametrize("entry", [entry for entry in HELP.values() if entry.link])
def test_help_links_to_documents_by_https(entry):
    assert entry.link.startswith("https://")


def test_the_pane_speaks_of_the_blade_first_and_then_of_the_console(portal, tenant):
    shown = pane(portal, reverse("partners:configuration-list", args=[tenant.slug]))

    text = shown.get_text(" ", strip=True)
    entry = HELP["partners:configuration-list"]
    assert text.index(entry.purpose) < text.index(entry.where) < text.index(OF_ALL)
    link = shown.select_one("a[target=_blank]")
    assert (link["href"], link["rel"]) == (entry.link, ["noopener"])


def test_a_blade_that_is_not_imitated_says_what_the_real_one_is_for(portal, tenant):
    shown = pane(portal, reverse("console:blade", args=[tenant.slug, "reports"]))

    text = shown.get_text(" ", strip=True)
    assert "Charts and lists on the compliance and health of devices over time." in text
    assert "Where in the real product Reports" in text
    assert "This console does not imitate this blade." in text


def test_help_opens_without_script(portal, tenant):
    shown = pane(portal, reverse("console:home", args=[tenant.slug]) + "?pane=help")

    assert shown.has_attr("open")
    assert HELP["console:home"].purpose in shown.get_text(" ", strip=True)
