"""Which addresses the panel connects to when somebody else names them. Pure.

A panel that asks whatever a person or a stranger's zone names is a door into the network around it: only what
the whole world can reach is asked."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Not, or not only, addresses of hosts out there, whatever ``is_global`` says in this release of Python.
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # RFC 6598: behind a carrier's NAT
        "192.0.0.0/24",  # RFC 6890
        "192.88.99.0/24",  # RFC 7526: 6to4 relays
        "198.18.0.0/15",  # RFC 2544
        "::ffff:0:0/96",  # RFC 4291 §2.5.5.2: IPv4 in IPv6
        "64:ff9b::/96",  # RFC 6052: NAT64
        "64:ff9b:1::/48",  # RFC 8215
        "2001::/23",  # RFC 2928: Teredo among others
        "2002::/16",  # RFC 3056: 6to4, with any IPv4 address inside
        "3fff::/20",  # RFC 9637
        "5f00::/16",  # RFC 9602
    )
]
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is handed out so far (RFC 4291 §2.4)


def parsed(text: str) -> Address | None:
    """None: no address. Brackets around one are fine."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def is_public(address: Address | str) -> bool:
    """Whether the whole world can reach it. False for what is no address."""
    where = parsed(address) if isinstance(address, str) else address
    if where is None or getattr(where, "scope_id", None) or any(where in network for network in _NEVER):
        return False
    if where.version == 6 and where not in _UNICAST:
        return False
    return where.is_global and not (where.is_multicast or where.is_reserved or where.is_unspecified)
