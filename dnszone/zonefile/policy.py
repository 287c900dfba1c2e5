"""Which addresses the panel connects to when a person names a server. Pure.

A panel that fetches what somebody names is a door into the network around it: only what the whole world can
reach is asked, and nothing of our own."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from django.utils.translation import gettext as _

from lib.errors import Refused

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


def refuse_ours_and_private(address: str, ours: Collection[str], field: str) -> None:
    """Raises Refused, in words, unless the whole world may connect to ``address``. ``ours``: addresses of the
    panel and its nodes, in any spelling."""
    where = ipaddress.ip_address(address)
    if where in {parsed for text in ours if (parsed := _parsed(text))}:
        raise Refused(
            _("%(address)s is a server of ours: what it has is here already. Name the other provider’s.")
            % {"address": address},
            field,
        )
    if not is_public(where):
        raise Refused(
            _("%(address)s is not an address on the public internet. Name a server that everybody can reach.")
            % {"address": address},
            field,
        )


def is_public(where: Address) -> bool:
    if getattr(where, "scope_id", None) or any(where in network for network in _NEVER):
        return False
    if where.version == 6 and where not in _UNICAST:
        return False
    return where.is_global and not (where.is_multicast or where.is_reserved or where.is_unspecified)


def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
