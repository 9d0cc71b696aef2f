from django.urls import path

from devices.partner_api import views

app_name = "partner-api"

urlpatterns = [
    path("", views.directory, name="directory"),
    path("openapi.json", views.description, name="description"),
    path("provisioning", views.provisioning, name="provisioning"),
    path("device-inventory", views.device_inventory, name="device-inventory"),
    path("compliance-states", views.compliance_states, name="compliance-states"),
    path("uploads/<str:upload_id>", views.upload_status, name="upload-status"),
    path("<path:path>", views.nothing, name="nothing"),
]
