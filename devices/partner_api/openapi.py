"""The description of the partner API, OpenAPI 3.1, made from the shapes that the views read."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from devices.models import RefusedItem
from devices.partner_api.messages import ComplianceState, DeviceInventory, Provisioning, Upload
from devices.reports import MOST_ITEMS
from partners.models import PartnerConnection

_REFERENCE = "#/components/schemas/{model}"


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    shapes = (Provisioning, ComplianceState, DeviceInventory, Upload)
    _, described = models_json_schema([(shape, "validation") for shape in shapes], ref_template=_REFERENCE)
    schemas = described["$defs"] | {
        "ComplianceUpload": _upload_of("ComplianceState"),
        "InventoryUpload": _upload_of("DeviceInventory"),
        "UploadResult": _RESULT,
        "Directory": _DIRECTORY,
        "Error": _ERROR,
    }
    del schemas["Upload"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bladeworks partner API",
            "version": "1",
            "description": "What a compliance partner's cloud tells Intune. The token says which directory is meant. "
            "Times are the directory's own.",
        },
        "servers": [{"url": "/partner-api/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/": {"get": _operation("The directory, its time, and how the partner stands with it", "Directory")},
            "/provisioning": {
                "post": _operation("Serve the directory, or serve it no longer", "Directory", "Provisioning", 409)
            },
            "/compliance-states": {
                "post": _operation("Report compliance states", "UploadResult", "ComplianceUpload", 403, 409)
            },
            "/device-inventory": {"post": _operation("Report devices", "UploadResult", "InventoryUpload", 403, 409)},
            "/uploads/{uploadId}": {
                "parameters": [
                    {"name": "uploadId", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
                ],
                "get": _operation("What became of an upload", "UploadResult", None, 404),
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _upload_of(item: str) -> dict[str, Any]:
    upload = Upload.model_json_schema()
    return {
        "type": "object",
        "required": upload["required"],
        "properties": upload["properties"]
        | {
            "items": {
                "type": "array",
                "maxItems": MOST_ITEMS,
                "items": {},
                "description": f"Each like {item}. One that is not is refused by itself.",
            }
        },
    }


def _operation(summary: str, answer: str, body: str | None = None, *refusals: int) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            "200": {"description": "Done.", "content": _json(answer)},
            **{str(status): _refusal(status) for status in (401, 405, 429, *refusals)},
        },
    }
    if body is not None:
        operation["parameters"] = [_ENCODING]
        operation["requestBody"] = {"required": True, "content": _json(body)}
        operation["responses"] |= {str(status): _refusal(status) for status in (400, 411, 413, 415)}
    return operation


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=schema)}}}


_ENCODING = {
    "name": "Content-Encoding",
    "in": "header",
    "description": "gzip: the body is packed, one member and nothing after it.",
    "schema": {"enum": ["identity", "gzip"], "default": "identity"},
}
_MEANINGS = {
    400: "The body is not JSON, or it lacks something.",
    401: "There is no token, or it is not good.",
    403: "The directory is not provisioned, or Intune rejects what the partner sends.",
    404: "There is no such upload.",
    405: "The address does not have this method; Allow says which it has.",
    409: "Another batch has this ID, or the directory has not added the partner.",
    411: "The body has no Content-Length, and the server takes no chunks.",
    413: "The body is too large, or it has too many items.",
    415: "The body is neither JSON nor gzipped JSON.",
    429: "Too many requests in a minute; Retry-After says when to try again.",
}


def _refusal(status: int) -> dict[str, Any]:
    said: dict[str, Any] = {"description": _MEANINGS[status], "content": _json("Error")}
    if status == 405:
        said["headers"] = {"Allow": {"description": "Methods.", "schema": {"type": "string"}}}
    if status == 429:
        said["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return said


_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_NUMBER = {"type": "integer", "minimum": 0}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_RESULT = _object(
    uploadId=_TEXT,
    kind={"enum": ["inventory", "compliance"]},
    status={"const": "Completed"},
    receivedAt=_MOMENT,
    accepted=_NUMBER,
    refused=_NUMBER,
    refusedItems={
        "type": "array",
        "items": _object(
            index=_NUMBER,
            deviceId={"type": ["string", "null"], "format": "uuid"},
            reason={"enum": RefusedItem.Reason.values},
            message=_TEXT,
        ),
    },
)
_DIRECTORY = _object(
    tenantId={"type": "string", "format": "uuid"},
    displayName=_TEXT,
    now=_MOMENT,
    partner=_TEXT,
    state={"enum": PartnerConnection.State.values},
    partnerEnrollmentUrl=_TEXT,
    partnerRemediationUrl=_TEXT,
)
_ERROR = _object(error=_object(code=_TEXT, message=_TEXT, requestId=_TEXT))
