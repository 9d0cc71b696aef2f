from django.urls import include, path

app_name = "directory"

urlpatterns = [
    path("devices/", include("directory.device_urls")),
]
