"""The settings of `make run` for a server that a test kills; BLADEWORKS_KILL_AT says when it kills itself."""

from console.settings import *  # noqa: F403
from console.settings import MIDDLEWARE

MIDDLEWARE = ["tests.faults.killing.middleware", *MIDDLEWARE]
