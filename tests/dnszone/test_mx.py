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
