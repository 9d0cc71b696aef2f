"""What a partner's cloud calls: tokens, batches, refusals, and a description that is true."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings

from console.wsgi import application
from devices.models import PartnerVerdict, Upload
from devices.partner_api import views
from partners import connections
from partners.models import PartnerConnection
from tenancy.models import JournalEntry
from tests.devices.test_reports import WORKSPACE_ONE, Site
from tests.factories import TenantFactory

ROOT = "/partner-api/v1/"


class Cloud:
    """A partner's cloud that holds a token."""

    def __init__(self, tenant) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.made = connections.create_token(tenant=tenant, actor=None, partner=WORKSPACE_ONE, name="Cloud")
        self.headers = {"Authorization": f"Bearer {self.made.text}"}

    def get(self, path: str = "", **headers: str):
        return self.client.get(ROOT + path, headers=self.headers | headers)

    def post(self, path: str, body: object, *, content_type: str = "application/json", **headers: str):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(ROOT + path, data, content_type=content_type, headers=self.headers | headers)

    def stream(self, path: str, body: io.RawIOBase | io.BytesIO, *, terminated: bool = True, **headers: str):
        """Post in chunks. terminated: the server takes them apart and ends the body."""
        headers = self.headers | {"Transfer-Encoding": "chunked"} | headers
        environ: Any = {"CONTENT_TYPE": "application/json", "wsgi.input": body, "wsgi.input_terminated": terminated}
        return self.client.generic("POST", ROOT + path, headers=headers, **environ)


@pytest.fixture
def site(tenant):
    return Site(tenant)


@pytest.fixture
def cloud(site):
    return Cloud(site.tenant)


def batch(site, *items, key="one"):
    return {"uploadId": key, "items": list(items)}


def state(site, **said):
    item = {
        "deviceId": str(site.record.device_id),
        "userId": str(site.user.pk),
        "compliant": True,
        "lastUpdate": site.tenant.now().isoformat(),
    }
    return item | said


def code(response) -> str:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "requestId"}
    assert body["error"]["requestId"] == response["X-Request-ID"]
    return body["error"]["code"]


# Who may call


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Bearer nonsense", "Basic bWFyYTpwYXNz"])
def test_without_a_good_token_there_is_no_answer(site, header):
    headers = {} if header is None else {"Authorization": header}

    response = Client().get(ROOT, headers=headers)

    assert response.status_code == 401
    assert code(response) == "unauthorized"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_revoked_token_is_refused(cloud):
    connections.revoke_token(token=cloud.made.token, actor=None)

    assert cloud.get().status_code == 401


def test_session_of_an_operator_opens_nothing(portal, site):
    assert portal.get(ROOT).status_code == 401


def test_token_says_which_directory_is_meant(cloud, site):
    said = cloud.get().json()

    assert said["tenantId"] == str(site.tenant.directory_id)
    assert said["displayName"] == site.tenant.display_name
    assert said["state"] == "provisioned"
    assert said["now"].startswith("2020-07-20")


def test_device_of_another_directory_is_unknown_to_the_token(cloud, site):
    other = Site(TenantFactory())
    other.managed()

    answer = cloud.post("compliance-states", batch(site, state(other))).json()

    assert [item["reason"] for item in answer["refusedItems"]] == ["unknownDevice"]
    assert not PartnerVerdict.objects.in_tenant(other.tenant).exists()


@pytest.fixture
def wall_clock(monkeypatch):
    """The wall clock, by which requests are counted, stands still at 42 seconds past a minute until a test moves it."""

    class WallClock:
        now = datetime(2026, 1, 1, 12, 0, 42, tzinfo=UTC)

    monkeypatch.setattr(connections, "timezone", SimpleNamespace(now=lambda: WallClock.now))
    monkeypatch.setattr(connections, "REQUESTS_A_MINUTE", 2)
    return WallClock


def test_too_many_requests_wait_for_the_next_minute(cloud, wall_clock):
    answers = [cloud.get() for _ in range(4)]
    wall_clock.now += timedelta(seconds=int(answers[-1]["Retry-After"]))
    later = cloud.get()

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert code(answers[2]) == "tooManyRequests"
    assert answers[2]["Retry-After"] == "18"
    assert later.status_code == 200


def test_requests_of_one_token_do_not_count_for_another(cloud, site, wall_clock):
    for _ in range(3):
        cloud.get()

    assert Cloud(site.tenant).get().status_code == 200


# Provisioning


def test_partner_provisions_and_deprovisions_the_directory(cloud, site):
    urls = {
        "partnerEnrollmentUrl": "https://ds.vmware.example/enroll",
        "partnerRemediationUrl": "https://ds.vmware.example/fix",
    }

    gone = cloud.post("provisioning", {"provisioned": 2})
    back = cloud.post("provisioning", {"provisioned": 1} | urls)

    assert gone.json()["state"] == "deprovisioned"
    assert back.json()["state"] == "provisioned"
    assert urls.items() <= back.json().items()
    site.configuration.refresh_from_db()
    assert site.configuration.get_status_display() == "Active"


