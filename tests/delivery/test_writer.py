"""Who wrote a mail that leaves under the address of a forwarder."""

from __future__ import annotations

import pytest

from delivery.models import Direction, Entry
from delivery.views.rows import writer_of

SENT_ON = "SRS0=5PRI35KP=JL=far.test=clara@luna.test"


@pytest.mark.parametrize(
    ("sender", "direction", "domain", "written"),
    [
        (SENT_ON, Direction.OUT, 1, "clara@far.test"),
        (SENT_ON, Direction.INSIDE, 1, "clara@far.test"),
        (SENT_ON, Direction.IN, 1, ""),  # anybody can write that
        (SENT_ON, Direction.OUT, None, ""),
        ("ana@luna.test", Direction.OUT, 1, ""),
        ("SRS0=x@luna.test", Direction.OUT, 1, ""),
        (None, Direction.OUT, 1, ""),
    ],
)
def test_the_writer_of_what_was_sent_on(
    sender: str | None, direction: Direction, domain: int | None, written: str
) -> None:
    assert writer_of(Entry(sender=sender, direction=direction, domain_id=domain)) == written
