from django.urls import path

from directory import device_views

urlpatterns = [
    path("", device_views.device_list, name="device-list"),
    path("<uuid:record_id>/", device_views.overview, name="device-overview"),
]
