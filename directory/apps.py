from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "directory"

    def ready(self) -> None:
        """Let dynamic groups follow what is recorded of users."""
        from directory import dynamic  # noqa: PLC0415 - models are loaded only now

        dynamic.subscribe()
