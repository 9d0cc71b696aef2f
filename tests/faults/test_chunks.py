"""A cloud that does not know how long its body will be sends it in chunks; the web server takes them apart."""

from __future__ import annotations

import json

import pytest

from partners import connections
from tests.devices.test_reports import WORKSPACE_ONE, Site
from tests.factories import TenantFactory
from tests.faults.server import request, running

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/partner-api/v1/compliance-states"


def test_upload_in_chunks_is_taken_as_if_its_length_were_known():
    tenant = Site(TenantFactory()).tenant
    token = connections.create_token(tenant=tenant, actor=None, partner=WORKSPACE_ONE, name="Cloud").text
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"uploadId": "one", "items": []}).encode()

    with running(workers=1) as server:
        chunked = request(server.port, "POST", PATH, iter([body[:9], body[9:]]), **headers)
        whole = request(server.port, "POST", PATH, body, **headers)

    assert (chunked[0], chunked[1]["status"]) == (200, "Completed")
    assert whole == chunked
