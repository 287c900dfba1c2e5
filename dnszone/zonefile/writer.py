"""A zone as text that BIND, Knot, NSD and our own reader take (RFC 1035 §5, RFC 3597 §5). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from dnszone import names
from dnszone.spec import Row
from dnszone.zonefile import generic
from dnszone.zonefile.words import comment_of


def written(zone: str, soa: str, ttl: int, serial: int, rows: Iterable[Row]) -> str:
    """``soa``: the value of the SOA record. Owners are relative to $ORIGIN, all other names absolute."""
    ordered = sorted(rows, key=_order)
    owners = max((len(row.owner) for row in ordered), default=1)
    wide = min(owners, 40)
    lines = [
        f"; Zone file of {zone}, serial {serial}",
        f"$ORIGIN {zone}.",
        f"$TTL {ttl}",
        _line(names.APEX, wide, ttl, "SOA", soa),
    ]
    for row in ordered:
        lines += _lines(row, wide)
    return "\n".join(lines) + "\n"


def _order(row: Row) -> tuple[bool, list[str], bool, str, str]:
    """The domain itself first, then names with their subdomains; of the first the name servers."""
    labels = [] if row.owner == names.APEX else row.owner.split(".")[::-1]
    return row.owner != names.APEX, labels, row.type != "NS", row.type, row.rdata


def _lines(row: Row, wide: int) -> list[str]:
    comment = comment_of(row.comment)
    tail = f" ; {comment}" if comment else ""
    if row.type != generic.ALIAS:
        return [_line(row.owner, wide, row.ttl, row.type, row.rdata) + tail]
    # No other server knows ALIAS; written so, each reads the line, and ours serves it again.
    number = f"TYPE{generic.ALIAS_NUMBER}"
    return [
        f"; ALIAS {row.owner} -> {comment_of(row.rdata)} (a type of PowerDNS alone)",
        _line(row.owner, wide, row.ttl, number, generic.alias(row.rdata)) + tail,
    ]


def _line(owner: str, wide: int, ttl: int, kind: str, value: str) -> str:
    return f"{owner:<{wide}} {ttl:>6} IN {kind:<5} {value}"
