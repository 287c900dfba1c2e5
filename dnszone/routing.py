"""Email Routing, as far as a change of a zone brings it along: mailboxes keeps it and says so here at start.

The mail of a domain is delivered here (LOCAL), queued for the primary server (BACKUP), taken elsewhere
(REMOTE)
or refused (OFF); AUTOMATIC decides between these by the live MX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from accounts.models import Domain

AUTOMATIC, LOCAL, BACKUP, REMOTE, OFF = "automatic", "local", "backup", "remote", "off"
MODES = (AUTOMATIC, LOCAL, BACKUP, REMOTE, OFF)


class Keeper(Protocol):
    """Whoever keeps the routing of domains."""

    def current(self, domain: Domain) -> str:
        """One of MODES; empty when the domain has no mail here."""

    def switch(self, *, actor: Any, domain: Domain, mode: str) -> None:
        """Inside the caller's transaction. Raises Refused or Denied."""


_keeper: list[Keeper] = []


def register(keeper: Keeper) -> None:
    _keeper[:] = [keeper]


def current(domain: Domain | None) -> str:
    return _keeper[0].current(domain) if domain is not None and _keeper else ""


def switch(*, actor: Any, domain: Domain | None, mode: str) -> None:
    if domain is not None and _keeper:
        _keeper[0].switch(actor=actor, domain=domain, mode=mode)


_listeners: list[Callable[[Domain], None]] = []


def on_mx_change(listener: Callable[[Domain], None]) -> None:
    """``listener(domain)`` runs in the transaction that gives the domain itself other MX records."""
    _listeners[:] = [listener]


def mx_changed(domain: Domain | None) -> None:
    if domain is not None:
        for listener in _listeners:
            listener(domain)
