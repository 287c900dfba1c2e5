"""A node that lost what it had is sent everything again: by one command, or as it joined with new keys."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from lib.errors import Denied
from provision import kinds
from provision.joining.services import node_join
from provision.models import NodeRebuild, Push
from provision.outbox import dispatch
from provision.rebuilding import node_rebuild, progress
from tests.factories import UserFactory
from tests.provision.conftest import Wire
from tests.provision.fakenode import FakeNode

Edit = Callable[..., None]
Take = Callable[[Any], None]
PEOPLE = ["ana", "ben", "eva"]


@pytest.fixture
def settle(node: FakeNode, wire: Wire, take: Take) -> Callable[[], None]:
    def settle() -> None:
        dispatch(node.node)  # nothing is committed in a test, so what goes after a commit goes here
        while batches := wire.batches():
            for batch in batches:
                take(node.apply(batch))

    return settle


@pytest.fixture
def emptied(edit: Edit, node: FakeNode, settle: Callable[[], None]) -> dict[str, Any]:
    """What the node held before it lost all of it."""
    edit(*PEOPLE)
    settle()
    before = dict(node.ledger)
    node.ledger.clear()
    return before


def test_all_is_sent_again_and_is_live(
    emptied: dict[str, Any], node: FakeNode, settle: Callable[[], None]
) -> None:
    rebuild = node_rebuild(actor=None, node=node.node)
    assert (progress(rebuild).live, progress(rebuild).states) == (0, len(PEOPLE))
    settle()
    assert progress(rebuild).live == len(PEOPLE)
    assert node.ledger == emptied


def test_a_node_that_still_has_all_proves_it_and_does_nothing_twice(
    edit: Edit, node: FakeNode, settle: Callable[[], None]
) -> None:
    edit(*PEOPLE)
    settle()
    before = dict(node.ledger)
    node_rebuild(actor=None, node=node.node)
    settle()
    assert not Push.objects.behind().exists()
    assert node.ledger == before


def test_what_is_to_be_absent_is_not_said_to_an_empty_node(
    edit: Edit, node: FakeNode, settle: Callable[[], None]
) -> None:
    edit(*PEOPLE)
    settle()
    Push.objects.filter(key__contains="ben").update(payload=None)
    assert node_rebuild(actor=None, node=node.node).states == len(PEOPLE) - 1


def test_one_customer_more_changes_nothing_on_other_nodes(
    emptied: dict[str, Any], node: FakeNode, wire: Wire
) -> None:
    other = FakeNode("mail2")
    Push.objects.create(node=other.node, key="x/1", kind="x", payload={}, desired_rev=5, applied_rev=5)
    node_rebuild(actor=None, node=node.node)
    assert Push.objects.get(node=other.node).applied_rev == 5


def test_only_the_provider_rebuilds(node: FakeNode) -> None:
    with pytest.raises(Denied):
        node_rebuild(actor=UserFactory.create(), node=node.node)
    assert not NodeRebuild.objects.exists()


def _keys(letter: str) -> dict[str, str]:
    key = base64.b64encode(letter.encode() * 32).decode()
    return {
        "public_key": key, "sealing_key": key, "ingest_token_hash": letter * 64, "broker_hash": letter * 64,
    }  # fmt: skip


def test_a_node_that_joins_with_new_keys_is_built_again_by_itself(
    emptied: dict[str, Any], node: FakeNode
) -> None:
    node_join(node=node.node, said=_keys("a"))
    begun = NodeRebuild.objects.get()
    assert begun.anew
    assert begun.states == len(PEOPLE)
    node_join(node=node.node, said=_keys("a"))  # the same once more: nothing
    assert NodeRebuild.objects.count() == 1
    # The command joins in and begins no second one, until that is done.
    assert node_rebuild(actor=None, node=node.node) == begun
    Push.objects.update(applied_rev=F("desired_rev"))
    assert node_rebuild(actor=None, node=node.node) != begun


def test_the_command_says_what_is_live_and_what_is_missing(
    emptied: dict[str, Any], node: FakeNode, settle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: settle())
    watcher = kinds.RebuildWatcher(begun=lambda rebuild: None, missing=lambda rebuild: ["ana@x.test: 0 of 2"])
    monkeypatch.setattr(kinds, "_rebuilds", [watcher])
    out = io.StringIO()
    call_command("node", "rebuild", node.node.name, "--wait", "30", stdout=out)
    assert "3 of 3 live" in out.getvalue()
    assert "  ana@x.test: 0 of 2" in out.getvalue().splitlines()


def test_the_command_names_what_the_node_refuses(
    emptied: dict[str, Any], node: FakeNode, settle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    node.refuse = {key: "no room on the disk" for key in emptied if "ana" in key}
    monkeypatch.setattr(time, "sleep", lambda seconds: settle())
    with pytest.raises(CommandError, match="no room on the disk"):
        call_command("node", "rebuild", node.node.name, "--wait", "0.5", stdout=io.StringIO())


def test_nobody_of_this_name(db: None) -> None:
    with pytest.raises(CommandError, match="no node mail9"):
        call_command("node", "rebuild", "mail9")
