"""Two mail nodes with hosts and addresses of their own, beside a primary and a secondary name server; and a
domain of one account on each mail node."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Domain
from mailboxes.models import Mailbox, MailDomain
from mailboxes.services import mailbox_create
from panel import lifecycle
from provision.models import Node, Push
from tests import factories
from tests.panel.people import Person, person

PASSWORD = "harina-violeta-tren-91"
PORTS = {"smtp": 2026, "submission": 2587, "submissions": 2465, "imap": 2143, "imaps": 2993, "pop3s": 2995}
NAMES = {"mail1": "uno.test", "mail2": "dos.test"}


@pytest.fixture
def ines() -> Person:
    return person(factories.AccountFactory.create(max_domains=20, max_mailboxes=50, storage_mb=100_000))


@pytest.fixture
def nodes(db: None) -> dict[str, Node]:
    made = factories.NodeFactory.create
    return {
        "mail1": made(name="mail1", roles=["mail"]),
        "mail2": made(
            name="mail2", roles=["mail"], host="mail2.postroom.test", addresses=["192.0.2.26"], ports=PORTS
        ),
        "ns1": made(name="ns1", roles=["dns"], host="ns1.postroom.test", addresses=["192.0.2.53"], ports={}),
        "ns2": made(
            name="ns2",
            roles=["secondary"],
            host="ns2.postroom.test",
            addresses=["192.0.2.54"],
            ports={},
            public_key="",
            ingest_token_hash="",
        ),
    }


@pytest.fixture
def homes(nodes: dict[str, Node], ines: Person) -> dict[str, MailDomain]:
    """A domain of one account on each mail node, and a mailbox in it."""
    found = {}
    for node, name in NAMES.items():
        domain = lifecycle.domain_create(
            actor=None, account=ines.account, name=name, proof=Domain.Proof.TXT, node=nodes[node]
        )
        mailbox_create(actor=None, mail_domain=domain.mail, local="ana", password=PASSWORD, quota_mb=100)
        found[node] = MailDomain.objects.select_related("node", "domain__account").get(domain=domain)
    return found


def box(mail: MailDomain) -> Mailbox:
    return Mailbox.objects.select_related("mail_domain__node", "mail_domain__domain__account").get(
        mail_domain=mail, local="ana"
    )


def payload(key: str, node: str) -> Any:
    return Push.objects.get(key=key, node__name=node).payload


@pytest.fixture(params=["mail1", "mail2"])
def home(request: Any, homes: dict[str, MailDomain]) -> MailDomain:
    return homes[request.param]


@pytest.fixture
def other(home: MailDomain, nodes: dict[str, Node]) -> Node:
    return nodes["mail2" if home.node.name == "mail1" else "mail1"]
