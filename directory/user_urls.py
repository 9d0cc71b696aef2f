from django.urls import path

from directory import user_views

urlpatterns = [
    path("", user_views.user_list, name="user-list"),
    path("new/", user_views.create, name="user-create"),
    path("<uuid:user_id>/", user_views.overview, name="user-overview"),
    path("<uuid:user_id>/edit/", user_views.edit, name="user-edit"),
    path("<uuid:user_id>/groups/", user_views.groups, name="user-groups"),
    path("<uuid:user_id>/licenses/", user_views.licences, name="user-licences"),
    path("<uuid:user_id>/licenses/assignments/", user_views.licence_assignments, name="user-licence-assignments"),
    path("<uuid:user_id>/devices/", user_views.devices, name="user-devices"),
]