@pytest.mark.parametrize("provisioned", [0, 3, "1", True, None, 1.5])
def test_provisioning_takes_one_and_two_only(cloud, provisioned):
    response = cloud.post("provisioning", {"provisioned": provisioned})

    assert response.status_code == 400
    assert code(response) == "invalid"
    assert "'provisioned'" in response.json()["error"]["message"]


def test_directory_that_has_not_added_the_partner_cannot_be_provisioned(tenant):
    response = Cloud(tenant).post("provisioning", {"provisioned": 1})

    assert response.status_code == 409
    assert code(response) == "notConfigured"
    assert not PartnerConnection.objects.in_tenant(tenant).exists()


def test_url_that_is_not_https_is_refused(cloud):
    response = cloud.post("provisioning", {"provisioned": 1, "partnerEnrollmentUrl": "http://ds.vmware.example"})

    assert response.status_code == 400
    assert "'partnerEnrollmentUrl'" in response.json()["error"]["message"]


# Batches


def test_verdicts_are_taken_one_by_one(cloud, site):
    device = site.managed()

    response = cloud.post(
        "compliance-states",
        batch(site, state(site, compliant=False), state(site, deviceId=str(uuid4())), {"deviceId": "x"}, 7),
    )

    assert response.status_code == 200
    answer = response.json()
    assert (answer["status"], answer["accepted"], answer["refused"]) == ("Completed", 1, 3)
    assert [(item["index"], item["reason"]) for item in answer["refusedItems"]] == [
        (1, "unknownDevice"),
        (2, "invalid"),
        (3, "invalid"),
    ]
    device.refresh_from_db()
    assert device.get_compliance_display() == "Not compliant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"deviceId": None},
        {"deviceId": 7},
        {"deviceId": "not an id"},
        {"compliant": "true"},
        {"compliant": 1},
        {"lastUpdate": "yesterday"},
        {"lastUpdate": 1_595_232_000},
        {"lastUpdate": "2020-07-20T08:00:00"},
        {"lastUpdate": "0001-01-01T00:00:00+14:00"},
        {"tenantId": "00000000-0000-0000-0000-000000000001"},
    ],
    ids=str,
)
def test_item_that_cannot_be_read_is_refused_and_says_what_is_wrong(cloud, site, wrong):
    site.managed()

    answer = cloud.post("compliance-states", batch(site, state(site, **wrong))).json()

    [refused] = answer["refusedItems"]
    assert refused["reason"] == "invalid"
    assert f"'{next(iter(wrong))}'" in refused["message"]


def test_item_from_the_far_future_is_refused(cloud, site):
    site.managed()

    answer = cloud.post("compliance-states", batch(site, state(site, lastUpdate="9999-12-31T23:59:59-14:00"))).json()

    assert answer["refusedItems"][0]["reason"] == "fromTheFuture"


@pytest.mark.parametrize(("ahead", "refused"), [(timedelta(minutes=4), []), (timedelta(minutes=6), ["fromTheFuture"])])
def test_clock_of_a_partner_may_be_five_minutes_ahead(cloud, site, ahead, refused):
    site.managed()
    item = state(site, lastUpdate=(site.tenant.now() + ahead).isoformat())

    answer = cloud.post("compliance-states", batch(site, item)).json()

    assert [item["reason"] for item in answer["refusedItems"]] == refused


def test_devices_are_described(cloud, site):
    item = state(site, deviceName="Ana's iPhone", osVersion="13.6", easIds=["ABC"], unheard="of")

    answer = cloud.post("device-inventory", batch(site, item)).json()

    assert answer["accepted"] == 1
    response = cloud.post("compliance-states", batch(site, state(site), key="two"))
    assert response.json()["accepted"] == 1


@pytest.mark.parametrize("name", ["null\x00byte", "line\nbreak", "x" * 121, "\ud800"])
def test_text_that_no_list_could_show_is_refused(cloud, site, name):
    answer = cloud.post("device-inventory", batch(site, state(site, deviceName=name))).json()

    assert answer["refusedItems"][0]["reason"] == "invalid"


@pytest.mark.parametrize(
    ("name", "longest"), [("deviceName", 120), ("osVersion", 40), ("serialNumber", 40), ("imei", 20)]
)
def test_text_that_is_too_long_is_told_in_characters(cloud, site, name, longest):
    long = cloud.post("device-inventory", batch(site, state(site, **{name: "x" * longest}))).json()
    too_long = cloud.post("device-inventory", batch(site, state(site, **{name: "x" * (longest + 1)}), key="two")).json()

    assert long["accepted"] == 1
    [refused] = too_long["refusedItems"]
    assert refused["message"] == f"'{name}': String should have at most {longest} characters."


