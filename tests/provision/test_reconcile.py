"""Manifests: what a node lost, holds too new or should not hold is repaired; the rest is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from provision.models import Push
from tests.provision.conftest import Wire, key, let_leases_end, row
from tests.provision.fakenode import FakeNode

Edit = Callable[..., None]
Take = Callable[[Any], None]
PEOPLE = ["ana", "ben", "eva", "zoë", "Zed", "a-b", "a_b", "a.b"]


@pytest.fixture
def settle(node: FakeNode, wire: Wire, take: Take) -> Callable[[], None]:
    """Let everything that is sent arrive and be reported."""

    def settle() -> None:
        while batches := wire.batches():
            for batch in batches:
                take(node.apply(batch))

    return settle


@pytest.fixture
def filled(edit: Edit, settle: Callable[[], None]) -> None:
    edit(*PEOPLE)
    settle()
    assert not Push.objects.behind().exists()


def compare(node: FakeNode, take: Take, size: int = 5000) -> None:
    after: str | None = ""
    while after is not None:
        page = node.manifest(after, size)
        take(node.report(manifest=page))
        after = page["upto"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("size", [2, 5000])
def test_a_node_in_order_is_left_alone(size: int, node: FakeNode, wire: Wire, take: Take) -> None:
    before = list(Push.objects.order_by("pk").values())
    compare(node, take, size)
    assert wire.sent == []
    assert list(Push.objects.order_by("pk").values()) == before


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("size", [1, 3, 5000])
def test_an_emptied_node_is_filled_again(
    size: int, node: FakeNode, wire: Wire, take: Take, settle: Callable[[], None]
) -> None:
    node.ledger.clear()
    compare(node, take, size)
    settle()
    assert sorted(node.ledger) == sorted(key(who) for who in PEOPLE)
    assert not Push.objects.behind().exists()


@pytest.mark.usefixtures("filled")
def test_a_lost_key_inside_a_page_is_sent(
    node: FakeNode, wire: Wire, take: Take, settle: Callable[[], None]
) -> None:
    del node.ledger[key("ben")]
    compare(node, take, 3)
    [batch] = wire.batches()
    assert [state["key"] for state in batch["states"]] == [key("ben")]


@pytest.mark.usefixtures("filled")
def test_what_is_held_unproven_is_sent(node: FakeNode, wire: Wire, take: Take) -> None:
    page = node.manifest()
    entries = [(name, 0 if name == key("eva") else rev, there) for name, rev, there in page["entries"]]
    take(node.report(manifest=page | {"entries": entries}))
    [batch] = wire.batches()
    assert [state["key"] for state in batch["states"]] == [key("eva")]


@pytest.mark.usefixtures("filled")
def test_a_panel_put_back_to_an_older_state_wins(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, settle: Callable[[], None]
) -> None:
    saved = Push.objects.values().get(key=key("ana"))
    edit("ana", quota_mb=9)
    edit("new")
    settle()
    assert node.ledger[key("ana")][1]["quota_mb"] == 9  # type: ignore[index]
    Push.objects.filter(key=key("new")).delete()  # as a restored backup would
    Push.objects.filter(key=key("ana")).update(
        **{field: value for field, value in saved.items() if field != "id"}
    )
    compare(node, take)
    settle()
    assert node.ledger[key("ana")][1]["quota_mb"] == 100  # type: ignore[index]
    assert node.ledger[key("new")][1] is None
    assert not Push.objects.behind().exists()


@pytest.mark.usefixtures("filled")
def test_an_object_nobody_knows_is_taken_away(
    node: FakeNode, wire: Wire, take: Take, settle: Callable[[], None]
) -> None:
    node.ledger["mailbox/ghost@example.test"] = (4, {"address": "ghost@example.test"})
    node.ledger["mailbox/gone@example.test"] = (4, None)
    compare(node, take)
    settle()
    assert node.ledger["mailbox/ghost@example.test"][1] is None
    assert row("ghost").kind == "mailbox"
    assert not Push.objects.filter(key=key("gone")).exists()


@pytest.mark.usefixtures("filled")
def test_same_revision_and_other_presence_is_repaired(
    node: FakeNode, wire: Wire, take: Take, settle: Callable[[], None]
) -> None:
    node.ledger[key("ana")] = (row().applied_rev, None)
    compare(node, take)
    settle()
    assert node.ledger[key("ana")][1] == row().payload


@pytest.mark.usefixtures("filled")
def test_an_old_page_does_not_undo_newer_proof(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, settle: Callable[[], None]
) -> None:
    old = node.report(manifest=node.manifest())
    empty = node.report(manifest={"after": "", "upto": None, "entries": []})
    edit("ana", "later")
    settle()
    before = Push.objects.values().get(key=key("ana"))
    take(old)
    take(empty)
    assert Push.objects.values().get(key=key("ana")) == before
    assert row("later").applied_rev == row("later").desired_rev


def test_a_node_that_is_back_gets_what_waits_at_once(
    edit: Edit, node: FakeNode, wire: Wire, take: Take
) -> None:
    edit("ana")
    Push.objects.update(attempts=9, next_try_at=timezone.now() + timedelta(minutes=9))
    wire.sent.clear()
    compare(node, take)
    assert len(wire.batches()) == 1


def test_a_refused_state_keeps_its_back_off(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    Push.objects.update(attempts=9, last_error="no", next_try_at=timezone.now() + timedelta(minutes=9))
    wire.sent.clear()
    compare(node, take)
    assert wire.batches() == []
    let_leases_end()


@pytest.mark.usefixtures("filled")
def test_a_manifest_of_a_large_node_takes_few_queries(
    node: FakeNode, wire: Wire, take: Take, django_assert_max_num_queries: Any
) -> None:
    node.ledger = {f"mailbox/u{number}@example.test": (1, {}) for number in range(3000)}
    with django_assert_max_num_queries(16):
        take(node.report(manifest=node.manifest()))
    assert Push.objects.behind().count() == 3000 + len(PEOPLE)
