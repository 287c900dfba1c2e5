"""Guessing is slowed where it comes from, and the person guessed at still gets in.

After OWASP's “Slow down online guessing attacks with device cookies”. Wrong tries are counted

- for the login from one network (``pair``): a burst is free, then the pauses grow to ``most`` seconds;
- for a browser that signed in as this login before (its device cookie): by itself, whatever others do;
- for the login over all networks (``wide``): beyond a number an hour, networks that this login never came
  from get one try a minute, each or (``shared``) all together;
- for the network over all logins (``net``): who tries other people's passwords one by one.

A try is counted before the password is looked at and given back when it was right, so tries at the same
moment cannot slip past; rows are locked in the order of their keys. While somebody has to wait, nothing is
checked and nothing is counted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import TryBucket

FORGET = dt.timedelta(hours=1)  # a login and a network without a try for so long start anew
KNOWN = dt.timedelta(days=90)  # how long a network stays known for a login


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``burst`` free wrong tries, then pauses from ``first`` to ``most`` seconds. ``wide``, ``net``: how many
    an hour before the wider bounds hold; 0: no such bound. ``crowd``: seconds between an unknown network's
    tries then."""

    what: str
    burst: int = 10
    first: int = 10
    most: int = 30
    wide: int = 0
    shared: bool = False
    crowd: int = 60
    net: int = 100
    net_hour: int = 1200


PASSWORD = Policy(what="password", wide=100)
# Whoever types a code knew the password. A million codes, one good: all strangers together get one a minute.
CODE = Policy(what="code", burst=5, wide=20, shared=True)
# Every request counts: each may send a mail.
RESET = Policy(what="reset", burst=5, first=60, most=600, net=30, net_hour=120)


class TooMany(Exception):
    """Wait ``seconds``, then try again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = max(1, math.ceil(seconds))


@dataclass(frozen=True, slots=True)
class Try:
    """One that was let through. Not called back, it was wrong."""

    own: str
    others: tuple[str, ...] = field(default=())

    @transaction.atomic
    def right(self) -> None:
        """Its own count ends; from the wider ones only this try is taken back."""
        keys = [self.own, *self.others]
        list(TryBucket.objects.select_for_update().filter(key__in=keys).order_by("key"))
        # Emptied, not deleted: others may stand waiting for this very row.
        TryBucket.objects.filter(key=self.own).update(wrong=0)
        TryBucket.objects.filter(key__in=self.others).update(level=Greatest(F("level") - 1.0, 0.0))


def take(policy: Policy, *, login: str, network: str, device: str = "") -> Try:
    """Count a try. ``device``: the number in its device cookie, empty without a good one. Raises TooMany."""
    while True:
        # A new transaction: the old one's locks are let go, so rows are still locked in order.
        with suppress(_GoneError), transaction.atomic():
            return _take(policy, login, network, device)


def _take(policy: Policy, login: str, network: str, device: str) -> Try:
    now = timezone.now()
    if device:
        own = _key("device", policy.what, login, device)
        bucket = _locked([own], now)[own]
        _wait(_pause(policy, bucket, now))
        _store([_more(bucket, now)])
        return Try(own)
    pair, wide, net = (
        _key("pair", policy.what, login, network),
        _key("wide", policy.what, login),
        _key("net", policy.what, network),
    )
    known = _key("known", login, network)
    rows = _locked([pair, wide, net], now, also=known)
    level_wide = _leaked(rows[wide], now, policy.wide)
    level_net = _leaked(rows[net], now, policy.net_hour)
    wait = _pause(policy, rows[pair], now)
    if known not in rows:
        wait = max(wait, _stranger(policy, rows, pair, wide, level_wide, now))
        wait = max(wait, (level_net + 1 - policy.net) * 3600 / policy.net_hour if policy.net else 0)
    _wait(wait)
    rows[wide].level = min(level_wide + 1, policy.wide + 1)
    rows[net].level = min(level_net + 1, policy.net + 1)
    for key in (wide, net):
        rows[key].at, rows[key].expires_at = now, now + 2 * FORGET
    _store([_more(rows[pair], now), rows[wide], rows[net]])
    return Try(pair, (wide, net))


def remember(*, login: str, network: str) -> None:
    """Somebody signed in as ``login`` from here: the network is no stranger to it for a while."""
    now = timezone.now()
    TryBucket.objects.update_or_create(
        key=_key("known", login, network), defaults={"at": now, "expires_at": now + KNOWN}
    )


def tidy(at_most: int = 10_000) -> int:
    """Rows that say nothing any more."""
    with transaction.atomic():
        old = TryBucket.objects.select_for_update(skip_locked=True).filter(expires_at__lt=timezone.now())
        keys = list(old.order_by("key").values_list("key", flat=True)[:at_most])
        return TryBucket.objects.filter(key__in=keys).delete()[0]


def _key(*parts: str) -> str:
    """Keyed, so that a copy of the table cannot be searched for addresses."""
    text = "\n".join(part.replace("\n", " ") for part in parts)
    return salted_hmac("accounts.signin.throttle", text, settings.SECRET_KEY, algorithm="sha256").hexdigest()


def anonymous(login: str) -> str:
    """A short name for a login that does not give it away."""
    return hashlib.sha256(_key("login", login).encode()).hexdigest()[:16]


class _GoneError(Exception):
    """``tidy`` took a row between its making and its locking."""


def _locked(keys: list[str], now: dt.datetime, also: str = "") -> dict[str, TryBucket]:
    """The rows, made if missing and locked; ``also``: one more if it is there and holds."""
    TryBucket.objects.bulk_create(
        [TryBucket(key=key, at=now, expires_at=now + FORGET) for key in sorted(keys)], ignore_conflicts=True
    )
    locked = TryBucket.objects.select_for_update().filter(key__in=[*keys, also]).order_by("key")
    rows = {row.key: row for row in locked if row.key != also or row.expires_at > now}
    if not rows.keys() >= set(keys):
        raise _GoneError
    return rows


def _store(rows: list[TryBucket]) -> None:
    TryBucket.objects.bulk_update(rows, ["wrong", "level", "at", "expires_at"])


def _more(row: TryBucket, now: dt.datetime) -> TryBucket:
    row.wrong = 1 if now - row.at > FORGET else row.wrong + 1
    row.at, row.expires_at = now, now + FORGET
    return row


def _pause(policy: Policy, row: TryBucket, now: dt.datetime) -> float:
    """Seconds until this login may be tried again from here."""
    gone = (now - row.at).total_seconds()
    if row.wrong < policy.burst or gone > FORGET.total_seconds():
        return 0.0
    return min(policy.most, policy.first + row.wrong - policy.burst) - gone


def _stranger(
    policy: Policy,
    rows: dict[str, TryBucket],
    pair: str,
    wide: str,
    level: float,
    now: dt.datetime,
) -> float:
    """The same for a network that this login never came from, while many try it."""
    if not policy.wide or level + 1 <= policy.wide:
        return 0.0
    last = rows[wide] if policy.shared else rows[pair]
    if not policy.shared and not last.wrong:
        return 0.0
    return policy.crowd - (now - last.at).total_seconds()


def _leaked(row: TryBucket, now: dt.datetime, an_hour: int) -> float:
    return max(0.0, row.level - max(0.0, (now - row.at).total_seconds()) * an_hour / 3600)


def _wait(seconds: float) -> None:
    if seconds > 0:
        raise TooMany(seconds)
