"""Two customers below two resellers, each with a domain and a mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Domain, User
from activity.models import Entry
from mailboxes.models import Mailbox
from tests import factories

BACKEND = "accounts.backends.PersonBackend"


@dataclass
class House:
    """A reseller with one client; ``owner`` is the client's, ``boss`` the reseller's."""

    reseller: Account
    boss: User
    account: Account
    owner: User
    domain: Domain
    box: Mailbox

    def entries(self, **wanted: Any) -> list[Entry]:
        return list(Entry.objects.filter(account_id=self.account.pk, **wanted).order_by("pk"))


def build(name: str) -> House:
    reseller = factories.ResellerFactory.create(name=f"Nube {name}")
    boss = factories.MembershipFactory.create(account=reseller, user__email=f"boss@{name}.test").user
    account = factories.AccountFactory.create(name=f"Panadería {name}", reseller=reseller)
    owner = factories.MembershipFactory.create(account=account, user__email=f"ines@{name}.test").user
    domain = factories.DomainFactory.create(account=account, name=f"{name}.test")
    mail = factories.MailDomainFactory.create(domain=domain)
    box = factories.MailboxFactory.create(mail_domain=mail, local="ana")
    return House(reseller, boss, account, owner, domain, box)


@pytest.fixture
def luna(db: None) -> House:
    return build("luna")


@pytest.fixture
def sol(db: None) -> House:
    return build("sol")


def visit(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client
