from django.urls import include, path

app_name = "directory"

urlpatterns = [
    path("users/", include("directory.user_urls")),
    path("groups/", include("directory.group_urls")),
    path("devices/", include("directory.device_urls")),
]
