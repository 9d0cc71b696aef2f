"""Fixtures that tests of every app share. The database engine is chosen in tests/engine.py."""
