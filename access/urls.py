from django.urls import path

from access import policy_views

app_name = "access"

urlpatterns = [
    path("conditional-access/", policy_views.policy_list, name="policy-list"),
    path("conditional-access/new/", policy_views.policy_new, name="policy-new"),
    path("conditional-access/<uuid:policy_id>/", policy_views.policy, name="policy"),
    path("conditional-access/<uuid:policy_id>/delete/", policy_views.policy_delete, name="policy-delete"),
]
