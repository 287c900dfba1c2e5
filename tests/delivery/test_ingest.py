"""The nodes' door: who may, what is taken, once each."""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Domain
from delivery import selectors
from delivery.models import Chunk, Entry, LogFile, Message, Status, Unparsed
from delivery.raw import lines_at
from delivery.services import partitions, partitions_ensure
from delivery.services.partitions import TABLES, partition_name
from provision.models import Node
from tests.delivery.conftest import TOKEN, Lines
from tests.factories import NodeFactory


def stored() -> int:
    """Lines that are kept."""
    return sum(Chunk.objects.values_list("lines", flat=True))


def attempts(entry: Entry) -> int:
    mail = selectors.mail_of(Message.objects.get(pk=entry.message_id))
    one = next((mail.addressees[row.of] for row in mail.rows.values() if row.id == entry.pk), None)
    assert one is not None
    return one.attempts


def test_lines_are_stored_and_folded(node: Node, luna: Domain, post: Callable[..., Any]) -> None:
    answer = post(
        Lines()
        .mail(
            "4jXFb45vvCzLKnH", sender="a@far.example", to="ana@luna.test", subject="=?utf-8?q?Harina_=C3=B1?="
        )
        .batch()
    )
    assert (answer.status_code, answer.json()) == (200, {"new": 6, "known": 0})
    entry = Entry.objects.get()
    assert (entry.domain_id, entry.address, entry.status) == (luna.pk, "ana@luna.test", Status.DELIVERED)
    assert (entry.subject, entry.sender, entry.size) == ("Harina ñ", "a@far.example", 1234)
    message = Message.objects.get(pk=entry.message_id)
    assert message.header_id == "<4jXFb45vvCzLKnH@h.example>"
    assert stored() == len(lines_at(selectors.mail_of(message).lines)) == 6


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "0" * 64])
def test_wrong_token(node: Node, post: Callable[..., Any], token: str) -> None:
    assert (
        post(
            Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="c@d.test").batch(), token=token
        ).status_code
        == 401
    )
    assert not Chunk.objects.exists()


def test_without_bearer(node: Node, post: Callable[..., Any]) -> None:
    assert post(Lines().batch(), Authorization=f"Basic {TOKEN}").status_code == 401


def test_token_of_another_node(node: Node, post: Callable[..., Any]) -> None:
    NodeFactory.create(name="mail2", ingest_token_hash="1" * 64)
    batch = Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="c@d.test").batch() | {"node": "mail2"}
    assert post(batch).status_code == 403
    assert not Chunk.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"contract": 2},
        {"contract": None},
        {"file": "../x"},
        {"file": ""},
        {"log": "POSTFIX"},
        {"start": -1},
        {"end": 0},
        {"end": 1.5},
        {"events": {}},
        {"events": [[1]]},
        {"events": [None]},
        {"events": [[0, "now", "removed", "", {}, ""]]},
        {"events": [[0, 1, "no such kind!", "", {}, ""]]},
        {"events": [[0, 1, "removed", "x" * 65, {}, ""]]},
        {"events": [[10**9, 1, "removed", "", {}, ""]]},
        {"events": [[True, 1, "removed", "", {}, ""]]},
    ],
)
def test_wrong_form_is_a_400(node: Node, post: Callable[..., Any], change: dict[str, Any]) -> None:
    answer = post(Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="c@d.test").batch() | change)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{"),
        gzip.compress(b"[]"),
        gzip.compress(b"[" * 100_000),
        gzip.compress(b"{}")[:-4],
    ],
    ids=["empty", "not gzip", "half", "a list", "deep", "cut"],
)
def test_no_json_is_a_400(node: Node, post: Callable[..., Any], body: bytes) -> None:
    assert post(body).status_code == 400


def test_too_much_before_and_after_gunzip(node: Node, post: Callable[..., Any], settings: Any) -> None:
    settings.INGEST_MAX_BYTES = 100_000
    bomb = gzip.compress(b" " * 10_000_000)
    assert len(bomb) < 100_000
    assert post(bomb).status_code == 413
    assert post(random.Random(1).randbytes(100_001)).status_code == 413


def test_needs_no_session_and_takes_post_alone(node: Node, client: Any) -> None:
    assert client.get("/ingest/v1/events", secure=True).status_code == 405


def test_sent_again_is_known(node: Node, luna: Domain) -> None:
    lines = Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="ana@luna.test")
    assert lines.take(node, file="f").new == 6
    assert lines.take(node, file="f").known == 6
    assert (stored(), Message.objects.count(), Entry.objects.count()) == (6, 1, 1)
    assert LogFile.objects.get().lines == 6
    assert selectors.mail_of(Message.objects.get()).addressees[0].attempts == 1


def test_same_offsets_of_another_file_are_new(node: Node) -> None:
    lines = Lines().add("qmgr", "4jXFb45vvCzLKnH: removed")
    assert lines.take(node, file="f").new == lines.take(node, file="g").new == 1


