from django.urls import path

from partners import views

app_name = "partners"

urlpatterns = [
    path("", views.configuration_list, name="configuration-list"),
    path("add/", views.add, name="add"),
    path("add/<uuid:draft_id>/basics/", views.add_basics, name="add-basics"),
    path("add/<uuid:draft_id>/assignments/", views.add_assignments, name="add-assignments"),
    path("add/<uuid:draft_id>/review/", views.add_review, name="add-review"),
    path("<uuid:configuration_id>/", views.overview, name="overview"),
    path("<uuid:configuration_id>/properties/", views.properties, name="properties"),
    path("<uuid:configuration_id>/edit/", views.edit, name="edit"),
    path("<uuid:configuration_id>/edit/<uuid:draft_id>/assignments/", views.edit_assignments, name="edit-assignments"),
    path("<uuid:configuration_id>/edit/<uuid:draft_id>/review/", views.edit_review, name="edit-review"),
    path("<uuid:configuration_id>/delete/", views.delete, name="delete"),
]
