"""Rewritten senders: back to where they came from, and nothing else is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.bounces import QUESTION_BYTES, SocketmapForm, answer
from nodeagent.inject import arguments, made_here
from nodeagent.srs import DAY, VALID_DAYS, BadAddressError, Rewriter

KEY = b"k" * 32
LOCAL = st.from_regex(r"[a-z0-9!#$%&'*/=?^_`{}~.+-]{1,40}", fullmatch=True)
HOST = st.from_regex(
    r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?){1,3}", fullmatch=True
)


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@given(local=LOCAL, host=HOST, first=HOST, second=HOST, third=HOST)
def test_a_bounce_finds_its_way_back(local: str, host: str, first: str, second: str, third: str) -> None:
    a, b, c = Rewriter(b"a" * 32), Rewriter(b"b" * 32), Rewriter(b"c" * 32)
    if local.lower().startswith(("srs0", "srs1")):
        return
    once = a.forward(f"{local}@{host}", first)
    assert once.endswith(f"@{first}")
    assert a.reverse(once) == f"{local}@{host}"
    twice = b.forward(once, second)
    assert b.reverse(twice).lower() == once.lower()
    thrice = c.forward(twice, third)
    assert c.reverse(thrice).lower() == once.lower(), "straight to the first, past the second"


@given(local=LOCAL, host=HOST)
def test_a_change_of_case_does_no_harm(local: str, host: str) -> None:
    if local.lower().startswith(("srs0", "srs1")):
        return
    rewriter = Rewriter(KEY)
    written = rewriter.forward(f"{local}@{host}", "ours.test")
    assert rewriter.reverse(written.lower()) == f"{local}@{host}"
    assert rewriter.reverse(written.upper()).lower() == f"{local}@{host}"


@given(text=st.text(max_size=120))
def test_nothing_else_is_believed(text: str) -> None:
    rewriter = Rewriter(KEY)
    for address in (text, f"SRS0={text}@ours.test", f"SRS1={text}@ours.test"):
        with pytest.raises(BadAddressError):
            rewriter.reverse(address)


def test_forged_and_old() -> None:
    clock = Clock()
    rewriter = Rewriter(KEY, clock)
    written = rewriter.forward("bob@orig.test", "ours.test")
    with pytest.raises(BadAddressError, match="forged"):
        rewriter.reverse(written.replace("=bob@", "=eve@"))
    with pytest.raises(BadAddressError, match="forged"):
        Rewriter(b"x" * 32, clock).reverse(written)
    clock.now += VALID_DAYS * DAY
    assert rewriter.reverse(written) == "bob@orig.test"
    clock.now += DAY
    with pytest.raises(BadAddressError, match="too old"):
        rewriter.reverse(written)


def test_no_sender_stays_none() -> None:
    assert Rewriter(KEY).forward("", "ours.test") == ""
    with pytest.raises(BadAddressError):
        Rewriter(KEY).forward("no address", "ours.test")


def test_what_postfix_is_told() -> None:
    rewriter = Rewriter(KEY)
    written = rewriter.forward("bob@orig.test", "ours.test").lower()
    assert answer(rewriter, f"back {written}") == "OK bob@orig.test"
    assert answer(rewriter, f"check {written}") == "NOTFOUND "
    assert answer(rewriter, "back srs0=x=aa=orig.test=bob@ours.test") == "NOTFOUND "
    assert answer(rewriter, "check srs0=x=aa=orig.test=bob@ours.test").startswith("OK 550 5.1.1 ")
    assert answer(rewriter, "other x").startswith("PERM ")


def test_the_call() -> None:
    given = ["ana@a.test", "-i", "-f", "<bob@orig.test>", "--", "<carla@out.test>"]
    assert arguments(given) == ("ana@a.test", "bob@orig.test", ["carla@out.test"])
    assert arguments(["a@a.test", "-i", "-f", "<>", "--", "c@out.test"])[1] == ""
    for bad in ([], ["a@a.test", "-i", "-f", "x@y.test", "--"], ["-f", "x", "--", "y@z.test"]):
        with pytest.raises(ValueError, match=r"."):
            arguments(bad)


def test_what_was_made_here() -> None:
    assert made_here(b"From: a@a.test\r\nSubject: away\r\n\r\nReceived: in the text\r\n")
    assert not made_here(b"Received: from x\r\nFrom: a@a.test\r\n\r\nHi\r\n")
    assert not made_here(b"X-Sieve-Redirected-From: a@a.test\r\n\r\nHi\r\n")


def test_questions_are_netstrings() -> None:
    assert SocketmapForm.split(b"") == (None, b"")
    assert SocketmapForm.split(b"6:back ") == (None, b"6:back ")
    assert SocketmapForm.split(b"6:back x") == (None, b"6:back x")
    assert SocketmapForm.split(b"6:back x,3:a b,") == ("back x", b"3:a b,")
    assert SocketmapForm.reply("NOTFOUND ") == b"9:NOTFOUND ,"


@pytest.mark.parametrize("data", [b"x", b"x:", b":", b"-1:a", b"123456", f"{QUESTION_BYTES + 1}:".encode()])
def test_what_is_no_netstring_ends_the_talk(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"netstring|too long|invalid literal"):
        SocketmapForm.split(data)
