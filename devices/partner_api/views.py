"""What a partner's cloud calls, /partner-api/v1/: JSON in and out, a bearer token that says which directory is meant.

Every refusal has the same body: {"error": {"code", "message", "requestId"}}. docs/partner-api.md shows it with curl.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError as Unreadable

from devices import reports
from devices.models import Upload
from devices.partner_api import messages, openapi
from partners import catalogue, connections
from partners.catalogue import CataloguePartner
from partners.models import PartnerConnection, PartnerToken
from tenancy import clock
from tenancy.context import origin
from tenancy.models import JournalEntry, Tenant

LONGEST_BODY = 8 * 1024 * 1024
LONGEST_UNPACKED = 32 * 1024 * 1024


class Refused(Exception):
    """The request is answered with this status and the documented error body."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


class PartnerRequest(HttpRequest):
    """A request whose token is good."""

    id: str
    tenant: Tenant
    partner: CataloguePartner


View = Callable[..., HttpResponse]


def endpoint(*request_method_list: str) -> Callable[[View], View]:
    """A view of the API: no session, no cookie; a token, a rate, and refusals as JSON."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: PartnerRequest, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in request_method_list:
                    allowed = ", ".join(request_method_list)
                    raise Refused(405, "methodNotAllowed", f"Use {allowed}.", Allow=allowed)
                _authenticate(request)
                with origin(JournalEntry.Source.PARTNER, request.id):
                    if clock.is_due(request.tenant):
                        clock.settle(request.tenant)
                    return view(request, **kwargs)
            except Refused as refused:
                return error(request, refused)

        return login_not_required(csrf_exempt(never_cache(answer)))

    return decorate


def error(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The documented error body."""
    said = {"code": refused.code, "message": refused.message, "requestId": getattr(request, "id", "")}
    return JsonResponse({"error": said}, status=refused.status, headers=refused.headers)


def _authenticate(request: PartnerRequest) -> None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    token = connections.find_token(text.strip()) if scheme.casefold() == "bearer" and text.strip() else None
    partner = catalogue.partners().get(token.partner) if token is not None else None
    if token is None or partner is None:
        message = "Send a token that is good: 'Authorization: Bearer …'."
        raise Refused(401, "unauthorized", message, **{"WWW-Authenticate": 'Bearer realm="partner-api"'})
    _limit(token)
    request.tenant, request.partner = token.tenant, partner


def _limit(token: PartnerToken) -> None:
    wait = connections.note_request(token)
    if wait:
        message = f"More than {connections.REQUESTS_A_MINUTE} requests in a minute. Try again in {wait} s."
        raise Refused(429, "tooManyRequests", message, **{"Retry-After": str(wait)})


# Reading a body


