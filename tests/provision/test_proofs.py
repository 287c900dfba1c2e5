"""What nodes have proven, in words for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provision import proofs

BACKENDS = Path(__file__).parents[2] / "nodeagent" / "backends"


@pytest.mark.parametrize(
    ("proof", "shown"),
    [
        ("read back from the node's directory and found by Dovecot", "Found on the mail server"),
        ("serial 7 answered by the DNS server", "The name server answers with serial 7"),
        ("seen by something new", "Seen by something new"),
        ("", ""),
    ],
)
def test_proofs_are_said_in_plain_words(proof: str, shown: str) -> None:
    assert proofs.words(proof) == shown


def test_every_sentence_of_the_backends_has_its_words() -> None:
    texts = [path.read_text(encoding="utf-8") for path in BACKENDS.glob("*.py")]
    said = {found for text in texts for found in re.findall(r'Proof\(\s*text="([^"]+)"', text)}

    assert said
    for sentence in said:
        assert proofs.words(sentence) != sentence[:1].upper() + sentence[1:] or sentence in proofs.SAME, (
            sentence
        )
