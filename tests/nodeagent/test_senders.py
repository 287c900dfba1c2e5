"""Whom a mail may name as its author."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.directory import Directory
from nodeagent.senders.check import GO_ON, LATER, Senders
from nodeagent.senders.header import UnclearError, addresses


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ana@a.test", ["ana@a.test"]),
        (" Ana <Ana@A.test>\r\n", ["ana@a.test"]),
        ('"Doe, Ana" <ana@a.test> (at work)', ["ana@a.test"]),
        ('"a \\" <x@y.test>" <ana@a.test>', ["ana@a.test"]),
        ("J. Doe <j@a.test>, k@b.test", ["j@a.test", "k@b.test"]),
        ("team: ana@a.test, Ben <ben@b.test>;", ["ana@a.test", "ben@b.test"]),
        ("undisclosed-recipients:;", []),
        ("", []),
        ("ben@b.test <ana@a.test>", ["ben@b.test", "ana@a.test"]),
        ("=?utf-8?q?J=C3=BCrg?= <ana@a.test>", ["ana@a.test"]),
        ("ana @ a.test", ["ana@a.test"]),
        ('"ana"@a.test', ["ana@a.test"]),
        ("ü <a@münchen.test>", ["a@xn--mnchen-3ya.test"]),
        ("(one (two)) ana@a.test", ["ana@a.test"]),
    ],
)
def test_addresses_are_found(value: str, found: list[str]) -> None:
    assert addresses(value) == found


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?ceo=40bank=2Etest?=",
        "Ana",
        "Doe, Ana <ana@a.test>",
        "<ana@a.test> <ceo@bank.test>",
        "<<ana@a.test>>",
        "<ana@a.test",
        "ana@a.test>",
        "<ana@a.test> trailing",
        "<@relay.test:ana@a.test>",
        "ana@a.test@bank.test",
        '"ana <ceo@bank.test>',
        "(ana@a.test",
        "ana@a.test)",
        "ana\\@a.test",
        "ana@a.test\0",
        "ana@[192.0.2.1]",
        '"a b"@a.test',
        "jörg@a.test",
        "<a>: b@a.test",
        ", ".join(f"a{n}@a.test" for n in range(200)),
        "(" * 50 + ")" * 50 + "ana@a.test",
    ],
)
def test_what_programs_may_read_in_two_ways_is_refused(value: str) -> None:
    with pytest.raises(UnclearError):
        addresses(value)


@given(st.text(alphabet='ab@.,:;<>()"\\ =?\r\n\t\0é', max_size=60))
def test_any_header_is_read_or_refused(value: str) -> None:
    try:
        found = addresses(value)
    except UnclearError:
        return
    assert all(one.count("@") == 1 and one.isascii() for one in found)


@pytest.fixture
def senders(directory: Directory) -> Senders:
    with directory.writing() as connection:
        connection.executemany(
            "INSERT INTO domains(name, account, alias_of) VALUES (?, ?, ?)",
            [("a.test", "a1", ""), ("also.test", "a1", "a.test"), ("b.test", "a2", "")],
        )
        connection.executemany(
            "INSERT INTO mailboxes(address, password, home, quota_mb) VALUES (?, '{X}x', ?, 1)",
            [("ana@a.test", "ana"), ("ben@a.test", "ben")],
        )
        connection.executemany(
            "INSERT INTO identities(login, sender) VALUES (?, ?)",
            [("ana@a.test", "shop@a.test"), ("site@a.test", "noreply@a.test")],
        )
        connection.executemany(
            "INSERT INTO aliases(address, targets) VALUES (?, ?)",
            [
                ("sales@a.test", "xana@a.test,ana@a.test"),
                ("ceo@b.test", "ana@a.test"),
                ("boss@a.test", "banana@a.test"),
            ],
        )
    return Senders(directory)


def ask(senders: Senders, *heads: str, login: str = "main.17/ana@a.test") -> str:
    values = {f"h.{place}": quote(head, safe=" :@<>,\"'()=?") for place, head in enumerate(heads)}
    return senders.answer({"sasl_username": login} | values)


@pytest.mark.parametrize(
    "address",
    [
        "ana@a.test",
        "ANA@a.test",
        "ana+tag@a.test",
        "shop@a.test",
        "sales@a.test",
        "ana@also.test",
        "ana+x@also.test",
    ],
)
def test_one_may_send_as_one_s_own(senders: Senders, address: str) -> None:
    assert ask(senders, f"from:Ana <{address}>", f"sender:{address}", f"resent-from:{address}") == GO_ON


@pytest.mark.parametrize(
    "address", ["ben@a.test", "ceo@b.test", "boss@a.test", "noreply@a.test", "ana@bank.test", "+@a.test"]
)
def test_and_as_nobody_else(senders: Senders, address: str) -> None:
    for name in ("from", "sender", "resent-from", "resent-sender"):
        said = ask(
            senders,
            "from:ana@a.test" if name != "from" else f"from:ana@a.test, {address}",
            f"{name}:{address}",
        )
        assert said.startswith("REJECT "), name


def test_the_answer_says_who_and_whom(senders: Senders) -> None:
    said = ask(senders, "from:Ben <ben@a.test>")
    assert said == "REJECT ana@a.test may not send as ben@a.test, which is in the From of this mail."


def test_a_website_sends_as_its_identities_alone(senders: Senders) -> None:
    login = "app.k3m9x2ab/site@a.test"
    assert ask(senders, "from:noreply@a.test", login=login) == GO_ON
    assert ask(senders, "from:site@a.test", login=login).startswith("REJECT ")


def test_one_from_and_no_more(senders: Senders) -> None:
    assert ask(senders, "from:ana@a.test", "from:ana@a.test").startswith("REJECT ")
    assert ask(senders, "from:undisclosed:;").startswith("REJECT ")
    assert ask(senders, "from:=?utf-8?q?ana=40a=2Etest?=").startswith("REJECT ")


def test_without_a_directory_the_mail_waits(tmp_path: Path) -> None:
    assert ask(Senders(Directory(tmp_path / "none.db")), "from:ana@a.test") == LATER


@given(st.binary(max_size=80))
def test_an_answer_is_one_line_whatever_is_asked(given_bytes: bytes) -> None:
    text = given_bytes.decode("utf-8", "replace")
    said = Senders(Directory(Path("/nowhere/none.db"))).answer(
        {"sasl_username": text, "h.1": f"from:{quote(text)}"}
    )
    assert "\n" not in said
    assert said.isascii()
