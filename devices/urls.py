from django.urls import path

from devices import directory_views, views

app_name = "devices"

urlpatterns = [
    path("endpoint-security/", views.endpoint_security, name="endpoint-security"),
    path("endpoint-security/devices/", views.security_list, name="security-list"),
    path("endpoint-security/devices/manage/<uuid:record_id>/", directory_views.manage, name="manage"),
    path("endpoint-security/devices/<uuid:device_id>/", views.overview, name="overview"),
    path("endpoint-security/devices/<uuid:device_id>/hardware/", views.hardware, name="hardware"),
    path("devices/", views.device_list, name="list"),
]
