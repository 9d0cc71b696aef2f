# ruff: noqa: S608 - statements are put together from our own names; every value is a parameter
"""The columns of the device lists: where a value comes from, how it looks in a cell and in a file.

A column is drawn whole, not row by row: what is done once for each of fifty rows or for each of a million is done by
Python's own loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from django.db import connection
from django.utils.html import format_html

from blades import sheets
from blades.columns import Columns
from blades.tables import Column, status
from blades.templatetags.blades import portal_date
from blades.vocabulary import say_lazy
from devices import managed_by
from devices.filters import model_field
from devices.models import Compliance, DeviceState, OperatingSystem, Ownership
from directory.models import DirectoryUser
from tenancy.scoping import NEVER

Values = Iterable[Any]

COMPLIANCE_KINDS = {
    Compliance.COMPLIANT: "ok",
    Compliance.CONFLICT: "bad",
    Compliance.ERROR: "bad",
    Compliance.IN_GRACE_PERIOD: "warn",
    Compliance.NOT_COMPLIANT: "bad",
    Compliance.NOT_EVALUATED: "none",
    Compliance.SEE_CONFIGMGR: "none",
    Compliance.UNKNOWN: "none",
}


@cache
def compliance_cell(compliance: int) -> str:
    """Icon and word of a state."""
    state = Compliance(compliance)
    return status(COMPLIANCE_KINDS[state], state.label)


# Cells: the values of a column as its <td> elements


def _plain(values: Values) -> Iterable[str]:
    """What somebody typed, or a device said of itself."""
    return [f"<td>{escape(value)}</td>" for value in values]


def _moments(values: Values) -> Iterable[str]:
    return [f"<td>{portal_date(value, '') if value != NEVER else ''}</td>" for value in values]


def _ids(values: Values) -> Iterable[str]:
    return [f"<td>{value or ''}</td>" for value in values]


def _sizes(values: Values) -> Iterable[str]:
    return [f"<td>{value / 1024:,.2f} GB</td>" if value else "<td></td>" for value in values]


def _one_of(labels: Mapping[Any, str], draw: Callable[[Any], str] | None = None) -> Callable[[Values], Iterable[str]]:
    """A cell for each value, made once, when the first is wanted: icons have no address before."""

    @cache
    def cells() -> dict[Any, str]:
        return {value: format_html("<td>{}</td>", draw(value) if draw else label) for value, label in labels.items()}

    return lambda values: map(cells().__getitem__, values)


# Texts: the values of a column, as the engine gives them, as they stand in a file


def _same(values: Values) -> Iterable[str]:
    return sheets.harmless(values)


def _labels(labels: Mapping[Any, str]) -> Callable[[Values], Iterable[str]]:
    return lambda values: map(labels.__getitem__, values)


def _iso(values: Values) -> Iterable[str]:
    """2020-07-20 08:00:00. SQLite keeps moments as such texts; year 1 means never."""
    return ["" if not value or (text := str(value)).startswith("0001") else text[:19] for value in values]


def _uuids(values: Values) -> Iterable[str]:
    """SQLite keeps ids as 32 digits."""
    if connection.vendor == "postgresql":
        return ["" if value is None else str(value) for value in values]
    return [f"{v[:8]}-{v[8:12]}-{v[12:16]}-{v[16:20]}-{v[20:]}" if v else "" for v in values]


def _gigabytes(values: Values) -> Iterable[str]:
    return [f"{value / 1024:.2f}" if value else "" for value in values]


# Columns


@dataclass(frozen=True)
class DeviceColumn:
    """One column. label: of its head. field: for QuerySet.values_list.

    width: class of the head while other columns than the default ones are shown; share: while those are.
    order: the columns that it is sorted by, where it can be. cells, texts: see above. unit: of the texts, in a file.
    sql: what gives the value in a statement whose table is called `devices`, where that is not the field's column.
    """

    name: str
    label: Any
    field: str
    width: str
    cells: Callable[[Values], Iterable[str]] = _plain
    texts: Callable[[Values], Iterable[str]] = _same
    share: str = ""
    order: tuple[str, ...] = ()
    unit: str = ""
    sql: str = ""

    @property
    def expression(self) -> str:
        return self.sql or f"devices.{model_field(self.field).column}"

    @property
    def heading(self) -> str:
        """Of the column in a file."""
        return f"{self.label} ({self.unit})" if self.unit else str(self.label)

    def head(self, css: str) -> Column:
        return Column(
            verbose_name=self.label,
            order_by=self.order or None,
            orderable=bool(self.order),
            attrs={"th": {"class": css}},
        )


def _choice(name: str, label: str, labels: Mapping[int, str], width: str, share: str = "") -> DeviceColumn:
    """A column of few values. Its ties stand by name."""
    draw = compliance_cell if name == "compliance" else None
    order = (name, "name_key", "pk") if share else ()
    return DeviceColumn(name, label, name, width, _one_of(labels, draw), _labels(labels), share, order)


_BOOLEAN = {True: "Yes", False: "No"}


def _yes_no(name: str, label: str) -> DeviceColumn:
    return DeviceColumn(name, label, name, "w-140", _one_of(_BOOLEAN), _labels(_BOOLEAN))


def _registered(values: Values) -> Iterable[str]:
    return ["<td>Yes</td>" if value else "<td>No</td>" for value in values]


def _registered_texts(values: Values) -> Iterable[str]:
    return ["Yes" if value else "No" for value in values]


def _choices(choices: Any) -> dict[int, str]:
    return {member.value: member.label for member in choices}


COLUMNS: dict[str, DeviceColumn] = {
    column.name: column
    for column in (
        DeviceColumn("name", "Device name", "device_name", "w-180", share="p-15", order=("name_key", "pk")),
        _choice("managed_by", "Managed by", managed_by.LABELS, "w-200", "p-17"),
        _choice("ownership", "Ownership", _choices(Ownership), "w-120", "p-10"),
        _choice("compliance", "Compliance", _choices(Compliance), "w-140", "p-12"),
        _choice("os", "OS", _choices(OperatingSystem), "w-90", "p-8"),
        DeviceColumn("os_version", "OS version", "os_version", "w-120", share="p-10", order=("os_version_key", "pk")),
        DeviceColumn(
            "last_checkin", "Last check-in", "last_checkin_at", "w-180", _moments, _iso, "p-13",
            order=("last_checkin_at", "pk"),
        ),
        DeviceColumn("upn", "Primary user UPN", "user_upn", "w-240", share="p-15", order=("user_upn_key", "pk")),
        _choice("state", "Device state", _choices(DeviceState), "w-140"),
        DeviceColumn(
            "grace_ends", "Compliance grace period expiration", "compliance_grace_ends_at", "w-240", _moments, _iso
        ),
        DeviceColumn("model", "Model", "model", "w-160"),
        DeviceColumn("manufacturer", "Manufacturer", "manufacturer", "w-140"),
        DeviceColumn("serial_number", "Serial number", "serial_number", "w-160"),
        DeviceColumn("imei", "IMEI", "imei", "w-160"),
        DeviceColumn("meid", "MEID", "meid", "w-160"),
        DeviceColumn("phone_number", "Phone number", "phone_number", "w-160"),
        DeviceColumn("wifi_mac", "Wi-Fi MAC", "wifi_mac", "w-160"),
        DeviceColumn("management_name", "Management name", "management_name", "w-240"),
        DeviceColumn(
            "user_name", "Primary user display name", "primary_user__display_name", "w-200",
            lambda values: _plain(value or "" for value in values),
            sql=f"(SELECT COALESCE(display_name, '') FROM {DirectoryUser._meta.db_table} users"
            " WHERE users.id = devices.primary_user_id)",
        ),
        DeviceColumn("enrolled", "Enrolled date", "enrolled_at", "w-180", _moments, _iso),
        DeviceColumn(
            "aad_registered", say_lazy("Azure AD registered"), "azure_ad_device_id", "w-160",
            _registered, _registered_texts,
        ),
        DeviceColumn("aad_device_id", say_lazy("Azure AD Device ID"), "azure_ad_device_id", "w-300", _ids, _uuids),
        DeviceColumn("intune_device_id", "Intune Device ID", "id", "w-300", _ids, _uuids),
        _yes_no("encrypted", "Encrypted"),
        _yes_no("supervised", "Supervised"),
        _yes_no("eas_activated", "EAS activated"),
        DeviceColumn("storage_total", "Total storage", "storage_total_mb", "w-120", _sizes, _gigabytes, unit="GB"),
        DeviceColumn("storage_free", "Free storage", "storage_free_mb", "w-120", _sizes, _gigabytes, unit="GB"),
    )
}  # fmt: skip

# Those that can be sorted are shown until somebody chooses.
PICKER = Columns(
    "devices",
    {name: column.label for name, column in COLUMNS.items()},
    tuple(name for name, column in COLUMNS.items() if column.order),
)


def fields(shown: Sequence[str]) -> tuple[str, ...]:
    """What a page of the list has to fetch: the id, then a value for each column that is shown."""
    return ("id", *(COLUMNS[name].field for name in shown))
