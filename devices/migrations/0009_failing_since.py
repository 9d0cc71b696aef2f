"""Since when a device fails what is asked of it, by which each policy's grace is counted.

Whose grace is over has failed for longer than any grace lasts; another one's is counted from its last check-in.
"""

from datetime import timedelta
from typing import Any

from django.db import migrations, models

IN_GRACE_PERIOD, LONGEST_GRACE = 40, timedelta(days=365)


def begin(apps: Any, schema_editor: Any) -> None:
    devices = apps.get_model("devices", "ManagedDevice")._base_manager.exclude(compliance_grace_ends_at=None)
    devices.filter(compliance=IN_GRACE_PERIOD).update(failing_since=models.F("last_checkin_at"))
    devices.exclude(compliance=IN_GRACE_PERIOD).update(
        failing_since=models.F("compliance_grace_ends_at") - LONGEST_GRACE
    )


class Migration(migrations.Migration):
    dependencies = [("devices", "0008_error_since")]

    operations = [
        migrations.AddField(
            model_name="manageddevice",
            name="failing_since",
            field=models.DateTimeField(
                blank=True,
                null=True,
                help_text="Tenant time of the check-in that told first that the device fails a policy; null: it fails none.",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
