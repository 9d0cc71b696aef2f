from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "devices"

    def ready(self) -> None:
        """Follow what lower apps record in the journal."""
        from devices import subscriptions  # noqa: PLC0415 - models are loaded only now

        subscriptions.subscribe()
