"""The settings of `make run`, made fast: nothing here changes what the console does.

Tests run on SQLite in a file of their own, because the threads of a live server would block one another in memory,
or on the database that DATABASE_URL names (`pytest --engine=postgresql` starts one and sets it).
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("CONSOLE_MODE", "local")

from console.settings import *  # noqa: F403
from console.settings import DATABASE, STORAGES

COMPONENT_PAGE = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Files straight from static/: what collectstatic makes is tested by `make run`.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # Named by process, so that parallel workers and people who test in the same folder do not meet.
    DATABASE["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"bladeworks-test-{os.getpid()}.sqlite3")}
    DATABASE["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"
