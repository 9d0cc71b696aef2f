"""What pages are built of: templates, tags, forms, tables and static files."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.template import Context, Template
from django.test import Client, RequestFactory
from django_tables2 import RequestConfig

from blades import storage
from blades.forms import BladeForm
from blades.tables import BladeTable, Column, Empty, Pager, link, status

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))


def draw(source: str, **values: Any) -> str:
    values.setdefault("request", RequestFactory().get("/"))
    return Template("{% load blades %}" + source).render(Context(values))


# Templates


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_a_component_says_first_what_it_takes(path: Path) -> None:
    assert path.read_text().startswith("{% comment %}\n")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_holds_inline_style_or_script(path: Path) -> None:
    source = path.read_text()

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|<script(?![^>]*\ssrc=)", source)


def test_the_component_page_shows_every_component(client: Client) -> None:
    page = client.get("/components/").content.decode()

    assert page.count("<h1") == 1
    shown = (TEMPLATES / "blades" / "components.html").read_text()
    frame = {"header", "navigation", "menu", "bell", "notifications_pane", "settings_pane", "help_pane"}
    frame |= {"discard_dialog", "disclaimer", "no_access", "notifications", "settings_fields", "viewing_as"}
    parts = {"field_label", "field_errors", "info_balloon", "row_menu", "pager", "record_line", "empty_state"}
    parts |= {"level_icon", "greyed", "filter_pills"}
    for path in COMPONENTS:
        if path.stem not in frame | parts | {"tile_gallery"}:
            assert path.stem in shown, path.name


def test_a_bar_without_commands_leaves_nothing() -> None:
    bar = "{% filled %}<div>{% fill %}{% if command %}{{ command }}{% endif %}{% endfill %}</div>{% endfilled %}"

    assert draw(bar) == ""
    assert draw(bar, command="Save") == "<div>Save</div>"


def test_composed_component_sees_its_parameters_and_nothing_else_of_the_page() -> None:
    page = draw(
        '{% compose "components/pane.html" id="p" title="Columns" %}body{% endcompose %}',
        subtitle="of the page",
        kind="of the page",
    )

    assert "of the page" not in page


def test_composed_content_is_drawn_with_the_values_of_the_page() -> None:
    pane = draw(
        '{% compose "components/pane.html" id="p" title=name %}<p>{{ name }}</p>{% slot footer %}Apply{% endcompose %}',
        name="A & B",
    )

    assert '<h2 id="p-title">A &amp; B</h2>' in pane
    assert "<p>A &amp; B</p></div>" in pane
    assert '<div class="foot">Apply</div>' in pane


def test_a_disabled_command_keeps_its_place_and_says_why() -> None:
    button = draw('{% include "components/command_button.html" with label="Delete" reason="You do not have access." %}')

    assert 'type="button" aria-disabled="true" title="You do not have access."' in button
    assert 'aria-description="You do not have access."' in button


# Tags


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (STATIC / "icons" / "icons.svg").read_text()
    drawn = set(re.findall(r'id="i-([\w-]+)"', sprite))
    named: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        named |= set(re.findall(r'{% icon "([\w-]+)"|\bicon="([\w-]+)" (?!.*color)', path.read_text()))
    names = {name for pair in named for name in pair if name}

    assert names <= drawn


def test_dates_read_as_in_the_portal() -> None:
    assert draw("{{ at|portal_date }}", at=datetime(2020, 7, 15, 9, 2, 11, tzinfo=UTC)) == "7/15/2020, 9:02:11 AM"
    assert draw("{{ at|portal_date }}", at=datetime(2020, 12, 5, 0, 0, tzinfo=UTC)) == "12/5/2020, 12:00:00 AM"
    assert draw("{{ at|portal_date:'Never' }}", at=None) == "Never"


def test_a_filter_keeps_other_parameters_and_starts_from_the_first_page() -> None:
    request = RequestFactory().get("/?q=a%22b&os=ios&os=macos&page=3&after=x")

    kept = draw('{% hidden_params "q" %}', request=request)

    assert kept == '<input type="hidden" name="os" value="ios"><input type="hidden" name="os" value="macos">'


@pytest.mark.parametrize(
    ("ticked", "shown"),
    [("", "All"), ("a", "A"), ("ab", "A, B"), ("abc", "3 selected"), ("abcd", "All")],
)
def test_a_pill_shows_what_is_ticked(ticked: str, shown: str) -> None:
    values = [{"value": x, "label": x.upper(), "checked": x in ticked} for x in "abcd"]

    assert draw("{% filter_state values as state %}{{ state.shown }}", values=values) == shown


def test_monograms_come_from_the_name() -> None:
    assert ">FE</span>" in draw('{% avatar "Field engineers – iOS" %}')
    assert ">AI</span>" in draw('{% avatar "AirWatch" %}')
    assert draw('{% avatar "Front desk" %}') == draw('{% avatar "Front desk" %}')


def test_a_divided_bar_comes_with_its_numbers() -> None:
    parts = [
        {"label": "Compliant", "count": 3, "kind": "ok", "url": "/ok/"},
        {"label": "Not compliant", "count": 1, "kind": "bad"},
    ]

    chart = draw('{% stacked_bar "By state" parts %}', parts=parts)

    assert 'class="bar--bad" x="75" y="0" width="25"' in chart
    assert '<td><a href="/ok/">3</a></td>' in chart


# Forms


class PlatformForm(BladeForm):
    partner = forms.ChoiceField(label="Compliance partner", choices=[("", "Select"), ("a", "A")])
    application = forms.CharField(label="Application name", help_text="Shown in lists.")
    mdm = forms.URLField(label="MDM discovery URL", assume_scheme="https")
    scope = forms.ChoiceField(choices=[("none", "None"), ("all", "All")], widget=forms.RadioSelect)


def test_missing_values_are_refused_in_the_portals_words() -> None:
    form = PlatformForm({})

    assert form.errors["partner"] == ["Select a compliance partner."]
    assert form.errors["application"] == ["Enter an application name."]
    assert form.errors["mdm"] == ["Enter an MDM discovery URL."]


def test_a_refused_field_is_tied_to_its_error_and_its_help() -> None:
    row = draw('{% include "components/field.html" with field=form.application %}', form=PlatformForm({}))

    assert 'aria-invalid="true"' in row
    described = re.search(r'aria-describedby="([^"]+)"', row)
    assert described
    for name in described[1].split():
        assert f'id="{name}"' in row


def test_an_edited_field_is_marked_until_it_is_saved() -> None:
    stored = {"application": "Old"}
    posted = PlatformForm({"application": "New"}, initial=stored)

    row = '{% include "components/field.html" with field=form.application %}'

    assert 'data-dirty="server"' in draw(row, form=posted)
    assert "data-dirty" not in draw(row, form=PlatformForm(initial=stored))


def test_short_choices_are_drawn_as_pills_in_a_fieldset() -> None:
    row = draw('{% include "components/option_group.html" with field=form.scope %}', form=PlatformForm())

    assert row.count('type="radio"') == 2
    assert "<legend>" in row


# Tables


class ThingTable(BladeTable):
    name = Column(order_by=("name", "id"))
    state = Column(orderable=False)

    label = "Things"

    def display(self, records: Any) -> list[dict[str, Any]]:
        return [
            {"id": record["id"], "label": record["name"], "cells": [link("/x/", record["name"]), status("ok", "On")]}
            for record in records
        ]


THINGS = [{"id": n, "name": f"<{n:02}>"} for n in range(1, 8)]


def table_for(url: str, **options: Any) -> ThingTable:
    request = RequestFactory().get(url)
    table = ThingTable(THINGS, order_by="name", **options)
    RequestConfig(request, paginate={"per_page": 3}).configure(table)
    return table


def html(table: BladeTable, url: str = "/") -> str:
    return str(table.as_html(RequestFactory().get(url)))


def test_a_head_turns_the_order_round_and_goes_back_to_the_first_page() -> None:
    url = "/?q=x&page=2"

    first = html(table_for(url), url)
    second = html(table_for("/?sort=-name"), "/?sort=-name")

    assert 'aria-sort="ascending"><a class="grid__sort" id="sort-name" href="?q=x&amp;sort=-name"' in first
    assert 'hx-get="?q=x&amp;sort=-name"' in first
    assert 'aria-sort="descending"' in second
    assert 'href="?sort=name"' in second
    assert 'id="sort-state"' not in first


def test_rows_are_drawn_from_one_page_of_records_and_escaped() -> None:
    page = html(table_for("/?page=2"), "/?page=2")

    assert page.count("<tr>") == 1 + 3
    assert '<a href="/x/">&lt;04&gt;</a>' in page
    assert "Showing 4 to 6 of 7 records" in page
    assert 'href="?page=1"' in page
    assert 'href="?page=3"' in page


def test_presorted_rows_keep_their_order_and_their_pager() -> None:
    rows = [{"id": 2, "label": "B", "cells": ["B", "On"]}, {"id": 1, "label": "A", "cells": ["A", "On"]}]
    table = ThingTable(rows=rows, order_by="-name", records="Showing 1 to 2", pager=Pager(next_url="?after=x", page=1))

    page = html(table)

    assert page.index("<td>B</td>") < page.index("<td>A</td>")
    assert 'aria-sort="descending"' in page
    assert "Showing 1 to 2" in page
    assert 'href="?after=x"' in page


def test_a_list_without_rows_keeps_its_head_and_says_what_to_do() -> None:
    table = ThingTable([], empty=Empty("No things to display", action_label="Add", action_url="/add/"))

    page = html(table)

    assert "<thead>" in page
    assert "<tbody>" not in page
    assert "No things to display" in page
    assert 'href="/add/"' in page


def test_ticked_rows_belong_to_the_selection_form() -> None:
    page = html(table_for("/", selectable=True), "/")

    assert 'name="id" value="1" form="selection" aria-label="Select &lt;01&gt;"' in page


# Static files


@pytest.fixture(scope="module")
def collected() -> dict[str, Any]:
    return {
        name: (StaticFilesStorage(location=str(STATIC), base_url="/static/"), name)
        for name in (str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())
    }


@pytest.mark.parametrize("entry", storage.CSS)
def test_the_collected_style_sheet_imports_nothing_and_finds_its_font(collected: dict[str, Any], entry: str) -> None:
    css = storage.join_css(collected, entry)

    assert "@import" not in css
    assert css.index("@layer reset,") < css.index("@layer tokens {")
    assert re.search(r"[\w\]] :is\(", css), "a blank of a selector counts"
    assert "/*" not in css
    addresses = re.findall(r'url\("([^"]+)"\)', css)
    assert addresses
    for address in addresses:
        assert finders.find(f"css/{address}".replace("css/../", ""))


def test_names_that_one_module_shares_are_there_for_all_in_the_collected_module(collected: dict[str, Any]) -> None:
    js = storage.join_js(collected)

    assert "import" not in js
    assert "export" not in js
    assert js.index("const $=") < js.index("{const root=")


def test_every_style_sheet_and_module_is_imported() -> None:
    css = "".join((STATIC / entry).read_text() for entry in storage.CSS)
    js = (STATIC / "js" / "portal.js").read_text()

    for path in (STATIC / "css").rglob("*.css"):
        assert str(path.relative_to(STATIC)) in storage.CSS or f'"{path.relative_to(STATIC / "css")}"' in css
    for path in (STATIC / "js").glob("*.js"):
        assert path.name == "portal.js" or f'"./{path.name}"' in js


def test_static_files_stay_within_their_budget(collected: dict[str, Any]) -> None:
    def size(text: str) -> int:
        return len(gzip.compress(text.encode()))

    assert size(storage.join_css(collected)) <= 14 * 1024
    assert size(storage.join_css(collected, "css/uem.css")) <= 5 * 1024
    assert size(storage.join_js(collected)) <= 5 * 1024
    assert size((STATIC / "icons" / "icons.svg").read_text()) <= 6 * 1024
    assert (STATIC / "fonts" / "open-sans-latin-wght-normal.woff2").stat().st_size <= 50 * 1024
