"""Who is calling, when a reverse proxy stands in front."""

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the one trusted proxy saw: the last in X-Forwarded-For, which no client can forge."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return forwarded.rpartition(",")[2].strip() or str(request.META["REMOTE_ADDR"])
