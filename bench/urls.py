from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from console.urls import handler403, handler404, handler500

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def base(request: HttpRequest) -> HttpResponse:
    """What every page pays before it does anything: the middleware, the session and the operator."""
    return HttpResponse(str(request.user.pk))


urlpatterns = [path("bench/base/", base), path("", include("console.urls"))]
