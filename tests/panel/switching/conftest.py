"""A customer whose mail is here, a keeper of routing, and what a page says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from dnszone import routing, services
from dnszone.models import Zone
from mailboxes.models import MailDomain
from provision.models import Node
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailDomainFactory,
    MembershipFactory,
    NodeFactory,
    UserFactory,
)
from tests.fakedns import FakeDns, serving
from tests.panel.switching.house import NAME, Kept


@pytest.fixture
def keeper() -> Iterator[Kept]:
    before = list(routing._keeper)
    kept = Kept("automatic")
    routing.register(kept)
    yield kept
    routing._keeper[:] = before


@pytest.fixture
def node() -> Node:
    return NodeFactory.create()


@pytest.fixture
def alice() -> User:
    return UserFactory.create(email="alice@people.test")


@pytest.fixture
def mail(alice: User, node: Node) -> MailDomain:
    account = AccountFactory.create()
    MembershipFactory.create(account=account, user=alice)
    domain = DomainFactory.create(account=account, name=NAME)
    services.zone_create(actor=alice, domain=domain, mail_node=node)
    return MailDomainFactory.create(domain=domain, node=node)


@pytest.fixture
def zone(mail: MailDomain) -> Zone:
    return Zone.objects.get(name=NAME)


@pytest.fixture
def web(alice: User, zone: Zone) -> Client:
    client = Client()
    client.defaults["wsgi.url_scheme"] = "https"
    client.force_login(alice, backend="accounts.backends.PersonBackend")
    return client


@pytest.fixture
def world(settings: Any) -> Iterator[FakeDns]:
    cache.clear()
    with serving(FakeDns()) as found:
        settings.RESOLVERS = [found.place]
        yield found
