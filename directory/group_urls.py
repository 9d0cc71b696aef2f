from django.urls import path

from directory import group_views

urlpatterns = [
    path("", group_views.group_list, name="group-list"),
    path("new/", group_views.create, name="group-create"),
    path("<uuid:group_id>/", group_views.overview, name="group-overview"),
    path("<uuid:group_id>/properties/", group_views.properties, name="group-properties"),
    path("<uuid:group_id>/members/", group_views.members, name="group-members"),
    path("<uuid:group_id>/members/import/", group_views.import_members, name="group-import"),
    path("<uuid:group_id>/members/import/<uuid:draft_id>/", group_views.import_review, name="group-import-review"),
    path("<uuid:group_id>/owners/", group_views.owners, name="group-owners"),
    path("<uuid:group_id>/rule/", group_views.rule, name="group-rule"),
]
