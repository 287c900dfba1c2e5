"""How much of each limit is in use. Apps above count what is theirs and register here in
``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db.models import Count

from accounts.models import Domain, DomainClaim

Counter = Callable[[Collection[int]], dict[int, int]]
_counters: dict[str, Counter] = {}


def register(limit: str, counter: Counter) -> None:
    """``counter(account_ids)``: what each account uses of ``limit``, in its unit, in one query; who uses
    nothing may be missing."""
    _counters[limit] = counter


def used(limit: str, accounts: Collection[int]) -> dict[int, int]:
    """By account id; every one asked for is there. A limit that nobody counts is not in use."""
    counter = _counters.get(limit)
    found = counter(accounts) if counter and accounts else {}
    return {account: found.get(account, 0) for account in accounts}


def used_by(limit: str, account: int) -> int:
    return used(limit, [account])[account]


def _domains(accounts: Collection[int]) -> dict[int, int]:
    """Those that wait for proof count too: else the last place could be claimed many times."""
    counts: dict[int, int] = {}
    for model in (Domain, DomainClaim):
        rows = model.objects.filter(account__in=accounts).order_by().values_list("account")
        for account, number in rows.annotate(Count("pk")):
            counts[account] = counts.get(account, 0) + number
    return counts


register("max_domains", _domains)
