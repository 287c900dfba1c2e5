"""Whether something more fits, and what is said when it does not. Whoever takes from a limit holds
``accounts.services.account_lock`` and hands the locked account in.

A reseller's limits are its pool: what its clients may have in sum and it for itself (accounts.limits.pool).
One that may hand out more than its pool (``oversell``) is measured by what all of them really use.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from accounts.limits import uses
from accounts.limits.wording import amount, label
from accounts.models import Account
from accounts.models.limits import FEATURES, LIMITS, MOST, SUMMED
from accounts.selectors import who_can_raise
from lib.errors import Refused
from lib.said import gettext as _


class LimitReached(Refused):
    """``limit``: a name of models.limits.LIMITS; ``owner``: the account (or the reseller of the pool) whose
    it is."""

    def __init__(self, message: str, field: str = "", *, limit: str, owner: Account) -> None:
        super().__init__(message, field)
        self.limit, self.owner = limit, owner


def limits_of(source: Any) -> dict[str, Any]:
    """All limits of an account or a plan by name."""
    return {name: getattr(source, name) for name in LIMITS}


def values_check(values: dict[str, Any]) -> None:
    """Raises Refused at the first that is no limit: ``1 <= number <= MOST``, features True or False."""
    for name, value in values.items():
        if name in MOST:
            if type(value) is not int or not 1 <= value <= MOST[name]:
                text = _("“%(limit)s” is a whole number from 1 to %(most)s.")
                raise Refused(text % {"limit": label(name), "most": amount(name, MOST[name])}, name)
        elif name not in FEATURES:
            raise TypeError(f"there is no limit {name}")
        elif not isinstance(value, bool):
            raise Refused(_("“%(limit)s” is on or off.") % {"limit": label(name)}, name)


def most_of(account: Account, limit: str) -> int:
    """What ``account`` may use itself: of a reseller, what its clients leave. One query or two for a
    reseller, none for others."""
    most: int = getattr(account, limit)
    if account.kind != Account.Kind.RESELLER or limit not in SUMMED:
        return most
    return max(0, most - _taken_by_clients(account, limit))


def check(account: Account, limit: str, *, more: int = 1, field: str = "") -> None:
    """Raises LimitReached at ``field`` unless ``more`` of ``limit`` fit, into the account's own and into the
    pool that it is fed from. ``account`` is locked, and so is the pool (account_lock)."""
    now, most = uses.used_by(limit, account.pk), most_of(account, limit)
    if more > 0 and now + more > most:
        raise LimitReached(_own_words(account, limit, now, more), field, limit=limit, owner=account)
    reseller = account.reseller
    if more > 0 and reseller and reseller.oversell:
        in_use = uses.used_by(limit, reseller.pk) + _taken_by_clients(reseller, limit)
        if in_use + more > getattr(reseller, limit):
            text = _pool_words(account, reseller, limit, in_use)
            raise LimitReached(text, field, limit=limit, owner=reseller)


def mailbox_size_check(account: Account, quota_mb: int, *, field: str = "quota_mb") -> None:
    """Raises LimitReached for a mailbox larger than the account's mailboxes may be."""
    if quota_mb > account.mailbox_mb:
        text = _(
            "A mailbox of %(account)s may hold %(most)s at most, and this one would hold %(now)s. "
            "Choose less, or ask %(who)s for more."
        )
        values = {
            "account": account.name,
            "most": amount("mailbox_mb", account.mailbox_mb),
            "now": amount("mailbox_mb", quota_mb),
            "who": who_can_raise(account),
        }
        raise LimitReached(text % values, field, limit="mailbox_mb", owner=account)


def has(account: Account, feature: str) -> bool:
    """Whether the account has ``feature`` (models.limits.FEATURES): what a reseller lost, its clients have
    not."""
    above = account.reseller
    return bool(getattr(account, feature) and (above is None or getattr(above, feature)))


def feature_check(account: Account, feature: str, *, field: str = "") -> None:
    """Raises LimitReached when ``feature`` is off for the account."""
    if not has(account, feature):
        raise LimitReached(missing_words(account, feature), field, limit=feature, owner=account)


def missing_words(account: Account, feature: str) -> str:
    """Whose plan lacks it and who can switch it on; for a page as for a refusal."""
    text = _("“%(feature)s” is switched off for %(account)s. Ask %(who)s to switch it on.")
    return text % {"feature": label(feature), "account": account.name, "who": who_can_raise(account)}


def _taken_by_clients(reseller: Account, limit: str) -> int:
    """Deleted clients count until their grace time ends: they may come back."""
    clients = Account.objects.filter(reseller=reseller)
    if reseller.oversell:
        return sum(uses.used(limit, list(clients.values_list("pk", flat=True))).values())
    return int(clients.aggregate(total=Sum(limit))["total"] or 0)


def _own_words(account: Account, limit: str, now: int, more: int) -> str:
    most = getattr(account, limit)
    values = {
        "account": account.name,
        "most": amount(limit, most),
        "now": amount(limit, now, bare=True),
        "more": amount(limit, more),
        "who": who_can_raise(account),
    }
    if account.kind == Account.Kind.RESELLER and most_of(account, limit) < most:
        clients = _taken_by_clients(account, limit)
        values["clients"] = amount(limit, clients, bare=True)
        values["free"] = amount(limit, max(0, most - clients - now), bare=True)
        text = _(
            "The pool of %(account)s is %(most)s: %(clients)s for its clients, %(now)s in use by itself, "
            "%(free)s left. Ask %(who)s for more."
        )
        return text % values
    if limit == "storage_mb":
        values["free"] = amount(limit, max(0, most - now))
        text = _(
            "%(account)s has %(most)s of storage and has given out %(now)s, so %(free)s is left. "
            "Choose less, or ask %(who)s for more."
        )
        return text % values
    return _("%(account)s may have %(most)s and has %(now)s. Delete one, or ask %(who)s for more.") % values


def _pool_words(account: Account, reseller: Account, limit: str, in_use: int) -> str:
    text = _(
        "%(account)s has room, but the pool of %(reseller)s that it comes from is full: %(most)s, and all "
        "its accounts together have %(now)s. Ask %(who)s for more."
    )
    return text % {
        "account": account.name,
        "reseller": reseller.name,
        "most": amount(limit, getattr(reseller, limit)),
        "now": amount(limit, in_use, bare=True),
        "who": who_can_raise(account),
    }
