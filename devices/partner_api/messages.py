"""The shapes of what a partner's cloud sends. The description that the API serves is made from them.

Source: the observed partner API (docs/sources.md): provisioning, device inventory (entity type 1), compliance (entity
type 4), upload status. Times are the directory's own: GET / says what time it is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic import ValidationError as Unreadable
from pydantic.alias_generators import to_camel

from devices.models import RefusedItem
from devices.reports import LONGEST_KEY, MOST_ITEMS, TOLERANCE, Inventory, Refusal, State

WHEN = (
    "When the partner came to it, in the directory's time; "
    f"at most {TOLERANCE // timedelta(minutes=1)} minutes after the directory's now."
)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Controls, and halves of characters that no encoding has.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def _only_text(value: Any) -> Any:
    """Numbers are no times here: nobody could tell seconds from milliseconds."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def _printable(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("must not contain control characters")
    return value.strip()


def _recent(value: datetime) -> datetime:
    if value < EARLIEST:
        raise ValueError("must not be before the year 2000")
    return value


def _a_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


# After the length: only of a plain str does pydantic count characters, not items.
Printable = AfterValidator(_printable)
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_recent)]
Id = Annotated[UUID, BeforeValidator(_only_text)]
# Narrower than what a browser takes, so that the description can say it whole.
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
URL = rf"^(https://({_LABEL}\.){{1,5}}[A-Za-z]{{2,20}}(:[1-9][0-9]{{1,3}})?(/[!-~]*)?)?$"
Url = Annotated[str, Field(max_length=300, pattern=URL)]
UPLOAD_ID = r"^[A-Za-z0-9._:-]+$"
EasId = Annotated[str, Field(max_length=64), Printable]
UploadId = Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, pattern=UPLOAD_ID)]


class Message(BaseModel):
    """Names are camelCase on the wire. Names that are not described here are passed over."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class Provisioning(Message):
    """Whether the partner serves the directory. 1: provisioned; 2: deprovisioned."""

    provisioned: Annotated[Literal[1, 2], BeforeValidator(_a_number)]
    partner_enrollment_url: Url = ""
    partner_remediation_url: Url = ""


class Item(Message):
    """What every item says. tenantId: of the directory that the token is for, if it is said at all."""

    tenant_id: Id | None = None
    device_id: Annotated[Id, Field(description="The Azure AD device ID.")]
    user_id: Annotated[Id, Field(description="The object ID of the device's user.")]
    last_update: Annotated[Moment, Field(description=WHEN)]


class ComplianceState(Item):
    """The partner's verdict on a device."""

    compliant: StrictBool

    def read(self, position: int) -> State:
        return State(position, self.device_id, self.user_id, self.last_update, self.compliant)


class DeviceInventory(Item):
    """A device that the partner manages, or has let go."""

    management_state: Literal["managed", "unmanaged"] = "managed"
    device_name: Annotated[str, Field(max_length=120), Printable] = ""
    os_version: Annotated[str, Field(max_length=40), Printable] = ""
    manufacturer: Annotated[str, Field(max_length=60), Printable] = ""
    model: Annotated[str, Field(max_length=80), Printable] = ""
    serial_number: Annotated[str, Field(max_length=40), Printable] = ""
    imei: Annotated[str, Field(max_length=20), Printable] = ""
    eas_ids: Annotated[list[EasId], Field(max_length=10, description="Taken and not used.")] = []

    def read(self, position: int) -> Inventory:
        return Inventory(
            position,
            self.device_id,
            self.user_id,
            self.last_update,
            self.management_state == "managed",
            self.device_name,
            self.os_version,
            self.manufacturer,
            self.model,
            self.serial_number,
            self.imei,
        )


class Upload(Message):
    """A batch. Its items are read one by one, so that one that cannot be read does not spoil the others."""

    upload_id: Annotated[UploadId, Field(description="Yours to choose; the same batch again is not taken twice.")]
    items: Annotated[list[Any], Field(max_length=MOST_ITEMS)]


def read_items(
    shape: type[ComplianceState] | type[DeviceInventory], items: Sequence[Any], directory_id: UUID
) -> tuple[list[Any], list[Refusal]]:
    """Those of `items` that can be read, and a refusal for each of the others."""
    readable: list[Any] = []
    unreadable: list[Refusal] = []
    for position, item in enumerate(items):
        try:
            message = shape.model_validate(item)
        except Unreadable as error:
            unreadable.append(Refusal(position, None, RefusedItem.Reason.INVALID, problem(error)))
            continue
        if message.tenant_id is not None and message.tenant_id != directory_id:
            detail = "'tenantId' is not the directory that the token is for."
            unreadable.append(Refusal(position, message.device_id, RefusedItem.Reason.INVALID, detail))
        else:
            readable.append(message.read(position))
    return readable, unreadable


def problem(error: Unreadable) -> str:
    """The first thing that is wrong, as a sentence of at most 200 characters."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = str(first["msg"]).removeprefix("Value error, ")
    sentence = f"'{where}': {said}" if where else said
    return sentence[:199].rstrip(".") + "."
