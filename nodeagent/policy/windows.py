"""A sliding hour and day of one scope, kept in memory: sums are at hand however much was sent. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MINUTES = 60
SLOT = 10  # minutes that a day is counted by
SLOTS = 24 * 60 // SLOT
Bucket = list[int]
"""[minute or slot, mails, recipients, new recipients]"""

FIGURES = ("mails", "rcpts", "new")


@dataclass(slots=True)
class Window:
    """``buckets``, the oldest first, and their ``sums``. What began ``length`` buckets ago still counts: part
    of it is younger than that. ``minutes``: of one bucket."""

    length: int
    minutes: int
    buckets: deque[Bucket] = field(default_factory=deque)
    sums: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, minute: int, counts: tuple[int, int, int]) -> None:
        at = minute // self.minutes
        if not self.buckets or self.buckets[-1][0] < at:
            self.buckets.append([at, 0, 0, 0])
        last = self.buckets[-1]
        for place, n in enumerate(counts):
            last[place + 1] += n
            self.sums[place] += n

    def slide(self, minute: int) -> None:
        oldest = minute // self.minutes - self.length
        while self.buckets and self.buckets[0][0] < oldest:
            gone = self.buckets.popleft()
            for place in range(3):
                self.sums[place] -= gone[place + 1]

    def frees(self, place: int, most: int, needs: int) -> int | None:
        """The Unix second from which ``needs`` more of figure ``place`` fit below ``most``. None: never."""
        if needs > most:
            return None
        over, begin = self.sums[place] + needs - most, 0
        for bucket in self.buckets:
            if over <= 0:
                break
            over -= bucket[place + 1]
            begin = (bucket[0] + self.length + 1) * self.minutes * 60
        return begin


@dataclass(slots=True)
class Sent:
    """What one scope sent."""

    hour: Window = field(default_factory=lambda: Window(MINUTES, 1))
    day: Window = field(default_factory=lambda: Window(SLOTS, SLOT))

    def add(self, minute: int, counts: tuple[int, int, int]) -> None:
        self.hour.add(minute, counts)
        self.day.add(minute, counts)

    def slide(self, minute: int) -> None:
        self.hour.slide(minute)
        self.day.slide(minute)
