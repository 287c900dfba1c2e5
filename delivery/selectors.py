"""What Track Delivery reads. Everything starts from what the person may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from delivery import text as texts
from delivery.folding.mail import Mail, load
from delivery.models import Direction, Entry, Filed, Message, Status, TrafficPart
from delivery.services.chunks import lines_at
from delivery.wire import Line
from lib import timekey

PAGE = 50
TERMS = 12
SIBLINGS = 100
_AROUND = timedelta(minutes=10)


class Key(NamedTuple):
    """A row's place in a list: its id, which is its time."""

    pk: int

    @classmethod
    def of(cls, row: models.Model) -> Key:
        return cls(row.pk)

    @classmethod
    def parse(cls, text: str) -> Key | None:
        return cls(int(text)) if _number(text) and int(text) <= timekey.LAST else None

    def __str__(self) -> str:
        return str(self.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackQuery:
    """``status``: one of Status or None; ``way``: Direction.IN or OUT or None; days are the panel's;
    ``lead``: of this flood; ``before``: older than this row."""

    q: str = ""
    status: int | None = None
    way: int | None = None
    since: date | None = None
    until: date | None = None
    lead: int | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    older: Key | None


def search(text: str) -> SearchQuery | None:
    """Every term of ``text`` begins an address, a domain, a name or id, or a word that a row is found by.
    None: no term in it."""
    terms = [found for term in text.lower().split()[:TERMS] if (found := _term(term))]
    return SearchQuery(" & ".join(terms), config="simple", search_type="raw") if terms else None


def _term(term: str) -> str:
    whole = term.strip("<>\"'(),;")
    parts = texts.words(whole)
    ways = [f"{_lexeme(whole)}:*"] if whole else []
    if parts and parts != [whole]:
        ways.append("(" + " & ".join(f"{_lexeme(part)}:*" for part in parts) + ")")
    return f"({' | '.join(ways)})" if ways else ""


def _lexeme(word: str) -> str:
    return "'" + word[: texts.WORD_MAX].replace("\\", "\\\\").replace("'", "''") + "'"


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
        found = found.filter(pk__gte=timekey.floor(_midnight(query.since)))
    if query.until is not None:
        found = found.filter(pk__lt=timekey.floor(_midnight(query.until + timedelta(days=1))))
    if query.lead is not None:
        found = found.filter(Q(lead_id=query.lead) | Q(pk=query.lead))
    if query.q.strip():
        terms = search(query.q)
        return found.filter(words=terms) if terms else found.none()
    return found if query.lead is not None else found.filter(lead_id=None)


def page(user: Any, domain: Domain | None, query: TrackQuery) -> Page:
    """PAGE rows, newest first, in one query."""
    found = entries(user, domain, query)
    if query.before is not None:
        found = found.filter(pk__lt=query.before.pk)
    return page_of(found)


def page_of(found: QuerySet[Entry]) -> Page:
    rows = list(found.defer("words").order_by("-pk")[: PAGE + 1])
    return Page(rows[:PAGE], Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None)


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


def message_of(entry: Entry) -> Message:
    """Raises Message.DoesNotExist when it is no longer kept."""
    return Message.objects.select_related("node").get(pk=entry.message_id)


def mail_of(message: Message) -> Mail:
    """All that the message's lines said, for whoever may see everything: what one side sees of it, decide
    before it is shown."""
    return load(message.pk, message.queue_id, message.last_at.timestamp(), message.state)


def siblings(entry: Entry, mail: Mail) -> list[Entry]:
    """The other rows of the same message that the same domain sees."""
    ids = [
        shown.id
        for row, shown in mail.rows.items()
        if row.domain_id == entry.domain_id and shown.id != entry.pk
    ]
    return list(Entry.objects.filter(pk__in=ids[:SIBLINGS]).defer("words").order_by("pk"))


def lines_of(mail: Mail, filed: Collection[Filed] = ()) -> list[Line]:
    """Its log lines, and those of ``filed``, oldest first."""
    return lines_at([*mail.lines, *((one.chunk_id, one.line) for one in filed)])


def filed_of(sessions: Collection[str], *, since: datetime, until: datetime) -> list[Filed]:
    """What Dovecot did in these sessions of LMTP."""
    if not sessions:
        return []
    first, last = timekey.floor(since - _AROUND), timekey.floor(until + _AROUND)
    return list(Filed.objects.filter(pk__gte=first, pk__lt=last, session__in=sessions).order_by("pk"))


def recent(*, domain: Domain, address: str = "", limit: int = 5) -> list[Entry]:
    """The newest rows of ``domain``, or of one address in it. One query. The caller has fetched ``domain``
    through visible_to."""
    found = Entry.objects.filter(domain_id=domain.pk, lead_id=None).kept().defer("words")
    if address and (terms := search(address)) is not None:
        found = found.filter(Q(address=address) | Q(sender=address), words=terms)
    return list(found.order_by("-pk")[:limit])


def counts_today(domains: Collection[int] | Domain) -> dict[int, dict[str, int]]:
    """Per domain id what happened since midnight, in one query: ``sent`` (went out or was tried),
    ``received`` (into a mailbox here), and each status by its name: ``delivered``, ``deferred``, ``failed``,
    ``rejected``, ``progress``, ``held``. Every domain asked for is there."""
    ids = [domains.pk] if isinstance(domains, Domain) else list(domains)
    names = ["sent", "received", *(status.name.lower() for status in Status)]
    counts = {pk: dict.fromkeys(names, 0) for pk in ids}
    found = TrafficPart.objects.filter(domain_id__in=ids, hour__gte=_midnight(timezone.localdate()))
    for pk, direction, status, many in (
        found.values_list("domain_id", "direction", "status").annotate(Sum("entries")).order_by()
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
    return text.isascii() and text.isdigit() and len(text) <= 19
