"""What Track Delivery knows of one mailbox: mail that came for its address, and mail that it sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Domain
from delivery.models import Direction, Entry
from delivery.selectors import Page, TrackQuery, narrowed, page_of, search
from lib import timekey


def deliveries_of(address: str, *, domain: Domain, since: datetime, query: TrackQuery) -> Page:
    """What fits, the newest first, in one query; as far back as ``since`` and the account's log_days. The
    words' index narrows it, so that a quiet mailbox of a busy domain is found as fast as a busy one."""
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
    if query.before is not None:
        found = found.filter(pk__lt=query.before.pk)
    return page_of(found)


def delivery_of(address: str, pk: int, *, domain: Domain, since: datetime) -> Entry | None:
    """The row ``pk``, if ``deliveries_of`` would list it."""
    came = Q(direction__in=[Direction.IN, Direction.INSIDE], address=address)
    sent = Q(direction__in=[Direction.OUT, Direction.INSIDE], login=address)
    found = Entry.objects.filter(came | sent, domain_id=domain.pk, pk=pk, pk__gte=timekey.floor(since))
    entry: Entry | None = found.kept().defer("words").first()
    return entry
