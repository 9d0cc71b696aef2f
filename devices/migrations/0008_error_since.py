"""Since when a device reports an error; those that do already have done so since their last check-in."""

from typing import Any

from django.db import migrations, models

ERROR = 30


def begin(apps: Any, schema_editor: Any) -> None:
    apps.get_model("devices", "ManagedDevice")._base_manager.filter(compliance=ERROR).update(
        error_since=models.F("last_checkin_at")
    )


class Migration(migrations.Migration):
    dependencies = [("devices", "0007_enrolment_failures")]

    operations = [
        migrations.AddField(
            model_name="manageddevice",
            name="error_since",
            field=models.DateTimeField(
                blank=True,
                null=True,
                help_text="Tenant time since when a setting has reported an error; null: none does.",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
