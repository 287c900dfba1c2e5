"""How much mail went through, of the last day: added up from counts that the database keeps by the hour, so
that no page counts messages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from delivery.models import Direction, Status, TrafficPart

DAY = timedelta(days=1)
_SENT = Q(direction__in=[Direction.OUT, Direction.INSIDE]) & ~Q(status=Status.REJECTED)


def since(moment: datetime) -> QuerySet[TrafficPart]:
    """Parts from the hour of ``moment`` on: hours are counted whole."""
    return TrafficPart.objects.filter(hour__gte=moment.replace(minute=0, second=0, microsecond=0))


def fates(user: Any) -> dict[int, int]:
    """Status → how many of the last 24 hours' mails, over all that the person may read of. What went between
    two of their domains counts once. One query."""
    found = since(timezone.now() - DAY)
    if is_provider(user):
        found = found.exclude(direction=Direction.IN, peer_domain_id__isnull=False)
    else:
        seen = domains_where(user, Right.SETTINGS).values("pk")
        found = found.filter(domain_id__in=seen)
        found = found.exclude(direction=Direction.IN, peer_domain_id__isnull=False, peer_domain_id__in=seen)
    return dict(found.order_by().values_list("status").annotate(Sum("entries")))


def sent_today(domain: str = "pk") -> Coalesce:
    """For a query of domains: how many mails of each went out, or were tried, since midnight. ``domain``:
    what names its id there."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    parts = since(midnight).filter(_SENT, domain_id=OuterRef(domain)).order_by().values("domain_id")
    whole = parts.annotate(whole=Sum("entries")).values("whole")
    return Coalesce(Subquery(whole, output_field=IntegerField()), Value(0))


def sent_by_account(account: str = "pk") -> Coalesce:
    """For a query of accounts: how many mails of all its domains went out in the last 24 hours; clients'
    not."""
    domains = Domain.objects.filter(account=OuterRef(OuterRef(account))).values("pk")
    parts = since(timezone.now() - DAY).filter(_SENT, domain_id__in=domains).order_by()
    whole = parts.annotate(one=Value(1)).values("one").annotate(whole=Sum("entries")).values("whole")
    return Coalesce(Subquery(whole, output_field=BigIntegerField()), Value(0))


def sent(account_ids: Collection[int]) -> dict[int, int]:
    """Account id → how many mails of its own domains went out in the last 24 hours; every id asked for is
    there. One query."""
    domains = Domain.objects.filter(account__in=account_ids)
    per_domain = since(timezone.now() - DAY).filter(_SENT, domain_id__in=domains.values("pk"))
    owner = Subquery(Domain.objects.filter(pk=OuterRef("domain_id")).values("account")[:1])
    rows = per_domain.annotate(owner=owner).order_by().values_list("owner").annotate(Sum("entries"))
    return dict.fromkeys(account_ids, 0) | dict(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """``bad``: how many of ``sent`` failed or were deferred."""

    domain: Domain
    sent: int
    bad: int


def top_senders(limit: int) -> list[Sender]:
    """The domains that sent most in the last 24 hours, of all accounts: for the provider. Two queries."""
    bad = Q(status__in=[Status.FAILED, Status.DEFERRED])
    rows = since(timezone.now() - DAY).filter(_SENT).order_by().values("domain_id")
    counted = rows.annotate(sent=Sum("entries"), bad=Coalesce(Sum("entries", filter=bad), Value(0)))
    most = list(counted.filter(sent__gt=0).order_by("-sent", "domain_id")[:limit])
    domains = Domain.objects.select_related("account__reseller").in_bulk([row["domain_id"] for row in most])
    return [
        Sender(domain=domains[row["domain_id"]], sent=row["sent"], bad=row["bad"])
        for row in most
        if row["domain_id"] in domains
    ]
