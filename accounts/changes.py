"""Those who must hear of a change to accounts or domains register here in ``AppConfig.ready``: apps above
push what follows from limits, features and suspensions to the nodes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from accounts.models import Domain

Listener = Callable[[Any, Collection[int]], None]
_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """``listener(actor, domain_ids)`` runs in the transaction of the change."""
    if listener not in _listeners:
        _listeners.append(listener)


def accounts_changed(actor: Any, account_ids: Collection[int]) -> None:
    """Everything that the nodes know of these accounts' domains, and their clients', may be another now."""
    whose = Domain.objects.filter(account__in=account_ids) | Domain.objects.filter(
        account__reseller__in=account_ids
    )
    domains_changed(actor, list(whose.values_list("pk", flat=True)))


def domains_changed(actor: Any, domain_ids: Collection[int]) -> None:
    for listener in _listeners if domain_ids else ():
        listener(actor, domain_ids)