def test_unparsed_lines_are_counted_and_kept(node: Node) -> None:
    Lines().add("smtpd", "what is this").add("qmgr", "4jXFb45vvCzLKnH: removed").take(node)
    assert LogFile.objects.get().unparsed == 1
    assert "what is this" in Unparsed.objects.get().raw


def test_what_postgresql_cannot_keep(node: Node, post: Callable[..., Any]) -> None:
    batch = Lines().add("cleanup", "4jXFb45vvCzLKnH: message-id=<x>").batch()
    batch["events"][0][4] = {"id": "a\0b\ud800\\\t\n\r\\N", "deep": {"\0": ["\0"]}}
    batch["events"][0][5] = "raw \0 \ud800 \\. \t \\N \n\\.\n"
    assert post(batch).status_code == 200
    (line,) = lines_at(selectors.mail_of(Message.objects.get()).lines)
    assert "\0" not in line.raw


@pytest.mark.parametrize("wrong", [0, 1e12, -5, 1e300])
def test_times_no_clock_can_show_become_now(node: Node, post: Callable[..., Any], wrong: float) -> None:
    batch = Lines().add("qmgr", "4jXFb45vvCzLKnH: removed").batch()
    batch["events"][0][1] = wrong
    assert post(batch).status_code == 200
    assert abs(Message.objects.get().last_at - timezone.now()) < timedelta(minutes=1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, 40), max_size=6), seed=st.integers(0, 1000), twice=st.sets(st.integers(0, 6))
)
@pytest.mark.django_db
def test_any_cut_any_order_any_repetition_gives_the_same(
    node: Node, luna: Domain, cuts: list[int], seed: int, twice: set[int]
) -> None:
    for model in (Entry, Message, Chunk, LogFile):
        model.objects.all().delete()
    lines = (
        Lines()
        .mail(
            "4jXFb45vvCzLKnH",
            sender="a@b.test",
            to="ana@luna.test",
            status="deferred",
            text="450 4.2.0 wait",
            remove=False,
        )
        .mail(
            "4jXFb45vvCzLKnJ",
            sender="ana@luna.test",
            to="x@far.example",
            login="ana@luna.test",
            status="bounced",
            dsn="5.1.1",
        )
        .mail("4jXFb45vvCzLKnK", sender="a@b.test", to="one@luna.test", orig="team@luna.test", remove=False)
        .delivery("4jXFb45vvCzLKnK", to="two@luna.test", orig="team@luna.test")
        .delivery("4jXFb45vvCzLKnH", to="ana@luna.test")
        .add("qmgr", "4jXFb45vvCzLKnH: removed")
        .add("qmgr", "4jXFb45vvCzLKnK: removed")
    )
    whole = lines.batch(file="whole")
    borders = sorted({0, len(whole["events"]), *(cut for cut in cuts if cut < len(whole["events"]))})
    parts = []
    for first, last in pairwise(borders):
        part = Lines()
        part.raw = lines.raw[first:last]
        parts.append((part, whole["events"][first][0]))
    parts += [parts[number] for number in twice if number < len(parts)]
    random.Random(seed).shuffle(parts)
    for part, start in parts:
        part.take(node, file="f", start=start)
    seen = sorted(
        (
            entry.address,
            entry.via,
            entry.direction,
            entry.status,
            entry.subject,
            entry.sender,
            attempts(entry),
        )
        for entry in Entry.objects.all()
    )
    assert seen == [
        ("ana@luna.test", "", 1, Status.DELIVERED, "Hello", "a@b.test", 2),
        ("one@luna.test", "team@luna.test", 1, Status.DELIVERED, "Hello", "a@b.test", 1),
        ("two@luna.test", "team@luna.test", 1, Status.DELIVERED, "Hello", "a@b.test", 1),
        ("x@far.example", "", 2, Status.FAILED, "Hello", "ana@luna.test", 1),
    ]
    assert stored() == len(lines.raw)


@pytest.mark.django_db(transaction=True)
def test_partitions_made_by_many_at_once() -> None:
    days = [datetime(2031, 5, day, tzinfo=UTC).date() for day in (1, 2, 3)]
    errors: list[BaseException] = []
    gate = threading.Barrier(6)

    def make() -> None:
        partitions._known.clear()
        try:
            gate.wait()
            partitions_ensure(days)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute(
            (
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'delivery_entry'::regclass AND "
                "inhrelid::regclass::text = ANY(%s)"
            ),
            [[partition_name("delivery_entry", day) for day in days]],
        )
        assert cursor.fetchone() == (3,)
        for day in days:
            for table in TABLES:
                cursor.execute(f"DROP TABLE {partition_name(table, day)}")
    assert errors == []


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_by_many_at_once_counts_once() -> None:
    node = NodeFactory.create(name="mail1")
    lines = Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="c@d.test")
    new: list[int] = []

    def send() -> None:
        try:
            new.append(lines.take(node, file="f").new)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [0, 0, 0, 0, 6]
    assert stored() == 6


def test_a_known_day_costs_no_look(node: Node, django_assert_num_queries: Any) -> None:
    today = timezone.now().date()
    partitions._known.add(today)
    with django_assert_num_queries(0):
        partitions_ensure([today])