def _read(request: PartnerRequest) -> tuple[Any, str]:
    """The JSON object that was sent, and the SHA-256 of its text."""
    if request.content_type != "application/json":
        raise Refused(415, "unsupportedMediaType", "Send 'Content-Type: application/json'.")
    body = _body(request)
    try:
        sent = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or nested without end
        raise Refused(400, "malformed", "The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise Refused(400, "malformed", "Send a JSON object.")
    return sent, hashlib.sha256(body).hexdigest()


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON.")


def _body(request: PartnerRequest) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").strip().casefold()
    if encoding not in {"identity", "gzip"}:
        message = "Send the body as it is, or with 'Content-Encoding: gzip'."
        raise Refused(415, "unsupportedEncoding", message, **{"Accept-Encoding": "gzip, identity"})
    stream = _stream(request)
    try:
        body = stream.read(LONGEST_BODY + 1)
    except Exception:  # noqa: BLE001 - each server has errors of its own where a line is cut or chunks make no sense
        raise Refused(400, "malformed", "The body ends too soon, or its chunks make no sense.") from None
    if len(body) > LONGEST_BODY:
        raise _too_large()
    return _unpack(body) if encoding == "gzip" else body


def _stream(request: PartnerRequest) -> Any:
    """What the body is read from, to its end."""
    if "Transfer-Encoding" not in request.headers:
        return request
    # Django takes a body without a length for an empty one; the server's own stream may know where it ends.
    if not request.META.get("wsgi.input_terminated"):
        raise Refused(411, "lengthRequired", "Send 'Content-Length'. This server takes no body in chunks.")
    return request.META["wsgi.input"]


def _unpack(body: bytes) -> bytes:
    """What was packed, and no more of it than is allowed: a small body may unpack to gigabytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, LONGEST_UNPACKED + 1)
    except zlib.error:
        raise Refused(400, "malformed", "The body is not gzip.") from None
    if len(unpacked) > LONGEST_UNPACKED:
        raise _too_large()
    if not unpacker.eof:
        raise Refused(400, "malformed", "The body ends too soon.")
    if unpacker.unused_data:  # a body of nothing but tiny members would take minutes
        raise Refused(400, "malformed", "Send one gzip member: something follows its end, and would not be read.")
    return unpacked


def _too_large() -> Refused:
    packed, unpacked = LONGEST_BODY // 1024**2, LONGEST_UNPACKED // 1024**2
    return Refused(413, "tooLarge", f"Send at most {packed} MiB, unpacked {unpacked} MiB, at once.")


# The addresses


@endpoint("GET")
def directory(request: PartnerRequest) -> HttpResponse:
    """The directory that the token is for, its time, and how the partner stands with it."""
    return JsonResponse(_directory(request.tenant, request.partner))


@endpoint("POST")
def provisioning(request: PartnerRequest) -> HttpResponse:
    """The partner serves the directory from now on, or no longer."""
    sent, _ = _read(request)
    try:
        message = messages.Provisioning.model_validate(sent)
        if message.provisioned == 1:
            connections.provision(
                tenant=request.tenant,
                partner=request.partner,
                enrollment_url=message.partner_enrollment_url,
                remediation_url=message.partner_remediation_url,
            )
        else:
            connections.deprovision(tenant=request.tenant, partner=request.partner)
    except Unreadable as unreadable:
        raise Refused(400, "invalid", messages.problem(unreadable)) from None
    except ValidationError as refusal:
        status = 409 if getattr(refusal, "code", "") == "notConfigured" else 400
        raise Refused(status, getattr(refusal, "code", "") or "invalid", " ".join(refusal.messages)) from None
    return JsonResponse(_directory(request.tenant, request.partner))


@endpoint("POST")
def compliance_states(request: PartnerRequest) -> HttpResponse:
    """Take verdicts, each by itself."""
    return _upload(request, messages.ComplianceState, reports.take_states)


@endpoint("POST")
def device_inventory(request: PartnerRequest) -> HttpResponse:
    """Take descriptions of devices, each by itself."""
    return _upload(request, messages.DeviceInventory, reports.take_inventory)


@endpoint("GET")
def upload_status(request: PartnerRequest, upload_id: str) -> HttpResponse:
    """What became of an upload."""
    uploads = Upload.objects.in_tenant(request.tenant).filter(partner=request.partner.key, key=upload_id)
    upload = uploads.first() if re.fullmatch(messages.UPLOAD_ID, upload_id) else None
    if upload is None:
        raise Refused(404, "notFound", "No upload with this ID was received.")
    upload.tenant = request.tenant
    return JsonResponse(_result(upload, reports.refusals_of(upload)))


@endpoint("GET", "POST", "PUT", "PATCH", "DELETE")
def nothing(request: PartnerRequest, path: str) -> HttpResponse:
    """No such address."""
    raise Refused(404, "notFound", "There is no such address.")


@login_not_required
@require_http_methods(["GET", "HEAD"])
def description(request: HttpRequest) -> HttpResponse:
    """The API's description, OpenAPI 3.1; open to everybody."""
    return JsonResponse(openapi.document())


def _directory(tenant: Tenant, partner: CataloguePartner) -> dict[str, Any]:
    connection = PartnerConnection.objects.in_tenant(tenant).filter(partner=partner.key).first()
    return {
        "tenantId": str(tenant.directory_id),
        "displayName": tenant.display_name,
        "now": tenant.now().isoformat(),
        "partner": partner.label,
        "state": connection.state if connection else PartnerConnection.State.NEW.value,
        "partnerEnrollmentUrl": connection.enrollment_url if connection else "",
        "partnerRemediationUrl": connection.remediation_url if connection else "",
    }


_STATUS = {"keyReused": 409, "notProvisioned": 403, "tooMany": 413}


def _upload(request: PartnerRequest, shape: Any, take: Callable[..., reports.Outcome]) -> HttpResponse:
    sent, digest = _read(request)
    try:
        upload = messages.Upload.model_validate(sent)
    except Unreadable as unreadable:
        too_many = any(
            problem["type"] == "too_long" and problem["loc"] == ("items",) for problem in unreadable.errors()
        )
        status, code = (413, "tooMany") if too_many else (400, "invalid")
        raise Refused(status, code, messages.problem(unreadable)) from None
    items, unreadable_items = messages.read_items(shape, upload.items, request.tenant.directory_id)
    batch = reports.Batch(request.partner, upload.upload_id, digest, unreadable_items)
    try:
        outcome = take(request.tenant, batch, items)
    except ValidationError as refusal:
        code = getattr(refusal, "code", "") or "invalid"
        raise Refused(_STATUS.get(code, 400), code, " ".join(refusal.messages)) from None
    return JsonResponse(_result(outcome.upload, outcome.refusals))


def _result(upload: Upload, refusals: list[reports.Refusal]) -> dict[str, Any]:
    return {
        "uploadId": upload.key,
        "kind": upload.kind,
        "status": "Completed",
        "receivedAt": upload.received_at.isoformat(),
        "accepted": upload.accepted,
        "refused": upload.refused,
        "refusedItems": [
            {
                "index": refusal.position,
                "deviceId": str(refusal.device_id) if refusal.device_id else None,
                "reason": refusal.reason.value,
                "message": refusal.detail or refusal.reason.label,
            }
            for refusal in refusals
        ],
    }
