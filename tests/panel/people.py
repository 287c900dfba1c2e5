"""Whom the pages are asked as."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client

from accounts.models import Account, User
from tests.factories import AccountFactory, MembershipFactory, UserFactory


@dataclass
class Person:
    user: User
    account: Account
    client: Client


def person(account: Account | None = None) -> Person:
    """Somebody with an account of their own, or one more member of ``account``, signed in."""
    account = account or AccountFactory.create()
    user = UserFactory.create()
    MembershipFactory.create(account=account, user=user)
    client = Client()
    client.force_login(user)
    return Person(user, account, client)
