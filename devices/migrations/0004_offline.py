from datetime import timedelta
from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    """A device that had not checked in for three days when its tenant began is out of reach."""
    devices = apps.get_model("devices", "ManagedDevice")._base_manager
    for tenant in apps.get_model("tenancy", "Tenant")._base_manager.all():
        since = tenant.clock_start - timedelta(days=3)
        devices.filter(tenant=tenant, last_checkin_at__lt=since).update(online=False)


class Migration(migrations.Migration):
    dependencies = [("devices", "0003_workplace"), ("tenancy", "0002_workplace")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
