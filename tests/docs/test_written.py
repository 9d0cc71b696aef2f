"""What `make guide` writes into docs/ is what the code says; with WRITE_DOCS=1 these tests write it."""

from __future__ import annotations

import re

from tests.browser import tour
from tests.docs import addresses, blades, forms, incidents, pages

# Reached by links, though a POST does the same; and the way back from a role, a button that stands on every page then.
LINKS = {"devices:bulk", "partners:add", "partners:edit", "tenancy:role-return"}


def test_every_address_is_in_the_table_with_what_it_takes_and_asks_for():
    pages.keep_section("automated-runs.md", "addresses", addresses.table())


def test_every_form_is_listed_with_its_fields(db):
    pages.keep_section("automated-runs.md", "forms", forms.tables(tour.build()))


def test_every_blade_that_has_a_place_is_told_in_the_words_of_its_help():
    pages.keep(blades.PAGE, blades.page())


def test_every_incident_is_told_as_the_catalogue_tells_it():
    pages.keep(incidents.PAGE, incidents.page())


def test_no_form_is_missing_because_the_tour_does_not_stop_at_it():
    text = (pages.DOCS / "automated-runs.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\*\*POST `(.+)`\*\*$", text, re.M))
    listed |= set(re.findall(r"`([\w:-]+)`", text.partition("A POST without any field")[2]))

    taking = {name for _, name, view in addresses.routes() if "POST" in addresses.methods(view)}
    taking -= {name for name in taking if name.startswith("partner-api:")}  # no forms: docs/partner-api.md
    assert taking - listed == LINKS
