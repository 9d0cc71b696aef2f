from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("devices", "0004_offline")]
    operations = [
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "azure_ad_device_id", "id"], name="devices_by_aad_device_id"),
        ),
    ]
