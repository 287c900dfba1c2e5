"""What Track Delivery reads. Everything starts from what the person may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from delivery.models import Direction, Entry, Event, Recipient, Status
from delivery.text import words

PAGE = 50
TERMS = 12
LATEST = 10**16  # microseconds: the year 2286
EVENTS = 400  # log lines shown of one message
_AROUND = timedelta(minutes=2)


class Key(NamedTuple):
    """A row's place in the list: time in microseconds, then id."""

    at: int
    pk: int

    @classmethod
    def of(cls, entry: Entry | Event) -> Key:
        return cls(_micros(entry.at), entry.pk)

    @classmethod
    def parse(cls, text: str) -> Key | None:
        at, _, pk = text.partition("_")
        return cls(int(at), int(pk)) if _number(at) and _number(pk) and int(at) < LATEST else None

    def __str__(self) -> str:
        return f"{self.at}_{self.pk}"

    @property
    def moment(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackQuery:
    """``status``: one of Status or None; ``way``: Direction.IN or OUT or None; days are the panel's;
    ``before``: older than this row."""

    q: str = ""
    status: int | None = None
    way: int | None = None
    since: date | None = None
    until: date | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    older: Key | None


def search(text: str) -> SearchQuery | None:
    """Every word of ``text`` begins a word of the address, sender, subject, message id or queue id. None: no
    word in it."""
    terms = words(text)[:TERMS]
    return (
        SearchQuery(" & ".join(f"'{term}':*" for term in terms), config="simple", search_type="raw")
        if terms
        else None
    )


def entries(user: Any, domain: Domain | None, query: TrackQuery) -> QuerySet[Entry]:
    """The rows of ``domain``, or of every domain of this person: there, mail between two of them is one
    row."""
    found: QuerySet[Entry] = Entry.objects.visible_to(user)
    if domain is not None:
        found = found.filter(domain_id=domain.pk)
    elif is_provider(user):
        found = found.exclude(direction=Direction.IN, peer_domain_id__isnull=False)
    else:
        seen = domains_where(user, Right.SETTINGS).values("pk")
        found = found.exclude(direction=Direction.IN, peer_domain_id__isnull=False, peer_domain_id__in=seen)
    if query.status is not None:
        found = found.filter(status=query.status)
    if query.way is not None:
        found = found.filter(direction__in=[query.way, Direction.INSIDE])
    if query.since is not None:
        found = found.filter(at__gte=_midnight(query.since))
    if query.until is not None:
        found = found.filter(at__lt=_midnight(query.until) + timedelta(days=1))
    if query.q.strip():
        terms = search(query.q)
        found = found.filter(words=terms) if terms else found.none()
    return found


def page(user: Any, domain: Domain | None, query: TrackQuery) -> Page:
    """PAGE rows, newest first, in one query."""
    found = entries(user, domain, query)
    if query.before is not None:
        found = found.filter(at__lte=query.before.moment).exclude(
            at=query.before.moment, pk__gte=query.before.pk
        )
    rows = list(found.select_related("message", "recipient").order_by("-at", "-pk")[: PAGE + 1])
    older = Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None
    return Page(rows[:PAGE], older)


def news(
    user: Any, domain: Domain | None, query: TrackQuery, head: Key, changed: int
) -> tuple[list[Entry], list[Entry]]:
    """(rows above ``head``, rows of the first page below it that changed after ``changed`` microseconds)."""
    rows = page(user, domain, replace(query, before=None)).entries
    new = [entry for entry in rows if Key.of(entry) > head]
    return new, [entry for entry in rows if Key.of(entry) <= head and _micros(entry.changed_at) > changed]


def last_change(rows: Collection[Entry]) -> int:
    return max((_micros(entry.changed_at) for entry in rows), default=0)


def domain_names(ids: Collection[int | None]) -> dict[int, str]:
    return dict(Domain.objects.filter(pk__in=[pk for pk in ids if pk is not None]).values_list("pk", "name"))


def siblings(entry: Entry) -> list[Entry]:
    """The other rows of the same message that the same domain sees."""
    same = Entry.objects.filter(message_id=entry.message_id, domain_id=entry.domain_id).exclude(pk=entry.pk)
    return list(same.select_related("recipient").order_by("pk")[:100])


def recipients_of(entry: Entry) -> list[Recipient]:
    return list(Recipient.objects.filter(message_id=entry.message_id).order_by("pk")[:500])


def events_of(entry: Entry, sessions: Collection[str]) -> list[Event]:
    """The log lines about the entry's message, oldest first; ``sessions``: Dovecot's, from the delivery
    answers."""
    mail = entry.message
    around = Event.objects.filter(
        node_id=mail.node_id, at__gte=mail.at - _AROUND, at__lte=mail.last_at + _AROUND
    )
    if mail.queue_id:
        found = around.filter(ref__in=[mail.queue_id, *sessions])
    else:
        found = around.filter(file_id=mail.file_id or 0, pos=mail.pos or 0)
    return list(found.order_by("at", "file_id", "pos")[:EVENTS])


def recent(*, domain: Domain, address: str = "", limit: int = 5) -> list[Entry]:
    """The newest rows of ``domain``, or of one address in it; message and recipient are loaded. One query.
    The caller has fetched ``domain`` through visible_to."""
    found = Entry.objects.filter(domain_id=domain.pk).kept().select_related("message", "recipient")
    if address and (terms := search(address)) is not None:
        found = found.filter(Q(address=address) | Q(message__sender=address), words=terms)
    return list(found.order_by("-at", "-pk")[:limit])


def counts_today(domains: Collection[int] | Domain) -> dict[int, dict[str, int]]:
    """Per domain id what happened since midnight, in one query: ``sent`` (went out or was tried),
    ``received`` (into a mailbox here), and each status by its name: ``delivered``, ``deferred``, ``failed``,
    ``rejected``, ``progress``. Every domain asked for is there."""
    ids = [domains.pk] if isinstance(domains, Domain) else list(domains)
    names = ["sent", "received", *(status.name.lower() for status in Status)]
    counts = {pk: dict.fromkeys(names, 0) for pk in ids}
    found = Entry.objects.filter(domain_id__in=ids, at__gte=_midnight(timezone.localdate()))
    for pk, direction, status, many in (
        found.values_list("domain_id", "direction", "status").annotate(Count("pk")).order_by()
    ):
        mine = counts[pk]
        mine[Status(status).name.lower()] += many
        if direction & Direction.OUT and status != Status.REJECTED:
            mine["sent"] += many
        if direction & Direction.IN and status == Status.DELIVERED:
            mine["received"] += many
    return counts


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _micros(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
