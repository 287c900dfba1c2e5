"""What Track Delivery knows of one mailbox: mail that came for its address, and mail that it sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When

from accounts.models import Domain
from delivery.finding import COLUMNS, found_in
from delivery.models import Direction, Entry
from delivery.searching import terms_of
from delivery.selectors import Page, TrackQuery, narrowed, page_of, search
from lib import timekey

# Of what a mailbox's own user sees: where an alias of the domain leads, and who else signed in, is not.
_OWN = dict(COLUMNS) | {
    "from": ("sender", "own_login"),
    "to": ("own_to",),
    "server": ("own_server",),
    "answer": ("own_reply",),
}


def deliveries_of(
    address: str, *, domain: Domain, since: datetime, query: TrackQuery, own: bool = False
) -> Page:
    """What fits, the newest first, in one query; as far back as ``since`` and the account's log_days. The
    words' index narrows it, so that a quiet mailbox of a busy domain is found as fast as a busy one. ``own``:
    for the mailbox's own user, who finds nothing by what is not shown to him."""
    came = Q(direction__in=[Direction.IN, Direction.INSIDE], address=address)
    sent = Q(direction__in=[Direction.OUT, Direction.INSIDE], login=address)
    either = came | sent
    ways = {Direction.IN: came, Direction.OUT: sent, Direction.INSIDE: either & Q(direction=Direction.INSIDE)}
    found: QuerySet[Entry] = Entry.objects.filter(domain_id=domain.pk, pk__gte=timekey.floor(since)).kept()
    found = found.filter(ways[Direction(query.way)] if query.way else either)
    terms = search(address)
    if terms is not None:
        found = found.filter(words=terms)
    found = narrowed(found, replace(query, way=None, single=True))
    if own:
        found = _seen(found, address, query)
    if query.before is not None:
        found = found.filter(pk__lt=query.before.pk)
    return page_of(found)


def _seen(found: QuerySet[Entry], address: str, query: TrackQuery) -> QuerySet[Entry]:
    terms = terms_of(query.q) + (terms_of(f'server:"{query.server}"') if query.server else [])
    if not terms:
        return found
    sent, none, text = Q(login=address), Value(""), TextField()
    covered = sent & ~Q(via="") & ~Q(address=address)
    colleagues = Q(direction=Direction.INSIDE) & ~sent
    found = found.alias(
        own_login=Case(When(sent, then=F("login")), default=none, output_field=text),
        own_to=Case(When(covered, then=F("via")), default=F("address"), output_field=text),
        own_server=Case(When(covered | colleagues, then=none), default=F("server"), output_field=text),
        own_reply=Case(When(covered, then=none), default=F("reply"), output_field=text),
    )
    return found_in(found, terms, _OWN)


def delivery_of(address: str, pk: int, *, domain: Domain, since: datetime) -> Entry | None:
    """The row ``pk``, if ``deliveries_of`` would list it."""
    came = Q(direction__in=[Direction.IN, Direction.INSIDE], address=address)
    sent = Q(direction__in=[Direction.OUT, Direction.INSIDE], login=address)
    found = Entry.objects.filter(came | sent, domain_id=domain.pk, pk=pk, pk__gte=timekey.floor(since))
    entry: Entry | None = found.kept().defer("words").first()
    return entry
