from django.urls import path

from devices import bulk_views, device_views, directory_views, list_views, policy_views

app_name = "devices"

urlpatterns = [
    path("endpoint-security/", list_views.endpoint_security, name="endpoint-security"),
    path("endpoint-security/devices/", list_views.security_list, name="security-list"),
    path("endpoint-security/devices/columns/", list_views.columns, name="columns"),
    path("endpoint-security/devices/export/", list_views.export, name="export"),
    path("endpoint-security/devices/manage/<uuid:record_id>/", directory_views.manage, name="manage"),
    path("endpoint-security/devices/<uuid:device_id>/", device_views.overview, name="overview"),
    path("endpoint-security/devices/<uuid:device_id>/actions/<str:kind>/", device_views.act, name="act"),
    path("endpoint-security/devices/<uuid:device_id>/properties/", device_views.properties, name="properties"),
    path("endpoint-security/devices/<uuid:device_id>/hardware/", device_views.hardware, name="hardware"),
    path("endpoint-security/devices/<uuid:device_id>/compliance/", device_views.device_compliance, name="compliance"),
    path(
        "endpoint-security/devices/<uuid:device_id>/compliance/built-in/",
        device_views.built_in_policy,
        name="built-in-policy",
    ),
    path(
        "endpoint-security/devices/<uuid:device_id>/compliance/<uuid:policy_id>/",
        device_views.policy_of_device,
        name="policy-of-device",
    ),
    path("devices/", list_views.device_list, name="list"),
    path("devices/compliance-policies/", policy_views.policy_list, name="policy-list"),
    path("devices/compliance-policies/new/", policy_views.policy_new, name="policy-new"),
    path("devices/compliance-policies/new/<uuid:draft_id>/<str:step>/", policy_views.policy_step, name="policy-step"),
    path("devices/compliance-policies/settings/", policy_views.policy_settings, name="policy-settings"),
    path("devices/compliance-policies/<uuid:policy_id>/", policy_views.policy_overview, name="policy-overview"),
    path("devices/compliance-policies/<uuid:policy_id>/devices/", policy_views.policy_devices, name="policy-devices"),
    path(
        "devices/compliance-policies/<uuid:policy_id>/properties/",
        policy_views.policy_properties,
        name="policy-properties",
    ),
    path("devices/compliance-policies/<uuid:policy_id>/edit/<str:step>/", policy_views.policy_edit, name="policy-edit"),
    path(
        "devices/compliance-policies/<uuid:policy_id>/edit/<uuid:draft_id>/<str:step>/",
        policy_views.policy_edit_step,
        name="policy-edit-step",
    ),
    path("devices/compliance-policies/<uuid:policy_id>/delete/", policy_views.policy_delete, name="policy-delete"),
    path("devices/actions/", device_views.action_list, name="action-list"),
    path("devices/bulk-actions/", bulk_views.bulk, name="bulk"),
    path("devices/bulk-actions/<uuid:draft_id>/basics/", bulk_views.basics, name="bulk-basics"),
    path("devices/bulk-actions/<uuid:draft_id>/devices/", bulk_views.devices, name="bulk-devices"),
    path("devices/bulk-actions/<uuid:draft_id>/review/", bulk_views.review, name="bulk-review"),
]
