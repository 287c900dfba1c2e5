"""`manage.py smoke_customers`: two customers with room for a journey; prints "login password" for each,
nothing else."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts import clients
from accounts import services as accounts
from accounts.models import Account, User


class Command(BaseCommand):
    help = "Make, or give new passwords to, the two customers of bin/smoke on a stack without the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="smoke", help="others than the two that are usually used")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (1, 2):
            login = f"{options['name']}{number}@{settings.PROVIDER_DOMAIN}"
            password = secrets.token_urlsafe(18)
            user = User.objects.filter(email=login).first()
            if user is None:
                _make(login, password, number)
            else:
                user.set_password(password)
                user.save(update_fields=["password"])
                _trust(user)
            self.stdout.write(f"{login} {password}")


def _make(login: str, password: str, number: int) -> None:
    accounts.account_create(
        actor=None,
        name=f"Smoke {number}",
        kind="customer",
        owner_email=login,
        owner_name=f"Smoke {number}",
        password=password,
        storage_mb=20_000,
        max_mailboxes=500,
        max_domains=5,
        trusted=True,
    )


def _trust(user: User) -> None:
    """Their domains are in .test, which nobody can prove; those made long ago were not trusted yet."""
    for account in Account.objects.filter(memberships__user=user, trusted=False):
        clients.account_set(actor=None, account=account, trusted=True)
