"""What the world sees of a domain's mail, by DNS. No database: threads ask side by side."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from lib import delegation, resolver
from lib.resolver import ResolverAway
from mailboxes.routing.deciding import HOSTS_MAX, Answer, Finding, Host, Whose

ONE_LOOK = 8.0  # seconds that the DNS of one domain may take; no server can hold us longer


@dataclass(frozen=True, slots=True)
class Ours:
    """``hosts``: of the node that has the domain's mail, lower case, no last dot; ``sisters``: of the others,
    and ``sister_addresses``. ``servers``: our name servers."""

    hosts: frozenset[str]
    addresses: frozenset[str]
    servers: tuple[str, ...]
    sisters: frozenset[str] = frozenset()
    sister_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """``zone_mx``: the MX records of the zone that our name servers are proven to serve, as ``10 host.``;
    None when there is none. ``known``: hosts that were found to be ours before."""

    name: str
    zone_mx: frozenset[str] | None = None
    known: frozenset[str] = frozenset()


def look(question: Question, ours: Ours) -> Finding:
    """At most ONE_LOOK long. Never raises for what DNS answers."""
    until = time.monotonic() + ONE_LOOK
    mx = _mx(question, ours, until)
    if mx is None:
        return Finding(Answer.AWAY)
    sure = question.zone_mx is not None and frozenset(mx) == question.zone_mx
    if mx:
        return _of_mx(mx, question, ours, until, sure=sure)
    whose, there = _whose(question.name, ours, question.known, until)
    if there:
        return Finding(Answer.ADDRESS, (Host(0, question.name, whose),), sure)
    if whose == Whose.UNKNOWN:
        return Finding(Answer.AWAY)
    with suppress(ResolverAway):
        if not delegation.name_servers(question.name, until=until):
            return Finding(Answer.UNDELEGATED)
    return Finding(Answer.NONE)


def _mx(question: Question, ours: Ours, until: float) -> list[str] | None:
    """As resolvers have it. Where they say something else than our zone and the domain is delegated to us,
    they remember what was before. None: nobody knows."""
    try:
        found: list[str] | None = [text.lower() for text in resolver.lookup(question.name, "MX", until=until)]
    except ResolverAway:
        found = None
    if question.zone_mx is not None and (found is None or frozenset(found) != question.zone_mx):
        with suppress(ResolverAway):
            if delegation.is_to(delegation.name_servers(question.name, until=until), ours.servers):
                return sorted(question.zone_mx)
    return found


def _of_mx(mx: Iterable[str], question: Question, ours: Ours, until: float, *, sure: bool) -> Finding:
    pairs = sorted((int(priority), target) for priority, target in (text.split(" ") for text in mx))
    named = [(priority, target.removesuffix(".")) for priority, target in pairs if target != "."]
    if not named:
        return Finding(Answer.NULL, sure=sure)
    hosts = [
        Host(priority, name, _whose(name, ours, question.known, until)[0])
        if number < HOSTS_MAX
        else Host(priority, name, Whose.UNKNOWN)
        for number, (priority, name) in enumerate(named[: HOSTS_MAX + 1])
    ]
    return Finding(Answer.MX, tuple(hosts), sure and len(named) <= HOSTS_MAX)


def _whose(name: str, ours: Ours, known: Collection[str], until: float) -> tuple[Whose, bool]:
    """Whose host it is, and whether it has an address, as far as that was asked."""
    if name in ours.hosts:
        return Whose.OURS, True
    if name in ours.sisters:
        return Whose.SISTER, True
    found: list[str] = []
    away = False
    for rdtype in ("A", "AAAA"):
        try:
            found += resolver.lookup(name, rdtype, until=until)
        except ResolverAway:
            away = True
    if any(_plain(address) in ours.addresses for address in found):
        return Whose.OURS, True
    if any(_plain(address) in ours.sister_addresses for address in found):
        return Whose.SISTER, True
    if away:
        return (Whose.OURS if name in known else Whose.UNKNOWN), bool(found)
    return Whose.OTHER, bool(found)


def _plain(address: str) -> str:
    """As Python writes it, which is how Ours holds them."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(address))
    return address
