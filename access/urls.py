from django.urls import path

from access import join_views, policy_views, sign_in_views, troubleshoot_views, what_if_views

app_name = "access"

urlpatterns = [
    path("troubleshoot/", troubleshoot_views.troubleshoot, name="troubleshoot"),
    path("conditional-access/", policy_views.policy_list, name="policy-list"),
    path("conditional-access/new/", policy_views.policy_new, name="policy-new"),
    path("conditional-access/what-if/", what_if_views.what_if, name="what-if"),
    path("conditional-access/<uuid:policy_id>/", policy_views.policy, name="policy"),
    path("conditional-access/<uuid:policy_id>/delete/", policy_views.policy_delete, name="policy-delete"),
    path("conditional-access/sign-ins/", sign_in_views.sign_in_list, name="sign-in-list"),
    path("conditional-access/sign-ins/new/", sign_in_views.sign_in_new, name="sign-in-new"),
    path("conditional-access/sign-ins/<uuid:sign_in_id>/", sign_in_views.sign_in, name="sign-in"),
    path(
        "conditional-access/sign-ins/<uuid:sign_in_id>/outcome/", sign_in_views.sign_in_outcome, name="sign-in-outcome"
    ),
    path("join-device/", join_views.join, name="join"),
    path("join-device/<uuid:join_id>/", join_views.join_outcome, name="join-outcome"),
]
