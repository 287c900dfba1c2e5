"""Nodes that answer as nodeagent.queue does, for the mails that a test puts there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Domain
from nodeagent.queue.files import Evidence, QueueFiles
from nodeagent.queue.keeper import Keeper
from nodeagent.queue.postfix import Postfix
from provision import asking
from provision.models import Node
from tests import factories

REASON = "host mx.far.test said: 450 4.2.1 later"
SINCE = 4_000_000_000  # long after any domain was made


def mail(number: int, sender: str = "ana@luna.test", **more: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "queue_name": "deferred",
        "queue_id": f"4abcdef{number:03d}",
        "arrival_time": SINCE + number,
        "message_size": 1000,
        "sender": sender,
        "recipients": [{"address": f"to{number}@far.test", "delay_reason": REASON}],
    }
    return known | more


class Told(QueueFiles):
    """Who signed in is what the test says; else the sender did. ``aliases``: what was written to."""

    logins: dict[str, str]
    aliases: dict[str, str]

    def written(self, mail: Any) -> dict[str, str]:
        return {to.lower(): self.aliases.get(to, to) for to, _why in mail["recipients"]}

    def evidence(self, mail: Any) -> Evidence:
        return Evidence(self.logins.get(mail["id"], mail["sender"]), False)


class Queue(Postfix):
    def __init__(self) -> None:
        super().__init__(Path("/etc/nowhere"))
        self.mails: dict[str, dict[str, Any]] = {}
        self.ran: list[tuple[str, list[str]]] = []

    def listing(self) -> Any:
        return iter([json.dumps(one) for one in self.mails.values()])

    def change(self, do: str, ids: Any) -> None:
        self.ran.append((do, list(ids)))
        for one in ids:
            if do == "delete":
                self.mails.pop(one)
            else:
                self.mails[one]["queue_name"] = {"hold": "hold", "release": "deferred"}[do]

    def deliver(self, ids: Any) -> None:
        self.ran.append(("deliver", list(ids)))

    def headers(self, queue_id: str) -> bytes:
        return b"Subject: <script>alert(1)</script>\n"


@dataclass
class Nodes:
    """``queues`` by the node's name; a node without one is silent."""

    queues: dict[str, Queue] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def put(self, node: Node, *mails: dict[str, Any], login: str | None = None) -> Queue:
        queue = self.queues.setdefault(node.name, Queue())
        for one in mails:
            queue.mails[one["queue_id"]] = one
            if login is not None:
                self.logins[one["queue_id"]] = login
        return queue

    def ask_all(
        self, nodes: Collection[Node], what: str, args: Mapping[str, Any], patience: float = 0
    ) -> dict[int, Any]:
        with transaction.atomic(durable=True):  # as the real one: never in a service's transaction
            return {node.pk: self._one(node, what, dict(args)) for node in nodes}

    def _one(self, node: Node, what: str, args: dict[str, Any]) -> Any:
        self.asked.append((node.name, what, args))
        queue = self.queues.get(node.name)
        if queue is None:
            return asking.NodeSilent("The mail server does not answer at the moment. Try again in a minute.")
        keeper = Keeper(Path("/etc/nowhere"), "", queue)
        keeper._files = Told(Path("/nowhere"), "")
        keeper._files.logins, keeper._files.aliases = self.logins, self.aliases
        do = {"queue": "list", "queue_headers": "headers"}.get(what) or args["do"]
        return keeper.answer({**args, "do": do})


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    made = Nodes()
    monkeypatch.setattr(asking, "ask_all", made.ask_all)
    return made


@dataclass
class House:
    domain: Domain
    owner: Any
    node: Node


def house(name: str, node: str = "mail1") -> House:
    domain = factories.DomainFactory.create(name=name)
    mail_domain = factories.MailDomainFactory.create(
        domain=domain, node=factories.NodeFactory.create(name=node)
    )
    owner = factories.MembershipFactory.create(account=domain.account).user
    return House(domain, owner, mail_domain.node)


@pytest.fixture
def luna(db: None) -> House:
    return house("luna.test")


@pytest.fixture
def sol(db: None) -> House:
    return house("sol.test")
