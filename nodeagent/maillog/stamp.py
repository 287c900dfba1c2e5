"""Times of log lines: syslog's year-less local times, RFC 3339, and rspamd's. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_AHEAD = 86_400.0  # a clock may be set back by a day before a stamp counts as last year's
_BACK = 60.0  # lines may be this much out of order before an ambiguous hour counts as its second pass
_SYSLOG = 15  # length of "Nov 22 03:52:33"
_LONG = 19  # length of "2026-11-22 03:52:33"


class Clock:
    """Turns stamps into Unix seconds. ``tz``: the node's zone, None for the system's. ``now``: the node's
    clock."""

    def __init__(self, tz: tzinfo | None = None, now: Callable[[], float] = time.time) -> None:
        self.last = 0.0
        self._tz, self._now = tz, now
        self._stamp = ""
        self._value = 0.0

    def split(self, line: str) -> tuple[float | None, str]:
        """(time, rest of the line); time None if the line does not begin with a stamp: rest is then all of
        it."""
        stamp = line[:_SYSLOG]
        if stamp == self._stamp and line[_SYSLOG : _SYSLOG + 1] == " ":
            self.last = self._value
            return self._value, line[_SYSLOG + 1 :]
        if stamp[:4].isdigit():
            return self._rfc3339(line)
        at = self._syslog(stamp) if line[_SYSLOG : _SYSLOG + 1] == " " else None
        if at is None:
            return None, line
        self._stamp, self._value, self.last = stamp, at, at
        return at, line[_SYSLOG + 1 :]

    def split_long(self, line: str) -> tuple[float | None, str]:
        """The same for a line that begins with a local time, date and all, as rspamd writes it."""
        stamp, rest = line[:_LONG], line[_LONG + 1 :]
        if line[_LONG : _LONG + 1] != " " or stamp[10:11] != " ":
            return None, line
        if stamp != self._stamp:
            try:
                at = self._local(datetime.fromisoformat(stamp))
            except (ValueError, OverflowError):
                return None, line
            self._stamp, self._value = stamp, at
        self.last = self._value
        return self._value, rest

    def _rfc3339(self, line: str) -> tuple[float | None, str]:
        stamp, _, rest = line.partition(" ")
        try:
            moment = datetime.fromisoformat(stamp)
            at = self._local(moment) if moment.tzinfo is None else moment.timestamp()
        except (ValueError, OverflowError):
            return None, line
        self.last = at
        return at, rest

    def _syslog(self, stamp: str) -> float | None:
        month = _MONTHS.get(stamp[:3])
        day, clock = stamp[4:6].lstrip(" "), stamp[7:]
        if month is None or stamp[3] != " " or stamp[6] != " " or not (day.isascii() and day.isdigit()):
            return None
        try:
            hour, minute, second = map(int, clock.split(":"))
        except ValueError:
            return None
        now = self._now()
        year = datetime.fromtimestamp(now, UTC).year
        for candidate in (year + 1, year, year - 1, *range(year - 2, year - 9, -1)):
            try:
                at = self._local(datetime(candidate, month, int(day), hour, minute, min(second, 59)))  # noqa: DTZ001
            except (ValueError, OverflowError):
                continue  # 29 February, or no date at all
            if at <= now + _AHEAD:
                return at
        return None

    def _local(self, moment: datetime) -> float:
        moment = moment.replace(tzinfo=self._tz)
        first, second = moment.timestamp(), moment.replace(fold=1).timestamp()
        return second if first < self.last - _BACK and second > first else first
