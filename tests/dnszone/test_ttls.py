"""Times that people choose from, and what they may type."""

from __future__ import annotations

import pytest

from dnszone import ttls
from lib.errors import Refused


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("3600", 3600),
        (" 300 ", 300),
        ("0", 0),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1D", 86_400),
        ("2147483647", 2**31 - 1),
    ],
)
def test_read(typed: str, seconds: int) -> None:
    assert ttls.seconds(typed) == seconds


@pytest.mark.parametrize(
    "typed", ["", "-1", "1.5", "2147483648", "1x", "h", "٣", "9" * 300, "99999999d", "a\x00"]
)
def test_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        ttls.seconds(typed)
    assert refused.value.field == "ttl"


def test_presets() -> None:
    assert [value for value, _words in ttls.choices()] == ["300", "1800", "3600", "14400", "86400"]
    assert ttls.choices(3600) == ttls.choices()
    assert ttls.choices(90)[-1] == ("90", "1 minute 30 seconds")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (300, "5 minutes"),
        (5400, "1 hour 30 minutes"),
        (176_461, "2 days 1 hour"),
    ],
)
def test_in_words(seconds: int, words: str) -> None:
    assert ttls.in_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (59, "59 seconds"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (7201, "2 hours 1 minute"),
        (86_400, "1 day"),
        (90_001, "1 day 2 hours"),
    ],
)
def test_a_time_that_runs_out_is_rounded_up(seconds: int, words: str) -> None:
    assert ttls.about(seconds) == words
