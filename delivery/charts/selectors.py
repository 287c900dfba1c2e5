"""The numbers behind the charts: added up from counts by hour and by day, never from messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.access import Right, domains_where, is_provider
from accounts.models import Account, Domain
from delivery.charts.spans import DAYS, Span, span
from delivery.models import DestinationPart, Direction, Status, TrafficDay, TrafficPart

CAUSES = 8
SLOWEST = 8
SLOW_DAYS = 7
AT_LEAST = 5  # mails to a destination before it is judged
_REFUSED = [Status.DEFERRED, Status.FAILED, Status.REJECTED]
_WAYS = {"in": (Direction.IN, Direction.INSIDE), "out": (Direction.OUT, Direction.INSIDE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose mail: of ``domain``, else of all domains of ``account``, else of all that ``user`` may read of.
    ``way``: "in",
    "out" or empty for both."""

    user: Any
    domain: Domain | None = None
    account: Account | None = None
    way: str = ""

    @property
    def domains(self) -> QuerySet[Domain] | None:
        """None: all there are."""
        if self.domain is None and self.account is None and is_provider(self.user):
            return None
        seen = domains_where(self.user, Right.SETTINGS)
        if self.domain is not None:
            return seen.filter(pk=self.domain.pk)
        return seen.filter(account=self.account) if self.account is not None else seen

    def hours(self) -> QuerySet[TrafficPart]:
        """Mail between two of these domains once, as its sender sees it."""
        found: QuerySet[TrafficPart] = self._within(TrafficPart.objects.order_by())
        return found

    def days(self) -> QuerySet[TrafficDay]:
        """The same by the day, without what is not folded yet."""
        found: QuerySet[TrafficDay] = TrafficDay.objects.order_by()
        if self.domains is None:
            found = self._way(found.filter(domain_id=TrafficDay.ALL))
        else:
            found = self._within(found)
        return found

    def _way(self, found: Any) -> Any:
        return found.filter(direction__in=_WAYS[self.way]) if self.way in _WAYS else found

    def _within(self, found: Any) -> Any:
        found, domains = self._way(found), self.domains
        if domains is None:
            return found.exclude(direction=Direction.IN, peer_domain_id__isnull=False)
        seen = domains.values("pk")
        found = found.filter(domain_id__in=seen)
        if self.domain is not None:
            return found
        return found.exclude(direction=Direction.IN, peer_domain_id__isnull=False, peer_domain_id__in=seen)

    def destinations(self) -> QuerySet[DestinationPart]:
        found, domains = DestinationPart.objects.order_by(), self.domains
        return found if domains is None else found.filter(domain_id__in=domains.values("pk"))


@dataclass(slots=True)
class Part:
    """An hour or a day. ``ways`` and ``sizes``: mails, and bytes of those whose size is known, by
    Direction: what stayed inside a domain is neither incoming nor outgoing."""

    start: datetime
    statuses: dict[int, int] = field(default_factory=lambda: dict.fromkeys(map(int, Status), 0))
    ways: dict[int, int] = field(default_factory=lambda: dict.fromkeys(map(int, Direction), 0))
    sizes: dict[int, int] = field(default_factory=lambda: dict.fromkeys(map(int, Direction), 0))

    @property
    def total(self) -> int:
        return sum(self.statuses.values())

    def add(self, direction: int, status: int, entries: int, size: int) -> None:
        self.statuses[status] += entries
        self.ways[direction] += entries
        self.sizes[direction] += size


@dataclass(frozen=True, slots=True)
class Slow:
    """Where mail of ours goes slowly. ``delay``: seconds on average, None if none was delivered; ``waits``
    percent."""

    destination: str
    mails: int
    deferred: int
    failed: int
    delay: float | None

    @property
    def waits(self) -> int:
        return round(self.deferred * 100 / self.mails) if self.mails else 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """``parts``: one for every hour or day, with nought where there was nothing. ``causes``: (slug, status,
    how many), most first: why mail did not arrive."""

    parts: list[Part]
    causes: list[tuple[str, int, int]]


