"""What Track Delivery knows of one mailbox: mail that came for its address, and mail that it sent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.models import Domain
from delivery.models import Direction, Entry
from delivery.selectors import Key, Page, page_of, search
from lib import timekey


def deliveries_of(address: str, *, domain: Domain, since: datetime, before: Key | None = None) -> Page:
    """The newest first, in one query; as far back as ``since`` and the account's log_days. The words' index
    narrows it, so that a quiet mailbox of a busy domain is found as fast as a busy one."""
    came = Q(direction__in=[Direction.IN, Direction.INSIDE], address=address)
    sent = Q(direction__in=[Direction.OUT, Direction.INSIDE], login=address)
    found = Entry.objects.filter(domain_id=domain.pk, pk__gte=timekey.floor(since)).kept().filter(came | sent)
    terms = search(address)
    if terms is not None:
        found = found.filter(words=terms)
    if before is not None:
        found = found.filter(pk__lt=before.pk)
    return page_of(found)
