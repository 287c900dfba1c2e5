"""What a person is told about a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Domain
from lib.errors import Refused
from nodeagent import contract
from provision import selectors, services
from provision.models import Node, Push
from tests import factories
from tests.provision.conftest import Commit, Wire, key, row, wanted
from tests.provision.fakenode import FakeNode, outcome

Edit = Callable[..., None]
Take = Callable[[Any], None]


def status(local: str = "ana") -> selectors.Status:
    return selectors.statuses([key(local)])[key(local)]


def test_from_moving_to_live(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    assert status().state == "none"
    edit("ana")
    moving = status()
    assert (moving.state, moving.nodes, moving.settled, moving.absent) == ("moving", ("mail1",), False, False)
    assert moving.look_again_in == 1
    take(node.apply(wire.batches()[0]))
    live = status()
    assert (live.state, live.proof, live.settled) == ("live", "found by the fake", True)
    assert live.applied_at is not None
    edit("ana", gone=True)
    assert (status().state, status().absent) == ("moving", True)


def test_failed_says_why_and_when_next(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    take(node.report(outcomes=[outcome(key(), row().sent_rev, error="the disk is full")]))
    failed = status()
    assert (failed.state, failed.error, failed.push_id) == ("failed", "the disk is full", row().pk)
    assert failed.next_try_at is not None


def test_away_is_said_only_of_a_silent_node_with_something_waiting(
    edit: Edit, node: FakeNode, wire: Wire
) -> None:
    edit("ana")
    long_ago = timezone.now() - timedelta(minutes=3)
    Node.objects.update(last_report_at=long_ago)
    assert status().state == "moving"  # it may just have had nothing to say until now
    Push.objects.update(changed_at=timezone.now() - timedelta(minutes=1))
    assert (status().state, status().seen_at) == ("away", long_ago)
    Node.objects.update(last_report_at=timezone.now())
    assert status().state == "moving"


def test_the_worst_of_several_nodes_is_shown(
    edit: Edit,
    node: FakeNode,
    domain: Domain,
    wire: Wire,
    take: Take,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    other = FakeNode("mail2")
    with django_capture_on_commit_callbacks(execute=True):
        services.push_enqueue(
            actor=None, wanted=[wanted(node, domain, "ana"), wanted(other, domain, "ana", gone=True)]
        )
    first = Push.objects.get(node=node.node)
    take(node.report(outcomes=[outcome(key(), first.desired_rev)]))
    assert (status().state, status().nodes, status().absent) == ("moving", ("mail2",), False)
    second = Push.objects.get(node=other.node)
    take(other.report(outcomes=[outcome(key(), second.desired_rev, error="no")]))
    assert (status().state, status().nodes, status().push_id) == ("failed", ("mail2",), second.pk)
    take(other.report(outcomes=[outcome(key(), second.desired_rev)]))
    assert (status().state, status().nodes) == ("live", ("mail1", "mail2"))


def test_many_statuses_are_one_query(edit: Edit, wire: Wire, django_assert_num_queries: Any) -> None:
    people = [f"p{number}" for number in range(60)]
    edit(*people)
    with django_assert_num_queries(1):
        found = selectors.statuses([key(who) for who in [*people, "nobody"]])
    assert len(found) == 61
    assert found[key("nobody")].state == "none"


def test_placing_a_domain(wire: Wire, db: None) -> None:
    with pytest.raises(Refused):
        selectors.mail_node()
    full, free = FakeNode("mail1"), FakeNode("mail2")
    FakeNode("mail3", draining=True)
    FakeNode("ns1", roles=["dns"])
    held = [contract.MailDomain(name=f"d{number}.test") for number in range(3)]
    domain = factories.DomainFactory.create()
    services.push_enqueue(
        actor=None,
        wanted=[
            services.Wanted(node=full.node, kind=state.KIND, key=state.key, state=state, domain=domain)
            for state in held
        ],
    )
    assert selectors.mail_node() == free.node
    assert [node.name for node in selectors.dns_nodes()] == ["mail1", "mail2", "mail3", "ns1"]
