"""A node's word counts for its own rows, and only forward."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from nodeagent import contract
from provision import kinds
from provision.models import Node, Push
from tests.provision.conftest import Wire, key, next_try_in, row
from tests.provision.fakenode import FakeNode, outcome

Edit = Callable[..., None]
Take = Callable[[Any], None]


def test_a_proven_revision_is_live(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    at = timezone.now() - timedelta(seconds=3)
    take(
        node.report(at=at.timestamp(), outcomes=[outcome(key(), row().desired_rev, proof="found by postmap")])
    )
    assert row().applied_rev == row().desired_rev
    assert (row().proof, row().applied_at, row().next_try_at, row().attempts) == (
        "found by postmap",
        at,
        None,
        0,
    )


def test_late_and_doubled_reports_change_nothing(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    old = node.apply(wire.batches()[0])
    edit("ana", quota_mb=5)
    take(old)
    new = node.apply(wire.batches()[0])
    take(new)
    settled = Push.objects.values().get()
    for envelope in (old, new, old):
        take(envelope)
    assert Push.objects.values().get() == settled


def test_a_refusal_shows_its_reason_and_backs_off(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    waits = []
    for _ in range(12):
        take(node.report(outcomes=[outcome(key(), row().sent_rev, error="the disk is full")]))
        waits.append(next_try_in())
        Push.objects.update(attempts=row().attempts + 1)
    assert row().last_error == "the disk is full"
    assert 3 < waits[0] < 7
    assert waits[0] < waits[3] < waits[6]
    assert 470 < waits[-1] < 730


def test_what_trying_again_cannot_help_is_tried_hourly(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit("ana")
    take(node.report(outcomes=[outcome(key(), row().sent_rev, error="no such kind", permanent=True)]))
    assert next_try_in() > 2500


def test_a_refusal_of_an_overtaken_revision_lets_the_newest_go(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit("ana", quota_mb=1)
    [batch] = wire.batches()
    edit("ana", quota_mb=2)
    take(node.report(outcomes=[outcome(key(), batch["states"][0]["rev"], error="no")]))
    assert row().last_error == ""
    [batch] = wire.batches()
    assert batch["states"][0]["rev"] == row().desired_rev


def test_a_late_refusal_does_not_mark_the_newest_state(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit("ana")
    old = row().sent_rev
    edit("ana")
    Push.objects.update(sent_rev=row().desired_rev)
    take(node.report(outcomes=[outcome(key(), old, error="no")]))
    assert row().last_error == ""


def test_a_node_that_is_ahead_gets_a_newer_revision(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    """The panel was put back to an older state: what it wants must win over what the node holds."""
    edit("ana", quota_mb=7)
    wire.batches()
    ahead = row().desired_rev + 10**9
    node.ledger[key()] = (ahead, {"quota_mb": 1})
    take(node.report(outcomes=[outcome(key(), ahead)]))
    assert row().desired_rev == ahead + 1
    [batch] = wire.batches()
    take(node.apply(batch))
    assert row().applied_rev == ahead + 1
    assert node.ledger[key()][1] == row().payload


@pytest.mark.parametrize("spoil", ["body", "signature", "key", "node", "shape"])
def test_a_forged_report_is_dropped(spoil: str, edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    envelope: dict[str, Any] = dict(node.apply(wire.batches()[0]))
    if spoil == "body":
        envelope["body"] = envelope["body"].replace("found", "forged")
    elif spoil == "signature":
        envelope["signature"] = "A" * 88
    elif spoil == "key":
        envelope["signature"] = FakeNode("mail2").sign(envelope["body"])["signature"]
    elif spoil == "node":
        envelope["node"] = "mail9"
    else:
        envelope = {"node": "mail1", "body": None, "signature": 3}
    before = row().applied_rev
    take(envelope)
    assert row().applied_rev == before == 0


@pytest.mark.parametrize("envelope", [None, 7, [], {}, {"node": None}, {"node": "mail1"}, {"node": "a\0b"}])
def test_rubbish_is_dropped(envelope: Any, node: FakeNode, take: Take) -> None:
    take(envelope)
    assert Node.objects.get().trouble == ""


def test_a_node_speaks_for_its_own_rows_only(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    other = FakeNode("mail2")
    take(other.report(outcomes=[outcome(key(), row().desired_rev)]))
    take(
        other.report(manifest={"after": "", "upto": None, "entries": [[key(), row().desired_rev + 5, True]]})
    )
    mine = Push.objects.get(node=node.node)
    assert (mine.applied_rev, mine.desired_rev) == (0, mine.sent_rev)
    body = json.dumps({"contract": 1, "node": "mail1", "at": timezone.now().timestamp(), "outcomes": []})
    take(other.sign(body))
    assert "another node" in Node.objects.get(name="mail2").trouble


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"contract": 2}, "contract 2"),
        ({"at": timezone.now().timestamp() - 7200}, "clock"),
        ({"at": timezone.now().timestamp() + 7200}, "clock"),
        ({"at": "now"}, "no time"),
        ({"at": float("nan")}, "no time"),
        ({"outcomes": [{"key": "x"}]}, "out of shape"),
        ({"outcomes": [outcome("k", -1)]}, "out of shape"),
        ({"outcomes": [outcome("k", 2**60)]}, "out of shape"),
        ({"outcomes": [outcome("k" * 600, 1)]}, "out of shape"),
        ({"outcomes": 3}, "out of shape"),
        ({"manifest": {"after": "b", "upto": "c", "entries": [["a", 1, True]]}}, "out of shape"),
        (
            {"manifest": {"after": "", "upto": None, "entries": [["a", 1, True], ["a", 2, True]]}},
            "out of shape",
        ),
        ({"usage": [{"address": "a", "used_bytes": True, "messages": 1}]}, "out of shape"),
    ],
)
def test_an_unusable_report_says_why_at_the_node(
    change: dict[str, Any], why: str, edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit("ana")
    rev = row().desired_rev
    report = {
        "contract": 1,
        "node": "mail1",
        "at": timezone.now().timestamp(),
        "outcomes": [outcome(key(), rev)],
    }
    take(node.sign(json.dumps(report | change)))
    assert row().applied_rev == 0
    assert why in Node.objects.get().trouble
    take(node.report(outcomes=[]))
    assert Node.objects.get().trouble == ""


def test_hostile_text_is_stored_as_text(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    take(node.report(outcomes=[outcome(key(), row().sent_rev, error="\0<script>" + "x" * 5000)]))
    assert row().last_error.startswith("<script>")
    assert len(row().last_error) == 1000


@pytest.fixture
def on_live(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any] | None, dict[str, Any]]]:
    heard: list[tuple[dict[str, Any] | None, dict[str, Any]]] = []

    def listen(push: Push, facts: dict[str, Any]) -> None:
        if facts.get("poison"):
            raise ZeroDivisionError
        heard.append((push.payload, facts))

    kind = kinds.Kind(name="mailbox", desired=lambda key: None, on_live=listen)
    monkeypatch.setitem(kinds._kinds, "mailbox", kind)
    return heard


def test_on_live_hears_of_the_wanted_revision_once(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, on_live: list[Any]
) -> None:
    edit("ana", quota_mb=1)
    old = row().desired_rev
    edit("ana", quota_mb=2)
    take(node.report(outcomes=[outcome(key(), old, facts={"n": 1})]))
    assert on_live == []
    report = node.report(outcomes=[outcome(key(), row().desired_rev, facts={"n": 2})])
    take(report)
    take(report)
    assert on_live == [(row().payload, {"n": 2})]


def test_a_failing_on_live_holds_up_nobody_else(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, on_live: list[Any]
) -> None:
    edit("ana", "ben")
    take(
        node.report(
            outcomes=[
                outcome(key("ana"), row("ana").sent_rev, facts={"poison": True}),
                outcome(key("ben"), row("ben").sent_rev),
            ]
        )
    )
    assert row("ben").applied_rev == row("ben").desired_rev
    assert row("ana").applied_rev == 0
    assert "could not note it" in row("ana").last_error


def test_on_refused_hears_what_a_refusal_tells(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[dict[str, Any]] = []
    kind = kinds.Kind(
        name="mailbox", desired=lambda key: None, on_refused=lambda push, facts: heard.append(facts)
    )
    monkeypatch.setitem(kinds._kinds, "mailbox", kind)
    edit("ana")
    take(node.report(outcomes=[outcome(key(), row().sent_rev, error="older than mine", facts={"serial": 9})]))
    assert heard == [{"serial": 9}]
    assert row().last_error == "older than mine"


def test_usage_goes_to_whoever_registered(
    node: FakeNode, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, list[contract.Usage]]] = []
    monkeypatch.setattr(kinds, "_usage", [lambda node, usage: heard.append((node.name, usage))])
    usage = [{"address": "ana@example.test", "used_bytes": 1024, "messages": 3}]
    take(node.report(usage=usage))
    assert heard == [("mail1", usage)]


def test_a_report_of_500_takes_few_queries(
    edit: Edit,
    node: FakeNode,
    wire: Wire,
    take: Take,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    edit(*[f"p{number}" for number in range(500)])
    report = node.apply(wire.batches()[0])
    with django_assert_max_num_queries(8):
        take(report)
    assert not Push.objects.behind().exists()
