"""The table of addresses in docs/automated-runs.md, read from the URL configuration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tenancy.http import permission_of

# The page of all components is for developers, and not part of the console.
LEFT_OUT = {"blades:components"}


def table() -> str:
    """One row for each address: its path, its name, what it takes, who may open it, what it is."""
    rows = [
        f"| `{route}` | `{name}` | {methods(view)} | {permission_of(view) or '–'} | {purpose(view)} |"
        for route, name, view in sorted(routes())
        if name not in LEFT_OUT
    ]
    return "\n".join(
        ["| Address | Name | Methods | Permission | What it is |", "| --- | --- | --- | --- | --- |", *rows]
    )


def routes(patterns: Any = None, above: str = "/", namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    """Route, full name and view of each pattern."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = above + re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(entry.pattern))
        if isinstance(entry, URLResolver):
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, route, inside)
        elif isinstance(entry, URLPattern):
            yield route, f"{namespace}{entry.name}", entry.callback


def methods(view: Any) -> str:
    """What the view takes, of GET and POST: what its decorators or, for a class, its methods say."""
    allowed = {name.upper() for name in ("get", "post") if hasattr(getattr(view, "view_class", None), name)}
    while view is not None and not allowed:
        closure = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        allowed = {method for method in closure.get("request_method_list", ()) if method in {"GET", "POST"}}
        view = getattr(view, "__wrapped__", None)
    return ", ".join(sorted(allowed)) or "any"


def purpose(view: Any) -> str:
    """The first sentence of what the view says of itself."""
    documented = getattr(view, "view_class", view)
    text = " ".join((documented.__doc__ or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z`?])", text)[0].replace("|", "\\|")
