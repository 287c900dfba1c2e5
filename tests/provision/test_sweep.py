"""The guarantee: whatever was lost on the way is sent again, in time and not in a flood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from nodeagent import contract
from provision import broker, outbox, tasks
from provision.models import Push
from tests.provision.conftest import Wire, key, let_leases_end, next_try_in, row
from tests.provision.fakenode import FakeNode

Edit = Callable[..., None]
Take = Callable[[Any], None]


def test_what_is_leased_is_not_sent_again(edit: Edit, wire: Wire) -> None:
    edit("ana")
    wire.batches()
    assert outbox.sweep() == 0
    assert wire.batches() == []
    assert row().attempts == 1
    assert 7 < next_try_in() < 13


def test_what_was_lost_is_sent_when_its_lease_ends(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit(*[f"p{number}" for number in range(1200)])
    while outbox.sweep():
        pass
    wire.sent.clear()  # FLUSHALL
    let_leases_end()
    assert outbox.sweep() == 1200
    for batch in wire.batches():
        take(node.apply(batch))
    assert not Push.objects.behind().exists()
    assert outbox.sweep() == 0


def test_leases_grow_for_a_node_that_does_not_answer(edit: Edit, wire: Wire) -> None:
    edit("ana")
    for _ in range(12):
        let_leases_end()
        outbox.sweep()
        wire.sent.clear()
    assert 470 < next_try_in() < 730


def test_a_long_queue_is_not_made_longer(edit: Edit, wire: Wire) -> None:
    edit("ana")
    wire.sent += [("agent.apply", "node.mail1", {})] * outbox.QUEUE_LIMIT
    let_leases_end()
    assert outbox.sweep() == 0


def test_bulk_work_goes_on_from_report_to_report(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    """Without a sweep; and no more of it waits than lets a change by hand soon have its turn."""
    edit(*[f"p{number}" for number in range(5 * contract.BATCH_STATES + 100)])
    wire.sent = [sent for sent in wire.sent if sent[0] == contract.TASK_APPLY]
    waited = []
    while batches := wire.batches():
        waited.append(len(batches))
        for batch in batches:
            take(node.apply(batch))
    assert not Push.objects.behind().exists()
    assert len(waited) >= 3
    assert max(waited) <= outbox.REFILL_LIMIT


def test_a_small_report_lets_go_what_waits(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    (batch,) = wire.batches()
    Push.objects.create(node=node.node, key="mailbox/x@y.test", kind="mailbox", next_try_at=timezone.now())
    take(node.apply(batch))
    (batch,) = wire.batches()
    assert [state["key"] for state in batch["states"]] == ["mailbox/x@y.test"]
    take(node.apply(batch))
    assert wire.batches() == []


def test_edits_for_a_node_that_is_away_wait_here_and_become_one_push_each(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    people = [f"p{number}" for number in range(60)]
    for quota_mb in (7, 8, 9):
        for one in people:
            edit(one, quota_mb=quota_mb)
    sent = [batch for batch in wire.batches() for _ in batch["states"]]
    assert len(sent) == outbox.HOLD_AT
    for batch in sent:
        take(node.apply(batch))
    later = 0
    while batches := wire.batches():
        for batch in batches:
            later += len(batch["states"])
            take(node.apply(batch))
    assert later == len(people)
    assert not Push.objects.behind().exists()
    assert {payload["quota_mb"] for _, payload in node.ledger.values() if payload} == {9}


def test_a_change_by_hand_does_not_wait_behind_bulk_work(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit(*[f"p{number}" for number in range(10 * contract.BATCH_STATES)])
    bulk = wire.batches()
    wire.sent = [("agent.apply", "node.mail1", {})] * outbox.HOLD_AT
    edit("ana")
    assert not row().attempts
    wire.sent = []
    take(node.apply(bulk[0]))
    assert "mailbox/ana@example.test" in {s["key"] for batch in wire.batches() for s in batch["states"]}


def test_a_long_queue_of_one_node_does_not_hold_up_another(
    edit: Edit, wire: Wire, node: FakeNode, django_capture_on_commit_callbacks: Any
) -> None:
    edit("ana")
    other = FakeNode("mail2")
    Push.objects.create(node=other.node, key="mailbox/x@y.test", kind="mailbox", next_try_at=timezone.now())
    wire.sent += [("agent.apply", "node.mail1", {})] * outbox.QUEUE_LIMIT
    let_leases_end()
    assert outbox.sweep() == 1


def test_with_the_broker_down_a_change_is_saved_and_due(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    wire.down = True
    edit("ana")
    assert row().desired_rev > row().applied_rev
    assert row().attempts == 0
    with pytest.raises(broker.BrokerAway):
        outbox.sweep()
    wire.down = False
    assert outbox.sweep() == 1
    take(node.apply(wire.batches()[0]))
    assert row().applied_rev == row().desired_rev


def test_what_a_broker_refuses_midway_is_due_at_once(
    edit: Edit, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.down = True
    edit(*[f"p{number}" for number in range(40)])
    wire.down = False
    monkeypatch.setattr(outbox, "BATCH_BYTES", 2000)
    send = wire.send

    def fail_at_third(task: str, queue: str, argument: Any = None, **options: Any) -> None:
        if len(wire.sent) == 2:
            raise broker.BrokerAway
        send(task, queue, argument, **options)

    monkeypatch.setattr(broker, "send", fail_at_third)
    with pytest.raises(broker.BrokerAway):
        outbox.sweep()
    sent = {state["key"] for batch in wire.batches() for state in batch["states"]}
    due = set(Push.objects.filter(next_try_at__lte=timezone.now()).values_list("key", flat=True))
    assert sent
    assert due
    assert sent | due == {key(f"p{number}") for number in range(40)}
    assert not sent & due


def test_the_database_keeps_what_is_behind_due(edit: Edit, wire: Wire) -> None:
    edit("ana")
    with pytest.raises(IntegrityError), transaction.atomic():
        Push.objects.update(next_try_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Push.objects.update(applied_rev=2**60)


def test_due_rows_are_found_by_index(edit: Edit, wire: Wire) -> None:
    edit("ana")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM provision_push WHERE node_id = 1 AND desired_rev > applied_rev"
            " AND next_try_at <= statement_timestamp() ORDER BY next_try_at LIMIT 500"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "push_due" in plan
    assert "Sort" not in plan


def test_asking_nodes(node: FakeNode, wire: Wire) -> None:
    FakeNode("ns2", roles=["dns"])
    tasks.ask_manifests()
    tasks.ask_usage()
    ask = {"contract": contract.CONTRACT}
    assert wire.sent == [
        ("agent.manifest", "node.mail1", ask | {"node": "mail1"}),
        ("agent.manifest", "node.ns2", ask | {"node": "ns2"}),
        ("agent.measure", "node.mail1", ask | {"node": "mail1"}),
    ]
    wire.down = True
    tasks.ask_usage()
    tasks.sweep()
