"""Template tags of the portal's frame: icons, slots, dates, hidden query parameters, charts."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.engine import Engine
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from blades import presentation, vocabulary

register = template.Library()

STATUS_ICONS = {"ok": "ok-f", "bad": "bad-f", "warn": "warn-f", "info": "info-f", "none": "circle"}
AVATAR_COLOURS = 8

# A page, a cursor or an open pane belongs to one state of a list; a new filter starts from the top.
POSITION_PARAMETERS = ("page", "after", "before", "pane")


# Icons


@cache
def _sprite() -> str:
    return static("icons/icons.svg")


@cache
def _colour_icon_url(name: str) -> str:
    return static(f"icons/color/{name}.svg")


class IconNode(template.Node):
    """An icon, drawn once where the template itself names it: a page has dozens."""

    def __init__(self, arguments: Sequence[FilterExpression]) -> None:
        self.arguments = arguments
        self.named = not any(argument.is_var for argument in arguments)
        self.drawn: SafeString | None = None

    def render(self, context: Context) -> SafeString:
        if self.drawn is not None:
            return self.drawn
        drawn = icon(*(argument.resolve(context) for argument in self.arguments))
        if self.named:
            self.drawn = drawn
        return drawn


@register.tag("icon")
def _icon_tag(parser: Parser, token: Token) -> IconNode:
    """{% icon NAME %} or {% icon NAME CSS %}: see `icon`."""
    arguments = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    if not 1 <= len(arguments) <= 2:
        raise template.TemplateSyntaxError("icon takes a name, and classes after it.")
    return IconNode(arguments)


@cache
def icon(name: str, css: str = "") -> SafeString:
    """The monoline icon `name` of the sprite. css: more classes, for example "icon--20"."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>',
        f" {css}" if css else "",
        _sprite(),
        name,
    )


@register.simple_tag
def art(name: str) -> SafeString:
    """The grey 104 px drawing `name` (link, search, lock) of an empty state."""
    return format_html(
        '<svg class="empty__art" viewBox="0 0 104 104" aria-hidden="true"><use href="{}#art-{}"></use></svg>',
        _sprite(),
        name,
    )


@register.simple_tag
def color_icon(name: str, size: int = 18, css: str = "") -> SafeString:
    """The colour icon static/icons/color/<name>.svg. It is decoration: the text beside it names the thing."""
    return _color_icon(name, size, css)


@cache
def _color_icon(name: str, size: int, css: str) -> SafeString:
    return format_html(
        '<img{} src="{}" alt="" width="{}" height="{}">',
        format_html(' class="{}"', css) if css else "",
        _colour_icon_url(name),
        size,
        size,
    )


@register.simple_tag
def status(kind: str, label: str) -> SafeString:
    """Icon and word of a state. kind: ok, bad, warn, info or none."""
    return status_html(kind, str(label))


@cache
def status_html(kind: str, label: str) -> SafeString:
    """The same for display-ready rows, made in Python once for each state."""
    return format_html('<span class="status status--{}">{}{}</span>', kind, icon(STATUS_ICONS[kind], ""), label)


def initials(name: str) -> str:
    """Two letters for a monogram: of the first two words, or the first two of a single word."""
    words = ["".join(c for c in word if c.isalnum()) for word in name.split()]
    words = [word for word in words if word]
    if not words:
        return "?"
    letters = words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """A square monogram whose colour follows from the name. size: "sm" (20 px), "lg" (40 px) or nothing (32 px)."""
    name = str(name)
    colour = zlib.crc32(name.encode()) % AVATAR_COLOURS + 1
    return format_html(
        '<span class="avatar av-{}{}" aria-hidden="true">{}</span>',
        colour,
        f" avatar--{size}" if size else "",
        initials(name),
    )


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that breaks before its @ where it does not fit."""
    name, at, host = str(address).partition("@")
    return format_html("{}<wbr>{}{}", name, at, host)


# Navigation


@register.simple_tag
def nav_links(items: Iterable[Any], kind: str) -> SafeString:
    """The entries of the left navigation (kind "nav") or of a group of a menu ("menu").

    Drawn once for each current entry and kept, because every page of a tenant shows the same ones.
    """
    names = ("url", "label", "icon", "current")
    entries = (item if isinstance(item, Mapping) else vars(item) for item in items)
    return _nav_links(tuple(tuple(entry.get(name, "") for name in names) for entry in entries), kind)


@lru_cache(maxsize=1024)
def _nav_links(items: tuple[tuple[Any, ...], ...], kind: str) -> SafeString:
    if kind == "nav":
        current = mark_safe(' aria-current="true"')
        return format_html_join(
            "",
            '<li><a href="{}" title="{}"{}>{}<span class="nav__label">{}</span></a></li>',
            (
                (url, label, current if here else "", _color_icon(icon, 18, ""), label)
                for url, label, icon, here in items
            ),
        )
    current = mark_safe(' aria-current="page"')
    return format_html_join(
        "",
        '<li><a class="menu__item" href="{}"{}>{}<span>{}</span></a></li>',
        ((url, current if here else "", _color_icon(icon, 16, ""), label) for url, label, icon, here in items),
    )


# Dates


@register.filter
def portal_date(value: datetime | None, empty: str = "--") -> str:
    """7/15/2020, 9:42:11 AM or as the operator's regional format has it; `empty` where there is no date."""
    if value is None or value == "":
        return empty
    if timezone.is_aware(value):
        value = timezone.localtime(value)
    return presentation.moment(value)


@register.filter
def ago(value: datetime) -> str:
    """How long ago something happened, in real time: "2 minutes ago"."""
    seconds = max(0, int((timezone.now() - value).total_seconds()))
    for unit, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "a few seconds ago"


