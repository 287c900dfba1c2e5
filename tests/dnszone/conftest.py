"""A customer with a domain whose zone comes from the template, and somebody else."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Domain, User
from dnszone import services
from dnszone.dnssec import services as signing_services
from dnszone.models import Record, Zone
from provision.models import Node
from tests.dnszone.signing import report, spread
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, NodeFactory, UserFactory


@pytest.fixture
def node(db: None) -> Node:
    return NodeFactory.create()


@pytest.fixture
def alice(db: None) -> User:
    return UserFactory.create(email="alice@people.test")


@pytest.fixture
def domain(alice: User) -> Domain:
    account = AccountFactory.create()
    MembershipFactory.create(account=account, user=alice)
    return DomainFactory.create(account=account, name="example.test")


@pytest.fixture
def zone(alice: User, domain: Domain, node: Node) -> Zone:
    return services.zone_create(actor=alice, domain=domain, mail_node=node)


@pytest.fixture
def signed(alice: User, zone: Zone) -> Zone:
    signing_services.dnssec_on(actor=alice, zone=zone)
    report(zone)
    return zone


@pytest.fixture
def rolling(alice: User, signed: Zone) -> Zone:
    spread(signed)
    signing_services.rollover_start(actor=alice, zone=signed)
    report(signed)
    return signed


@pytest.fixture
def browser(alice: User) -> Client:
    """Signed in as alice, over TLS as always."""
    return signed_in(alice)


@pytest.fixture
def stranger(node: Node) -> Client:
    """Somebody with a zone of their own, and nothing to do with alice's."""
    account = AccountFactory.create()
    user = UserFactory.create()
    MembershipFactory.create(account=account, user=user)
    services.zone_create(
        actor=user, domain=DomainFactory.create(account=account, name="other.test"), mail_node=node
    )
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.defaults["wsgi.url_scheme"] = "https"
    client.force_login(user)
    return client


def record(zone: Zone, owner: str, kind: str) -> Record:
    return Record.objects.get(zone=zone, owner=owner, type=kind)
