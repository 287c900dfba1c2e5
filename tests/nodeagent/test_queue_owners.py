"""Whose a waiting mail is: what its queue file says, and nothing that a stranger can write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.queue.entries import Waiting, covered
from nodeagent.queue.files import NOBODY, Evidence, QueueFiles, attributes
from nodeagent.queue.selection import House

FORWARDER = "forward@provider.test"


def record(kind: str, text: str) -> bytes:
    data = text.encode()
    length, out = len(data), b""
    while True:
        out += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return kind.encode() + out + data


def mail(sender: str = "ana@a.test", at: int = 1000, queue_id: str = "4jXd0w07VZzTlBZ") -> Waiting:
    return Waiting(id=queue_id, queue="deferred", at=at, size=1, sender=sender, recipients=[], all=0)


def file(folder: Path, *records: bytes, queue_id: str = "4jXd0w07VZzTlBZ") -> QueueFiles:
    """As Postfix puts it: in the deferred queue, below a digit of the id (seen on a real one)."""
    (folder / "deferred" / "0").mkdir(parents=True, exist_ok=True)
    (folder / "deferred" / "0" / queue_id).write_bytes(b"".join(records))
    return QueueFiles(folder, FORWARDER)


def test_who_signed_in_is_read_from_the_queue_file(tmp_path: Path) -> None:
    files = file(
        tmp_path,
        record("C", " " * 95),
        record("A", "sasl_method=PLAIN"),
        record("A", "sasl_username=app.k3m9x2ab/Ana@a.test"),
        record("S", "info@a.test"),
        record("M", ""),
        record("N", "A sasl_username=eve@a.test"),
    )
    assert files.evidence(mail()) == Evidence("ana@a.test", False)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record("S", "ana@a.test"), record("M", ""), record("A", "sasl_username=ana@a.test")],
        [record("R", "sasl_username=ana@a.test")],
        [record("A", "helo_name=x sasl_username=ana@a.test")],
        [record("A", "sasl_sender=ana@a.test")],  # MAIL FROM … AUTH= of somebody who did not sign in
    ],
)
def test_nobody_signed_in_by_a_text_in_a_mail_or_in_the_dialogue(
    tmp_path: Path, records: list[bytes]
) -> None:
    assert file(tmp_path, *records).evidence(mail()) == NOBODY


def test_a_mail_that_is_gone_is_nobodys(tmp_path: Path) -> None:
    assert QueueFiles(tmp_path, FORWARDER).evidence(mail()) == NOBODY


@pytest.mark.parametrize(
    ("sender", "told", "login"),
    [
        ("bob@b.test", "ana@a.test", "ana@a.test"),
        ("", "ana@a.test", "ana@a.test"),
        ("SRS0=AAAAAAAA=BB=far.test=x@a.test", "", "srs0=aaaaaaaa=bb=far.test=x@a.test"),
        ("bob@b.test", "", ""),
    ],
)
def test_forwarded_mail_is_of_who_forwards(tmp_path: Path, sender: str, told: str, login: str) -> None:
    said = [record("A", f"sasl_sender={told}")] if told else []
    files = file(tmp_path, record("A", f"sasl_username={FORWARDER}"), *said, record("S", sender))
    assert files.evidence(mail(sender)) == Evidence(login, True)


HOUSE = House(domains=frozenset({"a.test"}), family={"a.test": 100, "aa.test": 100})


@pytest.mark.parametrize(
    ("sender", "evidence", "whose"),
    [
        ("ana@a.test", Evidence("ana@a.test", False), "a.test"),
        ("ana@a.test", NOBODY, ""),  # came from outside with a forged sender
        ("ana@a.test", Evidence("eve@b.test", False), ""),
        ("eve@b.test", Evidence("ana@a.test", False), "a.test"),
        ("ana@aa.test", Evidence("ana@a.test", False), ""),  # the account's other domain sent it
        ("ana@a.test", Evidence("ana@aa.test", False), "a.test"),
        ("ana@a.test", Evidence("bob@b.test", True), ""),  # bob forwards what ana wrote him
        ("bob@b.test", Evidence("ana@a.test", True), "a.test"),
        ("ana@aa.test", Evidence("ana@a.test", True), "a.test"),
        ("x@sub.a.test", Evidence("x@sub.a.test", False), ""),
    ],
)
def test_whose_it_is(sender: str, evidence: Evidence, whose: str) -> None:
    assert HOUSE.whose(mail(sender), evidence) == whose


def test_what_waits_from_before_the_domain_came_is_not_theirs() -> None:
    late = House(domains=frozenset({"a.test"}), family={"a.test": 5000})
    assert late.whose(mail(at=1000), Evidence("ana@a.test", False)) == ""
    assert late.whose(mail(at=6000), Evidence("ana@a.test", False)) == "a.test"


@given(st.binary(max_size=400))
def test_a_broken_queue_file_is_read_to_its_end(data: bytes) -> None:
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in attributes(data))


def test_what_was_written_to_is_read_from_the_queue_file(tmp_path: Path) -> None:
    """As cleanup writes it: an "O" before each "R"; who was reached is a "D"."""
    files = file(
        tmp_path,
        record("A", "sasl_username=ana@a.test"),
        record("S", "ana@a.test"),
        record("O", "All@b.test"),
        record("R", "One@far.test"),
        record("O", "all@b.test"),
        record("D", "reached@far.test"),
        record("R", "plain@far.test"),
        record("M", ""),
        record("R", "forged@far.test"),
    )
    assert files.written(mail()) == {"one@far.test": "All@b.test", "plain@far.test": "plain@far.test"}
    assert files.written(mail(queue_id="4jXd0w07VZzTlBY")) is None


def test_of_anothers_alias_only_what_was_written_to_is_told() -> None:
    waits = [("x@far.test", "host mx.far.test[1] said: 450 4.2.2 x@far.test is full"), ("y@far.test", "why")]
    one = Waiting(id="4jXd", queue="deferred", at=1, size=1, sender="s@a.test", recipients=waits, all=2)
    theirs = covered(one, {"x@far.test": "all@b.test", "y@far.test": "all@b.test"}, {"a.test"})
    assert (theirs["recipients"], theirs["all"]) == ([("all@b.test", "450 4.2.2")], 1)
    assert covered(one, {"x@far.test": "all@a.test", "y@far.test": "y@far.test"}, {"a.test"}) == one
    assert covered(one, None, {"a.test"})["recipients"] == []
