"""Batches side by side: several logs in one post, what two posts are about at once, and their order."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from accounts.models import Domain
from delivery import selectors, wire
from delivery.models import Entry, LogFile, Message, Status, Turn
from delivery.services import ingest, partitions_ahead
from delivery.services.fold import fold_begin, fold_end
from provision.models import Node
from tests.delivery.conftest import Lines, owned_domain
from tests.factories import NodeFactory

Q = "4jXFb45vvCzLK"


def parted(lines: Lines, cut: int, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The lines as two batches of one file, the first of ``cut`` lines."""
    whole = lines.batch(**values)
    middle = whole["events"][cut][0]
    return (
        whole | {"end": middle, "events": whole["events"][:cut]},
        whole | {"start": middle, "events": whole["events"][cut:]},
    )


def read(*batches: dict[str, Any]) -> list[wire.Batch]:
    first = batches[0]
    told = (
        first
        if len(batches) == 1
        else {k: first[k] for k in ("contract", "node")} | {"batches": list(batches)}
    )
    return wire.read(json.dumps(told).encode())


def test_a_post_of_several_batches(node: Node, luna: Domain, post: Callable[..., Any]) -> None:
    first, second = parted(Lines().mail(f"{Q}001", sender="a@b.test", to="ana@luna.test"), 3, file="f")
    other = Lines().mail(f"{Q}002", sender="a@b.test", to="ana@luna.test").batch(file="g")
    told = {"contract": first["contract"], "node": first["node"], "batches": [second, other, first]}
    assert post(told).json() == {"new": 12, "known": 0}
    assert post(told).json() == {"new": 0, "known": 12}
    assert Entry.objects.filter(status=Status.DELIVERED).count() == Message.objects.count() == 2
    assert sorted(LogFile.objects.values_list("identity", "lines")) == [("f", 6), ("g", 6)]


@pytest.mark.parametrize("batches", [[], {}, [1], "x", [None] * 21])
def test_batches_in_another_form(node: Node, post: Callable[..., Any], batches: Any) -> None:
    told = Lines().mail(f"{Q}001", sender="a@b.test", to="c@d.test").batch() | {"batches": batches}
    assert post(told).status_code == 400


def test_the_same_bytes_twice_in_a_post(node: Node, post: Callable[..., Any]) -> None:
    batch = Lines().mail(f"{Q}001", sender="a@b.test", to="c@d.test").batch()
    assert post(batch | {"batches": [batch, batch]}).status_code == 400


def test_what_others_did_not_touch_stays(node: Node, luna: Domain) -> None:
    partitions_ahead()
    [batch] = read(Lines().mail(f"{Q}001", sender="a@b.test", to="ana@luna.test").batch(file="f"))
    ahead = fold_begin(node_id=node.pk, lines=[(line, (1, at)) for at, line in enumerate(batch.lines)])
    before = Message.objects.get().pk
    Lines().mail(f"{Q}002", sender="a@b.test", to="ana@luna.test").take(node, file="g")
    fold_end(ahead)
    assert set(Message.objects.values_list("queue_id", flat=True)) == {f"{Q}001", f"{Q}002"}
    assert Message.objects.filter(pk=before, queue_id=f"{Q}001").exists()


def test_one_refused_recipient_does_not_hide_the_other(node: Node, luna: Domain) -> None:
    """Postfix names the queue id when it refuses one more recipient; its nrcpt does not count it."""
    lines = Lines().add("smtpd", f"{Q}001: client=h.example[192.0.2.9]")
    said = "550 5.1.1 <no@luna.test>: Recipient address rejected: User unknown"
    ends = "from=<a@b.test> to=<no@luna.test> proto=ESMTP helo=<h>"
    lines.add("smtpd", f"{Q}001: reject: RCPT from h.example[192.0.2.9]: {said}; {ends}")
    lines.add(
        "cleanup",
        f"{Q}001: info: header Subject: Hi from h.example[192.0.2.9];"
        " from=<a@b.test> to=<ana@luna.test> proto=ESMTP helo=<h>",
    )
    lines.add("qmgr", f"{Q}001: from=<a@b.test>, size=9, nrcpt=1 (queue active)").take(node)
    assert set(Entry.objects.values_list("address", "status")) == {
        ("no@luna.test", Status.REJECTED),
        ("ana@luna.test", Status.PROGRESS),
    }


@pytest.fixture
def alone(transactional_db: None) -> Node:
    """A node whose rows every connection sees."""
    owned_domain("luna.test")
    return NodeFactory.create(name="mail1")


def send(node: Node, batch: dict[str, Any]) -> None:
    try:
        ingest(node=node, batches=read(batch))
    finally:
        connections.close_all()


def test_what_another_turn_changed_is_folded_again(alone: Node) -> None:
    """The end of a mail is prepared before its beginning is there, and comes after it."""
    first, second = parted(Lines().mail(f"{Q}001", sender="a@b.test", to="ana@luna.test"), 4, file="f")
    partitions_ahead()
    [late] = read(second)
    with transaction.atomic():
        ahead = fold_begin(node_id=alone.pk, lines=[(line, (1, at)) for at, line in enumerate(late.lines)])
        assert Message.objects.count() == 1
        other = threading.Thread(target=send, args=(alone, first))
        other.start()
        other.join()
        fold_end(ahead)
    entry, message = Entry.objects.get(), Message.objects.get()
    assert (entry.status, entry.subject, entry.message_id) == (Status.DELIVERED, "Hello", message.pk)
    assert len(selectors.mail_of(message).lines) == 6
    assert Turn.objects.count() == 2


def test_posts_at_the_same_time_take_effect_in_the_order_of_their_bytes(
    alone: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue id is used again in the later post, which is there first."""
    monkeypatch.setattr("delivery.services.turns.PATIENCE", 20.0)
    lines = Lines()
    for _ in range(3):
        lines.mail(f"{Q}001", sender="a@b.test", to="ana@luna.test")
    first, second = parted(lines, 4, file="f")
    threads = [threading.Thread(target=send, args=(alone, batch)) for batch in (second, first)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.filter(queue_id=f"{Q}001").count() == 3
    assert list(Entry.objects.values_list("status", flat=True)) == [Status.DELIVERED] * 3
