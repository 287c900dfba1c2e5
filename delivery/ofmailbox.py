"""What Track Delivery knows of one mailbox: mail that came for its address, and mail that it sent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.models import Domain
from delivery.models import Direction, Entry
from delivery.selectors import PAGE, Key, Page, search


def deliveries_of(address: str, *, domain: Domain, since: datetime, before: Key | None = None) -> Page:
    """The newest first, in one query; as far back as ``since`` and the account's log_days. The words' index
    narrows it, so that a quiet mailbox of a busy domain is found as fast as a busy one."""
    came = Q(direction__in=[Direction.IN, Direction.INSIDE], recipient__address=address)
    sent = Q(direction__in=[Direction.OUT, Direction.INSIDE], message__sasl_user=address)
    found = Entry.objects.filter(domain_id=domain.pk, at__gte=since).kept().filter(came | sent)
    terms = search(address)
    if terms is not None:
        found = found.filter(words=terms)
    if before is not None:
        found = found.filter(at__lte=before.moment).exclude(at=before.moment, pk__gte=before.pk)
    rows = list(found.select_related("message", "recipient").order_by("-at", "-pk")[: PAGE + 1])
    return Page(rows[:PAGE], Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None)
