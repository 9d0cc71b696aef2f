from django.urls import path

from tenancy import views

app_name = "tenancy"

urlpatterns = [
    path("", views.choose, name="choose"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/password/", views.ChangePassword.as_view(), name="password"),
    path("t/<slug:tenant>/tenant-admin/audit-logs/", views.audit_list, name="audit-list"),
    path("t/<slug:tenant>/tenant-admin/audit-logs/export/", views.audit_export, name="audit-export"),
    path("t/<slug:tenant>/tenant-admin/audit-logs/<uuid:entry_id>/", views.audit_entry, name="audit-entry"),
    path("t/<slug:tenant>/azure-ad/audit-logs/", views.directory_audit_list, name="directory-audit-list"),
    path("t/<slug:tenant>/azure-ad/audit-logs/export/", views.directory_audit_export, name="directory-audit-export"),
    path(
        "t/<slug:tenant>/azure-ad/audit-logs/<uuid:entry_id>/",
        views.directory_audit_entry,
        name="directory-audit-entry",
    ),
    path("t/<slug:tenant>/tenant-admin/roles/", views.role_list, name="role-list"),
    path("t/<slug:tenant>/tenant-admin/roles/<slug:role>/", views.role_properties, name="role-properties"),
    path(
        "t/<slug:tenant>/tenant-admin/roles/<slug:role>/assignments/", views.role_assignments, name="role-assignments"
    ),
    path("t/<slug:tenant>/tenant-admin/roles/<slug:role>/assign/", views.role_assign, name="role-assign"),
    path("t/<slug:tenant>/clock/", views.clock_page, name="clock"),
    path("t/<slug:tenant>/view-as/", views.role_view_as, name="role-view-as"),
    path("t/<slug:tenant>/own-role/", views.role_return, name="role-return"),
]
