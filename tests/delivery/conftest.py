"""A node that posts real log lines, and two customers."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Domain, User
from delivery import wire
from delivery.services import Taken, ingest, partitions
from nodeagent.contract import CONTRACT
from nodeagent.maillog.parse import Parser
from provision.models import Node
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, NodeFactory, UserFactory

TOKEN = "the-node's-own-token"
NAMES = count(1)


@pytest.fixture(autouse=True)
def _no_remembered_partitions() -> Iterator[None]:
    """A test's partitions go with its transaction."""
    partitions._known.clear()
    yield
    partitions._known.clear()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else has the bytes before those of a test's batch."""
    monkeypatch.setattr("delivery.services.turns.PATIENCE", 0.0)


@pytest.fixture
def node(db: None) -> Node:
    return NodeFactory.create(name="mail1", ingest_token_hash=hashlib.sha256(TOKEN.encode()).hexdigest())


def owned_domain(name: str, user: User | None = None) -> Domain:
    """A domain that has been there since yesterday, with an owner."""
    account = AccountFactory.create()
    MembershipFactory.create(account=account, user=user or UserFactory.create())
    domain = DomainFactory.create(name=name, account=account)
    Domain.objects.filter(pk=domain.pk).update(created_at=timezone.now() - timedelta(days=1))
    domain.refresh_from_db()
    return domain


@pytest.fixture
def luna(db: None) -> Domain:
    return owned_domain("luna.test")


@pytest.fixture
def sol(db: None) -> Domain:
    return owned_domain("sol.test")


def owner(domain: Domain) -> User:
    user = domain.account.members.first()
    assert user is not None
    return user


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


class Lines:
    """Log lines under construction, in syslog's form, a second apart, ending now."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = (at or timezone.now()).astimezone(UTC).replace(microsecond=0) - timedelta(seconds=30)
        self.raw: list[str] = []

    def add(self, program: str, text: str) -> Lines:
        self.raw.append(
            f"{self.at:%b} {self.at.day:>2} {self.at:%H:%M:%S} mail postfix/{program}[77]: {text}"
        )
        self.at += timedelta(seconds=1)
        return self

    def mail(
        self,
        queue_id: str,
        *,
        sender: str,
        to: str,
        subject: str = "Hello",
        login: str = "",
        orig: str = "",
        status: str = "sent",
        text: str = "250 2.0.0 <x> sKmeMqBnAmsPFAAAg+zDdQ Saved",
        dsn: str = "2.0.0",
        written: str = "",
        remove: bool = True,
    ) -> Lines:
        program = "submission/smtpd" if login else "smtpd"
        sasl = f", sasl_method=PLAIN, sasl_username={login}" if login else ""
        self.add(program, f"{queue_id}: client=h.example[192.0.2.9]{sasl}")
        end = f"from h.example[192.0.2.9]; from=<{sender}> to=<{written or orig or to}> proto=ESMTP helo=<h>"
        self.add("cleanup", f"{queue_id}: info: header Subject: {subject} {end}")
        self.add("cleanup", f"{queue_id}: message-id=<{queue_id}@h.example>")
        self.add("qmgr", f"{queue_id}: from=<{sender}>, size=1234, nrcpt=1 (queue active)")
        self.delivery(queue_id, to=to, orig=orig, status=status, text=text, dsn=dsn)
        return self.add("qmgr", f"{queue_id}: removed") if remove else self

    def delivery(
        self,
        queue_id: str,
        *,
        to: str,
        orig: str = "",
        status: str = "sent",
        text: str = "250 ok",
        dsn: str = "2.0.0",
    ) -> Lines:
        alias = f"orig_to=<{orig}>, " if orig else ""
        return self.add(
            "lmtp",
            (
                f"{queue_id}: to=<{to}>, {alias}relay=mx.example[192.0.2.7]:25, delay=0.6, "
                f"delays=0.1/0/0/0.5, dsn={dsn}, status={status} ({text})"
            ),
        )

    def batch(self, *, file: str = "", first: int = 0, start: int = 0) -> dict[str, Any]:
        """These lines as the shipper posts them; ``start``: their offset in the file."""
        parser = Parser("postfix", tz=UTC)
        events, offset = [], start
        for raw in self.raw[first:]:
            events.append([offset, *parser(raw)])
            offset += len(raw.encode()) + 1
        return {
            "contract": CONTRACT,
            "node": "mail1",
            "log": "postfix",
            "file": file or f"file{next(NAMES)}",
            "start": start,
            "end": offset,
            "events": events,
        }

    def take(self, node: Node, **values: Any) -> Taken:
        return ingest(node=node, batches=wire.read(json.dumps(self.batch(**values)).encode()))


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    def send(batch: Any, token: str = TOKEN, **headers: str) -> Any:
        body = batch if isinstance(batch, bytes) else gzip.compress(json.dumps(batch).encode())
        return client.post(
            "/ingest/v1/events",
            body,
            content_type="application/json",
            secure=True,
            headers={"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"} | headers,
        )

    return send
