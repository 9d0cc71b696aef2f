from typing import Any, ClassVar

from django.db import migrations, models


def spread(apps: Any, schema_editor: Any) -> None:
    """Each device has its hour for check-ins, as a new one gets it."""
    digit = (
        "strpos('0123456789abcdef', right(CAST(id AS text), 1))"
        if schema_editor.connection.vendor == "postgresql"
        else "instr('0123456789abcdef', substr(id, 32, 1))"
    )
    schema_editor.execute(f"UPDATE uem_enrolment SET checkin_slot = ({digit} - 1) % 8", params=None)  # noqa: S608


class Migration(migrations.Migration):
    dependencies: ClassVar = [("uem", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="enrolment",
            name="checkin_slot",
            field=models.PositiveSmallIntegerField(
                default=0, editable=False, help_text="Which of the hours between two check-ins is this device's."
            ),
            preserve_default=False,
        ),
        migrations.RunPython(spread, migrations.RunPython.noop, elidable=True),
    ]
