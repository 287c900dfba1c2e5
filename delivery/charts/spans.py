"""The time that a chart shows, cut into hours or days as the person's clock has them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

HOUR = timedelta(hours=1)
DAYS = {"7d": 7, "30d": 30, "90d": 90}
RANGES = ("24h", *DAYS)


@dataclass(frozen=True, slots=True)
class Span:
    """``starts``: the begin of each part, UTC, oldest first; the last one is not over yet. ``hourly``: parts
    are
    hours, else days of ``zone`` (23 or 25 hours where the clock is changed)."""

    key: str
    starts: tuple[datetime, ...]
    zone: tzinfo

    @property
    def hourly(self) -> bool:
        return self.key not in DAYS

    @property
    def since(self) -> datetime:
        return self.starts[0]

    @property
    def first_day(self) -> date:
        return self.starts[0].astimezone(self.zone).date()

    def part_of(self, hour: datetime) -> datetime:
        """The begin of the part that ``hour`` (UTC, whole) belongs to. In a zone that is half an hour off,
        an hour counts
        for the day in which it begins."""
        return hour.astimezone(UTC) if self.hourly else midnight(hour.astimezone(self.zone).date(), self.zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The begin of ``day`` in ``zone``, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def span(key: str, now: datetime, zone: tzinfo) -> Span:
    """``key``: one of RANGES. Counted back from ``now``, its hour or day being the last."""
    if key in DAYS:
        today = now.astimezone(zone).date()
        days = [today - timedelta(days=back) for back in reversed(range(DAYS[key]))]
        return Span(key, tuple(midnight(day, zone) for day in days), zone)
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Span(key, tuple(last - HOUR * back for back in reversed(range(24))), zone)
