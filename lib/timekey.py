"""Keys that are a time: a row's id says when it was, so one column is key, order, place in a list, filter
by date and partition.

A key is a positive 63-bit integer: milliseconds since EPOCH in the upper 41 bits (enough until 2089), a
number in the lower 22 that tells keys of one millisecond apart. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
BITS = 22
NUMBERS = 1 << BITS
LAST = (1 << 63) - 1
_EPOCH_SECONDS = EPOCH.timestamp()
_MOST = LAST >> BITS


def make(seconds: float, number: int) -> int:
    """The key of Unix ``seconds``; ``number``: any, taken modulo NUMBERS. What is out of range becomes the
    first or last moment."""
    milliseconds = int((seconds - _EPOCH_SECONDS) * 1000)
    return min(max(milliseconds, 0), _MOST) << BITS | number % NUMBERS


def beside(key: int, number: int) -> int:
    """Another key of the same millisecond."""
    return key >> BITS << BITS | number % NUMBERS


def floor(moment: datetime) -> int:
    """The first key of ``moment``: rows from then on have keys >= it."""
    return make(moment.timestamp(), 0)


def moment(key: int) -> datetime:
    """UTC, to the millisecond."""
    return EPOCH + timedelta(milliseconds=key >> BITS)


def day(key: int) -> date:
    """The UTC day."""
    return moment(key).date()


def bounds(of: date) -> tuple[int, int]:
    """[first, last) keys of a UTC day."""
    start = datetime.combine(of, time.min, tzinfo=UTC)
    return floor(start), floor(start + timedelta(days=1))
