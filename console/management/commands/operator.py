from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from console.management.commands._errors import sentence, tenant_of
from tenancy import services
from tenancy.models import Operator
from tenancy.roles import Role


class Command(BaseCommand):
    help = "Let a person sign in and enter directories. One who exists keeps name and password unless they are given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the operator signs in with")
        parser.add_argument("--name", default="", help="display name (default: the address)")
        parser.add_argument("--tenant", action="append", default=[], help="slug of a tenant to enter; may be repeated")
        parser.add_argument(
            "--role",
            choices=Role.values,
            default=Role.INTUNE_ADMINISTRATOR.value,
            help="role in those tenants (default: %(default)s)",
        )
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        operator = Operator.objects.filter(email=email).first()
        new = operator is None
        try:
            validate_email(email)
            if operator is None:
                operator = Operator(email=email, display_name=options["name"] or email)
            elif options["name"]:
                operator.display_name = options["name"]
            if new or options["password_stdin"]:
                password = _password(from_stdin=options["password_stdin"])
                validate_password(password, operator)
                operator.set_password(password)
            operator.full_clean()
        except ValidationError as error:
            raise sentence(error) from None
        operator.save()
        for slug in options["tenant"]:
            services.admit(tenant=tenant_of(slug), operator=operator, role=Role(options["role"]))
        entered = [
            f"{membership.tenant.slug} as {membership.role_label}"
            for membership in operator.memberships.select_related("tenant").order_by("tenant__slug")
        ]
        self.stdout.write(f"{email} may sign in and enter: {', '.join(entered) or 'nothing yet; add --tenant'}.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for a password. Use --password-stdin.")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password again: "):
        raise CommandError("The two passwords differ.")
    return password
