from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        """Tell the journal where the things that it names can be looked at."""
        from access.models import SignIn  # noqa: PLC0415 - models are loaded only now
        from devices.models import ManagedDevice  # noqa: PLC0415
        from directory.models import DirectoryDevice  # noqa: PLC0415
        from mobility.models import MobilityApplication  # noqa: PLC0415
        from partners.models import PartnerConfiguration  # noqa: PLC0415
        from tenancy import targets  # noqa: PLC0415

        targets.register(ManagedDevice, "devices:overview")
        targets.register(DirectoryDevice, "directory:device-overview")
        targets.register(MobilityApplication, "mobility:application-configure")
        targets.register(PartnerConfiguration, "partners:overview")
        targets.register(SignIn, "access:sign-in")
