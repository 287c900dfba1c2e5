"""What logins did within the last minutes, out of Track Delivery's rows: a few queries, however many they
are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncHour

from delivery.models import Direction, Entry, SignIn, Status
from lib import timekey
from mailboxes.models import SendingLimit, WebsiteSender
from panel.compromise.signs import FAILURES, SPIKE_LEAST, UNKNOWN_LEAST, WINDOW_MINUTES, Lately

WINDOW = timedelta(minutes=WINDOW_MINUTES)
BEFORE = timedelta(days=14)
FEW = min(SPIKE_LEAST, UNKNOWN_LEAST, FAILURES)  # below it no sign is possible
CLIENTS = 200  # of one login


def lately(now: datetime) -> dict[str, Lately]:
    """Login → what it did, for those that did enough to be looked at."""
    since = now - WINDOW
    sent = _sent(since)
    tries = _tries(since)
    busy = {login for login, (n, _unknown, _mails) in sent.items() if n >= FEW}
    busy |= {login for login, (failed, _right) in tries.items() if sum(failed.values()) >= FEW}
    if not busy:
        return {}
    usual, known, allowed = _usual(busy, since), _known(busy, since), _allowed(busy)
    nothing = (0, 0, 0)
    return {
        login: Lately(
            recipients=sent.get(login, nothing)[0],
            unknown=sent.get(login, nothing)[1],
            mails=sent.get(login, nothing)[2],
            usual=usual.get(login),
            allowed=allowed.get(login),
            failed=tries.get(login, ({}, {}))[0],
            right=tries.get(login, ({}, {}))[1],
            networks=list(known.get(login, {})),
            known=sum(known.get(login, {}).values()),
        )
        for login in busy
    }


def _outgoing(since: datetime) -> Any:
    rows = Entry.objects.filter(pk__gte=timekey.floor(since), direction__in=[Direction.OUT, Direction.INSIDE])
    return rows.exclude(login="").order_by()


def _sent(since: datetime) -> dict[str, tuple[int, int, int]]:
    """Login → recipients, how many of them do not exist (RFC 3463 §3.2), and in how many mails."""
    nobody = Q(status__in=[Status.FAILED, Status.REJECTED], dsn__startswith="5.1.")
    rows = _outgoing(since).values_list("login")
    mails = Count("message_id", distinct=True)
    counted = rows.annotate(Count("pk"), nobody=Count("pk", filter=nobody), mails=mails)
    return {login.lower(): (n, unknown, mails) for login, n, unknown, mails in counted}


def _allowed(logins: Collection[str]) -> dict[str, int]:
    """Login → recipients an hour, where somebody decided so for it alone."""
    rows = SendingLimit.objects.filter(mailbox__address__in=logins, rcpts_hour__isnull=False)
    found = {address: most or 0 for address, most in rows.values_list("mailbox__address", "rcpts_hour")}
    sites = WebsiteSender.objects.filter(login__in=logins)
    return found | dict(sites.values_list("login", "mails_hour"))


def _usual(logins: Collection[str], before: datetime) -> dict[str, int]:
    """Login → the most recipients in one hour of the days before."""
    rows = _outgoing(before - BEFORE).filter(pk__lt=timekey.floor(before), login__in=logins)
    hours = rows.annotate(hour=TruncHour("at")).values("login", "hour").annotate(n=Count("pk"))
    most: dict[str, int] = {}
    for row in hours:
        login = row["login"].lower()
        most[login] = max(most.get(login, 0), row["n"])
    return most


def _tries(since: datetime) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Login → (wrong passwords, right ones) by client address."""
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
    for login, ok, client, n in _by_client(Q(pk__gte=timekey.floor(since))):
        side = found[login][1 if ok else 0]
        if len(side) < CLIENTS:
            side[client] = side.get(client, 0) + n
    return dict(found)


def _known(logins: Collection[str], before: datetime) -> dict[str, dict[str, int]]:
    """Login → client address → sign-ins in the days before."""
    first, last = timekey.floor(before - BEFORE), timekey.floor(before)
    asked = Q(ok=True, pk__gte=first, pk__lt=last, login__in=logins)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for login, _ok, client, n in _by_client(asked):
        found[login][client] = found[login].get(client, 0) + n
    return dict(found)


def _by_client(asked: Q) -> list[tuple[str, bool, str, int]]:
    rows = SignIn.objects.filter(asked).exclude(login="").order_by()
    return list(rows.values_list("login", "ok", "client").annotate(n=Count("pk")))
