"""The global search, and All services of both centers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from blades.http import render_blade
from blades.vocabulary import say
from console import blade_index, search
from tenancy.http import OperatorRequest


@require_safe
def search_page(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Results as a page; for the box in the header as the options of its list."""
    term = _term(request, search.LONGEST_TERM)
    kinds = search.find(request, term) if term else []
    n = sum(len(kind.hits) for kind in kinds)
    context = {
        "term": term,
        "kinds": kinds,
        "count": "" if not term else f"{n} result{'' if n == 1 else 's'}" if n else "No results",
    }
    partial = "options" if request.htmx.target == "global-results" else "results"
    return render_blade(request, "console/search.html", context, partial=partial)


@require_safe
def all_services(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Every service and blade of the Endpoint Manager admin center."""
    return _all_services(request, "endpoint")


@require_safe
def directory_all_services(request: OperatorRequest, tenant: str) -> HttpResponse:
    """Every service and blade of the Azure Active Directory admin center."""
    return _all_services(request, "directory")


def _all_services(request: OperatorRequest, center: str) -> HttpResponse:
    term = _term(request, search.LONGEST_TERM)
    phrase = term.casefold()
    sections: list[dict[str, Any]] = []
    for section in blade_index.sections(center):
        entries = [
            {
                "label": say(entry.label),
                "icon": entry.icon,
                "url": entry.url(request.tenant.slug),
                "honest": entry.honest,
            }
            for entry in section.entries
            if entry.rank(phrase.split(), phrase) is not None
        ]
        if entries:
            sections.append({"heading": say(section.heading), "entries": entries})
    n = sum(len(section["entries"]) for section in sections)
    context = {"term": term, "sections": sections, "count": f"{n} item{'' if n == 1 else 's'}"}
    return render_blade(request, "console/all_services.html", context, partial="results")


def _term(request: OperatorRequest, longest: int) -> str:
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())[:longest]
