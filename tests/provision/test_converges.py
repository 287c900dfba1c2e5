"""Any order of edits, losses, doubles, reports and sweeps ends with the node holding what the panel wants."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Domain
from nodeagent import contract
from provision import broker, intake, outbox, services
from provision.models import Push
from tests.provision.conftest import Wire, enqueue_and_fail, let_leases_end, wanted
from tests.provision.fakenode import FakeNode

PEOPLE = st.sampled_from(["ana", "ben", "eva"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.lists(PEOPLE, min_size=1, max_size=3), st.integers(1, 9)),
        st.tuples(st.just("remove"), st.lists(PEOPLE, min_size=1, max_size=2), st.none()),
        st.tuples(st.just("roll back"), st.lists(PEOPLE, min_size=1, max_size=2), st.none()),
        st.tuples(
            st.sampled_from(["lose", "double", "deliver", "report", "double report", "lose report"]),
            st.integers(0, 5),
            st.none(),
        ),
        st.tuples(
            st.sampled_from(["sweep", "time", "flush", "down", "up", "manifest", "empty node"]),
            st.none(),
            st.none(),
        ),
        st.tuples(st.sampled_from(["refuse", "accept"]), PEOPLE, st.none()),
    ),
    max_size=30,
)


class World:
    def __init__(self, node: FakeNode, domain: Domain, wire: Wire) -> None:
        self.node, self.domain, self.wire = node, domain, wire
        self.messages: list[contract.Batch] = []
        self.reports: list[contract.Envelope] = []
        self.want: dict[str, int | None] = {}

    def collect(self) -> None:
        self.messages += self.wire.batches()

    def step(self, what: str, which: Any, value: Any) -> None:
        getattr(self, "do_" + what.replace(" ", "_"))(which, value)
        self.collect()

    def do_edit(self, who: list[str], quota: int) -> None:
        with committed():
            services.push_enqueue(
                actor=None, wanted=[wanted(self.node, self.domain, one, quota) for one in who]
            )
        self.want |= dict.fromkeys(who, quota)

    def do_remove(self, who: list[str], _: Any) -> None:
        with committed():
            services.push_enqueue(
                actor=None, wanted=[wanted(self.node, self.domain, one, gone=True) for one in who]
            )
        self.want |= dict.fromkeys(who)

    def do_roll_back(self, who: list[str], _: Any) -> None:
        with committed(), pytest.raises(ZeroDivisionError):
            enqueue_and_fail([wanted(self.node, self.domain, one, 77) for one in who])

    def do_lose(self, which: int, _: Any) -> None:
        del self.messages[which : which + 1]

    def do_double(self, which: int, _: Any) -> None:
        self.messages += self.messages[which : which + 1]

    def do_deliver(self, which: int, _: Any) -> None:
        if which < len(self.messages):
            self.reports.append(self.node.apply(self.messages.pop(which)))

    def do_report(self, which: int, _: Any) -> None:
        if which < len(self.reports):
            with committed():
                intake.take(self.reports.pop(which))

    def do_double_report(self, which: int, _: Any) -> None:
        self.reports += self.reports[which : which + 1]

    def do_lose_report(self, which: int, _: Any) -> None:
        del self.reports[which : which + 1]

    def do_sweep(self, *_: Any) -> None:
        try:
            outbox.sweep()
        except broker.BrokerAway:
            assert self.wire.down

    def do_time(self, *_: Any) -> None:
        let_leases_end()

    def do_flush(self, *_: Any) -> None:
        self.messages.clear()
        self.reports.clear()

    def do_down(self, *_: Any) -> None:
        self.wire.down = True

    def do_up(self, *_: Any) -> None:
        self.wire.down = False

    def do_manifest(self, *_: Any) -> None:
        self.reports.append(self.node.report(manifest=self.node.manifest()))

    def do_empty_node(self, *_: Any) -> None:
        self.node.ledger.clear()

    def do_refuse(self, who: str, _: Any) -> None:
        self.node.refuse[f"mailbox/{who}@example.test"] = "not now"

    def do_accept(self, who: str, _: Any) -> None:
        self.node.refuse.pop(f"mailbox/{who}@example.test", None)

    def calm(self) -> None:
        """Nothing is lost any more: what is under way arrives, in any order; sweeps and manifests run."""
        self.wire.down = False
        self.node.refuse.clear()
        for _ in range(6):
            self.do_manifest()
            self.do_time()
            self.do_sweep()
            self.collect()
            random.Random(len(self.messages)).shuffle(self.messages)
            while self.messages:
                self.do_deliver(0, None)
            random.Random(len(self.reports)).shuffle(self.reports)
            while self.reports:
                self.do_report(0, None)
                self.collect()


@contextmanager
def committed() -> Iterator[None]:
    """What a commit would run, runs; the test's own transaction stays open."""
    start = len(connection.run_on_commit)
    yield
    while start < len(connection.run_on_commit):
        _, hook, *_ = connection.run_on_commit.pop(start)
        hook()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_everything_converges(
    steps: list[tuple[str, Any, Any]], node: FakeNode, domain: Domain, wire: Wire
) -> None:
    sid = transaction.savepoint()
    world = World(node, domain, wire)
    node.ledger.clear()
    wire.sent.clear()
    applied: dict[str, int] = {}
    try:
        for step in steps:
            emptied = step[0] in {"empty node", "report", "double report"}
            world.step(*step)
            now = dict(Push.objects.values_list("key", "applied_rev"))
            if not emptied:
                assert all(now[one] >= rev for one, rev in applied.items())
            applied = now
        world.calm()
        held = {name: payload["quota_mb"] if payload else None for name, (_, payload) in node.ledger.items()}
        wish = {f"mailbox/{who}@example.test": quota for who, quota in world.want.items()}
        assert held == wish
        assert not Push.objects.behind().exists()
        assert not Push.objects.exclude(last_error="").exists()
    finally:
        node.refuse.clear()
        wire.down = False
        transaction.savepoint_rollback(sid)
