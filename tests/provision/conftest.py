from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Domain, User
from nodeagent import contract
from provision import broker, intake, services
from provision.models import Push
from tests.factories import DomainFactory, MembershipFactory, UserFactory
from tests.provision.fakenode import FakeNode

Commit = Callable[..., AbstractContextManager[list[Any]]]


@pytest.fixture
def node(db: None) -> FakeNode:
    return FakeNode()


@pytest.fixture
def domain(db: None) -> Domain:
    return DomainFactory.create(name="example.test")


@pytest.fixture
def ana(domain: Domain) -> User:
    """Owns the domain."""
    return MembershipFactory.create(account=domain.account).user


@pytest.fixture
def stranger(db: None) -> User:
    return MembershipFactory.create().user


@pytest.fixture
def admin(db: None) -> User:
    return UserFactory.create(is_staff=True, is_superuser=True)


class Wire:
    """Stands for Redis where a test decides what is lost: the messages sent, in order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.down = False

    def send(self, task: str, queue: str, argument: Any = None, *, expires: float | None = None) -> None:
        if self.down:
            raise broker.BrokerAway
        self.sent.append((task, queue, argument))

    def waiting(self, queue: str) -> int:
        if self.down:
            raise broker.BrokerAway
        return sum(1 for _, there, _ in self.sent if there == queue)

    def batches(self) -> list[contract.Batch]:
        """What was sent to nodes since the last call."""
        taken = [argument for task, _, argument in self.sent if task == contract.TASK_APPLY]
        self.sent = [message for message in self.sent if message[0] != contract.TASK_APPLY]
        return taken


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setattr(broker, "send", wire.send)
    monkeypatch.setattr(broker, "waiting", wire.waiting)
    return wire


@pytest.fixture
def edit(
    django_capture_on_commit_callbacks: Commit, node: FakeNode, domain: Domain, ana: User
) -> Callable[..., None]:
    """``edit("ana", quota_mb=7)``: want this mailbox so, committed. ``gone=True``: want it absent."""

    def edit(*locals_: str, quota_mb: int = 100, gone: bool = False) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            services.push_enqueue(
                actor=ana, wanted=[wanted(node, domain, one, quota_mb, gone) for one in locals_]
            )

    return edit


def wanted(
    node: FakeNode, domain: Domain | None, local: str, quota_mb: int = 100, gone: bool = False
) -> services.Wanted:
    state = contract.Mailbox(
        address=f"{local}@example.test",
        password_hash="{ARGON2ID}$x",
        home=f"example.test/{local}",
        quota_mb=quota_mb,
    )
    return services.Wanted(
        node=node.node, kind=state.KIND, key=state.key, state=None if gone else state, domain=domain
    )


@pytest.fixture
def take(django_capture_on_commit_callbacks: Commit) -> Callable[[Any], None]:
    """The panel takes a report in, and commits."""

    def take(envelope: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            intake.take(envelope)

    return take


def key(local: str = "ana") -> str:
    return f"mailbox/{local}@example.test"


def row(local: str = "ana") -> Push:
    return Push.objects.get(key=key(local))


def let_leases_end() -> None:
    """As if the time had come for every row that waits."""
    Push.objects.behind().update(next_try_at="2020-01-01T00:00:00Z")


def next_try_in(local: str = "ana") -> float:
    """Seconds."""
    due = row(local).next_try_at
    assert due is not None
    return (due - timezone.now()).total_seconds()


def payload(local: str = "ana") -> dict[str, Any]:
    wish: dict[str, Any] | None = row(local).payload
    assert wish is not None
    return wish


@transaction.atomic
def enqueue_and_fail(wishes: list[services.Wanted]) -> None:
    """A service whose later part fails: raises ZeroDivisionError."""
    services.push_enqueue(actor=None, wanted=wishes)
    raise ZeroDivisionError
