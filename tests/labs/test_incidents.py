"""Each incident in directories of every kind: its symptom comes, the right fix heals it, a wrong one does not."""

from __future__ import annotations

import pytest

from labs import catalogue
from labs.incidents import CASES
from tenancy.models import Tenant
from tests.factories import TenantFactory
from tests.labs.stories import STORIES, Scene

KEYS = sorted(CASES)


@pytest.fixture(params=["instant", "real"])
def place(request, db) -> Tenant:
    """An empty directory, with and without delays, following the document and not."""
    mode = {"instant": Tenant.DocumentMode.AS_WRITTEN, "real": Tenant.DocumentMode.AS_IT_WORKS}[request.param]
    return TenantFactory(
        slug="kestrel", default_domain="kestrel.example", propagation=request.param, document_mode=mode
    )


def test_every_incident_has_a_case_and_a_story():
    assert set(catalogue.incidents()) == set(CASES) == set(STORIES)


@pytest.mark.parametrize("key", KEYS)
def test_symptom_comes_by_the_clock_and_the_right_fix_heals(place, key):
    story, scene = STORIES[key](), Scene(place, key)
    scene.pass_by(hours=story.shows)
    story.symptom(scene)
    assert scene.status() == "open"

    story.right(scene)
    scene.pass_by(hours=story.heals_within)

    story.verification(scene)
    assert scene.status() == "healed"


@pytest.mark.parametrize("key", KEYS)
def test_wrong_fix_does_not_heal(place, key):
    story, scene = STORIES[key](), Scene(place, key)
    scene.pass_by(hours=story.shows)

    story.wrong(scene)
    scene.pass_by(days=2)

    assert scene.status() == "open"
