"""A person at the pages: finds what a document names by its visible words, and clicks it. Without JavaScript."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from bladeworks_testing import missing

try:
    from bs4 import BeautifulSoup, Tag
except ModuleNotFoundError as error:
    raise missing("beautifulsoup4") from error

from django.test import Client


class Visitor:
    """Drives a Django test client by visible words: `click("Next")`, `choose("Platform", "iOS/iPadOS")`.

    What was typed or ticked on the page counts until the next page is there, as in a browser.
    """

    def __init__(self, client: Client, url: str) -> None:
        self.client = client
        self.go(url)

    def go(self, url: str) -> None:
        """Open an address, as typed into the address bar."""
        self._arrive(self.client.get(url, follow=True))

    @property
    def text(self) -> str:
        """Everything that can be read on the page, blanks folded."""
        return _words(self.page)

    @property
    def heading(self) -> str:
        """The blade's title."""
        title = self.page.h1
        assert title is not None, "the page has no title"
        return _words(title)

    def sees(self, *words: str) -> None:
        """Assert that the page shows each of `words`."""
        for word in words:
            assert word in self.text, f"{word!r} is not on {self.url}: {self.text}"

    def sees_not(self, *words: str) -> None:
        """Assert that the page shows none of `words`."""
        for word in words:
            assert word not in self.text, f"{word!r} is on {self.url}"

    @property
    def toasts(self) -> list[str]:
        """The titles of the toasts on the page, such as "Compliance partner created"."""
        return [_words(title) for title in self.page.select(".toast .toast__title")]

    def click(self, words: str, *, inside: str = "") -> None:
        """Follow the link or press the button that shows `words`, whatever the case.

        inside: CSS selector of the part of the page to look in.
        """
        part = self.page.select_one(inside) if inside else self.page
        assert part is not None, f"no {inside} on {self.url}"
        found = [
            tag
            for tag in part.select("a[href], a[role=link], button")
            if self._name(tag).casefold() == words.casefold() and tag.find_parent("dialog", open=False) is None
        ]
        assert found, f"nothing to click says {words!r} on {self.url}"
        target = next((tag for tag in found if not _greyed_out(tag)), None)
        assert target is not None, f"{words!r} is disabled on {self.url}"
        if target.name == "a":
            self.go(urljoin(self.url, str(target["href"])))
        else:
            self._submit(target)

    def choose(self, label: str, option: str) -> None:
        """Choose `option` in the drop-down `label`."""
        select = self._labelled(label)
        options = {_words(tag): tag for tag in select.select("option")}
        assert option in options, f"{label!r} offers {sorted(options)}"
        for tag in options.values():
            del tag["selected"]
        options[option]["selected"] = ""

    def fill(self, label: str, value: str) -> None:
        """Type `value` into the field `label`."""
        field = self._labelled(label)
        if field.name == "textarea":
            field.string = value
        else:
            field["value"] = value

    def tick(self, label: str) -> None:
        """Tick the checkbox, or choose the radio button, that says `label`."""
        box = self._box(label)
        if box["type"] == "radio":
            for other in self.page.select(f'input[type=radio][name="{box["name"]}"]'):
                del other["checked"]
        box["checked"] = ""

    def untick(self, label: str) -> None:
        """Take the tick from the checkbox that says `label`."""
        del self._box(label)["checked"]

    def rows(self, caption: str) -> list[dict[str, str]]:
        """The rows of the table `caption`, each by the words of its column heads."""
        table = next((t for t in self.page.select("table") if t.caption and _words(t.caption) == caption), None)
        assert table is not None, f"no table {caption!r} on {self.url}"
        heads = [_words(head) for head in table.select("thead th")]
        return [
            dict(zip(heads, [_words(cell) for cell in row.select("td")], strict=False))
            for row in table.select("tbody tr")
        ]

    def _arrive(self, response: Any) -> None:
        assert response.status_code in {200, 422}, f"{response.status_code} for {response.request['PATH_INFO']}"
        query = response.request.get("QUERY_STRING", "")
        self.url = response.request["PATH_INFO"] + (f"?{query}" if query else "")
        self.page = BeautifulSoup(response.content, "html.parser")
        for hidden in self.page.select("template, script, style, [aria-hidden=true]"):
            if hidden.name not in {"button", "input"}:
                hidden.decompose()

    def _submit(self, button: Tag) -> None:
        name = button.get("form")
        form = self.page.find("form", id=str(name)) if name else button.find_parent("form")
        assert isinstance(form, Tag), f"{self._name(button)!r} belongs to no form"
        data: dict[str, list[str]] = {}
        for field in [*form.select("input, select, textarea"), *self._outside(form)]:
            self._collect(field, data)
        if button.get("name"):
            data.setdefault(str(button["name"]), []).append(str(button.get("value", "")))
        action = urljoin(self.url, str(button.get("formaction") or form.get("action") or self.url))
        if str(form.get("method", "get")).lower() == "post":
            self._arrive(self.client.post(action, data, follow=True))
        else:
            self._arrive(self.client.get(action.partition("?")[0], data, follow=True))

    def _outside(self, form: Tag) -> list[Tag]:
        """The fields that belong to the form by its id."""
        if not form.get("id"):
            return []
        selector = ", ".join(f'{tag}[form="{form["id"]}"]' for tag in ("input", "select", "textarea"))
        return [tag for tag in self.page.select(selector) if form not in tag.parents]

    @staticmethod
    def _collect(field: Tag, data: dict[str, list[str]]) -> None:
        name = str(field.get("name", ""))
        if not name or field.has_attr("disabled"):
            return
        if field.name == "select":
            options = field.select("option")
            chosen = [o for o in options if o.has_attr("selected")] or options[:1]
            data.setdefault(name, []).extend(str(o.get("value", "")) for o in chosen)
        elif field.get("type") in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                data.setdefault(name, []).append(str(field.get("value", "on")))
        elif field.get("type") not in {"submit", "button"}:
            value = field.get_text() if field.name == "textarea" else str(field.get("value", ""))
            data.setdefault(name, []).append(value)

    def _name(self, tag: Tag) -> str:
        """What a screen reader says: the visible words, or what labels the element instead."""
        if tag.get("aria-label"):
            return str(tag["aria-label"])
        ids = str(tag.get("aria-labelledby", "")).split()
        labels = [self.page.find(id=name) for name in ids]
        return " ".join(_words(label) for label in labels if isinstance(label, Tag)) if ids else _words(tag)

    def _labelled(self, label: str) -> Tag:
        for tag in self.page.select("label[for]"):
            if _words(tag) == label:
                field = self.page.find(id=str(tag["for"]))
                assert isinstance(field, Tag)
                return field
        # Fields of a table's last row, such as those of the rule builder, have their column's head for a label.
        for field in self.page.select("input[aria-label], select[aria-label], textarea[aria-label]"):
            if field["aria-label"] == label and field.find_parent("dialog", open=False) is None:
                return field
        raise AssertionError(f"no field {label!r} on {self.url}")

    def _box(self, label: str) -> Tag:
        for tag in self.page.select("label"):
            box = tag.select_one("input")
            named = tag.select_one("[data-name]") or tag
            if box is not None and _words(named) == label and tag.find_parent("dialog", open=False) is None:
                return box
        for box in self.page.select("input[type=checkbox][aria-label], input[type=radio][aria-label]"):
            if box["aria-label"] == label:
                return box
        raise AssertionError(f"nothing to tick says {label!r} on {self.url}")


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def _greyed_out(tag: Tag) -> bool:
    return tag.get("aria-disabled") == "true" or tag.has_attr("disabled")
