from tests.console.conftest import demo_password

__all__ = ["demo_password"]
