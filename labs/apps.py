from django.apps import AppConfig


class LabsConfig(AppConfig):
    name = "labs"

    def ready(self) -> None:
        """Let the clock recognise incidents that are healed."""
        from labs import services  # noqa: F401, PLC0415 - models are loaded only now
