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


def long_at(stamp: str, zone: ZoneInfo | None = None) -> datetime | None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    seconds, rest = Clock(zone or UTC, now.timestamp).split_long(f"{stamp} rest")
    assert rest == ("rest" if seconds is not None else f"{stamp} rest")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def test_rspamds_local_time() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    assert long_at("2026-07-01 13:30:00", madrid) == datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    assert long_at("2025-12-31 23:59:59") == datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["2026-11-22T03:57:09", "2026-02-30 00:00:00", "2026-11-22 3:57:09", ""])
def test_no_local_time(stamp: str) -> None:
    assert long_at(stamp) is None


def test_the_clock_jumps_back_and_lines_come_out_of_order() -> None:
    clock = Clock(UTC, datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp)
    stamps = ("Nov 22 11:00:00", "Nov 22 10:59:58", "Nov 22 11:00:00", "Nov 21 23:00:00")
    seen = [clock.split(f"{stamp} x")[0] for stamp in stamps]
    assert seen[0] == seen[2]
    assert (seen[0] or 0) - (seen[1] or 0) == 2
    assert (seen[0] or 0) - (seen[3] or 0) == 12 * 3600
