"""How much accounts sent, counted from the rows of Track Delivery: for limits and exports, not for lists (see
traffic)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Domain
from delivery.models import Direction, Entry, Status
from lib import timekey

HOUR = timedelta(hours=1)


def sent_last_hour(accounts: Collection[int]) -> dict[int, int]:
    """Account id → mails that went out, or were tried, in the last 60 minutes; one for each recipient. Who
    sent none may be missing. One query."""
    return sent_since(timezone.now() - HOUR, accounts)


def sent_since(moment: datetime, accounts: Collection[int]) -> dict[int, int]:
    """The same since ``moment``, as far as deliveries are kept."""
    domains = Domain.objects.filter(account__in=accounts)
    rows = Entry.objects.filter(
        domain_id__in=domains.values("pk"),
        pk__gte=timekey.floor(moment),
        direction__in=[Direction.OUT, Direction.INSIDE],
    ).exclude(status=Status.REJECTED)
    owner = Subquery(Domain.objects.filter(pk=OuterRef("domain_id")).values("account")[:1])
    return dict(rows.annotate(owner=owner).order_by().values_list("owner").annotate(Count("pk")))
