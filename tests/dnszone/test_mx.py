"""The sentence under the MX table."""

from __future__ import annotations

import pytest

from dnszone import mx


@pytest.mark.parametrize(
    ("rdatas", "words"),
    [
        (["10 mail.example.test."], "Mail goes to mail.example.test."),
        (
            ["20 backup.example.test.", "10 mail.example.test."],
            "Mail goes first to mail.example.test; if it does not answer, to backup.example.test.",
        ),
        (
            ["10 a.test.", "20 b.test.", "9 c.test."],
            "Mail goes first to c.test; if it does not answer, to a.test, then to b.test.",
        ),
        (
            ["10 a.test.", "10 b.test."],
            "Mail goes to a.test or b.test. Servers with the same priority share the mail: senders pick one "
            "at random.",
        ),
        (["0 ."], "example.test takes no mail: senders are told so at once."),
        (["10 xn--bcher-kva.test."], "Mail goes to bücher.test."),
    ],
)
def test_sentence(rdatas: list[str], words: str) -> None:
    assert mx.sentence("example.test", rdatas) == words


def test_none_says_what_happens() -> None:
    assert "no MX record" in mx.sentence("example.test", [])


def test_without_mx_the_domains_own_address_is_named() -> None:
    """RFC 5321 §5.1."""
    addresses = mx.own_addresses([("@", "A", "192.0.2.1"), ("www", "A", "192.0.2.2"), ("@", "TXT", '"x"')])
    assert "192.0.2.1" in mx.sentence("example.test", [], addresses=addresses)
    assert "goes back to the sender" in mx.sentence("example.test", [], addresses=[])


def test_three_shared_then_a_long_row() -> None:
    words = mx.sentence(
        "example.test", ["5 a.test.", "5 b.test.", "5 c.test.", *(f"{n} n{n}.test." for n in range(6, 14))]
    )
    assert words.startswith(
        "Mail goes first to a.test, b.test or c.test; if none of these answers, to n6.test, then"
    )
    assert "3 more" in words


def test_names_are_marked_one_by_one() -> None:
    words = mx.sentence("luna.test", [], lambda name: f"<{name}>", ["192.0.2.1"])
    assert "<luna.test>" in words
    assert "<192.0.2.1>" in words
