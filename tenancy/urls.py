from django.urls import path

from tenancy import views

app_name = "tenancy"

urlpatterns = [
    path("", views.choose, name="choose"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/password/", views.ChangePassword.as_view(), name="password"),
]
