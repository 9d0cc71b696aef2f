from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import migrations

from tenancy.scoping import fold

KEYED = {
    "surname": "surname_key",
    "job_title": "job_title_key",
    "department": "department_key",
    "city": "city_key",
    "country": "country_key",
}
BATCH = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    """Rows that were there before the keys get theirs."""
    users = apps.get_model("directory", "DirectoryUser")._base_manager
    for batch in _batches(users.only("pk", *KEYED).order_by().iterator(BATCH)):
        for user in batch:
            for name, key in KEYED.items():
                setattr(user, key, fold(getattr(user, name)))
        users.bulk_update(batch, KEYED.values(), batch_size=500)
    devices = apps.get_model("directory", "DirectoryDevice")._base_manager
    owned = devices.exclude(owner=None).select_related("owner").only("pk", "owner__display_name").order_by()
    for batch in _batches(owned.iterator(BATCH)):
        for device in batch:
            device.owner_key = fold(device.owner.display_name)
        devices.bulk_update(batch, ["owner_key"], batch_size=500)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_workplace")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
