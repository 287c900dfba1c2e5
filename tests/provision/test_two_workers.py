"""Reports of one node, taken by several workers at once and in any order: rows only ever move forward."""

from __future__ import annotations

import random
from typing import Any

import pytest

from nodeagent import contract
from provision import intake
from provision.models import Push
from tests.provision.conftest import Wire
from tests.provision.fakenode import FakeNode, outcome
from tests.racing import race

WORKERS = 4
KEYS = [f"mailbox/{n}@example.test" for n in range(12)]
LAST = 9
LEASED = "2099-01-01T00:00:00Z"


def reports(node: FakeNode, order: random.Random) -> list[contract.Envelope]:
    """Every revision from 1 to LAST of every key, live or refused, some of it twice, in bunches, in any
    order. The last revision is live."""
    told = [
        outcome(key, rev, error="" if rev == LAST or order.random() < 0.6 else "the disk is full")
        for key in KEYS
        for rev in range(1, LAST + 1)
    ]
    told += order.sample(told, 30)
    order.shuffle(told)
    return [node.report(outcomes=told[at : at + 5]) for at in range(0, len(told), 5)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_reports_in_any_order_from_many_workers_end_at_the_newest(seed: int, wire: Wire) -> None:
    node, order = FakeNode(), random.Random(seed)
    Push.objects.bulk_create(
        Push(
            node=node.node,
            kind="mailbox",
            key=key,
            payload={},
            desired_rev=LAST,
            sent_rev=LAST,
            next_try_at=LEASED,
        )
        for key in KEYS
    )
    envelopes = reports(node, order)

    def work(worker: int) -> None:
        for envelope in envelopes[worker::WORKERS]:
            intake.take(envelope)

    assert race(WORKERS, work) == [""] * WORKERS
    rows: list[Any] = list(Push.objects.values_list("applied_rev", "last_error", "next_try_at"))
    assert rows == [(LAST, "", None)] * len(KEYS)


@pytest.mark.django_db(transaction=True)
def test_the_same_report_taken_by_all_workers_at_once_counts_once(wire: Wire) -> None:
    node = FakeNode()
    Push.objects.bulk_create(
        Push(
            node=node.node, kind="mailbox", key=key, payload={}, desired_rev=2, sent_rev=1, next_try_at=LEASED
        )
        for key in KEYS
    )
    envelope = node.report(outcomes=[outcome(key, 1) for key in KEYS])
    assert race(WORKERS, lambda _worker: intake.take(envelope)) == [""] * WORKERS
    sent = [state["key"] for batch in wire.batches() for state in batch["states"]]
    assert sorted(sent) == sorted(KEYS)  # revision 2 went once, when 1 was proven


@pytest.mark.django_db
def test_a_manifest_that_is_older_than_a_report_undoes_nothing(wire: Wire) -> None:
    node = FakeNode()
    row = Push.objects.create(
        node=node.node, kind="mailbox", key=KEYS[0], payload={}, desired_rev=5, sent_rev=5, next_try_at=LEASED
    )
    before: Any = {"after": "", "upto": None, "entries": [(KEYS[0], 4, True)]}
    late = node.report(manifest=before, at=row.changed_at.timestamp() - 1)
    intake.take(node.report(outcomes=[outcome(KEYS[0], 5)]))
    intake.take(late)
    row.refresh_from_db()
    assert (row.applied_rev, row.next_try_at) == (5, None)
