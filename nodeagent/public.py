"""Which addresses this node connects to when somebody else names them: as lib/addresses.py, which the agent
may not import."""

from __future__ import annotations

import ipaddress

_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
    )
]
_UNICAST = ipaddress.ip_network("2000::/3")


def is_public(text: str) -> bool:
    """Whether the whole world can reach it. False for what is no address."""
    try:
        where = ipaddress.ip_address(text)
    except ValueError:
        return False
    if getattr(where, "scope_id", None) or any(where in network for network in _NEVER):
        return False
    if where.version == 6 and where not in _UNICAST:
        return False
    return where.is_global and not (where.is_multicast or where.is_reserved or where.is_unspecified)
