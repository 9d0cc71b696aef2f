"""The visitor of the public module, at the place where journeys look for it."""

from bladeworks_testing.visitor import Visitor

__all__ = ["Visitor"]
