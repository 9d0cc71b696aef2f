from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from console import errors, health, search_views, views

app_patterns: list[URLPattern | URLResolver] = [
    path("t/<slug:tenant>/", views.home, name="home"),
    path("t/<slug:tenant>/azure-ad/", views.azure_ad, name="azure-ad"),
    path("t/<slug:tenant>/azure-ad/security/", views.security, name="security"),
    path("t/<slug:tenant>/tenant-admin/", views.tenant_status, name="tenant-status"),
    path("t/<slug:tenant>/tenant-admin/connector-status/", views.connector_status, name="connector-status"),
    path("t/<slug:tenant>/tenant-admin/connectors/", views.connectors, name="connectors"),
    path("t/<slug:tenant>/search/", search_views.search_page, name="search"),
    path("t/<slug:tenant>/all-services/", search_views.all_services, name="all-services"),
    path("t/<slug:tenant>/azure-ad/all-services/", search_views.directory_all_services, name="directory-all-services"),
    path("t/<slug:tenant>/blade/<slug:name>/", views.blade, name="blade"),
    path("t/<slug:tenant>/reset/", views.reset, name="reset"),
    path("t/<slug:tenant>/devices/monitor/", views.device_monitor, name="device-monitor"),
    path(
        "t/<slug:tenant>/endpoint-security/devices/<uuid:device_id>/blade/<slug:name>/",
        views.device_blade,
        name="device-blade",
    ),
    path("t/<slug:tenant>/settings/", views.settings_page, name="settings"),
    path("t/<slug:tenant>/notifications/", views.notifications, name="notifications"),
    path("t/<slug:tenant>/notifications/dismiss/", views.dismiss, name="dismiss"),
    path("t/<slug:tenant>/settings/navigation/", views.nav_toggle, name="nav-toggle"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tenancy.urls")),
    path("", include((app_patterns, "console"))),
    path("t/<slug:tenant>/azure-ad/", include("directory.urls")),
    path("t/<slug:tenant>/azure-ad/mobility/", include("mobility.urls")),
    path("t/<slug:tenant>/tenant-admin/connectors/partner-compliance/", include("partners.urls")),
    path("t/<slug:tenant>/", include("devices.urls")),
    path("uem/<slug:tenant>/", include("uem.urls")),
    path("t/<slug:tenant>/", include("access.urls")),
    path("partner-api/v1/", include("devices.partner_api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

# What is not there keeps the frame and the words of its directory. The slash at the end leaves APPEND_SLASH its work.
urlpatterns.append(path("t/<slug:tenant>/<path:path>/", errors.missing, name="missing"))

if settings.COMPONENT_PAGE:
    urlpatterns.append(path("components/", include("blades.urls")))

handler403 = "console.errors.forbidden"
handler404 = "console.errors.not_found"
handler500 = "console.errors.server_error"
