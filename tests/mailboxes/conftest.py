"""One customer with a domain, a stranger, and what was pushed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.models import Domain, User
from dnszone.models import Zone
from dnszone.services import zone_create
from mailboxes.models import MailDomain
from provision.models import Push
from tests import factories
from tests.fakedns import FakeDns, serving


@dataclass
class World:
    owner: User
    stranger: User
    domain: Domain
    mail: MailDomain


@pytest.fixture
def world(db: None) -> World:
    owner, stranger = factories.UserFactory.create(), factories.UserFactory.create()
    account = factories.AccountFactory.create(storage_mb=10_240, max_mailboxes=10, name="Panadería Luna")
    factories.MembershipFactory.create(account=account, user=owner)
    factories.MembershipFactory.create(user=stranger)
    domain = factories.DomainFactory.create(account=account, name="example.test")
    mail = factories.MailDomainFactory.create(domain=domain)
    return World(owner, stranger, domain, mail)


@pytest.fixture
def owner_client(world: World) -> Client:
    return signed_in(world.owner)


def signed_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.defaults["wsgi.url_scheme"] = "https"
    client.force_login(user, backend="accounts.backends.PersonBackend")
    return client


@pytest.fixture
def pushed(db: None) -> Callable[[str], Any]:
    """``pushed(key)``: the payload that nodes shall have (None: absent). Fails for a key never pushed."""

    def payload(key: str) -> Any:
        return Push.objects.get(key=key).payload

    return payload


@pytest.fixture
def zone(world: World) -> Zone:
    return zone_create(actor=world.owner, domain=world.domain, mail_node=world.mail.node)


@pytest.fixture
def dns(settings: Any) -> Iterator[FakeDns]:
    with serving(FakeDns()) as server:
        settings.RESOLVERS = [server.place]
        yield server
