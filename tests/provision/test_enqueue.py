"""A change and its push are one transaction; what is sent is the newest state, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Domain, User
from nodeagent import contract
from provision import broker, services
from provision.models import Push
from tests.provision.conftest import (
    Commit,
    Wire,
    enqueue_and_fail,
    let_leases_end,
    next_try_in,
    payload,
    row,
    wanted,
)
from tests.provision.fakenode import FakeNode


def test_a_change_is_sent_after_its_commit(edit: Callable[..., None], wire: Wire) -> None:
    edit("ana", quota_mb=512)
    [batch] = wire.batches()
    assert batch["node"] == "mail1"
    assert batch["contract"] == contract.CONTRACT
    [state] = batch["states"]
    assert state["kind"] == "mailbox"
    assert state["key"] == "mailbox/ana@example.test"
    assert state["rev"] == row().desired_rev
    assert state["payload"] is not None
    assert contract.from_payload("mailbox", state["payload"]).quota_mb == 512  # type: ignore[union-attr]


def test_a_rolled_back_change_leaves_nothing(
    node: FakeNode, domain: Domain, ana: User, wire: Wire, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
        enqueue_and_fail([wanted(node, domain, "ana")])
    assert not Push.objects.exists()
    assert wire.sent == []


def test_a_rolled_back_part_is_not_sent_and_the_rest_is(
    node: FakeNode, domain: Domain, ana: User, wire: Wire, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.push_enqueue(actor=ana, wanted=[wanted(node, domain, "ana", 1)])
        with pytest.raises(ZeroDivisionError):
            enqueue_and_fail([wanted(node, domain, "ana", 2), wanted(node, domain, "ben")])
        services.push_enqueue(actor=ana, wanted=[wanted(node, domain, "eva")])
    [batch] = wire.batches()
    assert {state["key"]: state["payload"]["quota_mb"] for state in batch["states"] if state["payload"]} == {
        "mailbox/ana@example.test": 1,
        "mailbox/eva@example.test": 100,
    }


def test_many_services_in_one_transaction_make_one_message(
    node: FakeNode, domain: Domain, ana: User, wire: Wire, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        for quota in range(1, 6):
            services.push_enqueue(
                actor=ana, wanted=[wanted(node, domain, "ana", quota), wanted(node, domain, f"p{quota}")]
            )
    assert len(callbacks) == 1
    [batch] = wire.batches()
    assert len(batch["states"]) == 6


def test_ten_quick_edits_are_two_messages_and_the_newest_travels(
    edit: Callable[..., None], node: FakeNode, wire: Wire, take: Callable[[Any], None]
) -> None:
    for quota in range(1, 11):
        edit("ana", quota_mb=quota)
    [first] = wire.batches()
    take(node.apply(first))
    [second] = wire.batches()
    take(node.apply(second))
    assert wire.batches() == []
    assert node.ledger[row().key][1] == row().payload
    assert payload()["quota_mb"] == 10
    assert row().applied_rev == row().desired_rev


def test_the_last_of_two_wishes_for_one_key_wins(
    node: FakeNode, domain: Domain, ana: User, wire: Wire, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.push_enqueue(
            actor=ana, wanted=[wanted(node, domain, "ana", 1), wanted(node, domain, "ana", 2)]
        )
    assert payload()["quota_mb"] == 2


def test_bulk_work_is_one_statement_and_few_messages(
    node: FakeNode, domain: Domain, ana: User, wire: Wire, django_assert_num_queries: Any
) -> None:
    many = [wanted(node, domain, f"p{number}") for number in range(1200)]
    with django_assert_num_queries(1):
        services.push_enqueue(actor=ana, wanted=many)
    assert Push.objects.behind().count() == 1200


def test_bulk_work_leaves_the_rest_to_the_worker(edit: Callable[..., None], wire: Wire) -> None:
    edit(*[f"p{number}" for number in range(700)])
    assert [len(batch["states"]) for batch in wire.batches()] == [500]
    assert [(task, queue) for task, queue, _ in wire.sent] == [("provision.sweep", "panel")]


def test_large_states_travel_in_several_messages(
    edit: Callable[..., None], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provision.outbox.BATCH_BYTES", 1000)
    edit(*[f"p{number}" for number in range(20)])
    batches = wire.batches()
    assert len(batches) > 2
    assert len({state["key"] for batch in batches for state in batch["states"]}) == 20


def test_revisions_grow_and_never_come_twice(edit: Callable[..., None], wire: Wire) -> None:
    edit("ana")
    first = row().desired_rev
    edit("ana")
    second = row().desired_rev
    Push.objects.all().delete()  # a panel made anew beside a node that kept its ledger
    edit("ana")
    assert first < second < row().desired_rev


def test_a_change_clears_the_old_failure(
    edit: Callable[..., None], node: FakeNode, wire: Wire, take: Callable[[Any], None]
) -> None:
    edit("ana")
    node.refuse[row().key] = "no room"
    [batch] = wire.batches()
    take(node.apply(batch))
    assert row().last_error == "no room"
    edit("ana")
    assert (row().last_error, len(wire.batches())) == ("", 1)


@pytest.mark.django_db(transaction=True)
def test_a_fault_in_sending_never_reaches_the_request(
    node: FakeNode, domain: Domain, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*args: Any, **options: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(broker, "send", fault)
    services.push_enqueue(actor=ana, wanted=[wanted(node, domain, "ana")])
    assert next_try_in() <= 0
    assert row().attempts == 0


def test_absent_is_sent_as_none(edit: Callable[..., None], wire: Wire) -> None:
    edit("ana")
    wire.batches()
    let_leases_end()
    edit("ana", gone=True)
    [batch] = wire.batches()
    assert batch["states"][0]["payload"] is None