def numbers(scope: Scope, over: Span) -> Numbers:
    """One query."""
    made = {start: Part(start) for start in over.starts}
    why: Counter[tuple[str, int]] = Counter()
    for start, direction, status, cause, entries, size in _summed(
        scope, over, "direction", "status", "cause"
    ):
        part = made.get(over.part_of(start))
        if part is None:
            continue
        part.add(direction, status, entries, size)
        if cause and status in _REFUSED:
            why[cause, status] += entries
    ranked = sorted((-number, cause, status) for (cause, status), number in why.items() if number > 0)
    return Numbers(
        list(made.values()), [(cause, status, -number) for number, cause, status in ranked[:CAUSES]]
    )


def parts(scope: Scope, over: Span) -> list[Part]:
    return numbers(scope, over).parts


def _summed(scope: Scope, over: Span, *keys: str) -> QuerySet[Any, Any]:
    """(start of an hour or a day, ``keys``, mails, bytes): several may be of one part. Days and what is not
    folded into them yet are read by one statement, so that nothing is counted twice or missed when the
    folding happens meanwhile."""
    hours = scope.hours().filter(hour__gte=over.since)
    if not over.hourly:
        hours = hours.filter(folded=False)
    fresh = hours.values_list("hour", *keys).annotate(n=Sum("entries"), size=Sum("bytes"))
    if over.hourly:
        return fresh
    days = scope.days().filter(start__gte=over.since).values_list("start", *keys)
    return fresh.union(days.annotate(n=Sum("entries"), size=Sum("bytes")), all=True)


def slow_days(over: Span) -> int:
    """How far back slow destinations are looked for: what was slow last month needs nobody."""
    return min(SLOW_DAYS, DAYS.get(over.key, 1))


def slowest(scope: Scope, over: Span) -> list[Slow]:
    """Destinations of at least AT_LEAST mails in the last slow_days(), with most waiting, then the longest on
    the way. Days are UTC's here. One query."""
    since = max(over.since, over.starts[-1] - timedelta(days=slow_days(over) - 1)).date()
    found = scope.destinations().filter(day__gte=since).values("destination")
    summed = found.annotate(
        all=Sum("mails"), late=Sum("deferred"), lost=Sum("failed"), done=Sum("delivered"), took=Sum("delay")
    ).filter(Q(late__gt=0) | Q(took__gt=F("done")), all__gte=AT_LEAST)
    share = Cast("late", FloatField()) / F("all")
    ranked = summed.order_by(share.desc(), F("took").desc(), "destination")[:SLOWEST]
    return [
        Slow(
            row["destination"],
            row["all"],
            row["late"],
            row["lost"],
            row["took"] / row["done"] if row["done"] > 0 else None,
        )
        for row in ranked
    ]


def sending(account: Account, now: datetime) -> tuple[int, int]:
    """(mails since the hour began, those of the busiest hour of the last 24) that all domains of ``account``
    sent or tried to: what
    its mails per hour allow is for them together. By the clock's hours. One query."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    sent = Q(direction__in=[Direction.OUT, Direction.INSIDE]) & ~Q(status=Status.REJECTED)
    domains = Domain.objects.filter(account=account).values("pk")
    found = TrafficPart.objects.filter(sent, domain_id__in=domains, hour__gt=hour - timedelta(hours=24))
    by_hour = dict(found.order_by().values_list("hour").annotate(Sum("entries")))
    return by_hour.get(hour, 0), max(by_hour.values(), default=0)


def week(scope: Scope) -> list[Part]:
    """The last 7 days for a small chart. One query."""
    return parts(scope, span("7d", timezone.now(), timezone.get_current_timezone()))


def whole(found: Iterable[Part]) -> dict[int, int]:
    """Status → how many in all."""
    sums = dict.fromkeys(map(int, Status), 0)
    for part in found:
        for status, number in part.statuses.items():
            sums[status] += number
    return sums
