from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from console.demo import tenant as demo
from console.management.commands._errors import check_demo_password, sentence
from tenancy.models import Tenant


def size(text: str) -> int:
    """A number of devices, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of devices; use 1 or more.")
    return int(text)


class Command(BaseCommand):
    help = "Make the demo tenant: people, groups, devices and two months of journal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", default=demo.SLUG, help=f"slug of the tenant (default: {demo.SLUG})")
        parser.add_argument("--name", default="", help="display name (default: that of the demo, or the slug's)")
        parser.add_argument("--devices", type=size, default=demo.DEVICES, help=f"(default: {demo.DEVICES})")
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--if-missing", action="store_true", help="leave a tenant that exists as it is")
        choice.add_argument("--reset", action="store_true", help="forget what is in the tenant and make it anew")

    def handle(self, *args: Any, **options: Any) -> None:
        check_demo_password()
        slug, n = options["tenant"], options["devices"]
        existing = Tenant.objects.filter(slug=slug).first()
        if existing is not None and options["if_missing"]:
            demo.admit_operators(existing)
            return
        if existing is not None and not options["reset"]:
            raise CommandError(f"The tenant '{slug}' exists. Use --reset to make it anew, or --if-missing to keep it.")
        name = options["name"] or (existing.display_name if existing else demo.name_of(slug))
        bar = tqdm(total=n, unit="device", disable=not sys.stderr.isatty() or options["verbosity"] == 0)
        try:
            with bar:
                tenant = demo.make(slug=slug, name=name, devices=n, progress=bar.update)
        except ValidationError as error:
            raise sentence(error) from None
        if options["verbosity"] > 0:
            self.stdout.write(f"{tenant.display_name} is ready: tenant '{slug}' with {n} devices.")