def test_gzip_is_understood(cloud, site):
    site.managed()
    body = gzip.compress(json.dumps(batch(site, state(site))).encode())

    assert cloud.post("compliance-states", body, **{"Content-Encoding": "gzip"}).json()["accepted"] == 1


def test_batch_sent_again_is_answered_as_the_first_time(cloud, site):
    site.managed()
    body = batch(site, state(site), state(site, deviceId=str(uuid4())))

    first, again = cloud.post("compliance-states", body), cloud.post("compliance-states", body)

    assert first.json() == again.json()
    assert Upload.objects.in_tenant(site.tenant).count() == 1


def test_other_batch_under_the_same_id_is_a_conflict(cloud, site):
    site.managed()
    cloud.post("compliance-states", batch(site, state(site)))

    response = cloud.post("compliance-states", batch(site, state(site, compliant=False)))

    assert response.status_code == 409
    assert code(response) == "keyReused"


@pytest.mark.parametrize(
    ("first", "then"),
    [("device-inventory", "compliance-states"), ("compliance-states", "device-inventory")],
)
def test_same_body_under_the_same_id_at_the_other_address_is_a_conflict(cloud, site, first, then):
    site.managed()
    body = batch(site, state(site))
    cloud.post(first, body)

    response = cloud.post(then, body)

    assert response.status_code == 409
    assert code(response) == "keyReused"
    assert cloud.post(first, body).status_code == 200


def test_what_became_of_an_upload_can_be_asked_later(cloud, site):
    site.managed()
    body = batch(site, state(site), state(site, deviceId=str(uuid4())))
    first = cloud.post("compliance-states", body).json()

    assert cloud.get("uploads/one").json() == first
    missing = cloud.get("uploads/two")
    assert missing.status_code == 404
    assert code(missing) == "notFound"


def test_upload_of_another_directory_does_not_exist(cloud, site):
    site.managed()
    cloud.post("compliance-states", batch(site, state(site)))

    assert Cloud(Site(TenantFactory()).tenant).get("uploads/one").status_code == 404


def test_directory_that_is_not_provisioned_takes_nothing(cloud, site):
    connections.deprovision(tenant=site.tenant, partner=WORKSPACE_ONE)

    response = cloud.post("compliance-states", batch(site, state(site)))

    assert response.status_code == 403
    assert code(response) == "notProvisioned"


def test_audit_log_says_that_the_partner_did_it(cloud, site):
    site.managed()
    response = cloud.post("compliance-states", batch(site, state(site)))

    entry = JournalEntry.objects.in_tenant(site.tenant).get(activity="Upload partner reports")
    assert entry.source == JournalEntry.Source.PARTNER
    assert entry.request_id == response["X-Request-ID"]


# Bodies


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b'"text"', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"uploadId": NaN}', 400, "malformed"),
        (b"[" * 100_000 + b"]" * 100_000, 400, "malformed"),
        (b'{"uploadId": "a", "items": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "malformed"),
        (b"9" * 5_000, 400, "malformed"),
        (b"{}", 400, "invalid"),
        (b'{"uploadId": "", "items": []}', 400, "invalid"),
        (b'{"uploadId": "a b", "items": []}', 400, "invalid"),
        (b'{"uploadId": "a", "items": {}}', 400, "invalid"),
        (b'{"uploadId": "a", "items": [' + b"1," * 10_000 + b"1]}", 413, "tooMany"),
    ],
    ids=range(13),
)
def test_body_that_makes_no_sense_is_refused(cloud, site, body, status, said):
    response = cloud.post("compliance-states", body)

    assert response.status_code == status
    assert code(response) == said
    assert not Upload.objects.in_tenant(site.tenant).exists()


def test_oversized_body_is_refused(cloud, monkeypatch):
    monkeypatch.setattr(views, "LONGEST_BODY", 1000)

    response = cloud.post("compliance-states", b" " * 1001)

    assert response.status_code == 413
    assert code(response) == "tooLarge"


def test_small_body_that_unpacks_to_a_huge_one_is_refused(cloud, monkeypatch):
    monkeypatch.setattr(views, "LONGEST_UNPACKED", 100_000)

    response = cloud.post("compliance-states", gzip.compress(b" " * 10_000_000), **{"Content-Encoding": "gzip"})

    assert response.status_code == 413


def test_body_in_chunks_is_taken(cloud, site):
    site.managed()
    body = json.dumps(batch(site, state(site))).encode()

    plain = cloud.stream("compliance-states", io.BytesIO(body))
    packed = cloud.stream("compliance-states", io.BytesIO(gzip.compress(body)), **{"Content-Encoding": "gzip"})

    assert plain.json()["accepted"] == 1
    assert packed.json() == plain.json()


