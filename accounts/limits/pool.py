"""A reseller's pool: whether what it hands out to clients fits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Sum

from accounts.limits import LimitReached, uses
from accounts.limits.wording import amount, label
from accounts.models import Account
from accounts.models.limits import CEILINGS, FEATURES, SUMMED
from lib.errors import Refused
from lib.said import gettext as _


def given_out(reseller: Account) -> dict[str, int]:
    """What the limits of all its clients come to, deleted ones too until their grace time ends. One query."""
    sums = Account.objects.filter(reseller=reseller).aggregate(**{f"in_{name}": Sum(name) for name in SUMMED})
    return {name: int(sums[f"in_{name}"] or 0) for name in SUMMED}


def pool_check(
    reseller: Account, values: Mapping[str, Any], *, accounts: Collection[Account] = (), more: int = 0
) -> None:
    """Raises Refused at the limit's name unless ``accounts`` (clients) with ``values`` from now on, and
    ``more`` new ones, fit into the pool of the locked ``reseller``. What does not grow always fits."""
    for name in (*CEILINGS, *FEATURES):
        _ceiling_check(reseller, name, values[name], [getattr(account, name) for account in accounts], more)
    if reseller.oversell:
        return
    given = given_out(reseller)
    for name in SUMMED:
        before = sum(getattr(account, name) for account in accounts)
        after = values[name] * (len(accounts) + more)
        own = uses.used_by(name, reseller.pk) if name != "sends_per_hour" else 0
        if after > before and given[name] - before + after + own > getattr(reseller, name):
            raise LimitReached(
                _words(reseller, name, given[name] - before, own, after), name, limit=name, owner=reseller
            )


def _ceiling_check(reseller: Account, name: str, value: int, before: list[int], more: int) -> None:
    most = getattr(reseller, name)
    grows = more or any(value > was for was in before)
    if value <= most or not grows:
        return
    if name in FEATURES:
        text = _(
            "%(reseller)s has “%(limit)s” switched off, so no client can have it. "
            "Ask %(who)s to switch it on."
        )
    else:
        text = _(
            "“%(limit)s” is %(most)s at most for clients of %(reseller)s. "
            "Choose less, or ask %(who)s for more."
        )
    values = {
        "reseller": reseller.name,
        "limit": label(name),
        "most": "" if name in FEATURES else amount(name, most),
        "who": settings.PROVIDER_NAME,
    }
    raise Refused(text % values, name)


def _words(reseller: Account, name: str, others: int, own: int, wanted: int) -> str:
    most = getattr(reseller, name)
    text = _(
        "The pool of %(reseller)s is %(most)s: %(others)s for other clients, %(own)s in use by itself, "
        "%(free)s left, and %(wanted)s wanted. Choose less, or ask %(who)s for more."
    )
    return text % {
        "reseller": reseller.name,
        "most": amount(name, most),
        "others": amount(name, others, bare=True),
        "own": amount(name, own, bare=True),
        "free": amount(name, max(0, most - others - own), bare=True),
        "wanted": amount(name, wanted, bare=True),
        "who": settings.PROVIDER_NAME,
    }
