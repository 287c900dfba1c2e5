"""Sign-ins as pages show them."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, Max, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import Domain
from delivery.models import SignIn
from delivery.selectors import Key
from lib import timekey

PAGE = 50
FEW = 10  # addresses and sources of failures
DEVICES = 40
PAIRS = 5000  # of address and source, the busiest
DEVICE_DAYS = dt.timedelta(days=30)
FAILURE_DAYS = dt.timedelta(days=7)
SERVERS_OWN = "doveadm"  # not a sign-in


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[SignIn]
    older: Key | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInQuery:
    """``q``: an address, the begin of one, or a client's IP address. ``ok``: signed in, or refused; None:
    both. Days as moments."""

    q: str = ""
    protocol: str = ""
    ok: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What signs in from one place with one program. ``times``: within DEVICE_DAYS."""

    protocol: str
    program: str
    client: str
    app: str
    encrypted: bool | None
    first: dt.datetime
    last: dt.datetime
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Refusals of the last FAILURE_DAYS: by address and by source, the most first: (name, tries, last)."""

    logins: list[tuple[str, int, dt.datetime]]
    clients: list[tuple[str, int, dt.datetime]]


def recent_sign_ins(address: str, *, since: dt.datetime, before: Key | None = None) -> Page:
    """Of ``address`` (lower case) since then, the newest first, in one query."""
    found = _real().filter(login=address, pk__gte=timekey.floor(since))
    return _page(found, before)


def page_of_domain(user: Any, domain: Domain | None, query: SignInQuery) -> Page:
    """Of ``domain``, or of every domain of this person; as far back as the account's log_days."""
    found = _real().visible_to(user)
    if domain is not None:
        since = timezone.now() - dt.timedelta(days=domain.account.log_days)
        found = found.filter(domain_id=domain.pk, pk__gte=timekey.floor(since))
    if query.protocol:
        found = found.filter(protocol=query.protocol)
    if query.ok is not None:
        found = found.filter(ok=query.ok)
    if query.since is not None:
        found = found.filter(pk__gte=timekey.floor(query.since))
    if query.until is not None:
        found = found.filter(pk__lt=timekey.floor(query.until))
    return _page(_named(found, query.q), query.before)


def devices_of(address: str, *, since: dt.datetime) -> list[Device]:
    """What signed in to the mailbox within DEVICE_DAYS, the latest first. One query."""
    begin = max(since, timezone.now() - DEVICE_DAYS)
    rows = _real().filter(login=address, ok=True, pk__gte=timekey.floor(begin)).order_by()
    grouped = rows.values("protocol", "program", "client", "app", "encrypted").annotate(
        first=Min("at"), last=Max("at"), times=Count("pk")
    )
    return [Device(**row) for row in grouped.order_by("-last")[:DEVICES]]


def failures(rows: QuerySet[SignIn]) -> Failures:
    """Of ``rows``, which are some that the person may see. One query."""
    recent = rows.filter(ok=False, pk__gte=timekey.floor(timezone.now() - FAILURE_DAYS)).order_by()
    tries = Sum(Coalesce(Cast(KT("counts__attempts"), IntegerField()), 1))
    counted = recent.values_list("login", "client").annotate(n=tries, last=Max("at")).order_by("-n")[:PAIRS]
    by: tuple[dict[str, tuple[int, dt.datetime]], ...] = ({}, {})
    for *names, n, last in counted:
        for side, name in zip(by, names, strict=True):
            before = side.get(name, (0, last))
            side[name] = (before[0] + n, max(before[1], last))
    return Failures(logins=_most(by[0]), clients=_most(by[1]))


def _most(counted: dict[str, tuple[int, dt.datetime]]) -> list[tuple[str, int, dt.datetime]]:
    found = [(name, n, last) for name, (n, last) in counted.items() if name]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:FEW]


def first_key(since: dt.datetime) -> int:
    """Rows from ``since`` on have this id or a larger one."""
    return timekey.floor(since)


def of_domain(user: Any, domain: Domain | None) -> QuerySet[SignIn]:
    """All sign-ins of ``domain``, or of every domain of this person."""
    found: QuerySet[SignIn] = _real().visible_to(user)
    return found if domain is None else found.filter(domain_id=domain.pk)


def _real() -> Any:
    return SignIn.objects.exclude(protocol=SERVERS_OWN)


def _named(found: Any, q: str) -> Any:
    wanted = q.strip().lower()
    if not wanted:
        return found
    try:
        return found.filter(client=str(ipaddress.ip_address(wanted)))
    except ValueError:
        # A range, not LIKE: no sign in it means anything but itself.
        return found.filter(Q(login__gte=wanted, login__lt=wanted + "\U0010ffff"))


def _page(found: Any, before: Key | None) -> Page:
    if before is not None:
        found = found.filter(pk__lt=before.pk)
    rows: Sequence[SignIn] = list(found.order_by("-pk")[: PAGE + 1])
    return Page(list(rows[:PAGE]), Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None)
