from django.urls import path

from devices import directory_views, list_views, views

app_name = "devices"

urlpatterns = [
    path("endpoint-security/", list_views.endpoint_security, name="endpoint-security"),
    path("endpoint-security/devices/", list_views.security_list, name="security-list"),
    path("endpoint-security/devices/columns/", list_views.columns, name="columns"),
    path("endpoint-security/devices/export/", list_views.export, name="export"),
    path("endpoint-security/devices/manage/<uuid:record_id>/", directory_views.manage, name="manage"),
    path("endpoint-security/devices/<uuid:device_id>/", views.overview, name="overview"),
    path("endpoint-security/devices/<uuid:device_id>/hardware/", views.hardware, name="hardware"),
    path("devices/", list_views.device_list, name="list"),
]
