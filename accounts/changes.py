"""Those who must hear of a change to accounts or domains register here in ``AppConfig.ready``: apps above
push what follows from limits, features and suspensions to the nodes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from accounts.models import Domain

Listener = Callable[[Any, Collection[int]], None]
_of_all: list[Listener] = []
_of_plans: list[Listener] = []


def register(listener: Listener) -> None:
    """``listener(actor, domain_ids)`` runs in the transaction of the change."""
    if listener not in _of_all:
        _of_all.append(listener)


def register_plans(listener: Listener) -> None:
    """The same, of limits and features alone: a suspension is one state a domain, however much is in it."""
    if listener not in _of_plans:
        _of_plans.append(listener)


def plans_changed(actor: Any, account_ids: Collection[int]) -> None:
    """What these accounts and their clients may have is another now."""
    domain_ids = _domains_of(account_ids)
    for listener in [*_of_plans, *_of_all] if domain_ids else ():
        listener(actor, domain_ids)


def accounts_changed(actor: Any, account_ids: Collection[int]) -> None:
    """What these accounts' domains, and their clients', may do at all is another now."""
    domains_changed(actor, _domains_of(account_ids))


def domains_changed(actor: Any, domain_ids: Collection[int]) -> None:
    for listener in _of_all if domain_ids else ():
        listener(actor, domain_ids)


def _domains_of(account_ids: Collection[int]) -> list[int]:
    whose = Domain.objects.filter(account__in=account_ids) | Domain.objects.filter(
        account__reseller__in=account_ids
    )
    return list(whose.values_list("pk", flat=True))
