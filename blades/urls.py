from django.urls import path

from blades import gallery

app_name = "blades"

urlpatterns = [path("", gallery.components, name="components")]
