"""Every service and blade that the navigation and the menus name, for All services and for the global search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, resolve, reverse

from blades.vocabulary import TABLE, say
from console.menus import CENTERS, MENUS, Item, Menu
from console.navigation import PLACES
from tenancy.http import permission_of
from tenancy.roles import Permission

_NOBODY = "-"  # a slug to resolve addresses with


@dataclass(frozen=True)
class Entry:
    """One place to go. group: where it stands below its center, "Devices > Policy" for example, or empty.

    view: URL name of ours; without one there is an honest page of the name `slug`. permission: of that view, if any.
    """

    label: str
    icon: str
    center: str
    group: str
    view: str
    slug: str
    purpose: str = ""
    permission: Permission | None = None

    @property
    def honest(self) -> bool:
        """Whether the console only says that it does not have this blade."""
        return not self.view

    @property
    def center_label(self) -> str:
        return CENTERS[self.center].label

    def url(self, tenant: str) -> str:
        return reverse(self.view, args=[tenant]) if self.view else reverse("console:blade", args=[tenant, self.slug])

    def rank(self, words: list[str], phrase: str) -> int | None:
        """How well the entry answers what was typed, 0 best; None: not at all. Both vocabularies count."""
        texts = [self.label, self.group]
        spoken = [*texts, *(TABLE.get(text, say(text)) for text in texts)]
        haystack = " ".join(spoken).casefold()
        if not all(word in haystack for word in words):
            return None
        label = say(self.label).casefold()
        place = 3
        if label.startswith(phrase):
            place = 0
        elif f" {phrase}" in label:
            place = 1
        elif phrase in label:
            place = 2
        return place * 4 + self.honest * 2 + bool(self.group)


@dataclass(frozen=True)
class Section:
    """A heading of All services. icon: of the heading, or empty."""

    heading: str
    entries: tuple[Entry, ...]


@cache
def sections(center: str) -> tuple[Section, ...]:
    """What one center has: its services, then one section a menu."""
    services = [*CENTERS[center].nav, *CENTERS[center].favorites]
    found = [Section("Services", tuple(_entries(center, services)))]
    for menu in MENUS.values():
        if menu.center == center and menu.label:
            entries = [entry for group in menu.groups for entry in _entries(center, group.items, menu, group.heading)]
            found.append(Section(menu.label, tuple(entries)))
    return tuple(found)


@cache
def entries() -> tuple[Entry, ...]:
    """All of both centers, and the blades that no menu names."""
    found = [entry for center in CENTERS for section in sections(center) for entry in section.entries]
    named = {entry.view for entry in found} | {"console:search"}
    for view, place in PLACES.items():
        if place.heading and view not in named:
            item = Item(place.heading, place.icon or "apps_list", view=view)
            found += _entries(place.center, [item])
    return tuple(found)


def _entries(center: str, items: Iterable[Item], menu: Menu | None = None, heading: str = "") -> Iterator[Entry]:
    group = " > ".join(part for part in (menu.label if menu else "", heading) if part)
    for item in items:
        permission = None
        if item.view:
            try:
                address = reverse(item.view, args=[_NOBODY])
            except NoReverseMatch:
                continue  # the blade of one object
            permission = permission_of(resolve(address).func)
        yield Entry(item.label, item.icon, center, group, item.view, item.slug, item.purpose, permission)
