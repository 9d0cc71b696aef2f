from django.apps import AppConfig


class UemConfig(AppConfig):
    name = "uem"

    def ready(self) -> None:
        """Let the clock carry heartbeats and reports."""
        from uem import services  # noqa: F401, PLC0415 - models are loaded only now
