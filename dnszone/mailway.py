"""Where a zone sends the mail of its domain. Whoever turns that reads the mail, and so gets a new password
for everybody who signs in to the panel with an address there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.access import guard_domain
from dnszone import rdata
from dnszone.models import Zone
from dnszone.spec import Row

_TO_ADDRESS = {"A", "AAAA", "ALIAS", "CNAME", "DNAME", "NS"}


def guard(actor: Any, zone: Zone, before: Iterable[Row], after: Iterable[Row]) -> None:
    """Raises Denied when the way of the mail changes and somebody above ``actor`` has an address there."""
    if zone.domain is not None and _way(zone.name, before) != _way(zone.name, after):
        guard_domain(actor, zone.domain)


def _way(name: str, rows: Iterable[Row]) -> frozenset[tuple[str, str, str]]:
    """The MX of the domain itself. Where they name a host in this zone, or where there are none (RFC 5321
    §5.1), what leads to addresses here is a part of the way too."""
    rows = list(rows)
    way = [row for row in rows if row.owner == "@" and row.type == "MX"]
    targets = [rdata.target(row.type, row.rdata) for row in way]
    if not way or any(f".{target}".removesuffix(".").endswith(f".{name}") for target in targets):
        way += [row for row in rows if row.type in _TO_ADDRESS]
    return frozenset((row.owner, row.type, row.rdata) for row in way)
