from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        """Let conditional access judge registrations with a partner's app."""
        from access import registration  # noqa: F401, PLC0415 - models are loaded only now
