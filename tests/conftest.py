"""The fixtures that tests of every app share are those of the public module. tests/engine.py chooses the database."""

pytest_plugins = ["bladeworks_testing.plugin"]
