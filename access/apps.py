from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        """Let conditional access judge registrations with a partner's app, and people sign in as time passes."""
        from access import background, registration  # noqa: F401, PLC0415 - models are loaded only now
