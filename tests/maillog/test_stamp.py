"""Years that are not written, clocks that jump, zones that change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nodeagent.maillog.stamp import Clock


def at(stamp: str, now: datetime, zone: ZoneInfo | None = None) -> datetime | None:
    seconds, _ = Clock(zone or UTC, now.timestamp).split(f"{stamp} rest")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("stamp", "now", "expected"),
    [
        (
            "Nov 22 03:57:09",
            datetime(2026, 11, 22, 4, tzinfo=UTC),
            datetime(2026, 11, 22, 3, 57, 9, tzinfo=UTC),
        ),
        (
            "Dec 31 23:59:59",
            datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC),
            datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),
        (
            "Jan  1 00:00:01",
            datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC),
            datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC),
        ),
        ("Nov 23 03:00:00", datetime(2026, 11, 22, 4, tzinfo=UTC), datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("Feb 29 12:00:00", datetime(2026, 3, 1, tzinfo=UTC), datetime(2024, 2, 29, 12, tzinfo=UTC)),
        (
            "2026-11-22T03:57:09.25+01:00",
            datetime(2026, 11, 22, tzinfo=UTC),
            datetime(2026, 11, 22, 2, 57, 9, 250_000, tzinfo=UTC),
        ),
    ],
)
def test_moments(stamp: str, now: datetime, expected: datetime) -> None:
    assert at(stamp, now) == expected


def test_local_time_of_the_node_becomes_utc() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert at("Jul  1 13:30:00", now, ZoneInfo("Europe/Madrid")) == datetime(2026, 7, 1, 11, 30, tzinfo=UTC)


def test_the_hour_that_comes_twice_goes_forward() -> None:
    clock = Clock(ZoneInfo("Europe/Madrid"), datetime(2026, 10, 25, 3, tzinfo=UTC).timestamp)
    seen = [
        clock.split(f"Oct 25 {hour} x")[0]
        for hour in ("02:10:00", "02:50:00", "02:10:00", "02:50:00", "03:10:00")
    ]
    assert seen == sorted(seen, key=lambda value: value or 0)
    assert seen[2] != seen[0]


@pytest.mark.parametrize(
    "stamp",
    [
        "Nov 31 00:00:00",
        "Foo 22 03:57:09",
        "Nov 22 25:00:00",
        "Nov 22 0a:57:09",
        "2026-13-01T00:00:00Z",
        "Nov",
    ],
)
def test_no_date(stamp: str) -> None:
    assert at(stamp, datetime(2026, 11, 22, tzinfo=UTC)) is None
