import datetime as dt
import uuid

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.scoping


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_initial"),
        ("partners", "0001_initial"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ManagedDevice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("device_name", models.CharField(max_length=120)),
                ("name_key", tenancy.scoping.SortKeyField(editable=False, max_length=160)),
                ("management_name", models.CharField(blank=True, max_length=160)),
                (
                    "os",
                    models.PositiveSmallIntegerField(
                        choices=[(10, "Android"), (20, "iOS"), (30, "macOS"), (40, "Windows")], verbose_name="OS"
                    ),
                ),
                ("os_version", models.CharField(blank=True, max_length=40, verbose_name="OS version")),
                ("os_version_key", tenancy.scoping.SortKeyField(editable=False, max_length=120)),
                (
                    "ownership",
                    models.PositiveSmallIntegerField(
                        choices=[(10, "Corporate"), (20, "Personal"), (30, "Unknown")], default=30
                    ),
                ),
                (
                    "compliance",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (10, "Compliant"),
                            (20, "Conflict"),
                            (30, "Error"),
                            (40, "In grace period"),
                            (50, "Not compliant"),
                            (60, "Not evaluated"),
                            (70, "See ConfigMgr"),
                            (80, "Unknown"),
                        ],
                        default=60,
                    ),
                ),
                ("compliance_grace_ends_at", models.DateTimeField(blank=True, help_text="Tenant time.", null=True)),
                (
                    "agent",
                    models.PositiveSmallIntegerField(
                        choices=[(30, "ConfigMgr"), (60, "MDM"), (70, "MDM/ConfigMgr Agent")], default=60
                    ),
                ),
                (
                    "managed_by",
                    models.PositiveSmallIntegerField(
                        help_text="What the column shows; outlives a deleted configuration until the change has taken effect."
                    ),
                ),
                (
                    "last_checkin_at",
                    models.DateTimeField(
                        default=dt.datetime(1, 1, 1, 0, 0, tzinfo=dt.UTC),
                        help_text="Tenant time; year 1: never.",
                        verbose_name="last check-in",
                    ),
                ),
                ("enrolled_at", models.DateTimeField(help_text="Tenant time.", verbose_name="enrolled date")),
                ("user_upn", models.CharField(blank=True, max_length=113, verbose_name="primary user UPN")),
                ("user_upn_key", tenancy.scoping.SortKeyField(blank=True, editable=False, max_length=160)),
                ("azure_ad_device_id", models.UUIDField(blank=True, null=True, verbose_name="Azure AD device ID")),
                ("serial_number", models.CharField(blank=True, max_length=40)),
                ("imei", models.CharField(blank=True, max_length=20, verbose_name="IMEI")),
                ("meid", models.CharField(blank=True, max_length=20, verbose_name="MEID")),
                ("udid", models.CharField(blank=True, max_length=64, verbose_name="UDID")),
                ("phone_number", models.CharField(blank=True, max_length=30)),
                ("manufacturer", models.CharField(blank=True, max_length=60)),
                ("model", models.CharField(blank=True, max_length=80)),
                ("wifi_mac", models.CharField(blank=True, max_length=17, verbose_name="Wi-Fi MAC")),
                ("storage_total_mb", models.PositiveIntegerField(default=0, help_text="Megabytes.")),
                ("storage_free_mb", models.PositiveIntegerField(default=0, help_text="Megabytes.")),
                ("encrypted", models.BooleanField(default=False)),
                ("supervised", models.BooleanField(default=False)),
                ("eas_activated", models.BooleanField(default=False, verbose_name="EAS activated")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        help_text="The partner configuration responsible for the device; null: Intune.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="devices",
                        to="partners.partnerconfiguration",
                    ),
                ),
                (
                    "primary_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="managed_devices",
                        to="directory.directoryuser",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "device",
                "ordering": ["name_key", "pk"],
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "unscoped",
            },
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DeviceSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
                (
                    "device",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="search", to="devices.manageddevice"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "unscoped",
            },
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DeviceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "facet",
                    models.CharField(
                        choices=[
                            ("total", "Total"),
                            ("managed_by", "Managed By"),
                            ("compliance", "Compliance"),
                            ("os", "Os"),
                            ("ownership", "Ownership"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.PositiveSmallIntegerField(default=0)),
                ("n", models.PositiveIntegerField(default=0)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "facet", "value"), name="one_count_per_facet_and_value")
                ],
            },
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "name_key", "id"], name="devices_by_name"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "managed_by", "name_key", "id"], name="devices_by_managed_by"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "ownership", "name_key", "id"], name="devices_by_ownership"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "compliance", "name_key", "id"], name="devices_by_compliance"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "os", "name_key", "id"], name="devices_by_os"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "os_version_key", "id"], name="devices_by_os_version"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "last_checkin_at", "id"], name="devices_by_checkin"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "user_upn_key", "id"], name="devices_by_upn"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(fields=["tenant", "os", "os_version_key", "id"], name="devices_os_os_version"),
        ),
        migrations.AddIndex(
            model_name="manageddevice",
            index=models.Index(
                fields=["tenant", "managed_by", "compliance", "os", "ownership", "last_checkin_at"],
                name="devices_by_facets",
            ),
        ),
        migrations.AddConstraint(
            model_name="manageddevice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("os__in", [10, 20, 30, 40]),
                    ("ownership__in", [10, 20, 30]),
                    ("compliance__in", [10, 20, 30, 40, 50, 60, 70, 80]),
                    ("agent__in", [30, 60, 70]),
                ),
                name="device_states_are_known",
            ),
        ),
        migrations.AddIndex(
            model_name="devicesearch",
            index=models.Index(fields=["tenant", "device"], name="device_search_by_tenant"),
        ),
    ]
