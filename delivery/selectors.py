"""What Track Delivery reads. Everything starts from what the person may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Exists, Q, QuerySet, Sum
from django.utils import timezone

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from delivery import text as texts
from delivery.finding import found_by, search_query
from delivery.folding.mail import Mail, load
from delivery.models import Direction, Entry, Message, Status, TrafficPart
from delivery.paging import AmongThem, marked, newest
from delivery.searching import terms_of
from lib import timekey

PAGE = 50


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
    """``status``: of these, or of any; ``way``: a Direction, IN and OUT with what is both; days are the
    panel's; ``cause``: a slug of delivery.explain; ``server``: its name or address begins so; ``lead``: of
    this flood; ``single``: every refusal of a flood, as a search finds them; ``before``: older than this row.
    In the list of all: ``domain`` by its name, ``client`` by the account's, ``ours`` False for what belongs
    to no domain here."""

    q: str = ""
    status: tuple[int, ...] = ()
    way: int | None = None
    since: date | None = None
    until: date | None = None
    cause: str = ""
    server: str = ""
    domain: str = ""
    client: str = ""
    ours: bool = True
    lead: int | None = None
    single: bool = False
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    older: Key | None


def search(text: str) -> SearchQuery | None:
    """Every term of ``text`` begins an address, a domain, a name or id, or a word that a row is found by.
    None: no term in it."""
    terms = terms_of(text)
    return search_query(terms) if terms else None


def entries(user: Any, domain: Domain | None, query: TrackQuery) -> QuerySet[Entry]:
    """The rows of ``domain``, or of every domain of this person."""
    return narrowed(_scope(user, domain, query), query)


def _scope(user: Any, domain: Domain | None, query: TrackQuery) -> QuerySet[Entry]:
    """What the person may see of ``domain`` or of all (Entry.visible_to), said in numbers: the database then
    knows beforehand which days' partitions it needs."""
    found: QuerySet[Entry] = Entry.objects.all()
    owners = domains_where(user, Right.SETTINGS)
    if domain is not None:
        found = found.filter(domain_id=domain.pk)
        if is_provider(user):
            return found
        first = timekey.floor(timezone.now() - timedelta(days=domain.account.log_days))
        return found.filter(Exists(owners.filter(pk=domain.pk)), pk__gte=first)
    if not is_provider(user):
        kept = list(owners.order_by().values_list("account__log_days", flat=True).distinct())
        now, fits = timezone.now(), Q(pk__in=[])
        for days in kept:
            mine = owners.filter(account__log_days=days)
            fits |= Q(AmongThem("domain_id", mine), pk__gte=timekey.floor(now - timedelta(days=days)))
        oldest = timekey.floor(now - timedelta(days=max(kept, default=0)))
        found = found.filter(fits, pk__gte=oldest)
    return _of_all(found, user, query)


def _of_all(found: QuerySet[Entry], user: Any, query: TrackQuery) -> QuerySet[Entry]:
    """Mail between two domains of the list is one row there, the sender's, unless the other is asked for."""
    if not query.ours:
        return found.filter(domain_id=None)
    wanted = _wanted(user, query)
    if wanted is not None:
        found = found.filter(domain_id__in=wanted)
    if query.domain or query.way == Direction.IN or query.q.strip() or query.server or query.single:
        return found
    twice = {"direction": Direction.IN, "peer_domain_id__isnull": False}
    if wanted is not None:
        return found.exclude(**twice, peer_domain_id__in=wanted)
    if is_provider(user):
        return found.exclude(**twice)
    seen = domains_where(user, Right.SETTINGS)
    return found.exclude(AmongThem("peer_domain_id", seen), **twice)


def _wanted(user: Any, query: TrackQuery) -> list[int] | None:
    """Ids of the domains that the filter names; None: it names none."""
    if not query.domain and not query.client:
        return None
    domains = domains_where(user, Right.SETTINGS)
    if query.domain:
        domains = domains.filter(name=query.domain)
    if query.client:
        domains = domains.filter(account__name__iexact=query.client)
    return list(domains.values_list("pk", flat=True))


