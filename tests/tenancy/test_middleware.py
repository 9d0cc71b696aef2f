from __future__ import annotations

import re

from django.urls import reverse

from tenancy.models import JournalEntry


def test_pages_of_a_tenant_are_kept_by_no_cache(portal, tenant):
    response = portal.get(reverse("console:home", args=[tenant.slug]))

    assert "no-store" in response.headers["Cache-Control"]


def test_answer_carries_the_id_under_which_the_journal_has_its_write(portal, tenant):
    address = reverse("console:settings", args=[tenant.slug])

    response = portal.post(address, {"document_mode": "as_it_works", "propagation": tenant.propagation})

    request_id = response.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert JournalEntry.objects.in_tenant(tenant).get().request_id == request_id
