import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0002_workplace"),
    ]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="demo_devices",
            field=models.PositiveIntegerField(
                default=0, help_text="How many devices a demo was made with, and is made with again."
            ),
        ),
        migrations.AddField(
            model_name="tenant",
            name="template",
            field=models.ForeignKey(
                blank=True,
                help_text="What it is a copy of.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tenancy.tenant",
            ),
        ),
    ]