def narrowed(found: QuerySet[Entry], query: TrackQuery, *, walk: bool = False) -> QuerySet[Entry]:
    """Those of ``found`` that fit, but for the page and for what only the list of all knows. ``walk``: see
    finding.Matches."""
    if query.status:
        found = found.filter(status__in=query.status)
    if query.way is not None:
        found = found.filter(direction__in={query.way, Direction.INSIDE})
    if query.since is not None:
        found = found.filter(pk__gte=timekey.floor(_midnight(query.since)))
    if query.until is not None:
        found = found.filter(pk__lt=timekey.floor(_midnight(query.until + timedelta(days=1))))
    if query.cause:
        found = found.filter(cause=query.cause)
    if query.lead is not None:
        found = found.filter(Q(lead_id=query.lead) | Q(pk=query.lead))
    searched = query.q.strip() or query.server
    if query.q.strip():
        found = found_by(found, terms_of(query.q), walk=walk)
    if query.server:
        found = found_by(found, terms_of(f'server:"{query.server}"'), walk=walk)
    return found if searched or query.single or query.lead is not None else found.filter(lead_id=None)


def page(user: Any, domain: Domain | None, query: TrackQuery) -> Page:
    """PAGE rows, newest first."""
    marks = _marks(query)
    searched = bool(query.q.strip() or query.server)
    if not marks and not searched:
        found = entries(user, domain, query)
        return page_of(found if query.before is None else found.filter(pk__lt=query.before.pk))
    scope = _scope(user, domain, query)
    if query.before is not None:
        scope = scope.filter(pk__lt=query.before.pk)
    frame = replace(query, q="", server="", cause="", status=(), lead=None, single=query.single or searched)
    find = narrowed(scope, query)
    if marks:
        find = find.filter(words=marked(marks))
    walk = narrowed(scope, query, walk=True)
    rows = newest(narrowed(scope, frame), walk, find, PAGE + 1)
    return Page(rows[:PAGE], Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None)


def _marks(query: TrackQuery) -> list[list[str]]:
    """By which marks among their words the rows are found: of each list one. What was delivered is
    everywhere."""
    marks = [[texts.mark("cause", query.cause)]] if query.cause else []
    if query.status and Status.DELIVERED not in query.status:
        marks.append([texts.mark("status", int(status)) for status in query.status])
    return marks


def page_of(found: QuerySet[Entry]) -> Page:
    rows = list(found.defer("words").order_by("-pk")[: PAGE + 1])
    return Page(rows[:PAGE], Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None)


def state_of(rows: Collection[Entry]) -> str:
    """Says whether a page is still as it was."""
    told = " ".join(f"{entry.pk} {micros(entry.changed_at)}" for entry in rows)
    return blake2b(told.encode(), digest_size=9).hexdigest()


def last_change(rows: Collection[Entry]) -> int:
    """Microseconds; 0: no row."""
    return max((micros(entry.changed_at) for entry in rows), default=0)


def following(found: QuerySet[Entry], many: int) -> Iterator[Entry]:
    """All of ``found``, newest first, ``many`` a query, so that nothing large is held here or there."""
    found = found.defer("words").order_by("-pk")
    last = timekey.LAST
    while True:
        rows = list(found.filter(pk__lt=last)[:many])
        yield from rows
        if len(rows) < many:
            return
        last = rows[-1].pk


def domain_names(ids: Collection[int | None]) -> dict[int, str]:
    return dict(Domain.objects.filter(pk__in=[pk for pk in ids if pk is not None]).values_list("pk", "name"))


def header_ids(messages: Collection[int]) -> dict[int, str]:
    """The Message-IDs of messages, by their keys, as far as they are kept."""
    if not messages:
        return {}
    near = Message.objects.filter(pk__gte=min(messages), pk__lte=max(messages))
    return dict(near.filter(pk__in=messages).values_list("pk", "header_id"))


def mail_of(message: Message) -> Mail:
    """All that the message's lines said, for whoever may see everything: what one side sees of it, decide
    before it is shown."""
    return load(message.pk, message.queue_id, message.last_at.timestamp(), message.state)


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


def micros(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19