_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


@register.filter
def say(text: str) -> str:
    """Our own words in the vocabulary of the directory: {{ "Azure AD devices"|say }}."""
    return vocabulary.say(text)


# Query parameters


@register.simple_tag(takes_context=True)
def hidden_params(context: Context, *exclude: str) -> SafeString:
    """Hidden inputs for the query parameters that a GET form keeps: all but its own and the position in the list."""
    query: QueryDict = context["request"].GET
    kept = (
        (name, value)
        for name, values in query.lists()
        if name not in exclude and name not in POSITION_PARAMETERS
        for value in values
    )
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag
def filter_state(values: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a filter pill shows for `values` of {value, label, checked}."""
    values = list(values)
    ticked = [value["label"] for value in values if value.get("checked")]
    everything = not ticked or len(ticked) == len(values)
    if everything:
        shown = "All"
    elif len(ticked) <= 2:
        shown = ", ".join(str(label) for label in ticked)
    else:
        shown = f"{len(ticked)} selected"
    return {"all": everything, "shown": shown}


_CHOICE = '<li><label class="choice"><input class="{}" type="{}" name="{}" value="{}"{}> {}{}</label></li>'


@register.simple_tag
def filter_choices(name: str, values: Iterable[Mapping[str, Any]], single: bool = False) -> SafeString:  # noqa: FBT001, FBT002 - a tag's
    """The boxes of a filter pill, or its radio buttons; drawn here, because a list has dozens of them."""
    css, kind = ("radio", "radio") if single else ("check", "checkbox")
    return format_html_join(
        "",
        _CHOICE,
        (
            (
                css,
                kind,
                name,
                value["value"],
                _CHECKED if value.get("checked") else "",
                value["label"],
                "" if value.get("count") is None else f" ({value['count']})",
            )
            for value in values
        ),
    )


_CHECKED = mark_safe(" checked")


@register.filter
def edited(field: BoundField) -> bool:
    """Whether the posted value differs from what is saved: such a field is violet until the form is saved."""
    return field.form.is_bound and field.name in field.form.changed_data


# Slots


class ComposeNode(template.Node):
    def __init__(
        self, component: FilterExpression, values: dict[str, FilterExpression], slots: dict[str, NodeList]
    ) -> None:
        self.component = component
        self.values = values
        self.slots = slots
        self.nodelist = NodeList([node for content in slots.values() for node in content])

    def render(self, context: Context) -> str:
        # rendered by this template engine, so escaped where needed
        filled = {name: mark_safe(content.render(context).strip()) for name, content in self.slots.items()}  # noqa: S308
        values = {name: value.resolve(context) for name, value in self.values.items()}
        component = Engine.get_default().get_template(self.component.resolve(context))
        # A component sees its parameters and nothing else of the page, as if it were included with `only`.
        frame = {name: context[name] for name in ("request", "csrf_token") if name in context}
        return component.render(context.new({**frame, **values, **filled}))


@register.tag
def compose(parser: Parser, token: Token) -> ComposeNode:
    """Draws a component around content of the page.

    {% compose "components/pane.html" id="columns" title="Columns" %}
      …becomes `body`…
    {% slot footer %}
      …becomes `footer`…
    {% endcompose %}
    """
    _, component, *rest = token.split_contents()
    values = token_kwargs(rest, parser)
    if rest:
        raise template.TemplateSyntaxError(f"compose does not understand {' '.join(rest)}")
    slots: dict[str, NodeList] = {}
    name = "body"
    while True:
        slots[name] = parser.parse(("slot", "endcompose"))
        closing = parser.next_token()
        parts = closing.split_contents()
        if parts[0] == "endcompose":
            break
        name = parts[1]
    return ComposeNode(parser.compile_filter(component), values, slots)


class FilledNode(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        with context.push(_filled=[]):
            markup = self.nodelist.render(context)
            return markup if any(context["_filled"]) else ""


class FillNode(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        content = self.nodelist.render(context).strip()
        context["_filled"].append(bool(content))
        return content


@register.tag
def filled(parser: Parser, token: Token) -> FilledNode:
    """Draws its markup only when a `fill` inside has content: a bar without commands leaves no empty bar."""
    nodelist = parser.parse(("endfilled",))
    parser.delete_first_token()
    return FilledNode(nodelist)


@register.tag
def fill(parser: Parser, token: Token) -> FillNode:
    nodelist = parser.parse(("endfill",))
    parser.delete_first_token()
    return FillNode(nodelist)


# Charts


@register.inclusion_tag("components/stacked_bar.html")
def stacked_bar(title: str, parts: Iterable[Mapping[str, Any]], unit: str = "Devices") -> dict[str, Any]:
    """One bar divided into `parts` of {label, count, kind, url}, and the same numbers as a table.

    kind: ok, bad, warn, info or none; url may be missing.
    """
    parts = list(parts)
    total = sum(part["count"] for part in parts)
    drawn: list[dict[str, Any]] = []
    x = 0.0
    for part in parts:
        width = part["count"] * 100 / total if total else 0.0
        drawn.append({**part, "x": _percent(x), "width": _percent(width)})
        x += width
    return {"title": title, "parts": drawn, "unit": unit}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(title: str, parts: Iterable[Mapping[str, Any]], unit: str = "Devices") -> dict[str, Any]:
    """A table of {label, count, url} whose rows carry a bar in proportion to the largest count."""
    parts = list(parts)
    largest = max((part["count"] for part in parts), default=0) or 1
    drawn = [{**part, "width": _percent(part["count"] * 100 / largest)} for part in parts]
    return {"title": title, "parts": drawn, "unit": unit}


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
