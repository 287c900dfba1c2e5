"""The numbers that the rules judge: a few queries, however many domains there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import IntegerField, Max, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from accounts.models import Domain
from delivery.alerts import rules
from delivery.alerts.rules import Sign
from delivery.models import DestinationPart, Direction, LogFile, NodeHealth, SignIn, Status, TrafficPart
from lib import timekey
from provision.models import Node

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
USUAL = dt.timedelta(days=14)
QUEUE = dt.timedelta(days=5)  # how long mail may wait
_OUT, _IN = [Direction.OUT, Direction.INSIDE], [Direction.IN, Direction.INSIDE]


def look(now: dt.datetime) -> list[Sign]:
    """All that is so now."""
    nodes = _nodes(now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    signs = [*nodes, *_failing(hour), *_deferring(now), *_spikes(hour), *_guessing(now)]
    if not any("silent" in sign.facts or "behind" in sign.facts for sign in nodes):
        signs += _silence(hour)  # else it is our ears that are deaf
    found = rules.every(signs)
    there = set(Domain.objects.filter(pk__in={sign.domain_id for sign in found}).values_list("pk", flat=True))
    return [sign for sign in found if sign.domain_id is None or sign.domain_id in there]


def _failing(hour: dt.datetime) -> list[Sign | None]:
    rows = TrafficPart.objects.filter(hour__gte=hour - HOUR, direction__in=_OUT).exclude(
        status=Status.REJECTED
    )
    failed = Sum("entries", filter=Q(status=Status.FAILED))
    counted = rows.order_by().values_list("domain_id").annotate(n=Sum("entries"), failed=Coalesce(failed, 0))
    busy = counted.filter(n__gte=rules.FAILING_LEAST)
    return [rules.failing(pk, sent=n, failed=bad) for pk, n, bad in busy]


def _deferring(now: dt.datetime) -> list[Sign | None]:
    """What waits now: a mail that is delivered in the end no longer counts as deferred."""
    rows = DestinationPart.objects.filter(day__gte=(now - QUEUE).date()).order_by()
    counted = rows.values_list("domain_id", "destination").annotate(n=Sum("deferred"), mails=Sum("mails"))
    found: list[Sign | None] = []
    together: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for pk, destination, n, mails in counted.filter(n__gt=0):
        found.append(rules.deferring(pk, destination, waiting=n, mails=mails))
        total = together[destination]
        total[0], total[1], total[2] = total[0] + n, total[1] + mails, total[2] + 1
    found += [
        rules.deferring(None, destination, waiting=n, mails=mails, domains=domains)
        for destination, (n, mails, domains) in together.items()
    ]
    return found


def _spikes(hour: dt.datetime) -> list[Sign | None]:
    """Refused mail is told of by itself, not here."""
    found: list[Sign | None] = []
    for way, directions in (("out", _OUT), ("in", _IN)):
        rows = TrafficPart.objects.filter(direction__in=directions).exclude(status=Status.REJECTED).order_by()
        now = rows.filter(hour=hour).values_list("domain_id").annotate(n=Sum("entries"))
        high = dict(now.filter(n__gte=rules.SPIKE_LEAST))
        usual = _most(rows.filter(hour__gte=hour - USUAL, hour__lt=hour, domain_id__in=high)) if high else {}
        found += [rules.spike(pk, way, hour=n, usual=usual.get(pk, 0)) for pk, n in high.items()]
    return found


def _most(rows: Any) -> dict[int, int]:
    """Domain → the most in one hour."""
    most: dict[int, int] = {}
    for pk, _hour, n in rows.values_list("domain_id", "hour").annotate(n=Sum("entries")):
        most[pk] = max(most.get(pk, 0), n)
    return most


def _guessing(now: dt.datetime) -> list[Sign | None]:
    rows = SignIn.objects.filter(ok=False, pk__gte=timekey.floor(now - HOUR)).exclude(login="").order_by()
    rows = rows.exclude(reason="stopped")  # with the right password: nobody guesses
    tries = Sum(Coalesce(Cast(KT("counts__attempts"), IntegerField()), 1))
    by_login = rows.exclude(domain_id=None).values_list("domain_id", "login").annotate(n=tries)
    found = [rules.guessing(pk, login, tries=n) for pk, login, n in by_login.filter(n__gte=rules.WRONG_LOGIN)]
    sources: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for client, _login, n in rows.values_list("client", "login").annotate(n=tries):
        sources[client][0] += n
        sources[client][1] += 1
    return found + [
        rules.guessing(None, client, tries=n, logins=logins)
        for client, (n, logins) in sources.items()
        if client
    ]


def _silence(hour: dt.datetime) -> list[Sign | None]:
    """Domains that had mail in these hours on each of the last days, and none today."""
    span = dt.timedelta(hours=rules.SILENCE_HOURS)
    windows = [(hour - span - DAY * days, hour - DAY * days) for days in range(1, rules.SILENCE_DAYS + 1)]
    usual: dict[int, list[int]] = defaultdict(list)
    for window in windows:
        for pk, n in _came(*window):
            if n >= rules.SILENCE_LEAST:
                usual[pk].append(n)
    always = {pk: counts for pk, counts in usual.items() if len(counts) == rules.SILENCE_DAYS}
    if not always:
        return []
    today = dict(_came(hour - span, hour + HOUR, always))
    return [rules.silence(pk, now=today.get(pk, 0), before=counts) for pk, counts in always.items()]


def _came(first: dt.datetime, last: dt.datetime, domains: Collection[int] | None = None) -> Any:
    rows = TrafficPart.objects.filter(hour__gte=first, hour__lt=last, direction__in=_IN).order_by()
    if domains is not None:
        rows = rows.filter(domain_id__in=domains)
    return rows.values_list("domain_id").annotate(n=Sum("entries"))


def _nodes(now: dt.datetime) -> list[Sign]:
    health = {one.node_id: one for one in NodeHealth.objects.all()}
    heard = dict(LogFile.objects.order_by().values_list("node_id").annotate(last=Max("last_seen_at")))
    found = []
    for node in Node.objects.all():
        told = health.get(node.pk)
        last = max(filter(None, [heard.get(node.pk), told.told_at if told else None]), default=None)
        logs = told.logs.values() if told else ()
        sign = rules.node(
            node.name,
            silent=int((now - last).total_seconds()) if last else None,
            behind=max((int(log.get("age", 0)) for log in logs), default=0),
            lost=sum(int(log.get("lost", 0)) for log in logs),
        )
        if sign is not None:
            found.append(sign)
    return found
