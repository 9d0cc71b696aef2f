from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from console import local_secrets
from console.demo import tenant as demo
from console.management.commands._errors import check_demo_password


class Command(BaseCommand):
    help = "Say where the console is and how to sign in to the demo tenant."

    def handle(self, *args: Any, **options: Any) -> None:
        check_demo_password()
        first, *others = demo.OPERATORS
        lines = [
            *([] if settings.PRODUCTION else [("Address", f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/")]),
            ("E-mail", first.email),
            ("Password", local_secrets.demo_password()),
        ]
        for label, value in lines:
            self.stdout.write(f"  {label:<9} {value}")
        for other in others:
            self.stdout.write(f"  {'Also':<9} {other.email} ({other.role.label}, same password)")
