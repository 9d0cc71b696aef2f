from django.urls import path

from uem import device_views, import_views, views

app_name = "uem"

urlpatterns = [
    path("", views.partner_list, name="partner-list"),
    path("<slug:partner>/", views.overview, name="overview"),
    path("<slug:partner>/settings/", views.settings, name="settings"),
    path("<slug:partner>/settings/consent/", views.consent, name="consent"),
    path("<slug:partner>/settings/second-consent/", views.consent, {"second": True}, name="second-consent"),
    path("<slug:partner>/settings/sync/", views.sync, name="sync"),
    path("<slug:partner>/tokens/", views.token_list, name="token-list"),
    path("<slug:partner>/tokens/<uuid:token_id>/revoke/", views.token_revoke, name="token-revoke"),
    path("<slug:partner>/devices/", device_views.device_list, name="device-list"),
    path("<slug:partner>/devices/enroll/", device_views.enrol, name="device-enrol"),
    path("<slug:partner>/devices/samples/", device_views.samples, name="device-samples"),
    path("<slug:partner>/devices/import/", import_views.device_import, name="device-import"),
    path("<slug:partner>/devices/import/template.csv", import_views.template, name="device-import-template"),
    path("<slug:partner>/devices/import/<uuid:draft_id>/", import_views.review, name="device-import-review"),
    path("<slug:partner>/devices/<uuid:enrolment_id>/", device_views.device, name="device"),
    path("<slug:partner>/devices/<uuid:enrolment_id>/register/", device_views.register, name="device-register"),
    path("<slug:partner>/devices/<uuid:enrolment_id>/compliance/", device_views.verdict, name="device-verdict"),
    path("<slug:partner>/devices/<uuid:enrolment_id>/online/", device_views.online, name="device-online"),
    path("<slug:partner>/devices/<uuid:enrolment_id>/retire/", device_views.retire, name="device-retire"),
    path("<slug:partner>/devices/<uuid:enrolment_id>/delete/", device_views.delete, name="device-delete"),
]
