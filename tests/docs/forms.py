"""The fields of every form in docs/automated-runs.md, read from the pages of the tour."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import Resolver404, resolve

from tenancy.roles import Role
from tests.browser import tour
from tests.browser.stop import at

UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
CONTROLS = "input[name], select[name], textarea[name], button[name]"
# Sent by every form, and no answer of the operator.
LEFT_OUT = {"csrfmiddlewaretoken"}
TYPED = {"text", "textarea", "search", "email", "url", "password", "number", "tel", "date", "time", "datetime-local"}
MOST_VALUES = 12
# Fields that take ids, whether they look so or not.
IDS = {"id", "operator"}
# What stands in a label and is no part of it: the star, and the balloon with its text.
BESIDE = ("req", "info", "balloon")
# Where the tour presses something to see a form, and what the address of the form is without script.
UNFOLDED = (
    ("devices:security-list", "?pane=columns"),
    ("devices:security-list", "?pane=export"),
    ("directory:group-create", "?kind=dynamic"),
)


@dataclass
class Field:
    """One name that a form sends, with everything that the pages show of it."""

    kinds: set[str] = field(default_factory=set)
    labels: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)  # each with its words, for options of a list
    holds_ids: bool = False

    def add(self, kind: str, label: str, values: dict[str, str]) -> None:
        """What one page shows. A hidden field only repeats what another one offers."""
        if kind == "hidden" and self.kinds - {"hidden"}:
            return
        if self.kinds == {"hidden"} and kind != "hidden":
            self.values.clear()
        self.kinds.add(kind)
        self.labels += [label] if label and label not in self.labels else []
        self.values |= values
        self.holds_ids |= any(UUID.fullmatch(value) for value in values)

    @property
    def label(self) -> str:
        """The words on the page; a column of checkboxes has as many as rows, and so none."""
        several = 3 if self.kinds == {"button"} else 1
        rows = self.holds_ids and self.kinds != {"select"}
        return "" if rows or len(self.labels) > several else ", ".join(self.labels).replace("|", "\\|")

    @property
    def takes(self) -> str:
        """What can be sent."""
        if self.holds_ids:
            return "ids, one for each" if "checkbox" in self.kinds else "an id"
        if any(value.startswith("/") for value in self.values):
            return "an address of the console"
        values = {value: words for value, words in self.values.items() if value}
        if self.kinds & {"text", "file"} or not values:
            return "a file" if "file" in self.kinds else "text"
        if self.kinds == {"select"} and all(value.isdigit() and value == words for value, words in values.items()):
            return "a number"
        if set(values) <= set(Role.values):
            return f"a role, for example `{next(iter(values))}`"
        # A number says nothing by itself.
        shown = ", ".join(
            f"`{value}` {words}".rstrip() if value.isdigit() else f"`{value}`"
            for value, words in list(values.items())[:MOST_VALUES]
        )
        return shown + (", …" if len(values) > MOST_VALUES else "")


def tables(world: tour.World) -> str:
    """A table for each address that a form of any page is sent to."""
    found: dict[tuple[str, str], dict[str, Field]] = defaultdict(lambda: defaultdict(Field))
    for method, name, form, page in forms(world):
        fields = found[name, method]
        for control in controls(form, page):
            fields[str(control["name"])].add(*described(control, page))
            fields[str(control["name"])].holds_ids |= control["name"] in IDS
    lines = []
    for (name, method), fields in sorted(found.items()):
        if fields:
            lines += [f"**{method} `{name}`**", "", "| Field | On the page | Takes |", "| --- | --- | --- |"]
            lines += [f"| `{key}` | {shown.label} | {shown.takes} |" for key, shown in sorted(fields.items())] + [""]
    bare = sorted(f"`{name}`" for (name, method), fields in found.items() if not fields and method == "POST")
    return "\n".join([*lines, f"A POST without any field is what these take: {', '.join(bare)}."])


def forms(world: tour.World) -> Iterator[tuple[str, str, Tag, BeautifulSoup]]:
    """Method, URL name of the target, and form, of every form on every page of the tour that an administrator sees."""
    client = Client()
    client.force_login(world.operator, backend="django.contrib.auth.backends.ModelBackend")
    visits = [(stop.url, stop.signed_in) for stop in tour.stops(world) if not stop.role]
    visits += [(at(name, world.busy) + asked, True) for name, asked in UNFOLDED]
    for url, signed_in in visits:
        response = (client if signed_in else Client()).get(url, follow=True)
        page = BeautifulSoup(response.content, "html.parser")
        for form in page.select("form"):
            sent_to = urlsplit(urljoin(str(response.request["PATH_INFO"]), str(form.get("action", "")))).path
            try:
                target = resolve(sent_to)
            except Resolver404:
                continue
            if target.namespace != "blades":
                yield str(form.get("method", "get")).upper(), target.view_name, form, page


def controls(form: Tag, page: BeautifulSoup) -> list[Tag]:
    """What the form sends: controls inside it, and those that name it."""
    inside = [control for control in form.select(CONTROLS) if not control.get("form")]
    outside = [control for control in page.select(CONTROLS) if form.get("id") and control.get("form") == form["id"]]
    return [control for control in (*inside, *outside) if control["name"] not in LEFT_OUT]


def described(control: Tag, page: BeautifulSoup) -> tuple[str, str, dict[str, str]]:
    """Kind, label and values of one control."""
    kind = str(control.get("type", "text")) if control.name == "input" else control.name
    if kind in TYPED:
        return "text", label_of(control, page), {}
    if kind == "select":
        options = control.select("option")
        return kind, label_of(control, page), {str(option.get("value", "")): option.text.strip() for option in options}
    return kind, label_of(control, page), {str(control.get("value", "on" if kind == "checkbox" else "")): ""}


def label_of(control: Tag, page: BeautifulSoup) -> str:
    """The visible words beside the control, above its group, or on it."""
    group = control.find_parent("fieldset") if control.get("type") in {"radio", "checkbox"} else None
    label = group.legend if group is not None else None
    if label is None and control.get("id"):
        label = page.select_one(f'label[for="{control["id"]}"]')
    label = label or control.find_parent("label")
    if control.get("aria-label") or (label is None and control.name == "select"):
        return str(control.get("aria-label", ""))
    texts = (label or control).find_all(string=True)
    return " ".join(" ".join(text for text in texts if not text.find_parent(class_=BESIDE)).split())