def test_chunks_are_read_no_further_than_a_body_may_be_long(cloud, monkeypatch):
    monkeypatch.setattr(views, "LONGEST_BODY", 1000)
    body = io.BytesIO(b" " * 5000)

    response = cloud.stream("compliance-states", body)

    assert response.status_code == 413
    assert code(response) == "tooLarge"
    assert body.tell() == 1001


def test_chunks_that_the_server_does_not_take_apart_are_refused(cloud):
    response = cloud.stream("compliance-states", io.BytesIO(b"{}"), terminated=False)

    assert response.status_code == 411
    assert code(response) == "lengthRequired"
    assert "Content-Length" in response.json()["error"]["message"]


class ServersOwn(Exception):
    """What a web server raises where a client's chunks make no sense; gunicorn's is no OSError either."""


@pytest.mark.parametrize("problem", [OSError, ServersOwn])
def test_body_that_cannot_be_read_to_its_end_is_refused(cloud, problem):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise problem

    response = cloud.stream("compliance-states", Broken())

    assert response.status_code == 400
    assert code(response) == "malformed"
    assert "ends too soon" in response.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"{}", mtime=0)[:-4]], ids=["other", "cut short"])
def test_broken_gzip_is_refused(cloud, body):
    assert code(cloud.post("compliance-states", body, **{"Content-Encoding": "gzip"})) == "malformed"


@pytest.mark.parametrize("rest", [b"rest", b"\0", gzip.compress(b"{}", mtime=0)], ids=["other", "padding", "member"])
def test_what_follows_a_gzip_stream_is_refused(cloud, site, rest):
    body = gzip.compress(json.dumps(batch(site)).encode()) + rest

    response = cloud.post("compliance-states", body, **{"Content-Encoding": "gzip"})

    assert response.status_code == 400
    assert code(response) == "malformed"
    assert "one gzip member" in response.json()["error"]["message"]
    assert not Upload.objects.in_tenant(site.tenant).exists()


def test_other_encodings_and_types_are_refused(cloud):
    assert code(cloud.post("compliance-states", {}, **{"Content-Encoding": "br"})) == "unsupportedEncoding"
    assert code(cloud.post("compliance-states", b"a=1", content_type="text/plain")) == "unsupportedMediaType"


def test_other_methods_and_addresses_are_refused_as_json(cloud):
    method = cloud.get("compliance-states")
    assert (method.status_code, method["Allow"], code(method)) == (405, "POST", "methodNotAllowed")
    address = cloud.get("no-such-thing")
    assert (address.status_code, code(address)) == (404, "notFound")


def test_event_that_is_due_has_happened_before_the_partner_is_answered(cloud, site):
    from tenancy import clock

    connections.provision(tenant=site.tenant, partner=WORKSPACE_ONE)
    clock.advance(site.tenant, timedelta(days=4))

    cloud.get()

    site.configuration.refresh_from_db()
    assert site.configuration.get_status_display() == "Unresponsive"


# The description


def test_description_is_served_to_everybody(client, db):
    response = client.get(ROOT + "openapi.json")

    assert response.status_code == 200
    assert response.json()["openapi"] == "3.1.0"


def test_description_tells_of_gzip_and_of_methods_that_an_address_does_not_have(client, db):
    paths = client.get(ROOT + "openapi.json").json()["paths"].values()

    asking, sending = ([path[method] for path in paths if method in path] for method in ("get", "post"))
    assert (len(asking), len(sending)) == (2, 3)
    for operation in (*asking, *sending):
        assert "Allow" in operation["responses"]["405"]["headers"]
    for operation in sending:
        [encoding] = operation["parameters"]
        assert (encoding["name"], encoding["schema"]["enum"]) == ("Content-Encoding", ["identity", "gzip"])


def test_description_is_true(cloud, site, monkeypatch, request):
    """Whatever a caller makes of the description, the answers are as described."""
    site.managed()
    monkeypatch.setattr(connections, "REQUESTS_A_MINUTE", 1_000_000)
    # The test's own transaction would end with the first request; Django's test client does the same.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
        request.addfinalizer(partial(signal.connect, close_old_connections))
    schema = schemathesis.openapi.from_wsgi(ROOT + "openapi.json", _packing)
    for operation in schema.get_all_operations():
        check = _checked(operation.ok(), cloud.headers)
        check()


def _packing(environ, start_response):
    """The console, behind a client that packs the bodies which it calls packed: the tool that calls only says so."""
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        body = gzip.compress(environ["wsgi.input"].read())
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return application(environ, start_response)


def _checked(operation, headers):
    from hypothesis import given

    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case):
        response = case.call(headers=headers)
        case.validate_response(response, headers=headers)
        assert response.status_code < 500

    return check
