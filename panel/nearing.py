"""Accounts that are near a limit: their people hear of it once at each step, until it falls below again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.limits import uses
from accounts.models import Account, User
from accounts.models.limits import SUMMED
from accounts.selectors import who_can_raise
from notices.services import told, told_as
from panel import notify

STEPS = (100, 95, 80)  # percent
SLACK = 5  # so far below a step it must fall before it is told again
REST = dt.timedelta(days=1)  # and so long since
CHUNK = 1000
_PREFIX = "limit/"


@dataclass(frozen=True, slots=True)
class Near:
    account: Account
    limit: str
    used: int
    most: int

    @property
    def percent(self) -> int:
        return self.used * 100 // self.most


def look_at_all() -> int:
    """Tell whoever was not told yet; how many accounts and limits are near. Runs as often as one likes."""
    known: dict[tuple[str, str, str], tuple[int, dt.datetime]] = {}
    for key, at in told(_PREFIX).items():
        _first, account, limit, step, who = key.split("/")
        known[account, limit, who] = (int(step), at)
    found = 0
    for near in _near({int(place[0]) for place in known}):
        found += near.percent >= STEPS[-1]
        for person in _people(near.account):
            place = (str(near.account.pk), near.limit, str(person.pk))
            _one(near, person, place, known.pop(place, None))
    for gone, (told_at, _when) in known.items():  # the account, the person or the limit is no more
        told_as(_key(gone, told_at), None)
    return found


@transaction.atomic
def _one(
    near: Near, person: User, place: tuple[str, str, str], before: tuple[int, dt.datetime] | None
) -> None:
    now = next((step for step in STEPS if near.percent >= step), 0)
    step, at = before or (0, None)
    if now > step:
        if before:
            told_as(_key(place, step), None)
        notify.limit_near(
            near.account,
            limit=near.limit,
            percent=min(near.percent, 100),
            used=near.used,
            most=near.most,
            who=who_can_raise(near.account),
            person=person,
            dedupe=_key(place, now),
        )
    elif at and near.percent < step - SLACK and timezone.now() - at > REST:
        told_as(_key(place, step), _key(place, now) if now else None)


def _key(place: tuple[str, str, str], step: int) -> str:
    account, limit, person = place
    return f"{_PREFIX}{account}/{limit}/{step}/{person}"


def _people(account: Account) -> list[User]:
    """Each once, also who is in both."""
    above = notify.leaders(account.reseller) if account.reseller else []
    return list({person.pk: person for person in [*notify.leaders(account), *above]}.values())


def _near(told_before: set[int]) -> Iterator[Near]:
    """What is at the first step or was told of before. A few queries for CHUNK accounts."""
    keys = list(Account.objects.present().order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(keys), CHUNK):
        rows = list(Account.objects.filter(pk__in=keys[at : at + CHUNK]).select_related("reseller"))
        for limit in SUMMED:
            counts = _counts(rows, limit)
            for row in rows:
                near = Near(row, limit, counts[row.pk], getattr(row, limit))
                if near.percent >= STEPS[-1] or row.pk in told_before:
                    yield near


def _counts(rows: list[Account], limit: str) -> dict[int, int]:
    """In use; of a reseller that and what its pool has handed out, or with overselling what is really in use
    below."""
    counts = uses.used(limit, [row.pk for row in rows])
    plain = [row.pk for row in rows if row.kind == Account.Kind.RESELLER and not row.oversell]
    clients = Account.objects.filter(reseller__in=plain).order_by().values_list("reseller")
    for reseller, total in clients.annotate(Sum(limit)) if plain else ():
        counts[reseller] += total
    for row in rows:
        if row.kind == Account.Kind.RESELLER and row.oversell:
            below = list(Account.objects.filter(reseller=row).values_list("pk", flat=True))
            counts[row.pk] += sum(uses.used(limit, below).values())
    return counts
