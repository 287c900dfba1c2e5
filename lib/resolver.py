"""What the world sees: DNS look-ups through the resolvers of settings.RESOLVERS, or the system's."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable

import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.resolver
from django.conf import settings

TRY_SECONDS = 2.0
IN_ALL_SECONDS = 4.0


class ResolverAway(Exception):
    """No resolver answered, or none could find out: the truth is not known."""


def lookup(name: str, rdtype: str, *, until: float | None = None) -> list[str]:
    """As lookup_ttl, the values alone."""
    return lookup_ttl(name, rdtype, until=until)[0]


def lookup_ttl(name: str, rdtype: str, *, until: float | None = None) -> tuple[list[str], int]:
    """The values of ``name`` and ``rdtype`` (``TXT``: its strings joined; other types in presentation form),
    in no order, and for how many seconds the resolver keeps them (0: there are none). Empty: the name or the
    type does not exist, surely. ``until``: the time.monotonic() at which to give up, if that is sooner than
    IN_ALL_SECONDS. Raises ResolverAway when it cannot be known."""
    patience = IN_ALL_SECONDS if until is None else min(IN_ALL_SECONDS, until - time.monotonic())
    if patience <= 0:
        raise ResolverAway(f"{name} {rdtype}: no time left")
    try:
        answer = _resolver().resolve(dns.name.from_text(name), rdtype, lifetime=patience, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return [], 0
    except (
        dns.name.LabelTooLong,
        dns.name.NameTooLong,
        dns.name.EmptyLabel,
        dns.name.BadEscape,
        dns.name.IDNAException,
    ):
        return [], 0  # nobody can have such a name
    except (dns.exception.DNSException, OSError) as error:
        raise ResolverAway(f"{name} {rdtype}: {error}") from error
    return [text_of(rdata) for rdata in answer], int(answer.rrset.ttl) if answer.rrset else 0


def configured() -> list[tuple[str, int]]:
    """Address and port of each resolver of the settings; none when the system's are used."""
    return [
        (server.address, server.port)
        for text in settings.RESOLVERS
        for server in _servers(text)
        if isinstance(server, dns.nameserver.Do53Nameserver)
    ]


def text_of(rdata: dns.rdata.Rdata) -> str:
    strings: Iterable[bytes] | None = getattr(rdata, "strings", None)
    return rdata.to_text() if strings is None else b"".join(strings).decode("utf-8", "backslashreplace")


def _resolver() -> dns.resolver.Resolver:
    if not settings.RESOLVERS:
        system = dns.resolver.Resolver()
        system.timeout = TRY_SECONDS
        return system
    resolver = dns.resolver.Resolver(configure=False)
    resolver.timeout = TRY_SECONDS
    resolver.nameservers = [server for text in settings.RESOLVERS for server in _servers(text)]
    return resolver


def _servers(text: str) -> list[dns.nameserver.Nameserver]:
    """``127.0.0.1:5353``, ``[::1]:5353``, ``resolver:53`` or without a port."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, port = text, "53"
    found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
    return [dns.nameserver.Do53Nameserver(str(address[0]), int(port)) for *_rest, address in found]
