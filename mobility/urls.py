from django.urls import path

from mobility import views

app_name = "mobility"

urlpatterns = [
    path("", views.application_list, name="application-list"),
    path("add/", views.application_add, name="application-add"),
    path("<uuid:application_id>/", views.application_configure, name="application-configure"),
    path("<uuid:application_id>/delete/", views.application_delete, name="application-delete"),
]
