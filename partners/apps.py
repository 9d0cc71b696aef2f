from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        """Let the clock notice partners that fall silent."""
        from partners import connections  # noqa: F401, PLC0415 - models are loaded only now
