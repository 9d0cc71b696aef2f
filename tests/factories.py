"""The factories of the public module, at the place where tests look for them."""

from bladeworks_testing.factories import *  # noqa: F403
