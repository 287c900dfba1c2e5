"""What a login did lately, and whether that looks like somebody else. Pure.

Wrong passwords alone stop nobody: whoever guesses at an address from afar would else take its owner's mail
away. They count when the right one came after them from the same network."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

WINDOW_MINUTES = 10

SPIKE_LEAST = 150  # recipients within the window: below it nothing is a spike
SPIKE_MAILS = 20  # nor in fewer mails: one to a whole club is none
SPIKE_TIMES = 5  # times the most that the login had in any hour of the two weeks before
FAILURES = 15
NEW_NETWORK_MAILS = 15  # sent within the window by a login that is known elsewhere
KNOWN_LEAST = 3  # sign-ins before, or no network is new
UNKNOWN_LEAST = 12
UNKNOWN_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """Of one login within the window: ``recipients`` of ``mails``, of whom ``unknown`` do not exist.
    ``failed`` and ``right``: client address → wrong and right passwords. ``usual``: most recipients in an
    hour before; None: it never sent. ``allowed``: how many an hour somebody set for just this login; None:
    nobody did. ``networks``: where it signed in from before, ``known`` times in all."""

    recipients: int = 0
    mails: int = 0
    unknown: int = 0
    usual: int | None = None
    allowed: int | None = None
    failed: Mapping[str, int] = field(default_factory=dict)
    right: Mapping[str, int] = field(default_factory=dict)
    networks: Collection[str] = ()
    known: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """``kind``: spike, guessed, network or unknown; the numbers are for words.py."""

    kind: str
    n: int
    usual: int = 0
    network: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "n": self.n, "usual": self.usual, "network": self.network}


def network(client: str) -> str:
    """The network of an address as people move in it: a /16 of IPv4, a /32 of IPv6. Empty for no address."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{16 if address.version == 4 else 32}", strict=False))


def signs(lately: Lately) -> list[Sign]:
    found = [_spike(lately), _guessed(lately), _new_network(lately), _unknown(lately)]
    return [sign for sign in found if sign is not None]


def _spike(lately: Lately) -> Sign | None:
    """Whoever set a high limit for this login expects much of it."""
    usual = lately.usual or 0
    least = max(SPIKE_LEAST, SPIKE_TIMES * usual, (lately.allowed or 0) // 2)
    if lately.recipients < least or lately.mails < SPIKE_MAILS:
        return None
    return Sign(kind="spike", n=lately.recipients, usual=usual)


def _guessed(lately: Lately) -> Sign | None:
    """Many wrong passwords, and the right one from where they came."""
    wrong: dict[str, int] = {}
    for client, n in lately.failed.items():
        wrong[network(client)] = wrong.get(network(client), 0) + n
    for client in lately.right:
        where = network(client)
        if where and wrong.get(where, 0) >= FAILURES:
            return Sign(kind="guessed", n=wrong[where], network=client)
    return None


def _new_network(lately: Lately) -> Sign | None:
    if lately.known < KNOWN_LEAST or lately.recipients < NEW_NETWORK_MAILS:
        return None
    known = {network(client) for client in lately.networks}
    for client in lately.right:
        if network(client) and network(client) not in known:
            return Sign(kind="network", n=lately.recipients, network=client)
    return None


def _unknown(lately: Lately) -> Sign | None:
    if lately.unknown < UNKNOWN_LEAST or lately.unknown < UNKNOWN_SHARE * lately.recipients:
        return None
    return Sign(kind="unknown", n=lately.unknown)
