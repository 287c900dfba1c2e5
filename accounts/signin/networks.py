"""Client addresses as networks: one household or office is one, a provider's customers are many."""

from __future__ import annotations

import ipaddress


def near(address: str) -> str:
    """Who shares tries: the IPv4 address itself, the /64 of an IPv6 one (a household's whole network)."""
    return _network(address, 32, 64)


def wide(address: str) -> str:
    """Who counts as the same place: addresses change by the day within a /24 or a /48."""
    return _network(address, 24, 48)


def _network(address: str, v4: int, v6: int) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    length = v4 if found.version == 4 else v6
    return str(ipaddress.ip_network(f"{found}/{length}", strict=False))
