"""The settings of `make run`, and one more address: the base that every page is compared with."""

from console.settings import *  # noqa: F403
from console.settings import VAR_DIR

ROOT_URLCONF = "bench.urls"
STATIC_ROOT = VAR_DIR / "bench" / "static"
