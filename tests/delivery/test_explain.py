"""Every entry of the catalogue has a real line, and every real line finds its entry."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.explain import BY_SLUG, CATALOGUE, SIDES, Outcome, cause_of, explain
from delivery.explain.catalogue import FALLBACK
from delivery.statuses import Direction, Status

LETTERS = {"D": Status.DEFERRED, "F": Status.FAILED, "R": Status.REJECTED}
LINES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "answers.tsv").read_text(encoding="utf-8").splitlines()
]


@dataclass
class Row:
    status: int
    direction: int = Direction.OUT
    dsn: str = ""
    reply: str = ""
    cause: str = ""
    server: str = ""
    agent: str = "smtp"
    sender: str | None = "ana@luna.example"
    delay: float | None = None


@pytest.mark.parametrize(("slug", "status", "dsn", "reply"), LINES, ids=lambda value: value[:40])
def test_a_real_line_finds_its_entry(slug: str, status: str, dsn: str, reply: str) -> None:
    assert cause_of(LETTERS[status], dsn, reply) == slug


def test_every_entry_has_a_line() -> None:
    assert {cause.slug for cause in CATALOGUE} - {line[0] for line in LINES} == set()


def test_the_catalogue_is_large_and_sound() -> None:
    assert len(CATALOGUE) >= 100
    assert [slug for slug, n in Counter(cause.slug for cause in CATALOGUE).items() if n > 1] == []
    for cause in BY_SLUG.values():
        assert re.fullmatch(r"[a-z0-9-]{1,40}", cause.slug)
        assert cause.words.side in SIDES
        assert not cause.link or cause.link.startswith("https://")
        assert all(said == said.lower() for said in cause.says), cause.slug
        assert cause.words.why
        assert cause.words.what
    assert set(FALLBACK.values()) <= set(BY_SLUG)


@pytest.mark.parametrize(("detail", "slug"), FALLBACK.items())
def test_an_unknown_text_is_known_by_its_code(detail: str, slug: str) -> None:
    assert cause_of(Status.FAILED, f"5.{detail}", "host a.example[192.0.2.1] said: 550 qwxyz") == slug
    assert cause_of(Status.REJECTED, f"5.{detail}", "550 qwxyz") == ""


@pytest.mark.parametrize(("slug", "status", "dsn", "reply"), LINES, ids=lambda value: value[:40])
def test_whatever_the_address_the_entry_is_the_same(slug: str, status: str, dsn: str, reply: str) -> None:
    other = re.sub(r"\b192\.0\.2\.10\b", "203.0.113.201", reply).replace("tom@", "maria.dolores+x@")
    assert cause_of(LETTERS[status], dsn, other) == slug
    assert cause_of(LETTERS[status], dsn, reply) == slug


class TestWords:
    def test_a_delivered_mail(self) -> None:
        inside = explain(Row(Status.DELIVERED, agent="lmtp", delay=0.01))
        assert (inside.slug, str(inside.why)) == ("in-mailbox", "In the mailbox, at once.")
        outside = explain(Row(Status.DELIVERED, delay=3.21))
        assert str(outside.why) == "Accepted by their server, after 3.2 s."
        assert explain(Row(Status.DELIVERED, agent="discard")).slug == "discarded"
        assert explain(Row(Status.PROGRESS)).slug == "on-its-way"
        held = explain(Row(Status.HELD))
        assert (held.slug, held.action) == ("held", "release")

    def test_an_unknown_answer_is_shown_with_its_code_explained(self) -> None:
        row = Row(Status.FAILED, dsn="5.6.3", reply="host a.example[192.0.2.1] said: 550 5.6.3 qwxyz")
        found = explain(row)
        assert found.slug == ""
        assert "5.6.3" in str(found.code)
        assert "cannot be" in str(found.code)

    def test_a_reply_code_alone_is_explained(self) -> None:
        row = Row(Status.FAILED, dsn="5.0.0", reply="host a.example[192.0.2.1] said: 552 qwxyz")
        assert str(explain(row).code).startswith("552: there is no room")
        assert str(explain(Row(Status.FAILED, reply="552 qwxyz")).code).startswith("552: there is no room")

    def test_the_side_that_reads_decides(self) -> None:
        full = "552 5.2.2 Recipient address rejected: Mailbox is full"
        owner = explain(Row(Status.REJECTED, Direction.IN, "5.2.2", full))
        sender = explain(Row(Status.REJECTED, Direction.OUT, "5.2.2", full))
        assert (owner.action, sender.action) == ("raise-quota", "")
        assert owner.why != sender.why

    def test_forwarded_mail_leads_to_the_forwarder(self) -> None:
        spf = "host mx.a.example[192.0.2.1] said: 550 5.7.23 SPF fail (in reply to RCPT TO command)"
        assert explain(Row(Status.FAILED, Direction.OUT, "5.7.23", spf)).action == "add-spf"
        forwarded = explain(Row(Status.FAILED, Direction.IN, "5.7.23", spf))
        assert forwarded.action == "open-forwarder"
        assert forwarded.todo

    @pytest.mark.parametrize(
        ("row", "retried"),
        [
            (Row(Status.DEFERRED, reply="connect to a[192.0.2.1]:25: Connection refused"), True),
            (Row(Status.FAILED, dsn="4.4.1", reply="connect to a[192.0.2.1]:25: Connection refused"), False),
            (Row(Status.REJECTED, Direction.IN, "4.7.1", "450 4.7.1 Greylisted"), True),
            (Row(Status.REJECTED, Direction.IN, "5.7.1", "554 5.7.1 Relay access denied"), False),
            (Row(Status.REJECTED, Direction.OUT, "4.7.1", "450 4.7.1 x for the mailbox; 3 used"), False),
            (Row(Status.REJECTED, Direction.INSIDE, "4.7.1", "450 4.7.1 x for the mailbox; 3 used"), False),
        ],
    )
    def test_whether_it_is_tried_again(self, row: Row, *, retried: bool) -> None:
        found = explain(row)
        assert found.retried is retried
        assert found.fate
        assert retried or found.action != "retry-now"

    def test_a_notice_that_failed_is_told_to_nobody(self) -> None:
        told = explain(Row(Status.FAILED, reply="x"))
        assert "The sender was told" in str(told.fate)
        assert "nobody was told" in str(explain(Row(Status.FAILED, reply="x", sender="")).fate)
        assert "five days" in str(explain(Row(Status.FAILED, dsn="4.4.1", reply="x")).fate)

    def test_the_kept_slug_counts_when_it_still_fits(self) -> None:
        assert explain(Row(Status.FAILED, reply="x", cause="spamhaus")).slug == "spamhaus"
        assert explain(Row(Status.REJECTED, reply="x", cause="spamhaus")).slug == ""
        assert explain(Row(Status.FAILED, reply="x", cause="no-longer-there")).slug == ""


def every_word(found: Outcome) -> str:
    return " ".join(map(str, (found.why, found.what, found.todo, found.fate, found.link, found.side_words)))


HOSTILE = st.one_of(
    st.text(max_size=400),
    st.sampled_from([line[3] for line in LINES]).flatmap(
        lambda text: st.tuples(st.just(text), st.text(max_size=30), st.integers(0, 400)).map(
            lambda parts: parts[0][: parts[2]] + parts[1] + parts[0][parts[2] :]
        )
    ),
)


@given(
    st.sampled_from(list(Status)),
    st.sampled_from(list(Direction)),
    st.one_of(st.text(max_size=12), st.from_regex(r"[245]\.\d{1,3}\.\d{1,3}", fullmatch=True)),
    HOSTILE,
)
def test_it_never_fails(status: int, direction: int, dsn: str, reply: str) -> None:
    slug = cause_of(status, dsn, reply)
    assert slug == "" or slug in BY_SLUG
    assert cause_of(status, dsn, reply) == slug
    found = explain(Row(status, direction, dsn, reply, slug))
    assert str(found.code) is not None
    assert every_word(found)


@given(st.sampled_from([line for line in LINES if line[1] != "R"]))
def test_nothing_of_the_answer_is_repeated(line: tuple[str, str, str, str]) -> None:
    marked = line[3].replace("192.0.2.", "qq<script>.").replace("https://", "javascript:")
    for direction in Direction:
        shown = every_word(explain(Row(LETTERS[line[1]], direction, line[2], marked)))
        assert "qq<script>" not in shown
        assert "javascript:" not in shown


@pytest.mark.parametrize(
    "reply",
    [
        "a" * 65536,
        "<" * 65536,
        "@" * 65536,
        "a@" * 32768,
        "550-5.7.1 " * 6553,
        "1." * 32768,
        "host " + "a" * 65536,
        "host a[" + "1" * 65536,
        "host a[1] said: " * 4000,
        "delivery temporarily suspended: " * 2048,
        " ".join(f"{n:x}" for n in range(12000)),
        "\0" * 65536,
        "\u202e" * 30000,
    ],
    ids=lambda reply: reply[:16],
)
def test_long_hostile_answers_cost_little(reply: str) -> None:
    begin = time.process_time()
    for status in (Status.DEFERRED, Status.REJECTED):
        cause_of(status, "5.7.1", reply)
        explain(Row(status, dsn="5.7.1", reply=reply))
    assert time.process_time() - begin < 0.1


def test_known_answers_are_found_at_once() -> None:
    """Ten thousand in much less than a second: ingest asks for every entry that is not plainly delivered."""
    begin = time.process_time()
    for n in range(10_000):
        _slug, status, dsn, reply = LINES[n % len(LINES)]
        cause_of(LETTERS[status], dsn, reply.replace("192.0.2.10", f"192.0.2.{n % 250}"))
    assert time.process_time() - begin < 2.0
