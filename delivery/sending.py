"""How much accounts sent, counted from the rows of Track Delivery: for limits and exports, not for lists (see
traffic)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Account, Domain
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
    rows = _out(Entry.objects.filter(domain_id__in=domains.values("pk"), pk__gte=timekey.floor(moment)))
    owner = Subquery(Domain.objects.filter(pk=OuterRef("domain_id")).values("account")[:1])
    return dict(rows.annotate(owner=owner).order_by().values_list("owner").annotate(Count("pk")))


def _out(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    return rows.filter(direction__in=[Direction.OUT, Direction.INSIDE]).exclude(status=Status.REJECTED)


def frees_at(account: Account, limit: int) -> datetime | None:
    """When fewer than ``limit`` mails are within 60 minutes again; None: there are fewer now, or ``limit`` is
    0 and there never will be. One query."""
    if limit < 1:
        return None
    domains = Domain.objects.filter(account=account).values("pk")
    rows = _out(Entry.objects.filter(domain_id__in=domains, pk__gte=timekey.floor(timezone.now() - HOUR)))
    key = rows.order_by("-pk").values_list("pk", flat=True)[limit - 1 : limit].first()
    return timekey.moment(key) + HOUR if key else None
