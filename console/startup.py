"""What manage.py and the web server do before Django starts."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def load_settings() -> None:
    """Load the settings; where they are incomplete, say so in one sentence and stop, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - the first attribute asked for loads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"Bladeworks cannot start: {error}")
