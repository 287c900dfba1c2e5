"""Who sees whose accounts and domains."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Account, Domain, User
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, ResellerFactory, UserFactory

pytestmark = pytest.mark.django_db


@dataclass
class World:
    people: dict[str, User | AnonymousUser]
    accounts: dict[str, Account]


@pytest.fixture
def world() -> World:
    """Two resellers with a client each, two customers of the provider itself; a domain in each account."""
    accounts = {"reseller": ResellerFactory.create(), "other reseller": ResellerFactory.create()}
    accounts["client"] = AccountFactory.create(reseller=accounts["reseller"])
    accounts["other client"] = AccountFactory.create(reseller=accounts["other reseller"])
    accounts["customer"], accounts["other customer"] = AccountFactory.create(), AccountFactory.create()
    people: dict[str, User | AnonymousUser] = {"anonymous": AnonymousUser()}
    for role, account in accounts.items():
        DomainFactory.create(account=account, name=f"{role.replace(' ', '-')}.test")
        people[role] = MembershipFactory.create(account=account).user
    people["admin"] = UserFactory.create(is_staff=True, is_superuser=True)
    people["staff without rights"] = UserFactory.create(is_staff=True)
    people["nobody's"] = UserFactory.create()
    return World(people, accounts)


SEES = {
    "anonymous": set(),
    "nobody's": set(),
    "staff without rights": set(),
    "customer": {"customer"},
    "other customer": {"other customer"},
    "client": {"client"},
    "other client": {"other client"},
    "reseller": {"reseller", "client"},
    "other reseller": {"other reseller", "other client"},
    "admin": {"reseller", "other reseller", "client", "other client", "customer", "other customer"},
}


@pytest.mark.parametrize("role", SEES)
def test_visible_to(world: World, role: str) -> None:
    person = world.people[role]
    assert set(Account.objects.visible_to(person)) == {world.accounts[name] for name in SEES[role]}
    assert {domain.name for domain in Domain.objects.visible_to(person)} == {
        f"{name.replace(' ', '-')}.test" for name in SEES[role]
    }
