from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from console.navigation import portal_for


def portal(request: HttpRequest) -> dict[str, Any]:
    """The frame of the page, worked out only by templates that show it."""
    return {"portal": SimpleLazyObject(lambda: portal_for(request))}
