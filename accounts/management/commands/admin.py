"""`manage.py admin EMAIL`: the provider's first person, who makes all others in Django admin."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from lib.errors import Refused


class Command(BaseCommand):
    help = (
        "Make a person of the provider who may do everything. The password is asked for, or read from a pipe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            user = services.user_create(
                actor=None, email=email, name=name, password=password, is_staff=True, is_superuser=True
            )
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write(f"{user.email} may sign in now.")
